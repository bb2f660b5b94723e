"""-w: what curl writes, for each of many, to where it says."""

import json
import os
import re
import shutil
import subprocess

import pytest

from harness import (PATIENCE, environment, fetch, on_terminal, run, start, targets, write_list)
from test_output import MEMBERS

# Of curl's variables those that have the same value when the same is fetched in the same way.
SAME = """certs content_type exitcode ftp_entry_path http_code http_connect http_version local_ip method
num_certs num_connects num_headers num_redirects proxy_ssl_verify_result redirect_url remote_ip
remote_port response_code size_download size_header size_request size_upload ssl_verify_result url
url_effective urlnum""".split()
HEADERS = "content-type Content-Length location x-multi x-number-3 nope".split()
OTHERS = """errormsg filename_effective header_json local_port referer scheme speed_download
speed_upload time_appconnect time_connect time_namelookup time_pretransfer time_redirect
time_starttransfer time_total""".split()
# Of gather's members those that only --fields and -w show.
BY_NAME = """fingerprint num_headers http_connect redirect_url referer speed_upload ssl_verify_result
proxy_ssl_verify_result ftp_entry_path num_certs certs""".split()

SEPARATOR = "\x1e"
EVERYTHING = SEPARATOR.join(
    [f"{name}=%{{{name}}}" for name in SAME + OTHERS] +
    [f"header {name}=%header{{{name}}}" for name in HEADERS] + ["end="])


def write(fmt, *args, **more):
    """What -w writes, and the rest."""
    return run("--no-summary", "-w", fmt, *args, **more)


def taken_apart(raw):
    return dict(pair.split("=", 1) for pair in raw.decode("latin-1").split(SEPARATOR))


def curl(fmt, *args):
    done = subprocess.run(["curl", "-s", "-o", "/dev/null", "-w", fmt, *args], check=False,
                          capture_output=True, timeout=PATIENCE, env=environment())
    return done.stdout


# curl's words


def headers_but_date(values):
    """A second may begin between two answers."""
    return {name: value for name, value in json.loads(values["header_json"]).items()
            if name != "date"}


def check_against_curl(*args, follows=False, but=()):
    """Fetches the same with both, and returns what each says."""
    follow, stay = (["-L"], []) if follows else ([], ["--no-location"])
    theirs = taken_apart(curl(EVERYTHING, "-A", "same", *follow, *args))
    ours = taken_apart(write(EVERYTHING, "-A", "same", *stay, *args).raw)
    for name in {*SAME, *(f"header {name}" for name in HEADERS)} - {*but}:
        assert (name, ours[name]) == (name, theirs[name])
    assert ours["scheme"] == theirs["scheme"].lower()
    for name in OTHERS:
        if name.startswith("time_"):
            assert re.fullmatch(r"\d+\.\d{6}", ours[name])
            assert (float(ours[name]) > 0) == (float(theirs[name]) > 0), name
    assert headers_but_date(ours) == headers_but_date(theirs)
    return ours, theirs


needs_curl = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not here")


@needs_curl
@pytest.mark.parametrize("args", [
    ["/json/a"], ["/nothing"], ["/bytes/100000"], ["/redirect/2"], ["/drip?seconds=0"],
    ["-I", "/html"], ["-d", "x=1", "/echo"], ["-X", "PUT", "/echo"], ["/early-hints"],
    ["/status/200?X-Multi=one&x-multi=two"], ["/headers/50"], ["/until-close"],
    ["-r", "0-9", "/range"]], ids=str)
def test_variables_are_those_of_curl(origin, args):
    ours, theirs = check_against_curl(*args[:-1], origin.http + args[-1])
    assert ours["errormsg"] == theirs["errormsg"] == ""
    assert ours["http_code"] != "000" and ours["num_headers"] != "0"


@needs_curl
def test_variables_are_those_of_curl_after_redirects(origin):
    ours, _ = check_against_curl(origin.http + "/redirect/3", follows=True)
    assert (ours["num_redirects"], ours["redirect_url"]) == ("3", "")
    assert ours["url_effective"] == origin.http + "/redirect/0"


@needs_curl
@pytest.mark.parametrize("status", [404, 503])
def test_variables_are_those_of_curl_for_a_status_that_is_not_accepted(origin, status):
    ours, theirs = check_against_curl(f"{origin.http}/status/{status}")
    assert (theirs["errormsg"], ours["errormsg"]) == ("", f"the server answered {status}")


@needs_curl
def test_variables_are_those_of_curl_without_an_answer(refused):
    ours, theirs = check_against_curl(refused)
    assert re.sub(r"\d+ ms", "", ours["errormsg"]) == re.sub(r"\d+ ms", "", theirs["errormsg"])
    assert (ours["http_code"], ours["http_version"], ours["exitcode"]) == ("000", "0", "7")


