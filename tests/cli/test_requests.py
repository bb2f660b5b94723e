"""What a request is made of: curl's options and their meanings, as the server sees them."""

from base64 import b64encode
from json import dumps
from urllib.parse import quote

import pytest

from harness import fetch, loads, run, targets, write_list


def fields(origin, *args, path="/echo", **more):
    """The headers that the server saw, by lower-case name."""
    origin.reset()
    result = fetch(*args, origin.http + path, **more)
    assert result.code == 0, result
    return origin.seen()["log"][-1]["headers"]


def echo(origin, *args, path="/echo", **more):
    """What the server says it got: method, target, headers, body."""
    result = fetch("--body", *args, origin.http + path, **more)
    assert result.code == 0, result
    return loads(result.result["body"])


# Method and headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "REPORT"])
def test_the_method_can_be_chosen(origin, method):
    result = fetch("-X", method, origin.http + "/nothing")
    assert result.code == 0 and result.result["method"] == method
    assert [entry["method"] for entry in origin.seen()["log"]] == [method]


@pytest.mark.parametrize("args", [
    ["-I"], ["--head"], ["-X", "HEAD"], ["-I", "-X", "HEAD"]], ids=str)
def test_head_asks_for_the_headers_only(origin, args):
    result = fetch("--headers", *args, origin.http + "/bytes/1000")
    assert result.code == 0
    assert result.result["method"] == "HEAD" == origin.seen()["log"][0]["method"]
    assert result.result["headers"]["content-length"] == ["1000"]
    assert result.result["size_download"] == 0


def test_a_plain_request_has_what_curl_would_send(origin):
    got = fields(origin)
    assert got["accept"] == ["*/*"]
    assert got["user-agent"][0].startswith("gather/")
    assert not got.keys() - {"host", "accept", "user-agent"}


def test_headers_are_sent_in_the_order_given(origin):
    got = echo(origin, "-H", "X-A: 1", "--header", "X-B:2", "-H", "x-a:  3 ",
               "-H", "Accept: text/x")
    assert ["Accept", "text/x"] in got["headers"] and ["Accept", "*/*"] not in got["headers"]
    named = [pair for pair in got["headers"] if pair[0].lower().startswith("x-")]
    assert named == [["X-A", "1"], ["X-B", "2"], ["x-a", "3"]]


def test_a_header_can_be_left_out_or_sent_empty(origin):
    got = fields(origin, "-H", "Accept:", "-H", "X-Empty;")
    assert "accept" not in got
    assert got["x-empty"] == [""]


def test_headers_can_be_read_from_a_file(origin, tmp_path):
    (tmp_path / "h").write_bytes(
        b"\xef\xbb\xbf# for a test\r\nX-A: 1\r\nX-B: two words\n \t\n#X-B: 0\nX-C: 3")
    got = fields(origin, "-H", f"@{tmp_path}/h", "-H", "X-D: 4")
    assert [got[f"x-{c}"] for c in "abcd"] == [["1"], ["two words"], ["3"], ["4"]]


@pytest.mark.parametrize("args, name, value", [
    (["-A", "me/1"], "user-agent", ["me/1"]),
    (["--user-agent", "me/2"], "user-agent", ["me/2"]),
    (["-A", "me/1", "-H", "User-Agent: me/3"], "user-agent", ["me/3"]),
    (["-e", "http://r/"], "referer", ["http://r/"]),
    (["--referer=http://r/"], "referer", ["http://r/"]),
    (["-u", "user:pass word"], "authorization", ["Basic dXNlcjpwYXNzIHdvcmQ="]),
    (["--user", "user:a:b"], "authorization", ["Basic dXNlcjphOmI="]),
    (["-u", "user"], "authorization", ["Basic dXNlcjo="]),
    (["--oauth2-bearer", "tok.en"], "authorization", ["Bearer tok.en"]),
    (["-b", "a=1"], "cookie", ["a=1"]),
    (["-b", "a=1; b=2", "--cookie", "c=3"], "cookie", ["a=1; b=2; c=3"]),
    (["-b", "a=1", "-H", "Cookie: b=2"], "cookie", ["b=2"]),
    (["-r", "0-9"], "range", ["bytes=0-9"]),
    (["--range", "-5"], "range", ["bytes=-5"]),
    (["-r", "4"], "range", ["bytes=4-"]),
    (["-H", "Host: b.example"], "host", ["b.example"]),
], ids=str)
def test_an_option_becomes_a_header(origin, args, name, value):
    assert fields(origin, *args)[name] == value


