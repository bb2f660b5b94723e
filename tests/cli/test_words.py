"""What is said of input that cannot be used: what is wrong, where, and what helps."""

import gzip
import json

import pytest

from harness import fetch, loads, run, targets, write_list

CSV = "--csv-input --template '{+COLUMN}'"


def messages(*args, **more):
    """Of a run in which every request is refused before it is begun."""
    result = fetch(*args, **more)
    assert result.code == 1
    assert {(r["error"], r["attempts"]) for r in result.results} <= {("input", 0)}
    return [r["errormsg"] for r in result.by_index]


# URLs


@pytest.mark.parametrize("url, words", [
    ("http://h:abc/", "Port number was not a decimal number between 0 and 65535"),
    ("h:99999", "Port number was not a decimal number between 0 and 65535"),
    ("http://", "No host part in the URL"), ("http://exa%20mple/", "Bad hostname"),
    ("http://h/a b", "a space in the URL (write %20)"),
    ("http:////h/", "Unsupported number of slashes following scheme"),
    ("http://[::g]/", None), ("http://u:p@/", None), ("http://a\u0378.example/", None)])
def test_a_url_that_cannot_be_used_says_why(tmp_path, url, words):
    """On the command line, in a list, in a job line, and of a template."""
    path = write_list(tmp_path / "list", url, json.dumps({"url": url}))
    first, *others = messages("-g", url, "-i", path)
    assert words is None or first == words
    assert "bad/illegal" not in first
    assert others == [f"{path}:1: {first}", f"{path}:2: {first}"]
    (message, *_) = messages("-i", path, "--template", "{+}")
    assert message in (others[0], f"{path}:1: --template: the URL would have no host")
    dry = run("--dry-run", "-g", url)
    assert dry.code == 1 and first in dry.err


@pytest.mark.parametrize("url", [
    "mailto:a@{}", "MAILTO:a@{}?subject=x", "a@{}", "a.b+c@{}/x", "xmpp:a@{}", "sip:a@{}",
    "javascript:a@{}", "data:text/plain,a@{}"])
def test_what_is_no_url_is_no_request_to_the_host_in_it(origin, url):
    host = origin.http.removeprefix("http://")
    (message,) = messages("-g", url.format(host))
    assert "cannot be fetched" in message or "e-mail address" in message
    assert origin.seen()["requests"] == 0


def test_a_login_and_a_port_without_a_scheme_are_as_in_curl(origin):
    host = origin.http.removeprefix("http://")
    result = fetch(f"me:pass@{host}/nothing", host + "/nothing?@a",
                   host + "/nothing?x=mailto:a@b", f"localhost:{origin.port}/nothing")
    assert [r["ok"] for r in result.by_index] == [True] * 4


@pytest.mark.parametrize("locale", ["C", "C.UTF-8", "POSIX"])
def test_names_that_are_not_ascii_are_encoded_in_every_locale(origin, locale):
    result = fetch("--resolve", f"xn--bcher-kva.example:{origin.port}:127.0.0.1",
                   f"http://b\u00fccher.example:{origin.port}/", env={"LC_ALL": locale})
    assert result.code == 0
    assert origin.seen()["log"][0]["host"].startswith("xn--bcher-kva.example")


@pytest.mark.parametrize("name", ["urls.txt", "./urls.txt", "lists/urls", "[1]"])
def test_a_file_that_is_named_as_a_url_suggests_i(tmp_path, name):
    (tmp_path / "lists").mkdir()
    write_list(tmp_path / name, "http://h/")
    result = run("--dry-run", "-g", name, cwd=tmp_path)
    assert f"gather: warning: {name} is a file here; -i {name} reads URLs from it\n" in result.err
    assert "-i" not in run("--dry-run", "-g", "lists", "http://urls.txt/", cwd=tmp_path).err


# What is taken off


@pytest.mark.parametrize("mark", ["\ufeff", "\u200b", "\u00a0", "\u2060", "\u3000", "\u200e",
                                  " \u00a0\t\u200b ", "\ufeff\ufeff"])
def test_what_cannot_be_seen_around_a_url_is_not_part_of_it(mark):
    url = "http://h/\u00e4"
    text = "\n".join([url, mark + url, url + mark, mark + url + mark, mark,
                      mark + json.dumps({"url": url}) + mark, mark + "# a comment"])
    result = run("--dry-run", "-i", "-", mark + url + mark, stdin=text.encode())
    assert (result.code, result.err) == (0, "")
    assert [loads(line)["url"] for line in result.lines] == [url] * 6
    result = run("--dry-run", "--template", "http://h/{}", stdin=(mark + "a" + mark).encode())
    assert loads(result.out)["url"] == "http://h/a"


