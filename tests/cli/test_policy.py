"""
Whose turn it is: --per-host, --rate and --host-rate, --retry and its kin, and hosts that want to be
left alone. What counts is when the server was asked.
"""

import email.utils
import math
import re
import select
import signal
import time
import urllib.parse

import pytest

from harness import SLOW, apart, enough, fetch, run, soon, start, targets
from test_concurrency import chunks_of, delays, ends, number

AT_ONCE = ["--retry-delay", "10ms"]


@pytest.fixture
def second(origin):
    """The practice origin by its other address, which makes it another host."""
    return f"http://127.0.0.2:{origin.port}"


def asked(seen, base):
    """The log of one host."""
    return [entry for entry in seen["log"] if entry["host"] == base.partition("//")[2]]


def times(entries):
    return [entry["t"] for entry in entries]


def gaps(found):
    return [after - before for before, after in zip(found, found[1:])]


def busiest(found, seconds):
    """The most of these times that lie within any so many seconds."""
    return max(sum(begin <= t < begin + seconds for t in found) for begin in found)


def attempts(result):
    return [r["attempts"] for r in result.by_index]


# A host's share


def test_a_full_host_holds_no_slot_that_another_could_use(origin, second):
    """The first two of sixty keep their host full until the other host has long been done."""
    urls = [*delays(origin, 2, 2.5 if SLOW else 0.5),
            *(f"{origin.http}/delay/0.02?i={i}" for i in range(2, 60)),
            *(f"{second}/nothing?i={i}" for i in range(10))]
    result = fetch("-c", "50", "--per-host", "2", *urls)
    assert ends(result, 70) == ["ok"] * 70
    seen = origin.seen()
    full, idle = asked(seen, origin.http), asked(seen, second)
    assert (len(full), len(idle)) == (60, 10)
    assert idle[0]["t"] - full[0]["t"] < soon(0.25)
    assert max(entry["t_end"] for entry in idle) < full[2]["t"]
    assert seen["hosts"][full[0]["host"]]["most_in_flight"] == 2
    assert seen["hosts"][idle[0]["host"]]["most_in_flight"] <= 2


@pytest.mark.parametrize("args, each, both", [
    (["--per-host", "1"], 1, 2), (["--per-host", "3"], 3, 6), (["--per-host=70"], 70, 140),
    (["--per-host", "3", "-c", "4"], 3, 4), (["--per-host", "9", "--per-host", "2"], 2, 4),
    (["--per-host", "100000", "-c", "5"], 5, 5),
], ids=str)
def test_at_most_so_many_are_in_flight_to_each_host(origin, second, args, each, both):
    seconds = (0.15 if both < 50 else 0.5) * (5 if SLOW else 1)
    count = each + each // 2 + 1
    urls = delays(origin, count, seconds) + [
        f"{second}/delay/{seconds}?i={i}" for i in range(count)]
    assert fetch("-c", "200", *args, *urls).code == 0
    seen = origin.seen()
    assert max(host["most_in_flight"] for host in seen["hosts"].values()) == each
    assert seen["most_in_flight"] == both
    assert seen["requests"] == 2 * count


def test_a_host_is_a_name_and_a_port(origin, other):
    urls = [base + "/hang" for base in (origin.http, other.http) for _ in range(3)]
    with start("--per-host", "1", *urls) as g:
        other.wait(requests=1)
        origin.wait(requests=1)
        g.signal()
        g.end()
    assert [server.wait(in_flight=0)["requests"] for server in (origin, other)] == [1, 1]


def test_a_host_is_asked_in_the_order_of_the_list(origin, second):
    urls = [f"{base}/delay/0.01?i={i}" for i in range(20) for base in (origin.http, second)]
    assert fetch("--per-host", "1", *urls).code == 0
    for base in (origin.http, second):
        assert [number(entry) for entry in asked(origin.seen(), base)] == [*range(20)]


def test_max_time_does_not_count_the_wait_for_the_host(origin):
    """It takes twice as long as any of them may."""
    seconds = 5 if SLOW else 1
    result = fetch("--per-host", "2", "-m", seconds, *delays(origin, 20, seconds / 5))
    assert ends(result, 20) == ["ok"] * 20
    assert times(origin.seen()["log"])[-1] > seconds


# Rates


