"""
An audit: a secret is planted in each place that it can come from, and looked for in everything that
gather writes. --dry-run prints requests as they are, and GATHER_URL has its URL; nothing else may.
"""

import json
import os
import re
import signal
import stat

import pytest

from harness import SLOW, fetch, run, start, without_wrapper, write_list
from test_output import MEMBERS

SECRET = "S3cr3t0fY0urs"
HIDDEN = "".join(f"%{ord(c):02x}" for c in SECRET)  # in a URL that makes the server say it
FIELDS = ",".join([*MEMBERS, "fingerprint", "checksum", "http_connect", "redirect_url", "referer",
                   "ftp_entry_path", "certs", "exec"])


class Source:
    """Arguments, standard input, environment and files (by name) that have a secret among them."""

    def __init__(self, *args, stdin="", env=None, files=None):
        self.args, self.stdin, self.env, self.files = args, stdin.encode(), env or {}, files or {}


def login(url, user="me:"):
    return url.replace("//", f"//{user}{SECRET}@")


def job(url, **members):
    return json.dumps({"url": url, **members})


# By the name of the place: from the URL of something that has no body to what is run.
SOURCES = {
    "URL": lambda url: Source(login(url)),
    "option": lambda url: Source("--url", login(url)),
    "no scheme": lambda url: Source(login(url).replace("http://", "")),
    "one slash": lambda url: Source(login(url).replace("//", "/")),
    "four slashes": lambda url: Source(login(url).replace("//", "////")),
    "no host": lambda url: Source(f"http://me:{SECRET}@"),
    "a token as the name": lambda url: Source(login(url, "")),
    "a token without a password": lambda url: Source(url.replace("//", f"//{SECRET}:@")),
    "an @ in the password": lambda url: Source(login(url, "me:a@")),
    "a slash in the password": lambda url: Source(login(url, "me:a/")),
    "a slash behind it": lambda url: Source(f"http://me:{SECRET}/a@127.0.0.1/"),
    "a question mark in it": lambda url: Source(login(url, "me:a?")),
    "a space in it": lambda url: Source(login(url, "me:a ")),
    "a bad host": lambda url: Source(f"http://me:{SECRET}@h:x/"),
    "quotes around it": lambda url: Source(stdin=f'"{login(url)}"'),
    "a word before it": lambda url: Source(stdin=f"GET {login(url)}"),
    "a control character": lambda url: Source(stdin=login(url) + "\x01"),
    "glob": lambda url: Source(login(url) + "?[1-2]"),
    "bad glob": lambda url: Source(login(url) + "{"),
    "in the query": lambda url: Source(f"{url}?to={login(url)}"),
    "list": lambda url: Source("-i", "-", stdin=login(url)),
    "name of a list": lambda url: Source("-i", login(url)),
    "too long": lambda url: Source(stdin=login(url, "m" * 39 + ":") + "x" * (1 << 20)),
    "refused": lambda url: Source(f"http://me:{SECRET}@127.0.0.1:1/"),
    "job": lambda url: Source(stdin=job(login(url))),
    "job, login": lambda url: Source(stdin=job(url, user=f"me:{SECRET}")),
    "job, bad login": lambda url: Source(stdin=job(url, user=f"me:{SECRET}\n")),
    "job, header": lambda url: Source(stdin=job(url, headers={"X-Api-Key": SECRET})),
    "job, bad header": lambda url: Source(stdin=job(url, headers={"X-Api-Key": SECRET + "\n"})),
    "job, header as a name": lambda url: Source(stdin=job(url, headers={f"Token: {SECRET}": ""})),
    "job, body": lambda url: Source(stdin=job(url, body=SECRET)),
    "job, no JSON": lambda url: Source(stdin=job(login(url))[:-1]),
    "template": lambda url: Source("--template", login(url) + "?{}", "x"),
    "row": lambda url: Source("--template", url.replace("//", "//me:{}@"), SECRET),
    "row, header": lambda url: Source("--template", url, "-H", "Authorization: {}", SECRET),
    "bad row of a CSV": lambda url: Source("--csv-input", "--template", url + "?{a}",
                                           stdin=f"a,b\n{SECRET}\n"),
    "bad row of JSON": lambda url: Source("--template", url + "?{a}", stdin=f'{{"b":"{SECRET}"}}'),
    "redirect": lambda url: Source(moved(url)),
    "redirect, not followed": lambda url: Source("--no-location", moved(url)),
    "redirect to nothing": lambda url: Source(moved(url, "gopher")),
    "next page": lambda url: Source("--next", "link", linked(url)),
    "what is not followed": lambda url: Source("--next", "link", linked(url, "gopher")),
    "user": lambda url: Source("-u", f"me:{SECRET}", url),
    "bearer": lambda url: Source("--oauth2-bearer", SECRET, url),
    "header": lambda url: Source("-H", f"Authorization: {SECRET}", url),
    "header in a file": lambda url: Source("-H", "@file", url, files={"file": "A: " + SECRET}),
    "bad header": lambda url: Source("-H", SECRET, url),
    "bad header in a file": lambda url: Source("-H", "@file", url, files={"file": SECRET}),
    "cookie": lambda url: Source("-b", f"a={SECRET}", url),
    "cookies in a file": lambda url: Source("-b", "file", url, files={
        "file": f"127.0.0.1\tFALSE\t/\tFALSE\t0\ta\t{SECRET}\n"}),
    "netrc": lambda url: Source("-n", url, env={"HOME": "."}, files={
        ".netrc": f"machine 127.0.0.1 login me password {SECRET}"}),
    "referer": lambda url: Source("-e", login(url), url),
    "proxy": lambda url: Source("-x", login(url), "http://target.example/nothing"),
    "proxy of the environment": lambda url: Source("http://target.example/nothing",
                                                   env={"http_proxy": login(url)}),
    "no proxy": lambda url: Source("-x", login("nope://h"), url),
    "bad proxy": lambda url: Source("-x", f"me:a/{SECRET}@h", url),
    "password of a key": lambda url: Source("--cert", f"/dev/null:{SECRET}",
                                            url.replace("http:", "https:")),
    "option of libcurl": lambda url: Source("--curl", f"USERPWD=me:{SECRET}", url),
    "no option of libcurl": lambda url: Source("--curl", SECRET, url),
    "bad option of libcurl": lambda url: Source("--curl", f"PROTOCOLS_STR={SECRET}", url),
    "mistyped option": lambda url: Source(f"--usr=me:{SECRET}", url),
    "data": lambda url: Source("-d", SECRET, url),
}


