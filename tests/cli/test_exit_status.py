"""The exit status, and what is left when the output, the disk or the descriptors run out."""

import json
import os
import re

import pytest

from harness import run, start, targets, without_wrapper

FORMATS = [[], ["--jsonl"], ["--json"], ["--csv"]]


def test_0_when_every_request_succeeded(origin):
    assert run(*[origin.http + "/nothing"] * 3).code == 0


@pytest.mark.parametrize("path", ["/status/404", "/empty", "/redirect-loop"])
def test_1_when_one_failed(origin, path):
    assert run(origin.http + "/nothing", origin.http + path, origin.http + "/nothing").code == 1


@pytest.mark.parametrize("args", [
    ["--nonsense"], ["-c", "0"], ["--fields", "x"], ["-Z"], ["-c"]], ids=str)
def test_2_when_the_command_line_is_wrong_and_nothing_is_fetched(origin, args):
    result = run(origin.http + "/nothing", *args)
    assert (result.code, result.raw) == (2, b"")
    assert re.fullmatch("gather: .+\n", result.err)
    assert origin.seen()["requests"] == 0


# Output that cannot be written


@pytest.mark.parametrize("form", [*FORMATS, ["--dry-run"]], ids=str)
def test_3_and_a_message_when_the_disk_is_full(origin, form):
    result = run(*form, *[origin.http + "/nothing"] * 3, shell='exec "$@" >/dev/full')
    assert result.code == 3
    assert "No space left on device" in result.err


@pytest.mark.parametrize("option", ["--help", "--version", "--completions=bash"])
def test_3_when_help_cannot_be_written(option):
    assert run(option, shell='exec "$@" >/dev/full').code == 3


@pytest.mark.parametrize("form", FORMATS, ids=str)
def test_a_full_disk_begins_no_more(origin, form):
    """The first result cannot be written: what hangs is cancelled, and the list is not read on."""
    result = run(*form, "-c", "2", origin.http + "/nothing", origin.http + "/hang",
                 *[origin.http + "/hang"] * 5, shell='exec "$@" >/dev/full')
    assert result.code == 3
    assert origin.wait(in_flight=0)["requests"] <= 3


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--csv"]], ids=str)
@pytest.mark.parametrize("kilobytes", [1, 8])
def test_a_disk_that_fills_up_leaves_whole_records(origin, tmp_path, form, kilobytes):
    out = tmp_path / "out"
    result = run(*form, "--sequential", *[origin.http + "/nothing"] * 200,
                 shell=f'trap "" XFSZ; ulimit -f {kilobytes}; exec "$@" >{out}')
    assert result.code == 3
    assert "File too large" in result.err
    written = out.read_bytes()
    assert len(written) <= kilobytes * 1024
    assert not written or written.endswith(b"\n")
    if "--jsonl" in form:
        assert [json.loads(line)["index"] for line in written.splitlines()] == [
            *range(written.count(b"\n"))]
    if kilobytes == 8:
        assert written.count(b"\n") >= 3
    assert origin.seen()["requests"] < 200


def test_what_was_in_the_file_before_stays_there(origin, tmp_path):
    (tmp_path / "log").write_text('{"old": 1}\n')
    result = run("--jsonl", "--sequential", *[origin.http + "/nothing"] * 20,
                 shell=f'trap "" XFSZ; ulimit -f 4; exec "$@" >>{tmp_path}/log')
    assert result.code == 3
    lines = (tmp_path / "log").read_text().split("\n")
    assert lines[0] == '{"old": 1}' and lines[-1] == ""
    assert [json.loads(line)["index"] for line in lines[1:-1]] == [*range(len(lines) - 2)]


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--csv"]], ids=str)
def test_a_reader_that_goes_away_ends_the_run_quietly(origin, form):
    with start(*form, stdin="pipe") as g:
        g.write(origin.http + "/nothing\n")
        for _ in range(1 + ("--csv" in form)):
            g.line()
        g.process.stdout.close()
        g.write(origin.http + "/nothing\n" + (origin.http + "/hang\n") * 3)
        result = g.end(close_stdin=False)
    assert (result.code, result.err) == (3, "")


