"""HTTP messages: a request that was parsed, and the bytes of an answer."""

import http.client
import json
import random
import urllib.parse


class BadRequest(Exception):
    """What came was not HTTP; the words go into the answer."""


class Request:
    """One request. headers are pairs in order, fields maps a lower-case name to its values."""

    __slots__ = ("method", "target", "version", "headers", "fields", "host", "path", "query",
                 "absolute", "body", "keep_alive", "tls", "tls_resumed", "client_cert", "peer",
                 "connection", "book", "_args")

    def __init__(self, text):
        lines = text.split("\r\n")
        try:
            self.method, self.target, self.version = lines[0].split(" ")
        except ValueError:
            raise BadRequest("request line: " + lines[0]) from None
        if not self.version.startswith("HTTP/1."):
            raise BadRequest("version: " + self.version)

        self.headers = []
        self.fields = fields = {}
        for line in lines[1:]:
            name, colon, value = line.partition(":")
            if not colon or name != name.strip():
                raise BadRequest("header: " + line)
            value = value.strip()
            self.headers.append((name, value))
            fields.setdefault(name.lower(), []).append(value)

        self.host = self.field("host")
        path = self.target
        if self.method == "CONNECT":  # as a proxy is, too
            path = "/connect/" + path.partition(":")[0]
        self.absolute = not path.startswith(("/", "*"))
        if self.absolute:  # as a proxy is asked
            parts = urllib.parse.urlsplit(path)
            self.host = self.host or parts.netloc
            path = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
        self.path, _, self.query = path.partition("?")
        self.body = b""
        self._args = None
        wish = self.field("connection").lower()
        self.keep_alive = wish == "keep-alive" if self.version == "HTTP/1.0" else wish != "close"

    def field(self, name, default=""):
        """The first value of a header."""
        return self.fields.get(name, (default,))[0]

    @property
    def args(self):
        """The query, as pairs."""
        if self._args is None:
            self._args = urllib.parse.parse_qsl(self.query, keep_blank_values=True)
        return self._args

    def arg(self, name, default, kind=str):
        """One value of the query; raises ValueError if it is not of its kind."""
        if self.query:
            for key, value in self.args:
                if key == name:
                    return kind(value)
        return default


def head(request, status=200, headers=(), length=None):
    """Status line and headers. Without a length, the headers must say how the body ends."""
    reason = http.client.responses.get(status, "Practice")
    lines = [f"HTTP/1.1 {status} {reason}", "Server: origin"]
    lines += [f"{name}: {value}" for name, value in headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    if not request.keep_alive:
        lines.append("Connection: close")
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def reply(request, body=b"", kind="application/json", status=200, headers=()):
    """A whole answer of known length."""
    if status in (204, 304) or status < 200:
        return head(request, status, headers)
    if status == 205:  # RFC 9110, 15.3.6: it says itself that it is empty
        return head(request, status, headers, 0)
    answer = head(request, status, [("Content-Type", kind), *headers], len(body))
    return answer if request.method == "HEAD" else answer + body


def reply_json(request, value, status=200, headers=()):
    """A JSON answer."""
    return reply(request, json.dumps(value).encode() + b"\n", status=status, headers=headers)


def chunked(request, pieces, headers=()):
    """A script that sends pieces in chunks; among them may be seconds to wait."""
    yield head(request, 200, [*headers, ("Transfer-Encoding", "chunked")])
    if request.method == "HEAD":
        return
    for piece in pieces:
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if isinstance(piece, bytes) else piece
    yield b"0\r\n\r\n"


# The bytes of /bytes/N. The length is a prime, so that no two blocks of a power of two are alike,
# and a piece lost, doubled or out of place shows.
_PERIOD = 1_000_003
_PATTERN = memoryview(random.Random(1).randbytes(_PERIOD))


def pattern(length, start=0):
    """`length` bytes of the endless practice body, from `start`."""
    start %= _PERIOD
    turns = (start + length) // _PERIOD + 1
    return bytes(_PATTERN[start:start + length]) if turns == 1 else (
        bytes(_PATTERN) * turns)[start:start + length]


def pattern_pieces(length, start=0):
    """A script that sends the same without building it, letting others have a turn in between."""
    while length > 0:
        offset = start % _PERIOD
        piece = _PATTERN[offset:offset + length]
        yield piece
        yield 0
        start += len(piece)
        length -= len(piece)