@pytest.mark.parametrize("first", ["", "http://r/"], ids=repr)
def test_the_referer_of_a_redirect_is_the_last_url(origin, first):
    target = "/redirect-to?url=/echo"
    url = origin.http.replace("//", "//user:secret@") + target
    assert fetch("-e", first + ";auto", url).code == 0
    sent = [request["headers"].get("referer") for request in origin.seen()["log"]]
    assert sent == [[first] if first else None, [origin.http + target]]


def test_credentials_in_a_url_are_sent(origin):
    url = origin.http.replace("//", "//user:p%40ss@") + "/echo"
    assert fetch(url).code == 0
    assert origin.seen()["log"][0]["headers"]["authorization"] == ["Basic dXNlcjpwQHNz"]


def test_netrc_has_the_logins(origin, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1\n  login user\n  password secret\n")
    env = {"HOME": str(tmp_path)}
    for option in ("-n", "--netrc"):
        assert fields(origin, option, env=env)["authorization"] == ["Basic dXNlcjpzZWNyZXQ="]
    assert "authorization" not in fields(origin, env=env)


# Bodies


def test_data_is_posted_as_a_form(origin):
    got = echo(origin, "-d", "a=1", "--data", "b=2 c", "-d", "d")
    assert (got["method"], got["body"]) == ("POST", "a=1&b=2 c&d")
    assert ["Content-Type", "application/x-www-form-urlencoded"] in got["headers"]


def test_data_may_be_empty(origin):
    got = echo(origin, "-d", "")
    assert (got["method"], got["body"]) == ("POST", "")
    assert ["Content-Length", "0"] in got["headers"]


def test_data_goes_with_another_method_and_type(origin):
    got = echo(origin, "-X", "PUT", "-d", "{}", "-H", "Content-Type: application/json")
    assert (got["method"], got["body"]) == ("PUT", "{}")
    assert [v for n, v in got["headers"] if n.lower() == "content-type"] == ["application/json"]


@pytest.mark.parametrize("option, want", [
    ("-d", "onetwo&more"), ("--data-binary", "one\r\ntwo\n&more")])
def test_data_can_be_read_from_a_file(origin, tmp_path, option, want):
    (tmp_path / "data").write_bytes(b"one\r\ntwo\n")
    assert echo(origin, option, f"@{tmp_path}/data", option, "more")["body"] == want


@pytest.mark.parametrize("option, want", [("-d", "onetwo"), ("--data-binary", "one\ntwo\n")])
def test_data_can_be_read_from_standard_input(origin, option, want):
    assert echo(origin, option, "@-", stdin=b"one\ntwo\n")["body"] == want


def test_binary_data_arrives_as_it_is(origin, tmp_path):
    data = bytes(range(256)) * 5000
    (tmp_path / "data").write_bytes(data)
    got = echo(origin, "--data-binary", f"@{tmp_path}/data")
    assert got["body_base64"] == b64encode(data).decode()


def test_every_request_of_a_run_has_the_data(origin):
    results = fetch("--body", "-d", "x=1", *[origin.http + "/echo"] * 30).by_index
    assert all('"body": "x=1"' in r["body"] and r["size_upload"] == 3 for r in results)


# Cookies


def test_cookies_come_from_a_file_and_go_where_they_belong(origin, tmp_path):
    jar = write_list(tmp_path / "jar", "# Netscape HTTP Cookie File",
                     "127.0.0.1\tFALSE\t/\tFALSE\t0\tmine\tyes",
                     "b.example\tFALSE\t/\tFALSE\t0\tother\tyes")
    assert fields(origin, "-b", jar)["cookie"] == ["mine=yes"]


def test_all_cookies_are_in_one_header(origin, tmp_path):
    jar = write_list(tmp_path / "jar", "127.0.0.1\tFALSE\t/\tFALSE\t0\tmine\tyes")
    assert fields(origin, "-b", "a=1", "-b", jar, "-b", "b=2")["cookie"] == ["mine=yes; a=1; b=2"]


def test_the_cookie_jar_has_what_servers_set(origin, tmp_path):
    jar = tmp_path / "jar"
    result = fetch("--sequential", "--cookie-jar", jar, origin.http + "/cookie/set?a=1&b=2",
                   origin.http + "/cookie/echo")
    assert result.code == 0
    (cookies,) = origin.seen()["log"][1]["headers"]["cookie"]
    assert sorted(cookies.split("; ")) == ["a=1", "b=2"]
    lines = [line.split("\t") for line in jar.read_text().splitlines() if "\t" in line]
    assert sorted(line[5:] for line in lines) == [["a", "1"], ["b", "2"]]
    assert fields(origin, "-b", jar)["cookie"] == ["a=1; b=2"]


@pytest.mark.parametrize("prefix", ["", "#HttpOnly_"])
@pytest.mark.parametrize("suffix", ["co.uk", "com", "github.io", "CO.UK"])
def test_a_cookie_for_a_public_suffix_is_not_sent(origin, tmp_path, suffix, prefix):
    """Anybody may have a host there."""
    host = "foo." + suffix
    cookies = [f"{prefix}.{suffix}\tTRUE\t/\tFALSE\t0\tall\t1",
               f"{prefix}.{host}\tTRUE\t/\tFALSE\t0\tbelow\t1",
               f"{prefix}{host}\tFALSE\t/\tFALSE\t0\there\t1"]
    jar, new = write_list(tmp_path / "jar", *cookies), tmp_path / "new"
    result = fetch("-b", jar, "--cookie-jar", new, "--resolve", f"www.{host}:{origin.port}:127.0.0.1",
                   "--resolve", f"{host}:{origin.port}:127.0.0.1", "--sequential",
                   f"http://{host}:{origin.port}/1", f"http://www.{host}:{origin.port}/2")
    assert result.err == ""
    sent = [sorted(entry["headers"]["cookie"][0].split("; ")) for entry in origin.seen()["log"]]
    assert sent == [["below=1", "here=1"], ["below=1"]]
    assert sorted(line for line in new.read_text().splitlines() if "\t" in line) == sorted(
        cookies[1:])


def test_a_cookie_for_names_that_are_not_public_is_sent(origin, tmp_path):
    jar = write_list(tmp_path / "jar", ".localhost\tTRUE\t/\tFALSE\t0\ta\t1",
                     ".home.lan\tTRUE\t/\tFALSE\t0\ta\t1",
                     ".example.co.uk\tTRUE\t/\tFALSE\t0\ta\t1")
    hosts = ["localhost", "host.home.lan", "www.example.co.uk"]
    fetch("-b", jar, *[word for host in hosts for word in (
        "--resolve", f"{host}:{origin.port}:127.0.0.1", f"http://{host}:{origin.port}/")])
    assert [entry["headers"]["cookie"] for entry in origin.seen()["log"]] == 3 * [["a=1"]]


@pytest.mark.parametrize("end", ["Max-Age=0", "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
                                 "Max-Age=-1; Expires=Fri, 01 Jan 2100 00:00:00 GMT"])
def test_the_jar_drops_what_the_server_has_expired(origin, tmp_path, end):
    jar = tmp_path / "jar"
    write_list(jar, *(f"127.0.0.1\tFALSE\t/\tFALSE\t{expires}\t{name}\t1" for expires, name in (
        (0, "session"), (4000000000, "later"), (1, "earlier"), (0, "ended"))))
    ending = quote("; ".join(["ended=", "Path=/", end]), "")
    result = fetch("-b", jar, "--cookie-jar", jar,
                   f"{origin.http}/status/200?Set-Cookie={ending}")
    assert (result.code, result.err) == (0, "")
    names = [line.split("\t")[5] for line in jar.read_text().splitlines() if "\t" in line]
    assert sorted(names) == ["later", "session"]


BAD_COOKIES = {
    "JSON": ['[{"domain": "h", "name": "a", "value": "1"}]'], "a pair": ["", "a=1"],
    "blanks": ["# a comment", "127.0.0.1 FALSE / FALSE 0 a 1"], "too few": ["h\tTRUE\t/\ta"],
    "one of two": ["h\tTRUE\t/\tFALSE\t0\ta\t1", "a=1"],
}


@pytest.mark.parametrize("args", [[], ["-s"], ["--compare", "1,2"], ["-c", "5"]], ids=str)
@pytest.mark.parametrize("name", BAD_COOKIES)
def test_a_cookie_file_in_another_format_is_said_once(origin, tmp_path, name, args):
    jar = write_list(tmp_path / "jar", *BAD_COOKIES[name])
    result = run("--no-summary", *args, "-b", jar, *3 * [origin.http + "/nothing"])
    assert result.code == 0
    warnings = [line for line in result.err.splitlines() if line.startswith("gather: ")]
    assert warnings == [f"gather: warning: --cookie: {jar}:{len(BAD_COOKIES[name])}: not a cookie: "
                        'expected 7 fields separated by tabs, or "Set-Cookie: NAME=VALUE"']


def test_a_cookie_file_that_is_missing_is_said_once(origin, tmp_path):
    jar, other = tmp_path / "jar", tmp_path / "other"
    result = fetch("-b", jar, "--cookie-jar", other, *3 * [origin.http + "/nothing"])
    assert (result.code, result.err) == (
        0, f"gather: warning: --cookie: {jar}: No such file or directory\n")
    assert fetch("-b", tmp_path, origin.http + "/nothing").err == (
        f"gather: warning: --cookie: {tmp_path}: Is a directory\n")


@pytest.mark.parametrize("lines", [
    [], ["# Netscape HTTP Cookie File", ""], ["h\tTRUE\t/\tFALSE\t0\ta\t"],
    ["HTTP/1.1 200 OK\r", "Server: x\r", "set-cookie: a=1\r", "\r"],
    ["#HttpOnly_h\tTRUE\t/\tFALSE\t0\ta\t1"]], ids=str)
def test_a_cookie_file_that_is_good_is_not_talked_about(origin, tmp_path, lines):
    jar = write_list(tmp_path / "jar", *lines)
    assert fetch("-b", jar, origin.http + "/nothing").err == ""


def test_a_jar_that_is_still_to_be_made_need_not_be_there(origin, tmp_path):
    jar = tmp_path / "jar"
    assert fetch("-b", jar, "--cookie-jar", jar, origin.http + "/nothing").err == ""
    assert fetch("-b", "", origin.http + "/nothing").err == ""


def test_headers_without_a_cookie_are_no_cookies(origin, tmp_path):
    jar = write_list(tmp_path / "jar", "Cookie: a=1")
    assert fetch("-b", jar, origin.http + "/nothing").err == (
        f"gather: warning: --cookie: {jar}: no cookie among its headers\n")


def test_without_a_jar_no_cookie_is_kept(origin):
    assert fetch("--sequential", origin.http + "/cookie/set?a=1", origin.http + "/echo").code == 0
    assert "cookie" not in origin.seen()["log"][1]["headers"]


def test_a_cookie_jar_that_cannot_be_written_is_said(origin):
    result = fetch("--cookie-jar", "/nonexistent/jar", origin.http + "/nothing")
    assert result.code == 3 and "/nonexistent/jar" in result.err


# Ranges, compression, size, speed


@pytest.mark.parametrize("value, size", [
    ("0-99", 100), ("99990-", 10), ("-7", 7)])
def test_a_range_is_asked_for(origin, value, size):
    result = fetch("-r", value, origin.http + "/range").result
    assert (result["http_code"], result["size_download"]) == (206, size)


def test_compressed_answers_are_asked_for_and_decoded(origin):
    result = fetch("--compressed", "--body", origin.http + "/gzip").result
    assert result["body"] == '{"compressed": true}\n'
    assert "gzip" in origin.seen()["log"][0]["headers"]["accept-encoding"][0]


def test_compression_is_off_unless_asked_for(origin):
    result = fetch("--body", origin.http + "/gzip").result
    assert result["body"] is None and result["body_base64"].startswith("H4sI")
    assert "accept-encoding" not in origin.seen()["log"][0]["headers"]


@pytest.mark.parametrize("path, args, fits", [
    ("/bytes/1000", ["1000"], True), ("/bytes/1001", ["1000"], False),
    ("/bytes/1024", ["1k"], True), ("/bytes/1025", ["1k"], False),
    ("/drip?bytes=1000&seconds=0", ["1000"], True), ("/drip?bytes=1001&seconds=0", ["1000"], False),
    ("/endless", ["1M"], False), ("/until-close", ["999"], False),
    ("/bombs/gzip?bytes=1000000", ["1000000", "--compressed"], True),
    ("/bombs/gzip?bytes=1000000", ["999999", "--compressed"], False),
], ids=str)
def test_a_body_larger_than_allowed_fails(origin, path, args, fits):
    """Announced or not, and counted when it is decoded."""
    result = fetch("--max-filesize", *args, origin.http + path)
    assert result.code == (0 if fits else 1)
    assert result.result["error"] == (None if fits else "too-large")
    assert result.result["exitcode"] == (0 if fits else 63)


def test_the_rate_of_a_transfer_can_be_limited(origin):
    """The first half comes after 0.3 s and is taken, then the second, there at 0.6 s, must wait."""
    path = "/drip?bytes=40000&chunks=2&seconds=0.6"
    limited = fetch("--limit-rate", "20k", origin.http + path).result
    assert limited["size_download"] == 40000
    assert limited["time_total"] > 0.9


# Redirects


@pytest.mark.parametrize("args, count, code, error", [
    ([], 10, 200, None), ([], 11, 302, "redirect"),
    (["--max-redirs", "2"], 2, 200, None), (["--max-redirs", "2"], 3, 302, "redirect"),
    (["--max-redirs", "0"], 0, 200, None), (["--max-redirs", "0"], 1, 302, "redirect"),
    (["--max-redirs", "20"], 20, 200, None),
    (["--no-location"], 1, 302, None), (["--no-location", "-L"], 1, 200, None),
    (["-L", "--no-location"], 1, 302, None), (["--location"], 1, 200, None),
], ids=str)
def test_redirects_are_followed_so_far(origin, args, count, code, error):
    result = fetch(*args, f"{origin.http}/redirect/{count}").result
    assert (result["http_code"], result["error"], result["ok"]) == (code, error, not error)
    follows = min(count, 0 if "--no-location" in args and code == 302 else
                  int(args[1]) if "--max-redirs" in args else 10)
    assert result["num_redirects"] == follows
    assert targets(origin.seen()) == [f"/redirect/{count - i}" for i in range(follows + 1)]
    assert result["url_effective"] == f"{origin.http}/redirect/{count - follows}"


@pytest.mark.parametrize("code, method", [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST"),
                                          (308, "POST")])
def test_a_redirected_post_does_as_in_curl(origin, code, method):
    url = quote(origin.http + "/echo", "")
    got = echo(origin, "-d", "x=1", path=f"/redirect-to?url={url}&code={code}")
    assert (got["method"], got["body"]) == (method, "x=1" if method == "POST" else "")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "PROPFIND", "GET", "put"])
