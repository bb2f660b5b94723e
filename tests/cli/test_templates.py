"""Templates: what lines, JSON lines and rows of CSV files become, as the server sees it."""

import csv
import json
import random
from urllib.parse import quote

import pytest

from harness import fetch, loads, run, start, targets, write_list

AWKWARD = [",", '"', '""', "\n", "\r\n", "\r", " ", "  ", "/", "//", "%", "%2F", "&", "=", "+", "?",
           "#", ";", "'", "{", "}", "{n}", "[1-3]", "\\", "\t", "~", "-", ".", "..", "\u00e9",
           "\u65e5\u672c", "\U0001f600", "a", "Z", "0", "word", "two words", "\u00df\u0301", "$(x)",
           "`", "<>", "|", ":", "@", "!"]


def dry(*args, **more):
    """The requests that would be made."""
    result = run("--dry-run", *args, **more)
    assert (result.code, result.err) == (0, ""), result
    return [loads(line) for line in result.lines]


def urls(*args, **more):
    return [request["url"] for request in dry(*args, **more)]


def write_csv(path, header, rows, **dialect):
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, **dialect)
        writer.writerow(header)
        writer.writerows(rows)
    return str(path)


def read_csv(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def make_rows(count):
    """Rows of n, name (anything) and tag (what a header may have)."""
    rng = random.Random(6)
    for n in range(count):
        name = "".join(rng.choices(AWKWARD, k=rng.randrange(6)))
        tag = "".join(word for word in rng.choices(AWKWARD, k=4) if word >= " ").strip()
        yield [9007199254740990 + n, name, tag]


def percent(value):
    return quote(value, safe="")


def inside(value):
    """Of a JSON string."""
    return json.dumps(value, ensure_ascii=False)[1:-1]


# 10,000 rows


@pytest.mark.parametrize("template, content_type, expected", [
    ('{"n": {n}, "name": "{name}", "more": {"tag": "{tag}", "none": {{}}}}', "application/json",
     lambda r: f'{{"n": {r["n"]}, "name": "{inside(r["name"])}", '
               f'"more": {{"tag": "{inside(r["tag"])}", "none": {{}}}}}}'),
    ("n={n}&name={name}&raw={+name}", "application/x-www-form-urlencoded",
     lambda r: f'n={r["n"]}&name={percent(r["name"])}&raw={r["name"]}'),
], ids=["json", "form"])
def test_rows_are_posted_as_python_reads_and_quotes_them(origin, tmp_path, template, content_type,
                                                         expected):
    path = write_csv(tmp_path / "rows.csv", ["n", "name", "tag"], make_rows(10000))
    rows = read_csv(path)
    assert len(rows) == 10000
    result = fetch("--body", "-c", 50, "--csv-input", "-i", path, "-d", template,
                   "-H", f"Content-Type: {content_type}", "-H", "X-Tag: {n}: {tag}",
                   "--template", origin.http + "/echo?name={name}&n={n}")
    assert result.code == 0, result.err
    paths = [f'/echo?name={percent(r["name"])}&n={r["n"]}' for r in rows]
    assert sorted(targets(origin.seen())) == sorted(paths)
    for row, path, got in zip(rows, paths, result.by_index, strict=True):
        seen = loads(got["body"])
        assert got["url"] == origin.http + path
        assert (seen["method"], seen["target"], seen["body"]) == ("POST", path, expected(row))
        headers = [tuple(pair) for pair in seen["headers"]]
        tag = f'{row["n"]}: {row["tag"]}'.strip()
        assert ("X-Tag", tag.encode().decode("latin-1")) in headers
        assert [v for n, v in headers if n == "Content-Type"] == [content_type]


def test_a_value_stays_in_its_path_segment(origin, tmp_path):
    rows = [row for row in make_rows(500) if row[1] not in ("", ".", "..")]
    path = write_csv(tmp_path / "rows.csv", ["n", "name", "tag"], rows)
    result = fetch("--csv-input", "-i", path, "--template", origin.http + "/json/{name}?n={n}")
    assert result.code == 0, result.err
    assert sorted(targets(origin.seen())) == sorted(
        f'/json/{percent(r["name"])}?n={r["n"]}' for r in read_csv(path))


@pytest.mark.parametrize("dialect", [
    {"quoting": csv.QUOTE_ALL}, {"quoting": csv.QUOTE_NONNUMERIC},
    {"quoting": csv.QUOTE_ALL, "lineterminator": "\n"}], ids=str)
def test_csv_in_other_manners_is_read_the_same(tmp_path, dialect):
    path = write_csv(tmp_path / "rows.csv", ["n", "name", "tag"], make_rows(2000), **dialect)
    assert urls("--csv-input", "-i", path, "--template", "http://h/?{name}&{n}&{tag}") == [
        f'http://h/?{percent(r["name"])}&{r["n"]}&{percent(r["tag"])}' for r in read_csv(path)]


# Rows


def test_each_line_and_each_argument_is_a_row(tmp_path):
    path = write_list(tmp_path / "list", "a b", "# no", "", "  c/d ", '{"x": 1}', "[1-2]")
    assert urls("--template", "http://h/{}", "first", "-i", path, "{l,m}", "--glob") == [
        "http://h/" + percent(row) for row in
        ("first", "a b", "c/d", '{"x": 1}', "[1-2]", "{l,m}")]


def test_standard_input_has_rows():
    assert urls("--template", "http://h/?q={}", stdin="a\n\u00e9".encode()) == [
        "http://h/?q=a", "http://h/?q=%C3%A9"]
    assert urls("--template", "http://h/{b}", "--csv-input", stdin=b"a,b\n1,2\n") == ["http://h/2"]


def test_values_can_be_inserted_as_they_are():
    assert urls("--template", "{+}/x?{{}}", "http://h/a/b") == ["http://h/a/b/x?{}"]


def test_members_of_json_lines(origin, tmp_path):
    ids = [9007199254740991 + n for n in range(20)] + [2 ** 70, -1]
    path = write_list(tmp_path / "list", *(json.dumps({"id": i, "s": f"a {i}\n"}) for i in ids),
                      '{"id": 1e400, "s": "\\ud83d\\ude00"}', '{"id": true, "s": null}')
    result = fetch("--body", "-i", path, "--template", origin.http + "/echo?id={id}",
                   "-d", '{"id": {id}, "s": "{s}"}')
    assert result.code == 0, result.err
    got = [loads(r["body"]) for r in result.by_index]
    assert [g["target"] for g in got] == [f"/echo?id={i}" for i in [*ids, "1e400", "true"]]
    assert [g["body"] for g in got] == [
        *(f'{{"id": {i}, "s": "a {i}\\n"}}' for i in ids),
        '{"id": 1e400, "s": "\U0001f600"}', '{"id": true, "s": ""}']


def test_each_list_has_its_own_columns(tmp_path):
    one = write_csv(tmp_path / "1", ["a", "b"], [[1, 2]])
    two = write_csv(tmp_path / "2", ["b", "c", "a"], [[3, 4, 5], [6, 7, 8]])
    assert urls("--csv-input", "-i", one, "-i", two, "--template", "http://h/{a}-{b}") == [
        "http://h/1-2", "http://h/5-3", "http://h/8-6"]


def test_a_body_template_can_come_from_a_file(tmp_path):
    (tmp_path / "body.json").write_text('{"a":\n "{}"}\n')
    assert [r["body"] for r in dry("--template", "http://h/", "--data-binary",
                                   f"@{tmp_path}/body.json", 'x"', "y")] == [
        '{"a":\n "x\\""}\n', '{"a":\n "y"}\n']


def test_without_a_template_braces_are_text(origin):
    result = fetch("--body", "-d", '{"a": "{b}"}', "-H", "X-A: {b} {{c}}", origin.http + "/echo")
    seen = loads(result.result["body"])
    assert seen["body"] == '{"a": "{b}"}' and ["X-A", "{b} {{c}}"] in seen["headers"]


def test_options_that_are_no_templates_stay(origin):
    result = fetch("--body", "-b", "a={x}", "-A", "{x}", "-H", "X-A: {}", "--template",
                   origin.http + "/echo", "row")
    headers = loads(result.result["body"])["headers"]
    assert [pair for pair in headers if pair[0] in ("Cookie", "User-Agent", "X-A")] == [
        pair for pair in headers if pair in (["Cookie", "a={x}"], ["User-Agent", "{x}"],
                                             ["X-A", "row"])]
    assert len([pair for pair in headers if pair[0] in ("Cookie", "User-Agent", "X-A")]) == 3


# With the options that look at requests


def test_unique_looks_at_what_was_filled_in():
    bodies = [r["body"] for r in dry("--unique", "--template", "http://h/", "-d", "v={}",
                                     "a", "b", "a", "c")]
    assert bodies == ["v=a", "v=b", "v=c"]


def test_shares_are_those_of_the_urls(tmp_path):
    rows = write_list(tmp_path / "rows", *(f"h{i}.example" for i in range(50)))
    plain = write_list(tmp_path / "urls", *(f"http://h{i}.example/x" for i in range(50)))
    shares = [urls("--template", "http://{}/x", "-i", rows, "--shard", f"{i}/3") for i in (1, 2, 3)]
    assert shares == [urls("-i", plain, "--shard", f"{i}/3") for i in (1, 2, 3)]
    assert sum(map(len, shares)) == 50 and all(shares)


def test_resume_knows_the_rows_that_are_done(origin, tmp_path):
    path = write_csv(tmp_path / "rows.csv", ["n"], [[n] for n in range(6)])
    args = ["--resume", tmp_path / "log", "--csv-input", "--template", origin.http + "/echo",
            "-d", "n={n}"]
    assert fetch(*args, "-i", path).code == 0
    origin.reset()
    write_csv(path, ["n"], [[n] for n in range(8)])
    result = fetch("--body", *args, "-i", path)
    assert result.code == 0
    assert sorted(loads(r["body"])["body"] for r in result.results) == ["n=6", "n=7"]


def test_a_retry_sends_the_same_again(origin):
    result = fetch("--body", "--retry", 3, "--retry-delay", "1ms", "--retry-all-errors",
                   "--template", origin.http + "/flaky/2?id={}", "-d", '["{}"]', "a", "b")
    assert result.code == 0, result.err
    assert all(r["attempts"] == 3 for r in result.results)
    log = origin.seen()["log"]
    assert {entry["headers"]["content-length"][0] for entry in log} == {"5"}


def test_a_pipe_is_served_as_it_speaks(origin):
    with start("--jsonl", "--no-summary", "--no-progress", "--csv-input", "--template",
               origin.http + "/json/{a}", "-i", "-", stdin="pipe") as g:
        g.write("a,b\n1,\"x\ny\"\n")
        assert loads(g.line())["url"].endswith("/json/1")
        g.write("2,\"x\n")
        g.write("y\"\n")
        assert loads(g.line())["url"].endswith("/json/2")
        assert g.end().code == 0


# What cannot be filled in


def problems(*args, **more):
    """Of a run that fails as a whole or in part: its messages by index, None for what succeeded."""
    result = fetch(*args, **more)
    assert result.code == 1, result
    for r in result.results:
        assert r["ok"] or r["error"] == "input"
    return [r["errormsg"] for r in result.by_index]


def test_a_line_that_cannot_fill_the_template_fails_alone(origin, tmp_path):
    path = write_list(tmp_path / "list", '{"a": 1}', "plain", '{"b": 1}', '{"a": [1]}', '{"a": }',
                      '{"a": "\\u0000"}', '{"a": 2}')
    got = problems("-i", path, "--template", origin.http + "/json/{a}")
    assert got[0] is None and got[-1] is None
    assert [message.partition(": ")[0] for message in got[1:-1]] == [
        f"{path}:{n}" for n in range(2, 7)]
    assert got[1].endswith(': --template: no member "a": the line is no JSON object')
    assert got[2].endswith(': --template: no member "a"')
    assert got[3].endswith(': --template: member "a" is an array, and no text')
    assert sorted(targets(origin.seen())) == ["/json/1", "/json/2"]


def test_a_record_that_cannot_be_used_fails_alone(origin, tmp_path):
    path = write_list(tmp_path / "list", "a,b", "1,x", "2", '3,"x', 'y"z', 'q"q,x', '"4","\u00e9"',
                      '"5","', "6,x")
    got = problems("--csv-input", "-i", path, "--template", origin.http + "/json/{a}")
    assert got == [None, f"{path}:3: 1 fields in 2 columns",
                   f"{path}:4: text behind a field in quotes",
                   f"{path}:6: a quote in a field without quotes", None,
                   f"{path}:8: a quote that is not closed"]
    assert sorted(targets(origin.seen())) == ["/json/1", "/json/4"]


@pytest.mark.parametrize("header, message", [
    ("b", '--template: no column "a"; there are "b"'), ("a,a", 'two columns "a"'), ("a,", "column 2 has no name"),
    ('a,"b"c', "the names of the columns: text behind a field in quotes")])
def test_a_list_whose_columns_do_not_fit_fails_once(origin, tmp_path, header, message):
    bad = write_list(tmp_path / "bad", header, "1", "2")
    good = write_list(tmp_path / "good", "a", "3")
    assert problems("--csv-input", "-i", bad, "-i", good, "--template",
                    origin.http + "/json/{a}") == [f"{bad}:1: {message}", None]


@pytest.mark.parametrize("row, args, message", [
    ("..", [], '--template: the path would have a segment ".."'),
    (".", [], '--template: the path would have a segment "."'),
    ("a\tb", ["-H", "X: {}"], None),
    ("a\x7fb", ["-H", "X: {}"], "--header: the line has a control character, which no header can have"),
    (b"\xe9", ["-d", '["{}"]'], "--data: the line is not UTF-8, which JSON is"),
    (b"\xe9", ["-d", "a={}"], None)])
def test_a_value_that_cannot_stand_there(origin, tmp_path, row, args, message):
    path = write_list(tmp_path / "list", row)
    result = fetch("-i", path, "--template", origin.http + "/json/{}", *args)
    assert result.result["errormsg"] == (f"{path}:1: {message}" if message else None)
    assert origin.seen()["requests"] == (0 if message else 1)


def test_a_record_cannot_break_out_of_its_line(tmp_path):
    """Rows in quotes, behind more than a record may have, are no rows."""
    path = tmp_path / "list"
    path.write_bytes(b'a,b\n1,"' + b"x" * (1 << 21) + b'\nevil,2\n"\n3,4\n')
    result = run("--dry-run", "--csv-input", "-i", path, "--template", "http://h/{a}")
    assert (result.code, result.out) == (1, '{"url":"http://h/3"}\n')
    assert f"{path}:2: " in result.err and ": a record over 1 MiB" in result.err


def test_columns_need_a_template(tmp_path):
    result = run("--csv-input", "-i", write_list(tmp_path / "list", "a"))
    assert (result.code, result.raw) == (2, b"") and "--template" in result.err
