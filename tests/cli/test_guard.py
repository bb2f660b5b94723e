"""Which addresses may be connected to: --deny-private, --deny-net, --allow-net."""

import pytest

from harness import environment, fetch, run

PRIVATE = "--deny-private"


def fetched(origin, host, *args):
    """The only result for a host that is the origin under some name, and what the origin saw."""
    result = fetch(*args, f"http://{host}:{origin.port}/nothing")
    return result.result, origin.seen()["connections"]


# Ways to say 127.0.0.1, ::1, 0.0.0.0 and ::, all of which are this machine.
SPELLINGS = """127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.1 0x7F.0x0.0x0.0x1 0177.0.0.1
017700000001 127.0.0.1. user@127.0.0.1 8.8.8.8@127.0.0.1 user:8.8.8.8@127.0.0.1 localhost LOCALHOST
localhost. a.localhost [::1] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1] [::ffff:7f00:1] [::127.0.0.1]
[0:0:0:0:0:ffff:127.0.0.1] 0 0.0.0.0 0x0 [::] 127\u30020\u30020\u30021 \u2460\u2461\u2466.0.0.1
[64:ff9b::127.0.0.1] [2002:7f00:1::]""".split()


@pytest.mark.parametrize("host", SPELLINGS)
def test_this_machine_under_any_name(origin, host):
    result, connections = fetched(origin, host, PRIVATE)
    assert not result["ok"] and connections == 0
    assert result["error"] in ("denied", "input", "dns")
    if host[0].isdigit() and host.isascii() and not host.endswith("."):
        assert result["error"] == "denied"


def test_the_message_says_why(origin):
    result, _ = fetched(origin, "127.0.0.1", PRIVATE)
    assert (result["error"], result["exitcode"], result["http_code"]) == ("denied", 7, 0)
    assert result["errormsg"] == "127.0.0.1 is not to be connected to: it is in 127.0.0.0/8"


def test_without_a_guard_all_may_be_connected_to(origin):
    assert fetched(origin, "127.1")[0]["ok"]


def test_a_name_is_judged_by_its_addresses(origin):
    result, connections = fetched(origin, "h.example", PRIVATE, "--resolve",
                                  f"h.example:{origin.port}:127.0.0.1")
    assert (result["error"], connections) == ("denied", 0)


def test_of_several_addresses_those_that_may_are_used(origin):
    result, _ = fetched(origin, "h.example", "--deny-net", "127.0.0.2", "--resolve",
                        f"h.example:{origin.port}:127.0.0.2,127.0.0.1")
    assert result["ok"] and result["remote_ip"] == "127.0.0.1"


@pytest.mark.parametrize("args, error", [
    ([PRIVATE, "--allow-net", "127.0.0.1"], None),
    ([PRIVATE, "--allow-net", "127.0.0.0/8"], "denied"),  # as large as what denies
    ([PRIVATE, "--allow-net", "127.0.0.0/16"], None),
    ([PRIVATE, "--allow-net", "127.0.0.0/16", "--deny-net", "127.0.0.1"], "denied"),
    (["--deny-net", "127.0.0.0/31"], "denied"), (["--deny-net", "127.0.0.2/31"], None),
    (["--deny-net", "::/0"], None), (["--deny-net", "0.0.0.0/0"], "denied"),
])
def test_the_smallest_network_decides(origin, args, error):
    assert fetched(origin, "127.0.0.1", *args)[0]["error"] == error


@pytest.mark.parametrize("where", ["http://127.0.0.2:{port}/nothing", "http://127.2:{port}/",
                                   "http://[::ffff:127.0.0.2]:{port}/"])
def test_every_hop_is_judged(origin, where):
    where = where.format(port=origin.port)
    result = fetch("--deny-net", "127.0.0.2", f"{origin.http}/redirect-to?url={where}").result
    assert (result["error"], result["num_redirects"]) == ("denied", 1)
    assert origin.seen()["requests"] == 1


def test_a_hop_that_may_be_connected_to_but_is_not_there(origin, refused):
    """What was denied before it, for another hop, is no reason."""
    url = f"{origin.http}/redirect-to?url={refused}"
    assert fetch("--deny-net", "127.0.0.2", url).result["error"] == "connect"


def test_what_is_denied_is_not_tried_again(origin):
    result, _ = fetched(origin, "127.0.0.1", PRIVATE, "--retry", "3", "--retry-delay", "10ms")
    assert (result["error"], result["attempts"]) == ("denied", 1)


def test_the_others_go_on(origin):
    result = fetch("--deny-net", "127.0.0.2", f"http://127.0.0.2:{origin.port}/",
                   origin.http + "/nothing")
    assert [r["error"] for r in result.by_index] == ["denied", None] and result.code == 1


def test_derived_requests_are_judged(origin):
    url = f"http://127.0.0.2:{origin.port}/json/x"
    result = fetch("--deny-net", "127.0.0.2", "--follow", "/query/u",
                   f"{origin.http}/json/a?u={url}")
    assert [r["error"] for r in result.by_index] == [None, "denied"]


@pytest.mark.parametrize("args, env", [
    (["-x", "http://127.0.0.1:1"], {}), (["--curl", "PRE_PROXY=socks5://127.0.0.1:1"], {}),
    ([], {"http_proxy": "http://127.0.0.1:1"}), ([], {"ALL_PROXY": "socks5://127.0.0.1:1"}),
])
def test_a_proxy_needs_consent(origin, args, env):
    result = run(PRIVATE, *args, origin.http + "/nothing", env=environment(**env))
    assert (result.code, result.raw) == (2, b"") and "--allow-proxy" in result.err
    assert origin.seen()["connections"] == 0


def test_a_proxy_that_may_is_judged_itself(origin):
    args = [PRIVATE, "--allow-proxy", "-x", origin.http]
    assert fetch(*args, "http://8.8.8.8/nothing").result["error"] == "denied"
    result = fetch(*args, "--allow-net", "127.0.0.1", "http://8.8.8.8/nothing").result
    assert result["ok"] and origin.seen()["log"][0]["absolute"]


def test_no_proxy_is_no_proxy(origin):
    env = environment(no_proxy="example.org")
    assert fetch("--deny-net", "10.0.0.0/8", origin.http + "/nothing", env=env).result["ok"]
    env = environment(http_proxy="http://127.0.0.1:1")
    assert fetch("--deny-net", "10.0.0.0/8", "-x", "", origin.http + "/nothing",
                 env=env).result["ok"]


def test_an_exception_to_nothing_is_a_mistake(origin):
    result = run("--allow-net", "10.0.0.0/8", origin.http)
    assert result.code == 2 and "there is neither" in result.err
