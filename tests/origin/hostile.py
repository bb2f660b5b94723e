"""
What a hostile server does, entered into the table of behaviours.py. Most of it never ends: it goes on
until the client has had enough.
"""

import functools
import zlib

from .behaviours import CLOSE, FLOOD_PAUSE, HANG, SMALL, not_found, path
from .message import head, reply, reply_json

STATUS = b"HTTP/1.1 200 OK\r\n"


def flood(piece, start=b""):
    """A script: the start, then about 64 KB of the piece again and again."""
    if start:
        yield start
        yield FLOOD_PAUSE
    pieces = piece * max(1, SMALL // len(piece))
    while True:
        yield pieces
        yield FLOOD_PAUSE


def drip(piece, start, seconds):
    """A script: the start, then the piece every so many seconds."""
    yield start
    while True:
        yield seconds
        yield piece


# Heads


@path("/flood/PART?pause=SECONDS")
def flood_(request, part):
    """No end of it: PART is one of FLOODS. With a pause a piece at a time, so far apart."""
    if part not in FLOODS:
        raise ValueError("no such part")
    start, piece = FLOODS[part]
    pause = request.arg("pause", 0.0, float)
    return drip(piece, start, pause) if pause else flood(piece, start)


@path("/connect/HOST")
def connect(request, host):
    """
    The response of a proxy to CONNECT: that part of FLOODS which the host's name begins with, or
    for refuse-CODE[-SECONDS] that status, with Retry-After.
    """
    part = host.partition(".")[0]
    if part.startswith("refuse-"):
        _, code, *seconds = part.split("-")
        return reply_json(request, {"status": int(code)}, int(code),
                          [("Retry-After", value) for value in seconds])
    return flood(FLOODS[part][1], FLOODS[part][0]) if part in FLOODS else not_found(request)


CHUNKED = STATUS + b"Transfer-Encoding: chunked\r\n\r\n"

FLOODS = {
    "status-line": (b"HTTP/1.1 200 ", b"a"),
    "header-line": (STATUS + b"X-Long: ", b"a"),
    "folded-line": (STATUS + b"X-Long: a\r\n", b" a\r\n"),
    "small-headers": (STATUS, b"A:\r\n"),
    "large-headers": (STATUS, b"X-Flood: " + b"f" * 1000 + b"\r\n"),
    "continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "hints": (b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "large-hints": (b"", b"HTTP/1.1 103 Early Hints\r\n" + b"X-Hint: " + b"h" * 1000 + b"\r\n\r\n"),
    "cookies": (STATUS, b"Set-Cookie: a=b\r\n"),
    "body": (STATUS + b"\r\n", b"b" * 1000),
    "chunks": (CHUNKED, b"1\r\nb\r\n"),
    "chunk-size": (CHUNKED, b"0"),
    "chunk-extension": (CHUNKED + b"1;", b"e"),
    "chunk-extensions": (CHUNKED, b"1;%b\r\nb\r\n" % (b"e" * 1000)),
    "trailers": (CHUNKED + b"0\r\n", b"X-Trailer: t\r\n"),
    "trailer-line": (CHUNKED + b"0\r\nX-Trailer: ", b"t"),
    "http09": (b"", b"no HTTP "),
    "nothing": (b"", b"\r\n"),
}


@path("/many/NAME?count=N&bytes=N&i=I")
def many(request, name):
    """N headers (1000) of that name, with N bytes each (1); cookies have names that begin with cI."""
    size = request.arg("bytes", 1, int)
    values = {
        "set-cookie": lambda i: f"c{request.arg('i', '')}-{i}={'v' * size}; Path=/",
        "link": lambda i: f"</{i}>; rel=x{'x' * size}",
        "location": lambda i: "/" + "l" * size,
        "content-disposition": lambda i: f"attachment; filename={'f' * size}",
    }
    value = values.get(name, lambda i: "x" * size)
    return reply(request, headers=[(name, value(i)) for i in range(request.arg("count", 1000, int))],
                 status=302 if name == "location" else 200)


@path("/raw?text=TEXT&close=1")
def raw(request):
    """That text as the whole answer; then nothing, or the end."""
    yield request.arg("text", "").encode("latin-1")
    yield CLOSE if request.arg("close", "") else HANG


EVIL = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nevil\n"


@path("/more?later=1")
def more(request):
    """An answer, and one that nobody has asked for: at once, or later."""
    answer = reply(request, b"good\n", "text/plain")
    if not request.arg("later", ""):
        return answer + EVIL
    return iter((answer, FLOOD_PAUSE, EVIL))


@path("/wander/N")
def wander(request, number):
    """A redirect to the same on the other of 127.0.0.1 and 127.0.0.2, without end."""
    address, _, port = request.host.partition(":")
    there = "127.0.0.2" if address == "127.0.0.1" else "127.0.0.1"
    return reply(request, status=302,
                 headers=[("Location", f"http://{there}:{port}/wander/{number + 1}")])


# HTTP/2, to a client that asks for it with Upgrade: h2c


def frame(kind, flags=0, stream=0, payload=b""):
    """RFC 9113, 4.1."""
    return b"%b%b%b%b%b" % (len(payload).to_bytes(3, "big"), bytes([kind]), bytes([flags]),
                            stream.to_bytes(4, "big"), payload)


DATA, HEADERS, SETTINGS, PUSH, PING, WINDOW, CONTINUATION = 0, 1, 4, 5, 6, 8, 9
STATUS_200 = b"\x88"
FIELD = b"\x00\x01a\x7f\xa1\x07" + b"v" * 1056  # "a", not indexed

FRAMES = {
    "settings": (b"", frame(SETTINGS)),
    "ping": (b"", frame(PING, payload=bytes(8))),
    "window": (b"", frame(WINDOW, payload=bytes(3) + b"\1")),
    "headers": (b"", frame(HEADERS, 4, 1, b"\x08\x03103")),
    "empty-data": (frame(HEADERS, 4, 1, STATUS_200), frame(DATA, 0, 1)),
    "padding": (frame(HEADERS, 4, 1, STATUS_200), frame(DATA, 8, 1, b"\xff" + bytes(255))),
    "continuation": (frame(HEADERS, 0, 1, STATUS_200), frame(CONTINUATION, 0, 1, FIELD)),
    "large-headers": (frame(HEADERS, 0, 1, STATUS_200 + FIELD * 10),
                      frame(CONTINUATION, 0, 1, FIELD * 10)),
    "unknown": (b"", frame(99, payload=bytes(1000))),
}


@path("/h2/KIND")
def http2(request, kind):
    """Upgrades to HTTP/2 and sends no end of frames: KIND is one of FRAMES."""
    if kind not in FRAMES:
        raise ValueError("no such frames")
    start, piece = FRAMES[kind]
    return flood(piece, head(request, 101, [("Connection", "Upgrade"), ("Upgrade", "h2c")])
                 + frame(SETTINGS) + start)


# Bodies


@path("/bombs/KIND?bytes=N&via=FIELD")
def bombs(request, kind):
    """N zeros (100 million) as gzip, br, zstd or gzip-gzip; via is Content-Encoding or another."""
    body, coding = bomb(kind, request.arg("bytes", 100_000_000, int)), kind.replace("-", ", ")
    if request.arg("via", "content") == "content":
        return reply(request, body, "application/octet-stream",
                     headers=[("Content-Encoding", coding)])
    return iter((head(request, 200, [("Transfer-Encoding", coding + ", chunked")])
                 + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),))


