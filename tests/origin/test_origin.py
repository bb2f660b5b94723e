"""The practice origin does what its table says, and counts exactly."""

import base64
import gzip
import http.client
import json
import os
import socket
import ssl
import subprocess
import threading
import time

import pytest

from . import Origin, pattern
from .content import items


@pytest.fixture(scope="module")
def origin():
    with Origin("--san", "a.example", "--host", "127.0.0.1", "--host", "127.0.0.2") as started:
        yield started


@pytest.fixture
def book(origin):
    origin.reset()
    return origin


def ask(origin, path, method="GET", headers=None, body=None):
    """Returns (status, headers, body); raises what http.client raises."""
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=10)
    try:
        connection.request(method, path, headers=headers or {}, body=body)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def raw(origin, data, size=None):
    """Sends bytes, returns what comes: until the end, or at least `size` bytes."""
    with socket.create_connection(("127.0.0.1", origin.port), timeout=10) as sock:
        sock.sendall(data)
        got = b""
        while size is None or len(got) < size:
            piece = sock.recv(65536)
            if not piece:
                break
            got += piece
        return got


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()


@pytest.mark.parametrize("path, status, kind", [
    ("/", 200, "text/html; charset=utf-8"), ("/html", 200, "text/html; charset=utf-8"),
    ("/nothing", 200, "application/json"), ("/wiki/1990_in_music", 200, "text/html; charset=utf-8"),
    ("/wiki/Ada", 404, "application/json"), ("/nowhere", 404, "application/json"),
    ("/delay/soon", 404, "application/json"),
    ("/bytes/10?x", 200, "application/octet-stream"), ("/status/503", 503, "application/json"),
    ("/delay/0?bytes=x", 400, "application/json"),
])
def test_status_and_type(origin, path, status, kind):
    got, headers, _ = ask(origin, path)
    assert (got, headers["Content-Type"]) == (status, kind)


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 3_000_000, 20_000_000])
def test_bytes(origin, size):
    _, headers, body = ask(origin, f"/bytes/{size}")
    assert headers["Content-Length"] == str(size)
    assert body == pattern(size)


def test_delay_and_drip_take_their_time(origin):
    for path, least in (("/delay/0.15?bytes=70000", 0.15), ("/drip?seconds=0.15&bytes=7", 0.15)):
        start = time.monotonic()
        body = ask(origin, path)[2]
        assert body == pattern(len(body)) and len(body) in (7, 70000)
        assert least <= time.monotonic() - start < least + 1


def test_many_headers(origin):
    assert raw(origin, get("/headers/1000")).count(b"X-Number-") == 1000
    assert raw(origin, get("/early-hints")).startswith(b"HTTP/1.1 103 ")


def test_headers_from_the_query(origin):
    status, headers, _ = ask(origin, "/status/429?Retry-After=2&X-A=b%20c")
    assert (status, headers["Retry-After"], headers["X-A"]) == (429, "2", "b c")
    for code in (204, 304):
        assert b"Content-Length" not in raw(origin, get(f"/status/{code}"))


def test_redirects(origin):
    assert ask(origin, "/redirect/2?code=307")[1]["Location"] == "/redirect/1?code=307"
    assert ask(origin, "/redirect/0")[0] == 200
    assert ask(origin, "/redirect-loop")[1]["Location"] == "/redirect-loop"
    status, headers, _ = ask(origin, "/redirect-to?url=http%3A%2F%2Fa.example%2F&code=301")
    assert (status, headers["Location"]) == (301, "http://a.example/")


def test_flaky(book):
    assert [ask(book, "/flaky/2?status=500")[0] for _ in range(3)] == [500, 500, 200]
    book.reset()
    assert ask(book, "/flaky/2?status=500")[0] == 500
    assert raw(book, get("/flaky/1?status=empty")) == b""


def test_busy(book):
    """The time is that of the host, whatever the path."""
    here, there = {"Host": "a.example"}, {"Host": "b.example"}
    status, headers, _ = ask(book, "/busy/0.3?Retry-After=1", headers=here)
    assert (status, headers["Retry-After"]) == (429, "1")
    assert ask(book, "/busy/0?x", headers=here)[0] == 200
    while ask(book, "/busy/0.3", headers=here)[0] != 200:
        pass
    assert ask(book, "/busy/0.3?status=503", headers=there)[0] == 503
    times = [entry["t"] for entry in book.seen()["log"] if entry["host"] == "a.example"]
    # A request is seen a little before it is answered.
    assert times[-2] - times[0] < 0.3 and times[-1] - times[0] > 0.28


