"""Requests that come of answers: chains of pages, trees of items, and where their headers go."""

import json
import re
import signal
import urllib.parse

import pytest

from harness import fetch, loads, run, start, targets, write_list

BEYOND = 9007199254740993  # a double has only its neighbours


def paths(seen):
    """What was asked for, in order, with its query."""
    return targets(seen)


def pages(seen):
    """The numbers of the pages that were asked for, in order."""
    return [int((re.search(r"page=(\d+)", path) or [0, 1])[1]) for path in paths(seen)]


def named(origin, *urls):
    """The URL of an answer that names urls, the first as /query/u0."""
    return f"{origin.http}/json/a?" + urllib.parse.urlencode(
        [(f"u{i}", url) for i, url in enumerate(urls)])


# Pages


@pytest.mark.parametrize("args, path", [
    (["--next", "link"], "/pages/300"), (["--next", "/next"], "/pages/300"),
    (["--next", "/paging/next"], "/cursors/300")], ids=["link", "pointer", "cursor"])
def test_every_page_is_fetched_in_order(origin, args, path):
    result = fetch("--ordered", "--body", *args, origin.http + path)
    assert (result.code, result.err) == (0, "")
    assert [r["index"] for r in result.results] == list(range(300))
    assert [loads(r["body"])["page"] for r in result.results] == list(range(1, 301))
    assert [r["parent"] for r in result.results] == [None, *range(299)]
    assert {r["depth"] for r in result.results[1:]} == {0} and result.results[0]["depth"] is None
    seen = origin.seen()
    assert seen["requests"] == len(set(paths(seen))) == 300 and seen["most_in_flight"] == 1


def test_pages_up_to_the_last_are_fetched_at_once(origin):
    result = fetch("-c", "20", "--next", "link", origin.http + "/pages/40?last=1&delay=0.05")
    assert result.code == 0 and {r["http_code"] for r in result.by_index} == {200}
    seen = origin.seen()
    assert sorted(pages(seen)) == list(range(1, 41))
    assert 2 < seen["most_in_flight"] <= 20
    assert re.fullmatch("gather: pages 2 to 40 of .* are fetched at once "
                        r"\(--next-sequential forbids it\)\n", result.err)
    assert {r["parent"] for r in result.by_index} == {None, 0}


def test_pages_at_once_are_in_order_if_wanted(origin):
    result = fetch("--next", "link", "--ordered", "--body", origin.http + "/pages/30?last=1")
    assert [loads(r["body"])["page"] for r in result.results] == list(range(1, 31))


def test_pages_are_fetched_one_after_another_if_wanted(origin):
    result = fetch("--next", "link", "--next-sequential",
                   origin.http + "/pages/10?last=1&delay=0.01")
    assert (result.code, result.err) == (0, "")
    seen = origin.seen()
    assert pages(seen) == list(range(1, 11)) and seen["most_in_flight"] == 1


def test_a_chain_that_comes_back_ends(origin):
    result = fetch("--next", "link", origin.http + "/pages/5?page=2&loop=1")
    assert (result.code, result.err) == (0, "")
    assert pages(origin.seen()) == [2, 3, 4, 5, 1]


def test_max_pages_bounds_each_chain(origin):
    result = fetch("--next", "link", "--max-pages", "3", origin.http + "/pages/5",
                   origin.http + "/pages/3?page=2")
    assert result.code == 0  # as it was asked for
    assert result.err == (f"gather: warning: --max-pages 3 is reached at {origin.http}"
                          "/pages/5?page=3, and there are more\n")
    assert sorted(pages(origin.seen())) == [1, 2, 2, 3, 3]
    assert [r["url"] for r in result.results if r["warning"]] == [origin.http + "/pages/5?page=3"]


def test_max_pages_bounds_pages_at_once(origin):
    result = fetch("--next", "link", "--max-pages", "4", origin.http + "/pages/9?last=1")
    assert result.code == 0 and "pages 2 to 4" in result.err and "--max-pages 4" in result.err
    assert sorted(pages(origin.seen())) == [1, 2, 3, 4]


def test_a_bound_that_nobody_gave_is_a_failure(origin):
    result = fetch("--next", "/next", origin.http + "/pages/1001")
    assert result.code == 1 and "--max-pages 1000 is reached" in result.err
    assert len(result.by_index) == 1000 and all(r["ok"] for r in result.results)


# Trees


