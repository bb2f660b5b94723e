"""Where requests go: proxies, addresses, sockets, protocols; and where credentials do not go."""

import json
import socket
import subprocess
from urllib.parse import quote

import pytest

from harness import fetch, loads, run, targets


def echo(*args, **more):
    """What the server says it got."""
    result = fetch("--body", *args, **more)
    assert result.code == 0, result
    return loads(result.result["body"])


# Proxies


@pytest.mark.parametrize("option", ["-x", "--proxy"])
def test_a_proxy_is_asked_with_the_whole_url(origin, option):
    result = fetch(option, origin.http, "http://target.example:8080/json/a?x=1")
    assert result.code == 0
    (entry,) = origin.seen()["log"]
    assert entry["absolute"]
    assert (entry["host"], entry["path"]) == ("target.example:8080", "/json/a?x=1")


def test_a_proxy_may_want_a_login(origin):
    proxy = origin.http.replace("//", "//user:secret@")
    assert fetch("-x", proxy, "http://target.example/nothing").code == 0
    headers = origin.seen()["log"][0]["headers"]
    assert headers["proxy-authorization"] == ["Basic dXNlcjpzZWNyZXQ="]
    assert "authorization" not in headers


def test_a_proxy_is_taken_from_the_environment_as_in_curl(origin):
    assert fetch("http://target.example/nothing", env={"http_proxy": origin.http}).code == 0
    assert origin.seen()["log"][0]["absolute"]


def test_noproxy_names_hosts_that_are_asked_directly(origin, refused):
    urls = [origin.http + "/nothing", f"http://127.0.0.2:{origin.port}/nothing"]
    direct, proxied = fetch("-x", refused, "--noproxy", "127.0.0.1,other.example", *urls).by_index
    assert direct["ok"]
    assert proxied["error"] == "connect"
    assert [entry["absolute"] for entry in origin.seen()["log"]] == [False]


def test_a_proxy_that_is_not_there_is_a_connect_failure(origin, refused):
    result = fetch("-x", refused, origin.http + "/nothing").result
    assert (result["error"], result["exitcode"], result["http_code"]) == ("connect", 7, 0)


# Addresses


def test_the_address_of_a_name_can_be_given(origin):
    name = f"any.example:{origin.port}"
    result = fetch("--resolve", f"{name}:127.0.0.2", f"http://{name}/nothing").result
    assert result["ok"] and result["remote_ip"] == "127.0.0.2"
    assert origin.seen()["log"][0]["host"] == name


def test_several_names_can_have_addresses(origin):
    names = [f"{c}.example:{origin.port}" for c in "ab"]
    result = fetch("--resolve", names[0] + ":127.0.0.1", "--resolve", names[1] + ":127.0.0.2",
                   *(f"http://{name}/nothing" for name in names))
    assert [r["remote_ip"] for r in result.by_index] == ["127.0.0.1", "127.0.0.2"]


@pytest.mark.parametrize("rule", ["a.example:80:127.0.0.1:PORT", "a.example::127.0.0.1:PORT",
                                  "::127.0.0.1:PORT"])
def test_a_connection_can_go_elsewhere(origin, rule):
    rule = rule.replace("PORT", str(origin.port))
    result = fetch("--connect-to", rule, "http://a.example/nothing")
    assert result.code == 0
    assert origin.seen()["log"][0]["host"] == "a.example"


def test_connect_to_leaves_other_hosts_alone(origin, other):
    assert fetch("--connect-to", f"a.example:80:127.0.0.1:{other.port}",
                 origin.http + "/nothing", "http://a.example/json/a").code == 0
    assert (targets(origin.seen()), targets(other.seen())) == (["/nothing"], ["/json/a"])


def test_the_address_family_can_be_chosen(origin, ipv6):
    name = f"both.example:{origin.port}"
    for option, ip in (("-4", "127.0.0.1"), ("--ipv4", "127.0.0.1"), ("-6", "::1"),
                       ("--ipv6", "::1")):
        result = fetch(option, "--resolve", name + ":127.0.0.1,[::1]", f"http://{name}/nothing")
        assert result.result["remote_ip"] == ip


def test_an_ipv6_address_is_a_host(origin, ipv6):
    result = fetch(f"http://[::1]:{origin.port}/json/[1-2]")
    assert result.code == 0
    assert {r["remote_ip"] for r in result.results} == {"::1"}
    assert sorted(targets(origin.seen())) == ["/json/1", "/json/2"]


