"""--resume: a run that was cut short is taken up where it stood, and nothing is done twice."""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

import pytest

from harness import (COMMAND, SLOW, environment, fetch, loads, only_at_full_speed, run, soon,
                     start, targets, without_wrapper, write_list)
from test_memory import MEASURE
from test_output import MEMBERS

LOG_MEMBERS = ["fingerprint", "ok"] + [name for name in MEMBERS if name != "ok"]
STRANGE = "not a line that --resume has written"
FINGERPRINT = "0123456789abcdef" * 2


@pytest.fixture
def log(tmp_path):
    """A log that is not there yet."""
    return tmp_path / "log"


def entries(log):
    """The lines of a log; each is whole and has all members."""
    text = log.read_text()
    assert not text or text.endswith("\n"), text[-200:]
    found = [loads(line) for line in text.split("\n")[:-1]]
    assert all(list(entry) == LOG_MEMBERS for entry in found)
    return found


def done(log):
    """The URLs that a log shows as done, sorted."""
    return sorted(entry["url"] for entry in entries(log) if entry["ok"])


def skipped(result):
    """How many the summary says were skipped."""
    found = re.search(r"^\d+ requests? in .*: \d+ ok, \d+ failed(?:, (\d+) skipped)?",
                      result.err, re.M)
    return int(found[1] or 0)


def numbered(origin, *numbers):
    return [f"{origin.http}/json/{i}" for i in numbers]


def paths_of(urls):
    return sorted("/" + url.split("/", 3)[3] for url in urls)


@pytest.fixture
def endless(log):
    """A log that begins well, and would be read for minutes: 1 TB of a hole in a file."""
    log.write_text(f'{{"fingerprint":"{FINGERPRINT}","ok":true}}\n{{"fingerprint":"')
    os.truncate(log, 1 << 40)
    return log


# Logs that take long


def test_the_deadline_counts_while_the_log_is_read(origin, endless):
    size = endless.stat().st_size
    result = run("--deadline", "0.05", "--resume", endless, origin.http + "/nothing")
    assert result.code == 1 and result.err.startswith("0 requests")
    assert endless.stat().st_size == size and origin.seen()["requests"] == 0


@without_wrapper
def test_a_signal_ends_the_reading_of_the_log_at_once(origin, endless):
    with start("--resume", endless, origin.http + "/nothing") as g:
        while not has_open(g.process.pid, endless):
            time.sleep(0.01)
        g.signal(signal.SIGINT)
        result = g.end()
    assert result.code == -signal.SIGINT and origin.seen()["requests"] == 0


def has_open(pid, path):
    fds = f"/proc/{pid}/fd"
    return os.path.realpath(path) in [os.path.realpath(f"{fds}/{fd}") for fd in os.listdir(fds)]


# What is done, and what is left


def test_the_log_has_a_line_of_all_members_for_each_result(origin, log):
    urls = [*numbered(origin, 1, 2), origin.http + "/status/404"]
    result = fetch("--resume", log, *urls)
    assert result.code == 1
    found = entries(log)
    assert sorted(e["url"] for e in found) == sorted(urls)
    assert all(re.fullmatch("[0-9a-f]{32}", e["fingerprint"]) for e in found)
    assert len({e["fingerprint"] for e in found}) == 3
    rest = [{name: e[name] for name in MEMBERS} for e in found]
    assert rest == result.results


def test_a_second_run_skips_all(origin, log):
    urls = numbered(origin, *range(10))
    first = run("--resume", log, *urls)
    assert (first.code, skipped(first)) == (0, 0) and "skipped" not in first.err
    before = log.read_bytes()
    origin.reset()
    again = run("--resume", log, *urls)
    assert (again.code, again.raw, skipped(again)) == (0, b"", 10)
    assert again.err.startswith("0 requests in ")
    assert origin.seen()["connections"] == 0
    assert log.read_bytes() == before


def test_what_failed_is_done_again_and_only_that(origin, log):
    urls = numbered(origin, 1, 2, 3) + [origin.http + path for path in (
        "/flaky/1?key=a", "/status/404", "/flaky/2?key=b")]
    result = run("--resume", log, *urls)
    assert (result.code, skipped(result)) == (1, 0)
    for code, skips, left in ((1, 3, urls[3:]), (1, 4, urls[4:]), (1, 5, urls[4:5])):
        asked = origin.seen()["requests"]
        result = run("--resume", log, *urls)
        assert (result.code, skipped(result)) == (code, skips)
        assert sorted(targets(origin.seen())[asked:]) == paths_of(left)
    assert done(log) == sorted(set(urls) - {urls[4]})
    assert len(entries(log)) == 6 + 3 + 2 + 1