def test_rate_spreads_the_starts_over_all_hosts(origin, second):
    urls = [f"{base}/nothing?i={i}" for i in range(75) for base in (origin.http, second)]
    result = fetch("--rate", "50/s", *urls)
    assert ends(result, 150) == ["ok"] * 150
    found = times(origin.seen()["log"])
    assert apart(0.97 * 149 / 50) <= found[-1] - found[0] < soon(5)
    assert busiest(found, 1) <= soon(51 + 5)  # some may have been held up on their way


def test_host_rate_spreads_the_starts_for_each_host(origin, second):
    urls = [f"{base}/nothing?i={i}" for base in (origin.http, second) for i in range(20)]
    result = fetch("--host-rate", "20/s", *urls)
    assert ends(result, 40) == ["ok"] * 40
    found = [times(asked(origin.seen(), base)) for base in (origin.http, second)]
    for mine, others in (found, found[::-1]):
        assert apart(0.95 * 19 / 20) <= mine[-1] - mine[0] < soon(2)
        assert mine[0] < others[10] or SLOW


@pytest.mark.parametrize("option, value, seconds", [
    ("--rate", "5/s", 0.2), ("--rate", "4/2s", 0.5), ("--rate", "240/m", 0.25),
    ("--rate", "14400/h", 0.25), ("--rate", "864000/2d", 0.2), ("--host-rate", "6/2s", 0.33),
    ("--host-rate", "240/m", 0.25)])
def test_a_rate_may_have_any_unit(origin, option, value, seconds):
    """Three, of which the first may have been held up on its way."""
    assert fetch(option, value, *[origin.http + "/nothing"] * 3).code == 0
    first, _, last = times(origin.seen()["log"])
    assert apart(1.5 * seconds) <= last - first < soon(2 * seconds + 1.5)


def test_retries_obey_the_rate(origin):
    result = fetch("--rate", "5/s", "--retry", "3", *AT_ONCE, origin.http + "/flaky/3")
    assert attempts(result) == [4]
    found = times(origin.seen()["log"])
    assert found[-1] - found[0] >= apart(0.95 * 3 / 5)


# When a request is tried again


def test_a_retry_waits_for_the_delay(origin):
    result = run("--json", "--retry", "3", "--retry-delay", "0.3", origin.http + "/flaky/3",
                 origin.http + "/nothing")
    assert result.code == 0
    assert [r["attempts"] for r in result.document["results"]] == [4, 1]
    assert result.document["summary"]["retries"] == 3
    entries = [e for e in origin.seen()["log"] if e["path"] == "/flaky/3"]
    assert len(entries) == 4
    assert all(gap >= 0.3 for gap in gaps(times(entries)))


def test_the_summary_counts_retries(origin):
    again = ["--jsonl", "--retry", "2", *AT_ONCE]
    assert "retr" not in run(*again, origin.http + "/nothing").err
    assert ", 1 retry" in run(*again, origin.http + "/flaky/1").err
    assert ", 2 retries" in run(*again, origin.http + "/status/500").err


def test_the_summary_counts_what_all_attempts_cost(origin):
    limit = 3 if SLOW else 0.3
    document = run("--json", "--retry", "2", *AT_ONCE, "-m", limit,
                   origin.http + "/hang?after=10").document
    summary, last = document["summary"], document["results"][0]
    assert (last["num_connects"], summary["connections"]) == (1, 3)
    assert (last["size_download"], summary["bytes"]) == (10, 30)
    assert summary["transfer_time"] >= 3 * enough(limit)


def test_without_a_delay_retries_are_spread_over_a_second(origin):
    """Forty that fail at the same moment do not come back at the same moment."""
    result = fetch("--retry", "1", *(f"{origin.http}/flaky/1?key={i}" for i in range(40)))
    assert attempts(result) == [2] * 40
    log = origin.seen()["log"]
    waits = [times([e for e in log if e["path"] == path]) for path in set(targets({"log": log}))]
    waits = sorted(again - once for once, again in waits)
    assert waits[10] < soon(0.6) and waits[-10] > 0.4
    assert waits[-1] < soon(2)


def test_who_waits_for_a_retry_holds_no_slot_and_then_goes_first(origin):
    urls = [origin.http + "/flaky/1?i=10", *delays(origin, 10, 0.05)]
    result = fetch("-c", "1", "--retry", "1", "--retry-delay", "0.12", *urls)
    assert result.code == 0
    order = [number(entry) for entry in origin.seen()["log"]]
    assert sorted(order) == [*range(11), 10]
    assert order[:2] == [10, 0] and order[-1] == 9


