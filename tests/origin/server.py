"""
The practice origin: an HTTP/1.1 server for tests and demonstrations, on Python's standard library.

    __main__.py    options                      wire.py     a socket on the loop
    server.py      connections, listeners       message.py  requests and answers
    behaviours.py  the table: path -> function  content.py  pages and items that are made up
    record.py      what was seen                tls.py      certificates
    __init__.py    class Origin, for tests

One process, one thread. The garbage collector is off while it serves, so nothing here may leave a
cycle behind: a connection drops its script and its request when it ends.
"""

import asyncio
import gc
import itertools
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import traceback

from . import behaviours, tls
from .message import BadRequest, Request, reply_json
from .record import Book
from .wire import Wire

BACKLOG = 4096
ACCEPT_MAX = 64
HEAD_MAX = 1 << 20
AHEAD_MAX = 1 << 20  # pipelined bytes kept while an answer is on its way


class Connection(Wire):
    """
    Reads requests and runs what answers them, one after the other. A client that closes its side
    for writing only has gone too: what it asked for counts as aborted.

    A script is a generator that yields bytes to send, seconds to wait, or CLOSE, RESET, HANG. The
    answer ends where the script ends.
    """

    __slots__ = ("origin", "number", "peer", "buffer", "partial", "chunks", "request", "entry",
                 "script", "started", "timer", "clock", "opened_in", "arrived")

    def __init__(self, origin, sock, peer, context):
        self.origin = origin
        self.number = next(origin.numbers)
        self.peer = peer
        self.buffer = bytearray()
        self.partial = None  # a request whose body is still coming
        self.chunks = None
        self.request = self.entry = self.script = self.timer = None
        self.started = self.arrived = False
        self.clock = 0.0  # loop time; a script's waits are counted from it, so they do not drift
        self.opened_in = origin.book
        origin.book.connections += 1
        super().__init__(origin.loop, sock, context)

    # Reading

    def received(self, data):
        self.buffer += data
        if self.request is not None:
            self.pause(len(self.buffer) > AHEAD_MAX)
        else:
            self.origin.arrival(self)

    def parse(self, arrival):
        self.arrived = False
        self.clock = arrival
        if self.sock is None or self.request is not None:
            return
        try:
            request = self.next_request()
        except BadRequest as error:
            self.write(reply_json(Request("GET / HTTP/1.0"), {"error": str(error)}, 400))
            self.close()
            return
        if request is not None:
            self.partial = self.chunks = None
            self.start(request)

    def next_request(self):
        """Takes a whole request out of the buffer, or returns None."""
        if self.partial is None:
            buffer = self.buffer
            while buffer.startswith(b"\r\n"):
                del buffer[:2]
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(buffer) > HEAD_MAX:
                    raise BadRequest("the head is too long")
                return None
            self.partial = Request(buffer[:end].decode("latin-1"))
            del buffer[:end + 4]
            whole = self.take_body()
            if not whole and self.partial.field("expect").lower() == "100-continue":
                self.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        else:
            whole = self.take_body()
        return self.partial if whole else None

    def take_body(self):
        request = self.partial
        if request.field("transfer-encoding").lower() == "chunked":
            return self.take_chunks()
        length = number(request.field("content-length", "0"), 10)
        if len(self.buffer) < length:
            return False
        if length:
            request.body = bytes(self.buffer[:length])
            del self.buffer[:length]
        return True

    def take_chunks(self):
        buffer = self.buffer
        if self.chunks is None:
            self.chunks = bytearray()
        while (end := buffer.find(b"\r\n")) >= 0:
            size = number(buffer[:end].split(b";")[0].decode("latin-1"), 16)
            if size == 0:  # trailers are read and dropped
                last = buffer.find(b"\r\n\r\n", end)
                if last < 0:
                    return False
                del buffer[:last + 4]
                self.partial.body = bytes(self.chunks)
                return True
            if len(buffer) < end + 2 + size + 2:
                return False
            self.chunks += buffer[end + 2:end + 2 + size]
            del buffer[:end + 2 + size + 2]
        return False

    # Answering

    def start(self, request):
        behaviour, variables = self.begin(request)
        if behaviour is behaviours.reset:
            self.origin.book = Book()
        self.script = script(behaviour, request, variables)
        self.step()

    def begin(self, request):
        """Enters a request into the book, unless it asks for the book."""
        self.request = request
        self.started = False
        request.connection = self.number
        request.peer = self.peer
        request.tls, request.tls_resumed = self.tls, self.resumed
        request.client_cert = self.client_cert
        request.book = self.origin.book
        behaviour, variables = behaviours.find(request.path)
        if behaviour not in behaviours.CONTROL:
            self.entry = request.book.begin(request, self.clock)
        elif self.opened_in is request.book:
            request.book.connections -= 1
        self.opened_in = None  # from here on it counts, or has been uncounted
        return behaviour, variables

    def step(self):
        self.timer = None
        try:
            for item in self.script:
                if isinstance(item, (int, float)):
                    self.clock += item
                    self.timer = (self.loop.call_at(self.clock, self.step) if item
                                  else self.loop.call_soon(self.step))
                    return
                if item is behaviours.HANG:
                    return
                if item is behaviours.CLOSE or item is behaviours.RESET:
                    self.end()
                    self.close(reset=item is behaviours.RESET)
                    return
                self.started = True
                if not self.write(item):
                    return  # until drained(), or for ever if it was lost
        except Exception as error:
            if not isinstance(error, ValueError):
                traceback.print_exc()
            if self.started or self.sock is None:
                self.end()
                self.close()
            else:
                status = 400 if isinstance(error, ValueError) else 500
                self.script = iter((reply_json(self.request, {"error": str(error)}, status),))
                self.step()
            return
        self.finish()

    def finish(self):
        keep = self.request.keep_alive
        self.end()
        if not keep:
            self.close()
            return
        self.pause(False)
        if self.buffer:
            self.origin.arrival(self)

    def drained(self):
        if self.script is not None:
            self.clock = self.loop.time()
            self.step()

    def lost(self):
        if not self.ready:
            self.opened_in.tls_failed += 1
        elif self.request is None and (self.buffer or self.partial is not None):
            self.lost_before_parse()
        self.end(aborted=True)

    def lost_before_parse(self):
        """A request taken back so soon that it is still in the buffer counts all the same."""
        try:
            request = self.next_request()
        except BadRequest:
            request = None
        if request is None:
            self.origin.book.close_early(self.number)
        else:
            self.clock = self.loop.time()
            self.begin(request)

    def end(self, aborted=False):
        """The request is over; calling it again does nothing."""
        if self.entry is not None:
            self.request.book.end(self.entry, aborted)
        if self.timer is not None:
            self.timer.cancel()
        self.request = self.entry = self.script = self.timer = None


