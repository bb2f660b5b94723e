"""How far a run is: the line on a terminal, which never mixes with results; plain lines; JSON."""

import os
import pty
import re
import signal
import subprocess
import termios

import pytest

from harness import (COMMAND, PATIENCE, enough, environment, loads, on_terminal, run, start,
                     write_list)

LINE = re.compile(r"\d+/\d+\+?( |$)")
RESULT = re.compile(r"(200|500|ERR) +\d+ +\d+\.\d{3}  http://\S+(  \S.*)?")
RED = "\x1b[31m"


class Screen:
    """
    A terminal that knows just what gather may say to it: CR, LF, erase to the end of the line, and
    colours. drawn has what stood in a line each time that the cursor went back to its beginning.
    """

    def __init__(self, columns=80):
        self.columns, self.rows, self.at, self.drawn = columns, [""], 0, []

    def feed(self, text):
        for token in re.findall(r"\x1b\[\d*[A-Za-z]|.", text, re.S):
            if token == "\r":
                if self.rows[-1]:
                    self.drawn.append(self.rows[-1])
                self.at = 0
            elif token == "\n":
                self.rows.append("")
            elif token == "\x1b[K":
                self.rows[-1] = self.rows[-1][:self.at]
            elif token[0] == "\x1b":
                assert re.fullmatch(r"\x1b\[\d*m", token), repr(token)
            else:
                assert token.isprintable(), repr(token)
                if self.at == self.columns:
                    self.rows.append("")
                    self.at = 0
                row = self.rows[-1].ljust(self.at)
                self.rows[-1] = row[:self.at] + token + row[self.at + 1:]
                self.at += 1
        return self

    @property
    def lines(self):
        """The progress, as often as it was drawn."""
        return [row for row in self.drawn if LINE.match(row)]

    @property
    def text(self):
        """What stays."""
        assert self.rows[-1] == "", "the last line has no end"
        return self.rows[:-1]


def watch(*args, columns=80, **more):
    """Runs gather on a terminal. Returns its exit status and the Screen."""
    code, text = on_terminal(*args, columns=columns, **more)
    return code, Screen(columns).feed(text)


def urls(origin, count, seconds=0.1):
    return [f"{origin.http}/delay/{seconds}?bytes=100&{i}" for i in range(count)]


# The line


def test_the_line_and_results_on_one_terminal_never_mix(origin):
    code, screen = watch("-c", "2", *urls(origin, 40), f"{origin.http}/status/500", columns=200)
    assert code == 1
    results, summary = screen.text[:41], screen.text[41:]
    assert all(RESULT.fullmatch(row) for row in results)
    assert sum(row.startswith("200") for row in results) == 40
    assert summary[0].startswith("41 requests in ")
    assert not any(LINE.match(row) for row in screen.text)
    assert len(screen.lines) > 5
    # The only other thing that is drawn over is nothing: a result is never.
    assert all(LINE.match(row) or row in screen.text for row in screen.drawn)


def test_the_line_counts_every_result(origin):
    _, screen = watch("-c", "2", *urls(origin, 40), columns=200)
    done = [int(line.split("/")[0]) for line in screen.lines]
    assert done == sorted(done) and done[0] < 20 and done[-1] >= 38
    for line in screen.lines:
        assert re.fullmatch(r"\d+/40 \[[█▉▊▋▌▍▎▏ ]{38}\] \d+% +\d+\.\d/s +[\d.]+ k?B/s"
                            r"  [012] in flight  \d+ s left", line), line
    # It is drawn again after results with what it said before, and says something new at most ten
    # times a second, for some two seconds.
    assert 5 < len(set(screen.lines)) <= 40


def test_the_line_is_there_when_results_go_elsewhere(origin, tmp_path):
    with open(tmp_path / "out", "wb") as out:
        code, screen = watch("--no-summary", "-c", "2", *urls(origin, 20), stdout=out)
    assert code == 0
    assert screen.lines and screen.text == []
    written = (tmp_path / "out").read_text()
    assert len(written.splitlines()) == 20
    assert all(RESULT.fullmatch(row) for row in written.splitlines())


