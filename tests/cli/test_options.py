"""The command line itself: help, version, completions, every option and every kind of value."""

import os
import re
import shutil
import subprocess

import pytest

from harness import GATHER, PATIENCE, ROOT, fetch, run

TABLE = os.path.join(ROOT, "src/cli/options.c")
MANUAL = os.path.join(ROOT, "man/gather.1")
TIMES = ["2", "0.5", ".5", "2.", "250ms", "0.25s", "1m", "1.5h", "1MS", "1S"]
RATES = ["1/s", "10/s", "100/m", "5/15s", "1000000/h", "1/1000d"]
BAD_RATES = ["", "10", "/s", "0/s", "-1/s", "1.5/s", "10/", "10/x", "10/0s", "10/s/s", "10 /s", "10/S"]
SIZES = ["1", "512", "10k", "10K", "1.5M", "1m", "2G", "7b"]

# Every option: values that it takes, and values that it does not. None: it takes no value.
OPTIONS = {
    "input-file": (["/dev/null", "-"], []),
    "url": (["http://h/", "h", "http://h/{a,b}"], []),
    "globoff": (None, ["x"]), "glob": (None, ["x"]), "urls-only": (None, ["x"]),
    "unique": (None, ["x"]),
    "shard": (["1/1", "1/2", "2/2", "1000000/1000000"],
              ["", "1", "/", "0/2", "3/2", "1/0", "1/x", "x/2", "1/2/3", "-1/2", " 1/2", "1/ 2"]),
    "template": (["{+}", "http://h/"], ["", "{", "}", "http://h/{x", "http://h/{ x }"]),
    "csv-input": (None, ["x"]),
    "csv-delimiter": ([";", "|", "tab", "TAB", "\\t", ",", "\t"], ["", ";;", '"', "\n", "\u00e9", "\\n"]),
    "next": (["link", "/a/0", ""], ["x", "LINK", "/a/*", "/~"]),
    "max-pages": (["1", "1000000"], ["", "0", "-1", "x", "1000001"]),
    "next-sequential": (None, ["x"]),
    "follow": (["/a", "/a/*/b", "/~0~1~2", ""], ["a", "/~", "/~3"]),
    "follow-url": (["{}", "http://h/{}.json", "/{+}"], ["", "http://h/", "{id}", "{ }"]),
    "follow-headers": (None, ["x"]),
    "depth": (["1", "1000000"], ["", "0", "-1", "x", "1000001"]),
    "max-requests": (["1", "1000000000"], ["", "0", "-1", "x", "1000000001"]),
    "dry-run": (None, ["x"]),
    "request": (["GET", "get", "M-SEARCH", "!#$%&'*+-.^_`|~9"],
                ["", "A B", "GET\r\nX: y", "A:", "(", "\u00e9"]),
    "header": (["A: b", "A:b", "A:", "A;", "A: \t", "A: b: c", "@/dev/null"],
               ["", "A", ": b", "A: b\r\nC: d", "A: \x01", "@/nonexistent"]),
    "data": (["", "x", "@/dev/null"], ["@/nonexistent", "@/tmp"]),
    "data-binary": (["", "x", "@/dev/null"], ["@/nonexistent", "@/tmp"]),
    "user-agent": (["", "x"], []), "referer": (["x"], []), "user": (["u", "u:p", "u:", ":p"], []),
    "oauth2-bearer": (["x"], []), "netrc": (None, ["x"]),
    "cookie": (["a=b", "/dev/null", ""], []), "cookie-jar": (["/dev/null"], []),
    "head": (None, ["x"]), "range": (["0-1", "-1", "1-", "1", "0-1,5-6"], ["", "x", "1-0", "1,2"]),
    "compressed": (None, ["x"]), "max-filesize": (SIZES, ["", "x", "-1", "1q", "1.2.3", "k", "."]),
    "location": (None, ["x"]), "no-location": (None, ["x"]),
    "max-redirs": (["0", "1", "10000"], ["", "x", "-1", "10001", "1.5", "1k", " 1", "+1"]),
    "proxy": (["http://h:1", "h:1", "", "socks5h://u:p@h", "SOCKS4A://h", "https://h", "[::1]:80"],
              ["foo://h", "ftp://h", "http://h:x", "http://", "h:99999", "http://a b"]), "noproxy": (["*", "a,b", ""], []),
    "deny-private": (None, ["x"]),
    "deny-net": (["10.0.0.0/8", "::/0", "::1", "192.0.2.1"], ["", "x", "10.0.0.1/8", "::/129"]),
    "allow-net": ([], ["", "x", "10.0.0.1/8", "::/129"]), "allow-proxy": (None, ["x"]),
    "insecure": (None, ["x"]), "cacert": (["/dev/null"], ["/nonexistent", "/", ""]),
    "cert": (["/dev/null", "/dev/null:pass", "pkcs11\\:a:pass"],
             ["/nonexistent", "/nonexistent:pass", "a\\:b:pass", "/:x"]),
    "key": (["/dev/null"], ["/nonexistent", "/"]),
    "http1.1": (None, ["x"]), "http2": (None, ["x"]), "http2-prior-knowledge": (None, ["x"]),
    "http3": (None, ["x"]),
    "ipv4": (None, ["x"]), "ipv6": (None, ["x"]),
    "resolve": (["h:80:127.0.0.1", "h:80:[::1],127.0.0.1", "-h:80", "*:80:127.0.0.1"], []),
    "connect-to": (["a:1:b:2", "::b:2", "a:1::"], []), "unix-socket": (["/nonexistent"], []),
    "interface": (["lo", "127.0.0.1", "if!lo", "host!127.0.0.1"], []),
    "proto": (["http", "=https", "-http", "+ftp", "-all,https", "all", "HTTP"],
              ["", "nope", "-all", "=", "http,", "-http,-https"]),
    "proto-default": (["http", "https", "HTTPS", "ftp"], ["nope", ""]),
    "limit-rate": (SIZES, ["", "0", "x", "-1", "1/s"]),
    "curl": (["USERAGENT=x", "useragent=", "VERBOSE=0", "PROXY=socks5://h", "cainfo=/dev/null"],
             ["PROXY=foo://h", "pre_proxy=foo://h", "cainfo=/nonexistent", "SSLKEY=/nonexistent", "", "x", "=", "NOPE=1", "URL=http://h/"]),
    "threads": (["1", "4", "64"], ["", "0", "-1", "x", "65"]),
    "concurrency": (["1", "100", "100000"], ["", "0", "-1", "x", "1.5", "100001", "1k", "9" * 30]),
    "sequential": (None, ["x"]),
    "per-host": (["1", "100000"], ["", "0", "-1", "x", "100001"]),
    "rate": (RATES, BAD_RATES), "host-rate": (RATES, BAD_RATES),
    "retry": (["0", "1", "1000000"], ["", "-1", "x", "1.5"]),
    "retry-delay": (TIMES + ["0"], ["", "x", "-1", "."]),
    "retry-max-time": (TIMES + ["0"], ["", "x", "-1", "."]),
    "retry-all-errors": (None, ["x"]),
    "retry-on": (["404", "500-599,425"], ["", "x", "99", "1000", "5xx"]),
    "retry-after-max": (TIMES + ["0"], ["", "x", "-1", "."]),
    "resume": (["log"], []),
    "chunk": (["1", "1000000000"], ["", "0", "-1", "x", "1000000001"]),
    "chunk-pause": (TIMES + ["0", "0ms"], ["", "x", "-1", "1d", "1 s", "1.2.3"]),
    "first": (["1", "1000000000"], ["", "0", "-1", "x"]), "fail-early": (None, ["x"]),
    "compare": (["1,10,100", "2,3", "1,100000", ",".join(map(str, range(1, 17)))],
                ["", "1", "0,1", "2,1", "1,1", "1,,2", "1,2,", ",1", "1, 2", "1,-2", "1,x",
                 "1,100001", ",".join(map(str, range(1, 18)))]),
    "repeat": (["1", "1000"], ["", "0", "-1", "x", "1001"]),
    "backend": (["epoll", "poll", "select"], ["", "nope", "ep", "epoll poll", "EPOLL"]),
    "max-time": (TIMES + ["0.001", "1ms"], ["", "x", "-1", "s", "."]),
    "connect-timeout": (TIMES + ["0.001", "1ms"], ["", "x", "-1", "."]),
    "speed-time": (["0", "1", "86400"], ["", "-1", "x", "1s", "86401"]),
    "speed-limit": (SIZES + ["0"], ["", "-1", "x"]),
    "deadline": (TIMES + ["0.001", "1ms"], ["", "x", "-1", "."]),
    "jsonl": (None, ["x"]), "json": (None, ["x"]), "csv": (None, ["x"]),
    "csv-safe": (None, ["x"]),
    "write-out": (["%{url}", "", "%%\\n%x%", "@/dev/null", "%header{a}%output{x}%{json}"],
                  ["%{nope}", "%{}", "%{url", "%header{}", "%header{a:}", "%output{}", "%output{>>}",
                   "@/nonexistent", "@/tmp"]),
    "fields": (["url", "url,ok,headers,body,body_base64", "url,url"], ["", "nope", "url,"]),
    "ordered": (None, ["x"]), "headers": (None, ["x"]), "body": (None, ["x"]),
    "extract": (["a=", "A_b-1.c=/a/*/0"], ["", "a", "=", "a=b", " a=", "a=/~"]),
    "exec": (["true"], [""]), "exec-jobs": (["1", "1000"], ["", "0", "-1", "x", "1001"]),
    "exec-timeout": (TIMES + ["0.001", "1ms"], ["", "x", "-1", "."]),
    "cat": (None, ["x"]), "remote-name": (None, ["x"]),
    "output": (["-"], ["", "{nope}", "{name", "a/", "..", "#0"]), "output-dir": ([], []),
    "remote-header-name": (None, ["x"]),
    "skip-existing": (None, ["x"]), "overwrite": (None, ["x"]),
    "checksum": (["sha256"], ["", "md5", "SHA256"]),
    "accept": (["200", "200-299", "200-299,404", "100-999"],
               ["", "x", "99", "1000", "300-200", "200-", "200,,404", "2xx"]),
    "report": (["/dev/null"], ["", "/", "/nonexistent/page.html", "/dev/null/x"]),
    "title": (["x", "", "<b>"], []),
    "host-stats": (["1", "10", "1000"], ["", "0", "-1", "x", "1001", "1,2"]),
    "waterfall": (None, ["x"]), "silent": (None, ["x"]), "show-error": (None, ["x"]),
    "no-results": (None, ["x"]), "no-summary": (None, ["x"]),
    "progress": (["auto", "line", "plain", "json", "none"], ["", "yes", "LINE", "plain json"]),
    "no-progress": (None, ["x"]),
    "color": (["auto", "always", "never"], ["", "yes", "alway", "ALWAYS"]),
    "help": (None, ["x"]), "version": (None, ["x"]),
    "completions": (["bash", "zsh", "fish"], ["", "csh"]),
    "parallel-max": (["1", "100000"], ["0", "x"]),
}
HIDDEN = {"parallel-max"}
OPTIONAL = {"compare", "host-stats"}  # they may do without their values
NEEDED = {"csv-input": ["--template", "{+}"], "repeat": ["--compare"],
          "csv-delimiter": ["--csv-input", "--template", "{+}"]}  # without these it is refused
