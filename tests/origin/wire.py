"""
An accepted socket on the event loop, plain or TLS: bytes in, bytes out, and when they are out.

asyncio's own transports cost a task, several callbacks and a few system calls for each accepted
connection; 500 arriving at once would wait for one another. This needs add_reader and add_writer
only, treats TLS alike, and says exactly when the kernel has taken the last byte.
"""

import socket
import ssl
import struct

READ_SIZE = 65536
CLOSE_PAUSE = 0.02


class Wire:
    """
    A subclass has received(data), drained() and lost(). lost() is called once, when the peer closed
    or failed; not for a close of our own.
    """

    __slots__ = ("loop", "sock", "fd", "out", "tls", "ready", "paused", "resumed", "client_cert")

    def __init__(self, loop, sock, context):
        sock.setblocking(False)
        self.loop = loop
        self.fd = sock.fileno()
        self.out = None  # what the kernel has not taken yet
        self.tls = context is not None
        self.ready = not self.tls  # the handshake is over
        self.paused = self.resumed = False
        self.client_cert = None
        if context:
            sock = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self.sock = sock
        loop.add_reader(self.fd, self._shake if context else self._readable)

    def write(self, data):
        """True when the kernel took it all; otherwise drained() follows. One write at a time."""
        assert self.out is None
        if self.sock is None:
            return False
        try:
            sent = self.sock.send(data)
        except (BlockingIOError, ssl.SSLWantWriteError):
            sent = 0
        except OSError:
            self._fail()
            return False
        if sent == len(data):
            return True
        # OpenSSL wants to be asked again with the same bytes: it sends all of a piece or nothing.
        self.out = memoryview(data)[sent:]
        self.loop.add_writer(self.fd, self._writable)
        return False

    def pause(self, paused):
        """Stops or starts reading. A close by the peer is not seen while paused."""
        if paused == self.paused or self.sock is None:
            return
        self.paused = paused
        if paused:
            self.loop.remove_reader(self.fd)
        else:
            self.loop.add_reader(self.fd, self._readable)

    def close(self, reset=False):
        """Ends the connection, with an RST if asked. lost() is not called."""
        sock = self._detach()
        if sock is None:
            return
        try:
            if reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif self.tls:
                sock.unwrap()  # says good-bye first; the answer is not waited for
        except (OSError, ValueError):
            pass
        sock.close()

    def _shake(self):
        try:
            self.sock.do_handshake()
        except ssl.SSLWantReadError:
            return
        except OSError:
            self._fail()
            return
        self.ready = True
        self.resumed = bool(self.sock.session_reused)
        self.client_cert = self.sock.getpeercert()
        self.loop.add_reader(self.fd, self._readable)

    def _readable(self):
        data = self._take()
        if data:
            self.received(data)
            data = self._take()  # a close right behind it is to be known now, not on the next turn
            if data:
                self.received(data)
        if data == b"":
            self._fail()

    def _take(self):
        """What there is to read; empty at the end, None if there is nothing now."""
        try:
            return self.sock.recv(READ_SIZE)
        except (BlockingIOError, ssl.SSLWantReadError):
            return None
        except OSError:
            return b""

    def _writable(self):
        try:
            sent = self.sock.send(self.out)
        except (BlockingIOError, ssl.SSLWantWriteError):
            return
        except OSError:
            self._fail()
            return
        if sent < len(self.out):
            self.out = self.out[sent:]
            return
        self.out = None
        self.loop.remove_writer(self.fd)
        self.drained()

    def _fail(self):
        # Closing is the dearest call of all, and the peer has gone: answers that are due go first.
        self.loop.call_later(CLOSE_PAUSE, self._detach().close)
        self.lost()

    def _detach(self):
        sock, self.sock = self.sock, None
        if sock is not None:
            self.loop.remove_reader(self.fd)
            if self.out is not None:
                self.loop.remove_writer(self.fd)
                self.out = None
        return sock