def test_accept_says_what_is_done(origin, log):
    """The log says whether it was ok then; that is not asked again."""
    url = origin.http + "/status/404"
    assert run("--resume", log, "--accept", "404", url).code == 0
    assert skipped(run("--resume", log, url)) == 1
    assert origin.seen()["requests"] == 1


def test_an_edited_list_runs_what_is_new(origin, log, tmp_path):
    old, new = numbered(origin, *range(40)), numbered(origin, *range(40, 55))
    run("--resume", log, "-i", write_list(tmp_path / "list", *old))
    origin.reset()
    edited = old[5:] + new
    random.Random(1).shuffle(edited)
    edited[3:3] = ["# a comment", ""]
    result = fetch("--resume", log, "-i", write_list(tmp_path / "list", *edited), "-i", "-",
                   stdin=(old[7] + "\n").encode())
    # The last one is a second wish for what was done once.
    assert sorted(targets(origin.seen())) == paths_of([*new, old[7]])
    kept = [line for line in edited if line.startswith("http")] + [old[7]]
    assert result.code == 0
    assert all(kept[r["index"]] == r["url"] for r in result.results)
    assert done(log) == sorted([*old, *new, old[7]])


def test_a_url_that_stands_twice_is_done_twice_and_no_more(origin, log):
    a, b = numbered(origin, 1, 2)
    for urls, skips, asked in (([a], 0, [a]), ([a, b, a], 1, [a, b]), ([a, a, b], 3, []),
                               ([a, a, a], 2, [a]), ([a], 1, []), ([b, a, a, b, a], 4, [b])):
        origin.reset()
        result = run("--resume", log, *urls)
        assert (result.code, skipped(result)) == (0, skips)
        assert sorted(targets(origin.seen())) == paths_of(asked)
    assert done(log) == [a, a, a, b, b]


def test_of_a_url_that_stands_twice_the_one_that_failed_is_done_again(origin, log):
    url = origin.http + "/flaky/1"
    assert run("--sequential", "--resume", log, url, url).code == 1
    result = run("--resume", log, url, url)
    assert (result.code, skipped(result)) == (0, 1)
    assert done(log) == [url, url] and origin.seen()["requests"] == 3


REQUESTS = {
    "plain": [], "HEAD": ["-I"], "DELETE": ["-X", "DELETE"], "post": ["-X", "POST"],
    "a header": ["-H", "X-A: 1"], "another value": ["-H", "X-A: 2"],
    "another name": ["-H", "X-B: 1"], "two headers": ["-H", "X-A: 1", "-H", "X-B: 1"],
    "a header not sent": ["-H", "Accept:"], "a key that is not secret":
    ["-H", "Idempotency-Key: 1"], "a range": ["-r", "0-1"],
    "a body": ["-d", "a=1"], "another body": ["-d", "a=2"], "an empty body": ["-d", ""],
    "a body and a header": ["-d", "a=1", "-H", "X-A: 1"], "a body with PUT":
    ["-d", "a=1", "-X", "PUT"],
}


def test_another_method_header_or_body_is_another_request(origin, log):
    """Each of them once, whatever else is in the log."""
    url = origin.http + "/echo"
    for _ in range(2):
        for args in REQUESTS.values():
            assert run("--resume", log, *args, url).code == 0
    assert origin.seen()["requests"] == len(REQUESTS)
    assert len({entry["fingerprint"] for entry in entries(log)}) == len(REQUESTS)


@pytest.mark.parametrize("change", ["?", "?x", "/", "#x", "%20"])
def test_another_url_is_another_request(origin, log, change):
    url = origin.http + "/nothing"
    run("--resume", log, url)
    result = run("--resume", log, url + change)
    assert skipped(result) == 0
    assert len(entries(log)) == 2


@pytest.mark.parametrize("args", [
    ["-c", "1"], ["--retry", "2"], ["-m", "20"], ["--jsonl"], ["--no-location"], ["--body"],
    ["--per-host", "1"], ["--rate", "100/s"], ["--sequential"], ["--chunk", "2"]], ids=str)
def test_how_it_is_fetched_or_printed_makes_no_other_request(origin, log, args):
    urls = numbered(origin, 1, 2, 3)
    assert run("--resume", log, *urls).code == 0
    result = run("--resume", log, *args, *urls)
    assert (result.code, skipped(result)) == (0, 3)
    assert origin.seen()["requests"] == 3