def test_what_cannot_be_seen_inside_a_url_stays(origin):
    url = origin.http + "/a\u200db\u00a0c"
    assert fetch(url).result["url"] == url


# Lists that are something else


ENCODINGS = {
    "gzip": (gzip.compress(b"http://h/\n" * 100), "gzip -dc FILE"),
    "UTF-16": ("http://h/\r\n".encode("utf-16") * 100, "iconv -f UTF-16 "),
    "UTF-16LE": ("http://h/\r\n".encode("utf-16le") * 100, "iconv -f UTF-16LE "),
    "UTF-16BE": ("http://h/\r\n".encode("utf-16be") * 100, "iconv -f UTF-16BE "),
    "big-endian with a mark": (b"\xfe\xff" + "http://h/\n".encode("utf-16be"), "iconv -f UTF-16 "),
    "zstd": (b"\x28\xb5\x2f\xfd\n\n\n", "zstd -dc FILE"), "xz": (b"\xfd7zXZ\0\n\n", "xz -dc FILE"),
    "ZIP": (b"PK\3\4\n\n", "unzip -p FILE"),
    "without a line": (b"\x1f\x8b" + b"x" * (3 << 20), "gzip -dc FILE"),
}


@pytest.mark.parametrize("args", [[], ["--template", "http://h/{}"],
                                  ["--template", "http://h/{a}", "--csv-input"]], ids=str)
@pytest.mark.parametrize("name", ENCODINGS)
def test_a_list_that_is_no_text_is_one_failure(tmp_path, name, args):
    data, words = ENCODINGS[name]
    path = tmp_path / "list"
    path.write_bytes(data)
    (message,) = messages(*args, "-i", path)
    assert message.startswith(f"{path}: the list is ") and words in message
    (message,) = messages(*args, stdin=data)
    assert message.startswith("stdin: the list is ")


@pytest.mark.parametrize("bad, hint", [
    ("id,url,name", CSV), ("1,http://h/,x", CSV), ('"http://h/",x', CSV), ('"http://h/"', CSV),
    ("'http://h/'", CSV), ('http://h/,"a b"', CSV),
    ("http://h/\tx", "--csv-input --csv-delimiter TAB --template '{+COLUMN}'"),
    ("id;url;name", "--csv-input --csv-delimiter ';' --template '{+COLUMN}'"),
    ("<url><loc>http://h/</loc></url>", "XML"), ('<?xml version="1.0"?>', "XML"),
    ("[", "JSON"), ("h{a,b}", "--glob")])
def test_the_first_line_of_another_format_has_the_hint(tmp_path, bad, hint):
    path = write_list(tmp_path / "list", bad, bad, bad)
    first, *others = messages("-i", path)
    assert first.startswith(f"{path}:1: ") and first.endswith(")") and hint in first
    assert all(hint not in message for message in others)
    assert [first.replace(":1: ", f":{n}: ").startswith(message)
            for n, message in enumerate(others, 2)] == [True, True]


def test_each_list_has_its_hint(tmp_path):
    paths = [write_list(tmp_path / name, "a,b", "c,d") for name in ("one", "two")]
    found = messages("-i", paths[0], "-i", paths[1])
    assert [CSV in message for message in found] == [True, False, True, False]


def test_a_url_with_a_comma_has_no_hint(origin):
    assert fetch(stdin=(origin.http + "/json/a,b\n").encode()).result["ok"]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing\n", "\ufeff"])
def test_an_empty_list_says_so(origin, tmp_path, text):
    path = tmp_path / "list"
    path.write_text(text)
    words = f"gather: warning: {path}: no URLs in the list\n"
    for args in ([], ["-s"], ["--dry-run"]):
        assert run(*args, "-i", path, "--no-summary").err == words
    result = fetch("-i", path, origin.http + "/nothing", "-i", path)
    assert (result.code, result.err) == (0, 2 * words)
    if "#" not in text:
        result = run("-i", path, "--template", "http://h/{a}", "--csv-input", "--no-summary")
        assert (result.code, result.err) == (0, words)
    assert run("--compare", "1,2", "-i", path, origin.http + "/nothing").err.count(words) == 1


def test_names_of_columns_alone_are_an_empty_list():
    result = run("--template", "http://h/{a}", "--csv-input", "--no-summary", stdin=b"a,b\n")
    assert result.err == "gather: warning: stdin: no URLs in the list\n"


# Columns