def test_max_time_is_for_each_attempt(origin):
    args = ["--retry", "2", *AT_ONCE, "-m", "2" if SLOW else "0.4"]
    result = fetch(*args, origin.http + "/flaky/2?status=hang")
    assert result.result["ok"] and result.result["attempts"] == 3
    assert origin.wait(closed_early=2)["requests"] == 3


@pytest.mark.parametrize("how", ["503", "429", "500", "reset", "empty"])
def test_who_recovers_succeeds(origin, how):
    result = fetch("--retry", "5", *AT_ONCE, f"{origin.http}/flaky/2?status={how}").result
    assert (result["ok"], result["http_code"], result["error"]) == (True, 200, None)
    assert result["attempts"] == origin.seen()["requests"] == 3


def test_who_does_not_recover_fails_when_the_retries_are_used_up(origin):
    result = fetch("--retry", "2", *AT_ONCE, origin.http + "/flaky/3").result
    assert (result["error"], result["http_code"], result["attempts"]) == ("http", 503, 3)
    assert origin.seen()["requests"] == 3


def test_retry_max_time_ends_it(origin):
    args = ["--retry", "100", "--retry-delay", "0.2"]
    result = fetch(*args, "--retry-max-time", "0.5", origin.http + "/status/503").result
    assert (result["error"], result["http_code"]) == ("http", 503)
    # 0, 0.2 and 0.4 s; a machine that is held up has time for fewer.
    assert result["attempts"] == origin.seen()["requests"] in ((1, 2, 3) if SLOW else (2, 3))


def test_retry_max_time_ends_it_at_once_when_the_host_asks_for_more(origin):
    result = fetch("--retry", "3", "--retry-max-time", "1", "--deadline", "20",
                   origin.http + "/status/503?Retry-After=100").result
    assert (result["error"], result["attempts"]) == ("http", 1)


def test_retry_max_time_is_not_outlasted_by_the_pause_of_the_host(origin):
    """While it sleeps, another one is told to leave the host alone for longer than it may take."""
    result = fetch("-c", "1", "--retry", "1", "--retry-delay", "0.5", "--retry-max-time", "1",
                   origin.http + "/flaky/1", origin.http + "/status/429?Retry-After=2")
    assert attempts(result) == [1, 1]
    assert [r["http_code"] for r in result.by_index] == [503, 429]
    assert origin.seen()["requests"] == 2


# What is tried again

POST, ALL = ["-d", "x"], ["--retry-all-errors"]


def on(statuses):
    return ["--retry-on", statuses]


@pytest.mark.parametrize("path, args, tries", [
    ("/nothing", [], 1),
    *((f"/status/{code}", [], 2) for code in (408, 429, 500, 502, 503, 504, 522, 524)),
    *((f"/status/{code}", [], 1) for code in (202, 304, 400, 401, 403, 404, 410, 501, 505, 523)),
    ("/redirect-to?url=/status/503", [], 2), ("/redirect-loop", [], 1),
    ("/reset", [], 2), ("/reset?after=10", [], 2), ("/empty", [], 2),
    ("/truncate", [], 2), ("/truncate-chunked", [], 2),
    ("/hang", ["-m", "0.2"], 2), ("/hang?after=10", ["-m", "0.2"], 2),
    ("/garbage", [], 1), ("/bad-gzip", ["--compressed"], 1), ("/bad-header", [], 1),
    ("/bytes/100", ["--max-filesize", "10"], 1),
    ("/status/503", ["--accept", "503"], 1),
    # After bytes were sent, only what may be sent twice.
    ("/status/503", POST, 1), ("/reset", POST, 1), ("/empty", POST, 1),
    ("/hang", [*POST, "-m", "0.2"], 1), ("/truncate", POST, 1),
    ("/status/503", [*POST, *ALL], 2), ("/reset", [*POST, *ALL], 2),
    ("/status/503", ["-X", "PATCH", *POST], 1),
    *(("/status/503", ["-X", method], 2) for method in ("GET", "PUT", "DELETE", "OPTIONS")),
    ("/status/503", ["-I"], 2), ("/status/503", ["-X", "PUT", *POST], 2),
    ("/status/404", ALL, 2), ("/garbage", ALL, 2), ("/redirect-loop", [*ALL, *AT_ONCE], 2),
    ("/nothing", ALL, 1), ("/status/202", ALL, 1),
    ("/status/404", on("404"), 2), ("/status/503", on("404"), 1), ("/reset", on("404"), 2),
    ("/status/429", on("404"), 1), ("/status/202", on("202"), 2), ("/nothing", on("202"), 1),
    ("/status/404", on("400-499"), 2), ("/status/503", on("400-499,503"), 2),
    ("/status/404", [*POST, *on("404")], 1), ("/status/404", [*POST, *on("404"), *ALL], 2),
    ("/status/503", [*on("404"), *ALL], 2),
], ids=str)
def test_what_is_tried_again(origin, path, args, tries):
    result = fetch("--retry", "1", *AT_ONCE, "--max-redirs", "3", *args, origin.http + path).result
    assert result["attempts"] == tries
    seen = origin.wait(in_flight=0)
    assert sum(entry["path"] == path for entry in seen["log"]) == tries * (
        4 if path == "/redirect-loop" else 1)