CREDENTIALS = {
    "none": [], "-u": ["-u", "me:{}"], "-b": ["-b", "session={}"],
    "--oauth2-bearer": ["--oauth2-bearer", "{}"],
    **{name: ["-H", name + ": {}"] for name in (
        "Authorization", "Cookie", "Proxy-Authorization", "X-API-Key", "x-auth-token", "Api-Key",
        "PRIVATE-TOKEN", "X-Amz-Signature", "X-Session-Id")},
}


@pytest.mark.parametrize("before", CREDENTIALS)
def test_another_credential_makes_no_other_request(origin, log, before):
    """A token that was renewed, or is sent in another way, does not start the run over."""
    args = ["-H", "X-A: 1", "-d", "x"]
    assert run("--resume", log, *args, *[a.format("old") for a in CREDENTIALS[before]],
               *numbered(origin, 1, 2)).code == 0
    for credential in CREDENTIALS.values():
        for value in ("old", "new"):
            result = run("--resume", log, *args, *[a.format(value) for a in credential],
                         *numbered(origin, 1, 2))
            assert (result.code, skipped(result), "warning" in result.err) == (0, 2, False)
    assert origin.seen()["requests"] == 2


def test_another_credential_of_a_job_or_a_url_makes_no_other_request(origin, log):
    url = origin.http + "/echo"

    def jobs(key):
        return "\n".join(json.dumps({"url": url, **more}) for more in (
            {"headers": {"Authorization": "Bearer " + key, "X-A": "1"}},
            {"headers": {"X-Api-Key": key}, "body": "1"}, {"user": "me:" + key, "body": "2"},
            {"url": url.replace("//", f"//me:{key}@") + "?1"})).encode()
    assert run("--resume", log, stdin=jobs("old")).code == 0
    result = run("--resume", log, stdin=jobs("new"))
    assert (result.code, skipped(result)) == (0, 4)
    assert skipped(run("--resume", log, "-H", "X-A: 1", url, url + "?1")) == 1


NO_MATCH = ("gather: warning: no request of this run is among the {} that {} has as done (method, "
            "URL, headers and body must be the same)")


@pytest.mark.parametrize("args", [[], ["-s", "--no-summary"], ["--json"], ["--ordered"]], ids=str)
def test_a_log_that_matches_nothing_says_so_in_one_line(origin, log, args):
    run("--resume", log, *numbered(origin, 1, 2, 3), origin.http + "/status/404")
    result = run(*args, "--resume", log, *numbered(origin, 4, 5))
    assert result.code == 0
    assert [line for line in result.err.splitlines() if line.startswith("gather: ")] == [
        NO_MATCH.format(3, log)]


@pytest.mark.parametrize("numbers", [[1, 5], [5, 1, 5], [1]], ids=str)
def test_a_log_that_matches_something_says_nothing(origin, log, numbers):
    run("--resume", log, *numbered(origin, 1, 2, 3))
    assert "warning" not in run("--resume", log, *numbered(origin, *numbers)).err


def test_a_log_in_which_nothing_is_done_need_not_match(origin, log):
    args = ["--resume", log, origin.http + "/status/404"]
    assert "warning" not in run(*args).err + run(*args).err


def test_of_a_request_that_is_tried_again_the_last_result_counts(origin, log):
    result = run("--resume", log, "--retry", "2", "--retry-delay", "0", origin.http + "/flaky/2")
    assert result.code == 0
    (entry,) = entries(log)
    assert (entry["ok"], entry["attempts"]) == (True, 3)


def test_lines_that_cannot_be_used_fail_each_time(origin, log):
    args = ["-i", "/nonexistent/list", "nope://x/", *numbered(origin, 1)]
    for skips in (0, 1):
        result = run("--resume", log, *args)
        assert (result.code, skipped(result)) == (1, skips)
        assert "/nonexistent/list" in result.out
    assert [entry["error"] for entry in entries(log)].count("input") == 4
    assert origin.seen()["requests"] == 1


def test_a_password_is_not_in_the_log(origin, log):
    url = origin.http.replace("//", "//user:s3cret@") + "/nothing"
    run("--resume", log, url)
    assert skipped(run("--resume", log, url)) == 1
    assert "s3cret" not in log.read_text()
    assert skipped(run("--resume", log, url.replace("s3cret", "other"))) == 1


# Standard output, besides the log

FORMS = {
    "text": [], "jsonl": ["--jsonl"], "json": ["--json"], "csv": ["--csv"], "silent": ["--no-results"],
    "fields": ["--jsonl", "--fields", "url,http_code"], "csv fields": ["--csv", "--fields", "url"],
}