ACTIONS = {"help", "version", "completions"}


def help_all():
    return run("--help", "all").out


def options_in_help():
    """(letter or None, name) of each option that the help shows."""
    return [(letter or None, name) for letter, name in
            re.findall(r"^  (?:-(\w), |    )--([\w.-]+)", help_all(), re.M)]


# Help and version


def test_help_shows_the_essentials_and_where_the_rest_is():
    short, whole = run("--help"), run("--help", "all")
    assert (short.code, short.err, whole.code, whole.err) == (0, "", 0, "")
    assert short.out == run("-h").out
    assert short.out.startswith("Usage: gather ") and "--help all" in short.out
    assert set(re.findall(r"--[\w.-]+", short.out)) < set(re.findall(r"--[\w.-]+", whole.out))
    for option in ("--input-file", "--concurrency", "--chunk", "--jsonl", "--max-time", "--header"):
        assert option in short.out
    assert len(short.out.splitlines()) < 75


@pytest.mark.parametrize("args", [["--help"], ["--help", "all"]], ids=str)
def test_help_fits_80_columns(args):
    assert [line for line in run(*args).out.splitlines() if len(line) > 80] == []


def test_help_all_shows_every_option_of_the_table():
    with open(TABLE, encoding="utf-8") as file:
        table = re.findall(r'^\t\{"([\w.-]+)", (?:0|\'(\w)\'), \w+, (?:true|false), ARG',
                           file.read(), re.M)
    assert len(table) > 60
    shown = {name: letter for letter, name in options_in_help()}
    assert {name: letter or None for name, letter in table if name not in HIDDEN} == shown