def test_bodies(origin):
    assert json.loads(ask(origin, "/json/a%20b?x=1&y=")[2]) == {
        "name": "a b", "query": {"x": "1", "y": ""}}
    assert json.loads(gzip.decompress(ask(origin, "/gzip")[2])) == {"compressed": True}
    assert len(gzip.decompress(ask(origin, "/bombs/gzip?bytes=5000000")[2])) == 5_000_000
    assert 9007199254740993 in json.loads(ask(origin, "/big-numbers")[2])["ids"]
    answer = raw(origin, get("/latin1"))
    assert b'X-Nasty: caf\xe9 "quoted" \x1b[31mred\x07' in answer and b"\xff\xfe" in answer
    assert 20_000 <= len(ask(origin, "/wiki/2001")[2]) <= 80_000


def test_head_has_no_body(origin):
    for path in ("/bytes/100000", "/delay/0", "/drip", "/html"):
        answer = raw(origin, get(path).replace(b"GET", b"HEAD"))
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("wish, status, first, last", [
    ("bytes=0-9", 206, 0, 9), ("bytes=99990-", 206, 99990, 99999), ("bytes=-5", 206, 99995, 99999),
    ("bytes=100000-", 416, None, None), (None, 200, 0, 99999),
])
def test_range(origin, wish, status, first, last):
    got, headers, body = ask(origin, "/range", headers={"Range": wish} if wish else {})
    assert got == status
    if first is not None:
        assert body == pattern(last - first + 1, first)
    if status == 206:
        assert headers["Content-Range"] == f"bytes {first}-{last}/100000"


def test_cookies_auth_etag(origin):
    assert ask(origin, "/cookie/set?a=1&b=2")[1].get_all("Set-Cookie") == [
        "a=1; Path=/", "b=2; Path=/"]
    assert json.loads(ask(origin, "/cookie/echo", headers={"Cookie": "a=1; b=2"})[2]) == {
        "a": "1", "b": "2"}
    assert ask(origin, "/auth/basic?user=u&password=p")[0] == 401
    basic = {"Authorization": "Basic " + base64.b64encode(b"u:p").decode()}
    assert ask(origin, "/auth/basic?user=u&password=p", headers=basic)[0] == 200
    assert ask(origin, "/etag", headers={"If-None-Match": '"practice"'})[0] == 304


def test_echo(origin):
    answer = json.loads(ask(origin, "/echo?a=b", "PUT", {"X-One": "1", "x-one": "2"}, b"\xff\0")[2])
    assert (answer["method"], answer["target"]) == ("PUT", "/echo?a=b")
    assert ["X-One", "1"] in answer["headers"] and ["x-one", "2"] in answer["headers"]
    assert base64.b64decode(answer["body_base64"]) == b"\xff\0"


def test_request_bodies(origin):
    chunks = (b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
              b"Connection: close\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: t\r\n\r\n")
    assert b'"body": "hello world"' in raw(origin, chunks)
    with socket.create_connection(("127.0.0.1", origin.port), timeout=10) as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
                     b"Expect: 100-continue\r\n\r\n")
        assert sock.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        sock.sendall(b"ok")
        assert b'"body": "ok"' in sock.recv(65536)


def test_keep_alive_and_pipelining(book):
    line = b"GET %b HTTP/1.1\r\nHost: x\r\n\r\n"
    answer = raw(book, line % b"/delay/0.05" + line % b"/html" + get("/nothing"))
    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.index(b"0.05") < answer.index(b"text/html")
    seen = book.seen()
    assert (seen["connections"], seen["requests"], seen["most_in_flight"]) == (1, 3, 1)
    assert {entry["connection"] for entry in seen["log"]} == {seen["log"][0]["connection"]}


def test_absolute_target(book):
    answer = raw(book, b"GET http://a.example/echo?x HTTP/1.1\r\nHost: a.example\r\n"
                       b"Connection: close\r\n\r\n")
    assert b'"absolute": true' in answer
    entry = book.seen()["log"][0]
    assert (entry["absolute"], entry["host"], entry["path"]) == (True, "a.example", "/echo?x")


