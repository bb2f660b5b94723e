"""Trouble: each kind is a result of the right class that names its URL, and the rest goes on."""

import re
from urllib.parse import quote

import pytest

from harness import SLOW, enough, fetch, run, soon, targets

# What the server does: the class, libcurl's code (None: whatever), the status that came.
BROKEN = {
    "/status/400": ("http", 0, 400),
    "/status/404": ("http", 0, 404),
    "/status/500": ("http", 0, 500),
    "/status/599": ("http", 0, 599),
    "/empty": ("connect", 52, 0),
    "/reset": ("connect", 56, 0),
    "/reset?after=5": ("connect", 56, 200),
    "/truncate": ("protocol", 18, 200),
    "/truncate?announce=10&send=0": ("protocol", 18, 200),
    "/truncate-chunked": ("protocol", 18, 200),
    "/bad-chunk": ("protocol", None, 200),
    "/bad-length": ("protocol", None, 200),
    "/bad-header": ("protocol", None, 200),
    "/bad-header?kind=nul": ("protocol", None, 200),
    "/flood/large-headers": ("too-large", 56, 200),
    "/garbage": ("protocol", None, 0),
    "/redirect-loop": ("redirect", 47, 302),
    "/redirect/11": ("redirect", 47, 302),
    "/redirect-to?url=nope://x/": ("redirect", None, 302),
    "/redirect-to?url=http://%5b/": ("redirect", 3, 302),
    "/redirect-to?url=file:///etc/passwd": ("redirect", 1, 302),
    "/hang": ("timeout", 28, 0),
    "/hang?after=7": ("timeout", 28, 200),
    "/endless": ("timeout", 28, 200),
}


@pytest.mark.parametrize("path", BROKEN)
def test_a_broken_answer_has_its_class(origin, path):
    failure, code, status = BROKEN[path]
    limit = ["-m", "0.3"] if failure == "timeout" else ["-m", "20"]
    result = fetch(*limit, origin.http + path)
    r = result.result
    assert (r["error"], r["http_code"], r["ok"]) == (failure, status, False), r
    assert code is None or r["exitcode"] == code
    assert r["errormsg"] and r["url"] == origin.http + path
    assert result.code == 1
    text = run(*limit, "--no-summary", origin.http + path)
    (columns,) = text.columns
    assert columns[0] == (str(status) if status else "ERR")
    assert columns[3] == origin.http + path
    assert columns[4].startswith(failure + ": ")


def test_a_body_that_cannot_be_decoded_is_a_protocol_failure(origin):
    assert fetch("--compressed", origin.http + "/bad-gzip").result["error"] == "protocol"


@pytest.mark.parametrize("host", ["nobody.invalid", "a" * 64 + ".example", "nobody.invalid:8080"])
def test_a_name_that_does_not_resolve_is_a_dns_failure(host):
    r = fetch(f"http://{host}/").result
    assert (r["error"], r["exitcode"], r["http_code"]) == ("dns", 6, 0)
    assert host.split(":")[0] in r["errormsg"]


def test_a_proxy_that_does_not_resolve_is_a_dns_failure(origin):
    r = fetch("-x", "http://nobody.invalid:1/", origin.http + "/nothing").result
    assert (r["error"], r["exitcode"]) == ("dns", 5)


def test_a_refused_connection_is_a_connect_failure(refused):
    r = fetch(refused).result
    assert (r["error"], r["exitcode"], r["http_code"]) == ("connect", 7, 0)


@pytest.mark.parametrize("url", [
    "nope://h/", "gopherx://h", "http://", "http://h:99999/", "http://h:-1/", "http://[::1",
    "http://[x]/", "ftp://h/", "file:///etc/passwd", "telnet://h/", "http://h h/", "http://h/a b",
    "http://u:p@/", "://h/", "", " ", "http://h/\x01", "http://h/\n", "dict://h/"], ids=repr)
def test_a_url_that_cannot_be_used_is_an_input_failure(origin, url):
    result = fetch("-g", url, origin.http + "/nothing")
    bad, good = result.by_index
    assert (bad["error"], bad["http_code"], bad["ok"]) == ("input", 0, False), bad
    assert bad["errormsg"] and (bad["url"] or "") == url.replace(":p@", ":***@").strip(" ")
    assert good["ok"] and result.code == 1


@pytest.mark.parametrize("where, failure", [
    ("refused", "connect"), ("http://nobody.invalid/", "dns"), ("/empty", "connect"),
    ("/truncate", "protocol"), ("/status/500", "http"), ("bad", "tls")])
def test_a_failure_behind_a_redirect_has_its_own_class(origin, refused, where, failure):
    target = {"refused": refused, "bad": origin.https_bad}.get(where, where)
    result = fetch(f"{origin.http}/redirect-to?url={quote(target, '')}").result
    assert (result["error"], result["num_redirects"]) == (failure, 1)


def test_a_redirect_loop_ends_after_ten(origin):
    r = fetch(origin.http + "/redirect-loop").result
    assert (r["error"], r["num_redirects"]) == ("redirect", 10)
    assert targets(origin.seen()) == ["/redirect-loop"] * 11


def test_of_many_kinds_of_trouble_each_is_told_and_the_good_ones_come(origin, refused):
    paths = [path for path, (failure, _, _) in BROKEN.items() if failure != "timeout"] * 3
    good = [f"{origin.http}/json/{i}" for i in range(20)]
    urls = [url for pair in zip((origin.http + path for path in paths), good * 3) for url in pair]
    urls += [refused, "http://nobody.invalid/", origin.https_bad, "nope://x/",
             origin.http + "/hang"]
    result = run("--json", "-m", "20" if SLOW else "3", *urls)
    document = result.document
    assert result.code == 1
    assert [r["url"] for r in document["results"]] == urls
    for r in document["results"]:
        assert r["ok"] == (r["url"] in good)
        assert bool(r["error"]) != r["ok"] and bool(r["errormsg"]) != r["ok"]
    summary = document["summary"]
    assert summary["ok"] == sum(url in good for url in urls)
    assert sum(summary["errors"].values()) == summary["failed"] == len(urls) - summary["ok"]
    assert summary["errors"]["timeout"] == summary["errors"]["dns"] == summary["errors"]["tls"] == 1


def test_a_failure_leaves_nothing_behind_for_the_next(origin):
    """One handle for all: what a failure left in it must not show in what follows."""
    good = origin.http + "/json/a"
    urls = [url for path in BROKEN if BROKEN[path][0] != "timeout"
            for url in (origin.http + path, good)]
    results = fetch("--sequential", "--body", "--headers", *urls).by_index
    for r in results[1::2]:
        assert (r["ok"], r["error"], r["errormsg"], r["exitcode"]) == (True, None, None, 0)
        assert (r["http_code"], r["num_redirects"], r["url_effective"]) == (200, 0, good)
        assert (r["body"], r["time_redirect"]) == ('{"name": "a", "query": {}}\n', None)
        assert "location" not in r["headers"]


def test_messages_are_sentences_of_one_line(origin, refused):
    urls = [origin.http + path for path in BROKEN if BROKEN[path][0] != "timeout"]
    for r in fetch(*urls, refused, "http://nobody.invalid/", "nope://x/").results:
        assert re.fullmatch(r"[^\n\r]{8,300}", r["errormsg"]), r


def test_a_timeout_takes_no_longer_than_it_says(origin):
    r = fetch("-m", "0.2", origin.http + "/hang").result
    assert enough(0.2) <= r["time_total"] < soon(3)