@pytest.mark.parametrize("first", [1, BEYOND - 250], ids=["small", "beyond 2^53"])
def test_every_item_of_a_tree_is_fetched_once(origin, first):
    query = f"first={first}&size=502&delay=0.01"
    result = fetch("-c", "100", "--follow", "/kids/*", "--follow-url",
                   f"{origin.http}/tree/{{}}?{query}", f"{origin.http}/tree/{first}?{query}")
    assert (result.code, result.err) == (0, "")
    seen = origin.seen()
    assert sorted(paths(seen)) == sorted(f"/tree/{first + i}?{query}" for i in range(502))
    assert 1 < seen["most_in_flight"] <= 100
    by_index, places = result.by_index, {}
    for r in by_index:
        places[r["index"]] = int(re.search(r"/tree/(\d+)", r["url"])[1]) - first
    for r in by_index[1:]:
        assert places[r["parent"]] == (places[r["index"]] - 1) // 3
        assert r["depth"] == (by_index[r["parent"]]["depth"] or 0) + 1
    assert max(r["depth"] for r in by_index[1:]) == 6


def test_urls_are_followed_absolute_or_relative(origin):
    result = fetch("--follow", "/links/*", origin.http + "/tree/1?size=40")
    assert (result.code, result.err) == (0, "")
    assert sorted(paths(origin.seen())) == sorted(f"/tree/{n}?size=40" for n in range(1, 41))


def test_several_places_are_followed(origin):
    """And what is no place in an answer leads nowhere."""
    result = fetch("--follow", "/*", "--follow", "/kids/0", "--follow-url", "/v0/item/{}.json",
                   "--depth", "1", origin.http + "/v0/topstories.json")
    assert result.code == 0 and len(result.by_index) == 5
    assert sorted(paths(origin.seen()))[:2] == ["/v0/item/8860.json", "/v0/item/8861.json"]


def test_a_story_and_all_its_comments(origin):
    result = fetch("--follow", "/kids/*", "--follow-url", "{}.json", "--body",
                   origin.http + "/v0/item/8863.json")
    bodies = [loads(r["body"]) for r in result.by_index]
    assert len({body["id"] for body in bodies}) == len(bodies) == bodies[0]["descendants"] + 1


def test_pages_and_their_items(origin):
    """A page has the depth of its parent, and items of all pages are followed."""
    result = fetch("--next", "link", "--follow", "/items/*", "--follow-url", "/json/{}", "--depth",
                   "1", origin.http + "/pages/4")
    assert (result.code, result.err) == (0, "")
    assert len(result.by_index) == 4 + 12
    assert {(("/json/" in r["url"]), r["depth"]) for r in result.results[1:]} == {
        (True, 1), (False, 0)}


def test_depth_bounds_steps(origin):
    result = fetch("--follow", "/links/*", "--depth", "2", origin.http + "/tree/1")
    assert (result.code, result.err) == (0, "")
    assert len(result.by_index) == 1 + 3 + 9 and all(r["warning"] is None for r in result.results)


def test_what_is_deepest_may_be_anything(origin, tmp_path):
    """It is not looked at, nor kept: a file that is larger than a JSON may be."""
    result = fetch("--follow", "/query/u0", "--depth", "1", "-o", "{name}", "--output-dir",
                   tmp_path, named(origin, "/bytes/17000000"))
    assert result.code == 0 and all(r["warning"] is None for r in result.results)
    assert (tmp_path / "17000000").stat().st_size == 17000000


@pytest.mark.parametrize("args", [["--follow", "/links/*"], ["--next", "/links/4"]], ids=str)
def test_a_cyclic_tree_ends(origin, args):
    result = fetch(*args, origin.http + "/tree/1?size=13&cyclic=1")
    assert (result.code, result.err) == (0, "")
    seen = paths(origin.seen())
    assert len(seen) == len(set(seen)) == (13 if args[0] == "--follow" else 1)


def test_an_endless_tree_stops_at_max_requests(origin):
    result = fetch("--follow", "/links/*", "--max-requests", "50", origin.http + "/tree/1")
    assert result.code == 1
    assert result.err == "gather: warning: --max-requests 50 is reached: no more are derived\n"
    assert len(result.by_index) == origin.seen()["requests"] == 51
    assert all(r["ok"] for r in result.results)
    assert any("--max-requests 50" in (r["warning"] or "") for r in result.results)


def test_max_requests_that_are_enough_are_no_failure(origin):
    assert fetch("--follow", "/links/*", "--max-requests", "12",
                 origin.http + "/tree/1?size=13").code == 0