def test_this_file_knows_every_option():
    """An option without a test of its values is not finished."""
    assert {name for _, name in options_in_help()} | HIDDEN == set(OPTIONS)


def test_every_option_is_in_the_manual():
    if not os.path.exists(MANUAL):
        pytest.skip("no manual yet")
    with open(MANUAL, encoding="utf-8") as file:
        text = file.read().replace("\\-", "-").replace("\\&", "")
    for letter, name in options_in_help():
        assert re.search(rf"(?:Fl -|--){re.escape(name)}(?![\w-])", text), name
        assert not letter or re.search(rf"(?:Fl |[ ,]-){letter}(?!\w)", text), letter


@pytest.mark.parametrize("args", [["--version"], ["-V"]], ids=str)
def test_version_says_what_it_is_made_of(args):
    result = run(*args)
    assert (result.code, result.err) == (0, "")
    assert re.match(r"gather \d+\.\d+\.\d+\n", result.out)
    for what in (r"libcurl/?\s?\d+\.\d+", r"libev \d+\.\d+", r"cJSON \d+\.\d+",
                 r"OpenSSL|GnuTLS|NSS", r"^Protocols: .*\bhttps\b", r"^Features: .*\bHTTP2\b"):
        assert re.search(what, result.out, re.M), what


# Values


