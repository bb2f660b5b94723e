"""
--report: the page, as what reads it sees it. Its structure is taken apart; a browser, where there
is one, draws it, clicks what can be clicked, and must have nothing to complain about.
"""

import os
import re

import pytest

from harness import fetch, run, start, write_list
from pages import Page, browse, check_picture, drive, number, with_browser

HOSTILE = ["<script>alert(1)</script>", "</script><img src=x onerror=alert(1)>", "<!--", "-->",
           "\"onmouseover='alert(1)'", "&lt;b&gt;&amp;", "]]>", "{nonce}", "%3Cb%3E", "\u2028",
           "</td></table></html>", "javascript:alert(1)", "\u202egnp.exe"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "page" / "run.html"


@pytest.fixture
def report(path):
    """Runs gather with --report; returns what it left and the page."""
    path.parent.mkdir()

    def go(*args, **more):
        result = fetch("--report", path, *args, **more)
        assert os.listdir(path.parent) == ["run.html"]  # and no half of one
        return result, Page(path)
    return go


# What is in it


def test_the_requests_of_the_page_are_those_of_the_run(origin, refused, report):
    urls = [origin.http + "/bytes/1234", origin.http + "/delay/0.2?bytes=10",
            origin.http + "/status/404", refused]
    result, page = report(*urls)
    assert result.code == 1 and len(page.requests()) == 4
    for told in result.by_index:
        row = page.requests()[told["index"]]
        assert row["URL"] == told["url"]
        assert (int(row["status"]), int(row["bytes"])) == (told["http_code"], told["size_download"])
        assert row["failure"] == (told["error"] or "-")
        assert number(row["queue, ms"]) > 0 and number(row["earlier attempts, ms"]) == 0
        phases = [number(row[f"{name}, ms"]) for name in
                  ("DNS", "connect", "TLS", "wait", "receive")]
        assert sum(phases) == pytest.approx(1000 * told["time_total"], abs=0.01)
    assert number(page.requests()[1]["wait, ms"]) >= 180
    assert number(page.requests()[3]["wait, ms"]) == 0  # it had no connection to wait on


def test_the_tables_add_up_to_the_run(origin, other, report):
    urls = [f"{server.http}/bytes/100?{i}" for i in range(300) for server in (origin, other)]
    result, page = report("-i", "-", origin.http + "/status/404", stdin="\n".join(urls).encode())
    assert len(result.results) == 601
    hosts = {row["host"]: row for row in page.rows("hosts")}
    assert {name: int(row["requests"]) for name, row in hosts.items()} == {
        origin.http: 301, other.http: 300}
    assert [int(hosts[server.http]["failed"]) for server in (origin, other)] == [1, 0]
    spans = page.rows("series")
    assert sum(int(row["ended"]) for row in spans) == 601
    assert sum(int(row["of these failed"]) for row in spans) == 1
    assert abs(sum(int(row["bytes"]) for row in spans) -
               sum(r["size_download"] for r in result.results)) <= len(spans)
    assert sum(int(row["requests"]) for row in page.rows("distribution")) == 601


def test_even_latencies_have_even_bars(origin, report):
    """All bars are equally wide, and each has what took so long."""
    delays = [f"{origin.http}/delay/{0.6 + 1.4 * i / 200:.5f}" for i in range(200)]
    result, page = report("-i", "-", stdin="\n".join(delays).encode())
    rows = page.rows("distribution")
    bounds = [(number(row["from, ms"]), number(row["to, ms"])) for row in rows]
    assert [end - begin for begin, end in bounds] == [pytest.approx(bounds[0][1] - bounds[0][0])
                                                      ] * len(bounds)
    assert 12 <= len(bounds) <= 60 and ("figure", "data-axis", "linear") in page.attributes
    times = [1000 * r["time_total"] for r in result.results]
    for row, (begin, end) in zip(rows, bounds):
        assert int(row["requests"]) == sum(begin <= time < end for time in times)


def test_a_long_tail_has_bars_of_equal_ratios(origin, report):
    _, page = report("--sequential", *[origin.http + "/delay/0.01"] * 20, origin.http + "/delay/1")
    bounds = [(number(row["from, ms"]), number(row["to, ms"])) for row in page.rows("distribution")]
    ratios = [end / begin for begin, end in bounds]
    assert max(ratios) / min(ratios) < 1.05
    assert ("figure", "data-axis", "log") in page.attributes


def test_the_time_axis_begins_with_the_run(origin, report):
    _, page = report("--sequential", *[origin.http + "/delay/0.1"] * 4)
    rows = [page.requests()[i] for i in range(4)]
    starts = [number(row["accepted, ms"]) + number(row["queue, ms"]) for row in rows]
    assert all(later - earlier >= 90 for earlier, later in zip(starts, starts[1:]))
    assert all(number(row["in flight, mean"]) <= 1 for row in page.rows("series"))
    assert number(page.rows("series")[-1]["from, ms"]) >= 350


def test_what_came_before_the_last_attempt_is_shown(origin, report):
    _, page = report("--retry", "3", "--retry-delay", "200ms", origin.http + "/flaky/1",
                     origin.http + "/nothing")
    flaky, plain = page.requests()[0], page.requests()[1]
    assert (flaky["attempts"], plain["attempts"]) == ("2", "1")
    assert number(flaky["earlier attempts, ms"]) >= 190
    assert number(plain["earlier attempts, ms"]) == 0


def test_a_long_run_has_a_sample_and_says_so(origin, report):
    result, page = report("--fields", "index", "-i", "-",
                          stdin=f"{origin.http}/nothing\n".encode() * 2500)
    assert len(result.lines) == 2500
    assert len(page.requests()) == 2000
    assert "2,000 requests, spread evenly over all 2,500." in page.text
    assert int(page.rows("hosts")[0]["requests"]) == 2500
    assert sum(int(row["requests"]) for row in page.rows("distribution")) == 2500


def test_failures_have_their_messages_and_where_they_came_first(origin, refused, report):
    urls = [origin.http + path for path in ("/status/404?1", "/status/404?2", "/status/500")]
    result, page = report("--sequential", *urls, refused)
    told = {row["message"]: row for name in page.tables if name.startswith("#")
            for row in page.rows(name)}
    assert told["the server answered 404"] == {
        "host": origin.http, "message": "the server answered 404", "times": "2", "first at": urls[0]}
    assert told["the server answered 500"]["first at"] == urls[2]
    assert told[result.by_index[3]["errormsg"]]["first at"] == refused
    assert re.search(r"http: 3\s", page.text) and re.search(r"connect: 1\s", page.text)


def test_numbers_of_the_summary_are_those_of_the_run(origin, path):
    path.parent.mkdir()
    summary = run("--json", "--report", path, *[origin.http + "/bytes/500"] * 5,
                  origin.http + "/status/404").document["summary"]
    page = Page(path)
    (percentiles,) = page.rows("percentiles")
    for name, seconds in summary["latency"].items():
        assert number(percentiles[f"{name}, ms"]) == pytest.approx(1000 * seconds, abs=0.001)
    for word, value in (("requests", 6), ("ok", 5), ("failed", 1)):
        assert re.search(rf"\b{word}\s*{value}\n", page.text), word
    assert "status 200: 5" in page.text and "status 404: 1" in page.text


def test_failures_of_one_kind_are_one_row(origin, report):
    """Their messages differ in milliseconds."""
    second = f"http://127.0.0.2:{origin.port}"
    hang = [f"{host}/hang?{i}" for i in range(6) for host in (origin.http, second)]
    result, page = report("-m", "0.3", *hang, second + "/hang?more")
    messages = {r["errormsg"] for r in result.results}
    (rows,) = [page.rows(name) for name in page.tables if name.startswith("#")]
    assert {(row["host"], row["times"]) for row in rows} == {(origin.http, "6"), (second, "7")}
    assert rows[0]["host"] == second and {row["message"] for row in rows} <= messages


def test_the_slowest_are_in_the_sample(origin, report):
    slow = [17, 400, 1234, 2400]
    lines = [f"{origin.http}/delay/{1 if i in slow else 0}" for i in range(2500)]
    _, page = report("--fields", "index", "-i", "-", stdin="\n".join(lines).encode())
    assert set(slow) < set(page.requests()) and len(page.requests()) == 2000
    assert "The 500 slowest are among them." in page.text


# What was measured


def test_it_says_what_was_measured(origin, report):
    args = ["-c", "7", "-H", "Accept: text/plain", origin.http + "/bytes/1"]
    _, page = report("--title", "Staging, <b>new</b> cache", *args, origin.http + "/status/404")
    terms = page.terms
    assert re.search(r"<h1>Staging, &#60;b&#62;new&#60;/b&#62; cache</h1>", page.source)
    assert re.search(r"<title>Staging, \S+ cache: 2 requests to " + re.escape(origin.http) +
                     r", 2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC</title>", page.source)
    command = terms["Command"]
    assert command.split()[0] == "gather" and command.endswith(f"{origin.http}/status/404")
    assert "-c 7 -H 'Accept: text/plain'" in command and "--title 'Staging, <b>new" in command
    assert terms["Host"] == origin.http and terms["HTTP"] == "HTTP/1.1: 2 responses"
    assert re.fullmatch(r"2\d\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC", terms["Date"])
    machine = os.uname()
    assert terms["Machine"].startswith(f"{machine.nodename}, {machine.sysname} {machine.release}")
    assert re.match(r"gather \S+, libcurl ", terms["Program"])


def test_without_a_title_it_names_what_was_asked(origin, other, report):
    _, page = report(origin.http + "/nothing")
    assert f"<h1>1 request to {origin.http}</h1>" in page.source
    _, page = report(origin.http + "/nothing", other.http + "/nothing")
    assert "<h1>2 requests to 2 hosts</h1>" in page.source
    assert set(page.terms["Hosts"].split()) == {origin.http, other.http}
    _, page = report("-i", "/dev/null")
    assert "<h1>0 requests</h1>" in page.source and page.terms["HTTP"] == "no response"


def test_it_says_which_http_it_was(origin, report):
    _, page = report("--cacert", origin.cacert, "--http1.1", origin.https + "/nothing",
                     "--http2", origin.https + "/status/204", origin.http + "/status/204")
    assert re.fullmatch(r"(HTTP/[\d.]+: \d responses?(, |$))+", page.terms["HTTP"])


def test_the_command_has_no_secrets(origin, refused, report, tmp_path):
    secret = "S3cr3tW0rd"
    url = origin.http.replace("//", f"//me:{secret}@") + f"/nothing?token={secret}"
    (tmp_path / "cert").write_text("none")
    args = [f"-ume:{secret}", f"--user=me:{secret}", "-H", f"Authorization: Bearer {secret}",
            f"-HX-Api-Key: {secret}", "-b", f"a={secret}", "-d", secret, f"--data-binary={secret}",
            "--oauth2-bearer", secret, "-x", refused.replace("//", f"//me:{secret}@"),
            "-e", url.split("?")[0], "--curl", f"PROXYUSERPWD=me:{secret}",
            "--curl=USERPWD=me:" + secret, "--cert", f"{tmp_path}/cert:{secret}",
            "--proxy", f"me:{secret}@{refused.split('/')[2]}", "--title", f"http://me:{secret}@h/"]
    _, page = report(*args, url, "--", url)
    command = page.terms["Command"]
    assert secret not in command and command.count("***") >= len(args) // 2
    assert secret not in page.source.replace(f"nothing?token={secret}", "")
    for word in ("-H", "--oauth2-bearer", "--curl", "--cert", "-x", "'http://me:***@127.0.0.1:"):
        assert word in command


def test_values_of_templates_are_not_in_the_command(origin, report):
    _, page = report("--template", origin.http + "/bytes/{}", "17", "18")
    assert page.terms["Command"].endswith("/bytes/{}' ... (2 more)")


# Nothing in it does anything but show


def test_urls_and_messages_are_inert(origin, report, tmp_path):
    lines = [f"{origin.http}/bytes/1?{text}" for text in HOSTILE]
    lines += [f"http://{text}.invalid/" for text in HOSTILE] + HOSTILE
    plain_tags = report(origin.http + "/nothing", origin.http + "/status/404")[1].tags
    result, page = report("-i", write_list(tmp_path / "list", *lines))
    assert len(result.results) == len(lines) - 1  # U+2028 alone is a blank line
    assert set(page.tags) == set(plain_tags)
    assert [page.tags.count(tag) for tag in ("script", "style", "img")] == [1, 1, 0]
    assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in ("src", "href")]
    urls = {row["URL"] for row in page.requests().values()}
    for text in HOSTILE[:8]:
        if " " in text:  # no URL: never fetched
            continue
        assert f"{origin.http}/bytes/1?{text}" in urls
    assert not re.search("[\u202a-\u202e\x00-\x08\x0e-\x1f]", page.source)