def test_a_unix_socket_can_be_the_way(origin):
    got = echo("--unix-socket", origin.unix, "http://any.example/echo")
    assert ["Host", "any.example"] in got["headers"]
    assert got["peer"] != ["127.0.0.1"]
    assert targets(origin.seen()) == ["/echo"]


def test_a_unix_socket_that_is_not_there_is_a_connect_failure():
    assert fetch("--unix-socket", "/nonexistent", "http://h/").result["error"] == "connect"


@pytest.mark.parametrize("name", ["127.0.0.3", "host!127.0.0.3"])
def test_the_local_address_can_be_chosen(origin, name):
    result = fetch("--interface", name, "--body", origin.http + "/echo").result
    assert result["local_ip"] == "127.0.0.3"
    assert loads(result["body"])["peer"] == ["127.0.0.3", result["local_port"]]


def test_the_network_interface_can_be_chosen(origin):
    assert fetch("--interface", "lo", origin.http + "/nothing").result["ok"]
    assert fetch("--interface", "nope0", origin.http + "/nothing").result["error"] == "connect"


# Protocols


@pytest.mark.parametrize("args, ok", [
    ([], True), (["--proto", "=http"], True), (["--proto", "http,https"], True),
    (["--proto", "-all,http"], True), (["--proto", "=https"], False), (["--proto", "-http"], False),
    (["--proto", "-all,https"], False), (["--proto", "ftp"], True), (["--proto", "+FTP"], True),
], ids=str)
def test_only_these_protocols_are_allowed(origin, args, ok):
    result = fetch(*args, origin.http + "/nothing")
    assert result.result["error"] == (None if ok else "input")
    assert origin.seen()["requests"] == ok


def test_only_http_and_https_unless_more_is_allowed(tmp_path):
    (tmp_path / "file").write_text("x" * 100)
    url = f"file://{tmp_path}/file"
    result = fetch("--body", url).result
    assert (result["error"], result["body"], result["attempts"]) == ("input", None, 0)
    result = fetch("--proto", "+file", url).result
    assert (result["ok"], result["scheme"], result["size_download"]) == (True, "file", 100)
    assert (result["http_code"], result["http_version"], result["remote_ip"]) == (0, None, None)


@pytest.mark.parametrize("args", [[], ["--proto", "+file,ftp"]], ids=str)
@pytest.mark.parametrize("url", [
    "file:///etc/passwd", "ftp://127.0.0.1:1/", "gopher://127.0.0.1:1/"])
def test_a_redirect_leads_to_http_and_https_only(origin, args, url):
    result = fetch(*args, f"{origin.http}/redirect-to?url={quote(url, '')}").result
    assert (result["error"], result["http_code"]) == ("redirect", 302)


def test_a_url_without_a_scheme_has_the_default_one(origin):
    """Written into it when it is read, wherever it comes from."""
    host = f"127.0.0.1:{origin.port}"
    for args in ([host + "/echo"], ["--template", host + "/{}", "echo"]):
        plain = fetch(*args).result
        assert (plain["ok"], plain["scheme"], plain["url"]) == (True, "http", f"http://{host}/echo")
    lines = f'{host}/echo\n{{"url": "{host}/echo"}}\n'.encode()
    assert [r["url"] for r in fetch(stdin=lines).results] == [f"http://{host}/echo"] * 2
    secure = fetch("--proto-default", "https", "--cacert", origin.cacert,
                   f"127.0.0.1:{origin.tls_port}/echo").result
    assert (secure["ok"], secure["scheme"]) == (True, "https")
    assert secure["url"] == f"{origin.https}/echo"


def a_example(origin):
    """a.example, with its usual ports."""
    return ["--cacert", origin.cacert, "--connect-to", f"a.example:443:127.0.0.1:{origin.tls_port}",
            "--connect-to", f"a.example:80:127.0.0.1:{origin.port}"]


