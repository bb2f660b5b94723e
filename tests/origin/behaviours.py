"""
The behaviours: one table, from a path to the function that answers it. `--list` and GET / show it.

@path(PATTERN) enters a function. Words in capitals stand for a segment of the path and become its
arguments, converted as CONVERT says; the first line of the docstring is its help. A behaviour
returns bytes, or is a script: a generator that yields bytes to send, seconds to wait, or CLOSE,
RESET, HANG. A ValueError becomes a 400.
"""

import base64
import gzip
import json
import time
import urllib.parse
import zlib
from email.utils import formatdate

from . import content
from .message import chunked, head, pattern, pattern_pieces, reply, reply_json

CLOSE = object()  # end the connection
RESET = object()  # end it with an RST
HANG = object()  # never go on

SMALL = 65536
FLOOD_PAUSE = 0.01  # between the pieces of what never ends
CONVERT = {"N": int, "CODE": int, "SECONDS": float}

TABLE = []  # (pattern, function), in the order below
_BY_FIRST = {}


def path(route):
    """Enters the function below it into the table."""
    def enter(function):
        words = route.split("?")[0].split("/")[1:]
        kinds = [CONVERT.get(word, urllib.parse.unquote) if word.isupper() else None
                 for word in words]
        TABLE.append((route, function))
        _BY_FIRST.setdefault(words[0], []).append((words, kinds, function))
        return function
    return enter


def find(target):
    """Returns the function for a path and its arguments."""
    words = target.split("/")[1:] or [target]
    for pattern_words, kinds, function in _BY_FIRST.get(words[0], ()):
        if len(words) != len(kinds):
            continue
        try:
            if all(kind or word == own for kind, word, own in zip(kinds, words, pattern_words)):
                return function, [kind(word) for kind, word in zip(kinds, words) if kind]
        except ValueError:
            break
    return not_found, ()


def listing():
    """(pattern, help) of every behaviour."""
    return [(route, function.__doc__.strip().split("\n")[0]) for route, function in TABLE]


def not_found(request):
    """404 with a small JSON."""
    return reply_json(request, {"error": "no such path", "path": request.path}, 404)


# Time and size


@path("/delay/SECONDS?bytes=N")
def delay(request, seconds):
    """A small JSON, or N bytes, after some time."""
    size = request.arg("bytes", None, int)
    answer = (reply_json(request, {"delay": seconds, "path": request.path}) if size is None
              else sized(request, size))
    yield seconds
    if isinstance(answer, bytes):
        yield answer
    else:
        yield from answer


@path("/bytes/N")
def sized(request, size):
    """N bytes, the same every time."""
    if size <= SMALL:
        return reply(request, pattern(size), "application/octet-stream")
    return large(request, size)


def large(request, size, status=200, headers=(), start=0):
    """A script for any number of them."""
    yield head(request, status, [("Content-Type", "application/octet-stream"), *headers], size)
    if request.method != "HEAD":
        yield from pattern_pieces(size, start)


