"""Time limits: of an attempt, of connecting, of a slow transfer, of the whole run."""

import pytest

from harness import enough, fetch, loads, only_at_full_speed, run, soon, start


def test_max_time_ends_an_attempt_and_the_others_go_on(origin):
    urls = [origin.http + path for path in (
        "/hang", "/nothing", "/endless", "/drip?seconds=60", "/hang?after=100", "/delay/60")]
    result = fetch("-m", "0.5", *urls)
    results = result.by_index
    assert result.code == 1
    assert [r["error"] for r in results] == ["timeout", None] + ["timeout"] * 4
    for r in results:
        if r["error"]:
            assert r["exitcode"] == 28 and r["errormsg"]
            assert enough(0.5) <= r["time_total"] < soon(5)
    assert [r["http_code"] for r in results] == [0, 200, 200, 200, 200, 0]
    assert results[4]["size_download"] == 100
    assert origin.wait(closed_early=5, in_flight=0)["requests"] == 6


@pytest.mark.parametrize("value, seconds", [
    ("0.25", 0.25), (".25", 0.25), ("250ms", 0.25), ("0.25s", 0.25), ("1", 1), ("0.004m", 0.24),
    ("0.0001h", 0.36)])
def test_a_time_may_have_a_unit_and_a_fraction(origin, value, seconds):
    result = fetch("-m", value, origin.http + "/hang").result
    assert result["error"] == "timeout"
    assert enough(seconds) <= result["time_total"] < soon(seconds + 5)


def test_max_time_counts_from_the_start_of_the_attempt(origin):
    """Waiting for a slot does not count: eight that take 0.2 s, one after the other."""
    result = fetch("-m", "1.2", "-c", "1", *[origin.http + "/delay/0.2"] * 8)
    assert result.code == 0, result


@pytest.mark.parametrize("option", ["--connect-timeout", "-m"])
def test_a_connection_that_is_never_accepted_times_out(origin, full_backlog, option):
    result = fetch(option, "0.3", full_backlog, origin.http + "/nothing")
    late, fine = result.by_index
    assert result.code == 1 and fine["ok"]
    assert (late["error"], late["exitcode"], late["http_code"]) == ("timeout", 28, 0)
    assert enough(0.3) <= late["time_total"] < soon(5)
    assert late["time_starttransfer"] is None


def test_the_connect_timeout_is_over_when_connected(origin):
    assert fetch("--connect-timeout", "0.3", origin.http + "/delay/0.6").code == 0


def test_a_transfer_that_is_too_slow_fails(origin):
    slow = [origin.http + "/drip?bytes=60&seconds=60&chunks=60", origin.http + "/hang",
            origin.http + "/hang?after=10"]
    result = fetch("-y", "1", "-Y", "1k", *slow, origin.http + "/bytes/1000000")
    assert [r["error"] for r in result.by_index] == ["timeout"] * 3 + [None]
    assert all(r["time_total"] >= enough(1) for r in result.by_index[:3])


def test_a_transfer_that_is_not_too_slow_does_not_fail(origin):
    fast = origin.http + "/drip?bytes=100000&seconds=2.5&chunks=50"
    result = fetch("--speed-time", "1", "--speed-limit", "1000", fast)
    assert result.code == 0, result


def test_the_deadline_ends_the_run(origin):
    result = run("--jsonl", "--deadline", "0.5", "-c", "3", origin.http + "/nothing",
                 *[origin.http + "/hang"] * 3)
    results = result.by_index
    assert result.code == 1
    assert results[0]["ok"]
    assert [r["error"] for r in results[1:]] == ["deadline"] * 3
    assert all("deadline" in r["errormsg"] for r in results[1:])
    assert "deadline: 3" in result.err
    assert origin.wait(closed_early=3, in_flight=0)["requests"] == 4


def test_the_deadline_begins_no_more(origin):
    result = fetch("--deadline", "0.4", "-c", "1", *[origin.http + "/hang"] * 5)
    assert result.code == 1
    assert result.by_index[0]["error"] == "deadline"
    assert origin.wait(in_flight=0)["requests"] == 1


def test_the_deadline_ends_a_run_that_waits_for_input(origin):
    with start("--jsonl", "--deadline", "0.5", stdin="pipe") as g:
        g.write(origin.http + "/nothing\n")
        assert loads(g.line())["ok"]
        result = g.end(close_stdin=False)
    assert (result.code, result.raw) == (1, b"")


def test_the_deadline_ends_a_pause_between_chunks(origin):
    result = fetch("--deadline", "0.5", "--chunk", "1", "--chunk-pause", "1h",
                   *[origin.http + "/nothing"] * 2)
    assert result.code == 1
    assert result.by_index[0]["ok"]
    assert origin.seen()["requests"] == 1


def test_a_run_that_is_done_in_time_knows_no_deadline(origin):
    result = run("--jsonl", "--deadline", "1h", origin.http + "/nothing")
    assert result.code == 0 and result.result["ok"]


@only_at_full_speed
def test_starting_and_ending_cost_nothing_worth_mentioning(origin):
    """A run of one request: no pause hides in it."""
    document = run("--json", origin.http + "/nothing").document
    assert document["summary"]["wall"] < 1


def test_the_time_in_the_queue_is_told(origin):
    results = fetch("-c", "2", *[origin.http + "/delay/0.1"] * 6).by_index
    assert all(0 <= r["time_queue"] < soon(5) for r in results)
