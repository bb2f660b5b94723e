"""Trailers are no headers (RFC 9110, 6.5.1), with HTTP/1.1 and with HTTP/2: nothing is done about
them, and they are not shown."""

import pytest

from h2_server import H2Server
from harness import fetch
from raw_server import RawServer

FIELDS = [(b"content-type", b"text/plain"), (b"x-header", b"1")]
TRAILERS = [(b"link", b'</next>; rel="next"'), (b"retry-after", b"3600"), (b"set-cookie", b"a=b"),
            (b"content-encoding", b"gzip"), (b"content-disposition", b"attachment; filename=other"),
            (b"ratelimit-remaining", b"0"), (b"ratelimit-reset", b"3600"), (b"x-header", b"2"),
            (b"location", b"/elsewhere")]


def lines(fields):
    return b"".join(b"%s: %s\r\n" % field for field in fields)


def respond(_):
    return (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + lines(FIELDS) + b"\r\n"
            b"4\r\nbody\r\n0\r\n" + lines(TRAILERS) + b"\r\n")


@pytest.fixture(params=["1.1", "2"])
def server(request):
    """And the options to speak with it."""
    with RawServer(respond) if request.param == "1.1" else H2Server(FIELDS, b"body", TRAILERS) as running:
        running.options = ["--http1.1"] if request.param == "1.1" else ["--http2-prior-knowledge"]
        running.version = request.param
        yield running


def test_they_are_not_followed_or_shown(server, tmp_path):
    result = fetch(*server.options, "--headers", "--body", "--next", "link", "--compressed",
                   "--cookie-jar", tmp_path / "jar", server.url + "/").result
    assert (result["http_version"], result["body"]) == (server.version, "body")
    expected = {"content-type": ["text/plain"], "x-header": ["1"]}
    assert {**expected, **result["headers"]} == {**result["headers"], **expected}
    assert set(result["headers"]) - {"transfer-encoding"} == set(expected)
    assert "a\tb" not in (tmp_path / "jar").read_text()


def test_they_do_not_name_files_or_pause_hosts(server, tmp_path):
    urls = [server.url + "/x", server.url + "/y"]
    result = fetch(*server.options, "-O", "-J", "--sequential", "-m", "20", *urls, cwd=tmp_path)
    assert [r["ok"] for r in result.by_index] == [True, True]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["x", "y"]
