"""What a run says: text lines, members of results, the summary, colours, and when it says it."""

import fcntl
import os
import re
import tempfile
import time

import pytest

from harness import (enough, fetch, loads, on_terminal, only_at_full_speed, run, soon, start, write_list)

MEMBERS = """index id meta url method ok http_code error errormsg exitcode attempts url_effective
http_version content_type scheme size_download size_header size_request size_upload speed_download
num_redirects num_connects remote_ip remote_port local_ip local_port time_queue time_namelookup
time_connect time_appconnect time_pretransfer time_starttransfer time_redirect time_total started_at
filename_effective warning parent depth""".split()


# Text


def test_a_text_line_has_status_bytes_seconds_and_url(origin):
    result = run("--ordered", *(origin.http + path for path in (
        "/bytes/1234", "/delay/0.1?bytes=34", "/status/404", "/nothing")))
    columns = result.columns
    assert [[c[0], c[1], c[3]] for c in columns] == [
        ["200", "1234", origin.http + "/bytes/1234"],
        ["200", "34", origin.http + "/delay/0.1?bytes=34"],
        ["404", "16", origin.http + "/status/404"], ["200", "0", origin.http + "/nothing"]]
    assert all(re.fullmatch(r"\d+\.\d{3}", c[2]) for c in columns)
    assert 0.1 <= float(columns[1][2]) < soon(5)
    assert [len(c) for c in columns] == [4, 4, 5, 4]
    assert columns[2][4].startswith("http: ") and "404" in columns[2][4]


def test_a_text_line_of_what_has_no_status_says_err(refused):
    (columns,) = run(refused).columns
    assert columns[:2] == ["ERR", "0"]
    assert columns[3] == refused
    assert columns[4].startswith("connect: ")


def test_a_text_line_of_a_list_that_cannot_be_read_names_it():
    (columns,) = run("-i", "/nonexistent/list").columns
    assert columns[0] == "ERR"
    assert columns[-1].startswith("input: /nonexistent/list: ")


def test_columns_stay_apart_whatever_the_size(tmp_path):
    """Ten digits. On tmpfs a hole is quick to read."""
    folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tmp_path
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        file.truncate(1_000_000_000)
        (columns,) = run("--proto", "=file", "--curl", "BUFFERSIZE=524288",
                         f"file://{file.name}").columns
    assert columns[:2] == ["---", "1000000000"]


def test_text_is_stripped_of_what_would_steer_a_terminal(origin, tmp_path):
    lines = ["http://h/\x1b[31mred\x07", b"http://h/\x9b31m\xff", "http://h/\u202eevil\u009b",
             origin.http + "/redirect-to?url=nope%3A%2F%2F%1b%5b31m"]
    result = run("-i", write_list(tmp_path / "list", *lines), "--resolve", "h:80:127.0.0.1",
                 "--connect-to", f"h:80:127.0.0.1:{origin.port}")
    text = result.out + result.err
    assert len(result.lines) == 4
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    assert "\ufffd" in text


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--json"], ["--csv"], ["--dry-run"]], ids=str)
@pytest.mark.parametrize("bad", ["", "/{", "\x01"], ids=repr)
def test_passwords_in_urls_are_masked(origin, form, bad):
    """But in the requests that --dry-run prints, which another run can take."""
    url = origin.http.replace("//", "//user:s3cr%65t@") + "/redirect/1" + bad
    told = ""
    for result in (run(*form, url), run(*form, "--glob", stdin=(url + "\n").encode())):
        told += result.err + (result.out if form != ["--dry-run"] else "")
    assert "s3cr" not in told
    assert "user:***@127.0.0.1" in told or (form == ["--dry-run"] and not bad)


def test_a_password_in_a_redirect_is_masked(origin):
    target = origin.http.replace("//", "%2F%2Fuser:s3cret@") + "/nothing"
    result = fetch(f"{origin.http}/redirect-to?url={target}")
    assert result.result["url_effective"] == origin.http.replace("//", "//user:***@") + "/nothing"


def test_silent_has_no_result_lines(origin, refused):
    for args in (["-s"], ["--silent"], ["-s", "--no-summary"], ["-S", "-s", "--accept", "200"]):
        result = run(*args, origin.http + "/nothing")
        assert (result.code, result.raw, result.err) == (0, b"", "")
    result = run("-s", origin.http + "/nothing", refused)
    assert (result.code, result.raw, result.err) == (1, b"", "")