@pytest.mark.parametrize("body", ["x=1", None], ids=["body", "no body"])
@pytest.mark.parametrize("place", ["options", "job"])
def test_a_redirect_keeps_method_and_body_but_for_303(origin, method, body, place):
    """RFC 9110, 15.4: an empty PUT could wipe what it is sent to."""
    codes = [300, 301, 302, 303, 307, 308]
    urls = [f"{origin.http}/redirect-to?code={code}&url={quote(origin.http + '/echo', '')}"
            for code in codes]
    if place == "job":
        jobs = [{"url": url, "method": method, **({"body": body} if body else {})} for url in urls]
        result = fetch("--body", stdin="\n".join(map(dumps, jobs)).encode())
    else:
        result = fetch("--body", "-X", method, *(["-d", body] if body else []), *urls)
    assert result.code == 0, result
    for code, one in zip(codes, result.by_index):
        got = loads(one["body"])
        want = ("GET", "") if code == 303 else (method, body or "")
        assert (code, got["method"], got["body"]) == (code, *want)
    assert len(origin.seen()["log"]) == 2 * len(codes)


@pytest.mark.parametrize("codes, method, body", [
    ([307, 302, 308], "PUT", "x=1"), ([301, 303, 307], "GET", ""), ([303, 302], "GET", "")],
    ids=str)
