"""
How often a name is looked up, and what is made of names that change. In a mount namespace of its own gather's resolver is one of ours, which
counts the questions and takes its time.
"""

import collections
import json
import os
import shlex
import socket
import subprocess
import threading
import time

import pytest

from harness import ARGS, fetch

IPV4, NO_SUCH_NAME = 1, 3
NAME_AND_TTL = bytes([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4])  # the name asked for, for no time
BIND = 'exec unshare -m sh -c \'mount --bind "$0" /etc/resolv.conf && exec "$@"\' %s "$@"'


class Resolver:
    """
    Every name is 127.0.0.1, and has no IPv6; but those below "nowhere" are not there, and those in
    answers have the addresses of the next of these, and of the last for ever.
    """

    def __init__(self, address, delay):
        self.delay = delay
        self.asked = collections.Counter()  # by name, for its IPv4 address
        self.answers = {}  # by name: a list of lists of addresses
        self.is_silent = False
        self.open = self.most_open = 0  # names, at once
        self.lock = threading.Lock()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        self.socket.settimeout(0.1)
        self.is_over = False
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        while not self.is_over:
            try:
                packet, sender = self.socket.recvfrom(512)
            except TimeoutError:
                continue
            name, at = [], 12
            while packet[at]:
                name.append(packet[at + 1:at + 1 + packet[at]].decode())
                at += 1 + packet[at]
            is_ipv4, whole, addresses = packet[at + 2] == IPV4, ".".join(name), ["127.0.0.1"]
            with self.lock:
                if is_ipv4:
                    answers = self.answers.get(whole, [addresses])
                    addresses = answers[min(self.asked[whole], len(answers) - 1)]
                    self.asked[whole] += 1
                    self.open += 1
                    self.most_open = max(self.open, self.most_open)
            if self.is_silent:
                continue
            threading.Timer(self.delay, self.answer,
                            [packet[:at + 5], sender, is_ipv4, addresses,
                             name[-1] == "nowhere"]).start()

    def answer(self, question, sender, is_ipv4, addresses, is_nowhere):
        records = [NAME_AND_TTL + socket.inet_aton(address) for address in addresses
                   if is_ipv4 and not is_nowhere]
        flags = bytes([0x81, 0x80 | (NO_SUCH_NAME if is_nowhere else 0)])
        counts = bytes([0, 1, 0, len(records), 0, 0, 0, 0])
        with self.lock:
            self.open -= is_ipv4
        self.socket.sendto(question[:2] + flags + counts + question[12:] + b"".join(records), sender)

    def stop(self):
        self.is_over = True
        self.thread.join()
        time.sleep(self.delay)  # for the last answers
        self.socket.close()


@pytest.fixture
def resolver(tmp_path):
    """The resolver, with .shell for run(): makes gather ask it."""
    address = "127.53.%d.%d" % divmod(os.getpid() % 0xFFFF, 256)
    config = tmp_path / "resolv.conf"
    config.write_text(f"nameserver {address}\n")
    shell = BIND % shlex.quote(str(config))
    if subprocess.run(["bash", "-c", shell, "bash", "true"], capture_output=True).returncode:
        pytest.skip("cannot mount here")
    try:
        server = Resolver(address, 0.15)
    except PermissionError:
        pytest.skip("cannot have port 53 here")
    server.shell = shell
    yield server
    server.stop()


def workers(args):
    """Each has what libcurl knows of names for itself."""
    words = [*ARGS, *args]
    at = len(words) - 1 - words[::-1].index("--threads")
    return int(words[at + 1])


@pytest.mark.parametrize("args", [["--threads", "1"], ["--threads", "2"]], ids=str)
def test_a_new_host_is_looked_up_once(origin, resolver, args):
    base = f"http://one.example:{origin.port}"
    result = fetch("-c", "100", *args, *(f"{base}/nothing?{i}" for i in range(200)),
                   shell=resolver.shell)
    assert [r["ok"] for r in result.by_index] == [True] * 200
    assert list(resolver.asked) == ["one.example"]
    assert 1 <= resolver.asked["one.example"] <= workers(args)


def test_each_of_many_hosts_is_looked_up_once_and_not_all_at_once(origin, resolver):
    urls = [f"http://h{i}.example:{origin.port}/nothing?{k}" for k in range(2) for i in range(150)]
    result = fetch("-c", "300", "--threads", "1", *urls, shell=resolver.shell)
    assert [r["ok"] for r in result.by_index] == [True] * 300
    assert resolver.asked == {f"h{i}.example": 1 for i in range(150)}
    assert 2 <= resolver.most_open <= 64


def test_who_waits_for_a_name_that_is_not_there_hears_it_too(origin, resolver):
    urls = [f"http://no.nowhere:{origin.port}/{i}" for i in range(50)]
    result = fetch("--threads", "1", *urls, shell=resolver.shell)
    assert [(r["error"], r["attempts"]) for r in result.by_index] == [("dns", 1)] * 50
    assert resolver.asked == {"no.nowhere": 1}
    assert all(r["time_queue"] is not None and r["started_at"] for r in result.results)