def test_passwords_are_masked(origin, refused, report):
    secrets = [url.replace("//", "//user:s3cret@") for url in (origin.http, refused)]
    _, page = report(secrets[0] + "/nothing", secrets[1], secrets[0] + "/{", "-u", "me:s3cret",
                     "-H", "X-Key: s3cret")
    assert "s3cret" not in page.source
    assert page.requests()[0]["URL"] == origin.http.replace("//", "//user:***@") + "/nothing"


def test_only_what_is_its_own_may_run(origin, report):
    nonces = set()
    for _ in range(2):
        _, page = report(origin.http + "/nothing")
        policy = page.meta["Content-Security-Policy"]["content"]
        (nonce,) = set(re.findall(r"'nonce-(\w+)'", policy))
        assert policy == (f"default-src 'none'; script-src 'nonce-{nonce}'; "
                          f"style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'")
        assert [(tag, value) for tag, name, value in page.attributes if name == "nonce"] == [
            ("style", nonce), ("script", nonce)]
        nonces.add(nonce)
    assert len(nonces) == 2 and all(len(nonce) == 32 for nonce in nonces)


# When it is written


def test_an_interrupted_run_has_its_report(origin, path):
    path.parent.mkdir()
    with start("--report", path, origin.http + "/nothing", origin.http + "/hang") as g:
        g.line()
        g.signal()
        assert g.end().code == 130
    page = Page(path)
    assert {row["failure"] for row in page.requests().values()} == {"-", "canceled"}


