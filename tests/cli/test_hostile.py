"""
Servers that do what they can: each attack ends as a clear failure, the others of the run go on, and
memory stays what it is. The ceilings are those of the manual.
"""

import json
import subprocess
import sys
from urllib.parse import quote

import pytest

from harness import (COMMAND, MEASURE, PATIENCE, SLOW, environment, fetch, only_at_full_speed, run,
                     targets)

LONG_LINE = "a line of the headers is over libcurl's ceiling"
LARGE_HEAD = "the headers are over 256 KiB"
MANY_LINES = "the headers have over 1000 lines"
CODING = "the body is encoded in a way that was not asked for"
BOMB = "a small part of the body decodes to over 5 MiB"
KEPT = "the body is over the %d MiB that can be looked at"
LENGTH = "the length of the body is not one number"


def raw(*lines, body=""):
    """An answer of these lines."""
    return "/raw?close=1&text=" + quote("\r\n".join(["HTTP/1.1 200 OK", *lines, "", body]), "")


# What ends by itself: class, and how the message begins.
ATTACKS = {
    "/flood/status-line": ("too-large", LONG_LINE),
    "/flood/header-line": ("too-large", LONG_LINE),
    "/flood/folded-line": ("too-large", MANY_LINES),
    "/flood/small-headers": ("too-large", MANY_LINES),
    "/flood/large-headers": ("too-large", LARGE_HEAD),
    "/flood/continue": ("too-large", MANY_LINES),
    "/flood/hints": ("too-large", MANY_LINES),
    "/flood/large-hints": ("too-large", LARGE_HEAD),
    "/flood/cookies": ("too-large", MANY_LINES),
    "/flood/trailers": ("too-large", MANY_LINES),
    "/flood/trailer-line": ("too-large", LONG_LINE),
    "/flood/chunk-size": ("protocol", "Too long hexadecimal number"),
    "/flood/http09": ("protocol", "Received HTTP/0.9"),
    "/flood/nothing": ("protocol", "Received HTTP/0.9"),
    "/many/link?count=5000": ("too-large", MANY_LINES),
    "/many/link?count=1&bytes=110000": ("too-large", LONG_LINE),
    "/many/set-cookie?count=5000": ("too-large", MANY_LINES),
    "/many/location?count=1&bytes=110000": ("too-large", LONG_LINE),
    "/many/location?count=3&bytes=90000": ("too-large", LARGE_HEAD),
    "/many/location?count=1&bytes=90000": ("http", "the server answered 404"),
    "/many/content-disposition?count=1&bytes=1000000": ("too-large", LONG_LINE),
    "/redirect-loop": ("redirect", "Maximum (10) redirects"),
    "/wander/1": ("redirect", "Maximum (10) redirects"),
    raw("Content-Length: -1", body="ab"): ("protocol", "Invalid Content-Length"),
    raw("Content-Length: " + "9" * 30, body="ab"): ("too-large", "the Content-Length is too large"),
    raw("Content-Length: 9" + "0" * 17, body="ab"): ("protocol", "transfer closed with"),
    raw("Content-Length: 2", "Content-Length: 3", body="abc"): ("protocol", LENGTH),
    raw("Content-Length: 2, 3", body="abc"): ("protocol", LENGTH),
    raw("Content-Length: 2x", body="ab"): ("protocol", LENGTH),
    raw("Transfer-Encoding: chunked", body="f" * 16 + "\r\na"): ("protocol", ""),
    raw("Transfer-Encoding: gzip, gzip, chunked"): ("protocol", CODING),
    raw("Transfer-Encoding: zstd, chunked"): ("protocol", CODING),
}

# What goes on as long as it may.
LASTING = ["/flood/body", "/flood/chunks", "/flood/chunk-extension", "/flood/chunk-extensions"]

# What is not many bytes, but never all of them.
SLOW_ONES = [f"/flood/{part}?pause=0.2" for part in (
    "status-line", "header-line", "small-headers", "continue", "hints", "cookies", "body", "chunks",
    "chunk-extension", "trailers", "trailer-line")]


def outcomes(results):
    return {r["url"]: (r["error"], r["errormsg"]) for r in results}


def test_each_attack_is_a_clear_failure_and_the_others_go_on(origin):
    good = [f"{origin.http}/json/{i}" for i in range(len(ATTACKS))]
    urls = [url for pair in zip(good, (origin.http + path for path in ATTACKS)) for url in pair]
    result = run("--json", "--headers", "-m", PATIENCE, *urls)
    found = outcomes(result.document["results"])
    assert result.code == 1
    assert {url: found[url] for url in good} == {url: (None, None) for url in good}
    for path, (failure, words) in ATTACKS.items():
        error, message = found[origin.http + path]
        assert (error, message[:len(words)]) == (failure, words), path