@pytest.mark.parametrize("how", ["redirect", "link", "follow"])
def test_a_default_scheme_makes_no_other_origin_the_same(origin, how):
    """With https as the default, http is another origin than that of a URL without a scheme."""
    there = quote("http://a.example/echo", "")
    path = {"redirect": f"/redirect-to?url={there}", "link": f"/status/200?Link=<{there}>;rel=next",
            "follow": f"/json/a?u0={there}"}[how]
    args = {"redirect": [], "link": ["--next", "link"], "follow": ["--follow", "/query/*"]}[how]
    result = fetch(*a_example(origin), *args, "--proto-default", "https", "-u", "me:pw",
                   "-b", "a=b", "-H", "X-Api-Key: k", "a.example" + path)
    assert result.code == 0, result
    first, second = (entry["headers"] for entry in origin.seen()["log"])
    secrets = {"authorization", "cookie", "x-api-key"}
    assert secrets <= set(first) and not secrets & set(second)


def test_one_origin_is_one_host_everywhere(origin):
    """However its URLs are written: for the figures, the limits, and --unique."""
    urls = ["a.example/delay/0.05", "https://a.example/delay/0.05", "HTTPS://me@A.example:443/delay/0.05",
            "https:/a.example/delay/0.05"]
    args = [*a_example(origin), "--proto-default", "https"]
    result = run(*args, "-s", "--host-stats", "--per-host", "1", *urls)
    assert result.code == 0, result
    assert origin.seen()["most_in_flight"] == 1
    hosts = run(*args, "--json", "--host-stats", *urls).document["summary"]["hosts"]
    assert [(h["host"], h["requests"]) for h in hosts["worst"]] == [("https://a.example", 4)]
    assert len(fetch(*args, "--unique", *urls[:2]).results) == 1


def test_the_default_scheme_is_not_guessed_from_the_name():
    """As curl does without --proto-default: ftp.example would be FTP."""
    result = fetch("--resolve", "ftp.example:80:127.0.0.1", "--connect-to", "::127.0.0.1:1",
                   "ftp.example/").result
    assert result["error"] == "connect"


def test_http_1_1_is_what_is_spoken(origin):
    for args in ([], ["--http1.1"]):
        result = fetch(*args, origin.http + "/nothing").result
        assert result["http_version"] == "1.1"


def test_a_protocol_version_that_this_libcurl_cannot_is_a_usage_error(origin):
    if "HTTP3" in run("--version").out:
        pytest.skip("this libcurl can")
    result = run("--http3", origin.https + "/nothing")
    assert (result.code, result.raw) == (2, b"")
    assert "--http3" in result.err and "libcurl" in result.err


# Credentials do not travel


CREDENTIALS = {
    "user": (["-u", "user:secret"], "authorization", "Basic dXNlcjpzZWNyZXQ="),
    "bearer": (["--oauth2-bearer", "tok.en"], "authorization", "Bearer tok.en"),
    "authorization": (["-H", "Authorization: Basic abc"], "authorization", "Basic abc"),
    "lower-case": (["-H", "authorization:Basic abc"], "authorization", "Basic abc"),
    "cookie header": (["-H", "Cookie: a=b"], "cookie", "a=b"),
    "cookie": (["-b", "a=b"], "cookie", "a=b"),
    "url": ([], "authorization", "Basic dXNlcjpzZWNyZXQ="),
    "option of libcurl": (["--curl", "COOKIE=a=b"], "cookie", "a=b"),
    "key": (["-H", "X-Api-Key: abc"], "x-api-key", "abc"),
    "token": (["-H", "private-token:abc"], "private-token", "abc"),
    "proxy": (["-H", "Proxy-Authorization: Basic abc"], "proxy-authorization", "Basic abc"),
}


@pytest.mark.parametrize("where", ["host", "port", "to https", "to http"])
@pytest.mark.parametrize("how", CREDENTIALS)
def test_credentials_never_reach_another_origin(origin, other, how, where):
    args, name, value = CREDENTIALS[how]
    first = origin.https if where == "to http" else origin.http
    target = {"host": f"http://127.0.0.2:{origin.port}/echo", "port": other.http + "/echo",
              "to https": origin.https + "/echo", "to http": origin.http + "/echo"}[where]
    first = first.replace("//", "//user:secret@") if how == "url" else first
    result = fetch(*args, "--cacert", origin.cacert, f"{first}/redirect-to?url={quote(target, '')}")
    assert result.code == 0, result
    log = origin.seen()["log"] + other.seen()["log"]
    assert len(log) == 2
    assert log[0]["headers"][name] == [value]
    if where == "to https" and how in ("key", "token"):  # no login of HTTP, and the same host
        assert log[1]["headers"][name] == [value]
    else:
        assert not {name, "authorization", "cookie"} & set(log[1]["headers"])


