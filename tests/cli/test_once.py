"""
A request whose method is not idempotent is sent once (RFC 9110, 9.2.2), also where libcurl would send
it again by itself: on a connection that was used before and breaks.
"""

import pytest

from harness import fetch, targets
from raw_server import CLOSE, RawServer, response

AT_ONCE = ["--retry-delay", "1ms"]
NOT_IDEMPOTENT = [["-d", "x"], ["-X", "PATCH", "-d", "x"], ["-X", "LINK"], ["-X", "post"]]
IDEMPOTENT = [[], ["-I"], ["-X", "PUT", "-d", "x"], ["-X", "DELETE"], ["-X", "OPTIONS"]]


def break_second(request):
    """Reads the second request on each connection, and closes it."""
    return response() if request.number == 1 else None


def fetch_two(server, *args):
    return fetch("--sequential", *args, server.url + "/first", server.url + "/order")


@pytest.mark.parametrize("args", NOT_IDEMPOTENT, ids=str)
@pytest.mark.parametrize("retry", [[], ["--retry", "0"], ["--retry", "3", *AT_ONCE],
                                   ["--retry-all-errors"]], ids=str)
def test_what_is_not_idempotent_is_sent_once(args, retry):
    with RawServer(break_second) as server:
        _, order = fetch_two(server, *args, *retry).by_index
        assert (order["ok"], order["error"], order["attempts"]) == (False, "connect", 1)
        assert "not sent again" in order["errormsg"]
        assert server.targets == ["/first", "/order"]


@pytest.mark.parametrize("args", NOT_IDEMPOTENT, ids=str)
def test_unless_all_errors_are_tried_again(args):
    with RawServer(break_second) as server:
        _, order = fetch_two(server, *args, "--retry", "2", "--retry-all-errors", *AT_ONCE).by_index
        assert (order["ok"], order["attempts"]) == (True, 2), order
        assert server.targets == ["/first", "/order", "/order"]


@pytest.mark.parametrize("args", IDEMPOTENT, ids=str)
def test_what_is_idempotent_may_be_sent_again(args):
    with RawServer(break_second) as server:
        assert fetch_two(server, *args).code == 0
        assert server.targets == ["/first", "/order", "/order"]


def test_the_method_that_a_redirect_leads_to_counts():
    """A 303 makes a GET of a POST, and this one may be sent again; a 307 leaves it a POST."""
    def respond(request):
        if request.target in ("/303", "/307"):
            return response(b"", b"Location: /to", status=request.target[1:].encode() + b" Other")
        return response() if request.connection > 1 else None

    with RawServer(respond) as server:
        assert fetch("-d", "x", server.url + "/303").result["ok"]
        assert [(r.method, r.target) for r in server.requests] == [
            ("POST", "/303"), ("GET", "/to"), ("GET", "/to")]
    with RawServer(respond) as server:
        assert fetch("-d", "x", server.url + "/307").result["error"] == "connect"
        assert [(r.method, r.target) for r in server.requests] == [("POST", "/307"), ("POST", "/to")]


def test_a_request_is_sent_again_if_the_response_asks_for_it(origin):
    """A redirect, and a login that needs a challenge first."""
    def respond(request):
        if b"Authorization:" in request.head:
            return response()
        return response(b"", b'WWW-Authenticate: Digest realm="r", nonce="n", qop="auth"',
                        status=b"401 Unauthorized")

    with RawServer(respond) as server:
        assert fetch("--curl", "HTTPAUTH=2", "-u", "u:p", "-d", "x", server.url).result["http_code"] == 200
        assert [r.body for r in server.requests] == [b"", b"x"]
        assert server.connections == 1
    assert fetch("-d", "x", origin.http + "/redirect-to?url=/echo&status=307").result["ok"]


def test_connections_are_still_used_again(origin):
    urls = [f"{origin.http}/nothing?i={i}" for i in range(20)]
    result = fetch("--sequential", "-d", "x", *urls)
    assert sum(r["num_connects"] for r in result.results) == 1
    assert len(targets(origin.seen())) == 20


def test_a_connection_that_was_closed_before_is_made_anew():
    """Nothing was sent over it."""
    def respond(request):
        return response() + CLOSE

    with RawServer(respond) as server:
        urls = [f"{server.url}/{i}" for i in range(3)]
        result = fetch("--chunk", "1", "--chunk-pause", "0.2", "-d", "x", *urls)
        assert result.code == 0 and server.targets == ["/0", "/1", "/2"]


def test_one_that_breaks_does_not_wear_out_the_others():
    """libcurl counts, for each handle, how often it has sent something again."""
    with RawServer(break_second) as server:
        urls = [f"{server.url}/{i}" for i in range(20)]
        result = fetch("--sequential", "-d", "x", *urls)
        assert [r["ok"] for r in result.by_index] == [True, False] * 10
        assert {r["errormsg"] for r in result.by_index[1::2]} == {result.by_index[1]["errormsg"]}
        assert server.targets == [f"/{i}" for i in range(20)]


def test_what_an_http_2_server_refused_is_sent_again(short_lived_nginx):
    """
    It says which requests it has not acted on (RFC 9113, 6.8): about 90 of these. libcurl 7.88 fails
    a few of its own, and a connection may break before the response to one that was acted on.
    """
    urls = [f"{short_lived_nginx.https}/{i}" for i in range(300)]
    result = fetch("-k", "-c", "30", "-d", "x", *urls)
    assert {r["http_version"] for r in result.results if r["ok"]} == {"2"}
    assert sum(r["error"] == "connect" for r in result.results) < 20