def test_what_the_input_names_is_not_derived(origin):
    urls = [f"{origin.http}/tree/{n}?size=4" for n in (1, 3)]
    result = fetch("--sequential", "--follow", "/links/*", "--unique", *reversed(urls))
    assert result.code == 0 and len(result.by_index) == 4
    assert sorted(paths(origin.seen())) == [f"/tree/{n}?size=4" for n in range(1, 5)]


def test_a_url_is_relative_to_where_a_redirect_led(origin):
    to = urllib.parse.quote(f"{origin.http}/tree/1?size=4", safe="")
    result = fetch("--follow", "/links/0", f"{origin.http}/redirect-to?url={to}")
    assert result.code == 0 and paths(origin.seen())[-1] == "/tree/2?size=4"


def test_values_fill_a_template_encoded_or_raw(origin):
    for template, want in (("/echo?v={}", "/echo?v=a%2Fb%20%26%C3%A9"), ("/json/{+}", "/json/a/b")):
        origin.reset()
        value = "a/b &\u00e9" if "{}" in template else "a/b"
        assert fetch("--follow", "/query/u0", "--follow-url", template, "--depth", "1",
                     named(origin, value)).results
        assert paths(origin.seen())[-1] == want


# Answers that cannot be used


def raw(origin, body, *headers, status="200 OK"):
    """The URL of a response with that body."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers, "", ""]
    return (f"{origin.http}/raw?close=1&text="
            + urllib.parse.quote("\r\n".join(head).encode() + body.encode(), ""))


def test_an_answer_that_is_no_json_is_a_warning(origin):
    result = fetch("--follow", "/a", origin.http + "/html")
    assert (result.code, result.err, result.result["ok"]) == (0, "", True)
    assert result.result["warning"].startswith("not followed: ")
    (line,) = run("--follow", "/a", origin.http + "/html").columns
    assert line[0] == "200" and line[4].startswith("warning: not followed: ")


BROKEN = {
    "HTML": "<html>log in</html>", "nothing": "", "half a JSON": '{"next": "/a"',
    "JSON lines": '{"a":1}\n{"a":2}\n', "true": '{"next": true}', "an array": '{"next": ["/a"]}',
    "an object": '{"next": {"url": "/a"}}', "a scheme": '{"next": "ftp://127.0.0.1/"}',
    "no URL": '{"next": "http://"}', "a control character": '{"next": "\x01"}',
}


@pytest.mark.parametrize("args", [[], ["-s"], ["--ordered"], ["--extract", "a=/a"]], ids=str)
@pytest.mark.parametrize("body", BROKEN)
def test_a_page_that_breaks_a_chain_is_a_failure_of_the_run(origin, body, args):
    """A line on standard error names the page; what is there is a success."""
    page = raw(origin, BROKEN[body])
    first = raw(origin, json.dumps({"next": page}))
    result = run("--no-summary", "--jsonl", *args, "--next", "/next", first)
    assert result.code == 1
    (line,) = result.err.splitlines()
    assert line.startswith(f"gather: {page}: the chain of pages breaks off here: ")
    if "-s" not in args:
        assert [(r["ok"], bool(r["warning"])) for r in result.results] == [
            (True, False), (True, True)]


def test_each_chain_that_breaks_is_named_and_the_others_go_on(origin):
    urls = [raw(origin, BROKEN["HTML"]), origin.http + "/pages/4", raw(origin, BROKEN["true"])]
    result = fetch("--next", "/next", *urls)
    assert result.code == 1 and len(result.by_index) == 3 + 3
    assert sorted(re.findall(r"^gather: (\S+): ", result.err, re.M)) == sorted([urls[0], urls[2]])


def test_a_link_that_cannot_be_followed_breaks_a_chain(origin):
    url = raw(origin, "", "Link: <ftp://127.0.0.1/>; rel=next")
    result = fetch("--next", "link", url)
    assert result.code == 1 and f"{url}: the chain of pages breaks off here" in result.err


def test_what_need_not_be_a_page_breaks_no_chain(origin):
    """A response without content, an error that was expected, and what --follow has found."""
    for args, url in (
            ([], raw(origin, "", status="204 No Content")),
            (["--accept", "404"], raw(origin, "<html>", status="404 Not Found")),
            (["--follow", "/query/u0"], named(origin, "/html"))):
        result = fetch("--next", "/next", *args, url)
        assert (result.code, result.err) == (0, "")


ENDS = ["0", "-0.0", "false", '""', "null", "[]", "{}"]


@pytest.mark.parametrize("end", ENDS)
def test_whatever_a_server_ends_a_chain_with_ends_it_alike(origin, end):
    last = raw(origin, '{"next": %s}' % end)
    result = fetch("--next", "/next", raw(origin, json.dumps({"next": last})))
    assert (result.code, result.err) == (0, "")
    assert [r["warning"] for r in result.results] == [None, None]


@pytest.mark.parametrize("headers", [
    ['Link: <{0}>; rel="previous"; results="true"; cursor="0:0:1", '
     '<{1}>; rel="next"; results="false"; cursor="0:100:0"']], ids=["Sentry"])
def test_a_next_page_without_results_is_not_asked_for(origin, headers):
    base = origin.http + "/nothing?"
    url = raw(origin, "[]", *[header.format(base + "1", base + "2") for header in headers])
    result = fetch("--next", "link", url)
    assert (result.code, result.err) == (0, "") and origin.seen()["requests"] == 1


@pytest.mark.parametrize("text", ["\\u0000", "\\ud800", "\\udc00x", "\\ud83d\\ud83d"])
def test_text_that_no_string_can_hold_does_not_void_the_answer(origin, text):
    url = raw(origin, '{"a": "%s|", "next": "/nothing", "b": "%s"}' % (text, text))
    result = fetch("--next", "/next", "--extract", "a=/a", "--extract", "next=/next", url)
    assert "/nothing" in paths(origin.seen())
    first = result.by_index[0]
    assert first["warning"] is None and first["extract"]["next"] == "/nothing"
    assert first["extract"]["a"].startswith("\ufffd") and first["extract"]["a"].endswith("|")


def test_of_equal_names_the_last_counts(origin):
    url = raw(origin, '{"next": "/no", "x": {"a": 1}, "x": {"a": 2}, "next": "/json/last"}')
    result = fetch("--next", "/next", "--extract", "a=/x/a", url)
    assert (result.code, paths(origin.seen())[-1]) == (0, "/json/last")
    assert result.by_index[0]["extract"] == {"a": 2}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/", "http://", "mailto:a"])
def test_a_target_that_cannot_be_fetched_is_a_warning(origin, url):
    result = fetch("--proto", "all", "--follow", "/query/u0", named(origin, url))
    assert (result.code, result.err) == (0, "")
    assert result.result["warning"].startswith(f'not followed: "{url}": ')


@pytest.mark.parametrize("path, words", [
    ("/big-json?bytes=50000000", "16 MiB"), ("/big-json?values=1000001", "1000000 values")],
    ids=["bytes", "values"])
def test_a_json_that_is_too_large_is_refused(origin, path, words):
    result = fetch("--follow", "/0", origin.http + path)
    assert result.code == 1
    assert (result.result["error"], result.result["warning"]) == ("too-large", None)
    assert words in result.result["errormsg"]


def test_a_failed_answer_leads_nowhere(origin):
    result = fetch("--next", "link", "--accept", "204", origin.http + "/pages/3")
    assert result.code == 1 and result.result["error"] == "http"


def test_bodies_and_headers_are_shown_only_if_asked_for(origin):
    plain = fetch("--next", "link", "--follow", "/x", origin.http + "/pages/2").results
    assert not {"body", "body_base64", "headers"} & set(plain[0])
    shown = fetch("--next", "link", "--follow", "/x", "--body", origin.http + "/pages/2").results
    assert all(loads(r["body"])["items"] for r in shown) and "headers" not in shown[0]


# Where headers go


SECRETS = ["-H", "X-Key: 1", "-H", "Authorization: Basic eDp5", "-b", "c=1", "-e", "http://r/"]
NAMES = ["x-key", "authorization", "cookie", "referer"]


def headers_of(seen):
    """Which of the names were sent, by path."""
    return {entry["path"]: [name for name in NAMES if name in entry["headers"]]
            for entry in seen["log"]}


@pytest.mark.parametrize("place", ["other port", "other address"])
@pytest.mark.parametrize("args, there", [([], []), (["--follow-headers"], ["x-key"])],
                         ids=["by default", "--follow-headers"])
def test_headers_stay_with_their_origin(origin, other, args, there, place):
    base = other.http if place == "other port" else f"http://127.0.0.2:{origin.port}"
    back = f"{origin.http}/nothing"
    away = base + "/json/b?" + urllib.parse.urlencode({"u0": back})
    result = fetch(*SECRETS, *args, "--follow", "/query/*", named(origin, away, "/echo"))
    assert result.code == 0 and len(result.by_index) == 4
    sent = headers_of(origin.seen()) | headers_of(other.seen())
    assert sent[urllib.parse.urlsplit(result.by_index[0]["url"]).path + "?" +
                urllib.parse.urlsplit(result.by_index[0]["url"]).query] == NAMES
    assert sent["/echo"] == NAMES
    assert sent[away.removeprefix(base)] == there
    assert sent["/nothing"] == there  # what was lost is not regained


@pytest.mark.parametrize("args", [["-u", "me:secret"], ["--oauth2-bearer", "token"],
                                  ["-u", "me:secret", "--follow-headers"],
                                  ["--oauth2-bearer", "token", "--follow-headers"]], ids=str)
def test_logins_stay_with_their_origin(origin, other, args):
    result = fetch(*args, "--follow", "/query/*", named(origin, other.http + "/echo", "/nothing"))
    assert result.code == 0 and len(result.by_index) == 3
    assert all("authorization" in entry["headers"] for entry in origin.seen()["log"])
    (entry,) = other.seen()["log"]
    assert "authorization" not in entry["headers"]


def test_links_do_not_carry_headers_away_either(origin, other):
    """From the origin that a redirect led to, a relative URL is another origin's."""
    to = urllib.parse.quote(f"{other.http}/pages/3", safe="")
    result = fetch(*SECRETS, "--next", "link", f"{origin.http}/redirect-to?url={to}")
    assert result.code == 0 and len(result.by_index) == 3
    assert [headers_of({"log": [e]})[e["path"]] for e in other.seen()["log"]][1:] == [[], []]