@pytest.mark.parametrize("args, words", [
    (["--jsonl"], '{"index":0,'), (["--json"], '{"results":['), (["--csv"], "index,"),
    (["-w", "%{http_code}"], "200"), (["--cat", "-d", "x"], "{"), (["-o", "-", "-d", "x"], "{"),
    (["--fields", "url"], "200"), (["--dry-run"], '{"url":'), (["--exec", "echo yes"], "yes")])
def test_silent_leaves_what_is_asked_for(origin, args, words):
    for silent in (["-s"], ["-sS"]):
        result = run(*silent, *args, origin.http + "/echo")
        assert (result.code, result.err) == (0, "") and result.out.startswith(words)


def test_silent_leaves_what_is_asked_for_on_standard_error(origin):
    url = origin.http + "/nothing"
    assert run("-s", "--host-stats", url).err.startswith("1 host, the worst first\n")
    assert run("-s", "--waterfall", url).err.splitlines()[1].startswith("200 ")
    assert run("-s", "--waterfall", "--host-stats", url).err.count("\n\n") == 1
    assert '"ok":1' in run("-s", "--progress=json", url).err


def test_show_error_is_a_line_for_each_failure(origin, refused):
    secret = origin.http.replace("//", "//me:secret@")
    args = [origin.http + "/nothing", secret + "/status/404", refused, "http://[x/"]
    for more in ([], ["-w", "%{http_code}\n"], ["--ordered"], ["--no-results", "--no-summary"]):
        result = run("-sS", "-g", *more, *args)
        masked = secret.replace("secret", "***")
        begins = [f"gather: {masked}/status/404: http: ", f"gather: {refused}: connect: ",
                  "gather: http://[x/: input: "]
        lines = result.err.splitlines()
        assert result.code == 1 and len(lines) == 3
        assert all(any(line.startswith(b) for line in lines) for b in begins), lines
    assert "gather:" not in run("-S", *args[:2]).err


def test_no_results_leaves_the_summary(origin, refused):
    for args in ([], ["--jsonl"], ["--csv"]):
        result = run("--no-results", *args, origin.http + "/nothing", refused)
        assert (result.code, result.raw) == (1, b"")
        assert result.err.startswith("2 requests")


def test_no_summary_leaves_standard_error_empty(origin, refused):
    result = run("--no-summary", origin.http + "/nothing", refused)
    assert (result.code, result.err) == (1, "")
    assert len(result.lines) == 2


# Order, and when


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--csv", "--fields", "url"]], ids=str)
@pytest.mark.parametrize("ordered", [True, False])
def test_results_come_as_they_complete_or_in_input_order(origin, form, ordered):
    paths = [f"/delay/{seconds}" for seconds in (0.6, 0.3, 0)]
    result = run(*form, *["--ordered"] * ordered, *(origin.http + path for path in paths))
    found = re.findall(r"/delay/[\d.]+", result.out)
    assert list(dict.fromkeys(found)) == (paths if ordered else paths[::-1])


def test_ordered_keeps_every_result_of_a_long_list(origin):
    urls = "".join(f"{origin.http}/json/{i}\n" for i in range(3000))
    result = fetch("--ordered", "--fields", "index,url", stdin=urls.encode())
    assert [r["index"] for r in result.results] == list(range(3000))
    assert [r["url"] for r in result.results] == urls.split()


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--csv"], ["--jsonl", "--ordered"]], ids=str)
def test_a_result_is_there_at_once_while_others_hang(origin, form):
    with start(*form, origin.http + "/nothing", origin.http + "/hang") as g:
        if "--csv" in form:
            g.line()
        assert origin.http + "/nothing" in g.line()
        origin.wait(requests=2, in_flight=1)


def test_ordered_results_wait_for_those_before_them(origin):
    with start("--jsonl", "--ordered", "-c", "2", "-m", "0.5", origin.http + "/hang",
               *[origin.http + "/nothing"] * 10) as g:
        assert loads(g.line())["error"] == "timeout"
        assert [loads(g.line())["index"] for _ in range(10)] == list(range(1, 11))


