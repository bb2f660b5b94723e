"""--extract: values of JSON answers, in JSON, CSV, -w and the log."""

import pytest

from harness import fetch, loads, only_at_full_speed, run

BIG = {"id": 12345678901234567890, "ids": [2 ** 53 + 1, 2 ** 64 + 1]}


def test_values_are_in_the_result(origin):
    result = fetch("--extract", "id=/id", "--extract", "first=/ids/0", "--extract", "all=/ids/*",
                   "--extract", "none=/nope", "--extract", "whole=", origin.http + "/big-numbers")
    assert result.result["extract"] == {
        "id": BIG["id"], "first": BIG["ids"][0], "all": BIG["ids"], "none": None,
        "whole": {"ids": BIG["ids"], "id": BIG["id"]}}
    assert '"id":12345678901234567890,' in result.out and "18446744073709551617]" in result.out


def test_nothing_else_changes(origin):
    plain = fetch(origin.http + "/json/a").result
    result = fetch("--extract", "name=/name", origin.http + "/json/a").result
    assert set(result) - set(plain) == {"extract"}
    text = run("--no-summary", "--extract", "name=/name", origin.http + "/json/a")
    assert text.columns[0][3:] == [origin.http + "/json/a"]


@pytest.mark.parametrize("path, error", [
    ("/bytes/100", None), ("/nothing", None), ("/html", None), ("/latin1", None),
    ("/truncate?announce=100&send=10", "protocol")])
def test_an_answer_that_is_no_json_gives_nulls(origin, path, error):
    result = fetch("--extract", "a=/a", "--extract", "b=/*", origin.http + path).result
    assert (result["error"], result["extract"]) == (error, {"a": None, "b": None})
    assert (result["warning"] or "").startswith("" if error else "nothing extracted: ")


def test_without_an_answer_there_is_none(origin, refused):
    result = fetch("--extract", "a=/a", refused).result
    assert (result["error"], result["extract"]) == ("connect", None)


def test_a_failure_may_say_why_in_json(origin):
    result = fetch("--extract", "why=/error", origin.http + "/no-such-path").result
    assert (result["error"], result["extract"]) == ("http", {"why": "no such path"})


def test_columns(origin):
    urls = [origin.http + path for path in ("/json/a%2Cb", "/big-numbers", "/nothing")]
    options = ["--csv", "--no-summary", "--ordered", "--extract", "name=/name",
               "--extract", "id=/id", "--extract", "ids=/ids"]
    rows = run(*options, *urls).rows
    assert list(rows[0])[-3:] == ["extract.name", "extract.id", "extract.ids"]
    assert [[row[f"extract.{name}"] for name in ("name", "id", "ids")] for row in rows] == [
        ["a,b", "", ""],
        ["", "12345678901234567890", "[9007199254740993,18446744073709551617]"],
        ["", "", ""]]
    assert run(*options, "--fields", "extract.id,http_code", urls[1]).raw == (
        b"extract.id,http_code\r\n12345678901234567890,200\r\n")
    row, = run(*options, "--fields", "extract", urls[1]).rows
    assert loads(row["extract"])["id"] == BIG["id"]
    row, = run(*options, "--fields", "http_code", urls[1]).rows
    assert list(row) == ["http_code", "extract.name", "extract.id", "extract.ids"]


def test_fields_of_json(origin):
    url = origin.http + "/big-numbers"
    options = ["--extract", "Id=/id", "--extract", "x=/x"]
    assert fetch(*options, "--fields", "extract.Id,ok", url).result == {
        "extract.Id": BIG["id"], "ok": True}
    assert fetch(*options, "--fields", "ok", url).result == {
        "ok": True, "extract": {"Id": BIG["id"], "x": None}}


def test_variables(origin):
    result = run("-w", "%{extract.Name}|%{extract.q}|%{extract.x}\\n", "--no-summary",
                 "--extract", "Name=/name", "--extract", "q=/query", "--extract", "x=/x",
                 origin.http + "/json/a%22b?c=d")
    assert result.out == 'a"b|{"c":"d"}|\n'
    result = run("-w", "%{json}\n", "--no-summary", "--extract", "name=/name",
                 origin.http + "/json/a")
    assert result.result["extract"] == {"name": "a"}


@pytest.mark.parametrize("options", [["--fields", "extract.a"], ["-w", "%{extract.a}"],
                                     ["--extract", "A=/a", "--fields", "extract.a"]])
def test_what_is_not_asked_for_cannot_be_shown(options):
    result = run(*options, "http://127.0.0.1/")
    assert result.code == 2
    assert result.err == "gather: no --extract a=POINTER for extract.a\n"


def test_a_name_stands_for_one_value():
    result = run("--extract", "a=/a", "--extract", "a=/b", "http://127.0.0.1/")
    assert (result.code, result.err) == (2, 'gather: --extract: "a" is there already\n')


def test_the_log_has_them(origin, tmp_path):
    run("-s", "--resume", tmp_path / "log", "--extract", "name=/name", "--fields", "ok",
        origin.http + "/json/a")
    assert loads((tmp_path / "log").read_text())["extract"] == {"name": "a"}


def test_with_files_and_a_command(origin, tmp_path):
    result = fetch("--extract", "name=/name", "-O", "--exec", "cat", "--checksum", "sha256",
                   origin.http + "/json/a", cwd=tmp_path).result
    assert result["extract"] == {"name": "a"}
    assert loads(result["exec"]["stdout"])["name"] == "a"
    assert loads((tmp_path / "a").read_text())["name"] == "a"


@only_at_full_speed
def test_a_body_too_large_to_be_looked_at_fails(origin):
    result = fetch("--extract", "a=/a", f"{origin.http}/bytes/{20 << 20}").result
    assert (result["error"], result["extract"]) == ("too-large", {"a": None})
    assert result["errormsg"] == "the body is over the 16 MiB that can be looked at"


@pytest.mark.parametrize("name", ["b", "", "a,url", "url,a"])
def test_a_variable_of_another_value_is_refused(name):
    result = run("--extract", "a=/a", "-w", f"%{{extract.{name}}}", "http://h/")
    assert (result.code, result.raw) == (2, b"")
    assert f"no --extract {name}=POINTER for extract.{name}" in result.err