def test_derived_requests_are_gets_without_a_body(origin):
    result = fetch("-X", "PUT", "-d", "x=1", "-H", "Content-Type: text/x", "-H", "X-Key: 1",
                   "--next", "link", origin.http + "/pages/2")
    assert [r["method"] for r in result.by_index] == ["PUT", "GET"]
    first, second = origin.seen()["log"]
    assert (first["method"], second["method"]) == ("PUT", "GET")
    assert not {"content-type", "content-length"} & set(second["headers"])
    assert second["headers"]["x-key"] == ["1"]


# Together with the rest


def test_the_run_ends_early_in_an_endless_tree(origin):
    assert fetch("--follow", "/links/*", "--first", "5", origin.http + "/tree/1").code == 0
    assert fetch("--follow", "/links/*", "--deadline", "0.3", origin.http + "/tree/1").code == 1
    with start("--jsonl", "--follow", "/links/*", origin.http + "/tree/1?delay=0.01") as g:
        g.line()
        g.signal(signal.SIGINT)
        assert g.end().code == 130


def test_derived_requests_do_not_wait_for_the_input(origin):
    with start("--jsonl", "--next", "link", stdin="pipe") as g:
        g.write(origin.http + "/pages/3\n")
        assert [loads(g.line())["index"] for _ in range(3)] == [0, 1, 2]
        g.write(origin.http + "/nothing\n")
        assert loads(g.line())["index"] == 3
        assert g.end().code == 0


