"""How many at once, in what order, and when to stop. What counts is what the server saw."""

import pytest

from harness import SLOW, fetch, loads, run, start, targets, without_wrapper


def delays(origin, count, seconds=0.2):
    return [f"{origin.http}/delay/{seconds}?i={i}" for i in range(count)]


def number(entry):
    """The i of a request in the log."""
    return int(entry["path"].rpartition("i=")[2])


# The limit


@pytest.mark.parametrize("args, count, most", [
    (["-c", "1"], 4, 1), (["-c", "2"], 6, 2), (["--concurrency", "7"], 16, 7),
    (["-c", "64"], 100, 64), (["-c65"], 100, 65), (["--parallel-max", "3"], 7, 3),
    (["-c", "150"], 200, 150), ([], 130, 100), (["-c", "50"], 20, 20),
    (["-c", "9", "-c", "4"], 9, 4),
], ids=str)
def test_exactly_so_many_are_in_flight_at_once(origin, args, count, most):
    """The first must not be done before the last of them has begun."""
    seconds = (0.2 if most < 50 else 0.5) * (5 if SLOW else 1)
    result = fetch(*args, *delays(origin, count, seconds))
    assert result.code == 0
    assert len(result.by_index) == count
    seen = origin.seen()
    assert seen["most_in_flight"] == most
    assert seen["requests"] == count
    assert seen["connections"] <= most


def test_a_slot_is_used_again_as_soon_as_it_is_free(origin):
    """Two slots, one held for good: the other does all the rest."""
    with start("-c", "2", "--jsonl", origin.http + "/hang",
               *(f"{origin.http}/delay/0?i={i}" for i in range(20))) as g:
        assert [loads(g.line())["index"] for _ in range(20)] == list(range(1, 21))
        assert origin.wait(in_flight=1)["most_in_flight"] <= 2


def test_sequential_fetches_one_at_a_time_in_order_on_one_connection(origin):
    urls = [f"{origin.http}/delay/{(5 - i) / 100}?i={i}" for i in range(6)]
    result = fetch("--sequential", *urls)
    seen = origin.seen()
    assert result.code == 0
    assert [r["index"] for r in result.results] == [number(e) for e in seen["log"]] == [*range(6)]
    assert seen["most_in_flight"] == 1 == seen["connections"]
    assert [r["num_connects"] for r in result.results] == [1, 0, 0, 0, 0, 0]


def test_the_whole_takes_as_long_as_the_slowest(origin):
    summary = run("--json", "--fields", "index", *delays(origin, 60, 0.5)).document["summary"]
    assert 0.5 <= summary["wall"] < summary["transfer_time"] / 4
    assert summary["transfer_time"] >= 30


def test_connections_are_used_again(origin):
    assert fetch("-c", "5", *[origin.http + "/nothing"] * 100).code == 0
    assert origin.seen()["connections"] <= 5


def test_a_connection_that_the_server_closed_is_made_anew(origin):
    """
    Often the close is known only when the request has been sent. libcurl asks again, but five times
    in the life of a handle, not of a request (curl/curl#19066).
    """
    result = fetch("-c", "2", *[origin.http + "/stale"] * 400)
    assert result.code == 0
    assert len(result.by_index) == 400
    assert origin.seen()["connections"] >= 400


@pytest.mark.parametrize("backend", ["epoll", "poll", "select"])
def test_every_backend_does_the_same(origin, backend):
    result = fetch("--backend", backend, "-c", "20", *delays(origin, 30, 0.2))
    assert result.code == 0 and len(result.by_index) == 30
    assert origin.seen()["most_in_flight"] == 20


@without_wrapper
@pytest.mark.parametrize("backend", ["linuxaio", "iouring", "kqueue"])
def test_a_backend_that_is_not_there_is_a_usage_error(origin, backend):
    """Which of them a kernel and a libev have differs; working or refusing are the two answers."""
    result = fetch("--backend", backend, origin.http + "/nothing")
    if result.code != 0 or backend == "kqueue":
        assert (result.code, result.raw) == (2, b"")
        assert backend in result.err


# Chunks


def chunks_of(origin, size):
    """The log, a chunk at a time: which requests, the first arrival, the last answer."""
    log = origin.seen()["log"]
    parts = [log[i:i + size] for i in range(0, len(log), size)]
    return [({number(e) for e in part}, min(e["t"] for e in part), max(e["t_end"] for e in part))
            for part in parts]


@pytest.mark.parametrize("args, size, count, most", [
    (["--chunk", "4"], 4, 14, 4), (["--chunk", "1"], 1, 4, 1), (["--chunk", "70"], 70, 140, 70),
    (["--chunk", "6", "-c", "3"], 6, 12, 3), (["--chunk", "1000"], 1000, 20, 20),
], ids=str)
def test_a_chunk_begins_when_all_of_the_one_before_have_ended(origin, args, size, count, most):
    urls = [f"{origin.http}/delay/{0.1 + i % 4 * 0.05}?i={i}" for i in range(count)]
    result = fetch(*args, *urls)
    assert result.code == 0 and len(result.by_index) == count
    assert origin.seen()["most_in_flight"] == most
    chunks = chunks_of(origin, size)
    assert [ids for ids, _, _ in chunks] == [
        set(range(i, min(i + size, count))) for i in range(0, count, size)]
    for (_, _, end), (_, begin, _) in zip(chunks, chunks[1:]):
        assert begin >= end