def test_head_takes_what_it_wants(origin):
    urls = "".join(f"{origin.http}/json/{i}\n" for i in range(5000))
    result = run("-c", "5", stdin=urls.encode(), shell=(
        'set -o pipefail; "$@" | head -1; echo "${PIPESTATUS[0]}"'))
    line, code = result.lines
    assert line.startswith("200 ") and "/json/" in line
    assert code == "3" and result.err == ""
    assert origin.seen()["requests"] < 5000


@without_wrapper
@pytest.mark.parametrize("form", [*FORMATS, ["--dry-run"]], ids=str)
def test_3_when_there_is_no_standard_output(origin, form):
    result = run(*form, origin.http + "/nothing", shell='exec "$@" >&-')
    assert result.code == 3
    assert "Bad file descriptor" in result.err


@without_wrapper
@pytest.mark.parametrize("closed", ["<&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_no_harm(origin, refused, tmp_path, closed):
    """What is opened later must not take their place and be written or read as one of them."""
    (tmp_path / "list").write_text(f"{origin.http}/json/a\n" * 3)
    result = run("--jsonl", "-i", tmp_path / "list", refused, origin.http + "/echo",
                 shell=f'exec "$@" {closed}')
    assert (tmp_path / "list").read_text() == f"{origin.http}/json/a\n" * 3
    asked = sorted(targets(origin.seen()))
    if " >&-" in closed:  # the first result ends it
        assert result.code == 3
        assert set(asked) <= {"/echo", "/json/a"}
    else:
        assert result.code == 1
        assert len(result.by_index) == 5
        assert asked == ["/echo"] + ["/json/a"] * 3


# Descriptors


@without_wrapper
def test_the_soft_limit_of_open_files_is_raised(origin):
    result = run("--jsonl", "-c", "150", *[origin.http + "/delay/0.5"] * 150,
                 shell='ulimit -Sn 50; exec "$@"')
    assert result.code == 0
    assert "warning" not in result.err
    assert origin.seen()["most_in_flight"] == 150


@without_wrapper
@pytest.mark.parametrize("limit", [24, 40, 64, 100])
def test_with_few_open_files_the_concurrency_is_lowered_with_a_warning(origin, limit):
    result = run("--jsonl", "-c", "150", *[origin.http + "/delay/0.05"] * 200,
                 shell=f'ulimit -n {limit}; exec "$@"')
    assert result.code == 0, result
    assert len(result.by_index) == 200
    warning = re.search(r"^gather: warning: .*\b%d open files.* (\d+) transfers" % limit,
                        result.err)
    assert warning, result.err
    assert origin.seen()["most_in_flight"] <= int(warning[1]) < limit


@without_wrapper
def test_no_warning_where_the_open_files_suffice(origin):
    result = run("--jsonl", "-c", "20", *[origin.http + "/delay/0.2"] * 20,
                 shell='ulimit -n 60; exec "$@"')
    assert result.code == 0 and "warning" not in result.err
    assert origin.seen()["most_in_flight"] == 20


@without_wrapper
def test_no_descriptor_is_passed_on_or_left_open(origin):
    """A run of many requests has no more open at its end than at its beginning."""
    with start("--jsonl", "-c", "10", stdin="pipe") as g:
        g.write((origin.http + "/nothing\n") * 30)
        for _ in range(30):
            g.line()
        before = len(os.listdir(f"/proc/{g.process.pid}/fd"))
        for _ in range(10):
            g.write((origin.http + "/empty\n" + origin.http + "/nothing\n") * 10)
            for _ in range(20):
                g.line()
        assert len(os.listdir(f"/proc/{g.process.pid}/fd")) <= before + 10
