"""HTTPS, certificates, and HTTP/2 with a real server."""

import re
import subprocess

import pytest

from harness import fetch, loads, run, soon


def test_a_certificate_of_a_trusted_authority_is_good(origin):
    r = fetch("--cacert", origin.cacert, origin.https + "/echo").result
    assert (r["ok"], r["scheme"], r["http_version"]) == (True, "https", "1.1")
    assert 0 < r["time_connect"] <= r["time_appconnect"] <= r["time_pretransfer"] < soon(5)
    assert origin.seen()["log"][0]["tls"]


@pytest.mark.parametrize("which", ["https", "https_bad"])
def test_an_unknown_authority_is_a_tls_failure(origin, which):
    url = getattr(origin, which) + "/nothing"
    good = origin.http + "/nothing"
    result = fetch(url, good)
    bad, fine = result.by_index
    assert result.code == 1 and fine["ok"]
    assert (bad["error"], bad["exitcode"], bad["http_code"]) == ("tls", 60, 0)
    assert "certificate" in bad["errormsg"]
    assert origin.seen()["requests"] == 1


def test_a_self_signed_certificate_is_bad_even_with_an_authority(origin):
    r = fetch("--cacert", origin.cacert, origin.https_bad + "/nothing").result
    assert (r["error"], r["exitcode"]) == ("tls", 60)


@pytest.mark.parametrize("option", ["-k", "--insecure"])
@pytest.mark.parametrize("which", ["https", "https_bad"])
def test_insecure_takes_any_certificate(origin, option, which):
    r = fetch(option, getattr(origin, which) + "/nothing").result
    assert r["ok"] and r["scheme"] == "https"


@pytest.mark.parametrize("name, ok", [
    ("a.example", True), ("b.example", True), ("c.example", False)])
def test_the_name_in_the_certificate_counts(origin, name, ok):
    where = f"{name}:{origin.tls_port}"
    url = f"https://{where}/nothing"
    result = fetch("--cacert", origin.cacert, "--resolve", where + ":127.0.0.1", url)
    assert result.result["error"] == (None if ok else "tls")
    result = fetch("-k", "--resolve", where + ":127.0.0.1", url)
    assert result.code == 0


def test_tls_spoken_to_a_plain_server_is_a_tls_failure(nginx):
    r = fetch(nginx.url.replace("http:", "https:")).result
    assert (r["error"], r["exitcode"]) == ("tls", 35)


@pytest.mark.parametrize("option", ["--cacert", "--cert"])
def test_a_certificate_file_that_is_not_there_is_a_usage_error(origin, option):
    result = run("--cacert", origin.cacert, option, "/nonexistent", origin.https + "/nothing")
    assert (result.code, result.raw) == (2, b"") and "/nonexistent" in result.err


def client(origin, *args):
    """The name in the certificate that the server saw."""
    r = fetch("--body", "--cacert", origin.cacert, *args, origin.https + "/echo").result
    assert r["ok"], r
    certificate = loads(r["body"])["client_cert"]
    return certificate and certificate["commonName"]


def test_a_client_shows_its_certificate_when_it_has_one(origin, tmp_path):
    with open(origin.client_cert, encoding="ascii") as file:
        text = file.read()
    cut = text.index("-----BEGIN PRIVATE")
    cut, other = (cut, len(text)) if cut else (text.index("-----BEGIN CERT"), 0)
    (tmp_path / "key").write_text(text[cut:] if other else text[:cut])
    (tmp_path / "cert").write_text(text[:cut] if other else text[cut:])
    assert client(origin) is None
    assert client(origin, "--cert", origin.client_cert) == "practice client"
    apart = ["--cert", tmp_path / "cert", "--key", tmp_path / "key"]
    assert client(origin, *apart) == "practice client"


def test_a_key_may_have_a_password(origin, tmp_path):
    subprocess.run(["openssl", "pkey", "-aes128", "-passout", "pass:a:b", "-in", origin.client_cert,
                    "-out", tmp_path / "key"], check=True, capture_output=True)
    with open(origin.client_cert, encoding="ascii") as file:
        cert = file.read()
    (tmp_path / "c:ert").write_text(cert[cert.index("-----BEGIN CERT"):])
    key = ["--key", tmp_path / "key"]
    name = str(tmp_path / "c:ert").replace("\\", "\\\\").replace(":", "\\:")
    assert client(origin, "--cert", name + ":a:b", *key) == "practice client"
    r = fetch("--cacert", origin.cacert, "--cert", name + ":wrong", *key,
              origin.https + "/echo").result
    assert r["error"] == "tls"


