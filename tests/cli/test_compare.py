"""--compare: one list at several levels, each as cold as the first. What counts is what the server
saw, and that the figures are those of what it saw."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios

import pytest

from harness import (COMMAND, PATIENCE, environment, loads, on_terminal, only_at_full_speed, run,
                     start, targets, write_list)


def compare(*args, **more):
    """Without the lines of runs."""
    return run("--no-summary", *args, **more)


def delays(origin, count, seconds):
    return [f"{origin.http}/delay/{seconds}?i={i}" for i in range(count)]


def runs_of(seen, count):
    """The requests of each run, in the order of the runs."""
    log = sorted(seen["log"], key=lambda entry: entry["n"])
    assert len(log) % count == 0
    return [log[i:i + count] for i in range(0, len(log), count)]


def most_in_flight(entries):
    """At one moment, of those in a run."""
    moments = sorted([(e["t"], 1) for e in entries] + [(e["t_end"], -1) for e in entries])
    now = most = 0
    for _, step in moments:
        now += step
        most = max(most, now)
    return most


def table(result):
    """The rows of the text, by the names of the columns; and what stands below the bars."""
    blocks = result.out.rstrip("\n").split("\n\n")
    names, *rows = [line.split() for line in blocks[1].splitlines()]
    assert all(len(row) == len(names) for row in rows)
    return [dict(zip(names, row)) for row in rows], blocks[3].splitlines() if blocks[3:] else []


# What is run


@only_at_full_speed
def test_fifty_requests_of_100_ms_at_1_at_10_and_at_50(origin):
    """The gain is known: 5 s, 0.5 s, 0.1 s."""
    document = compare("--compare=1,10,50", "--json", *delays(origin, 50, 0.1)).document
    one, ten, fifty = document["levels"]
    assert one["speed_up"] == 1 and one["efficiency"] == 1
    assert 8 <= ten["speed_up"] <= 11 and 0.8 <= ten["efficiency"] <= 1.1
    assert 20 <= fifty["speed_up"] <= 55 and 0.4 <= fifty["efficiency"] <= 1.1
    assert 5 <= one["wall"] <= 6 and ten["wall"] >= 0.5 and fifty["wall"] >= 0.1
    for level in (one, ten, fifty):
        assert 0.1 <= level["latency"]["p50"] <= level["latency"]["p99"] <= level["latency"]["max"]
    assert document["helps_up_to"] is None and document["void"] is False
    assert document["notes"] == []


def test_the_server_sees_each_level_by_itself(origin):
    """Every request once in each run, in flight what the level says, and no connection of another
    run."""
    urls = delays(origin, 12, 0.2)
    result = compare("--compare=1,4,12", "--json", *urls)
    assert result.code == 0
    seen = origin.seen()
    runs = runs_of(seen, 12)
    assert [most_in_flight(entries) for entries in runs] == [1, 4, 12]
    assert seen["most_in_flight"] == 12 and seen["requests"] == 36
    for entries in runs:
        assert sorted(e["path"] for e in entries) == sorted(u[len(origin.http):] for u in urls)
    used = [{entry["connection"] for entry in entries} for entries in runs]
    assert [len(connections) for connections in used] == [1, 4, 12]
    assert not used[0] & used[1] and not used[1] & used[2] and not used[0] & used[2]
    levels = result.document["levels"]
    assert [level["connections"] for level in levels] == [1, 4, 12]
    assert [level["most_in_flight"] for level in levels] == [1, 4, 12]
    assert [level["requests"] for level in levels] == [12] * 3


def test_tls_sessions_are_not_kept_from_one_level_to_the_next(origin):
    urls = [f"{origin.https}/delay/0.05?i={i}" for i in range(4)]
    assert compare("--compare=1,2", "--cacert", origin.cacert, *urls).code == 0
    first, second = runs_of(origin.seen(), 4)
    assert not first[0]["tls_resumed"] and not second[0]["tls_resumed"]


def test_repetitions_begin_with_another_level(origin):
    result = compare("--compare=1,2,4", "--repeat", "3", "--json", *delays(origin, 4, 0.2))
    order = [1, 2, 4, 2, 4, 1, 4, 1, 2]
    assert [most_in_flight(entries) for entries in runs_of(origin.seen(), 4)] == order
    document = result.document
    assert document["repeat"] == 3
    for level in document["levels"]:
        runs = level["runs"]
        assert [order[run["turn"] - 1] for run in runs] == [level["concurrency"]] * 3
        assert level["wall"] == sorted(run["wall"] for run in runs)[1]
        assert level["requests"] == 12 and all(run["requests"] == 4 for run in runs)
        assert level["latency"]["max"] == max(run["latency"]["max"] for run in runs)
        assert {run["connections"] for run in runs} == {level["concurrency"]}


def test_without_levels_it_is_one_against_c(origin):
    result = compare("--compare", "-c", "3", "--json", *delays(origin, 6, 0.2))
    assert [level["concurrency"] for level in result.document["levels"]] == [1, 3]
    assert [most_in_flight(entries) for entries in runs_of(origin.seen(), 6)] == [1, 3]


def test_levels_may_be_the_next_word(origin):
    """A word of numbers and commas; any other is a URL."""
    result = compare("--compare", "1,2", "--json", origin.http + "/nothing")
    assert [level["concurrency"] for level in result.document["levels"]] == [1, 2]
    result = compare("-c2", "--compare", origin.http + "/nothing", "--csv")
    assert [(row["concurrency"], row["requests"]) for row in result.rows] == [("1", "1"), ("2", "1")]


# The list


@pytest.mark.parametrize("how", ["pipe", "file", "fifo", "stdin by name"])
def test_the_list_is_the_same_each_time(origin, tmp_path, how):
    lines = "".join(f"{origin.http}/bytes/{i}\n# {i}\n" for i in range(20)).encode()
    name = str(tmp_path / "list")
    if how == "pipe":
        result = compare("--compare=1,3,5", stdin=lines)
    elif how == "stdin by name":
        result = compare("--compare=1,3,5", "-i", "-", stdin=lines)
    elif how == "file":
        (tmp_path / "list").write_bytes(lines)
        result = compare("--compare=1,3,5", "-i", name)
    else:
        os.mkfifo(name)
        result = run("--no-summary", "--compare=1,3,5", "-i", name, stdin=lines,
                     shell=f'exec 3<&0; cat <&3 >"{name}" & exec "$@" </dev/null')
    assert result.code == 0
    want = [f"/bytes/{i}" for i in range(20)]
    assert [sorted(e["path"] for e in entries) for entries in runs_of(origin.seen(), 20)] == [
        sorted(want)] * 3


def test_the_list_is_read_before_the_first_run(origin):
    """So no run waits for its input, and none sees what was written later."""
    with start("--compare=1,2", "--no-summary", stdin="pipe") as g:
        g.write(origin.http + "/bytes/1\n")
        with pytest.raises(TimeoutError):
            g.line(timeout=0.3)
        assert origin.seen()["requests"] == 0
        g.write(origin.http + "/bytes/2\n")
        assert g.end().code == 0
    assert sorted(targets(origin.seen())) == ["/bytes/1"] * 2 + ["/bytes/2"] * 2


def test_a_file_that_changes_meanwhile_changes_nothing(origin, tmp_path):
    """The first run has one in flight when the list is written anew."""
    name = write_list(tmp_path / "list", origin.http + "/delay/0.5", origin.http + "/bytes/2")
    with start("--compare=1,2", "--no-summary", "-i", name) as g:
        origin.wait(in_flight=1)
        write_list(tmp_path / "list", origin.http + "/bytes/3")
        assert g.end().code == 0
    assert sorted(targets(origin.seen())) == ["/bytes/2"] * 2 + ["/delay/0.5"] * 2


def test_no_file_is_left_behind(origin, tmp_path):
    result = compare("--compare=1,2", stdin=(origin.http + "/nothing\n").encode(),
                     env={"TMPDIR": str(tmp_path)})
    assert result.code == 0 and os.listdir(tmp_path) == []


def test_a_list_that_is_not_there_is_an_error(tmp_path):
    result = compare("--compare=1,2", "-i", str(tmp_path / "\x1b[31mnone"))
    assert (result.code, result.raw) == (2, b"")
    assert "cannot read the list: " in result.err and "none: No such file" in result.err
    assert "\x1b" not in result.err


def test_an_empty_list_has_nothing_to_compare():
    result = compare("--compare=1,2", "-i", "/dev/null")
    assert (result.code, result.out) == (0, "warning: there was no request to compare\n")


# What is printed


def test_the_table(origin):
    result = run("--compare=1,10", *delays(origin, 10, 0.1))
    rows, notes = table(result)
    assert list(rows[0]) == ["level", "wall", "req/s", "p50", "p90", "p95", "p99", "p99.9",
                             "max", "speed-up", "eff.", "conns", "failed"]
    assert [(r["level"], r["conns"], r["failed"]) for r in rows] == [("1", "1", "0"),
                                                                    ("10", "10", "0")]
    assert rows[0]["speed-up"] == "1.00x" and notes == []
    assert result.out.startswith("10 requests at each level of concurrency\n\n")
    first, second = result.out.split("\n\n")[2].splitlines()
    assert re.fullmatch(r"    1  █{60,}  \S+", first) and re.match(r"   10  [█▏▎▍▌▋▊▉]+  ", second)
    assert len(first) <= 80 and second.count("█") < 40
    assert [line.split(":")[0] for line in result.err.splitlines() if line] == [
        "run 1 of 2, level 1", "run 2 of 2, level 10"]


def test_bars_are_of_ascii_where_the_locale_is(origin):
    result = compare("--compare=1,4", *delays(origin, 4, 0.05), env={"LC_ALL": "C"})
    assert result.raw.isascii() and re.search(r"\n    1  #{60,}  ", result.out)


@pytest.mark.parametrize("width, names", [
    (200, "level wall req/s p50 p90 p95 p99 p99.9 max speed-up eff. conns failed"),
    (38, "level wall speed-up eff. failed"), (20, "level wall speed-up")])
def test_it_fits_the_terminal(origin, width, names):
    master, slave = pty.openpty()
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    with os.fdopen(master, "rb"), os.fdopen(slave, "wb") as terminal:
        # Less than the terminal can hold, so nobody needs to read it meanwhile.
        done = subprocess.run([*COMMAND, "--compare=1,4", "--no-summary",
                               *delays(origin, 4, 0.05)], stdin=subprocess.DEVNULL,
                              stdout=terminal, env=environment(TERM="xterm"), check=False,
                              timeout=PATIENCE)
        text = os.read(master, 65536).decode().replace("\r\n", "\n")
    assert done.returncode == 0
    _, rows, bars = text.split("\n\n")
    assert rows.splitlines()[0].split() == names.split()
    if width >= 30:
        assert max(len(line) for line in (rows + "\n" + bars).splitlines()) <= width


def test_json_has_numbers(origin):
    document = compare("--compare=1,2", "--json", *delays(origin, 4, 0.05)).document
    assert list(document) == ["levels", "repeat", "void", "helps_up_to", "notes"]
    level = document["levels"][1]
    assert list(level) == ["concurrency", "wall", "rate", "latency", "speed_up", "efficiency",
                           "connections", "requests", "failed", "most_in_flight", "runs"]
    assert list(level["latency"]) == ["min", "p50", "p90", "p95", "p99", "p99.9", "max",
                                       "mean"]
    assert list(level["runs"][0]) == ["turn", "wall", "rate", "latency", "connections", "requests",
                                      "failed", "most_in_flight"]
    figures = [*level["latency"].values()] + [v for k, v in level.items()
                                              if k not in ("latency", "runs")]
    assert all(type(figure) in (int, float) for figure in figures)
    assert level["rate"] == pytest.approx(4 / level["wall"], rel=1e-3)
    assert level["speed_up"] == pytest.approx(document["levels"][0]["wall"] / level["wall"],
                                              rel=1e-2)
    assert level["efficiency"] == pytest.approx(level["speed_up"] / 2, abs=1e-3)


def test_csv_has_a_row_for_each_level(origin):
    result = compare("--compare=1,2,3", "--csv", "--repeat=2", origin.http + "/nothing")
    assert [(row["concurrency"], row["requests"], row["runs"]) for row in result.rows] == [
        ("1", "2", "2"), ("2", "2", "2"), ("3", "2", "2")]
    assert all(float(row["wall"]) > 0 for row in result.rows)
    assert "there are no more requests" in result.err


@pytest.mark.parametrize("args, colored", [
    ([], True), (["--color", "never"], False)], ids=str)
def test_colors_are_for_terminals(origin, args, colored):
    code, out = on_terminal("--no-summary", "--compare=1,2", *args, origin.http + "/status/404")
    assert code == 1 and ("\x1b[33mwarning: " in out) is colored
    assert ("\x1b[31m       1\x1b[0m" in out) is colored
    _, out = on_terminal("--compare=1,2", *args, origin.http + "/status/404")
    assert (", \x1b[31m1 failed\x1b[0m" in out) is colored
    assert "\x1b" not in compare("--compare=1,2", origin.http + "/status/404").out


def test_what_cannot_be_written_is_an_error(origin):
    result = run("--compare=1,2", "--no-summary", origin.http + "/nothing",
                 shell='"$@" >/dev/full')
    assert result.code == 3 and "cannot write the comparison: No space" in result.err


# What is said of it


def test_failures_make_it_void(origin):
    urls = [origin.http + "/status/503", *delays(origin, 3, 0.05)]
    result = compare("--compare=1,2", "--repeat=2", *urls)
    rows, notes = table(result)
    assert result.code == 1 and [row["failed"] for row in rows] == ["2", "2"]
    assert notes[0] == "warning: failures make this comparison void: 2 of 8 at 1, 2 of 8 at 2"
    document = compare("--compare=1,2", "--json", *urls).document
    assert document["void"] is True and document["helps_up_to"] is None
    assert document["notes"] == [
        "warning: failures make this comparison void: 1 of 4 at 1, 1 of 4 at 2"]


def test_what_is_retried_is_no_failure(origin):
    result = compare("--compare=1,2", "--retry=1", "--retry-delay=10ms", "--json",
                     origin.http + "/flaky/1?key=a", *delays(origin, 2, 0.01))
    assert result.code == 0 and result.document["void"] is False


@pytest.mark.parametrize("args, limit, most", [
    (["--per-host", "2"], "--per-host", [2]), (["--chunk", "3"], "--chunk", [3]),
    (["--rate", "10/s"], "--rate", range(2, 8)),
    (["--host-rate", "10/s"], "--host-rate", range(2, 8))], ids=str)
def test_a_limit_that_keeps_a_level_below_is_said(origin, args, limit, most):
    result = compare("--compare=1,8", "--json", *args, *delays(origin, 8, 0.15))
    one, eight = result.document["levels"]
    assert one["most_in_flight"] == 1 and eight["most_in_flight"] in most
    (note,) = [note for note in result.document["notes"] if note.startswith("warning: level")]
    assert note == (f"warning: level 8 had at most {eight['most_in_flight']} at once, "
                    f"because of {limit}")


def test_a_list_that_is_too_short_is_said(origin):
    notes = table(compare("--compare=1,50", *delays(origin, 5, 0.1)))[1]
    assert notes == ["level 50 had 5 at once: there are no more requests"]


def test_it_says_where_more_stopped_helping(origin):
    """With two for a host, that is 2; on a busy machine 8 may seem faster: then it says nothing."""
    result = compare("--compare=1,2,8", "--per-host=2", "--json", *delays(origin, 8, 0.3))
    one, two, eight = (level["wall"] for level in result.document["levels"])
    stopped = [more for more, before, after in ((1, one, two), (2, two, eight))
               if after > before / 1.05]
    assert result.document["helps_up_to"] == (stopped[0] if stopped else None)
    if stopped:
        assert re.match(f"more than {stopped[0]} at once stopped helping: ",
                        result.document["notes"][-1])


# Its end


def test_a_signal_ends_it_with_what_was_measured(origin):
    """The third run hangs."""
    urls = [origin.http + "/nothing"] * 3 + [origin.http + "/delay/0.3"]
    with start("--compare=1,2,3", "--json", *urls) as g:
        g.wait_said("run 2 of 3")
        origin.wait(in_flight=1)
        g.signal(signal.SIGINT)
        result = g.end()
    assert result.code == 130
    document = result.document
    assert [level["concurrency"] for level in document["levels"]] == [1, 2]
    assert document["notes"][0] == "warning: interrupted: this is 2 of 3 runs"


def test_a_signal_ends_it_before_anything_was_measured(origin):
    with start("--compare=1,2", "--no-summary", origin.http + "/hang") as g:
        origin.wait(in_flight=1)
        g.signal(signal.SIGTERM)
        result = g.end()
    assert (result.code, result.out) == (143, "warning: interrupted: this is 0 of 2 runs\n")


def test_a_deadline_is_for_each_run(origin):
    """The first has too little time, the second enough."""
    result = compare("--compare=1,4", "--deadline=0.9", "--json", *delays(origin, 4, 0.3))
    one, four = result.document["levels"]
    assert one["failed"] >= 1 and four["failed"] == 0 and result.code == 1


# What is refused


@pytest.mark.parametrize("args", [
    ["--sequential"], ["--first", "1"], ["--fail-early"], ["--jsonl"], ["--fields", "url"],
    ["--ordered"], ["--headers"], ["--body"], ["-s"], ["--resume", "log"],
    ["--cookie-jar", "jar"], ["--cat"], ["--remote-name"], ["--output", "x"],
    ["--output-dir", "."], ["--skip-existing"], ["--overwrite"],
    ["--write-out", "x"], ["--waterfall"], ["--host-stats"]], ids=str)
def test_what_has_no_meaning_for_it_is_refused(origin, tmp_path, args):
    result = run("--compare=1,2", *args, origin.http + "/nothing", cwd=tmp_path)
    assert (result.code, result.raw) == (2, b"")
    name = "--silent" if args == ["-s"] else args[0]
    assert result.err == f"gather: --compare and {name} exclude each other\n"
    assert origin.seen()["requests"] == 0 and os.listdir(tmp_path) == []


def test_dry_run_prints_the_requests_once(origin):
    result = run("--compare=1,2", "--dry-run", origin.http + "/nothing")
    assert [loads(line) for line in result.lines] == [{"url": origin.http + "/nothing"}]