def urls_on_stdout(form, result):
    if "json" == form:
        return [r["url"] for r in result.document["results"]]
    if form in ("jsonl", "fields"):
        return [r["url"] for r in result.results]
    if form.startswith("csv"):
        return [row["url"] for row in result.rows]
    return [line[-1] for line in result.columns]


@pytest.mark.parametrize("ordered", [False, True], ids=["", "ordered"])
@pytest.mark.parametrize("form", FORMS)
def test_the_log_is_the_same_whatever_is_on_standard_output(origin, log, form, ordered):
    args = [*FORMS[form], *["--ordered"] * ordered, "--resume", log]
    urls = numbered(origin, *range(8))
    assert run(*args, *urls[::2]).code == 0
    result = run(*args, *urls)
    assert (result.code, skipped(result)) == (0, 4)
    expected = [] if form == "silent" else urls[1::2]
    found = urls_on_stdout(form, result)
    assert sorted(found) == expected
    if ordered:
        assert found == expected
    if form == "fields":
        assert all(list(r) == ["url", "http_code"] for r in result.results)
    if form == "json":
        summary = result.document["summary"]
        assert (summary["requests"], summary["ok"], summary["skipped"]) == (4, 4, 4)
    assert done(log) == urls and len(entries(log)) == 8
    before = log.read_bytes()
    nothing = run(*args, *urls)
    assert (nothing.code, skipped(nothing)) == (0, 8)
    assert urls_on_stdout(form, nothing) == []
    assert log.read_bytes() == before


def test_json_says_how_many_were_skipped_with_resume_and_zero_in_its_first_run(origin, log):
    for expected in ((2, 0), (0, 2)):
        document = run("--json", "--resume", log, *numbered(origin, 1, 2)).document
        assert (document["summary"]["requests"], document["summary"]["skipped"]) == expected
        assert len(document["results"]) == expected[0]


def test_bodies_and_headers_are_in_the_log_when_asked_for(origin, log):
    result = fetch("--body", "--headers", "--resume", log, origin.http + "/latin1",
                   origin.http + "/json/a")
    found = [loads(line) for line in log.read_text().splitlines()]
    assert [{name: e[name] for name in r} for e, r in zip(found, result.results)] == result.results
    assert {"headers", "body", "body_base64"} <= set(found[0])
    again = fetch("--resume", log, origin.http + "/json/a", origin.http + "/latin1")
    assert (again.code, again.raw) == (0, b"")


def test_lines_of_megabytes_are_read(origin, log):
    """Longer than the reader's block."""
    urls = [f"{origin.http}/bytes/{size}" for size in (2_000_000, 10, 1_500_000)]
    run("--no-results", "--body", "--resume", log, *urls)
    assert log.stat().st_size > 4_000_000
    assert skipped(run("--resume", log, *urls)) == 3
    assert origin.seen()["requests"] == 3


@pytest.mark.parametrize("form", [["--jsonl"], ["--csv", "--fields", "index,url"]], ids=str)
def test_in_order_thousands_that_are_skipped_hold_up_nothing(origin, log, tmp_path, form):
    """Before, between and behind what is new; more than the window that results wait in."""
    old = numbered(origin, *range(6000))
    new = [f"{origin.http}/delay/0.{9 - i}?{i}" for i in range(4)]
    run("--no-results", "--resume", log, stdin="\n".join(old).encode())
    mixed = [*old[:2500], new[0], *old[2500:5000], new[1], new[2], *old[5000:], new[3]]
    result = run(*form, "--ordered", "--resume", log, "-i", write_list(tmp_path / "list", *mixed))
    assert (result.code, skipped(result)) == (0, 6000)
    found = result.results if "--jsonl" in form else result.rows
    assert [r["url"] for r in found] == new
    assert [int(r["index"]) for r in found] == [mixed.index(url) for url in new]
    assert origin.seen()["requests"] == 6000 + 4


def test_in_order_a_result_behind_skipped_ones_is_there_at_once(origin, log, tmp_path):
    old = numbered(origin, *range(3000))
    run("--no-results", "--resume", log, stdin="\n".join(old).encode())
    name = write_list(tmp_path / "list", *old, origin.http + "/nothing", origin.http + "/hang")
    with start("--jsonl", "--ordered", "--resume", log, "-i", name) as g:
        assert loads(g.line())["index"] == 3000
        origin.wait(in_flight=1)