@pytest.mark.parametrize("path, answer", [
    ("/empty", b""), ("/reset", None), ("/reset?after=10", None),
    ("/truncate?announce=50&send=20", pattern(20)), ("/truncate-chunked", b"hello\r\n"),
    ("/until-close", pattern(1000)), ("/garbage", b"this is not HTTP\r\n\r\n"),
    ("/bad-header", b"ok"), ("/bad-header?kind=nul", b"ok"), ("/bad-length", b"ok"),
    ("/bad-chunk", b"xyz\r\n"),
    ("/bad-gzip", b"not gzip"), ("/stale", b"}\n"),
])
def test_broken_answers_end(origin, path, answer):
    if answer is None:
        with pytest.raises(ConnectionResetError):
            raw(origin, get(path))
    else:
        assert raw(origin, get(path)).endswith(answer)


@pytest.mark.parametrize("path", ["/endless", "/flood/large-headers", "/hang?after=10"])
def test_answers_without_end(book, path):
    wanted = 10 if path.startswith("/hang") else 200_000
    assert len(raw(book, get(path), wanted)) >= wanted
    assert book.wait(aborted=1)["in_flight"] == 0


def test_bad_requests(origin):
    for request in (b"nonsense\r\n\r\n", b"GET / SPDY/3\r\n\r\n", b"GET / HTTP/1.1\r\nx y\r\n\r\n",
                    b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                    b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n"):
        assert raw(origin, request).startswith(b"HTTP/1.1 400 ")


def test_counts_what_is_in_flight(book):
    hosts = ["a.example"] * 3 + ["b.example"] * 2
    socks = []
    for host in hosts:
        socks.append(socket.create_connection(("127.0.0.1", book.port), timeout=10))
        socks[-1].sendall(f"GET /hang HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    seen = book.wait(requests=5, in_flight=5)
    assert seen["hosts"]["a.example"] == {"requests": 3, "in_flight": 3, "most_in_flight": 3}
    socks[0].close()
    seen = book.wait(aborted=1)
    assert (seen["in_flight"], seen["most_in_flight"]) == (4, 5)
    assert seen["closed_early"][0]["n"] == 1
    entry = seen["log"][0]
    assert entry["aborted"] and entry["t"] < entry["t_end"]
    assert entry["headers"]["host"] == hosts[:1]
    for sock in socks:
        sock.close()
    assert book.wait(in_flight=0)["aborted"] == 5
    with pytest.raises(TimeoutError):
        book.wait(timeout=0.01, requests=6)


def test_one_at_a_time_is_never_two(book):
    """Closing one connection and asking on another at once, many times over."""
    line = b"GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", book.port), timeout=10) as keep:
        for turn in range(300):
            with socket.create_connection(("127.0.0.1", book.port), timeout=10) as sock:
                sock.sendall(get("/hang"))
                if turn % 3 == 0:
                    book.wait(in_flight=1)
            keep.sendall(line)
            assert keep.recv(1000)
    seen = book.wait(in_flight=0)
    assert (seen["requests"], seen["aborted"], seen["most_in_flight"]) == (600, 300, 1)
    assert (seen["connections"], seen["tls_failed"]) == (301, 0)


