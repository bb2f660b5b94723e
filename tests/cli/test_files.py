"""Bodies as files: -O, -o, --output-dir, --skip-existing, --overwrite; and --cat."""

import hashlib
import json
import os
import signal
import subprocess
import threading

import pytest

from harness import SLOW, fetch, run, start, targets, without_wrapper, write_list

from origin import pattern


@pytest.fixture
def here(tmp_path):
    """Where gather runs; beside it nothing may appear."""
    folder = tmp_path / "in" / "here"
    folder.mkdir(parents=True)
    yield folder
    assert os.listdir(tmp_path) == ["in"] and os.listdir(tmp_path / "in") == ["here"]


def files(folder):
    """What is in it, by path below it; no part is left."""
    found = {}
    for path, _, names in os.walk(folder):
        for name in names:
            full = os.path.join(path, name)
            assert os.path.isfile(full) and not os.path.islink(full)
            with open(full, "rb") as file:
                found[os.path.relpath(full, folder)] = file.read()
    assert not [name for name in found if name.endswith(".part")]
    return found


def saved(result):
    return [r["filename_effective"] for r in result.by_index]


# Names


def test_a_file_has_the_name_of_the_url(origin, here):
    urls = [origin.http + path for path in (
        "/json/a", "/bytes/100?x=1", "/country/france/status/deaths", "/", "/json/a%20b")]
    result = fetch("-O", *urls, cwd=here)
    assert result.code == 0
    assert saved(result) == ["a", "100", "deaths", "index.html", "a b"]
    found = files(here)
    assert sorted(found) == sorted(saved(result))
    assert found["100"] == pattern(100)


@pytest.mark.parametrize("args, name", [
    (["-o", "x"], "x"), (["-o", "sub/x"], "sub/x"), (["-o", "{host}/{path}"], "127.0.0.1/json/a.b.c"),
    (["-o", "{stem}-{index}.{ext}"], "a.b-0.c"), (["-o", "{index:04}"], "0000"),
    (["--output-dir", "d"], "d/a.b.c"), (["--output-dir", "d/e", "-O"], "d/e/a.b.c"),
    (["--output-dir", "d", "-o", "e/{name}"], "d/e/a.b.c"),
    (["-O", "-o", "last"], "last"), (["-o", "first", "-O"], "a.b.c"),
], ids=str)
def test_a_template_names_folder_and_file(origin, here, args, name):
    result = fetch(*args, origin.http + "/json/a.b.c", cwd=here)
    assert (result.code, saved(result)) == (0, [name])
    assert list(files(here)) == [name]


def test_globs_name_files(origin, here):
    result = fetch("-o", "#2-#1.json", origin.http + "/{json,bytes}/[1-3]", cwd=here)
    assert saved(result) == [f"{n}-{word}.json" for word in ("json", "bytes") for n in (1, 2, 3)]
    assert sorted(files(here)) == sorted(saved(result))


def test_an_absolute_folder_of_the_users_own(origin, here):
    result = fetch("-o", f"{here}/../here/x/{{name}}", origin.http + "/json/a", cwd="/")
    assert result.code == 0
    assert list(files(here)) == ["x/a"]


def test_two_of_one_name_are_numbered_in_input_order_whichever_comes_first(origin, here):
    urls = [f"{origin.http}/delay/{seconds}?bytes={size}" for seconds, size in (
        ("0.20", 1), ("0.0", 2), ("0.10", 3), ("0.00", 4), ("0.20", 5), ("0.0", 6))]
    for _ in range(3):
        for name in files(here):
            (here / name).unlink()
        result = fetch("-O", *urls, cwd=here)
        assert saved(result) == ["0.20", "0.0", "0.10", "0.00", "0.20.1", "0.0.1"]
        assert {n: len(body) for n, body in files(here).items()} == {
            "0.20": 1, "0.0": 2, "0.10": 3, "0.00": 4, "0.20.1": 5, "0.0.1": 6}