GOOD = [(name, value) for name, (values, _) in OPTIONS.items()
        for value in ([None] if values is None else values)]
BAD = [(name, value) for name, (_, values) in OPTIONS.items() for value in values]


@pytest.mark.parametrize("name, value", GOOD)
def test_a_value_is_accepted(name, value):
    if name == "http3" and "HTTP3" not in run("--version").out:
        pytest.skip("this libcurl cannot")
    option = f"--{name}" if value is None else f"--{name}={value}"
    url = [] if name in ACTIONS else [*NEEDED.get(name, []), "http://h/"]
    result = run("--dry-run", option, *url)
    said = result.err
    if name == "input-file":
        said = re.sub("gather: warning: .*: no URLs in the list\n", "", said)
    assert (result.code, said) == (0, ""), result
    assert result.raw or name == "shard"
    if name not in ACTIONS | {"shard"}:
        assert '"url":"http://h/"' in result.out
    if value is not None and value == OPTIONS[name][0][0]:
        assert run("--dry-run", f"--{name}", value, *url).raw == result.raw


@pytest.mark.parametrize("name, value", BAD)
def test_a_value_is_refused(name, value):
    """In one line that names the option, and shows nothing that would steer a terminal."""
    result = run(f"--{name}={value}", "http://127.0.0.1:1/")
    assert (result.code, result.raw) == (2, b"")
    assert re.fullmatch(f"gather: .*--{re.escape(name)}[^\x00-\x1f\x7f]*\n", result.err), result.err