def test_a_redirect_to_https_is_followed(origin):
    r = fetch("--cacert", origin.cacert,
              f"{origin.http}/redirect-to?url={origin.https.replace('/', '%2F')}/nothing").result
    assert (r["ok"], r["scheme"], r["num_redirects"]) == (True, "https", 1)


def test_tls_sessions_are_resumed(origin):
    result = fetch("--sequential", "--cacert", origin.cacert, "-H", "Connection: close",
                   *[origin.https + "/nothing"] * 3)
    assert result.code == 0
    log = origin.seen()["log"]
    assert len({entry["connection"] for entry in log}) == 3
    assert [entry["tls_resumed"] for entry in log] == [False, True, True]


def test_many_fit_into_https_at_once(origin):
    result = fetch("--cacert", origin.cacert, "-c", "30", *[origin.https + "/delay/0.5"] * 60)
    assert result.code == 0
    assert origin.seen()["most_in_flight"] == 30


# HTTP/2


def test_https_speaks_http_2_where_the_server_does(origin, nginx):
    for args, version in (([], "2"), (["--http2"], "2"), (["--http1.1"], "1.1")):
        r = fetch("--cacert", origin.cacert, "--body", *args, nginx.https + "/").result
        assert (r["ok"], r["http_version"], r["body"]) == (True, version, "ok")


def test_plain_http_2_is_for_those_who_know(nginx):
    r = fetch("--http2-prior-knowledge", "--body", nginx.h2c + "/").result
    assert (r["ok"], r["http_version"], r["body"]) == (True, "2", "ok")
    assert fetch(nginx.url + "/").result["http_version"] == "1.1"


LIBCURL = tuple(int(n) for n in re.search(r"libcurl/(\d+)\.(\d+)", run("--version").out).groups())


def fetch_plain_http_2(*args):
    result = fetch("--http2-prior-knowledge", "--retry", "0", *args)
    assert result.code == 0, [r["errormsg"] for r in result.results if not r["ok"]]
    assert {r["http_version"] for r in result.results} == {"2"}
    return result.results


@pytest.mark.parametrize("args, count", [(["--sequential"], 5), (["-c", "1"], 5), (["-c", "3"], 50),
                                         (["-c", "100"], 300), (["-d", "x"], 30)])
def test_plain_http_2_takes_any_number_of_requests(nginx, args, count):
    results = fetch_plain_http_2(*args, f"{nginx.h2c}/[1-{count}]")
    assert len(results) == count
    if LIBCURL >= (8, 0):
        assert sum(r["num_connects"] for r in results) < count


@pytest.mark.parametrize("in_flight", ["1", "30"])
def test_plain_http_2_follows_redirects(nginx, in_flight):
    results = fetch_plain_http_2("-L", "-c", in_flight, f"{nginx.h2c}/to/[1-60]?url=/to/?url=/end")
    assert [r["num_redirects"] for r in results] == [2] * 60


def test_https_beside_plain_http_2_shares_connections(origin, nginx):
    urls = [nginx.h2c + "/", nginx.https + "/"] * 30
    results = fetch_plain_http_2("--cacert", origin.cacert, "-c", "20", *urls)
    secure = [r for r in results if r["scheme"] == "https"]
    assert len(secure) == 30
    assert sum(r["num_connects"] for r in secure) <= 4  # one for each network thread


def test_http_2_asked_for_over_plain_http_falls_back(origin):
    r = fetch("--http2", origin.http + "/nothing").result
    assert (r["ok"], r["http_version"]) == (True, "1.1")


def test_http_2_carries_many_requests_on_few_connections(origin, nginx):
    result = fetch("--cacert", origin.cacert, "-c", "40", *[nginx.https + "/"] * 200)
    assert result.code == 0
    assert {r["http_version"] for r in result.results} == {"2"}
    assert 1 <= sum(r["num_connects"] for r in result.results) <= 4  # one for each network thread