@pytest.mark.parametrize("args", [[], POST], ids=str)
def test_a_refused_connection_is_tried_again(refused, args):
    """Even with a method that may not be sent twice: it was not sent."""
    result = fetch("--retry", "2", *AT_ONCE, *args, refused).result
    assert (result["error"], result["attempts"]) == ("connect", 3)


def test_a_name_that_does_not_resolve_is_tried_again():
    result = fetch("--retry", "1", *AT_ONCE, *POST, "http://no.such.invalid/").result
    assert (result["error"], result["attempts"]) == ("dns", 2)


@pytest.mark.parametrize("url", ["nope://x/", "http://"])
def test_what_cannot_be_used_is_not_tried_again(url):
    result = fetch("--retry", "2", "--retry-all-errors", *AT_ONCE, url).result
    assert (result["error"], result["attempts"]) == ("input", 0)
    times = [name for name in result if name.startswith("time_")] + ["started_at"]
    assert [result[name] for name in times] == [None] * len(times)


@pytest.mark.parametrize("args", [[], ["--retry", "0"], ALL, on("503")], ids=str)
def test_nothing_is_tried_again_unless_asked_for(origin, args):
    assert fetch(*args, origin.http + "/status/503").result["attempts"] == 1
    assert origin.seen()["requests"] == 1


@pytest.mark.parametrize("failures, code", [(2, 200), (9, 202)])
def test_retry_on_a_success_waits_for_another_status(origin, failures, code):
    """ "Not ready yet", which is no failure even where it stays so."""
    result = fetch("--retry", "3", *AT_ONCE, "--retry-on", "202",
                   f"{origin.http}/flaky/{failures}?status=202")
    only = result.result
    assert (result.code, only["ok"], only["http_code"]) == (0, True, code)
    assert only["attempts"] == origin.seen()["requests"] == min(failures, 3) + 1


# Retries and order


def test_sequential_stays_in_order_when_one_is_tried_again(origin):
    urls = [f"{origin.http}/{path}?i={i}" for i, path in enumerate(
        ["nothing", "flaky/2", "nothing", "flaky/1", "nothing"])]
    result = fetch("--sequential", "--retry", "2", "--retry-delay", "0.1", *urls)
    seen = origin.seen()
    assert [number(entry) for entry in seen["log"]] == [0, 1, 1, 1, 2, 3, 3, 4]
    assert [r["index"] for r in result.results] == [*range(5)]
    assert seen["most_in_flight"] == 1


