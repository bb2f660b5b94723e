"""SIGINT and SIGTERM, once and twice; SIGUSR1."""

import fcntl
import signal

import pytest

from harness import loads, start, targets, without_wrapper


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_begins_no_more_and_cancels_what_is_in_flight(origin, number, code):
    with start("--jsonl", "-c", "3", origin.http + "/nothing",
               *(f"{origin.http}/hang?{i}" for i in range(10))) as g:
        assert loads(g.line())["ok"]
        origin.wait(requests=4, in_flight=3)
        g.signal(number)
        result = g.end()
    assert result.code == code
    assert [(r["error"], r["ok"]) for r in result.results] == [("canceled", False)] * 3
    assert result.err.startswith("4 requests") and "canceled: 3" in result.err
    seen = origin.wait(closed_early=3, in_flight=0)
    assert sorted(targets(seen)) == ["/hang?0", "/hang?1", "/hang?2", "/nothing"]


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_documents_are_whole_after_a_signal(origin, form):
    with start(form, "--ordered", origin.http + "/json/a", origin.http + "/hang") as g:
        origin.wait(requests=2, in_flight=1)
        g.wait_read("/json/a")
        g.signal(signal.SIGINT)
        result = g.end()
    assert result.code == 130
    found = result.document["results"] if form == "--json" else result.rows
    assert [(int(r["index"]), r["error"] or None) for r in found] == [(0, None), (1, "canceled")]
    if form == "--json":
        assert result.document["summary"]["errors"] == {"canceled": 1}


def test_a_signal_ends_a_run_that_waits_for_input(origin):
    with start("--jsonl", stdin="pipe") as g:
        g.write(origin.http + "/nothing\n")
        assert loads(g.line())["ok"]
        g.signal(signal.SIGINT)
        result = g.end(close_stdin=False)
    assert (result.code, result.raw) == (130, b"")


def test_a_signal_ends_a_run_whose_list_asks_for_nothing():
    """It never ends and never runs dry: /dev/zero is one line, without its end."""
    with start("--jsonl", "-i", "/dev/zero") as g:
        assert loads(g.line())["error"] == "input"
        g.signal(signal.SIGINT)
        result = g.end()
    assert result.code == 130


def test_a_signal_ends_a_pause_between_chunks(origin):
    urls = [origin.http + "/nothing"] * 3
    with start("--jsonl", "--chunk", "1", "--chunk-pause", "1h", *urls) as g:
        assert loads(g.line())["ok"]
        g.signal(signal.SIGTERM)
        assert g.end().code == 143
    assert origin.seen()["requests"] == 1


def test_a_signal_ends_a_connection_that_is_being_made(origin, full_backlog):
    with start("--jsonl", full_backlog, origin.http + "/nothing") as g:
        assert loads(g.line())["ok"]
        g.signal(signal.SIGINT)
        result = g.end()
    assert result.code == 130
    assert result.result["error"] == "canceled"


@without_wrapper
def test_a_second_signal_leaves_at_once(origin):
    """
    After the first it waits for a reader that does not read: only the second can end that. What it
    leaves behind then is lost in the eyes of valgrind.
    """
    big = "".join(f"{origin.http}/bytes/50000?{i}\n" for i in range(100))
    with start("--jsonl", "--body", "-c", "4", stdin="pipe") as g:
        fcntl.fcntl(g.process.stdout, 1031, 4096)  # F_SETPIPE_SZ
        g.write(origin.http + "/hang\n")
        origin.wait(in_flight=1)
        g.write(big)
        origin.wait(requests=8)  # so that some are done
        g.signal(signal.SIGINT)
        origin.wait(closed_early=1)  # the first has been heard
        assert g.process.poll() is None
        g.signal(signal.SIGINT)
        assert g.process.wait(timeout=20) == 130


def test_after_a_signal_a_slow_reader_still_has_everything(origin):
    with start("--jsonl", "--body", "-c", "4", stdin="pipe") as g:
        fcntl.fcntl(g.process.stdout, 1031, 4096)
        g.write(origin.http + "/hang\n")
        origin.wait(in_flight=1)
        g.write(f"{origin.http}/bytes/5000\n" * 50)
        origin.wait(requests=8)
        g.signal(signal.SIGTERM)
        origin.wait(closed_early=1)
        result = g.end()
    assert result.code == 143
    # One that was begun may be taken back before the server sees it.
    assert len(result.by_index) >= origin.seen()["requests"]
    assert result.by_index[0]["error"] == "canceled"
    assert {r["error"] for r in result.results} <= {None, "canceled"}


def test_sigusr1_prints_what_is_in_flight_and_goes_on(origin):
    urls = [origin.http + "/hang?1", origin.http + "/hang?after=5", origin.http + "/nothing"]
    with start("--jsonl", *urls) as g:
        assert loads(g.line())["ok"]
        origin.wait(requests=3, in_flight=2)
        g.signal(signal.SIGUSR1)
        g.wait_said("2 in flight", urls[0], urls[1])
        g.signal(signal.SIGINT)
        result = g.end()
    assert result.code == 130
    assert [r["error"] for r in result.results] == ["canceled"] * 2
    assert urls[2] not in result.err