@pytest.mark.parametrize("args", [["-m", "0.5"], ["-y", "1", "-Y", "100k"]], ids=str)
def test_what_drips_ends_in_time(origin, args):
    good = origin.http + "/json/a"
    found = outcomes(fetch(*args, *(origin.http + path for path in SLOW_ONES), good).results)
    assert found.pop(good) == (None, None)
    assert [error for error, _ in found.values()] == ["timeout"] * len(SLOW_ONES)


def test_what_lasts_ends_in_time(origin):
    found = outcomes(fetch("-m", "0.5", *(origin.http + path for path in LASTING)).results)
    assert [error for error, _ in found.values()] == ["timeout"] * len(LASTING)


@pytest.mark.parametrize("part, failure", [
    ("status-line", "too-large"), ("header-line", "too-large"), ("small-headers", "too-large"),
    ("large-headers", "too-large"), ("continue", "protocol"), ("http09", "too-large")])
def test_a_proxy_may_be_hostile_too(origin, part, failure):
    result = fetch("-m", "0.5", "-x", origin.http, f"https://{part}.example/", origin.http + "/json/a")
    bad, good = result.by_index
    assert (bad["error"], good["error"]) == (failure, None), bad


HTTP2 = {
    "settings": {"protocol"}, "ping": {"protocol"}, "headers": {"too-large"},
    "continuation": {"protocol"}, "large-headers": {"protocol"}, "window": {"timeout"},
    "empty-data": {"timeout"}, "padding": {"timeout"}, "unknown": {"timeout"},
}


def test_floods_of_http2_frames(origin):
    """Where the frames come with the answer to the upgrade libcurl has no room for them."""
    urls = [f"{origin.http}/h2/{kind}" for kind in HTTP2]
    result = fetch("--http2", "-m", "0.5", *urls, origin.http + "/json/a")
    *bad, good = result.by_index
    assert good["ok"]
    for r, expected in zip(bad, HTTP2.values()):
        assert r["error"] in {*expected, "protocol"}, r


# Bodies that grow when they are decoded

ZEROS = 100_000_000
GZIP = "/bombs/gzip"
BOMBS = [
    (GZIP, ["--max-filesize", "1m"], "too-large", "the body is larger than allowed"),
    (GZIP, ["--body"], "too-large", KEPT % 64),
    (GZIP, ["--exec", "cat"], "too-large", KEPT % 64),
    (GZIP, ["--extract", "a=/a"], "too-large", KEPT % 16),
    (GZIP, ["--follow", "/a"], "too-large", KEPT % 16),
    ("/bombs/br", [], "too-large", BOMB), ("/bombs/br", ["--checksum", "sha256"], "too-large", BOMB),
    ("/bombs/br", ["--max-filesize", "1m"], "too-large", "the body is larger than allowed"),
    ("/bombs/br", ["--body"], "too-large", BOMB), ("/bombs/br", ["-O"], "too-large", BOMB),
    ("/bombs/zstd", [], "protocol", CODING), ("/bombs/gzip-gzip", [], "protocol", CODING),
]


@pytest.mark.parametrize("path, args, failure, words", BOMBS)
def test_a_bomb_is_a_clear_failure(origin, tmp_path, path, args, failure, words):
    args = ["--compressed", "-w", "%{stderr}%{json}\\n", "--no-summary", *args]
    result = run(*args, f"{origin.http}{path}?bytes={ZEROS}", origin.http + "/json/a", cwd=tmp_path)
    bad, good = sorted(map(json.loads, result.err.splitlines()), key=lambda r: r["index"])
    assert (bad["error"], bad["errormsg"]) == (failure, words) and good["ok"]
    assert result.code == 1 and len(result.raw) < 1000
    assert [file.name for file in tmp_path.iterdir()] == ["a"] * ("-O" in args)


def test_a_bomb_is_not_written_to_standard_output(origin):
    result = run("--cat", "--compressed", f"{origin.http}{GZIP}?bytes={ZEROS}", origin.http + "/bytes/9")
    assert result.code == 1 and len(result.raw) == 9 and "too-large: 1" in result.err


def test_what_is_not_asked_for_is_not_decoded(origin, tmp_path):
    url = f"{origin.http}/bombs/zstd?bytes={ZEROS}"
    result = fetch("--max-filesize", "10k", "-O", url, cwd=tmp_path).result
    assert result["ok"] and (tmp_path / "zstd").stat().st_size == result["size_download"] < 10_000


def test_but_where_a_server_must_not_it_is_counted(origin):
    """libcurl decodes a Transfer-Encoding that nobody has asked for."""
    url = f"{origin.http}/bombs/gzip?bytes={ZEROS}&via=transfer"
    result = fetch(url, "--max-filesize", "1m").result
    assert (result["error"], result["errormsg"]) == ("too-large", "the body is larger than allowed")