def test_a_chain_of_redirects_goes_on_with_what_is_left(origin, codes, method, body):
    url = origin.http + "/echo"
    for code in reversed(codes):
        url = f"{origin.http}/redirect-to?code={code}&url={quote(url, '')}"
    got = loads(fetch("--body", "-X", "PUT", "-d", "x=1", url).result["body"])
    assert (got["method"], got["body"]) == (method, body)


@pytest.mark.parametrize("code, method", [(301, "GET"), (302, "GET"), (303, "GET"), (307, "POST")])
def test_a_redirected_post_is_one_with_and_without_a_body(origin, code, method):
    url = f"{origin.http}/redirect-to?code={code}&url={quote(origin.http + '/echo', '')}"
    got = loads(fetch("--body", "-X", "POST", url).result["body"])
    assert (got["method"], got["body"]) == (method, "")


@pytest.mark.parametrize("postredir, code, method, wanted", [
    (3, 302, "POST", ("POST", "x=1")), (4, 303, "POST", ("POST", "x=1")),
    (4, 302, "POST", ("GET", "")), (4, 303, "PUT", ("GET", "")), (4, 302, "PUT", ("PUT", "x=1"))])
def test_postredir_is_about_post_alone(origin, postredir, code, method, wanted):
    url = f"{origin.http}/redirect-to?code={code}&url={quote(origin.http + '/echo', '')}"
    got = loads(fetch("--body", "-X", method, "-d", "x=1", "--curl", f"POSTREDIR={postredir}",
                      url).result["body"])
    assert (got["method"], got["body"]) == wanted