def test_a_run_of_nothing_has_a_report(report):
    result, page = report("-i", "/dev/null")
    assert result.code == 0 and page.requests() == {}
    assert "No request was attempted." in page.text


def test_a_report_replaces_the_one_before(origin, report):
    report(*[origin.http + "/nothing"] * 3)
    _, page = report(origin.http + "/nothing")
    assert len(page.requests()) == 1


def test_a_report_that_cannot_be_written_is_exit_status_3(origin, path):
    result = fetch("--report", "/dev/full", origin.http + "/nothing")
    assert result.code == 3 and len(result.results) == 1
    assert result.err == "gather: cannot write /dev/full: No space left on device\n"
    path.parent.mkdir()
    with start("--report", path, "--no-summary", origin.http + "/nothing",
               origin.http + "/delay/1") as g:
        g.line()
        path.parent.rmdir()
        result = g.end()
    assert result.code == 3
    assert result.err == f"gather: cannot write {path}: No such file or directory\n"


def test_a_folder_that_is_not_there_is_known_before_the_run(origin, path):
    result = fetch("--report", path, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"") and str(path) in result.err
    assert origin.seen()["requests"] == 0


# In a browser


LOOK = """
const change = (id, set) => {
	const box = document.getElementById(id);
	set(box);
	box.dispatchEvent(new Event("change"));
	return all("#waterfall svg .name").length;
};
seen.names = all("#waterfall svg .name").map(name => name.textContent);
seen.failed = change("failed", box => { box.checked = true; });
seen.all = change("failed", box => { box.checked = false; });
change("order", box => { box.value = "long"; });
seen.longest = all("#waterfall svg .name")[0].textContent;
press("#waterfall svg", "ArrowDown", "ArrowDown", "ArrowUp");
seen.told = document.querySelector(".readout").textContent;
seen.hosts = [0, 1, 1].map(column => sortBy("hosts", column));
"""