def test_in_order_skipped_ones_wait_with_the_others_behind_one_that_hangs(origin, log, tmp_path):
    old = numbered(origin, *range(3000))
    run("--no-results", "--resume", log, stdin="\n".join(old).encode())
    slow = origin.http + "/delay/0.5"
    name = write_list(tmp_path / "list", slow, *old, origin.http + "/nothing")
    result = fetch("--ordered", "--resume", log, "-i", name)
    assert [r["url"] for r in result.results] == [slow, origin.http + "/nothing"]


# A last line that is torn

CUTS = [1, 2, 8, 14, 15, 16, 17, 18, 46, 47, 48, 49, 54, 55, 56, 57, 58, 59, 60, 61, 62, 100,
        0.5, -100, -3, -2]


@pytest.mark.parametrize("whole", [0, 2])
@pytest.mark.parametrize("cut", CUTS)
def test_a_torn_last_line_is_cut_off_and_its_request_repeated(origin, log, cut, whole):
    """At each place that matters to one who reads it."""
    urls = numbered(origin, *range(whole + 1))
    run("--no-results", "--sequential", "--resume", log, *urls)
    lines = log.read_bytes().splitlines(keepends=True)
    size = int(len(lines[-1]) * cut) if cut == 0.5 else cut
    torn = lines[-1][:size]
    log.write_bytes(b"".join(lines[:-1]) + torn)
    origin.reset()
    result = run("--resume", log, *urls)
    warning, _, rest = result.err.partition("\n")
    assert warning == ("gather: warning: cut a torn last line of "
                       f"{len(torn)} bytes off {log}")
    assert result.code == 0 and "warning" not in rest
    assert skipped(result) == whole
    assert targets(origin.seen()) == paths_of(urls[whole:])
    assert log.read_bytes().startswith(b"".join(lines[:-1]))
    assert done(log) == urls and len(entries(log)) == whole + 1
    assert "warning" not in run("--resume", log, *urls).err


@pytest.mark.parametrize("count", [1, 3])
def test_a_last_line_that_lacks_only_its_newline_counts(origin, log, count):
    urls = numbered(origin, *range(count))
    run("-s", "--resume", log, *urls)
    whole = log.read_bytes()
    log.write_bytes(whole[:-1])
    origin.reset()
    result = run("--resume", log, *urls, origin.http + "/nothing")
    assert skipped(result) == count and "warning" not in result.err
    assert targets(origin.seen()) == ["/nothing"]
    assert log.read_bytes().startswith(whole)
    assert done(log) == sorted(urls + [origin.http + "/nothing"])


@pytest.mark.parametrize("length", [1, 512, 4096, 3 << 20])
@pytest.mark.parametrize("before", ["", "half a line", "a line without its newline"])
def test_nuls_at_the_end_are_what_a_power_loss_has_left(origin, log, before, length):
    urls = numbered(origin, 1, 2, 3)
    run("-s", "--sequential", "--resume", log, *urls)
    lines = log.read_bytes().splitlines(keepends=True)
    last = {"": b"", "half a line": lines[2][:100],
            "a line without its newline": lines[2][:-1]}[before]
    count = 3 if last == lines[2][:-1] else 2
    log.write_bytes(b"".join(lines[:2]) + last + bytes(length))
    origin.reset()
    result = run("--resume", log, *urls)
    assert result.code == 0 and skipped(result) == count
    assert ("warning: cut" in result.err) == (count == 2)
    assert targets(origin.seen()) == paths_of(urls[count:])
    assert done(log) == urls and len(entries(log)) == 3


def test_a_log_that_is_removed_during_the_run_ends_it(origin, log):
    """Not at once: it is looked at now and then."""
    urls = numbered(origin, *range(1000))
    with start("--no-summary", "--resume", log, "-c", 2, "--rate", "50/s", *urls) as process:
        process.line()
        log.unlink()
        result = process.end()
    assert (result.code, result.err) == (3, f"gather: {log} was removed during the run, "
                                            "and its results with it\n")
    assert origin.seen()["requests"] < 1000


@pytest.mark.parametrize("before", [1, 15, 47, 56, 57, 58, 500])
def test_a_line_across_the_blocks_of_the_reader_is_understood(origin, log, before):
    """So many bytes of it are in the first MiB."""
    urls = numbered(origin, 1, 2)
    run("--no-results", "--resume", log, *urls)
    lines = log.read_bytes()
    start_of = b'{"fingerprint":"%b","ok":false,"x":"' % FINGERPRINT.encode()
    padding = (1 << 20) - before - len(start_of) - 3
    log.write_bytes(start_of + b"x" * padding + b'"}\n' + lines)
    assert skipped(run("--resume", log, *urls)) == 2
    log.write_bytes(log.read_bytes()[:-2])
    assert skipped(run("--no-results", "--resume", log, *urls)) == 1
    assert log.read_bytes()[1 << 20:].count(b"\n") == 2