@needs_curl
@pytest.mark.parametrize("path", ["/truncate", "/empty", "/garbage"])
def test_variables_are_those_of_curl_for_an_answer_that_broke(origin, path):
    ours, theirs = check_against_curl(origin.http + path)
    assert ours["errormsg"] == theirs["errormsg"] != ""


@needs_curl
def test_variables_are_those_of_curl_over_tls(origin):
    ours, _ = check_against_curl("--cacert", origin.cacert, origin.https + "/html")
    assert ours["ssl_verify_result"] == "0" and int(ours["num_certs"]) >= 1
    assert ours["certs"].count("-----BEGIN CERTIFICATE-----") == int(ours["num_certs"])
    ours, _ = check_against_curl("-k", origin.https_bad + "/html")
    assert ours["ssl_verify_result"] != "0"
    ours, theirs = check_against_curl(origin.https + "/html")
    assert ours["errormsg"] == theirs["errormsg"] and ours["exitcode"] == "60"


@needs_curl
def test_variables_are_those_of_curl_over_http2(nginx):
    ours, _ = check_against_curl("-k", nginx.https + "/")
    assert ours["http_version"] == "2"


@needs_curl
def test_variables_are_those_of_curl_for_a_proxy_that_refuses(origin):
    # curl counts the headers of the proxy, too, where nothing else came.
    ours, theirs = check_against_curl("-x", origin.http, "https://target.example/",
                                      but=["num_headers"])
    assert (ours["http_connect"], ours["http_code"]) == ("404", "000")
    assert ours["errormsg"] == theirs["errormsg"]


@needs_curl
def test_formats_are_read_as_curl_reads_them(origin):
    url = origin.http + "/nothing"
    for fmt in ("a\\nb\\tc\\rd", "100%% %%{url}", "\\x\\\\n\\%{url}", "%x % %", "a%", "a\\",
                "%headers %header", "%{HTTP_CODE}%header{SERVER}", "}{%}", "caf\u00e9\x1b[1m"):
        assert write(fmt, url).raw == curl(fmt, url), fmt


@needs_curl
def test_a_format_in_a_file_is_read_as_curl_reads_it(origin, tmp_path):
    (tmp_path / "format").write_bytes(b"a\r\n%{http\n_code}\\n\n\nb%%{url}\xff")
    url = origin.http + "/nothing"
    theirs = curl(f"@{tmp_path}/format", url)
    assert write(f"@{tmp_path}/format", url).raw == theirs == b"a200\nb%{url}\xff"
    assert write("@-", url, stdin=(tmp_path / "format").read_bytes()).raw == theirs


# gather's own


def test_all_members_of_a_result_are_variables(origin):
    fmt = "%{json}\\n" + "".join(f"{name}=%{{{name}}}\\n" for name in MEMBERS + BY_NAME)
    result = write(fmt, "--retry", "1", "--retry-delay", "1ms", origin.http + "/flaky/1")
    whole = json.loads(result.lines[0])
    said = dict(line.split("=", 1) for line in result.lines[1:])
    assert list(whole) == MEMBERS and list(said) == MEMBERS + BY_NAME
    assert (said["attempts"], said["ok"], said["error"], said["index"]) == ("2", "true", "", "0")
    for name, value in whole.items():
        if name.startswith("time_") or name == "started_at":
            assert float(said[name]) == (value or 0)
        elif isinstance(value, bool):
            assert said[name] == str(value).lower()
        else:
            assert said[name] == ("" if value is None else str(value)), name
    assert re.fullmatch("[0-9a-f]{32}", said["fingerprint"])


def test_members_that_only_curl_had_can_be_fields(origin):
    r = fetch("--fields", ",".join(["url", *BY_NAME]), "--no-location", "-e", "http://u:p@r/",
              origin.http + "/redirect/1").result
    assert list(r) == ["url", *BY_NAME]
    assert r["redirect_url"] == origin.http + "/redirect/0"
    assert (r["referer"], r["num_headers"], r["ssl_verify_result"]) == ("http://u:***@r/", 4, 0)
    assert r["certs"] is None and r["num_certs"] == 0
    (row,) = run("--csv", "--fields", "redirect_url,num_headers,certs", "--no-location",
                 origin.http + "/redirect/1").rows
    assert row == {"redirect_url": origin.http + "/redirect/0", "num_headers": "4", "certs": ""}


def test_json_is_the_object_of_jsonl(origin):
    url = origin.http + "/json/a"
    plain = json.loads(write("%{json}\\n", url).raw)
    assert list(plain) == MEMBERS and plain["url"] == url
    # What the rest of the format needs is not there.
    more = json.loads(write("%{json}%{onerror}%{body}%header{a}%{certs}", url).raw)
    assert list(more) == MEMBERS
    result = write("%{json}%header{server}", "--fields", "http_code,ok", url)
    assert result.raw == b'{"http_code":200,"ok":true}origin'
    both = json.loads(write("%{json}", "--headers", "--body", url).raw)
    assert list(both) == MEMBERS + ["headers", "body", "body_base64"]