def test_limits_hold_for_derived_requests(origin):
    result = fetch("--per-host", "2", "--follow", "/links/*",
                   origin.http + "/tree/1?size=20&delay=0.01")
    assert result.code == 0 and len(result.by_index) == 20
    assert origin.seen()["most_in_flight"] == 2


def test_the_total_is_known_at_the_end(origin, tmp_path):
    items = write_list(tmp_path / "list", f"{origin.http}/tree/1?size=13&delay=0.5")
    result = run("-s", "--no-summary", "--progress=json", "--follow", "/links/*", "-i", items)
    lines = [loads(line) for line in result.err.splitlines()]
    assert result.code == 0 and len(lines) >= 2
    assert lines[0]["total"] is None
    assert (lines[-1]["done"], lines[-1]["total"]) == (13, 13)


@pytest.mark.parametrize("args", [["--resume", "log"], ["--skip-existing"], ["--compare"]], ids=str)
@pytest.mark.parametrize("derive", [["--next", "link"], ["--follow", "/a"]], ids=str)
def test_what_skips_requests_is_refused(origin, tmp_path, args, derive):
    result = run(*derive, *args, origin.http + "/pages/2", cwd=tmp_path)
    assert (result.code, result.raw) == (2, b"") and "exclude each other" in result.err
    assert origin.seen()["requests"] == 0 and not list(tmp_path.iterdir())