@path("/drip?bytes=N&seconds=S&chunks=K")
def drip(request):
    """The head at once, then N bytes in K chunks over S seconds (1000, 1, 10)."""
    size, count = request.arg("bytes", 1000, int), max(1, request.arg("chunks", 10, int))
    pause = request.arg("seconds", 1.0, float) / count
    body = pattern(size)

    def pieces():
        for i in range(count):
            yield pause
            piece = body[size * i // count:size * (i + 1) // count]
            if piece:  # an empty chunk would be the last
                yield piece
    return chunked(request, pieces(), [("Content-Type", "application/octet-stream")])


@path("/endless")
def endless(request):
    """A body that never ends, 64 KB every 10 ms."""
    def pieces():
        while True:
            yield pattern(SMALL)
            yield FLOOD_PAUSE
    return chunked(request, pieces())


@path("/hang?after=N")
def hang(request):
    """Never answers; or stops after the head and N bytes of more."""
    after = request.arg("after", None, int)
    if after is not None:
        yield head(request, 200, length=after + 1) + pattern(after)
    yield HANG


# Status, headers, redirects


@path("/status/CODE?Header=value")
def status(request, code):
    """That status; the query becomes headers."""
    headers = [(name, value) for name, value in request.args]
    return reply_json(request, {"status": code}, code, headers)


@path("/flaky/N?status=CODE&key=K")
def flaky(request, failures):
    """Fails N times (503), then answers 200; also status=reset|empty|hang. The rest are headers."""
    key = request.arg("key", request.target)
    tries = request.book.tries[key] = request.book.tries.get(key, 0) + 1
    if tries > failures:
        return reply_json(request, {"tries": tries})
    how = request.arg("status", "503")
    action = {"reset": RESET, "empty": CLOSE, "hang": HANG}.get(how)
    if action:
        return iter((action,))
    headers = [pair for pair in request.args if pair[0] not in ("key", "status")]
    return reply_json(request, {"tries": tries}, int(how), headers)


@path("/busy/SECONDS?status=CODE")
def busy(request, seconds):
    """429 until that long after the host's first request, then 200. The rest are headers."""
    now = request.book.now()
    first = next((e["t"] for e in request.book.log if e["host"] == request.host), now)
    if now - first >= seconds:
        return reply_json(request, {"busy": False})
    headers = [pair for pair in request.args if pair[0] != "status"]
    return reply_json(request, {"busy": True}, request.arg("status", 429, int), headers)


@path("/redirect/N?code=CODE")
def redirect(request, more):
    """A chain of N redirects (302) that ends in a 200."""
    if more <= 0:
        return reply_json(request, {"redirects": "over"})
    query = "?" + request.query if request.query else ""
    return reply_json(request, {"left": more}, request.arg("code", 302, int),
                      [("Location", f"/redirect/{more - 1}{query}")])


@path("/redirect-to?url=U&code=CODE")
def redirect_to(request):
    """A redirect (302) to U."""
    return reply_json(request, {}, request.arg("code", 302, int),
                      [("Location", request.arg("url", "/"))])


@path("/redirect-loop")
def redirect_loop(request):
    """A redirect to itself."""
    return reply_json(request, {}, 302, [("Location", "/redirect-loop")])


@path("/headers/N")
def headers_(request, count):
    """N more headers."""
    return reply_json(request, {"headers": count},
                      headers=[(f"X-Number-{i}", str(i)) for i in range(count)])


@path("/early-hints")
def early_hints(request):
    """A 103 before the 200."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    return hints + reply_json(request, {"hints": 1})


@path("/cookie/set?NAME=value")
def cookie_set(request):
    """Sets the cookies in the query."""
    return reply_json(request, dict(request.args),
                      headers=[("Set-Cookie", f"{k}={v}; Path=/") for k, v in request.args])


@path("/cookie/echo")
def cookie_echo(request):
    """The cookies that came, as JSON."""
    pairs = [c.strip().partition("=") for c in request.field("cookie").split(";") if c.strip()]
    return reply_json(request, {name: value for name, _, value in pairs})


@path("/auth/basic?user=u&password=p")
def auth_basic(request):
    """200 for these credentials, 401 for others."""
    want = f"{request.arg('user', 'user')}:{request.arg('password', 'password')}"
    good = "Basic " + base64.b64encode(want.encode()).decode()
    if request.field("authorization") == good:
        return reply_json(request, {"authenticated": True})
    return reply_json(request, {"authenticated": False}, 401,
                      [("WWW-Authenticate", 'Basic realm="practice"')])


@path("/etag")
def etag(request):
    """An ETag; 304 for an If-None-Match that has it."""
    headers = [("ETag", '"practice"'), ("Last-Modified", "Sat, 01 Jan 2000 00:00:00 GMT")]
    same = '"practice"' in request.field("if-none-match")
    return reply_json(request, {"etag": "practice"}, 304 if same else 200, headers)


@path("/range?bytes=N")
def range_(request):
    """N bytes (100000) of which a Range may be had."""
    size = request.arg("bytes", 100_000, int)
    unit, _, wish = request.field("range").partition("=")
    if unit != "bytes":
        return large(request, size, headers=[("Accept-Ranges", "bytes")])
    first, _, last = wish.partition("-")
    if first:
        start, stop = int(first), min(int(last) + 1 if last else size, size)
    else:
        start, stop = max(size - int(last), 0), size
    if start >= stop:
        return reply_json(request, {}, 416, [("Content-Range", f"bytes */{size}")])
    return large(request, stop - start, 206,
                 [("Content-Range", f"bytes {start}-{stop - 1}/{size}")], start)


@path("/resumable/NAME?bytes=N&seconds=S&break=K&validator=KIND&rest=KIND")
def resumable(request, name):
    """N bytes (100000) of NAME over S seconds (0), cut after K; the rest at once, by Range.

    If-Range is obeyed. validator: etag, weak, date, fresh (a date of now), changing (another one each time), none.
    rest, what a Range gets: good, all (200), none (416), other (bytes from elsewhere).
    """
    size, start = request.arg("bytes", 100_000, int), zlib.crc32(name.encode()) % 1000
    kind, rest = request.arg("validator", "etag"), request.arg("rest", "good")
    tries = request.book.tries[request.target] = request.book.tries.get(request.target, 0) + 1
    etag = f'"{name}-{tries if kind == "changing" else 0}"'
    now = formatdate(usegmt=True)
    modified = now if kind == "fresh" else "Sat, 01 Jan 2000 00:00:00 GMT"
    headers = [("Date", now), *{
        "etag": [("ETag", etag)], "changing": [("ETag", etag)], "weak": [("ETag", "W/" + etag)],
        "date": [("Last-Modified", modified)], "fresh": [("Last-Modified", modified)], "none": [],
    }[kind]]
    wish, same = request.field("range"), request.field("if-range") in (etag, modified)
    first, status = 0, 200
    if wish and (same or not request.field("if-range")) and rest != "all":
        first, status = int(wish.removeprefix("bytes=").removesuffix("-")), 206
        if rest == "none" or first >= size:
            return reply_json(request, {}, 416, [("Content-Range", f"bytes */{size}")])
        if rest == "other":
            first += 1
        headers.append(("Content-Range", f"bytes {first}-{size - 1}/{size}"))
    whole = pattern(size, start)[first:]
    cut = request.arg("break", None, int) if status == 200 else None
    seconds = request.arg("seconds", 0.0, float) if status == 200 else 0
    return in_pieces(request, status, headers, whole, cut, seconds / 10)


def in_pieces(request, status, headers, body, cut, pause):
    """A script for a body in ten pieces, of which only the first bytes are sent if cut says so."""
    yield head(request, status, headers, len(body))
    for i in range(10):
        piece = body[len(body) * i // 10:len(body) * (i + 1) // 10]
        if cut is not None:
            piece, cut = piece[:cut], cut - len(piece[:cut])
        yield pause
        if piece:
            yield piece
    if cut is not None:
        yield CLOSE


# Bodies


@path("/nothing")
def nothing(request):
    """200 and a body of no bytes."""
    return reply(request)


@path("/html")
def html(request):
    """A page that is always the same."""
    return reply(request, content.HTML, "text/html; charset=utf-8")


@path("/json/NAME?x=1")
def json_(request, name):
    """A JSON made of the name and the query."""
    return reply_json(request, {"name": name, "query": dict(request.args)})


@path("/big-numbers")
def big_numbers(request):
    """A JSON with integers that a double cannot hold."""
    return reply_json(request, {"ids": [2 ** 53 + 1, 2 ** 64 + 1], "id": 12345678901234567890})


@path("/echo")
def echo(request):
    """What came, as JSON: method, target, headers in order, body, peer."""
    answer = {
        "method": request.method, "target": request.target, "http_version": request.version,
        "absolute": request.absolute, "headers": request.headers, "tls": request.tls,
        "tls_resumed": request.tls_resumed, "client_cert": None,
        "peer": list(request.peer[:2]), "connection": request.connection,
    }
    if request.client_cert:
        answer["client_cert"] = dict(pair[0] for pair in request.client_cert["subject"])
    try:
        answer["body"] = request.body.decode()
    except UnicodeDecodeError:
        answer["body_base64"] = base64.b64encode(request.body).decode()
    return reply_json(request, answer)


@path("/gzip")
def gzip_(request):
    """A JSON, compressed whether asked for or not."""
    return reply(request, gzip.compress(b'{"compressed": true}\n', mtime=0),
                 headers=[("Content-Encoding", "gzip")])


@path("/latin1")
def latin1(request):
    """A header and a body with invalid UTF-8, control characters and quotes."""
    return reply(request, content.NASTY, "text/plain; charset=iso-8859-1",
                 headers=[("X-Nasty", content.NASTY_HEADER)])


# Broken answers


@path("/empty")
def empty(_request):
    """Closes the connection without an answer."""
    yield CLOSE


@path("/reset?after=N")
def reset_(request):
    """Resets the connection, at once or after the head and N bytes of more."""
    after = request.arg("after", None, int)
    if after is not None:
        yield head(request, 200, length=after + 1) + pattern(after)
        yield FLOOD_PAUSE  # an RST overtakes what the client has not read yet
    yield RESET


@path("/truncate?announce=N&send=M")
def truncate(request):
    """Announces N bytes (1000), sends M (100), closes."""
    yield head(request, 200, length=request.arg("announce", 1000, int))
    yield pattern(request.arg("send", 100, int))
    yield CLOSE


@path("/truncate-chunked")
def truncate_chunked(request):
    """One chunk, then closes without the last one."""
    yield head(request, 200, [("Transfer-Encoding", "chunked")]) + b"5\r\nhello\r\n"
    yield CLOSE


@path("/until-close")
def until_close(request):
    """An HTTP/1.0 answer that ends where the connection does."""
    yield head(request, 200).replace(b"HTTP/1.1", b"HTTP/1.0", 1)
    yield pattern(1000)
    yield CLOSE


@path("/stale")
def stale(request):
    """Answers, promises to keep the connection, and closes it."""
    yield reply_json(request, {"connection": request.connection})
    yield CLOSE


@path("/garbage")
def garbage(_request):
    """An answer that is not HTTP."""
    yield b"\x00\x01 this is not HTTP\r\n\r\n"
    yield CLOSE


@path("/bad-header?kind=KIND")
def bad_header(request):
    """A header line that is wrong: it has no colon, or kind=name no name, or kind=nul a NUL."""
    line = {"colon": b"no colon here", "name": b": no name", "nul": b"X-Nul: a\0b"}.get(
        request.arg("kind", "colon"))
    if line is None:
        raise ValueError("no such kind")
    yield b"HTTP/1.1 200 OK\r\n%b\r\nContent-Length: 2\r\n\r\nok" % line
    yield CLOSE


@path("/bad-length")
def bad_length(_request):
    """A Content-Length that is not a number."""
    yield b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nok"
    yield CLOSE


@path("/bad-chunk")
def bad_chunk(request):
    """A chunk size that is not a number."""
    yield head(request, 200, [("Transfer-Encoding", "chunked")]) + b"5\r\nhello\r\nxyz\r\n"
    yield CLOSE


@path("/bad-gzip")
def bad_gzip(request):
    """Content-Encoding gzip, and something else in the body."""
    return reply(request, b"this is not gzip", headers=[("Content-Encoding", "gzip")])


# Sites to scrape


@path("/")
def home(request):
    """A home page after 0.1 s, with this table."""
    page = reply(request, content.home(request.host, listing()), "text/html; charset=utf-8")
    yield 0.1
    yield page


@path("/wiki/PAGE")
def wiki(request, name):
    """A page of an encyclopaedia: /wiki/1990, /wiki/1990_in_music; 20-80 kB after 60-200 ms."""
    year = content.year_of(name)
    if year is None:
        return not_found(request)
    answer = reply(request, content.wiki(name, year), "text/html; charset=utf-8")
    return iter((content.wiki_latency(year), answer))


@path("/country/NAME/status/STATUS")
def country(request, name, kind):
    """Daily counts as a JSON array; STATUS is confirmed, deaths or recovered."""
    if kind not in ("confirmed", "deaths", "recovered"):
        return not_found(request)
    return reply_json(request, content.country(name, kind))


@path("/pages/N?page=K&loop=1&last=1&delay=SECONDS")
def pages(request, count):
    """Page K of N: items, the next page as JSON (next) and as a Link header, the last page there."""
    number = request.arg("page", 1, int)
    more = number < count or request.arg("loop", "") == "1"
    kept = [(name, value) for name, value in request.args if name != "page"]

    def url(page):
        return f"/pages/{count}?" + urllib.parse.urlencode([("page", page), *kept])

    after = url(number % count + 1) if more else None
    links = [f'</pages/{count}>; rel="first"', f'<{after}>; rel="next"'] if more else []
    if request.arg("last", "") == "1":
        links.append(f'<{url(count)}>; rel="last"')
    answer = reply_json(request, {"page": number, "items": [f"{number}-{i}" for i in range(3)],
                                  "next": after},
                        headers=[("Link", ", ".join(links))] if links else [])
    return iter((request.arg("delay", 0.0, float), answer))


@path("/cursors/N?after=TOKEN&delay=SECONDS")
def cursors(request, count):
    """One of N pages: items, and the next page as a relative URL with a token (paging.next)."""
    token = request.arg("after", "")
    number = int(base64.urlsafe_b64decode(token)) + 1 if token else 1
    kept = [(name, value) for name, value in request.args if name != "after"]
    own = base64.urlsafe_b64encode(b"%d" % number).decode()
    after = "?" + urllib.parse.urlencode([("after", own), *kept]) if number < count else ""
    answer = reply_json(request, {"page": number, "paging": {"next": after}})
    return iter((request.arg("delay", 0.0, float), answer))


@path("/tree/N?first=N&size=N&cyclic=1&delay=SECONDS")
def tree(request, number):
    """
    Node N of a tree of nodes first (1) to first + size - 1; without a size it has no end.

    Each has three kids, by id (kids) and by URL (links), some relative and some absolute. In a
    cyclic one its kids are also itself and the root.
    """
    first, size = request.arg("first", 1, int), request.arg("size", None, int)
    place = number - first
    if place < 0 or size is not None and place >= size:
        return not_found(request)
    kids = [first + 3 * place + i for i in (1, 2, 3) if size is None or 3 * place + i < size]
    if request.arg("cyclic", "") == "1":
        kids += [number, first]
    bases = ["", "/tree/", f"http://{request.host}/tree/"]
    links = [f"{bases[i % 3]}{kid}?{request.query}" for i, kid in enumerate(kids)]
    answer = reply_json(request, {"id": number, "kids": kids, "links": links})
    return iter((request.arg("delay", 0.0, float), answer))


@path("/big-json?bytes=N&values=N")
def big_json(request):
    """A JSON array with a text that makes it N bytes long (1000), or with N numbers."""
    values = request.arg("values", None, int)
    if values is not None:
        return reply(request, b"[" + b",".join([b"1"] * values) + b"]")
    return reply(request, b'["' + b"a" * (request.arg("bytes", 1000, int) - 4) + b'"]')


@path("/v0/item/FILE")
def item(request, file):
    """/v0/item/ID.json after 20 ms: a tree of comments under story 8863; null if there is none."""
    number, dot, extension = file.rpartition(".")
    if not dot or extension != "json" or not number.isdigit():
        return not_found(request)
    answer = reply_json(request, content.items().get(int(number)))
    return iter((0.02, answer))


@path("/v0/topstories.json")
def top_stories(request):
    """The ids of all stories, after 20 ms."""
    return iter((0.02, reply_json(request, content.stories())))


# What was seen; these requests are not


@path("/_seen?requests=N&in_flight=N&timeout=S")
def seen(request):
    """What was seen (record.py), as soon as these counts are reached."""
    book = request.book
    want = {name: int(value) for name, value in request.args if name != "timeout"}
    end = time.monotonic() + request.arg("timeout", 0.0, float)

    def reached():
        for name, count in want.items():
            have = getattr(book, name)
            have = len(have) if isinstance(have, list) else have
            if have != count if name == "in_flight" else have < count:
                return False
        return True

    while not (done := reached()) and time.monotonic() < end:
        yield 0.002
    answer = book.seen()
    if want:
        answer["timed_out"] = not done
    yield reply(request, json.dumps(answer).encode())


@path("/_reset")
def reset(request):
    """Forgets what was seen."""
    return reply_json(request, {})


CONTROL = (seen, reset)