# What is no log

GOOD = '{"fingerprint":"%s","ok":true,"index":0}\n' % FINGERPRINT
NOT_A_LOG = {
    "a list": ("http://a.example/\nhttp://b.example/\n", 1),
    "one URL without an end": ("http://a.example/", 1),
    "an empty object": ("{}\n", 1),
    "an empty object without an end": ("{}", 1),
    "an empty line": ("\n", 1),
    "a job line": ('{"url":"http://a.example/"}\n', 1),
    "results of --jsonl": ('{"index":0,"id":null,"ok":true}\n', 1),
    "results of --json": ('{"results":[\n],\n"summary":{}}\n', 1),
    "results of --csv": ("index,id,meta,url\r\n0,,,http://a/\r\n", 1),
    "zeros": ("\0" * 100, 1),
    "a mark of byte order": ("\ufeff" + GOOD, 1),
    "a space before": (" " + GOOD, 1),
    "spaces inside": (GOOD.replace(":", ": "), 1),
    "another member first": ('{"ok":true,"fingerprint":"%s"}\n' % FINGERPRINT, 1),
    "no ok": ('{"fingerprint":"%s","index":0,"url":"http://a/"}\n' % FINGERPRINT, 1),
    "upper case": (GOOD.replace("abcdef", "ABCDEF"), 1),
    "a digit less": (GOOD.replace("f0", "f"), 1),
    "a digit more": (GOOD.replace("f0", "f00"), 1),
    "a letter that is no digit": (GOOD.replace("f0", "g0"), 1),
    "a line that ends early": (GOOD[:55] + "\n", 1),
    "a short line": (GOOD[:20] + "\n", 1),
    "garbage in the middle": (GOOD + "garbage\n" + GOOD, 2),
    "an empty line in the middle": (GOOD * 3 + "\n" + GOOD, 4),
    "an empty line at the end": (GOOD * 3 + "\n", 4),
    "half a line in the middle": (GOOD + GOOD[:30] + GOOD, 2),
    "garbage at the end": (GOOD * 9 + "garbage\n", 10),
    "garbage without an end": (GOOD * 9 + "garbage", 10),
    "garbage in the middle, and a torn line": (GOOD + "garbage\n" + GOOD[:-9], 2),
    "garbage after many": (GOOD * 70_000 + "garbage\n", 70_001),
}


@pytest.mark.parametrize("what", NOT_A_LOG)
def test_what_is_no_log_is_refused_and_left_as_it_is(origin, log, what):
    text, line = NOT_A_LOG[what]
    log.write_bytes(text.encode())
    os.utime(log, (1e9, 1e9))
    result = run("--jsonl", "--resume", log, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"")
    assert result.err == f"gather: {log}:{line}: {STRANGE}\n"
    assert log.read_bytes() == text.encode() and log.stat().st_mtime == 1e9
    assert origin.seen()["connections"] == 0


def refused(origin, log, words, shell=None):
    """--resume with such a FILE: status 2, one line that names FILE, and nothing is asked."""
    result = run("--jsonl", "--resume", log, origin.http + "/nothing", shell=shell)
    assert (result.code, result.raw) == (2, b"")
    assert result.err.startswith("gather: ") and result.err.count("\n") == 1
    assert str(log) in result.err and words in result.err
    assert origin.seen()["connections"] == 0


def test_an_empty_file_is_a_log(origin, log):
    log.touch()
    assert run("--resume", log, origin.http + "/nothing").code == 0
    assert len(entries(log)) == 1


def test_a_folder_is_refused(origin, tmp_path):
    refused(origin, tmp_path, "Is a directory")
    assert not list(tmp_path.iterdir())


def test_a_fifo_is_refused_and_nobody_waits_for_its_other_end(origin, log):
    os.mkfifo(log)
    refused(origin, log, "is not a regular file")


@pytest.mark.parametrize("device", ["/dev/full", "/dev/null", "/dev/zero"])
def test_a_device_is_refused(origin, device):
    refused(origin, device, "is not a regular file")


def test_a_file_in_a_folder_that_is_not_there_is_refused(origin):
    refused(origin, "/nonexistent/log", "No such file or directory")


@pytest.mark.parametrize("mode", [0o000, 0o200, 0o444])
def test_a_file_that_must_not_be_read_or_written_is_refused(origin, log, mode):
    log.write_text(GOOD)
    log.chmod(mode)
    if os.access(log, os.R_OK | os.W_OK) and not shutil.which("setpriv"):
        pytest.skip("who may everything cannot give that up here")
    may = 'setpriv --bounding-set=-dac_override,-dac_read_search "$@"'
    refused(origin, log, "Permission denied", shell="exec " + (
        may if os.geteuid() == 0 else '"$@"'))
    log.chmod(0o600)
    assert log.read_text() == GOOD


