"""
A server that sends what a test tells it to, byte for byte, and knows what it was asked for.

    with RawServer(lambda request: b"HTTP/1.1 200 OK\\r\\n" + CLOSE) as server: ...

respond(request) is called when a request has been read whole; it returns what to send. What ends
with CLOSE ends the connection, and None ends it at once.
"""

import socket
import threading

CLOSE = b"\0close"


class Request:
    def __init__(self, head, body, connection, number):
        self.method, self.target = head.split(b" ")[:2]
        self.method, self.target = self.method.decode(), self.target.decode()
        self.head, self.body = head, body
        self.connection, self.number = connection, number  # the number on that connection, from 1


class RawServer:
    def __init__(self, respond, context=None):
        self.respond, self.context = respond, context
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.url = "%s://127.0.0.1:%d" % ("https" if context else "http",
                                          self.listener.getsockname()[1])
        self.requests = []
        self.connections = 0

    @property
    def targets(self):
        return [request.target for request in self.requests]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(sock, self.connections), daemon=True).start()

    def serve(self, sock, connection):
        number, rest = 0, b""
        try:
            if self.context:
                sock = self.context.wrap_socket(sock, server_side=True)
            while True:
                head, rest = self.read_until(sock, rest, b"\r\n\r\n")
                length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                               if line.lower().startswith(b"content-length:")), 0)
                while len(rest) < length:
                    rest += self.read(sock)
                number += 1
                request = Request(head, rest[:length], connection, number)
                rest = rest[length:]
                self.requests.append(request)
                response = self.respond(request)
                if response is None:
                    return
                sock.sendall(response.removesuffix(CLOSE))
                if response.endswith(CLOSE):
                    return
        except OSError:
            pass
        finally:
            sock.close()

    @staticmethod
    def read(sock):
        data = sock.recv(65536)
        if not data:
            raise ConnectionError
        return data

    def read_until(self, sock, data, end):
        while end not in data:
            data += self.read(sock)
        head, _, rest = data.partition(end)
        return head, rest


def response(body=b"ok", *headers, status=b"200 OK"):
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers, b"", body]
    return b"\r\n".join(lines)