def test_every_letter_is_its_option():
    values = {name: good[0] if good else None for name, (good, _) in OPTIONS.items()}
    for letter, name in options_in_help():
        if letter and name not in ("request", "data"):
            value = [] if values[name] is None else [values[name]]
            url = [] if name in ACTIONS else ["http://h/"]
            by_letter = run("--dry-run", f"-{letter}", *value, *url)
            by_name = run("--dry-run", f"--{name}", *value, *url)
            assert by_letter.code == by_name.code == 0, (letter, name)
            assert (by_letter.raw, by_letter.err) == (by_name.raw, by_name.err)


@pytest.mark.parametrize("name", [name for name, (values, _) in OPTIONS.items()
                                  if values and name not in OPTIONAL])
def test_an_option_without_its_value_is_refused(name):
    result = run("http://127.0.0.1:1/", f"--{name}")
    assert (result.code, result.raw) == (2, b"")
    assert f"--{name}" in result.err


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_an_option_that_may_do_without_its_value(name):
    result = run("--dry-run", f"--{name}", "http://h/", f"--{name}")
    assert (result.code, result.out, result.err) == (0, '{"url":"http://h/"}\n', "")
    assert f"--{name}[=" in help_all()


@pytest.mark.parametrize("args", [
    ["-c2", "--json", "-sk"], ["-sc", "2"], ["-skc2"], ["-X=", "-XGET", "-c", "2"]], ids=str)
def test_letters_may_be_joined(origin, args):
    if args[0] == "-X=":
        assert run(*args, "http://127.0.0.1:1/").code == 2
    else:
        assert run(*args, *[origin.http + "/delay/0.1"] * 5).code == 0
        assert origin.seen()["most_in_flight"] == 2


def test_options_may_stand_behind_urls(origin):
    result = run(origin.http + "/nothing", "--jsonl", origin.http + "/nothing", "--no-summary")
    assert len(result.results) == 2 and result.err == ""


@pytest.mark.parametrize("typed, meant", [
    ("--jsnol", "--jsonl"), ("--concurency=3", "--concurrency"), ("--max-tme", "--max-time"),
    ("--hedaer", "--header"), ("--no-sumary", "--no-summary"), ("--verson", "--version"),
    ("--colour", "--color"), ("--sequental", "--sequential"), ("--fail-erly", "--fail-early"),
    ("--compresed", "--compressed"), ("--cacrt", "--cacert"), ("--input_file", "--input-file")])
def test_a_mistyped_option_gets_a_suggestion(typed, meant):
    result = run(typed, "http://127.0.0.1:1/")
    assert (result.code, result.raw) == (2, b"")
    name = typed.partition("=")[0]  # a value may be a secret
    assert f"{name};" in result.err and f"did you mean {meant}?" in result.err
    assert typed == name or typed not in result.err


def test_every_option_of_the_curl_that_is_here_is_ours_or_is_refused_by_name():
    if not shutil.which("curl"):
        pytest.skip("no curl")
    text = subprocess.run(["curl", "--help", "all"], capture_output=True, text=True, check=True).stdout
    options = re.findall(r"^ *(?:-(\S), )? *--(\S+)", text, re.M)
    assert len(options) > 200
    ours = dict.fromkeys(name for _, name in options_in_help())
    letters = {letter for letter, _ in options_in_help()}
    for letter, name in options:
        if name not in ours and name != "parallel-max":
            result = run(f"--{name}", "http://127.0.0.1:1/")
            assert (result.code, result.raw) == (2, b"")
            assert f"--{name} is an option of curl that gather does not have" in result.err
        if letter and letter not in letters:
            result = run("-s" + letter, "http://127.0.0.1:1/")
            assert (result.code, result.raw) == (2, b"") and f" -{letter}" in result.err


