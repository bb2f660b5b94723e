"""JSON lines, JSON and CSV: that other programs can read them, whatever is in them."""

import base64
import random

import pytest

from harness import fetch, run, write_list
from origin import pattern
from origin.content import HTML, NASTY
from test_output import MEMBERS

NASTY_PATHS = ['/json/"quoted"', "/json/back\\slash", "/json/a,b;c'd",
               "/json/\u00e9\u4e2d\U0001f600", "/json/100%25", "/json/<b>&amp;"]


@pytest.fixture
def nasty(origin, tmp_path):
    """A list of what is hard to write, with the URLs as they stand there. Latin-1 for the bytes."""
    lines = [(origin.http + path).encode() for path in NASTY_PATHS]
    lines += [origin.http.encode() + b"/latin1", b"http://h/\x1b[31m\x07\"", b"nope://\xff\xfe/,\"",
              b"http://h/\x00\x01,\"\r\r", b'"\t"', b"http://h:99999999/\xc3\x28"]
    return write_list(tmp_path / "li,st \"\u00e9\"", *lines), lines


def test_json_lines_can_be_read_whatever_is_in_them(origin, nasty):
    name, lines = nasty
    results = fetch("--headers", "--body", "-i", name).by_index
    assert len(results) == len(lines)
    for r, path in zip(results, NASTY_PATHS):
        assert r["url"] == origin.http + path
    answered = results[len(NASTY_PATHS)]
    assert base64.b64decode(answered["body_base64"]) == NASTY and answered["body"] is None
    (value,) = answered["headers"]["x-nasty"]
    assert value.startswith("caf\ufffd \"quoted\" \x1b[31mred\x07 back\\slash")
    for number, r in enumerate(results[len(NASTY_PATHS) + 1:], len(NASTY_PATHS) + 2):
        assert r["error"] in ("input", "dns")
        assert r["error"] == "dns" or r["errormsg"].startswith(f"{name}:{number}: ")


def test_a_json_document_can_be_read_whatever_is_in_it(nasty):
    name, lines = nasty
    result = run("--json", "--headers", "--body", "-i", name)
    document = result.document
    assert list(document) == ["results", "summary"]
    assert [r["index"] for r in document["results"]] == list(range(len(lines)))
    assert document["summary"]["requests"] == len(lines)
    assert result.code == 1


def test_a_json_document_is_in_input_order(origin):
    urls = [f"{origin.http}/delay/{seconds}" for seconds in (0.3, 0, 0.2, 0.1)]
    assert [r["url"] for r in run("--json", *urls).document["results"]] == urls


def test_a_json_document_of_nothing_is_one_all_the_same():
    document = run("--json", stdin=b"").document
    assert document["results"] == []
    assert document["summary"]["requests"] == 0 and document["summary"]["latency"] is None


def test_csv_can_be_read_whatever_is_in_it(origin, nasty):
    name, lines = nasty
    result = run("--csv", "--headers", "--body", "-i", name)
    rows = sorted(result.rows, key=lambda row: int(row["index"]))
    assert [int(row["index"]) for row in rows] == list(range(len(lines)))
    for row, path in zip(rows, NASTY_PATHS):
        assert row["url"] == origin.http + path
    assert base64.b64decode(rows[len(NASTY_PATHS)]["body_base64"]) == NASTY
    assert all(name in row["errormsg"] for row in rows if row["error"] == "input")


def test_csv_has_a_header_row_and_ends_lines_with_crlf(origin, refused):
    result = run("--csv", "--ordered", origin.http + "/nothing", refused)
    assert result.out.split("\r\n")[0].split(",") == MEMBERS
    assert result.raw.count(b"\r\n") == result.raw.count(b"\n") == 3
    good, bad = result.rows
    assert (good["ok"], good["http_code"], good["error"], good["id"]) == ("true", "200", "", "")
    assert (bad["ok"], bad["http_code"], bad["error"]) == ("false", "0", "connect")
    assert float(good["time_total"]) > 0 and bad["time_starttransfer"] == ""


def test_csv_of_nothing_is_its_header_row():
    assert run("--csv", "--fields", "url,ok", stdin=b"").raw == b"url,ok\r\n"


def test_csv_keeps_line_ends_in_a_body(origin, tmp_path):
    (tmp_path / "data").write_bytes(b'one\r\ntwo, "three"\n')
    result = run("--csv", "--body", "--data-binary", f"@{tmp_path}/data", origin.http + "/echo")
    (row,) = result.rows
    assert '"body": "one\\r\\ntwo, \\"three\\"\\n"' in row["body"]