def number(text, base):
    """A length as HTTP writes it: digits and nothing else."""
    if not text.isalnum():
        raise BadRequest("length: " + text)
    try:
        return int(text, base)
    except ValueError:
        raise BadRequest("length: " + text) from None


def script(behaviour, request, variables):
    """What a behaviour does, as a script, whichever of the two kinds it is."""
    answer = behaviour(request, *variables)
    if isinstance(answer, bytes):
        yield answer
    else:
        yield from answer


class Origin:
    """The listeners and the book they write into."""

    def __init__(self, loop):
        self.loop = loop
        self.book = Book()
        self.numbers = itertools.count(1)
        self.arrivals = []
        self.arrival_time = 0.0

    def arrival(self, connection):
        """
        Something to parse; on the next turn, after every close that this turn has to tell: a client
        that closes one connection and then asks on another never has both counted as in flight.
        What one turn brings has one time of arrival, so that a delay does not start late for the
        last of many.
        """
        if connection.arrived:
            return
        connection.arrived = True
        if not self.arrivals:
            self.arrival_time = self.loop.time()
            self.loop.call_soon(self.parse_arrivals)
        self.arrivals.append(connection)

    def parse_arrivals(self):
        arrivals, self.arrivals = self.arrivals, []
        for connection in arrivals:
            connection.parse(self.arrival_time)

    def listen(self, family, address, context=None):
        """Returns the listening socket."""
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            if family != socket.AF_UNIX:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                # Accepted sockets inherit it, which saves a system call for each.
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.bind(address)
            sock.listen(BACKLOG)
            sock.setblocking(False)
        except OSError:
            sock.close()
            raise
        self.loop.add_reader(sock.fileno(), self.accept, sock, context)
        return sock

    def accept(self, listener, context):
        """Many that are waiting, not one for each turn of the loop."""
        for _ in range(ACCEPT_MAX):
            try:
                sock, peer = listener.accept()
            except ConnectionAbortedError:
                continue
            except OSError:  # no more, or out of descriptors
                return
            try:
                Connection(self, sock, peer, context)
            except OSError:  # gone already
                sock.close()


def listen_everywhere(origin, options, contexts):
    """
    Every host has the same three ports. The kernel chooses those of the first host; should one be
    taken on another host, all are chosen anew.
    """
    wanted = {"http": options.port, "https": options.tls_port, "https_bad": 0}
    for attempt in range(20):
        ports = dict(wanted)
        bound, found = [], []
        try:
            for host in options.host:
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                for name, context in contexts.items():
                    sock = origin.listen(family, (host, ports[name]), context)
                    bound.append(sock)
                    ports[name] = sock.getsockname()[1]
                    shown = f"[{host}]" if ":" in host else host
                    scheme = "https" if context else "http"
                    found.append((name, {"host": host, "port": ports[name],
                                         "url": f"{scheme}://{shown}:{ports[name]}"}))
            return bound, found
        except OSError:
            for sock in bound:
                origin.loop.remove_reader(sock.fileno())
                sock.close()
            if attempt == 19 or options.port or options.tls_port:
                raise


def serve(options):
    """Runs until SIGTERM, SIGINT, or the end of standard input if that was asked for."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    names = ["localhost", "127.0.0.1", "::1", *options.host, *options.san]
    for list_file in options.san_from:
        names += tls.hosts_in(list_file)

    loop = asyncio.new_event_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, loop.stop)
    if options.die_with_parent:
        threading.Thread(target=wait_for_end_of_input, args=(loop,), daemon=True).start()

    with tempfile.TemporaryDirectory(prefix="origin.") as folder:
        tls.make(folder, names)
        origin = Origin(loop)
        contexts = {"http": None, "https": tls.context(folder, "leaf"),
                    "https_bad": tls.context(folder, "bad")}
        bound, found = listen_everywhere(origin, options, contexts)
        if options.unix:
            bound.append(origin.listen(socket.AF_UNIX, options.unix))
        addresses = dict(reversed(found))  # the first host last, so that it is the one that stays
        addresses["listeners"] = [{"name": name, **where} for name, where in found]
        addresses["unix"] = options.unix
        addresses["cacert"] = os.path.join(folder, "ca.pem")
        addresses["client_cert"] = os.path.join(folder, "client.pem")
        addresses["pid"] = os.getpid()
        print(json.dumps(addresses), flush=True)

        gc.collect()
        gc.freeze()
        gc.disable()
        loop.run_forever()
        for sock in bound:
            sock.close()
        if options.unix:
            os.unlink(options.unix)


def wait_for_end_of_input(loop):
    """A thread, because the loop cannot watch every kind of standard input."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(loop.stop)