def test_the_line_makes_room_for_what_is_written_to_standard_error(origin, tmp_path):
    """With -w, while standard output is somewhere else; or is the same terminal."""
    form = "%{stdout}%{url}\\n%{stderr}to stderr: %{url}\\n"
    for to_file in (True, False):
        with open(tmp_path / "out", "wb") as out:
            _, screen = watch("--no-summary", "-w", form, "-c", "2", *urls(origin, 20), columns=200,
                              stdout=out if to_file else None)
        assert len(screen.lines) > 3
        expected = ["to stderr: " + url for url in urls(origin, 20)]
        assert sorted(screen.text) == sorted(expected + urls(origin, 20) * (not to_file))


def test_no_line_where_no_terminal_is(origin):
    for args in ([], ["--progress", "auto"], ["--progress=auto"]):
        result = run("--no-summary", *args, *urls(origin, 1, 0.8), env={"TERM": "xterm"})
        assert (result.code, result.err) == (0, "")


@pytest.mark.parametrize("args, env", [
    (["--no-progress"], {}), (["--progress", "none"], {}), (["--progress=none"], {}),
    (["--progress", "line", "--no-progress"], {}), ([], {"TERM": "dumb"}), ([], {"TERM": ""}),
    (["-s"], {})], ids=str)
def test_no_line_where_it_is_not_wanted(origin, args, env):
    code, screen = watch("--no-summary", "--no-results", *args, *urls(origin, 1, 0.8), env=env)
    assert (code, screen.rows, screen.drawn) == (0, [""], [])


@pytest.mark.parametrize("args, env", [
    (["--progress", "line"], {}), (["--progress=line"], {"TERM": "dumb"}),
    (["--no-progress", "--progress", "auto"], {}), (["-s", "--progress", "auto"], {})], ids=str)
def test_the_line_where_it_is_asked_for(origin, args, env):
    _, screen = watch("--no-summary", "--no-results", *args, *urls(origin, 1, 1), env=env)
    assert screen.lines and screen.text == []


def test_the_line_can_be_asked_for_in_a_file(origin):
    result = run("--no-summary", "--no-results", "--progress", "line", *urls(origin, 1, 1))
    screen = Screen().feed(result.err)
    assert screen.lines and screen.text == []


def test_a_short_run_draws_nothing(origin):
    _, text = on_terminal("--no-summary", "--no-results", origin.http + "/nothing")
    assert text == ""


@pytest.mark.parametrize("columns", [80, 40, 20, 6, 2, 1])
def test_the_line_fits_the_terminal(origin, columns):
    code, screen = watch("--no-summary", "--no-results", "-c", "2", *urls(origin, 20), columns=columns)
    assert code == 0
    assert screen.text == []  # a line that was too long would have left a part of it
    assert all(len(row) < columns for row in screen.drawn)
    assert bool(screen.drawn) == (columns > 1)
    assert any(" s left" in row for row in screen.drawn) == (columns >= 20)
    assert any("]" in row for row in screen.drawn) == (columns == 80)


def test_the_line_follows_the_width_of_the_terminal(origin):
    seen = []

    def look(process, text):
        if not seen and len(Screen().feed(text).lines) >= 2:
            seen.append(text)
            fd = os.open(f"/proc/{process.pid}/fd/2", os.O_RDWR | os.O_NOCTTY)
            termios.tcsetwinsize(fd, (24, 30))
            os.close(fd)
    _, text = on_terminal("--no-summary", "--no-results", "-c", "2", *urls(origin, 40), look=look)
    wide, all_of_it = Screen().feed(seen[0]).lines, Screen().feed(text).lines
    assert min(map(len, wide)) > 60
    assert len(all_of_it) > len(wide) + 2
    assert max(map(len, all_of_it[-2:])) < 30


def test_the_line_is_ascii_where_the_locale_is(origin):
    for locale, is_ascii in (("C", True), ("C.UTF-8", False)):
        _, screen = watch("--no-summary", "--no-results", "-c", "2", *urls(origin, 20),
                          env={"LC_ALL": locale})
        assert "[" in screen.lines[-1]
        assert all(row.isascii() == is_ascii for row in screen.lines[-2:])
        assert ("#" in screen.lines[-1]) == is_ascii


@pytest.mark.parametrize("args, env, is_red", [
    ([], {}, True), ([], {"NO_COLOR": "1"}, False), (["--color", "never"], {}, False),
    (["--color", "always"], {"NO_COLOR": "1"}, True)], ids=str)