def test_many_at_once(book):
    """Generous, because other tests run beside it."""
    start = time.monotonic()
    threads = [threading.Thread(target=ask, args=(book, "/delay/0.2")) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - start < 2
    seen = book.seen()
    assert (seen["requests"], seen["connections"], seen["in_flight"]) == (100, 100, 0)
    assert seen["most_in_flight"] > 10


def test_partial_request_is_closed_early(book):
    with socket.create_connection(("127.0.0.1", book.port), timeout=10) as sock:
        sock.sendall(b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf")
    assert book.wait(closed_early=1)["closed_early"][0]["n"] is None


def test_tls(book):
    good = ssl.create_default_context(cafile=book.cacert)
    good.load_cert_chain(book.client_cert)
    for name in ("a.example", "localhost", "127.0.0.1", "::1"):
        with socket.create_connection(("127.0.0.1", book.tls_port), timeout=10) as sock:
            with good.wrap_socket(sock, server_hostname=name) as tls:
                tls.sendall(get("/bytes/300000"))
                got = b""
                while piece := tls.recv(65536):
                    got += piece
                assert got.endswith(pattern(300_000))
    assert book.seen()["log"][0]["tls"]
    for port, name in ((book.tls_port, "other.example"), (book.bad_port, "a.example")):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
            with pytest.raises(ssl.SSLCertVerificationError):
                good.wrap_socket(sock, server_hostname=name)
    assert book.seen()["requests"] == 4
    with socket.create_connection(("127.0.0.1", book.tls_port), timeout=10) as sock:
        with good.wrap_socket(sock, server_hostname="localhost") as tls:
            tls.sendall(get("/echo"))
            assert b'"commonName": "practice client"' in tls.recv(65536)


def test_every_host_has_the_same_ports(origin):
    for host in ("127.0.0.1", "127.0.0.2"):
        socket.create_connection((host, origin.port), timeout=10).close()
        socket.create_connection((host, origin.tls_port), timeout=10).close()


def test_scraping(origin):
    item = json.loads(ask(origin, "/v0/item/8863.json")[2])
    below, todo = 0, list(item["kids"])
    connection = http.client.HTTPConnection("127.0.0.1", origin.port, timeout=10)
    connection.request("GET", f"/v0/item/{todo[0]}.json")
    assert json.loads(connection.getresponse().read())["parent"] == 8863
    connection.close()
    while todo:
        below += 1
        todo += items()[todo.pop()].get("kids", [])
    assert below == item["descendants"] and 400 < below < 600
    assert ask(origin, "/v0/item/1.json")[2] == b"null\n"
    assert 8863 in json.loads(ask(origin, "/v0/topstories.json")[2])

    _, headers, body = ask(origin, "/pages/2")
    assert json.loads(body)["next"] == "/pages/2?page=2"
    assert '</pages/2?page=2>; rel="next"' in headers["Link"]
    assert json.loads(ask(origin, "/pages/2?page=2")[2])["next"] is None
    _, headers, _ = ask(origin, "/pages/9?last=1")
    assert '</pages/9?page=9&last=1>; rel="last"' in headers["Link"]


def test_cursors_lead_to_the_end(origin):
    path, seen = "/cursors/3", []
    while path:
        page = json.loads(ask(origin, path)[2])
        seen.append(page["page"])
        path = page["paging"]["next"] and "/cursors/3" + page["paging"]["next"]
    assert seen == [1, 2, 3]


def test_a_tree_has_its_nodes_once(origin):
    first, found, level = 2 ** 53, [], [2 ** 53]
    while level:
        found += level
        nodes = [json.loads(ask(origin, f"/tree/{n}?first={first}&size=14")[2]) for n in level]
        level = [kid for node in nodes for kid in node["kids"]]
    assert found == list(range(first, first + 14))
    root = json.loads(ask(origin, "/tree/1?cyclic=1")[2])
    assert root["kids"] == [2, 3, 4, 1, 1]
    assert root["links"][:2] == ["2?cyclic=1", "/tree/3?cyclic=1"]
    assert ask(origin, "/tree/15?size=14")[0] == 404


def test_a_big_json_has_its_size(origin):
    assert len(ask(origin, "/big-json?bytes=5000")[2]) == 5000
    assert json.loads(ask(origin, "/big-json?values=7")[2]) == [1] * 7
    days = json.loads(ask(origin, "/country/south-africa/status/deaths")[2])
    assert days[0]["Country"] == "South Africa" and days[-1]["Cases"] >= days[0]["Cases"]


def test_ends_with_its_parent(tmp_path):
    path = str(tmp_path / "socket")
    started = Origin("--unix", path)
    with socket.socket(socket.AF_UNIX) as sock:
        sock.connect(path)
        sock.sendall(get("/echo"))
        assert b"200 OK" in sock.recv(65536)
    started.close()
    assert started.process.returncode == 0
    with Origin() as other:
        other.process.terminate()
        assert other.process.wait(timeout=10) == 0


def test_list():
    listing = subprocess.run(["/usr/bin/python3", os.path.dirname(__file__), "--list"],
                             capture_output=True, text=True, check=True).stdout
    assert "/delay/SECONDS" in listing and "/_seen" in listing