def test_a_slow_reader_loses_nothing(origin):
    urls = [origin.http + "/bytes/3000"] * 300
    with start("--jsonl", "--body", *urls) as g:
        fcntl.fcntl(g.process.stdout, 1031, 4096)  # F_SETPIPE_SZ
        origin.wait(requests=50)
        while len(g.read) < 20_000:
            g.read += g.process.stdout.read(100)
        result = g.end()
    assert result.code == 0
    assert len(result.by_index) == 300
    assert len({r["body_base64"] for r in result.results}) == 1


# Members of results


def test_a_result_has_these_members_in_this_order(origin):
    result = fetch(origin.http + "/json/a").result
    assert list(result) == MEMBERS


def test_the_members_of_a_success_are_plausible(origin):
    before = time.time()
    r = fetch("-H", "X-Long: " + "x" * 1000, "--body", origin.http + "/redirect/2").result
    assert before - 1 <= r["started_at"] <= time.time() + 1
    body = r.pop("body")
    assert r["index"] == 0 and r["id"] is r["meta"] is r["filename_effective"] is None
    assert (r["url"], r["method"], r["ok"]) == (origin.http + "/redirect/2", "GET", True)
    assert (r["http_code"], r["error"], r["errormsg"], r["exitcode"]) == (200, None, None, 0)
    assert (r["attempts"], r["num_redirects"], r["num_connects"]) == (1, 2, 1)
    assert r["url_effective"] == origin.http + "/redirect/0"
    assert (r["http_version"], r["scheme"]) == ("1.1", "http")
    assert r["content_type"] == "application/json"
    assert r["size_download"] == len(body)
    assert r["size_header"] > 3 * 60 and 3 * 1000 < r["size_request"] < 3 * 1300
    assert r["size_upload"] == 0 and r["speed_download"] >= 0
    assert (r["remote_ip"], r["remote_port"]) == ("127.0.0.1", origin.port)
    assert r["local_ip"] == "127.0.0.1" and 1024 <= r["local_port"] < 65536
    assert r["time_appconnect"] is None
    assert 0 < r["time_redirect"] <= r["time_total"] < soon(5)
    times = [r["time_" + name] for name in "connect pretransfer starttransfer total".split()]
    assert times == sorted(times) and 0 <= r["time_queue"] < soon(5)


def test_the_times_of_a_success_follow_one_another(origin):
    r = fetch(origin.http + "/delay/0.3").result
    times = [r["time_" + name] for name in
             "namelookup connect pretransfer starttransfer total".split()]
    assert times == sorted(times)
    assert times[0] > 0 and times[2] < soon(0.25)
    assert 0.3 <= times[3] and times[4] < soon(5)
    assert r["time_redirect"] is None


def test_local_port_and_upload_are_what_the_server_saw(origin):
    r = fetch("--body", "-d", "x" * 5000, origin.http + "/echo").result
    assert r["size_upload"] == 5000 and r["method"] == "POST"
    assert loads(r["body"])["peer"] == [r["local_ip"], r["local_port"]]


def test_what_does_not_apply_is_null_in_a_refused_connection(refused):
    r = fetch(refused).result
    assert list(r) == MEMBERS
    assert (r["ok"], r["http_code"], r["error"], r["exitcode"]) == (False, 0, "connect", 7)
    assert "127.0.0.1" in r["errormsg"]
    assert (r["attempts"], r["size_download"]) == (1, 0)
    assert (r["num_redirects"], r["num_connects"]) == (0, 0)
    for name in ("http_version", "content_type", "time_connect", "time_appconnect", "local_port",
                 "time_pretransfer", "time_starttransfer", "time_redirect", "filename_effective"):
        assert r[name] is None, name
    assert r["time_total"] >= 0 and r["started_at"] > 1e9


def test_what_does_not_apply_is_null_in_bad_input():
    r = fetch("-i", "/nonexistent/list").result
    assert list(r) == MEMBERS
    assert (r["ok"], r["http_code"], r["error"], r["attempts"]) == (False, 0, "input", 0)
    known = {"index", "ok", "http_code", "error", "errormsg", "attempts", "method", "exitcode"}
    assert {name for name in MEMBERS if r[name] is not None} <= known