def test_a_wrong_command_line_makes_no_log(log):
    assert run("--resume", log, "-c", "0", "http://a/").code == 2
    assert not log.exists()


def test_a_dry_run_leaves_the_log_alone(origin, log):
    assert run("--dry-run", "--resume", log, origin.http + "/nothing").code == 0
    assert not log.exists() and origin.seen()["requests"] == 0


# One at a time


@pytest.mark.parametrize("name", ["log", "link"])
def test_a_second_gather_on_the_same_log_is_refused(origin, log, tmp_path, name):
    (tmp_path / "link").symlink_to(log)
    urls = [origin.http + "/nothing", origin.http + "/hang"]
    with start("--jsonl", "--resume", log, *urls) as g:
        g.line()
        origin.wait(requests=2, in_flight=1)
        before = log.read_bytes()
        second = run("--resume", tmp_path / name, *numbered(origin, 1))
        assert (second.code, second.raw) == (2, b"")
        assert second.err == f"gather: another gather is using {tmp_path / name}\n"
        assert log.read_bytes() == before
        assert origin.seen()["requests"] == 2
        g.signal(signal.SIGINT)
        assert g.end().code == 130
    third = run("--resume", log, urls[0], *numbered(origin, 1))
    assert (third.code, skipped(third)) == (0, 1)


def test_a_log_is_free_again_when_its_gather_was_killed(origin, log):
    with start("--resume", log, origin.http + "/hang") as g:
        origin.wait(in_flight=1)
        g.signal(signal.SIGKILL)
        g.process.wait()
    assert run("--resume", log, origin.http + "/nothing").code == 0


# A log that cannot be written


def complete_later(origin, log, urls):
    """What is left of a log is whole, and another run does what is not done there."""
    first = done(log)
    result = run("--no-results", "--resume", log, *urls)
    assert (result.code, skipped(result)) == (0, len(first))
    assert done(log) == sorted(urls)
    return first


@pytest.mark.parametrize("kilobytes", [1, 8])
def test_3_when_the_log_cannot_grow(origin, log, kilobytes):
    urls = numbered(origin, *range(200))
    result = run("--no-results", "--sequential", "--resume", log, *urls,
                 shell=f'trap "" XFSZ; ulimit -f {kilobytes}; exec "$@"')
    assert result.code == 3
    assert f"gather: cannot write {log}: File too large\n" in result.err
    asked = origin.seen()["requests"]
    assert asked < 200
    assert len(complete_later(origin, log, urls)) >= (kilobytes == 8) * 5
    assert origin.seen()["requests"] <= 200 + 2