@pytest.mark.parametrize("delimiter, option", [
    (";", ";"), ("\t", "TAB"), ("\t", "tab"), ("\t", "\\t"), ("\t", "\t"), ("|", "|"),
    (",", ","), (":", ":")])
def test_fields_are_separated_by_what_is_named(origin, delimiter, option):
    rows = [["name", "q"], ["a", f'"x{delimiter}""y"""'], ["b", ""], ["c,d;e", "1"]]
    rows = [row for row in rows if "," not in row[0] or delimiter not in ",;"]
    text = "\n".join(delimiter.join(row) for row in rows)
    result = fetch("--csv-input", "--csv-delimiter", option, "--body",
                   "--template", origin.http + "/json/{name}?q={q}", stdin=text.encode())
    assert result.code == 0
    found = [loads(r["body"]) for r in result.by_index]
    assert found[0] == {"name": "a", "query": {"q": f'x{delimiter}"y"'}}
    assert [f["name"] for f in found] == [row[0] for row in rows[1:]]


def test_a_delimiter_is_for_csv():
    result = run("--csv-delimiter", ";", "http://h/")
    assert result.code == 2
    assert result.err == "gather: --csv-delimiter is for --csv-input; there is none\n"


def test_an_unknown_column_lists_those_there_are():
    args = ["--csv-input", "--template", "http://h/{nope}"]
    assert messages(*args, stdin=b"id,the url,name\n1,2,3\n") == [
        'stdin:1: --template: no column "nope"; there are "id", "the url", "name"']
    (message,) = messages(*args, stdin=b"id;url\n1;2\n")
    assert message.endswith('"id;url" (see --csv-delimiter)')
    (message,) = messages(*args, stdin=",".join(f"c{i}" for i in range(500)).encode())
    assert message.endswith('"c19", ...')


# Braces in data


GRAPHQL = '{"query": "query {viewer{login}}"}'


@pytest.mark.parametrize("option, name", [("-d", "--data"), ("--data-binary", "--data"),
                                          ("-H", "--header")])
def test_braces_that_are_no_variable_name_the_option_and_the_way_out(option, name):
    value = GRAPHQL if option != "-H" else "X-Query: {login}"
    (message,) = messages("--template", "http://h/{a}", option, value, stdin=b'{"a": 1}')
    assert message == f'stdin:1: {name}: no member "login" ({{{{ and }}}} are plain braces)'
    (message,) = messages("--template", "http://h/{a}", "--csv-input", option, value,
                          stdin=b"a,b\n1,2")
    assert message == (f'stdin:1: {name}: no column "login"; there are "a", "b" '
                       "({{ and }} are plain braces)")


def test_the_way_out_is_one(origin):
    result = fetch("--template", origin.http + "/echo?{a}", "--body",
                   "-d", GRAPHQL.replace("{login}", "{{login}}"), stdin=b'{"a": 1}')
    assert loads(loads(result.result["body"])["body"]) == loads(GRAPHQL)


# Options


@pytest.mark.parametrize("args, words", [
    (["-x", "foo://h"], '--proxy: no proxy has the scheme "foo" (http, https, socks4, socks4a, '
                        "socks5 or socks5h)"),
    (["-x", "foo://u:secret@h"], '--proxy: no proxy has the scheme "foo" (http, https, socks4, '
                                 "socks4a, socks5 or socks5h)"),
    (["-x", "http://u:secret@h:x"], "--proxy: not the URL of a proxy: Port number was not a "
                                    "decimal number between 0 and 65535"),
    (["--cacert", "/nope"], "--cacert: /nope: No such file or directory"),
    (["--cacert", "/"], "--cacert: /: is a directory"),
    (["--cert", "/nope:secret"], "--cert: /nope: No such file or directory"),
    (["--key", "/nope"], "--key: /nope: No such file or directory"),
    (["--curl", "CAINFO=/nope"], "--curl: /nope: No such file or directory"),
    (["--repeat", "3"], "--repeat is for --compare; there is none"),
    (["--repeat", "1"], "--repeat is for --compare; there is none")])
def test_what_can_be_seen_to_be_wrong_is_a_usage_error(args, words):
    result = run(*args, "http://h/")
    assert (result.code, result.raw, result.err) == (2, b"", f"gather: {words}\n")


def test_the_environment_is_no_command_line(origin):
    """What is wrong there is said by those requests that need it."""
    env = {"CURL_CA_BUNDLE": "/nope", "https_proxy": "foo://h"}
    assert fetch(origin.http + "/nothing", env=env).code == 0
    assert targets(origin.seen()) == ["/nothing"]
