"""
A server of HTTP/2 without TLS that sends one response with trailers to each request:

    with H2Server(fields, body, trailers) as server: ...
"""

import socket
import struct
import threading

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, SETTINGS = 0, 1, 4
END_STREAM = ACK = 1
END_HEADERS = 4
STATUS_200 = b"\x88"  # RFC 7541, appendix A


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def literal(name, value):
    """RFC 7541, 6.2.2."""
    return b"\0" + bytes([len(name)]) + name + bytes([len(value)]) + value


def block(fields):
    return b"".join(literal(*field) for field in fields)


class H2Server:
    def __init__(self, fields, body, trailers):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        self.requests = 0
        self.parts = fields, body, trailers

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
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def serve(self, sock):
        with sock, sock.makefile("rb") as file:
            file.read(len(PREFACE))
            sock.sendall(frame(SETTINGS, 0, 0))
            while len(head := file.read(9)) == 9:
                kind, flags, stream = struct.unpack(">BBI", head[3:])
                file.read(int.from_bytes(head[:3], "big"))
                if kind == SETTINGS and not flags & ACK:
                    sock.sendall(frame(SETTINGS, ACK, 0))
                if kind == HEADERS:
                    self.requests += 1
                    sock.sendall(self.response(stream))

    def response(self, stream):
        fields, body, trailers = self.parts
        return (frame(HEADERS, END_HEADERS, stream, STATUS_200 + block(fields))
                + frame(DATA, 0, stream, body)
                + frame(HEADERS, END_HEADERS | END_STREAM, stream, block(trailers)))