def test_a_hundred_times_the_same_two_names(origin, here):
    urls = [f"{origin.http}/delay/0?bytes={size}" for size in (10, 20)]
    for i in range(10 if SLOW else 100):
        result = fetch("-O", "--output-dir", i, *urls, cwd=here)
        assert saved(result) == [f"{i}/0", f"{i}/0.1"]
        assert files(here / str(i)) == {"0": pattern(10), "0.1": pattern(20)}


def test_a_name_that_looks_like_a_numbered_one_is_not_given_twice(origin, here):
    urls = [origin.http + path for path in ("/json/a", "/json/a.1", "/json/a", "/json/a.1")]
    result = fetch("-O", *urls, cwd=here)
    assert saved(result) == ["a", "a.1", "a.2", "a.1.1"]
    assert len(files(here)) == 4


CONFLICTS = {
    "a file, then directories": (
        ["a", "a/b", "a/b/c", "a/d"], ["a", "a.1/b", "a.1/b.1/c", "a.1/d"]),
    "directories, then a file": (
        ["a/b/c", "a/b", "a", "a"], ["a/b/c", "a/b.1", "a.1", "a.2"]),
    "a directory like a numbered file": (
        ["a", "a", "a.1/x", "a/x"], ["a", "a.1", "a.1.1/x", "a.2/x"]),
    "a directory like a numbered directory": (
        ["a", "a/x", "a.1/x", "a.1"], ["a", "a.1/x", "a.1.1/x", "a.1.2"]),
}


def outputs(origin, names, slow):
    """A list with a file for each name, of which one comes late."""
    return "".join(json.dumps({
        "url": f"{origin.http}/delay/{0.2 if i == slow else 0}?bytes={i + 1}", "output": name,
    }) + "\n" for i, name in enumerate(names)).encode()


@pytest.mark.parametrize("names, taken", CONFLICTS.values(), ids=CONFLICTS)
def test_a_file_and_a_directory_of_one_name_are_both_saved(origin, here, names, taken):
    """Under the same names, whichever comes last, and when they are fetched again."""
    sizes = {name: i + 1 for i, name in enumerate(taken)}
    for slow in (0, len(names) - 1):
        for args in (["--overwrite"], ["-c", "1", "--overwrite"]):
            result = fetch(*args, stdin=outputs(origin, names, slow), cwd=here)
            assert saved(result) == taken
            assert {n: len(body) for n, body in files(here).items()} == sizes
    again = fetch("--skip-existing", "-O", stdin=outputs(origin, names, None), cwd=here)
    assert (again.code, again.results) == (0, [])


def test_a_page_and_the_pages_below_it_are_both_saved(origin, here):
    """None of them is there, and that is saved."""
    paths = ["/x", "/x/", "/x//", "/x/y", "/y/z", "/y"]
    result = fetch("--accept", "404", "-o", "{path}", *(origin.http + p for p in paths), cwd=here)
    assert saved(result) == [
        "x", "x.1/index.html", "x.1/index.html.1", "x.1/y", "y/z", "y.1"]
    assert sorted(files(here)) == sorted(saved(result))


def test_a_directory_has_the_same_name_when_the_file_fails(origin, here):
    result = fetch("-o", "{path}", *(origin.http + p for p in ("/status", "/status/200")), cwd=here)
    assert saved(result) == [None, "status.1/200"]