def test_a_chunk_waits_for_the_retries_of_the_one_before(origin):
    urls = [f"{origin.http}/{path}?i={i}" for i, path in enumerate(
        ["nothing", "flaky/2", "nothing", "flaky/1", "flaky/1", "nothing", "nothing"])]
    assert fetch("--chunk", "3", "--retry", "2", "--retry-delay", "0.1", *urls).code == 0
    assert [number(entry) // 3 for entry in origin.seen()["log"]] == [0] * 5 + [1] * 5 + [2]


# A host that wants to be left alone


@pytest.mark.parametrize("concurrency, pause", [(24, 2), (12, 1)])
def test_a_busy_host_is_left_alone_and_only_that(origin, second, concurrency, pause):
    """The twelve come back one by one. With 12 slots, the others need those that the busy gave back."""
    urls = [f"{origin.http}/busy/{pause}?Retry-After={pause}&i={i}" for i in range(12)]
    urls += [f"{second}/delay/0.05?i={i}" for i in range(12)]
    result = fetch("-c", concurrency, "--retry", "3", *urls)
    assert ends(result, 24) == ["ok"] * 24
    assert attempts(result) == [2] * 12 + [1] * 12
    seen = origin.seen()
    busy = asked(seen, origin.http)
    first, again = busy[:12], times(busy[12:])
    assert len(again) == 12
    assert {number(entry) for entry in first} == {*range(12)}
    assert again[0] - first[0]["t"] >= pause
    assert max(entry["t_end"] for entry in asked(seen, second)) < again[0]
    assert gaps(again)[0] >= apart(0.05 * pause)
    assert again[3] - again[0] >= apart(0.12 * pause)


def query(*pairs):
    return urllib.parse.urlencode(pairs)


@pytest.mark.parametrize("path, args, least", [
    ("/status/429?Retry-After=1", [], 1), ("/status/503?Retry-After=1", [], 1),
    ("/status/429", [], 1), ("/status/429", ["--retry-delay", "0.3"], 0.3),
    ("/status/429?Retry-After=60", ["--retry-after-max", "0.3"], 0.3),
    ("/status/503?Retry-After=60", ["--retry-after-max", "300ms", "--retry", "1"], 0.3),
    ("/status/429?Retry-After=soon", ["--retry-after-max", "0.2"], 0.2),
    ("/status/200?RateLimit-Remaining=0&RateLimit-Reset=1", [], 1),
    ("/status/403?X-RateLimit-Remaining=0&X-RateLimit-Reset=1", [], 1),
    ("/status/403?Retry-After=1", [], 1),
    *((f"/status/{path}", ["--retry-after-max", "0.4"], 0.4) for path in (
        "429?Retry-After=1000000000", "429?Retry-After=999999999999999999999999",
        "503?Retry-After=Fri,%2031%20Dec%209999%2023:59:59%20GMT", "403?Retry-After=1h",
        "200?RateLimit-Remaining=0&RateLimit-Reset=1e9&X-RateLimit-Remaining=0&X-RateLimit-Reset=9",
        "429?X-RateLimit-Reset=1m0s", "429?X-Rate-Limit-Reset=60",
        "200?X-Rate-Limit-Remaining=0&X-Rate-Limit-Reset=60",
        "200?RateLimit=%22default%22;r=0;t=50", "200?RateLimit=%22a%22;r=5;t=9,%20%22b%22;r=0;t=8",
        "200?RateLimit=limit=100,%20remaining=0,%20reset=50",
        "200?RateLimit-Remaining=0&RateLimit-Reset-After=60")),
    ("/status/429?Retry-After=500ms", [], 0.5), ("/status/503?Retry-After=0.5", [], 0.5),
    ("/status/200?X-RateLimit-Remaining=0&X-RateLimit-Reset=500ms", [], 0.5),
    ("/status/200?X-RateLimit-Remaining=0&X-RateLimit-Reset=9999999999"
     "&X-RateLimit-Reset-After=0.5", [], 0.5),
], ids=str)
def test_a_pause_holds_for_the_next_request_of_the_host(origin, path, args, least):
    """Without --retry too. The deadline is what a pause that is not bounded would run into."""
    result = fetch("-c", "1", "--deadline", "20", *args, origin.http + path,
                   origin.http + "/nothing")
    assert result.by_index[1]["ok"]
    found = times(origin.seen()["log"])
    assert len(found) == 3 if "--retry" in args else 2
    assert all(least <= gap < soon(least + 3) for gap in gaps(found)[:1])


def iso(end):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(end))


def http_date(end):
    return email.utils.formatdate(end, usegmt=True)


@pytest.mark.parametrize("path, name, form", [
    ("/status/429", "Retry-After", http_date), ("/status/503", "Retry-After", http_date),
    ("/status/403", "Retry-After", iso), ("/status/429", "Retry-After", str),
    ("/status/429", "Retry-After", lambda end: end * 1000),
    *(("/status/200", "X-RateLimit-Reset", form) for form in (
        str, iso, http_date, lambda end: end * 1000))])
