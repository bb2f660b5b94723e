"""Where descriptors are few: connections that are kept for later requests are closed first."""

import os
import re
import resource

import pytest

from harness import fetch, loads, run, start, without_wrapper
from origin import Origin

pytestmark = without_wrapper  # it has descriptors of its own


@pytest.fixture(scope="module")
def hosts():
    """A function that makes URLs, each of another host."""
    with Origin("--host", "0.0.0.0") as everywhere:
        def make(count, path="/nothing", first=0):
            return [f"http://127.1.{i // 250}.{i % 250 + 1}:{everywhere.port}{path}"
                    for i in range(first, first + count)]
        yield make


def limited(limit):
    return f'ulimit -n {limit}; exec "$@"'


def lines(urls):
    return "".join(url + "\n" for url in urls).encode()


def assert_all_ok(result, count):
    assert [r["errormsg"] for r in result.by_index if not r["ok"]] == []
    assert len(result.results) == count and result.code == 0


@pytest.mark.parametrize("threads", [1, 4])
@pytest.mark.parametrize("limit, concurrency, count", [
    (64, 10, 200), (64, 1000, 200), (80, 40, 200), (128, 100, 300), (256, 100, 500),
    (400, 1000, 800)])
def test_more_hosts_than_descriptors(hosts, limit, concurrency, count, threads):
    result = fetch("-c", concurrency, "--threads", threads, stdin=lines(hosts(count)),
                   shell=limited(limit))
    assert_all_ok(result, count)


@pytest.mark.parametrize("options", [["--per-host", "2"], ["--host-rate", "100/s"]],
                         ids=lambda options: options[0])
def test_hosts_that_stay_on_one_thread(hosts, options):
    result = fetch("-c", 60, "--threads", 4, *options, stdin=lines(hosts(300)),
                   shell=limited(128))
    assert_all_ok(result, 300)


def test_redirects_to_other_hosts(hosts):
    targets = hosts(200, first=500)
    urls = [url + "/redirect-to?url=" + target
            for url, target in zip(hosts(200, path=""), targets)]
    result = fetch("-c", 20, "-L", stdin=lines(urls), shell=limited(64))
    assert_all_ok(result, 200)
    assert [r["url_effective"] for r in result.by_index] == targets


def test_descriptors_that_others_have_left_open_count(hosts):
    result = fetch("-c", 100, stdin=lines(hosts(200)),
                   shell='for i in {10..69}; do eval "exec $i</dev/null"; done; ' + limited(128))
    assert_all_ok(result, 200)


def test_bodies_that_are_saved_while_they_come(hosts, tmp_path):
    """Each takes a descriptor for its part, and one for the directory that it is in."""
    result = fetch("-c", 100, "-o", "{host}/{index}", "--output-dir", tmp_path,
                   stdin=lines(hosts(120, "/bytes/200000")), shell=limited(64))
    assert_all_ok(result, 120)


def test_connections_are_still_used_again(hosts):
    """Room for all of 20 hosts means one connection for each, where one thread has all of them."""
    result = fetch("-c", 10, "--threads", 1, stdin=lines(hosts(20) * 10), shell=limited(100))
    assert_all_ok(result, 200)
    assert sum(r["num_connects"] for r in result.results) == 20