def moved(url, scheme="http"):
    """The URL of a redirect to a URL with a login, which the server says."""
    target = url.replace("http://", f"{scheme}://me:{HIDDEN}@")
    return url.replace("/nothing", "/redirect-to?url=") + target


def linked(url, scheme="http"):
    """The same with a link to a next page."""
    target = url.replace("http://", f"{scheme}://me:{HIDDEN}@")
    return url.replace("/nothing", f"/status/200?Link=<{target}>;rel=next")


BAD_NAMES = ["Authorization ", "Cookie\t", " X-A", "X A", "X-A\u00a0", "\tCookie", "X(A)", "Caf\u00e9"]


@pytest.mark.parametrize("name", BAD_NAMES, ids=repr)
@pytest.mark.parametrize("place", ["-H", "file", "job", "template", "row", "HTTPHEADER",
                                   "PROXYHEADER"])
def test_the_name_of_a_header_is_a_token_wherever_it_comes_from(origin, tmp_path, name, place):
    """RFC 9112, 5.1. Servers take a blank before the colon off, but nobody here knows the header."""
    header = f"{name}: {SECRET}"
    (tmp_path / "headers").write_text(header)
    url = origin.http + "/nothing"
    result = {
        "-H": lambda: fetch("-H", header, url),
        "file": lambda: fetch("-H", f"@{tmp_path}/headers", url),
        "job": lambda: fetch(stdin=job(url, headers={name: SECRET}).encode()),
        "template": lambda: fetch("-H", f"{name}: {{}}", "--template", url, SECRET),
        "row": lambda: fetch("-H", "X{}: 1", "--template", url, name),
        "HTTPHEADER": lambda: fetch("--curl", f"HTTPHEADER={header}", url),
        "PROXYHEADER": lambda: fetch("--curl", f"PROXYHEADER={header}", url),
    }[place]()
    assert result.code in (1, 2) and origin.seen()["requests"] == 0, result
    assert SECRET not in result.err + result.out and "header" in result.err + result.out


def read_all(folder):
    """Names and contents of what is there."""
    parts = []
    for path, _, names in os.walk(folder):
        for name in names:
            parts.append(name.encode() + b"\n")
            with open(os.path.join(path, name), "rb") as file:
                parts.append(file.read())
    return b"".join(parts)


# By the name of the output: options that write it. All of standard output and standard error, and
# of the folder "out", is looked at.
OUTPUTS = {
    "text and files": ["--resume", "out/log", "--report", "out/page", "--waterfall", "--host-stats",
                       "-O", "--output-dir", "out/bodies", "--progress", "plain", "--retry", "1",
                       "--retry-delay", "1ms", "--retry-all-errors"],
    "JSON lines": ["--jsonl", "--fields", FIELDS, "--exec", "cat", "--progress", "json"],
    "JSON": ["--json", "--host-stats", "--checksum", "sha256"],
    "CSV": ["--csv", "--fields", FIELDS, "--exec", "cat"],
    "write-out": ["-w", "%{stderr}%{json}%{stdout}" + "".join(
        f"%{{{name}}}" for name in FIELDS.split(",") if name != "exec")],
    "comparison": ["--compare=1,2", "--report", "out/page"],
    "commands": ["-s", "--exec", "env | grep -v ^GATHER_URL= | grep GATHER_; echo >&2"],
}


