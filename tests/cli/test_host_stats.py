"""--host-stats: the hosts that did worst and those that were asked most, as the servers saw it."""

import re

import pytest

from harness import enough, fetch, loads, on_terminal, run, soon, start, write_list

HEAD = ["requests", "failed", "conns", "bytes", "p50", "p95", "p99", "p99.9", "max", "host"]


def tables(text):
    """By title, those of a summary: rows as dicts, by the words of their head."""
    found = {}
    for block in text.split("\n\n")[1:]:
        title, head, *rows = block.splitlines()
        assert head.split() == HEAD
        # Cells end where the names of their columns do.
        ends = [match.end() for match in re.finditer(r"\S+", head)][:-1]
        cut = list(zip([0, *ends], ends))
        found[title] = [{**{name: row[a:b].strip() for name, (a, b) in zip(HEAD, cut)},
                         "host": row[ends[-1]:].strip()} for row in rows]
    return found


def hosts_of(*args, **more):
    """What the summary says of hosts as JSON; and the whole document."""
    document = run("--json", "--no-summary", *args, **more).document
    return document["summary"]["hosts"], document


def second(origin, path):
    """The other address of the origin."""
    return f"http://127.0.0.2:{origin.port}{path}"


def test_a_host_has_what_its_server_saw(origin, other, refused):
    urls = [origin.http + "/bytes/1000"] * 12 + [second(origin, "/bytes/10")] * 3 + [
        other.http + "/status/404"] * 2 + [refused]
    hosts, document = hosts_of("--host-stats", "-c", "4", *urls)
    assert list(hosts) == ["count", "worst", "largest"] and hosts["count"] == 4
    by_name = {host["host"]: host for host in hosts["largest"]}
    here, there = by_name[origin.http], by_name[second(origin, "")]
    assert [list(by_name), len(hosts["worst"])] == [
        [origin.http, second(origin, ""), other.http, refused.rstrip("/")], 4]
    assert (here["requests"], here["failed"], here["bytes"]) == (12, 0, 12000)
    assert (there["requests"], there["failed"], there["bytes"]) == (3, 0, 30)
    assert here["connections"] + there["connections"] == origin.seen()["connections"]
    assert by_name[other.http]["failed"] == 2
    assert by_name[other.http]["connections"] == other.seen()["connections"]
    assert (by_name[refused.rstrip("/")]["failed"], by_name[refused.rstrip("/")]["bytes"]) == (1, 0)
    for name in ("requests", "failed", "bytes", "connections"):
        assert sum(host[name] for host in hosts["largest"]) == document["summary"][name], name
    assert all(host["complete"] for host in hosts["worst"])
    times = [r["time_total"] for r in document["results"][:12]]
    assert (here["latency"]["min"], here["latency"]["max"]) == (min(times), max(times))
    assert here["latency"]["p50"] == pytest.approx(sorted(times)[5], rel=0.01)
    assert list(here["latency"]) == list(document["summary"]["latency"])


def test_the_worst_failed_most_or_are_slowest(origin, other):
    urls = [origin.http + "/nothing"] * 5 + [second(origin, "/delay/0.4")] + [
        other.http + "/status/500"]
    hosts, _ = hosts_of("--host-stats", *urls)
    assert [host["host"] for host in hosts["worst"]] == [
        other.http, second(origin, ""), origin.http]
    assert hosts["worst"][1]["latency"]["p99"] >= enough(0.4)
    assert hosts["worst"][2]["latency"]["p99"] < soon(0.35)
    assert hosts["largest"][0]["host"] == origin.http


@pytest.mark.parametrize("option, rows", [(["--host-stats"], 10), (["--host-stats=1"], 1),
                                          (["--host-stats", "2"], 2)], ids=str)
def test_so_many_hosts_are_shown(origin, option, rows):
    to_origin = ("--connect-to", f"::127.0.0.1:{origin.port}")
    urls = [f"http://h{i}/nothing" for i in range(12) for _ in range(12 - i)]
    hosts, _ = hosts_of(*option, *to_origin, *urls)
    assert hosts["count"] == 12 and len(hosts["worst"]) == rows
    assert [host["host"] for host in hosts["largest"]] == [f"http://h{i}" for i in range(rows)]
    found = tables(run("--no-results", *option, *to_origin, *urls).err)
    assert list(found) == ["the worst of 12 hosts", "the largest of 12 hosts"]
    assert [row["requests"] for row in found["the largest of 12 hosts"]] == [
        str(12 - i) for i in range(rows)]


def test_one_table_is_enough_when_it_has_all(origin, other):
    result = run("--no-results", "--host-stats", "--cacert", origin.cacert, origin.https + "/bytes/10",
                 *[origin.http + "/bytes/1000"] * 2, other.http + "/status/404")
    assert result.code == 1 and result.raw == b""
    assert result.err.startswith("4 requests in ")
    ((title, rows),) = tables(result.err).items()
    assert title == "3 hosts, the worst first"
    assert (rows[0]["host"], rows[0]["failed"]) == (other.http, "1")
    by_name = {row["host"]: row for row in rows}
    assert [by_name[origin.http][name] for name in ("requests", "failed", "bytes")] == [
        "2", "0", "2.0 kB"]
    assert by_name[origin.https]["conns"] == "1"
    assert all(re.fullmatch(r"[\d.]+ (us|ms|s)", row[name])
               for row in rows for name in ("p50", "p95", "p99", "p99.9", "max"))