def test_a_get_without_a_body_has_no_headers_of_one(origin):
    url = f"{origin.http}/redirect-to?code=303&url={quote(origin.http + '/echo', '')}"
    result = fetch("-X", "PUT", "-d", "{}", "-H", "Content-Type: application/json", "-H", "X-A: 1",
                   "-H", "Content-Encoding: x", url)
    assert result.code == 0, result
    first, second = (e["headers"] for e in origin.seen()["log"])
    assert {"content-type", "content-encoding", "content-length", "x-a"} <= set(first)
    assert [name for name in second if name.startswith("content-")] == []
    assert second["x-a"] == ["1"]


def test_a_head_stays_one(origin):
    url = f"{origin.http}/redirect-to?code=303&url={quote(origin.http + '/echo', '')}"
    assert fetch("-I", url).code == 0
    assert [e["method"] for e in origin.seen()["log"]] == ["HEAD", "HEAD"]


def test_a_request_after_a_redirected_one_is_whole_again(origin):
    """The handle that was redirected, and one that was not allowed to be, is used again."""
    url = f"{origin.http}/redirect-to?code=303&url={quote(origin.http + '/echo', '')}"
    for more in [], ["--max-redirs", "0"]:
        origin.reset()
        fetch("--sequential", "-X", "PUT", "-d", "x=1", *more, url, origin.http + "/echo")
        last = origin.seen()["log"][-1]
        assert (last["method"], last["headers"]["content-length"]) == ("PUT", ["3"])