@functools.lru_cache(16)
def bomb(kind, size):
    """Zeros, compressed as far as the format goes."""
    if kind == "gzip":
        packer = zlib.compressobj(9, wbits=31)
        parts = [packer.compress(bytes(min(1 << 20, size - at))) for at in range(0, size, 1 << 20)]
        return b"".join(parts) + packer.flush()
    if kind == "gzip-gzip":
        packer = zlib.compressobj(9, wbits=31)
        return packer.compress(bomb("gzip", size)) + packer.flush()
    if kind == "zstd":
        return zstd_bomb(size)
    if kind == "br":
        return brotli_bomb(size)
    raise ValueError("no such kind")


def zstd_bomb(size):
    """RFC 8878: a frame with the largest window that libzstd takes, and blocks of one byte each."""
    blocks, block = [], 1 << 17
    while size > 0:
        length, size = min(block, size), size - block
        blocks.append((length << 3 | 2 | (size <= 0)).to_bytes(3, "little") + b"\0")
    return b"\x28\xb5\x2f\xfd\x00" + bytes([17 << 3]) + b"".join(blocks)


def brotli_bomb(size):
    """RFC 7932: each meta-block is a zero, and a copy of it to 16 MiB; all codes have one symbol."""
    bits, count = 0, 0

    def put(value, width):
        nonlocal bits, count
        bits |= value << count
        count += width

    put(0, 1)  # a window of 64 KiB
    while size > 0:
        length = max(min(1 << 24, size), 4096)
        size -= length
        put(0, 1)  # not the last
        put(2, 2)  # six nibbles of length
        put(length - 1, 24)
        put(0, 1)  # compressed
        put(0, 3)  # a block type each of literals, commands, distances
        put(0, 6)  # NPOSTFIX, NDIRECT
        put(0, 2)  # context mode
        put(0, 2)  # a tree each of literals and distances
        for symbol, width in ((0, 8), (384 + 8 + 7, 10), (16, 6)):
            put(1, 2)
            put(0, 2)
            put(symbol, width)
        put(length - 1 - 2118, 24)  # how much is copied
        put(0, 1)  # from one byte before
    put(3, 2)  # the last, and empty
    return bits.to_bytes((count + 7) // 8, "little")