def test_3_when_the_disk_of_the_log_is_full(origin, tmp_path):
    """What was done and cannot be logged is said; with more room a later run does it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16k", "resume", disk], check=False,
            capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        log, urls = disk / "log", numbered(origin, *range(200))
        result = run("--jsonl", "-c", "5", "--resume", log, *urls)
        assert result.code == 3
        assert f"gather: cannot write {log}: No space left on device\n" in result.err
        # On standard output there is everything that was done.
        assert sum(r["ok"] for r in result.results) >= len(done(log)) >= 5
        assert origin.seen()["requests"] < 200
        subprocess.run(["mount", "-o", "remount,size=2m", disk], check=True)
        complete_later(origin, log, urls)
    finally:
        subprocess.run(["umount", disk], check=True)


def test_what_cannot_be_printed_is_in_the_log_all_the_same(origin, log):
    """But for the one that was in flight when that was found out."""
    urls = numbered(origin, *range(50))
    result = run("--jsonl", "--sequential", "--resume", log, *urls,
                 shell='exec "$@" >/dev/full')
    assert result.code == 3 and "No space left on device" in result.err
    assert len(complete_later(origin, log, urls)) >= 1
    assert origin.seen()["requests"] in (50, 51)


# Runs that are cut short


def test_runs_that_stop_early_go_on_where_they_stopped(origin, log):
    urls = numbered(origin, *range(6))
    for skips in (0, 2, 4):
        result = run("--sequential", "--first", "2", "--resume", log, *urls)
        assert (result.code, skipped(result)) == (0, skips)
    assert done(log) == urls and origin.seen()["requests"] == 6


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("args", [[], ["--ordered"]], ids=str)
def test_after_a_signal_another_run_does_the_rest(origin, log, tmp_path, number, code, args):
    urls = [f"{origin.http}/delay/0.02?{i}" for i in range(200)]
    args = ["--jsonl", *args, "-c", "5", "--resume", log, "-i",
            write_list(tmp_path / "list", *urls)]
    with start(*args) as g:
        origin.wait(requests=60)
        g.signal(number)
        first = g.end()
    assert first.code == code
    found = entries(log)
    assert sorted(e["index"] for e in found) == sorted(r["index"] for r in first.results)
    assert {e["error"] for e in found} <= {None, "canceled"}
    lost = origin.wait(in_flight=0)["requests"] - len(done(log))
    assert 0 <= lost <= 5
    second = run(*args)
    assert (second.code, skipped(second)) == (0, len(urls) - len(second.results))
    assert skipped(second) == sum(r["ok"] for r in first.results)
    assert done(log) == sorted(urls)
    assert origin.seen()["requests"] == 200 + lost


def kill_at_a_random_moment(origin, rng, args, early):
    """
    Once a request was sent, or early: anywhere from its start. The kernel takes away all of it at
    once, as with a crash.
    """
    asked = origin.seen()["requests"]
    with start(*args) as g:
        if not early:
            origin.wait(requests=asked + 1)
        try:
            g.process.wait(timeout=rng.uniform(0, 0.01 if early else 0.35))
        except subprocess.TimeoutExpired:
            g.signal(signal.SIGKILL)
        assert g.process.wait() == -signal.SIGKILL
    origin.wait(in_flight=0)


def test_killed_twenty_times_each_request_is_done_once(origin, log, tmp_path):
    """
    No result is lost or twice in the log; what is asked for again is what was in flight. The delay
    makes the whole take longer than all the time until the kills.
    """
    rng, kills, concurrency = random.Random(7), 20, 20
    urls = [f"{origin.http}/delay/0.04?{i}" for i in range(2000)]
    args = ["--no-results", "-c", concurrency, "--resume", log, "-i", write_list(tmp_path / "list", *urls)]
    for i in range(kills):
        kill_at_a_random_moment(origin, rng, args, early=i % 5 == 4)
    result = run(*args)
    assert result.code == 0
    assert 0 < skipped(result) < 2000
    found = entries(log)
    assert all(entry["ok"] for entry in found)
    assert done(log) == sorted(urls)
    seen = targets(origin.wait(in_flight=0))
    assert sorted(set(seen)) == paths_of(urls)
    assert max(map(seen.count, set(seen))) <= 1 + kills
    assert len(seen) <= 2000 + kills * concurrency


# Long logs

LINES = 300_000


def write_long_log(log, lines, mine):
    """A valid log of other requests, and mine at its beginning, in its middle and at its end."""
    rng = random.Random(3)
    places = dict(zip((0, lines // 2, lines - 1), mine))
    with open(log, "w", encoding="ascii") as file:
        for i in range(lines):
            file.write(places.get(i) or '{"fingerprint":"%032x","ok":true,"index":%d,"id":null,'
                       '"meta":null,"url":"http://example.org/page/%d"}\n'
                       % (rng.getrandbits(128), i, i))


@only_at_full_speed
def test_a_long_log_takes_little_time_and_memory(origin, log, tmp_path):
    """300,000 lines: seconds, and a peak of the resident set under 100 MB."""
    urls = numbered(origin, *range(5))
    run("--no-results", "--sequential", "--resume", log, *urls[:3], origin.http + "/status/404")
    *mine, failed = log.read_text().splitlines(keepends=True)
    write_long_log(log, LINES, mine)
    with open(log, "a", encoding="ascii") as file:
        file.write(failed)
    origin.reset()
    begun = time.monotonic()
    with open(tmp_path / "err", "wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", MEASURE, tmp_path / "peak", *COMMAND, "--no-results", "--resume",
             log, *urls, origin.http + "/status/404"],
            stdin=subprocess.DEVNULL, stderr=err, env=environment())
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    process.wait()
    watchdog.cancel()
    took = time.monotonic() - begun
    code, peak = map(int, (tmp_path / "peak").read_text().split())
    errors = (tmp_path / "err").read_text()
    assert code == 1, errors
    assert "2 ok, 1 failed, 3 skipped\n" in errors
    assert sorted(targets(origin.seen())) == paths_of([*urls[3:], origin.http + "/status/404"])
    assert took < soon(15)
    assert peak < 100 * 1024
    with open(log, encoding="ascii") as file:
        assert sum(1 for _ in file) == LINES + 1 + 3