@pytest.mark.parametrize("code", [301, 302, 307, 308])
def test_a_body_that_goes_to_another_origin_takes_no_secrets_along(origin, other, code):
    url = f"{origin.http}/redirect-to?code={code}&url={quote(other.http + '/echo', '')}"
    result = fetch("--body", "-X", "PUT", "-d", "x=1", "-u", "me:pw", "-b", "a=b",
                   "-H", "X-Api-Key: k", "-H", "Content-Type: text/x", url)
    got = loads(result.result["body"])
    assert (got["method"], got["body"]) == ("PUT", "x=1")
    names = {name.lower() for name, _ in got["headers"]}
    assert "content-type" in names and not {"authorization", "cookie", "x-api-key"} & names


# Any option of libcurl


@pytest.mark.parametrize("setting, name, value", [
    ("USERAGENT=me/1", "user-agent", "me/1"), ("useragent=me/2", "user-agent", "me/2"),
    ("HTTPHEADER=X-A: 1", "x-a", "1"), ("ACCEPT_ENCODING=br", "accept-encoding", "br"),
    ("TCP_NODELAY=1", "accept", "*/*"), ("TIMEOUT_MS=60000", "accept", "*/*"),
    ("MAX_RECV_SPEED_LARGE=1000000000", "accept", "*/*"), ("COOKIE=a=b", "cookie", "a=b"),
])
def test_any_option_of_libcurl_can_be_set(origin, setting, name, value):
    assert fields(origin, "--curl", setting)[name] == [value]


