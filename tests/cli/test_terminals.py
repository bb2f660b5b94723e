"""
Text of others: what would steer a terminal, reorder or break a line, and what is no UTF-8, from each
place that it can come from, in everything that gather writes. A terminal gets none of it; programs
get what there was, as far as the format can say it.
"""

import json
import os
import re
import signal
from urllib.parse import quote

import pytest

from harness import on_terminal, run, start

# C0 (ESC with a title, BEL, BS, VT, CR), DEL, C1 as a byte and in UTF-8, overrides, isolates, marks,
# separators of lines, and a byte that is never UTF-8.
NASTY = (b"\x1b]0;x\x07\x1b[31m\x08\x0b\r\x7f\x9b31m\xc2\x9b31m\xc2\x90" +
         "\u202e\u2066\u2069\u200f\u061c\u2028\u2029\u206a".encode() + b"\xff")
UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]")
COLORS = r"\x1b\[(31)?m"  # of bodies, and of what commands write
MARK = b"nasty" + NASTY + b"end"
IN_A_URL = MARK.translate(None, b"\r\x0b\x07\x08\x1b\x7f")  # a list has no others
TEXT = MARK.decode(errors="ignore")
OPTIONS = ["--color", "never", "--no-progress", "-c", "1"]


def served(value):
    """In a query: what makes the server write these bytes into a header."""
    return quote(value.replace(b"\r", b"").decode("latin-1"), "").encode()


def lines_of(origin):
    """By the name of the place: a line of a list that makes it appear."""
    url = origin.http.encode()
    job = json.dumps({"url": origin.http + "/nothing", "id": TEXT, "meta": {TEXT: [TEXT]}},
                     ensure_ascii=False).encode()
    return {
        "URL": url + b"/json/" + IN_A_URL,
        "URL that cannot be": b"http://h/" + MARK.replace(b"\r", b""),
        "host": b"http://" + IN_A_URL + b"/",
        "job": job,
        "member of a job": json.dumps({"url": "h", TEXT: 1}, ensure_ascii=False).encode(),
        "JSON": url + b"/json/" + quote(TEXT).encode(),
        "header": url + b"/status/200?X-Nasty=" + served(MARK),
        "content type": url + b"/status/200?Content-Type=" + served(MARK),
        "cookie": url + b"/status/200?Set-Cookie=a=" + served(MARK),
        "redirect": url + b"/redirect-to?url=" + served(b"/json/" + IN_A_URL),
        "redirect to nowhere": url + b"/redirect-to?url=" + served(b"nope://" + MARK),
        "link": url + b"/status/200?Link=<nope://" + served(MARK) + b">;rel=next",
        "body": url + b"/latin1",
        "file name": url + b"/status/200?Content-Disposition=attachment;filename=" + served(MARK),
        "long": url + b"/json/" + b"x" * 3000,
    }


FIELDS = ("id,meta,url,http_code,errormsg,url_effective,content_type,redirect_url,warning,headers,"
          "filename_effective,extract.name,exec.stdout,exec.stderr,body,body_base64")
OUTPUTS = {
    "text": [],
    "JSON lines": ["--jsonl", "--fields", FIELDS],
    "JSON": ["--json", "--fields", FIELDS, "--host-stats"],
    "CSV": ["--csv", "--fields", FIELDS],
    "safe CSV": ["--csv-safe", "--fields", FIELDS],
    "write-out": ["-w", "%{stderr}%{json}%{stdout}%header{x-nasty}" + "".join(
        f"%{{{name}}}" for name in FIELDS.split(",")) + "\\n"],
    "nothing": ["-s"],
}
ASKED = ["--extract", "name=/name", "--exec", "cat; cat >&2 <&0; echo \"$GATHER_URL\" >&2"]


@pytest.fixture
def nasty(origin, tmp_path):
    """A list whose name is nasty, too."""
    path = os.path.join(os.fsencode(tmp_path), MARK + b".list")
    with open(path, "wb") as file:
        file.write(b"\n".join(lines_of(origin).values()) + b"\n")
    return os.fsdecode(path)