@pytest.mark.parametrize("seed", range(3))
def test_lists_of_any_bytes_make_valid_output(origin, tmp_path, seed):
    chance = random.Random(seed)
    lines = [origin.http.encode() + b"/json/" + bytes(
        chance.choice([10, 13, 34, 44, 92, *range(32, 127), *range(128, 256)])
        for _ in range(chance.randrange(60))) for _ in range(40)]
    name = write_list(tmp_path / "list", *lines)
    count = len(fetch("-i", name).by_index)
    assert count >= 40
    assert len(run("--csv", "-i", name).rows) == count
    assert len(run("--json", "-i", name).document["results"]) == count
    assert len(run("-i", name).lines) == count


# Bodies and headers


@pytest.mark.parametrize("path, body", [
    ("/nothing", b""), ("/json/\u00e9", b'{"name": "\\u00e9", "query": {}}\n'), ("/html", HTML)])
def test_a_body_that_is_text_is_text(origin, path, body):
    r = fetch("--body", origin.http + path).result
    assert (r["body"].encode(), r["body_base64"]) == (body, None)
    assert list(r) == MEMBERS + ["body", "body_base64"]


@pytest.mark.parametrize("path, size", [
    ("/bytes/300", 300), ("/bytes/301", 301), ("/bytes/302", 302), ("/bytes/1000000", 1000000),
    ("/drip?bytes=1000&chunks=10&seconds=0", 1000), ("/until-close", 1000)])
def test_a_body_that_is_not_text_is_base64(origin, path, size):
    r = fetch("--body", origin.http + path).result
    assert r["body"] is None and r["size_download"] == size
    assert base64.b64decode(r["body_base64"], validate=True) == pattern(size)


def test_the_body_of_a_failure_is_there_as_far_as_it_came(origin):
    r = fetch("--body", origin.http + "/status/500").result
    assert r["body"] == '{"status": 500}\n'
    r = fetch("--body", origin.http + "/truncate-chunked").result
    assert (r["body"], r["error"]) == ("hello", "protocol")


def test_what_has_no_answer_has_no_body_and_no_headers(refused):
    r = fetch("--body", "--headers", refused).result
    assert r["body"] is r["body_base64"] is r["headers"] is None


def test_headers_are_lists_under_lower_case_names(origin):
    path = "/status/200?X-Multi=one&Other=1&x-multi=two&X-Empty="
    r = fetch("--headers", origin.http + path).result
    assert r["headers"]["x-multi"] == ["one", "two"]
    assert r["headers"]["x-empty"] == [""]
    assert r["headers"]["content-length"] == ["16"]
    assert all(name == name.lower() for name in r["headers"])
    assert list(r) == MEMBERS + ["headers"]


def test_headers_are_those_of_the_last_answer(origin):
    r = fetch("--headers", origin.http + "/redirect/1").result
    assert "location" not in r["headers"]
    r = fetch("--headers", origin.http + "/early-hints").result
    assert "link" not in r["headers"] and r["http_code"] == 200


def test_many_headers_are_all_there(origin):
    r = fetch("--headers", origin.http + "/headers/500").result
    assert [r["headers"][f"x-number-{i}"] for i in range(500)] == [[str(i)] for i in range(500)]


# Fields


@pytest.mark.parametrize("form", ["--jsonl", "--json", "--csv"])
def test_fields_chooses_members_and_their_order(origin, form):
    result = run(form, "--fields", "http_code,url,index", origin.http + "/nothing")
    want = {"http_code": 200, "url": origin.http + "/nothing", "index": 0}
    if form == "--csv":
        assert result.rows == [{name: str(value) for name, value in want.items()}]
        assert result.out.startswith("http_code,url,index\r\n")
    else:
        found = result.result if form == "--jsonl" else result.document["results"][0]
        assert found == want and list(found) == list(want)


@pytest.mark.parametrize("name", MEMBERS + ["headers", "body", "body_base64"])
def test_every_member_is_a_field(origin, name):
    whole = fetch("--body", "--headers", origin.http + "/bytes/10").result
    part = fetch("--fields", name, origin.http + "/bytes/10").result
    assert list(part) == [name]
    assert (part[name] is None) == (whole[name] is None)


@pytest.mark.parametrize("value", ["nope", "url,nope", "", "url,", "url,,ok", "URL", "url ok"])
def test_an_unknown_field_is_a_usage_error(origin, value):
    result = run("--jsonl", "--fields", value, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"")
    assert result.err.startswith("gather: ") and "field" in result.err
    assert origin.seen()["requests"] == 0


def test_the_last_format_wins(origin):
    assert run("--csv", "--json", "--jsonl", origin.http + "/nothing").result["ok"]
    assert run("--jsonl", "--json", origin.http + "/nothing").document["results"]