@pytest.mark.parametrize("source", SOURCES)
def test_a_secret_is_in_no_output(origin, tmp_path, source):
    source = SOURCES[source](origin.http + "/nothing")
    for name, text in source.files.items():
        (tmp_path / name).write_text(text + "\n")
    for name, options in list(OUTPUTS.items())[:2 if SLOW else None]:  # 500 runs take too long then
        if name == "comparison" and "--next" in source.args:
            continue
        if "--next" in source.args:  # these exclude each other
            options = [word for word in options if word not in ("--resume", "out/log")]
        out = tmp_path / "out"
        out.mkdir(exist_ok=True)
        result = run(*options, *source.args, stdin=source.stdin, env=source.env, cwd=tmp_path)
        told = result.raw + result.err.encode() + read_all(out)
        assert result.code in (0, 1, 2) and told
        assert SECRET.encode() not in told, (name, result)
    problems = run("--dry-run", *source.args, stdin=source.stdin, env=source.env, cwd=tmp_path).err
    assert SECRET not in problems


def test_the_documented_ones_have_it(origin):
    url = login(origin.http + "/nothing")
    assert SECRET in run("--dry-run", url).out
    assert run("-s", "--exec", 'echo "$GATHER_URL"', url).out == url + "\n"


def test_a_secret_is_not_in_what_sigusr1_prints(origin):
    url = origin.http + "/hang"
    with start(login(url), login(url, ""), login(url).replace("http://", "")) as g:
        origin.wait(requests=3, in_flight=3)
        g.signal(signal.SIGUSR1)
        g.wait_said("       2  ")
        g.signal()
        told = g.end().err
        assert told.count("***@127.0.0.1") == 3 and SECRET not in told


@without_wrapper
def test_a_secret_is_not_in_the_list_of_processes(origin):
    """The wrapper has arguments of its own."""
    url = origin.http + "/hang"
    args = [login(url), "--url", login(url), f"-ume:{SECRET}", "--user=me:" + SECRET,
            "-H", f"X-Api-Key: {SECRET}", f"--header=Authorization: {SECRET}", "-b", f"a={SECRET}",
            "-d", SECRET, "--oauth2-bearer", SECRET, "-x", login(origin.http), "-e", login(url),
            "--curl", f"PROXYUSERPWD=me:{SECRET}", "--cert", f"/dev/null:{SECRET}",
            "--follow-url", login(url) + "{}", "--follow", "/x", "--", login(url)]
    with start(*args) as g:
        origin.wait(requests=3)
        with open(f"/proc/{g.process.pid}/cmdline", "rb") as file:
            shown = file.read()
    assert SECRET.encode() not in shown
    assert shown.count(b"***") == shown.count(b"me:***") + 7 and b"X-Api-Key:***" in shown
    assert f"http://me:***@127.0.0.1:{origin.port}/hang".encode() in shown
    assert {entry["headers"]["x-api-key"][0] for entry in origin.seen()["log"]} == {SECRET}


# Files


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


def test_files_that_may_have_secrets_are_for_their_owner_alone(origin, tmp_path):
    jar, log = tmp_path / "jar", tmp_path / "log"
    args = ["--cookie-jar", jar, "--resume", log, f"{origin.http}/cookie/set?a={HIDDEN}"]
    assert fetch(*args).code == 0
    assert SECRET in jar.read_text()
    assert (mode(jar), mode(log)) == (0o600, 0o600)
    for path in (jar, log):
        path.chmod(0o644)  # the user's choice
    assert fetch(*args).code == 0
    assert (mode(jar), mode(log)) == (0o644, 0o644)


def test_a_log_knows_requests_with_secrets_again(origin, tmp_path):
    """It has their fingerprints."""
    urls = [login(origin.http + "/json/a"), login(origin.http + "/json/a", "me:other"),
            login(origin.http + "/json/b", "")]
    jobs = [job(origin.http + "/json/c", headers={"X-Api-Key": key}) for key in (SECRET, "other")]
    path = write_list(tmp_path / "list", *urls, *jobs)
    assert run("-s", "--resume", tmp_path / "log", "-i", path).code == 0
    assert origin.seen()["requests"] == 5
    again = run("--json", "--resume", tmp_path / "log", "-i", path).document["summary"]
    assert (again["requests"], again["skipped"]) == (0, 5)
    assert origin.seen()["requests"] == 5
    log = (tmp_path / "log").read_text()
    assert SECRET not in log and "other" not in log and len(re.findall("fingerprint", log)) == 5