def assert_clean(text, colors=""):
    """But for ends of lines, into which a terminal puts a CR, and for these colors."""
    text = re.sub("\r*\n", "\n", re.sub(colors, "", text))
    found = UNSAFE.search(text)
    assert not found, text[max(0, found.start() - 200):found.end() + 50].encode()


@pytest.mark.parametrize("name", OUTPUTS)
def test_a_terminal_gets_nothing_that_steers_it(origin, tmp_path, nasty, name):
    asked = ASKED if name != "nothing" else ASKED[2:]
    code, text = on_terminal(*OPTIONS, *OUTPUTS[name], *asked, "-i", nasty, "-J", "--output-dir",
                             tmp_path / "out", "--waterfall", "--host-stats", "--report",
                             tmp_path / "page")
    assert code == 1 and "nasty" in text and "end" in text
    assert_clean(text, COLORS)
    assert_clean((tmp_path / "page").read_text().replace("\t", ""))
    names = os.listdir(tmp_path / "out")
    assert any(file.startswith("nasty_]0;x_") for file in names)
    for file in names:
        assert_clean(file)


@pytest.mark.parametrize("args", [["--cat"], ["--next", "link"], ["--dry-run"],
                                  ["--compare=1,2", "--no-summary"]], ids=str)
def test_neither_does_it_of_the_others(origin, nasty, args):
    code, text = on_terminal(*OPTIONS, *args, "-i", nasty)
    assert code == 1
    assert_clean(text, COLORS if "--cat" in args else "")


def test_messages_are_clean_in_a_pipe_too(origin, tmp_path, nasty):
    """Wherever standard error goes in the end."""
    names = [nasty, nasty + "/x"]
    for args in (["-i", names[1]], ["--resume", nasty, "h"], ["--report", names[1], "h"],
                 ["--output-dir", names[1], "h"], ["-H", "@" + names[1], "h"], ["-X", nasty, "h"],
                 ["--" + os.fsdecode(MARK.replace(b"]", b"")), "h"], ["--compare=1,2", "-i", names[1]],
                 ["--dry-run", "-i", nasty], ["--cookie-jar", names[1], origin.http + "/nothing"],
                 ["-w", f"%output{{{names[1]}}}", "h"]):
        result = run(*args, cwd=tmp_path)
        assert result.code and "nasty" in result.err + result.out
        assert_clean(result.err)
    for args in ([], ["--waterfall", "--host-stats", "--next", "link"]):
        result = run(*OPTIONS, *args, "-i", nasty)
        assert_clean(result.out + result.err)


def test_sigusr1_prints_clean_lines(origin):
    url = (origin.http + "/hang?").encode() + IN_A_URL
    with start("-g", url.decode(errors="surrogateescape")) as g:
        origin.wait(requests=1)
        g.signal(signal.SIGUSR1)
        g.wait_said("/hang", "end\n")
        g.signal()
        assert_clean(g.end().err)


def test_json_says_all_and_is_text_that_any_terminal_may_show(origin, nasty):
    result = run(*OPTIONS, "--json", "--headers", "--body", *ASKED[:2], "-i", nasty)
    assert_clean(result.out)
    found = dict(zip(lines_of(origin), result.document["results"]))
    kept = MARK.decode(errors="replace")
    in_url = IN_A_URL.decode(errors="replace")
    assert found["URL"]["url"].endswith(in_url)
    assert found["job"]["id"] == TEXT and found["job"]["meta"] == {TEXT: [TEXT]}
    assert found["JSON"]["extract"] == {"name": TEXT}
    assert found["header"]["headers"]["x-nasty"] == [kept.replace("\r", "")]
    assert found["cookie"]["headers"]["set-cookie"] == ["a=" + kept.replace("\r", "")]
    assert found["long"]["url"].endswith("x" * 3000)