@with_browser
@pytest.mark.parametrize("width", [1280, 320])
def test_a_browser_draws_it(origin, other, path, tmp_path, width):
    path.parent.mkdir()
    urls = [f"{origin.http}/bytes/{1000 + i}" for i in range(20)] + [
        f"{other.http}/delay/0.3", f"{other.http}/status/404"]
    lines = [f"{origin.http}/bytes/1?{text}" for text in HOSTILE[2:8]]
    run("--report", path, *urls, "-i", write_list(tmp_path / "list", *lines))
    seen = drive(path, tmp_path, width, LOOK)
    assert [name for name, _ in seen["drawn"]] == [
        "waterfall", "flight", "rate", "bytes", "latency"]
    assert all(shapes >= 3 for _, shapes in seen["drawn"])
    assert len(seen["names"]) == seen["all"] == 28 and seen["failed"] == 1
    assert "/delay/0.3" in seen["longest"]
    assert f"{other.http}/delay/0.3: 200" in seen["told"] and ", wait " in seen["told"]
    # By name, then by requests, one way and the other.
    assert seen["hosts"] == [min(origin.http, other.http), origin.http, other.http]


ZOOM = """
const view = document.getElementById("view");
const ends = () => all("#flight svg text").map(text => text.textContent);
seen.views = [...view.options].map(option => option.textContent);
seen.chosen = view.selectedIndex;
seen.cut = all("#waterfall svg text").filter(text => text.textContent.startsWith("› ")).length;
seen.zoomed = ends();
view.selectedIndex = 0;
view.dispatchEvent(new Event("change"));
seen.whole = ends();
seen.uncut = all("#waterfall svg text").filter(text => text.textContent.startsWith("› ")).length;
"""