HARMLESS = {"accept": "text/x", "accept-language": "de", "user-agent": "me", "range": "bytes=0-9",
            "cache-control": "no-cache", "if-none-match": '"v"'}
PRIVATE = {"x-jwt-assertion": "s", "dpop": "s", "x-bearer": "s", "x-access-id": "s",
           "x-anything": "s", "accept-token": "s", "content-secret": "s", "forwarded": "s"}
LOGINS = {"authorization": "Basic s", "cookie": "s=s", "proxy-authorization": "Basic s"}


@pytest.mark.parametrize("how", ["redirect", "link", "follow", "job"])
@pytest.mark.parametrize("where", ["within", "port", "to https", "to http"])
@pytest.mark.parametrize("sends_all", [False, True], ids=["", "--follow-headers"])
def test_only_harmless_headers_reach_another_origin(origin, other, how, where, sends_all):
    """No list of names that are secret could be complete. An upgrade to https is the same origin."""
    first = origin.https if where == "to http" else origin.http
    target = {"within": origin.http, "port": other.http, "to https": origin.https,
              "to http": origin.http}[where] + "/echo"
    there = quote(target, "")
    path = {"link": f"/status/200?Link=<{there}>;rel=next", "follow": f"/json/a?u0={there}"}.get(
        how, f"/redirect-to?url={there}")
    args = {"link": ["--next", "link"], "follow": ["--follow", "/query/*"]}.get(how, [])
    args += ["--cacert", origin.cacert, *["--follow-headers"] * sends_all]
    headers = HARMLESS | PRIVATE | LOGINS
    if how == "job":
        line = json.dumps({"url": first + path, "headers": headers})
        result = fetch(*args, stdin=line.encode())
    else:
        options = [word for name in headers for word in ("-H", f"{name}: {headers[name]}")]
        result = fetch(*args, *options, first + path)
    assert result.code == 0, result
    one, two = (entry["headers"] for entry in origin.seen()["log"] + other.seen()["log"])
    assert set(headers) <= set(one)
    goes = set(HARMLESS)
    if sends_all or where in ("within", "to https"):
        goes |= set(PRIVATE)
    if where == "within":
        goes |= set(LOGINS)
    assert set(headers) & set(two) == goes


def test_a_host_header_is_for_its_origin(origin, other):
    for args in ([], ["--follow-headers"]):
        other.reset()
        url = f"{origin.http}/redirect-to?url={quote(other.http + '/echo', '')}"
        assert fetch("-H", "Host: x.example", *args, url).code == 0
        assert other.seen()["log"][0]["host"] == f"127.0.0.1:{other.port}"


@pytest.mark.parametrize("args, to, referer", [
    (["-e", "http://me:pw@r/a?token=b"], "port", "http://r/"),
    (["-H", "Referer: http://r/a?token=b"], "port", "http://r/"),
    (["-e", "https://r/a"], "port", None), (["-e", "r/a"], "port", None),
    (["-e", "http://r/a?b"], "within", "http://r/a?b"),
    (["-e", "http://r/a?b"], "to https", "http://r/a?b"),
    (["-e", "http://r/a;auto"], "port", "FIRST/"), (["-e", ";auto"], "within", "FIRST/redirect-to"),
    (["-H", "Referer: http://r/a", "--follow-headers"], "port", "http://r/a"),
    (["-e", "http://r/a", "-H", "Referer:"], "port", None),
], ids=str)
def test_a_referer_tells_another_origin_no_more_than_an_origin(origin, other, args, to, referer):
    target = {"port": other.http, "within": origin.http, "to https": origin.https}[to] + "/echo"
    url = f"{origin.http}/redirect-to?url={quote(target, '')}"
    assert fetch(*args, "--cacert", origin.cacert, url).code == 0
    log = origin.seen()["log"] + other.seen()["log"]
    (got,) = log[1]["headers"].get("referer", [None])
    if referer and referer.startswith("FIRST"):
        assert (got == origin.http + "/") if referer == "FIRST/" else got == url
    else:
        assert got == referer


