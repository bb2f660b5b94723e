"""Names with several addresses, some of which do not work: the next one is tried, as in curl."""

import contextlib
import itertools

import pytest

from harness import fetch, full_backlog, soon, targets

TIME_LIMIT = 6 * (1 if soon(1) == 1 else 5)  # of a connection; libcurl gives an address half of it
REFUSED = ["127.0.0.31", "127.0.0.32", "127.0.0.33", "127.0.0.34"]
DEAD = ["127.0.0.41", "127.0.0.42", "127.0.0.43"]
UNREACHABLE = "255.255.255.255"  # connect() fails at once
GOOD = "127.0.0.1"


@pytest.fixture
def dead(origin):
    """Addresses where nobody answers at the origin's port."""
    with contextlib.ExitStack() as stack:
        for address in DEAD:
            stack.enter_context(full_backlog(address, origin.port))
        yield DEAD


class Names:
    """Options that give names their addresses, and URLs with these names."""

    def __init__(self, origin, scheme="http"):
        self.port = origin.port if scheme == "http" else origin.tls_port
        self.scheme, self.options, self.urls = scheme, [], []

    def add(self, kinds, path="/nothing"):
        left = {"r": iter(REFUSED), "d": iter(DEAD), "u": itertools.repeat(UNREACHABLE),
                "g": itertools.repeat(GOOD)}
        name = f"{kinds}{len(self.urls)}.test:{self.port}"
        addresses = ",".join(next(left[kind]) for kind in kinds)
        self.options += ["--resolve", f"{name}:{addresses}"]
        self.urls.append(f"{self.scheme}://{name}{path}")


def assert_all_good(result, count):
    assert result.code == 0, [r for r in result.results if not r["ok"]]
    assert [r["remote_ip"] for r in result.results] == [GOOD] * count
    assert [r["attempts"] for r in result.results] == [1] * count


def orders(kinds, longest):
    """All sequences of these kinds that have a good one."""
    for length in range(1, longest + 1):
        for order in itertools.product(kinds, repeat=length):
            if "g" in order:
                yield "".join(order)


def test_a_good_address_is_found_at_any_place(origin, dead):
    names = Names(origin)
    for order in orders("drg", 4):
        names.add(order)
    result = fetch("--connect-timeout", TIME_LIMIT, "--retry", 0, *names.options, *names.urls)
    assert_all_good(result, len(names.urls))


@pytest.mark.parametrize("order", ["rg", "ug", "rrrg", "uuug", "urug", "ruurg"])
def test_an_address_that_fails_at_once_takes_no_time(origin, order):
    names = Names(origin)
    names.add(order)
    result = fetch("--connect-timeout", "100", "--retry", 0, *names.options, *names.urls)
    assert_all_good(result, 1)
    # Half of the time limit is what libcurl gives to an address.
    assert result.result["time_total"] < soon(30)


def test_an_address_that_is_denied_takes_no_time(origin):
    names = Names(origin)
    names.add("rrrg")
    result = fetch("--connect-timeout", "100", "--retry", 0, "--deny-net", "127.0.0.32/31",
                   *names.options, *names.urls)
    assert_all_good(result, 1)
    assert result.result["time_total"] < soon(30)


def test_a_hundred_at_once_find_the_good_address(origin, dead):
    names = Names(origin)
    names.add("dg", "/nothing?[1-100]")
    names.add("rdrg", "/nothing?[1-100]")
    result = fetch("-c", 100, "--connect-timeout", TIME_LIMIT, "--retry", 0, *names.options,
                   *names.urls)
    assert_all_good(result, 200)


def test_one_by_one_find_the_good_address(origin, dead):
    names = Names(origin)
    for order in ("dg", "rg", "rdg"):
        names.add(order)
    result = fetch("--sequential", "--connect-timeout", 4, "--retry", 0, *names.options,
                   *names.urls)
    assert_all_good(result, 3)


def test_over_tls(origin, dead):
    names = Names(origin, "https")
    names.add("rrg")
    names.add("rug")
    result = fetch("-k", "--connect-timeout", "100", "--retry", 0, *names.options, *names.urls)
    assert_all_good(result, 2)
    assert all(r["time_total"] < soon(30) for r in result.results)


def test_after_a_redirect(origin, dead):
    names = Names(origin)
    names.add("rdg")
    result = fetch("-L", "--connect-timeout", TIME_LIMIT, "--retry", 0, *names.options,
                   origin.http + "/redirect-to?url=" + names.urls[0])
    assert_all_good(result, 1)
    assert targets(origin.seen())[-1] == "/nothing"


def test_a_proxy_with_several_addresses(origin, dead):
    names = Names(origin)
    names.add("rdg", "")
    result = fetch("--connect-timeout", TIME_LIMIT, "--retry", 0, *names.options, "-x",
                   names.urls[0], "http://target.example/nothing")
    assert_all_good(result, 1)


@pytest.mark.parametrize("order", ["rr", "rrrr", "uu", "uru"])
def test_no_good_address_is_a_connect_failure(origin, order):
    names = Names(origin)
    names.add(order)
    result = fetch("--connect-timeout", "100", "--retry", 0, *names.options, *names.urls).result
    assert (result["ok"], result["error"], result["exitcode"]) == (False, "connect", 7)
    assert result["time_total"] < soon(30)