@with_browser
def test_one_that_takes_long_does_not_squeeze_the_others(origin, path, tmp_path):
    path.parent.mkdir()
    run("-s", "--report", path, *[f"{origin.http}/delay/0.2?{i}" for i in range(9)],
        origin.http + "/delay/5")
    seen = drive(path, tmp_path, 1280, ZOOM)
    assert re.fullmatch(r"5\.\d+ s, all", seen["views"][0]) and seen["chosen"] == 1
    assert re.fullmatch(r"\S+ m?s, when 9 of 10 had ended", seen["views"][1])
    assert (seen["cut"], seen["uncut"]) == (1, 0)
    assert "5 s" in seen["whole"] and "5 s" not in seen["zoomed"]


NARROW = """
const lines = cell => {
	const range = document.createRange();
	range.selectNodeContents(cell);
	return new Set([...range.getClientRects()].map(box => Math.round(box.y))).size;
};
const boxes = all(".scroll").filter(box => !box.closest("details"));
seen.broken = all("#hosts tbody th").map(lines);
seen.more = boxes.map(box => [box.scrollWidth > box.clientWidth,
	box.classList.contains("more-right"), getComputedStyle(box).maskImage !== "none"]);
"""


@with_browser
def test_on_a_narrow_screen_hosts_are_whole_and_tables_show_that_they_scroll(origin, path,
                                                                              tmp_path):
    path.parent.mkdir()
    run("-s", "--report", path, origin.http + "/nothing",
        *[f"http://127.0.0.{100 + i}:{origin.port}/nothing" for i in range(3)])
    seen = drive(path, tmp_path, 390, NARROW)
    assert seen["broken"] == [1, 1, 1, 1]
    assert seen["more"] and all(more == [more[0], more[0], True] for more in seen["more"])
    assert any(more[0] for more in seen["more"])


@with_browser
@pytest.mark.parametrize("count, pictures", [(0, 0), (1, 5), (2500, 5)])
def test_a_browser_draws_any_number(origin, path, tmp_path, count, pictures):
    path.parent.mkdir()
    run("-s", "--report", path, "-i", "-", stdin=f"{origin.http}/nothing\n".encode() * count)
    assert browse(path, tmp_path).count("<svg") == pictures


@with_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_browser_shows_it_in_the_theme_that_is_asked_for(origin, path, tmp_path, theme):
    path.parent.mkdir()
    run("-s", "--report", path, *[origin.http + "/bytes/1000"] * 20, origin.http + "/status/404")
    check_picture(path, tmp_path, theme)


@with_browser
@pytest.mark.parametrize("script, complaint", [
    ("<script nonce='{nonce}'>console.error('oh')</script>", "oh"),
    ("<script nonce='{nonce}'>nothing.at.all</script>", "nothing is not defined"),
    ("<script>1</script>", "Content Security Policy"),
    ("<img src='http://127.0.0.1:1/'>", "Content Security Policy")], ids=str)
def test_a_complaint_of_the_browser_is_heard(report, path, tmp_path, script, complaint):
    """So that those tests mean something."""
    _, page = report("-i", "/dev/null")
    nonce = re.search(r"'nonce-(\w+)'", page.source)[1]
    path.write_text(page.source.replace("<main>", "<main>" + script.format(nonce=nonce)))
    with pytest.raises(AssertionError, match=complaint):
        browse(path, tmp_path)