def test_what_is_lost_on_the_way_is_not_regained(origin, other):
    """From http to https of one host, then to another port, and back to where it began."""
    url = origin.http + "/echo"
    for hop in (other.http, origin.https, origin.http):
        url = f"{hop}/redirect-to?url={quote(url, '')}"
    assert fetch("--cacert", origin.cacert, "-H", "X-A: 1", "-H", "Accept: a/b", url).code == 0
    mine, others = origin.seen()["log"], other.seen()["log"]
    assert ["x-a" in e["headers"] for e in mine] == [True, True, False]
    assert ["x-a" in e["headers"] for e in others] == [False]
    assert all(e["headers"]["accept"] == ["a/b"] for e in mine + others)


@pytest.fixture(scope="module")
def turkish(tmp_path_factory):
    """The environment of a user whose i is no I."""
    folder = tmp_path_factory.mktemp("locales")
    subprocess.run(["localedef", "-i", "tr_TR", "-f", "UTF-8", folder / "tr_TR.UTF-8"], check=True)
    return {"LOCPATH": str(folder), "LC_ALL": "tr_TR.UTF-8"}


def test_letters_of_the_locale_are_not_those_of_names(origin, other, turkish):
    """Else neither this header nor this redirect would be known for what it is."""
    target = quote(other.http + "/echo", "")
    result = fetch("-H", "X-CREDENTIAL: abc", f"{origin.http}/status/302?LOCATION={target}",
                   env=turkish)
    assert result.code == 0, result
    (asked,), (foreign,) = origin.seen()["log"], other.seen()["log"]
    assert asked["headers"]["x-credential"] == ["abc"] and "x-credential" not in foreign["headers"]


def test_the_login_of_a_proxy_is_for_the_proxy_alone(origin, other):
    proxy = origin.http.replace("//", "//user:secret@")
    target = quote(other.http + "/echo", "")
    assert fetch("-x", proxy, "--noproxy", "127.0.0.1",
                 f"http://target.example/redirect-to?url={target}").code == 0
    ((asked,), (foreign,)) = origin.seen()["log"], other.seen()["log"]
    assert asked["headers"]["proxy-authorization"] == ["Basic dXNlcjpzZWNyZXQ="]
    assert not [name for name in foreign["headers"] if "auth" in name]


def test_secrets_of_a_job_never_reach_another_origin(origin, other):
    headers = {"X-Auth": "abc", "Accept": "text/x", "Authorization": "Basic abc"}
    path = f"/redirect-to?url={quote(other.http + '/echo', '')}"
    job = {"url": origin.http + path, "headers": headers}
    again = {"url": origin.http + "/echo", "headers": headers}
    result = fetch("-c", "1", stdin=f"{json.dumps(job)}\n{json.dumps(again)}\n".encode())
    assert result.code == 0, result
    (foreign,) = other.seen()["log"]
    assert foreign["headers"]["accept"] == ["text/x"]
    assert not {"x-auth", "authorization"} & set(foreign["headers"])
    assert [entry["headers"]["x-auth"] for entry in origin.seen()["log"]] == [["abc"]] * 2


def test_what_has_been_elsewhere_has_lost_its_secrets_and_the_next_one_has_them(origin, other):
    """Also where the same handle makes both requests."""
    back = f"{other.http}/redirect-to?url={quote(origin.http + '/echo', '')}"
    there = f"{origin.http}/redirect-to?url={quote(back, '')}"
    assert fetch("-c", "1", "--threads", "1", "-H", "X-Api-Key: abc", "-H", "Accept: a/b", there,
                 origin.http + "/nothing").code == 0
    log = origin.seen()["log"]
    assert [entry["path"].split("?")[0] for entry in log] == ["/redirect-to", "/echo", "/nothing"]
    assert [entry["headers"].get("x-api-key") for entry in log] == [["abc"], None, ["abc"]]
    (foreign,) = other.seen()["log"]
    assert "x-api-key" not in foreign["headers"]
    assert all(entry["headers"]["accept"] == ["a/b"] for entry in [*log, foreign])


@pytest.mark.parametrize("host, shown", [("127.0.0.1", "practice client"), ("127.0.0.2", None)])
def test_a_certificate_is_not_shown_to_another_origin(origin, host, shown):
    target = f"https://{host}:{origin.tls_port}/echo"
    got = echo("-k", "--cert", origin.client_cert,
               f"{origin.https}/redirect-to?url={quote(target, '')}")
    assert (got["client_cert"] or {}).get("commonName") == shown