def test_a_pause_may_end_at_a_time_of_day(origin, path, name, form):
    end = math.ceil(time.time()) + 1
    value = form(end)
    headers = query((name, value), ("X-RateLimit-Remaining", 0))
    result = fetch("-c", "1", f"{origin.http}{path}?{headers}", origin.http + "/nothing")
    assert result.by_index[1]["started_at"] >= end - 0.01
    first, then = times(origin.seen()["log"])
    assert SLOW or 0.5 <= then - first
    assert time.time() < soon(end + 3)


@pytest.mark.parametrize("path", [
    "/status/200?Retry-After=60", "/status/404?Retry-After=60", "/status/503?Retry-After=0",
    "/status/429?Retry-After=0", "/status/403?Retry-After=60s!", "/status/503?Retry-After=1e3",
    "/status/429?Retry-After=Thu,%2001%20Jan%202026%2000:00:00%20GMT",
    "/status/503?Retry-After=1767225600", "/status/500?Retry-After=60", "/status/202?Retry-After=60",
    "/status/429?X-RateLimit-Reset=2026-01-01T00:00:00Z",
    "/status/200?X-RateLimit-Remaining=0&X-RateLimit-Reset=2026-01-01T00:00:00Z",
    "/status/200?X-RateLimit-Remaining=0&X-RateLimit-Reset=60x",
    "/status/200?X-RateLimit-Remaining=0.x&X-RateLimit-Reset=60",
    "/status/200?RateLimit=%22default%22;r=1;t=50", "/status/200?RateLimit=%22default%22;r=0",
    "/status/200?RateLimit=%22r=0;t=9%22;r=1;t=50", "/status/403",
    "/status/503?Retry-After=-60", "/status/503?Retry-After=Thu,%2001%20Jan%201970%2000:00:00%20GMT",
    "/status/200?RateLimit-Remaining=1&RateLimit-Reset=60", "/status/200?RateLimit-Reset=60",
    "/status/200?X-RateLimit-Remaining=0&X-RateLimit-Reset=1000000001", "/status/503",
])
def test_who_asks_for_no_pause_gets_none(origin, path):
    """Nor that of a 429 that says nothing, which would be long."""
    result = fetch("-c", "1", "--deadline", "20", "--retry-delay", "60", origin.http + path, origin.http + "/nothing")
    assert result.by_index[1]["ok"]
    assert origin.seen()["requests"] == 2


def test_a_pause_is_the_least_that_a_retry_waits(origin):
    result = fetch("--retry", "1", *AT_ONCE, origin.http + "/flaky/1?status=503&Retry-After=1")
    assert attempts(result) == [2]
    once, again = times(origin.seen()["log"])
    assert 1 <= again - once < soon(4)


def test_what_comes_back_unstarted_leaves_in_input_order(origin):
    """With one network thread ten wait there for slots when the first response asks for a pause."""
    urls = [f"{origin.http}/status/429?Retry-After=1&i=0",
            *(f"{origin.http}/delay/{0.5 if i < 20 else 0}?i={i}" for i in range(1, 40))]
    assert ends(fetch("-c", "20", *urls), 40) == ["http"] + ["ok"] * 39
    log = origin.seen()["log"]
    after = [number(entry) for entry in log if entry["t"] - log[0]["t"] >= 1]
    assert len(after) >= 10
    assert after[:4] == sorted(after)[:4]  # the others are so close that they can overtake


def test_responses_from_before_a_pause_do_not_shorten_the_distance_after_it(origin):
    """Seven good ones come while the host is left alone."""
    urls = [f"{origin.http}/status/429?Retry-After=1", *delays(origin, 7, 0.3),
            *(f"{origin.http}/nothing?i={i}" for i in range(7, 20))]
    assert fetch("-c", "8", *urls).code == 1
    found = times(origin.seen()["log"])
    after = [t for t in found if t - found[0] >= 1]
    assert len(after) >= 5
    assert gaps(after)[0] >= apart(0.05) and after[3] - after[0] >= apart(0.1)


@pytest.mark.parametrize("args, path", [
    (["--retry-on", "403"], "/flaky/1?status=403&Retry-After=1"),
    (["--retry-on", "202"], "/flaky/1?status=202&Retry-After=1"),
    ([], "/flaky/1?status=500&Retry-After=1"),
    (["--retry-all-errors"], "/flaky/1?status=404&Retry-After=1"),
], ids=str)
def test_retry_after_counts_on_whatever_is_tried_again(origin, args, path):
    assert attempts(fetch("--retry", "1", *AT_ONCE, *args, origin.http + path)) == [2]
    once, again = times(origin.seen()["log"])
    assert 1 <= again - once < soon(4)