def test_the_log_of_a_run_has_what_it_has_without_a_format(origin, tmp_path):
    write("%{body}%{headers}", "--resume", tmp_path / "log", origin.http + "/json/a")
    assert sorted(json.loads((tmp_path / "log").read_bytes())) == sorted(
        ["fingerprint", *MEMBERS])


def test_a_body_and_headers_may_be_variables(origin):
    result = write("%{body}|%{body_base64}|%header{content-type}", origin.http + "/html")
    assert result.out == fetch("--body", origin.http + "/html").result["body"] + \
        "||text/html; charset=utf-8"
    assert write("%{body_base64}", origin.http + "/bytes/300").out == fetch(
        "--body", origin.http + "/bytes/300").result["body_base64"]


def test_passwords_in_urls_are_masked(origin):
    url = origin.http.replace("//", "//user:s3cret@") + "/redirect/1"
    out = write("%{url} %{url_effective} %{redirect_url} %{referer} %{json}", "--no-location",
                "-e", url, url).out
    assert "s3cret" not in out and out.count("user:***@") >= 4


def test_what_a_server_says_reaches_files_as_it_is_but_not_terminals(origin):
    url = origin.http + "/latin1"
    assert b"caf\xe9 \"quoted\" \x1b[31mred\x07" in write("%header{x-nasty}", url).raw
    _, text = on_terminal("--no-summary", "-w", "[%header{x-nasty}]\\n", url)
    assert text.startswith('[caf\ufffd "quoted" \ufffd[31mred\ufffd back') and "\x1b" not in text
    _, text = on_terminal("--no-summary", "-w", "%{stderr}[%header{x-nasty}]\\n", url)
    assert text.startswith("[caf\ufffd") and "\x1b" not in text


# One of the formats


def test_the_last_format_wins(origin):
    url = origin.http + "/nothing"
    assert run("-w", "a", "--jsonl", "-w", "%{http_code}", url).out == "200"
    assert run("-w", "a", "--jsonl", url).result["ok"]
    result = run("-s", "-w", "%{url}", url)
    assert (result.out, result.err) == (url, "")
    result = run("--no-results", "-w", "%{url}", url)
    assert result.raw == b"" and result.err.startswith("1 request")


def test_a_file_of_a_format_that_is_not_used_is_left_alone(origin, tmp_path):
    (tmp_path / "f").write_text("as it was")
    for args in (["--jsonl"], ["--no-results"], ["--dry-run"]):
        run("-w", f"%output{{{tmp_path}/f}}%{{url}}", *args, origin.http + "/nothing")
        assert (tmp_path / "f").read_text() == "as it was"


@pytest.mark.parametrize("ordered", [True, False])
def test_results_come_as_they_complete_or_in_input_order(origin, ordered):
    delays = ["0.6", "0.3", "0"]
    result = write("%{index} %{url}\\n", *["--ordered"] * ordered,
                   *(f"{origin.http}/delay/{delay}" for delay in delays))
    indexes = [line.split()[0] for line in result.lines]
    assert indexes == (["0", "1", "2"] if ordered else ["2", "1", "0"])


def test_a_record_is_there_at_once_while_others_hang(origin):
    with start("-w", "%{http_code}\\n", origin.http + "/nothing", origin.http + "/hang") as g:
        assert g.line() == "200"


def test_input_that_cannot_be_used_has_its_record(tmp_path):
    name = write_list(tmp_path / "list", "http://h:99999999/", "http://[/")
    result = write("%{http_code} %{error} %{time_total} %{header_json} %{errormsg}\\n", "--ordered",
                   "-i", name)
    assert [line.split(" ")[:4] for line in result.lines] == [
        ["000", "input", "0.000000", "{}"]] * 2
    assert f" {name}:2: " in result.lines[1] and result.code == 1


@pytest.mark.parametrize("fmt, words", [
    ("%{http_code} %{nope}\\n", 'no variable "nope", at character 14 of'),
    ("%{url", "%{ has no end"), ("%header{a b}", '"a b"'), ("%output{}", "%output{}"),
    ("%output{/nonexistent/f}", "/nonexistent/f: No such file"), ("%output{/tmp}", "/tmp: ")])
def test_what_cannot_be_is_refused_before_anything_is_fetched(origin, fmt, words):
    result = write(fmt, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"")
    assert result.err.startswith("gather: ") and words in result.err
    assert origin.seen()["requests"] == 0