def test_retries_count_for_their_host(origin):
    hosts, document = hosts_of("--host-stats", "--retry", "2", "--retry-delay", "10ms",
                               origin.http + "/flaky/2")
    (host,) = hosts["worst"]
    assert (host["requests"], host["failed"]) == (1, 0)
    for name in ("bytes", "connections"):
        assert host[name] == document["summary"][name]
    assert origin.seen()["requests"] == 3


def test_what_never_began_has_no_host(origin):
    hosts, document = hosts_of("--host-stats", origin.http + "/nothing", "-i", "/nonexistent/list")
    assert len(document["results"]) == 2 and hosts["count"] == 1
    assert "host" not in run("--no-results", "--host-stats", "-i", "/nonexistent/list").err


def test_a_run_that_is_interrupted_has_its_hosts(origin):
    with start("--no-results", "--host-stats", origin.http + "/hang") as g:
        origin.wait(requests=1)
        g.signal()
        result = g.end()
    assert result.code == 130
    ((row,),) = tables(result.err).values()
    assert [row[name] for name in ("requests", "failed", "p50", "max", "host")] == [
        "1", "1", "-", "-", origin.http]


def test_more_hosts_than_there_is_room_for(origin, tmp_path):
    names = write_list(tmp_path / "list", *["http://large/nothing"] * 20,
                       *(f"http://h{i}/nothing" for i in range(4300)), "http://late/status/404")
    args = ["--host-stats=3", "--connect-to", f"::127.0.0.1:{origin.port}", "-i", names]
    hosts, document = hosts_of("--fields", "index", *args)
    assert hosts["count"] is None and document["summary"]["requests"] == 4321
    large, late = hosts["largest"][0], hosts["worst"][0]
    assert (large["host"], large["requests"], large["complete"]) == ("http://large", 20, True)
    assert (late["host"], late["failed"], late["complete"]) == ("http://late", 1, False)
    found = tables(run("--no-results", *args).err)
    assert list(found) == [f"the {word} of more than 4096 hosts" for word in ("worst", "largest")]
    assert [len(rows) for rows in found.values()] == [3, 3]
    assert found["the worst of more than 4096 hosts"][0]["host"] == "http://late (at least)"


# How it looks


def test_names_of_hosts_are_inert(origin, tmp_path):
    names = [b"http://\x1b[31mred/", b"http://\x9b31m\xff/", "http://\u202eevil\u009b/",
             "http://user:s3cret@127.0.0.1:9/"]
    args = ["--host-stats", "-i", write_list(tmp_path / "list", *names)]
    result = run("--no-results", *args)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", result.err)
    assert "s3cret" not in result.err and "http://127.0.0.1:9\n" in result.err
    hosts, _ = hosts_of(*args)
    assert "http://127.0.0.1:9" in [host["host"] for host in hosts["worst"]]


@pytest.mark.parametrize("columns, words", [
    (100, HEAD), (58, ["requests", "failed", "p50", "p99", "host"]),
    (40, ["requests", "failed", "host"]), (10, ["requests", "failed", "host"])], ids=str)
def test_a_narrow_terminal_has_fewer_figures(origin, columns, words):
    url = f"http://{'h' * 14}/nothing"
    code, text = on_terminal("--no-results", "--no-progress", "--color=never", "--host-stats", "--connect-to",
                             f"::127.0.0.1:{origin.port}", url, columns=columns)
    _, head, row = text.replace("\r", "").split("\n\n")[1].splitlines()
    assert code == 0 and head.split() == words
    assert row.endswith("  http://" + "h" * 14)
    assert columns == 10 or len(row) <= columns


def test_a_file_has_all_figures(origin):
    url = f"http://{'h' * 200}/nothing"
    result = run("--no-results", "--host-stats", "--connect-to", f"::127.0.0.1:{origin.port}", url)
    ((row,),) = tables(result.err).values()
    assert row["host"] == f"http://{'h' * 200}"


def test_failures_are_red(origin):
    urls = [origin.http + "/nothing", second(origin, "/status/500")]
    result = run("--no-results", "--host-stats", "--color=always", *urls)
    bad, good = result.err.splitlines()[-2:]
    assert re.search(r"\x1b\[31m +1\x1b\[0m", bad) and bad.endswith(urls[1].rsplit("/", 2)[0])
    assert "\x1b" not in good


# With and without other options


def test_nothing_of_it_is_there_unless_it_is_asked_for(origin):
    result = run("--json", origin.http + "/nothing")
    assert "hosts" not in result.document["summary"] and "host" not in result.err
    result = run("--no-results", "--host-stats", "--no-summary", origin.http + "/nothing")
    assert result.err == ""


def test_result_lines_do_not_change(origin):
    url = origin.http + "/nothing"
    result = fetch("--host-stats", url)
    assert list(result.result) == list(fetch(url).result) and result.err == ""


def test_the_report_says_the_same(origin, other, tmp_path):
    urls = [origin.http + "/bytes/100"] * 7 + [other.http + "/status/404"] * 3
    page = tmp_path / "run.html"
    hosts, _ = hosts_of("--host-stats=1", "--report", page, *urls)
    assert [host["requests"] for host in hosts["worst"] + hosts["largest"]] == [3, 7]
    rows = re.findall(r'<th scope="row" class="text">(http:[^<]+)</th><td>(\d+)</td><td>(\d+)</td>',
                      page.read_text())
    assert rows == [(origin.http, "7", "0"), (other.http, "3", "3")]


def test_dry_run_passes_over_it(origin):
    result = run("--host-stats", "--dry-run", origin.http + "/nothing")
    assert [loads(line) for line in result.lines] == [{"url": origin.http + "/nothing"}]
    assert result.err == "" and origin.seen()["requests"] == 0
