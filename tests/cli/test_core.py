"""
Much of gather at once, a way of using it in each test. `make check-sanitizers` runs this file under
the sanitizers and valgrind: what is added to gather should be used here too.
"""

import collections
import hashlib
import os
import signal
import zlib

from harness import PATIENCE, fetch, loads, run, start, targets, write_list
from origin import pattern

ERRORS = {  # a path, and the class of its failure
    "/status/404": "http", "/flaky/9": "http", "/empty": "connect", "/reset?after=5": "connect",
    "/truncate": "protocol", "/bad-chunk": "protocol", "/garbage": "protocol",
    "/redirect-loop": "redirect", "/bytes/300000": "too-large",
}


def test_names_and_hosts_share_the_slots(origin):
    """More names than are looked up at once, some of which share a server; retries and pauses."""
    names = [f"h{i}.example:{origin.port}" for i in range(70)]
    urls = [f"http://{name}{path}" for name in names
            for path in (f"/json/{name[:3]}", f"/flaky/1?key={name}", "/headers/3")]
    result = run("--json", "--ordered", "--headers", "--body", "--checksum", "sha256", "-c", 40,
                 "--per-host", 2, "--retry", 1, "--retry-delay", "10ms", "--compressed",
                 "--connect-to", f"::127.0.0.1:{origin.port}", "--host-stats", *urls)
    assert result.code == 0
    results = result.document["results"]
    assert [r["url"] for r in results] == urls
    assert all(r["checksum"] == hashlib.sha256(r["body"].encode()).hexdigest() for r in results)
    assert sum(r["attempts"] for r in results) == 280
    assert {len(r["headers"]["x-number-0"]) for r in results[2::3]} == {1}
    assert origin.seen()["most_in_flight"] <= 40


def test_http_2_and_tls(origin, nginx):
    urls = [f"{nginx.https}/{i}" for i in range(100)] + [f"{origin.https}/json/{i}"
                                                        for i in range(20)]
    result = fetch("--cacert", origin.cacert, "-c", 30, "--body", *urls,
                   origin.https_bad + "/nothing")
    counts = collections.Counter(r["http_version"] for r in result.by_index)
    assert (result.code, counts) == (1, {"2": 100, "1.1": 20, None: 1})
    assert {r["body"] for r in result.by_index[:100]} == {"ok"}
    assert result.by_index[-1]["error"] == "tls"


def test_files_that_break_off_and_go_on(origin, tmp_path):
    size = 200_000
    names = [f"n{i}" for i in range(12)]
    (tmp_path / "n0").write_text("here already")
    result = fetch("-o", "{name}", "--output-dir", tmp_path, "--retry", 2, "--retry-delay", "10ms",
                   "-c", 6,
                   *(f"{origin.http}/resumable/{name}?bytes={size}&break=90000" for name in names))
    assert (result.code, {r["attempts"] for r in result.results}) == (0, {2})
    for r, name in zip(result.by_index, names):
        body = pattern(size, zlib.crc32(name.encode()) % 1000)
        with open(r["filename_effective"], "rb") as file:
            assert file.read() == body
    assert sorted(os.listdir(tmp_path)) == sorted(names + ["n0.1"])


def test_commands_and_values(origin, tmp_path):
    urls = [f"{origin.http}/json/{i}?n={i}" for i in range(16)]
    command = 'cat >"$1$GATHER_INDEX"; test $GATHER_INDEX != 7 || exit 3'
    result = fetch("-c", 8, "--exec", command.replace("$1", f"{tmp_path}/"), "--exec-jobs", 4,
                   "--extract", "n=/query/n", *urls)
    assert result.code == 1
    assert [r["extract"]["n"] for r in result.by_index] == [str(i) for i in range(16)]
    assert [r["index"] for r in result.by_index if r["error"] == "exec"] == [7]
    assert [loads((tmp_path / str(i)).read_text())["name"] for i in range(16)] \
        == [str(i) for i in range(16)]


def test_trees_and_pages(origin):
    result = fetch("--follow", "/links/*", "--next", "link", "--csv",
                   origin.http + "/tree/1?size=40&cyclic=1", origin.http + "/pages/20?last=1")
    assert result.code == 0
    asked = targets(origin.seen())
    assert len(asked) == len(set(asked)) == len(result.rows) == 60