def test_failures_are_red(origin, args, env, is_red):
    _, text = on_terminal("--no-summary", "--no-results", *args, origin.http + "/status/500",
                          *urls(origin, 1, 1), env=env)
    assert "1 failed" in text
    assert (f"{RED}1 failed\x1b[0m" in text) == (RED in text) == is_red
    _, text = on_terminal("--no-summary", "--no-results", *args, *urls(origin, 1, 1), env=env)
    assert LINE.search(text) and RED not in text


def test_a_total_is_known_of_lists_and_not_of_a_pipe(origin, tmp_path):
    """Far beyond what has been taken from it."""
    path = write_list(tmp_path / "list", "# a list", "", *urls(origin, 30))
    for args in (["-i", path], ["-i", path, f"{origin.http}/delay/0.1?[1-10]"]):
        _, screen = watch("--no-summary", "--no-results", "-c", "2", *args)
        total = 30 if len(args) == 2 else 40
        assert {line.split(" ")[0].split("/")[1] for line in screen.lines} == {str(total)}
    with start("--no-results", "--no-summary", "--progress", "json", "-c", "2", stdin="pipe") as g:
        g.write("".join(url + "\n" for url in urls(origin, 30)))
        g.wait_said("}\n")
        result = g.end()
    totals = [loads(line)["total"] for line in result.err.splitlines()]
    assert totals[0] is None and totals[-1] == 30


def test_more_may_come_is_said(origin):
    """A pipe that stays open, whose requests have all been taken."""
    seen = []
    read, write = os.pipe()
    os.write(write, "".join(url + "\n" for url in urls(origin, 3)).encode())

    def look(process, text):
        if not seen and "3/3+" in text:
            seen.append(text)
            os.close(write)
    _, text = on_terminal("--no-results", "--no-summary", "-i", f"/proc/{os.getpid()}/fd/{read}", look=look)
    os.close(read)
    assert seen and " left" not in text and "[" not in text.replace("\x1b[K", "")


def test_the_line_says_what_was_skipped(origin, tmp_path):
    log = tmp_path / "log"
    run("--no-results", "--resume", log, *urls(origin, 3, 0))
    _, screen = watch("--no-results", "--no-summary", "--resume", log, *urls(origin, 3, 0),
                      *urls(origin, 1, 1), columns=200)
    assert screen.lines and screen.lines[0].startswith("0/1 ")
    # The last may come with the result.
    assert [line for line in screen.lines if not re.match(r"[01]/1 .* 3 skipped", line)] == []


def test_a_signal_leaves_no_line_behind(origin):
    asked = []

    def look(process, text):
        if not asked and LINE.search(text):
            asked.append(process.send_signal(signal.SIGINT))
    code, screen = watch(origin.http + "/hang", columns=200, look=look)
    assert code == 130 and screen.lines
    assert screen.text[0].endswith("canceled: canceled")
    assert screen.text[1].startswith("1 request in ")
    assert not any(LINE.match(row) for row in screen.text)


def test_a_report_and_the_line_do_not_mix(origin):
    asked = []

    def look(process, text):
        if not asked and LINE.search(text):
            asked.append(process.send_signal(signal.SIGUSR1))
    code, screen = watch("--no-summary", "-c", "2", *urls(origin, 20), columns=200, look=look)
    assert code == 0
    report = [row for row in screen.text if not RESULT.fullmatch(row)]
    assert re.fullmatch(r"gather: \d in flight, \d+ waiting, \d+ done", report[0])
    assert all(re.fullmatch(r" +\d+  \w+ .*  attempt \d .*  http://\S+", row) for row in report[1:])
    assert len(screen.text) - len(report) == 20
    assert len(screen.lines) > 5


def test_the_line_waits_for_the_end_of_a_line(origin):
    """The elements of a JSON document do not end theirs: nothing is drawn over them."""
    code, screen = watch("--json", "--no-summary", "-c", "2", "--fields", "url",
                         *urls(origin, 1, 1), *urls(origin, 20), columns=2000)
    assert code == 0 and screen.lines
    document = loads("\n".join(screen.text))
    assert [r["url"] for r in document["results"]] == urls(origin, 1, 1) + urls(origin, 20)