@pytest.mark.parametrize("value, good", [
    ("200-299,404", [200, 204, 404]), ("404", [404]), ("100-999", [200, 204, 301, 404, 500]),
    ("500-599,301", [301, 500]), (None, [200, 204, 301]),
], ids=str)
def test_accept_says_which_statuses_are_a_success(origin, value, good):
    codes = [200, 204, 301, 404, 500]
    result = fetch("--no-location", *(["--accept", value] if value else []),
                   *(f"{origin.http}/status/{code}" for code in codes))
    assert [r["http_code"] for r in result.by_index if r["ok"]] == good
    assert all(r["ok"] == (r["error"] != "http") for r in result.results)
    assert result.code == (0 if good == codes else 1)


# The summary


def test_the_summary_has_these_members(origin, refused):
    urls = [origin.http + path for path in ("/bytes/1000", "/bytes/500", "/status/404",
                                         "/delay/0.3?bytes=34")]
    summary = run("--json", *urls, refused, "nope://x/").document["summary"]
    assert list(summary) == """requests ok failed skipped retries bytes wall transfer_time
        concurrency_gain rate latency phases status status_latency errors connections""".split()
    assert [summary[name] for name in ("requests", "ok", "failed", "retries")] == [6, 3, 3, 0]
    assert summary["bytes"] == 1000 + 500 + 16 + 34
    assert summary["status"] == {"200": 3, "404": 1}
    assert summary["errors"] == {"http": 1, "connect": 1, "input": 1}
    assert summary["connections"] == origin.seen()["connections"]
    assert 0.3 <= summary["wall"] < soon(5)
    assert summary["transfer_time"] >= 0.3
    assert summary["concurrency_gain"] == pytest.approx(
        summary["transfer_time"] / summary["wall"], rel=0.01)
    assert summary["rate"] == pytest.approx(6 / summary["wall"], rel=0.01)
    latency = summary["latency"]
    assert list(latency) == "min p50 p90 p95 p99 p99.9 max mean".split()
    figures = [value for name, value in latency.items() if name != "mean"]
    assert figures == sorted(figures)
    assert latency["min"] <= latency["mean"] <= latency["max"] and latency["max"] >= 0.3
    assert list(summary["phases"]) == "queue earlier dns connect tls wait receive".split()
    for figures in [*summary["phases"].values(), *summary["status_latency"].values()]:
        assert figures is None or list(figures) == list(latency)


def test_latencies_are_of_what_reached_a_server(origin, refused):
    slow = origin.http + "/delay/0.2"
    told = run("--json", "--host-stats", "--deny-net", "127.0.0.9/32", slow, origin.http + "/status/500",
               refused, "http://no.such.invalid/[1-3]", "http://127.0.0.9/", "nope://x/").document
    reached = [r["time_total"] for r in told["results"][:2]]
    latency = told["summary"]["latency"]
    assert (latency["min"], latency["max"]) == (min(reached), max(reached))
    assert told["summary"]["phases"]["wait"]["max"] >= enough(0.2)
    hosts = {host["host"]: host["latency"] for host in told["summary"]["hosts"]["worst"]}
    assert hosts["http://no.such.invalid"] is hosts["http://127.0.0.9"] is None
    assert hosts[origin.http]["min"] == min(reached)


def test_a_run_that_reached_no_server_has_no_latency(refused):
    told = run("--json", "http://no.such.invalid/", refused)
    assert told.document["summary"]["latency"] is None
    assert told.document["summary"]["transfer_time"] > 0
    told = run("http://no.such.invalid/", refused)
    assert "2 failed" in told.err and "latency" not in told.err


def test_the_summary_has_the_latency_of_each_status(origin):
    told = run("--json", origin.http + "/delay/0.3", *[origin.http + "/status/404"] * 3)
    latency = told.document["summary"]["status_latency"]
    assert list(latency) == ["200", "404"]
    assert latency["200"]["min"] >= enough(0.3) and latency["404"]["max"] < soon(0.25)
    times = [r["time_total"] for r in told.document["results"]]
    assert latency["200"]["max"] == times[0]
    assert (latency["404"]["min"], latency["404"]["max"]) == (min(times[1:]), max(times[1:]))