def test_a_job_that_is_not_ready_holds_no_other_request_up(origin):
    """Its 202 says when to look again at this job."""
    urls = [origin.http + "/flaky/1?status=202&Retry-After=3", origin.http + "/nothing"]
    result = fetch("-c", "1", "--retry", "1", "--retry-on", "202", *urls)
    assert (attempts(result), ends(result, 2)) == ([2, 1], ["ok", "ok"])
    assert targets(origin.seen())[1] == "/nothing"


# A proxy that refuses CONNECT


def tunnel(origin, *labels, args=()):
    return fetch("-x", origin.http, *args, *(f"https://{label}.example/" for label in labels))


@pytest.mark.parametrize("status, tries", [
    (403, 1), (407, 1), (404, 1), (302, 1), (429, 2), (502, 2), (503, 2), (504, 2)])
def test_a_refused_connect_is_tried_again_where_its_status_may_pass(origin, status, tries):
    result = tunnel(origin, f"refuse-{status}", args=["--retry", "1", *AT_ONCE]).result
    assert (result["error"], result["attempts"], result["http_code"]) == ("connect", tries, 0)
    assert "CONNECT" in result["errormsg"] and str(status) in result["errormsg"]
    assert origin.seen()["requests"] == tries


def test_which_refused_connects_are_tried_again_can_be_chosen(origin):
    args = ["--retry", "1", *AT_ONCE, "--retry-on", "403"]
    result = tunnel(origin, "refuse-403", "refuse-503", args=args)
    assert attempts(result) == [2, 1]
    assert attempts(tunnel(origin, "refuse-403", args=["--retry", "1", *AT_ONCE, *ALL])) == [2]


def test_a_proxy_that_asks_for_patience_gets_it(origin):
    result = tunnel(origin, "refuse-429-1", args=["--retry", "1", *AT_ONCE]).result
    assert (result["error"], result["attempts"]) == ("connect", 2)
    once, again = times(origin.seen()["log"])
    assert 1 <= again - once < soon(4)


@pytest.mark.parametrize("label", ["refuse-429-1", "refuse-503-1", "refuse-403-1", "refuse-429"])
def test_a_refused_connect_pauses_its_host(origin, label):
    assert tunnel(origin, label, label, args=["-c", "1"]).code == 1
    first, then = times(origin.seen()["log"])
    assert 1 <= then - first < soon(4)


def test_a_refused_connect_is_forgotten_by_the_next_request(origin):
    """Which uses the same handle of libcurl."""
    result = fetch("-c", "1", "-x", origin.http, "https://refuse-403.example/",
                   origin.http + "/status/404")
    assert [r["error"] for r in result.by_index] == ["connect", "http"]


# Stopping early


def test_first_closes_the_connections_of_the_rest(origin):
    urls = [f"{origin.http}/hang?i={i}" for i in range(4)] + [origin.http + "/delay/0.2"]
    result = fetch("--first", "1", "--retry", "3", *urls)
    assert result.code == 0
    assert ends(result, 5) == ["canceled"] * 4 + ["ok"]
    assert attempts(result) == [1] * 5
    seen = origin.wait(closed_early=4, in_flight=0)
    (won,) = [entry["t_end"] for entry in seen["log"] if not entry["aborted"]]
    assert all(won <= close["t"] < won + soon(0.5) for close in seen["closed_early"])
    assert seen["requests"] == 5


def test_first_ends_those_that_wait(origin, second, other):
    """For the host's other request, for a retry, for the end of a pause."""
    result = fetch("--first", "1", "--per-host", "1", "--retry", "1",
                   origin.http + "/delay/1", origin.http + "/nothing",
                   second + "/status/429?Retry-After=60", second + "/nothing", other.http + "/hang")
    assert result.code == 0
    assert ends(result, 5) == ["ok"] + ["canceled"] * 4
    assert attempts(result) == [1, 0, 1, 0, 1]
    assert sorted(targets(origin.seen())) == ["/delay/1", "/status/429?Retry-After=60"]
    assert other.wait(in_flight=0)["requests"] == 1