def test_failures_count_towards_their_chunk(origin, refused):
    urls = [refused, origin.http + "/empty?i=1", "nope://x/", *delays(origin, 3, 0.05), refused]
    result = fetch("--chunk", "3", *urls)
    assert [r["ok"] for r in result.by_index] == [False] * 3 + [True] * 3 + [False]
    assert origin.seen()["most_in_flight"] == 3


def test_chunk_pause_waits_between_chunks(origin):
    assert fetch("--chunk", "2", "--chunk-pause", "300ms", *delays(origin, 6, 0.01)).code == 0
    chunks = chunks_of(origin, 2)
    assert len(chunks) == 3
    for (_, _, end), (_, begin, _) in zip(chunks, chunks[1:]):
        assert begin - end >= 0.299


def test_nothing_is_waited_for_behind_the_last_chunk(origin):
    result = fetch("--chunk", "2", "--chunk-pause", "1h", "--deadline", "10s",
                   *delays(origin, 2, 0.01))
    assert result.code == 0


# Stopping early


def ends(result, count):
    """How each of count requests ended: "ok" or the class of its failure."""
    results = result.by_index
    assert len(results) == count
    return ["ok" if r["ok"] else r["error"] for r in results]


def test_first_takes_the_winner_and_cancels_the_rest(origin):
    hangs = [f"{origin.http}/hang?i={i}" for i in range(4)]
    result = fetch("--first", "1", *hangs, origin.http + "/delay/0.2")
    assert result.code == 0
    assert ends(result, 5) == ["canceled"] * 4 + ["ok"]
    seen = origin.wait(closed_early=4, in_flight=0)
    assert sorted(targets(seen)) == sorted(["/delay/0.2", *(f"/hang?i={i}" for i in range(4))])
    assert {entry["path"] for entry in seen["log"] if not entry["aborted"]} == {"/delay/0.2"}


def test_first_counts_successes_only(origin, refused):
    urls = [refused, origin.http + "/status/500", origin.http + "/nothing", "nope://x/",
            origin.http + "/delay/0.2", origin.http + "/hang"]
    result = fetch("--first", "2", *urls)
    assert result.code == 0
    assert ends(result, 6) == ["connect", "http", "ok", "input", "ok", "canceled"]


def test_first_begins_no_more_when_it_has_enough(origin):
    result = fetch("--first", "3", "-c", "1", *delays(origin, 10, 0))
    assert result.code == 0
    assert [number(entry) for entry in origin.seen()["log"]] == [0, 1, 2]


def test_first_fails_when_there_are_too_few(origin):
    result = fetch("--first", "2", origin.http + "/nothing", origin.http + "/status/404")
    assert result.code == 1
    assert ends(result, 2) == ["ok", "http"]


def test_fail_early_stops_at_the_first_failure(origin):
    """A failure that comes when the others are known to hang: 200 is none of the good ones."""
    urls = [f"{origin.http}/hang?i=0", f"{origin.http}/hang?i=1", *delays(origin, 5, 0.3)]
    result = fetch("--fail-early", "--accept", "204", "-c", "3", *urls)
    assert result.code == 1
    assert ends(result, 3) == ["canceled", "canceled", "http"]
    seen = origin.wait(closed_early=2, in_flight=0)
    assert seen["requests"] == 3


def test_fail_early_lets_successes_pass(origin):
    result = fetch("--fail-early", *delays(origin, 5, 0), origin.http + "/delay/0.2?i=9")
    assert result.code == 0
    assert ends(result, 6) == ["ok"] * 6


@pytest.mark.parametrize("bad", ["nope://x/", "http://", "refused"])
def test_fail_early_stops_whatever_the_failure(origin, refused, bad):
    result = fetch("--fail-early", origin.http + "/hang", refused if bad == "refused" else bad)
    assert result.code == 1
    assert ends(result, 2)[0] == "canceled"


def test_a_canceled_request_says_what_is_known_of_it(origin):
    result = fetch("--first", "1", origin.http + "/hang?after=10", origin.http + "/delay/0.3")
    lost = result.by_index[0]
    assert (lost["error"], lost["ok"]) == ("canceled", False)
    assert (lost["http_code"], lost["attempts"]) == (200, 1)
    assert (lost["size_download"], lost["remote_port"]) == (10, origin.port)
    assert lost["time_starttransfer"] <= lost["time_total"]


def test_a_request_canceled_while_it_connects_has_a_result(origin, full_backlog):
    result = fetch("--first", "1", full_backlog, origin.http + "/delay/0.2")
    assert result.code == 0
    assert ends(result, 2) == ["canceled", "ok"]


def test_hosts_do_not_share_what_is_not_theirs(origin):
    """Ten to each of two hosts at once: all twenty are in flight."""
    urls = [f"http://127.0.0.{h}:{origin.port}/delay/0.3?i={i}" for i in range(10) for h in (1, 2)]
    assert fetch("-c", "20", *urls).code == 0
    seen = origin.seen()
    assert seen["most_in_flight"] == 20
    assert {host["most_in_flight"] for host in seen["hosts"].values()} == {10}