@pytest.mark.parametrize("via", ["content", "transfer"])
def test_a_bomb_is_a_file_if_that_is_wanted(origin, tmp_path, via):
    """As much as gzip can; the disk may be slower than that is decoded."""
    url = f"{origin.http}/bombs/gzip?bytes=30000000&via={via}"
    assert fetch("--compressed", "-O", url, cwd=tmp_path).result["error"] is None
    assert (tmp_path / "gzip").read_bytes() == bytes(30_000_000)


def test_codings_with_large_windows_are_not_asked_for(origin):
    fetch("--compressed", origin.http + "/json/a")
    (accepted,) = origin.seen()["log"][0]["headers"]["accept-encoding"]
    assert {"gzip", "deflate"} <= set(accepted.split(", ")) <= {"gzip", "deflate", "br"}


# Connections that are used again


@pytest.mark.parametrize("later", [[], ["--rate", "4/s"]], ids=["at once", "later"])
def test_what_nobody_asked_for_is_no_answer(origin, later):
    """Bytes between an answer and the next request: the connection is not used again."""
    first = origin.http + "/more" + "?later=1" * bool(later)
    result = fetch("--sequential", *later, "--body", first, *[origin.http + "/json/a"] * 2)
    assert [r["ok"] for r in result.by_index] == [True] * 3
    assert ["evil" in r["body"] for r in result.by_index] == [False] * 3
    assert targets(origin.seen()) == [first[len(origin.http):], "/json/a", "/json/a"]


def test_a_million_years_are_not_waited_for(origin):
    url = origin.http + "/flaky/1?status=503&Retry-After=31557600000000"
    result = fetch("--retry", "1", "--retry-delay", "1ms", "--retry-after-max", "50ms", url).result
    assert result["ok"] and result["attempts"] == 2


# Cookies


def test_the_domain_that_sets_most_cookies_loses_them(origin, tmp_path):
    """But for the user's own: those are not counted."""
    own = tmp_path / "own"
    own.write_text("".join(f"mine{i}.example\tFALSE\t/\tFALSE\t0\tc\tv\n" for i in range(200)))
    paths = [f"/many/set-cookie?count=50&i={i}" for i in range(70)]
    good = f"http://127.0.0.2:{origin.port}/cookie/set?good=1"
    result = fetch("--sequential", "-b", own, "--cookie-jar", tmp_path / "jar", good,
                   *(origin.http + path for path in paths))
    lines = [line.split("\t") for line in (tmp_path / "jar").read_text().splitlines()
             if line.count("\t") == 6]
    domains = [line[0] for line in lines]
    assert result.code == 0 and 0 < domains.count("127.0.0.1") < 1000
    assert domains.count("127.0.0.2") == 1 and len(domains) - domains.count("127.0.0.1") == 201


# Memory


def peak(tmp_path, args, jobs):
    """The peak of the resident set, in MB, of a run with these jobs; and its results."""
    with open(tmp_path / "out", "wb") as out:
        subprocess.run([sys.executable, "-S", "-c", MEASURE, tmp_path / "peak", *COMMAND, "--jsonl",
                        "--no-summary", *args], input="\n".join(map(json.dumps, jobs)).encode(),
                       stdout=out, timeout=4 * PATIENCE, check=True, env=environment(), cwd=tmp_path)
    code, peak_kb = map(int, (tmp_path / "peak").read_text().split())
    with open(tmp_path / "out", "rb") as out:
        results = [json.loads(line) for line in out]
    assert code == 1 and len(results) == len(jobs)
    return peak_kb / 1024, results


@only_at_full_speed
def test_a_hundred_of_each_at_once_take_little_memory(origin, tmp_path):
    paths = [path for path in ATTACKS if path.startswith(("/flood/", "/redirect-loop"))]
    jobs = [{"url": origin.http + path} for path in paths for _ in range(100)]
    mb, results = peak(tmp_path, ["--cookie-jar", "jar"], jobs)
    assert mb < 100
    assert {r["error"] for r in results} == {ATTACKS[path][0] for path in paths}


@only_at_full_speed
@pytest.mark.parametrize("path, args, most", [
    ("/bombs/br", ["-O"], 900), (GZIP, ["--max-filesize", "1m", "--body"], 250)])
def test_a_hundred_bombs_take_a_bounded_memory(origin, tmp_path, path, args, most):
    jobs = [{"url": origin.http + path}] * 100
    assert peak(tmp_path, ["--compressed", *args], jobs)[0] < most


@only_at_full_speed
def test_memory_does_not_grow_with_time(origin, tmp_path):
    jobs = [{"url": origin.http + path} for path in LASTING * 5]
    short, _ = peak(tmp_path, ["-m", "0.4"], jobs)
    long, _ = peak(tmp_path, ["-m", "1.6"], jobs)
    assert long < short + 3