@pytest.mark.parametrize("args, paths, classes, tries", [
    (["--rate", "1/m"], ["/nothing", "/nothing"], ["ok", "deadline"], [1, 0]),
    (["--host-rate", "1/h"], ["/nothing", "/nothing"], ["ok", "deadline"], [1, 0]),
    (["--retry", "1", "--retry-delay", "1h"], ["/status/503"], ["deadline"], [1]),
    (["--retry", "1"], ["/status/503?Retry-After=60"], ["deadline"], [1]),
    (["-c", "1"], ["/status/429?Retry-After=60", "/nothing"], ["http", "deadline"], [1, 0]),
    (["--per-host", "1"], ["/hang", "/nothing"], ["deadline", "deadline"], [1, 0]),
], ids=str)
def test_the_deadline_ends_those_that_wait(origin, args, paths, classes, tries):
    seconds = 3 if SLOW else 0.5
    result = run("--json", "--deadline", seconds, *args,
                 *(origin.http + path for path in paths))
    assert result.code == 1
    results = result.document["results"]
    assert [r["error"] or "ok" for r in results] == classes
    assert [r["attempts"] for r in results] == tries
    assert enough(seconds) <= result.document["summary"]["wall"] < soon(2)
    assert origin.wait(in_flight=0)["requests"] == sum(tries)


# Asking what it does


def test_sigusr1_says_what_the_others_wait_for(origin, second, other):
    waits = {
        "queued": origin.http + "/nothing", "cooling": second + "/nothing",
        "sleeping before retry": other.http + "/status/503",
    }
    lines = [re.compile(rf"^ +\d+ +{phase} .* {re.escape(url)}$".encode(), re.M)
             for phase, url in waits.items()]
    with start("--jsonl", "--per-host", "1", "--retry", "1", "--retry-delay", "1h",
               origin.http + "/hang", second + "/status/429?Retry-After=60", *waits.values()) as g:
        origin.wait(requests=2)
        other.wait(requests=1)
        # The server has answered; until gather has heard it, it says something else.
        while not all(line.search(g.said) for line in lines):
            g.signal(signal.SIGUSR1)
            while select.select([g.process.stderr], [], [], 0.05)[0]:
                piece = g.process.stderr.read(65536)
                assert piece, g.said
                g.said += piece
        g.signal(signal.SIGINT)
        result = g.end()
    assert b"gather: 1 in flight, 4 waiting, 0 done\n" in g.said
    assert ends(result, 5) == ["canceled"] * 5
    assert attempts(result) == [1, 1, 0, 0, 1]
    assert origin.seen()["requests"] == 2 and other.seen()["requests"] == 1


# Values


@pytest.mark.parametrize("option, values", [
    ("--rate", ["10", "0/s", "10/x", "/s", "10/", "-1/s", "1.5/s", "10/0s", "10/ms", "10/s "]),
    ("--host-rate", ["10", "0/s", "10/x"]),
    ("--per-host", ["0", "-1", "x", "1.5"]),
    ("--retry", ["-1", "x", "1.5"]),
    ("--retry-delay", ["-1", "soon"]), ("--retry-max-time", ["x"]), ("--retry-after-max", ["x"]),
    ("--retry-on", ["abc", "99", "1000", "404,", "500-400", ""]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_makes_no_sense_is_refused(option, values):
    for value in values:
        result = run(f"{option}={value}", "http://127.0.0.1:1/")
        assert (result.code, result.raw) == (2, b""), value
        assert f"{option}: " in result.err and f'"{value}"' in result.err


@pytest.mark.parametrize("option, values", [
    ("--rate", ["1/s", "1000000/1000d", "5/15s"]), ("--host-rate", ["100/m"]),
    ("--per-host", ["1", "100000"]), ("--retry", ["0", "1000000"]),
    ("--retry-delay", ["0", "1h", "1.5"]), ("--retry-max-time", ["0", "2m"]),
    ("--retry-after-max", ["0", "1h"]), ("--retry-on", ["100", "599", "404,500-599"]),
], ids=lambda value: value if isinstance(value, str) else "")
def test_what_makes_sense_is_taken(origin, option, values):
    for value in values:
        assert fetch(option, value, origin.http + "/nothing").code == 0, value
    assert origin.seen()["requests"] == len(values)