def test_statuses_that_come_late_share_a_latency(origin):
    codes = list(range(400, 420))
    summary = run("--json", "--sequential", "--fields", "url",
                  *(f"{origin.http}/status/{code}" for code in codes)).document["summary"]
    assert list(summary["status"]) == [str(code) for code in codes]
    assert list(summary["status_latency"]) == [str(code) for code in codes[:16]] + ["other"]


def test_the_phases_are_of_those_that_had_them(origin):
    told = run("--json", "--sequential", *[origin.http + "/delay/0.1"] * 5).document
    phases, results = told["summary"]["phases"], told["results"]
    assert origin.seen()["connections"] == 1
    connect = results[0]["time_connect"] - results[0]["time_namelookup"]
    assert phases["dns"]["max"] == phases["dns"]["min"] == results[0]["time_namelookup"]
    assert phases["connect"]["max"] == phases["connect"]["min"] == pytest.approx(connect, abs=2e-6)
    assert phases["tls"] is None and phases["earlier"] is None
    assert enough(0.1) <= phases["wait"]["min"] <= phases["wait"]["p50"] < soon(2)
    assert phases["queue"]["max"] < soon(2)
    assert phases["wait"]["max"] + phases["receive"]["max"] <= told["summary"]["latency"]["max"] * 1.1


def test_tls_retries_and_queues_are_phases(origin):
    told = run("--json", "--cacert", origin.cacert, "--retry", "1", "--retry-delay", "200ms",
               "--per-host", "1", *(origin.https + path for path in
                                    ("/nothing", "/flaky/1", "/delay/0.2", "/nothing"))).document
    phases = told["summary"]["phases"]
    assert phases["tls"]["min"] > 0
    assert enough(0.2) <= phases["earlier"]["min"] == phases["earlier"]["max"]
    assert phases["queue"]["max"] >= enough(0.2)  # behind the slow one



def test_the_summary_on_standard_error_says_the_same(origin, refused):
    result = run(*[origin.http + "/bytes/1000"] * 4, origin.http + "/status/404", refused)
    lines = result.err.splitlines()
    assert re.match(r"6 requests in \d+(\.\d+)? (us|ms|s): 4 ok, 2 failed$", lines[0])
    assert re.search(r"rate .*/s, .*B/s \(4\.0 kB\)", result.err)
    assert re.search(r"concurrency .* x, \d+ connections?$", result.err, re.M)
    assert re.search(r"latency +min .* p50 .* p90 .* p95 .* p99 .* p99\.9 .* max ", result.err)
    assert re.search(r"phases p50 +dns .*s  connect .*s  wait .*s  receive .*s$", result.err, re.M)
    assert re.search(r"status +200: 4  404: 1$", result.err, re.M)
    assert re.search(r"errors +connect: 1  http: 1$", result.err, re.M)
    assert re.match(r"1 request in .*: 1 ok, 0 failed\n", run(origin.http + "/nothing").err)


@only_at_full_speed
def test_the_summary_says_what_concurrency_gained(origin):
    summary = run("--json", *[origin.http + "/delay/0.5"] * 20).document["summary"]
    assert 10 < summary["concurrency_gain"] <= 20


# Colours

ESC = "\x1b["


def test_colours_are_for_terminals_unless_told_otherwise(origin):
    url = origin.http + "/status/500"
    assert ESC not in (piped := run(url)).out + piped.err
    assert ESC not in (piped := run("--color", "auto", url)).out + piped.err
    assert ESC not in (never := run("--color", "never", url)).out + never.err
    always = run("--color", "always", url)
    assert ESC in always.out and ESC in always.err
    assert re.sub(r"\x1b\[\d*m", "", always.out).split("  ")[0] == "500"


def test_colours_on_a_terminal_follow_the_environment(origin):
    url = origin.http + "/status/500"
    for args, env, has_color in (
            ([], {}, True), (["--color=never"], {}, False), ([], {"NO_COLOR": "1"}, False),
            ([], {"NO_COLOR": ""}, True), (["--color=always"], {"NO_COLOR": "1"}, True),
            ([], {"TERM": "dumb"}, False)):
        code, text = on_terminal(*args, url, env=env)
        assert code == 1 and url in text
        assert (ESC in text) == has_color, (args, env)


def test_colours_never_get_into_data(origin):
    for form in ("--jsonl", "--json", "--csv"):
        assert ESC not in run("--color", "always", form, origin.http + "/status/500").out