def test_a_terminal_that_takes_nothing_holds_up_nobody(origin, tmp_path):
    """Control-S: output to it would block."""
    master, slave = pty.openpty()
    termios.tcflow(slave, termios.TCOOFF)
    with open(tmp_path / "out", "wb") as out:
        process = subprocess.Popen(
            [*COMMAND, "--no-summary", "--progress", "line", "-c", "2", *urls(origin, 20)],
            stdin=slave, stdout=out, stderr=slave, env=environment(TERM="xterm"))
    try:
        assert process.wait(timeout=PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        os.close(slave)
        os.close(master)
    assert len((tmp_path / "out").read_text().splitlines()) == 20


# In words, and in JSON


def test_plain_lines_are_for_long_runs(origin):
    """One every ten seconds, and one at the end."""
    assert run("--no-results", "--no-summary", "--progress", "plain", *urls(origin, 1, 1)).err == ""
    with start("--no-results", "--no-summary", "--progress=plain", origin.http + "/status/500",
               *urls(origin, 2, 10.4)) as g:
        result = g.end()
    line = r"gather: (\d) of 3 done \((\d+)%\) after 1[01] s, 1 failed, [\d.]+/s, [\d.]+ B/s, "
    during, end = result.err.splitlines()
    assert re.fullmatch(line + r"2 in flight, \d+ s left", during)[1] == "1"
    assert re.fullmatch(line + "0 in flight, 0 s left", end).groups() == ("3", "100")


def test_json_is_one_object_a_second_and_one_at_the_end(origin):
    result = run("--no-results", "--no-summary", "--progress", "json", "-c", "3", origin.http + "/status/500",
                 *urls(origin, 60))
    *during, end = [loads(line) for line in result.err.splitlines()]
    assert len(during) >= 1
    assert set(end) == {"done", "total", "ok", "failed", "skipped", "in_flight", "waiting", "bytes",
                        "rate", "bytes_per_second", "elapsed", "eta"}
    assert (end["done"], end["total"], end["ok"], end["failed"]) == (61, 61, 60, 1)
    assert (end["in_flight"], end["waiting"], end["skipped"], end["eta"]) == (0, 0, 0, 0)
    assert end["bytes"] >= 6000 and end["elapsed"] >= enough(2)
    for earlier, later in zip(during, [*during[1:], end]):
        assert earlier["done"] < later["done"] and earlier["bytes"] < later["bytes"]
        assert later["elapsed"] - earlier["elapsed"] < 1.5 or earlier is during[-1]
    for state in during:
        assert state["total"] == 61 and 0 < state["done"] < 61
        assert state["done"] == state["ok"] + state["failed"]
        assert 0 <= state["in_flight"] <= 3
        assert state["rate"] > 0 and state["bytes_per_second"] > 0 and state["eta"] > 0


def test_bytes_count_before_a_body_is_whole(origin):
    """As they come: compressed ones are counted as such."""
    args = ["--compressed", "--progress", "json", "--json", "--threads", "2"]
    result = run(*args, "--no-summary", f"{origin.http}/drip?bytes=1000000&seconds=2.5&chunks=50",
                 *[origin.http + "/gzip"] * 3, origin.http + "/redirect/2",
                 origin.http + "/truncate?announce=5000&send=3000")
    *during, end = [loads(line) for line in result.err.splitlines()]
    assert len(during) >= 2 and during[0]["done"] == during[-1]["done"] == 5
    assert 0 < during[0]["bytes"] < during[-1]["bytes"] < 1000000
    assert during[-1]["bytes_per_second"] > 1000
    assert end["bytes"] == result.document["summary"]["bytes"] > 1000000


def test_json_of_a_short_run_is_one_object(origin):
    result = run("--no-results", "--no-summary", "--progress", "json", origin.http + "/nothing")
    assert loads(result.err)["done"] == 1


def test_the_last_object_is_before_the_summary(origin):
    first, *summary = run("--no-results", "--progress", "json", origin.http + "/nothing").err.splitlines()
    assert loads(first)["ok"] == 1 and summary[0].startswith("1 request in ")


def test_who_does_not_read_holds_up_nobody(origin):
    """The pipe is full: objects are left out, and only the last one is waited for."""
    with start("--no-results", "--no-summary", "--progress", "json", "-c", "2", *urls(origin, 40)) as g:
        fd = os.open(f"/proc/{g.process.pid}/fd/2", os.O_WRONLY | os.O_NONBLOCK)
        filled = os.write(fd, bytes(1 << 20))
        os.close(fd)
        origin.wait(requests=40, in_flight=0)
        result = g.end()
    assert result.code == 0
    objects = result.err.replace("\0", "").splitlines()
    assert filled > 1000 and loads(objects[-1])["done"] == 40