@pytest.mark.parametrize("typed", ["--qqqqqqqqqq", "--" + "x" * 500, "-W", "--="])
def test_what_is_like_no_option_gets_no_suggestion(typed):
    result = run(typed)
    assert (result.code, result.raw) == (2, b"")
    assert "unknown option" in result.err and "did you mean" not in result.err


@pytest.mark.parametrize("args", [
    ["--\x1b[31mx"], ["-\x1b"], ["-c", "\x1b[31m"], ["--fields", "\x1b[31m"], ["-H", "\x1b[31m"],
    ["--backend", "\x07"], ["--curl", "\x1b[31m=1"], ["-d", "@\x1b[31m"],
    ["--shard", "\x9b/2"]], ids=str)
def test_what_is_wrong_is_shown_without_what_would_steer_a_terminal(args):
    result = run(*args, "http://127.0.0.1:1/")
    assert result.code == 2
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", result.err)


def test_options_that_exclude_each_other_are_refused():
    assert run("-I", "-d", "x", "http://127.0.0.1:1/").code == 2


def test_later_values_win(origin):
    assert fetch("-A", "one", "-A", "two", "--max-redirs", "0", "--max-redirs", "2",
                 origin.http + "/redirect/2").code == 0
    assert origin.seen()["log"][0]["headers"]["user-agent"] == ["two"]


# Completions


@pytest.fixture
def completions(tmp_path):
    """Writes those for a shell into a file and returns its name."""
    def write(shell):
        result = run("--completions", shell)
        assert (result.code, result.err) == (0, "")
        (tmp_path / shell).write_bytes(result.raw)
        return str(tmp_path / shell)
    return write


def shell(*command, cwd=None):
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd,
                          timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("typed, want", [
    (["--json"], ["--json", "--jsonl"]), (["--chunk"], ["--chunk", "--chunk-pause"]),
    (["--backend", "e"], ["epoll"]), (["--color", ""], ["auto", "always", "never"]),
    (["--completions", ""], ["bash", "zsh", "fish"]),
    (["--fields", "http_"], ["http_code", "http_connect", "http_version"]),
    (["--fields", "url,http_v"], ["url,http_version"]), (["-i", "li"], ["list"]),
    (["--cacert", "l"], ["list"]), (["-c", ""], []), (["--header", "l"], []), (["x"], []),
    (["--compare", "--repe"], ["--repeat"])], ids=str)
def test_bash_completes(completions, tmp_path, typed, want):
    (tmp_path / "list").touch()
    script = ('source "$1"; shift; set -- gather "$@"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); '
              'compopt() { :; }; $(complete -p gather | sed "s/.*-F \\([^ ]*\\).*/\\1/") && '
              'printf "%s\\n" "${COMPREPLY[@]}"; true')
    found = shell("bash", "-c", script, "bash", completions("bash"), *typed, cwd=tmp_path).split()
    assert sorted(found) == sorted(want)


def test_bash_completes_every_option(completions):
    script = ('source "$1"; COMP_WORDS=(gather -); COMP_CWORD=1; _gather; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    found = set(shell("bash", "-c", script, "bash", completions("bash")).split())
    assert found >= {f"--{name}" for _, name in options_in_help()}


@pytest.mark.parametrize("name", ["zsh", "fish"])
def test_completions_are_a_script_of_their_shell(completions, name):
    path = completions(name)
    if not shutil.which(name):
        pytest.skip(f"no {name} here")
    shell(name, "-n", path)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    for _, option in options_in_help():
        assert re.search(rf"(?:--|-l ){re.escape(option)}(?![\w-])", text), option


def test_fish_completes(completions):
    if not shutil.which("fish"):
        pytest.skip("no fish here")
    path = completions("fish")
    for typed, want in (("--json", {"--json", "--jsonl"}), ("--backend e", {"epoll"})):
        out = shell("fish", "--no-config", "-c", f'source {path}; complete -C "gather {typed}"')
        assert {line.split("\t")[0] for line in out.splitlines()} == want


def test_the_program_is_where_these_tests_think_it_is():
    assert os.access(GATHER, os.X_OK)