def test_programs_get_the_bytes_that_came(origin):
    """In a pipe, or a file."""
    url = f"{origin.http}/status/200?X-Nasty={served(MARK).decode()}"
    header = MARK.replace(b"\r", b"")
    assert run("-w", "%header{x-nasty}", url).raw == header
    got = run("--csv", "--fields", "id,http_code", stdin=json.dumps(
        {"url": origin.http + "/nothing", "id": TEXT}, ensure_ascii=False).encode())
    assert got.rows == [{"id": TEXT, "http_code": "200"}]
    body = run("--cat", origin.http + "/latin1").raw
    assert b"\x1b[31mred\x07\x00 \xff" in body
    assert run("-s", "--exec", "cat", origin.http + "/latin1").raw == body
    result = run("-s", "--exec", "cat >&2", "--no-summary", origin.http + "/json/%1b")
    assert result.code == 0 and "\\u001b" in result.err


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--csv"], ["-w", "%{url}\\n"]], ids=str)
def test_what_is_long_is_whole_and_only_pictures_are_cut(refused, tmp_path, form):
    url = refused + "x" * 100_000
    page = tmp_path / "page"
    result = run(*form, "--waterfall", "--report", page, stdin=url.encode())
    assert url in result.out
    assert all(len(line) <= 80 for line in result.err.splitlines())
    assert "x" * 200 in page.read_text() and "x" * 400 not in page.read_text()


# Spreadsheets


SAFE = {
    "=1+1": "'=1+1", "+1": "'+1", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\uff1d1": "'\uff1d1",
    "\t=1": "'\t'=1", "\r=1": "'\r'=1", "\n=1": "'\n'=1", "\tx": "'\tx", '=A("x,y")': '\'=A("x,y")',
    # For spreadsheets that split at semicolons or tabs, and see no quotes inside of a cell.
    "a;=1": "a;'=1", "a;b;+1;c;-2": "a;b;'+1;c;'-2", "a\t@x": "a\t'@x", "a;\uff0b1": "a;'\uff0b1",
    'a;"=1"': 'a;\'"=1"', "a; =1": "a;' =1", ' =1': "' =1", '"=1': '\'"=1',
    "a,b\n=1": "a,b\n'=1", "a,b\r\n=1;=2": "a,b\r\n'=1;'=2", ";;=": ";;'=",
    "a;b": "a;b", "a=1;b-2": "a=1;b-2", "a;": "a;", "a\r\nb": "a\r\nb", "": "",
}


@pytest.mark.parametrize("text", SAFE, ids=repr)
def test_safe_cells_are_no_formulas(origin, text):
    """As Python's csv reads them."""
    job = {"url": f"{origin.http}/json/{quote(text)}", "id": text, "meta": [1]}
    args = ["--fields", "id,meta,extract.n,http_code", "--extract", "n=/name"]
    (safe,) = run("--csv-safe", *args, stdin=json.dumps(job).encode()).rows
    assert safe == {"id": SAFE[text], "meta": "[1]", "extract.n": SAFE[text], "http_code": "200"}
    (plain,) = run("--csv", *args, stdin=json.dumps(job).encode()).rows
    assert plain["id"] == plain["extract.n"] == text


def test_numbers_stay_numbers_in_safe_cells(origin):
    lines = "\n".join(json.dumps({"url": origin.http + "/nothing", "id": number})
                      for number in (-5, -1.5e-7, 0, "-5", "5"))
    rows = run("--csv-safe", "--ordered", "--fields", "id,index", stdin=lines.encode()).rows
    assert [row["id"] for row in rows] == ["-5", "-1.5e-07", "0", "'-5", "5"]


def test_safe_cells_stay_safe_where_the_format_is_said_again(origin):
    assert "'=" in run("--csv-safe", "--csv", "--fields", "id", stdin=b'{"url":"h:1","id":"="}').out
    assert run("--csv-safe", "--jsonl", "--fields", "id",
               stdin=b'{"url":"h:1","id":"="}').result == {"id": "="}