@pytest.mark.parametrize("setting, words", [
    ("NONSENSE=1", "NONSENSE"), ("USERAGENT", "NAME=VALUE"), ("=x", ""), ("", "NAME=VALUE"),
    ("WRITEFUNCTION=1", "WRITEFUNCTION"), ("WRITEDATA=1", "WRITEDATA"), ("SHARE=1", "SHARE"),
    ("PRIVATE=1", "PRIVATE"), ("POSTFIELDS=x", "POSTFIELDS"), ("URL=http://x/", "URL"),
    ("url=http://x/", "URL"), ("NOSIGNAL=0", "NOSIGNAL"), ("HTTPGET=1", "HTTPGET"),
    ("NOBODY=1", "NOBODY"), ("CUSTOMREQUEST=X", "CUSTOMREQUEST"), ("COOKIEJAR=x", "COOKIEJAR"),
    # These would read standard input in the middle of everything.
    ("UPLOAD=1", "UPLOAD"), ("POST=1", "POST"), ("PUT=1", "PUT"), ("TIMEOUT=soon", "TIMEOUT"),
    ("TIMEOUT=", "TIMEOUT"), ("HTTP_VERSION=999", "HTTP_VERSION"),
])
def test_an_option_of_libcurl_that_cannot_be_set_is_a_usage_error(origin, setting, words):
    result = run("--curl", setting, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"")
    assert "--curl" in result.err and words in result.err
    assert origin.seen()["requests"] == 0
