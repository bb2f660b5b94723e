"""A response that is not whole is no success (RFC 9112, 8), wherever it was cut."""

import os
import ssl

import pytest

from harness import fetch, run
from raw_server import CLOSE, RawServer, response

IN_HEAD = "the connection ended inside the headers"
HEADS = {
    "status line only": b"HTTP/1.1 200 OK\r\n",
    "in a name": b"HTTP/1.1 200 OK\r\nContent-Ty",
    "after a field": b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\n",
    "after a length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n",
    "after a length of 0": b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n",
    "before chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n",
    "HTTP/1.0": b"HTTP/1.0 200 OK\r\nA: b\r\n",
    "in a status line": b"HTTP/1.1 200",
    "in the version": b"HTTP/1.1",
    "in the first word": b"HT",
    "no content": b"HTTP/1.1 204 No Content\r\n",
    "after 100": b"HTTP/1.1 100 Continue\r\n\r\n",
    "after 103": b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n",
    "in 103": b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n",
    "after 103, in 200": b"HTTP/1.1 103 E\r\n\r\nHTTP/1.1 200 OK\r\n",
    "301 without Location": b"HTTP/1.1 301 Moved\r\nServer: x\r\n",
    "301 in Location": b"HTTP/1.1 301 Moved\r\nLocation: /whol",
    "301 after Location": b"HTTP/1.1 301 Moved\r\nLocation: /whole\r\n",
    "301 after a Location that is refused": b"HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\n",
    "301 after a Location with no address": b"HTTP/1.1 301 Moved\r\nLocation: http://no.invalid/\r\n",
    "301 after a Location that cannot be used": b"HTTP/1.1 301 Moved\r\nLocation: http:/\r\n",
    "404": b"HTTP/1.1 404 Not Found\r\nA: b\r\n",
    "429": b"HTTP/1.1 429 Too Many Requests\r\n",
}


@pytest.fixture(params=["http", "https"])
def context(request, started_origin):
    """For a RawServer: TLS or none."""
    if request.param == "http":
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(os.path.join(os.path.dirname(started_origin.cacert), "leaf.pem"))
    return made


def serve_cut(request):
    """/cut/N: one of HEADS, and the end; anything else: a response."""
    if request.target.startswith("/cut/"):
        return list(HEADS.values())[int(request.target[5:])] + CLOSE
    return response()


@pytest.mark.parametrize("args", [[], ["-I"], ["-d", "x"]], ids=str)
def test_a_head_that_was_cut_is_a_protocol_failure(context, args):
    with RawServer(serve_cut, context) as server:
        urls = [f"{server.url}/cut/{i}" for i in range(len(HEADS))]
        result = fetch("-k", *args, *urls, server.url + "/whole")
        *bad, good = result.by_index
        assert good["ok"]
        for name, r in zip(HEADS, bad):
            if context and b"\r\n" not in HEADS[name]:
                assert r["error"] in ("connect", "protocol"), name  # what came cannot be told
                continue
            assert (r["ok"], r["error"], r["errormsg"], r["exitcode"]) == (
                False, "protocol", IN_HEAD, 18), name
        assert server.targets.count("/whole") == 1, "a Location that was cut was followed"


def test_what_was_cut_in_the_head_is_tried_again(context):
    def cut_twice(request):
        return (b"HTTP/1.1 200 OK\r\nA: b\r\n" + CLOSE if request.connection < 3 else
                response(b"whole"))

    with RawServer(cut_twice, context) as server:
        result = fetch("-k", "--body", "--retry", "2", "--retry-delay", "1ms", server.url + "/").result
        assert (result["ok"], result["attempts"], result["body"]) == (True, 3, "whole")


def test_what_was_cut_in_the_head_is_no_file_and_is_resumed(tmp_path):
    heads = [b"HTTP/1.1 200 OK\r\nContent-Ty" + CLOSE, response(b"whole")]
    with RawServer(lambda request: heads.pop(0)) as server:
        args = ["-s", "-o", "{name}", "--resume", "log", server.url + "/a"]
        assert run(*args, cwd=tmp_path).code == 1
        assert [file.name for file in tmp_path.iterdir()] == ["log"]
        assert run(*args, cwd=tmp_path).code == 0
        assert (tmp_path / "a").read_bytes() == b"whole"


@pytest.mark.parametrize("last, failure", [(CLOSE, "connect"), (b"HTTP/1.1 2" + CLOSE, "protocol")],
                         ids=["nothing", "a part of a status line"])
def test_nothing_is_not_a_part_of_a_status_line(last, failure):
    """Also on connections that were used before."""
    def respond(request):
        return response() if request.target == "/first" else last

    with RawServer(respond) as server:
        result = fetch("--sequential", server.url + "/first", server.url + "/second")
        assert [r["error"] for r in result.by_index] == [None, failure]
        result = fetch("--retry", "2", "--retry-delay", "1ms", server.url + "/third").result
        assert (result["error"], result["attempts"]) == (failure, 3)


def test_a_timeout_inside_a_head_is_a_timeout(origin):
    r = fetch(origin.http + "/raw?text=HTTP/1.1%20200%20OK%0d%0aA:b%0d%0a", "-m", "0.3").result
    assert (r["error"], r["http_code"]) == ("timeout", 200)


def test_a_cancelled_transfer_was_not_cut(origin):
    """Its connection was ours to close."""
    hang = origin.http + "/raw?text=HTTP/1.1%20200%20OK%0d%0aA:b%0d%0a"
    result = fetch("--deadline", "0.5", hang).result
    assert (result["error"], result["exitcode"]) == ("deadline", 0)


def test_protocols_without_such_a_head_are_none_the_worse(nginx, origin):
    assert fetch("--http2-prior-knowledge", nginx.h2c + "/").result["ok"]
    assert fetch("--http2", nginx.url + "/", "-k").result["ok"]
    assert fetch("-k", "-I", nginx.https + "/").result["http_version"] == "2"
    r = fetch("--curl", "HTTP09_ALLOWED=1", "--body", origin.http + "/raw?close=1&text=hello").result
    assert (r["ok"], r["body"], r["http_code"]) == (True, "hello", 0)