def test_a_file_and_a_directory_of_one_name_in_a_run_that_is_resumed(origin, here, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "log"
    names, taken = CONFLICTS["a file, then directories"]
    lines = outputs(origin, names, None).splitlines(keepends=True)
    for n in range(len(lines)):
        result = fetch("--resume", log, stdin=b"".join(lines[:n + 1]), cwd=here)
        assert [r["filename_effective"] for r in result.results] == [taken[n]]


@pytest.mark.parametrize("args", [[], ["--overwrite"], ["--skip-existing"]], ids=str)
def test_a_file_that_is_there_is_no_directory_and_a_directory_no_file(origin, here, args):
    (here / "json").write_text("mine")
    (here / "status").mkdir()
    urls = [origin.http + path for path in ("/json/a", "/json/b", "/status")]
    for _ in range(2):
        fetch("-o", "{path}", "--accept", "200,404", *args, *urls, cwd=here)
        found = files(here)
        assert {"json", "json.1/a", "json.1/b", "status.1"} <= set(found)
        assert found["json"] == b"mine" and (args == [] or len(found) == 4)


def test_a_name_of_the_servers_is_not_in_the_way_of_a_directory(origin, here):
    """It is known when its response comes; that of the directory was given before."""
    served = "/status/200?Content-Disposition=attachment;filename=b"
    jobs = [{"url": origin.http + served, "output": "a"},
            {"url": origin.http + "/json/x", "output": "b/x"},
            {"url": origin.http + "/json/y", "output": "b/y"}]
    result = fetch("-J", "--sequential", stdin="\n".join(map(json.dumps, jobs)).encode(), cwd=here)
    assert saved(result) == ["b", "b.1/x", "b.1/y"]
    assert sorted(files(here)) == sorted(saved(result))


def test_a_file_that_is_there_is_left_alone_and_the_next_name_taken(origin, here):
    (here / "a").write_text("mine")
    (here / "b").mkdir()
    (here / "c").symlink_to("/nonexistent")
    result = fetch("-O", *(f"{origin.http}/json/{name}" for name in "abc"), cwd=here)
    assert saved(result) == ["a.1", "b.1", "c.1"]
    assert (here / "a").read_text() == "mine"
    assert os.readlink(here / "c") == "/nonexistent"
    (here / "c").unlink()


def test_overwrite_replaces_what_is_there_but_not_its_own(origin, here):
    (here / "a").write_text("old")
    result = fetch("-O", "--overwrite", origin.http + "/json/a", origin.http + "/json/a?x=1",
                   cwd=here)
    assert saved(result) == ["a", "a.1"]
    assert b"old" not in files(here)["a"]


def test_overwrite_replaces_a_link_and_not_what_it_points_to(origin, here):
    (here / "target").write_text("mine")
    (here / "a").symlink_to("target")
    assert fetch("-O", "--overwrite", origin.http + "/json/a", cwd=here).code == 0
    found = files(here)
    assert found["target"] == b"mine" and b'"a"' in found["a"]


def test_overwrite_keeps_the_old_file_when_the_new_one_does_not_come_whole(origin, here):
    (here / "truncate").write_text("old")
    (here / "404").write_text("old")
    result = fetch("-O", "--overwrite", origin.http + "/truncate", origin.http + "/status/404",
                   cwd=here)
    assert saved(result) == [None, None]
    assert files(here) == {"truncate": b"old", "404": b"old"}


@pytest.mark.parametrize("overwrite", [[], ["--overwrite"]], ids=str)
@pytest.mark.parametrize("path, args", [
    ("/etag", ["-H", 'If-None-Match: "practice"']), ("/status/304", []), ("/status/204", []),
    ("/status/205", []), ("/resumable/a?validator=date", ["-I"]),
    ("/status/200?Last-Modified=Sat,%2001%20Jan%202000%2000:00:00%20GMT",
     ["--curl", "TIMECONDITION=1", "--curl", "TIMEVALUE=1000000000"])], ids=str)
def test_a_response_without_content_keeps_the_file_and_makes_none(origin, here, path, args,
                                                                  overwrite):
    (here / "there").write_text("the good copy")
    for name in ("there", "new"):
        result = fetch("-o", name, *overwrite, *args, origin.http + path, cwd=here)
        assert result.code == 0, result
        assert saved(result) == [None]
    assert files(here) == {"there": b"the good copy"}


def test_a_body_that_is_empty_is_a_file(origin, here):
    (here / "x").write_text("old")
    assert saved(fetch("-o", "x", "--overwrite", origin.http + "/bytes/0", cwd=here)) == ["x"]
    assert files(here) == {"x": b""}


def test_skip_existing_asks_only_for_what_is_not_there(origin, here):
    urls = [origin.http + path for path in ("/json/a", "/json/b", "/json/a", "/status/404")]
    first = run("-O", "--skip-existing", *urls, cwd=here)
    assert first.code == 1 and "skipped" not in first.err
    (here / "a.1").unlink()
    origin.reset()
    result = run("--json", "-O", "--skip-existing", *urls, cwd=here)
    assert [r["filename_effective"] for r in result.document["results"]] == ["a.1", None]
    assert result.document["summary"]["skipped"] == 2
    assert sorted(targets(origin.seen())) == ["/json/a", "/status/404"]
    assert sorted(files(here)) == ["a", "a.1", "b"]


def test_resume_gives_the_same_names(origin, here):
    """The second of a name failed at first; the first one is not asked for again."""
    args = ["-o", "{path}.x", "--resume", "log", origin.http + "/json/q",
            origin.http + "/flaky/1", origin.http + "/json/q?2"]
    first = run("--jsonl", *args, cwd=here)
    assert saved(first) == ["json/q.x", None, "json/q.x.1"]
    (here / "json" / "q.x.1").unlink()
    log = (here / "log").read_text().splitlines(keepends=True)
    (here / "log").write_text("".join(line for line in log if "?2" not in line))
    second = run("--jsonl", *args, cwd=here)
    assert sorted(r["filename_effective"] for r in second.results) == ["flaky/1.x", "json/q.x.1"]


# What may not happen

HOSTILE = """
/../../../etc/passwd /..%2f..%2f..%2fetc%2fpasswd /%2e%2e/%2e%2e/x /%2e%2e%2f%2e%2e%2fx /.. /.
/... /%2e /%2e%2e /.bashrc /%2ebashrc /.ssh/authorized_keys //etc/passwd ///x /a//b /a/./b /a/../b
/%2fetc%2fpasswd /x%00.txt /%00 /%0a /%0d%0ax /%1b[31m /%7f /%c2%9b /%e2%80%ae /%e2%80%8b /%ff%fe
/%c0%ae%c0%ae%c0%afx /%20 /%20%20 /~ /~root /-rf /--help /con /nul.txt /a:b /a%5c..%5cb /C:%5cx
/x.part /x.PART /a;b /a|b /$(id) /`id` /*? /%25 /%2525 /{x} /%22%27 /%3cscript%3e /e%cc%81 /%f0%9f%98%80
""".split() + ["/" + "x" * 300, "/" + "%c3%a9" * 200, "/" + "x" * 300 + ".html", "/x." + "y" * 300,
               "/" + "d/" * 200 + "x"]


@pytest.mark.parametrize("template", ["{name}", "{path}", "{host}/{path}", "{stem}.{ext}", "x{name}",
                                      "{name}/{name}", "#1"])
def test_hostile_names_stay_in_the_folder(origin, here, template):
    """Each body is somewhere below it, whole, and no two are the same file."""
    urls = [f"{origin.http}{path}" for path in HOSTILE]
    result = fetch("-o", template, "--output-dir", "d", "--globoff", "--accept",
                   "100-599", *urls, cwd=here)
    names = [name for name in saved(result) if name]
    assert len(names) == len(set(names)) >= len(urls) - 2
    found = files(here / "d")
    assert sorted("d/" + name for name in found) == sorted(names)
    for name in found:
        for part in name.split("/"):
            assert part not in ("", ".", "..") and len(part.encode()) <= 255
            assert not part.startswith(".")
            assert part.isprintable() or "\u00ad" in part
    assert os.listdir(here) == ["d"]


def test_a_link_in_the_folder_is_not_followed(origin, here, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside")
    (here / "json").symlink_to(outside)
    (here / "b.part").symlink_to(outside / "b")
    result = fetch("-o", "{path}", origin.http + "/json/a", cwd=here)
    assert result.result["error"] == "write"
    result = fetch("-O", origin.http + "/json/b", cwd=here)
    assert result.result["error"] == "write"
    assert not os.listdir(outside)
    (here / "json").unlink()
    (here / "b.part").unlink()


# What is kept, and what is not

KEPT = {"/empty-body": None, "/bytes/0": 0, "/bytes/1": 1, "/bytes/300000": 300_000,
        "/bytes/5000000": 5_000_000, "/drip?bytes=100&seconds=0.2": 100}


@pytest.mark.parametrize("path, size", [(p, s) for p, s in KEPT.items() if s is not None])
def test_a_body_of_any_size_is_whole(origin, here, path, size):
    result = fetch("-o", "x", origin.http + path, cwd=here).result
    assert (result["ok"], result["size_download"]) == (True, size)
    assert files(here) == {"x": pattern(size)}


def test_compressed_bodies_are_saved_decoded(origin, here):
    assert fetch("-o", "x", "--compressed", origin.http + "/gzip", cwd=here).code == 0
    assert files(here)["x"].startswith(b"{")


def test_a_redirect_ends_in_the_file_of_its_url(origin, here):
    result = fetch("-O", origin.http + "/redirect/2", cwd=here)
    assert saved(result) == ["2"]
    assert b"over" in files(here)["2"]


@pytest.mark.parametrize("path", ["/truncate", "/truncate-chunked", "/status/404", "/status/500",
                                  "/reset?after=10", "/hang?after=10", "/bad-gzip", "/empty"])
def test_what_fails_leaves_nothing(origin, here, path):
    result = fetch("-O", "-m", "3" if SLOW else "0.5", "--compressed", origin.http + path, cwd=here)
    assert saved(result) == [None] and result.code == 1
    assert files(here) == {}


def test_a_retry_begins_its_file_anew(origin, here):
    """The first attempt has written a part of it when it fails."""
    result = fetch("-o", "x", "--retry", "1", "--retry-delay", "10ms", "-m", "5" if SLOW else "1",
                   origin.http + "/flaky/1?status=503", origin.http + "/bytes/100000", cwd=here)
    assert result.code == 0
    assert files(here)["x.1"] == pattern(100_000)


def test_too_large_a_body_leaves_nothing(origin, here):
    result = fetch("-O", "--max-filesize", "1000000", origin.http + "/bytes/3000000",
                   origin.http + "/drip?bytes=2000000&seconds=0.1", cwd=here)
    assert [r["error"] for r in result.by_index] == ["too-large"] * 2
    assert files(here) == {}


def test_ctrl_c_leaves_whole_files_only(origin, here):
    urls = [f"{origin.http}/bytes/{1000 + i}" for i in range(20)] + [
        f"{origin.http}/drip?bytes=500000&seconds=60&chunks=100&i={i}" for i in range(5)]
    with start("--jsonl", "-O", "--output-dir", here, *urls) as g:
        for _ in range(20):
            g.line()
        origin.wait(in_flight=5)
        g.signal(signal.SIGINT)
        assert g.end().code == 130
    assert {name: len(body) for name, body in files(here).items()} == {
        str(1000 + i): 1000 + i for i in range(20)}


def test_kill_leaves_whole_files_and_parts(origin, here):
    urls = [f"{origin.http}/drip?bytes=900000&seconds=0.{i}&chunks=3&i={i}" for i in range(9)]
    with start("-s", "-o", "{index}", "--output-dir", here, *urls) as g:
        origin.wait(requests=9)
        try:
            g.process.wait(timeout=0.4)
        except subprocess.TimeoutExpired:
            g.signal(signal.SIGKILL)
        g.process.wait()
    for name in os.listdir(here):
        size = (here / name).stat().st_size
        assert size == 900000 or name.endswith(".part")
    assert fetch("--skip-existing", "-o", "{index}", "--output-dir", here, *urls).code == 0
    assert {name: len(body) for name, body in files(here).items()} == {
        str(i): 900000 for i in range(9)}


# Trouble with the disk


def test_a_folder_that_must_not_be_written_fails_its_requests(origin, here):
    (here / "json").symlink_to("/nonexistent")
    result = fetch("-o", "{path}", origin.http + "/json/a", origin.http + "/bytes/5", cwd=here)
    failed, good = result.by_index
    assert (failed["error"], failed["exitcode"], failed["filename_effective"]) == ("write", 23, None)
    assert failed["errormsg"] == "cannot write json/a: Not a directory"
    assert good["filename_effective"] == "bytes/5"
    assert result.code == 1


def test_a_large_body_that_cannot_be_written_is_not_fetched_to_its_end(origin, here):
    (here / "x.part").mkdir()
    result = fetch("-o", "x", origin.http + "/endless", cwd=here).result
    assert (result["error"], result["http_code"]) == ("write", 200)
    assert origin.wait(closed_early=1, in_flight=0)["requests"] == 1
    (here / "x.part").rmdir()


@without_wrapper
def test_files_that_are_too_large_fail(origin, here):
    result = fetch("-O", origin.http + "/bytes/1000000", origin.http + "/bytes/5", cwd=here,
                   shell='trap "" XFSZ; ulimit -f 100; exec "$@"')
    assert [r["error"] for r in result.by_index] == ["write", None]
    assert "File too large" in result.by_index[0]["errormsg"]
    assert list(files(here)) == ["5"]


def test_3_when_the_disk_is_full_for_all(origin, here, tmp_path_factory):
    disk = tmp_path_factory.mktemp("disk")
    if os.geteuid() != 0 or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=256k", "files", disk], check=False,
            capture_output=True).returncode:
        pytest.skip("cannot mount a small disk here")
    try:
        urls = [f"{origin.http}/bytes/30000?{i}" for i in range(200)]
        result = run("--jsonl", "-c", "5", "-o", "{index}", "--output-dir", disk, *urls)
        assert result.code == 3
        assert f"gather: no space left in {disk}/\n" in result.err
        assert origin.seen()["requests"] < 100
        found = files(disk)
        assert set(found) == {str(r["index"]) for r in result.results if r["ok"]}
        assert set(map(len, found.values())) == {30000}
    finally:
        subprocess.run(["umount", disk], check=True)


def test_two_gathers_at_once_in_one_folder(origin, here):
    """They never write to one file; each body is whole under a name of its own or fails."""
    urls = [f"{origin.http}/drip?bytes=600000&seconds=0.3&chunks=5&i={i}" for i in range(5)]
    results = []
    threads = [threading.Thread(
        target=lambda: results.append(fetch("-o", "x{index}", *urls, cwd=here))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    named = [r["filename_effective"] for result in results for r in result.results if r["ok"]]
    assert len(named) == len(set(named)) >= 5
    found = files(here)
    assert sorted(found) == sorted(named)
    assert set(found.values()) == {pattern(600000)}
    failed = [r for result in results for r in result.results if not r["ok"]]
    assert all("somebody else writes it" in r["errormsg"] for r in failed)


def test_thousands_of_files_need_few_descriptors(origin, here):
    urls = [f"{origin.http}/bytes/{i % 100}?{i}" for i in range(400)]
    result = run("-s", "-c", "20", "-o", "{index}", "--output-dir", here, "-i",
                 write_list(here / "list", *urls), shell='ulimit -n 128; exec "$@"')
    assert result.code == 0
    (here / "list").unlink()
    assert {name: len(body) for name, body in files(here).items()} == {
        str(i): i % 100 for i in range(400)}


# Checksums


@pytest.mark.parametrize("args", [["--checksum", "sha256"], ["--fields", "index,checksum"],
                                  ["--checksum=sha256", "-O"]], ids=str)
def test_checksums_are_those_of_the_bodies(origin, here, args):
    sizes = [0, 1, 100, 65536, 3_000_000]
    result = fetch(*args, *(f"{origin.http}/bytes/{size}" for size in sizes), cwd=here)
    assert [r["checksum"] for r in result.by_index] == [
        hashlib.sha256(pattern(size)).hexdigest() for size in sizes]


def test_a_body_that_is_not_whole_has_no_checksum(origin):
    result = fetch("--checksum", "sha256", "--retry", "1", "--retry-delay", "1ms",
                   origin.http + "/truncate", origin.http + "/status/404",
                   "http://nobody.invalid/", origin.http + "/flaky/1")
    cut, error, nowhere, again = result.by_index
    assert cut["checksum"] is nowhere["checksum"] is None
    assert error["checksum"] == hashlib.sha256(b'{"status": 404}\n').hexdigest()
    assert again["checksum"] == hashlib.sha256(b'{"tries": 2}\n').hexdigest()


@pytest.mark.parametrize("args, path", [
    (["--deadline", "1"], "/hang?after=10"), (["--first", "1"], "/hang?after=10"),
    (["--first", "1", "--retry", "5", "--retry-delay", "50"], "/status/503")], ids=str)
def test_a_cancelled_transfer_has_no_checksum(origin, args, path):
    """Neither that of the part of a body that came, nor that of an attempt before."""
    result = fetch("--checksum", "sha256", *args, origin.http + path,
                   origin.http + "/delay/0.5")
    stopped, other = result.by_index
    assert stopped["error"] in ("canceled", "deadline")
    assert stopped["checksum"] is None
    assert other["checksum"] or not other["ok"]


def test_the_log_has_checksums_too(origin, here):
    run("-s", "--checksum", "sha256", "--resume", here / "log", origin.http + "/bytes/5")
    assert hashlib.sha256(pattern(5)).hexdigest() in (here / "log").read_text()


# --cat


def test_cat_prints_bodies_and_nothing_else(origin):
    urls = [f"{origin.http}/json/{i}" for i in range(5)] + [origin.http + "/status/404"]
    result = run("--cat", "--no-summary", "--ordered", *urls)
    assert result.code == 1
    assert result.raw == b"".join(b'{"name": "%d", "query": {}}\n' % i for i in range(5))


@pytest.mark.parametrize("args", [["-o", "-"], ["--cat", "-s"], ["-s", "--cat"]], ids=str)
def test_cat_by_other_names(origin, args):
    assert run(*args, "--no-summary", origin.http + "/bytes/10").raw == pattern(10)


def test_cat_tears_no_line(origin):
    """Bodies of mixed sizes, of one byte each that says whose it is; 50 at a time."""
    count = 900 if SLOW else 9000
    sizes = [1 + (i * 7919) % 5000 if i % 100 else 200_000 for i in range(count)]
    urls = [f"{origin.http}/json/{i}?pad={'x' * (size % 300)}" for i, size in enumerate(sizes)]
    result = run("--cat", "--no-summary", "-c", "50", stdin="\n".join(urls).encode())
    assert result.code == 0
    lines = result.lines
    assert len(lines) == count
    names = sorted(int(line.split('"')[3]) for line in lines)
    assert names == [*range(count)] and all(line.endswith("}}") for line in lines)


def test_cat_and_files_at_once(origin, here):
    result = run("--cat", "-O", "--no-summary", origin.http + "/bytes/1000", cwd=here)
    assert result.raw == pattern(1000) and files(here) == {"1000": pattern(1000)}


# The command line


@pytest.mark.parametrize("args, words", [
    (["-o", "{nope}"], "{nope}"), (["-o", ""], "output"), (["-o", "a/"], "output"),
    (["-o", "{name}/.."], "output"),
    (["-O", "--output-dir", "/dev/null/x"], "cannot use the folder /dev/null/x: Not a directory"),
], ids=str)
def test_what_makes_no_sense_is_refused(origin, args, words):
    result = run(*args, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"")
    assert words in result.err
    assert origin.seen()["requests"] == 0