def test_every_failure(origin, refused, tmp_path):
    urls = [origin.http + path for path in ERRORS] + [refused, "http://[", origin.http + "/nothing"]
    report = tmp_path / "report.html"
    result = fetch("--max-filesize", "200k", "--report", report, "--waterfall", "--rate", "1000/s",
                   "--resume", tmp_path / "log", *urls, "-i", "-",
                   stdin=b'{"url": "%s/hang", "max_time": 0.5}' % origin.http.encode())
    assert result.code == 1
    assert [r["error"] for r in result.by_index] == [*ERRORS.values(), "connect", "input", None,
                                                     "timeout"]
    assert b"</html>" in report.read_bytes()
    log = (tmp_path / "log").read_text().splitlines()
    assert sorted(loads(line)["index"] for line in log if "index" in line) == list(range(13))


def test_an_interrupt_and_another_run(origin, tmp_path):
    args = ["--jsonl", "--resume", tmp_path / "log", "-c", 5, "-O", "--output-dir", tmp_path]
    urls = [f"{origin.http}/bytes/{1000 + i}" for i in range(20)]
    with start(*args, *urls, *[origin.http + "/hang"] * 5) as g:
        origin.wait(PATIENCE, requests=25, in_flight=5)
        g.signal(signal.SIGUSR1)
        g.wait_said("5 in flight", "/hang")
        g.signal(signal.SIGINT)
        result = g.end()
    assert (result.code, len(result.results)) == (130, 25)
    origin.wait(in_flight=0)
    again = run(*args, *urls)
    assert (again.code, again.results) == (0, [])
    assert sorted(os.listdir(tmp_path)) == sorted(["log", *(str(1000 + i) for i in range(20))])


def test_the_first_ends_all_others(origin):
    urls = [origin.http + "/hang"] * 20 + [origin.http + "/nothing"] + [origin.http + "/hang"] * 20
    result = fetch("-c", 25, "--first", 1, *urls)
    counts = collections.Counter(r["error"] for r in result.by_index)
    assert (result.code, counts.keys(), counts[None]) == (0, {None, "canceled"}, 1)
    names = [f"http://h{i % 5}.example:{origin.port}/nothing?{i}" for i in range(100)]
    result = fetch("-c", 200, "--fail-early", "--connect-to", f"::127.0.0.1:{origin.port}", *names,
                   "http://[", *names)
    counts = collections.Counter(r["error"] for r in result.by_index)
    assert result.code == 1 and counts["input"] == 1 and counts.keys() <= {None, "canceled", "input"}
    result = fetch("-c", 25, "--deadline", "300ms", *urls)
    assert result.code == 1 and {r["error"] for r in result.by_index} - {None} == {"deadline"}


def test_lists_and_templates(origin, tmp_path):
    rows = write_list(tmp_path / "rows", "name,n", 'a,1', '"b ""c""",2')
    result = fetch("--csv-input", "-i", rows, "--template", origin.http + "/echo?{name}",
                   "-d", "n={n}", "--unique", "--cookie-jar", tmp_path / "jar", "--body")
    assert result.code == 0
    assert [loads(r["body"])["body"] for r in result.by_index] == ["n=1", "n=2"]
    jobs = write_list(tmp_path / "jobs", '{"url": "%s/echo", "id": 1, "json": {"a": [1]}}'
                      % origin.http, "{", "# nothing", f"{origin.http}/json/{{x,y}}")
    result = run("--glob", "-i", jobs, "-i", "-", "-w", "%{id} %{http_code} %{errormsg}\\n",
                 "--ordered", "--no-summary", stdin=(origin.http + "/nothing\n").encode())
    first, bad, *others = result.lines
    assert (result.code, first, others) == (1, "1 200 ", [" 200 "] * 3) and "jobs:2: " in bad


def test_a_comparison(origin, tmp_path):
    report = tmp_path / "report.html"
    result = run("--compare=1,8", "--repeat", 2, "--json", "--report", report,
                 *[origin.http + "/nothing"] * 16)
    assert result.code == 0
    assert [len(level["runs"]) for level in result.document["levels"]] == [2, 2]
    assert origin.seen()["requests"] == 64 and b"</html>" in report.read_bytes()