def test_a_look_up_that_failed_for_many_is_tried_again(origin, resolver):
    urls = [f"http://no.nowhere:{origin.port}/{i}" for i in range(20)]
    result = fetch("--threads", "1", "--retry", "2", "--retry-delay", "1ms", *urls,
                   shell=resolver.shell)
    assert [(r["error"], r["attempts"]) for r in result.by_index] == [("dns", 3)] * 20
    assert all(r["time_queue"] is not None and r["started_at"] for r in result.results)


def test_who_waits_with_the_same_limit_hears_that_it_is_over(origin, resolver):
    resolver.is_silent = True
    urls = [f"http://slow.example:{origin.port}/nothing?{i}" for i in range(3)]
    result = fetch("--threads", "1", "-m", "2", *urls, shell=resolver.shell)
    assert [(r["error"], r["attempts"]) for r in result.by_index] == [("timeout", 1)] * 3
    assert resolver.asked == {"slow.example": 1}


def jobs(*jobs):
    return "\n".join(json.dumps(dict(job)) for job in jobs).encode()


def test_who_asks_may_give_up_and_another_one_asks(origin, resolver):
    """The time of those that wait has not begun."""
    resolver.delay = 1
    url = f"http://slow.example:{origin.port}/nothing"
    result = fetch("--threads", "1", stdin=jobs({"url": url, "max_time": 0.1}, {"url": url + "?1"},
                                                {"url": url + "?2"}), shell=resolver.shell)
    assert [r["error"] for r in result.by_index] == ["timeout", None, None]
    assert resolver.asked == {"slow.example": 2}


def test_a_resolver_that_says_nothing_holds_up_nobody_else(origin, resolver):
    """Not the loop, which has another transfer, nor the end of the run: it tries for 10 seconds."""
    resolver.is_silent = True
    began = time.monotonic()
    result = fetch("--threads", "1", stdin=jobs(
        {"url": f"http://slow.example:{origin.port}/", "max_time": 0.5},
        {"url": origin.http + "/delay/1"}), shell=resolver.shell)
    assert [r["error"] for r in result.by_index] == ["timeout", None]
    assert result.by_index[1]["time_total"] < 5 and time.monotonic() - began < 7


# A name that was good when it was asked for first. 127.0.0.2 may be connected to, 127.0.0.1 may not.
GUARD = ["--deny-private", "--allow-net", "127.0.0.2", "--threads", "1", "-k"]
GOOD, BAD = ["127.0.0.2"], ["127.0.0.1"]
ANEW = ["--curl", "DNS_CACHE_TIMEOUT=0", "-H", "Connection: close"]


@pytest.mark.parametrize("how", ["another port", "asked again", "redirect", "retry", "derived"])
def test_a_name_that_changes_is_judged_by_what_it_is_now(origin, resolver, how):
    resolver.answers = {"re.example": [GOOD, BAD]}
    url, tls = (f"{scheme}://re.example:{port}" for scheme, port in (
        ("http", origin.port), ("https", origin.tls_port)))
    result = fetch(*GUARD, "--sequential", *{
        "another port": [url + "/nothing", tls + "/nothing"],
        "asked again": [*ANEW, url + "/nothing?1", url + "/nothing?2"],
        "redirect": [f"{url}/redirect-to?url={tls}/nothing"],
        "retry": [*ANEW, "--retry", "3", "--retry-delay", "1ms", url + "/flaky/9"],
        "derived": ["--follow", "/query/u", f"{url}/json/a?u={tls}/nothing"],
    }[how], shell=resolver.shell)
    last = result.by_index[-1]
    assert (last["error"], last["errormsg"]) == (
        "denied", "127.0.0.1 is not to be connected to: it is in 127.0.0.0/8")
    assert resolver.asked == {"re.example": 2}
    assert origin.seen()["requests"] == origin.seen()["connections"] == 1


@pytest.mark.parametrize("addresses", [GOOD + BAD, BAD + GOOD], ids=str)
def test_of_the_addresses_of_a_name_only_those_that_may_are_used(origin, resolver, addresses):
    resolver.answers = {"re.example": [addresses]}
    urls = [f"http://re.example:{origin.port}/nothing?{i}" for i in range(5)]
    results = fetch(*GUARD, *ANEW, *urls, shell=resolver.shell).by_index
    assert [(r["ok"], r["remote_ip"]) for r in results] == [(True, "127.0.0.2")] * 5


def test_a_name_that_becomes_good_is_good(origin, resolver):
    resolver.answers = {"re.example": [BAD, GOOD]}
    urls = [f"http://re.example:{origin.port}/nothing?{i}" for i in range(2)]
    results = fetch(*GUARD, *ANEW, "--sequential", *urls, shell=resolver.shell).by_index
    assert [r["error"] for r in results] == ["denied", None]