@pytest.mark.parametrize("how", CREDENTIALS)
def test_credentials_stay_within_an_origin(origin, how):
    args, name, value = CREDENTIALS[how]
    first = origin.http.replace("//", "//user:secret@") if how == "url" else origin.http
    assert fetch(*args, first + "/redirect/2").code == 0
    assert [entry["headers"].get(name) for entry in origin.seen()["log"]] == [[value]] * 3


def netrc(folder):
    """An environment with a login for 127.0.0.1 and one for 127.0.0.2."""
    (folder / ".netrc").write_text("machine 127.0.0.1\nlogin user\npassword secret\n"
                                   "machine 127.0.0.2\nlogin other\npassword secret\n")
    return {"HOME": str(folder)}


@pytest.mark.parametrize("how", ["redirect", "link", "follow"])
@pytest.mark.parametrize("where", ["host", "port", "to https", "to http"])
@pytest.mark.parametrize("option", [["-n"], ["--curl", "NETRC=1"], ["--curl", "NETRC=2"]], ids=str)
def test_a_login_from_netrc_never_reaches_another_origin(origin, other, tmp_path, how, where, option):
    """Also not to one that has a login of its own: an answer has no say in that."""
    first, target = {"host": (origin.http, f"http://127.0.0.2:{origin.port}/echo"),
                     "port": (origin.http, other.http + "/echo"),
                     "to https": (origin.http, origin.https + "/echo"),
                     "to http": (origin.https, origin.http + "/echo")}[where]
    there = quote(target, "")
    path = {"redirect": f"/redirect-to?url={there}", "link": f"/status/200?Link=<{there}>;rel=next",
            "follow": f"/json/a?u0={there}"}[how]
    args = {"redirect": [], "link": ["--next", "link"], "follow": ["--follow", "/query/*"]}[how]
    result = fetch(*option, "--cacert", origin.cacert, *args, first + path, env=netrc(tmp_path))
    assert result.code == 0, result
    one, two = (entry["headers"] for entry in origin.seen()["log"] + other.seen()["log"])
    assert one["authorization"] == ["Basic dXNlcjpzZWNyZXQ="]
    assert "authorization" not in two


def test_a_login_from_netrc_stays_within_an_origin(origin, tmp_path):
    assert fetch("-n", origin.http + "/redirect/2", env=netrc(tmp_path)).code == 0
    assert [e["headers"]["authorization"] for e in origin.seen()["log"]] == [
        ["Basic dXNlcjpzZWNyZXQ="]] * 3


@pytest.mark.parametrize("how", ["url", "job"])
def test_a_connection_with_a_login_from_netrc_takes_no_other_login_along(origin, tmp_path, how):
    """libcurl 7.88 would send any login over a connection that was opened with one of netrc."""
    there = f"http://127.0.0.2:{origin.port}"
    url = f"{origin.http}/redirect-to?url={quote(there + '/nothing', '')}"
    last = {"url": url.replace("//", "//me:pw@")} if how == "url" else {"url": url, "user": "me:pw"}
    lines = [json.dumps({"url": there + "/echo"}), json.dumps(last)]
    result = fetch("-n", "--sequential", "--threads", "1", stdin="\n".join(lines).encode(),
                   env=netrc(tmp_path))
    assert result.code == 0, result
    direct, first, second = origin.seen()["log"]
    assert direct["connection"] == second["connection"]
    assert "authorization" in direct["headers"] and "authorization" in first["headers"]
    assert "authorization" not in second["headers"]


def test_a_request_of_the_same_run_to_another_host_has_the_credentials_it_was_given(origin):
    """-u is for every URL that the user names, as in curl."""
    urls = [origin.http + "/echo", f"http://127.0.0.2:{origin.port}/echo"]
    assert fetch("-u", "user:secret", *urls).code == 0
    assert all("authorization" in entry["headers"] for entry in origin.seen()["log"])


def test_names_come_from_the_system(origin):
    """localhost is in every /etc/hosts."""
    found = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)
    addresses = {info[4][0] for info in found}
    result = fetch(f"http://localhost:{origin.port}/nothing").result
    assert result["remote_ip"] in addresses
    assert result["time_namelookup"] > 0