# Where it goes


def test_parts_go_to_standard_error_and_back(origin):
    result = write("a%{stderr}b%{http_code}\\n%{stdout}c\\n", *[origin.http + "/nothing"] * 3)
    assert result.out == "ac\n" * 3 and result.err == "b200\n" * 3


def test_what_follows_onerror_is_for_failures(origin, refused):
    result = write("%{http_code}\\n%{onerror}%{stderr}%{url} %{error}\\n", "--ordered", refused,
                   origin.http + "/nothing", origin.http + "/status/404")
    assert result.out == "000\n200\n404\n"
    assert result.err == f"{refused} connect\n{origin.http}/status/404 http\n"


def test_files_are_opened_once_and_emptied_or_appended_to(origin, tmp_path):
    (tmp_path / "new").write_text("old\n" * 100)
    (tmp_path / "more").write_text("old\n")
    fmt = ("%{urlnum}\\n%output{new}%{http_code}\\n%output{>>more}%{urlnum}\\n"
           "%output{./new}%{urlnum}\\n")
    result = run("--no-summary", "-w", fmt, "--ordered", *[origin.http + "/nothing"] * 3,
                 cwd=tmp_path)
    assert (result.code, result.out, result.err) == (0, "0\n1\n2\n", "")
    assert (tmp_path / "new").read_text() == "200\n0\n200\n1\n200\n2\n"
    assert (tmp_path / "more").read_text() == "old\n0\n1\n2\n"
    assert sorted(os.listdir(tmp_path)) == ["more", "new"]


def test_what_shares_a_pipe_keeps_its_order_and_is_whole(origin):
    """Standard error is standard output; 400 records of some 20 kB pass through a slow reader."""
    text = "x" * 10000
    fmt = f"<%{{urlnum}} {text}%{{stderr}}{text}%{{stdout}} %{{urlnum}}>\\n"
    result = run("--no-summary", "-w", fmt, *[origin.http + "/nothing"] * 400,
                 shell='"$@" 2>&1 | (sleep 0.5; cat)')
    found = [re.fullmatch(rf"<(\d+) {text}{text} \1>", line) for line in result.lines]
    assert all(found) and sorted(int(match[1]) for match in found) == list(range(400))


def test_records_of_many_are_whole_wherever_they_go(origin, tmp_path):
    text = "x" * 300
    part = f"<%{{urlnum}} {text} %{{urlnum}}>\\n"
    result = write(f"{part}%{{stderr}}{part}%output{{{tmp_path}/f}}{part}", "-c", "50",
                   *[origin.http + "/nothing"] * 2000)
    for told in (result.out, result.err, (tmp_path / "f").read_text()):
        found = re.findall(rf"^<(\d+) {text} \1>$", told, re.M)
        assert sorted(map(int, found)) == list(range(2000)) and told.count("\n") == 2000


def test_a_slow_reader_of_standard_error_holds_up_the_requests(origin):
    """What waits to be written is bounded, whatever it goes to."""
    fmt = "%{stderr}" + "x" * 100_000 + "\\n"
    with start("--no-summary", "-c", "2", "-w", fmt, *[origin.http + "/nothing"] * 300) as g:
        with pytest.raises(TimeoutError):
            origin.wait(requests=100, timeout=1)
        result = g.end()
    assert result.err.count("\n") == 300 and len(result.err) == 300 * 100_001
    assert origin.seen()["requests"] == 300


@pytest.mark.parametrize("where", ["%{stdout}", "%{stderr}", "%output{/dev/full}"])
def test_what_cannot_be_written_is_exit_status_3(origin, where):
    redirect = {"%{stdout}": ">/dev/full", "%{stderr}": "2>/dev/full"}.get(where, "")
    result = run("--no-summary", "-w", where + "%{url}\\n", "-c", "1",
                 *[origin.http + "/delay/0.1"] * 50, shell=f'"$@" {redirect}')
    assert result.code == 3
    assert len(targets(origin.seen())) < 50  # and the rest is not fetched
    if "stderr" not in where:
        name = "results" if "stdout" in where else "/dev/full"
        assert result.err == f"gather: cannot write {name}: No space left on device\n"


def test_the_summary_follows_what_went_to_standard_error(origin):
    result = run("-w", "%{stderr}%{urlnum}\\n", "--ordered", *[origin.http + "/nothing"] * 20)
    assert result.err.startswith("".join(f"{i}\n" for i in range(20)) + "20 requests")


def test_a_file_with_a_nul_is_no_format(tmp_path):
    path = tmp_path / "format"
    path.write_bytes(b"%{url}\0%{nothing}")
    result = run("-w", f"@{path}", "http://h/")
    assert (result.code, result.raw) == (2, b"") and f"--write-out: a NUL in {path}" in result.err
