"""--report with --compare: a page of the levels side by side. Its figures are those that --json
has; a browser draws them."""

import os
import re

import pytest

from harness import fetch, run, start
from pages import Page, browse, check_picture, drive, number, with_browser

PAIRS = [("wall, ms", "wall", 1000), ("requests/s", "rate", 1)]
COUNTS = [("connections", "connections"), ("most at\xa0once", "most_in_flight"),
          ("requests", "requests"), ("failed", "failed")]


@pytest.fixture
def path(tmp_path):
    (tmp_path / "page").mkdir()
    return tmp_path / "page" / "run.html"


@pytest.fixture
def report(path):
    """Runs gather with --compare, --json and --report; returns what it left and the page."""
    def go(*args, **more):
        result = run("--json", "--no-summary", "--report", path, *args, **more)
        assert os.listdir(path.parent) == ["run.html"]  # and no half of one
        return result, Page(path)
    return go


def delays(origin, count, seconds):
    return [f"{origin.http}/delay/{seconds}?i={i}" for i in range(count)]


def notes(page):
    """As on a terminal."""
    found = re.findall(r"<li(?: class=\"warning\"><b>(Warning:)</b> |>)(.*?)</li>", page.source)
    return [("warning: " if word else "") + text for word, text in found]


def check_figures(row, figures):
    for name, member, times in PAIRS:
        assert number(row[name]) == pytest.approx(times * figures[member], abs=0.06)
    for name, member in COUNTS:
        assert int(row[name]) == figures[member]
    for name in ("p50", "p90", "p95", "p99", "p99.9", "max"):
        seconds = figures["latency"][name]
        assert number(row[f"{name}, ms"]) == pytest.approx(1000 * seconds, abs=0.001)


# What is in it


def test_the_figures_are_those_of_the_comparison(origin, report):
    result, page = report("--compare=1,2,6", "--repeat=3", *delays(origin, 6, 0.05))
    levels = result.document["levels"]
    assert result.code == 0 and len(levels) == 3
    for row, level in zip(page.rows("levels"), levels, strict=True):
        assert int(row["level"]) == level["concurrency"]
        assert number(row["speed-up"]) == level["speed_up"]
        assert number(row["efficiency,\xa0%"]) == pytest.approx(100 * level["efficiency"], abs=0.06)
        check_figures(row, level)
    runs = [(level, one) for level in levels for one in level["runs"]]
    for row, (level, one) in zip(page.rows("runs"), runs, strict=True):
        assert (int(row["level"]), int(row["turn"])) == (level["concurrency"], one["turn"])
        assert number(row["off the median,\xa0%"]) == pytest.approx(
            100 * (one["wall"] / level["wall"] - 1), abs=0.06)
        check_figures(row, one)
    assert notes(page) == result.document["notes"]
    assert "<title>gather: 6 requests at 1, 2 and 6 at once, 2" in page.source


def test_the_distributions_have_the_same_bars_and_every_request(origin, report):
    _, page = report("--compare=1,4", "--repeat=2", *delays(origin, 8, 0.02),
                     *delays(origin, 4, 0.2))
    rows = page.rows("distribution")
    for level in ("level 1", "level 4"):
        assert sum(int(row[level]) for row in rows) == 24
        assert sum(int(row[level]) for row in rows if number(row["to, ms"]) > 200) == 8
    bounds = [(number(row["from, ms"]), number(row["to, ms"])) for row in rows]
    assert all(end == begin for (_, end), (begin, _) in zip(bounds, bounds[1:]))


def test_bars_are_equally_wide(origin, report):
    urls = [f"{origin.http}/delay/{0.6 + 1.4 * i / 100:.5f}" for i in range(100)]
    _, page = report("--compare=50,100", *urls)
    rows = page.rows("distribution")
    widths = [number(row["to, ms"]) - number(row["from, ms"]) for row in rows]
    assert widths == [pytest.approx(widths[0])] * len(rows) and 12 <= len(rows) <= 60
    assert ("div", "data-axis", "linear") in page.attributes


def test_it_says_what_was_measured(origin, other, report):
    _, page = report("--compare=1,2", "--title", "Before & after", "-u", "me:s3cret",
                     origin.http + "/nothing?s3cret", other.http + "/status/204")
    assert "<h1>Before &#38; after</h1>" in page.source and "s3cret" not in page.source
    assert "<title>Before &#38; after: 2 requests at 1 and 2 at once, 2" in page.source
    assert set(page.terms["Hosts"].split()) == {origin.http, other.http}
    assert page.terms["HTTP"] == "HTTP/1.1: 4 responses"
    assert " --json " in page.terms["Command"] and "-u 'me:***'" in page.terms["Command"]
    _, page = report("--compare=1,2", origin.http + "/nothing")
    assert "<h1>1 request at 1 and 2 at once</h1>" in page.source


def test_the_fastest_level_is_named(origin, report):
    result, page = report("--compare=1,8", *delays(origin, 8, 0.1))
    assert result.document["void"] is False
    assert re.search(r"Fastest at 8: \d+ ms instead of \S+ \w+, \S+ times as fast\.", page.text)
    assert re.search(r"fastest level8\n", page.text)


def test_of_a_void_comparison_no_level_is_the_fastest(origin, report):
    result, page = report("--compare=1,8", *delays(origin, 7, 0.1), origin.http + "/status/404")
    assert result.code == 1
    assert notes(page) == result.document["notes"] == [
        "warning: failures make this comparison void: 1 of 8 at 1, 1 of 8 at 8"]
    assert "astest" not in page.text and re.search(r"failed2\n", page.text)
    assert [row["failed"] for row in page.rows("levels")] == ["1", "1"]


def test_all_that_is_said_of_it_is_there(origin, report):
    result, page = report("--compare=1,2,50", "--per-host=2", *delays(origin, 4, 0.2))
    told = notes(page)
    assert "warning: level 50 had at most 2 at once, because of --per-host" in told
    assert told == result.document["notes"]
    result, page = report("--compare=1,50", *delays(origin, 4, 0.2))
    assert notes(page) == ["level 50 had 4 at once: there are no more requests"]


@pytest.mark.parametrize("repeat, words", [
    ("1", "Each level had one run."), ("2", "Each repetition began with another level")])
def test_what_the_runs_say(origin, report, repeat, words):
    _, page = report("--compare=1,2", "--repeat", repeat, origin.http + "/nothing")
    assert words in page.text and len(page.rows("runs")) == 2 * int(repeat)


def test_a_comparison_of_nothing_has_a_page(report):
    _, page = report("--compare=1,2", "-i", "/dev/null")
    assert notes(page) == ["warning: there was no request to compare"]
    assert page.rows("distribution") == [] and len(page.rows("levels")) == 2


def test_standard_output_has_the_comparison_as_ever(origin, path):
    args = ("--compare=1,2", "--no-summary", *delays(origin, 4, 0.05))
    plain, reported = run(*args), run(*args, "--report", path)
    texts = [re.sub(r"[\d.]+\S*|[█▏▎▍▌▋▊▉]", "", result.out) for result in (plain, reported)]
    assert texts[0].split() == texts[1].split() and reported.code == 0 and path.exists()


# Nothing in it does anything but show


def test_only_what_is_its_own_may_run(origin, report):
    nonces = set()
    for _ in range(2):
        _, page = report("--compare=1,2", origin.http + "/bytes/1?</script><script>alert(1)",
                         origin.http.replace("//", "//user:s3cret@") + "/status/404")
        policy = page.meta["Content-Security-Policy"]["content"]
        (nonce,) = set(re.findall(r"'nonce-(\w+)'", policy))
        assert policy == (f"default-src 'none'; script-src 'nonce-{nonce}'; "
                          f"style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'")
        assert [(tag, value) for tag, name, value in page.attributes if name == "nonce"] == [
            ("style", nonce), ("script", nonce)]
        assert not [a for a in page.attributes if a[1].startswith("on") or a[1] in ("src", "href")]
        assert "alert" not in page.source and "s3cret" not in page.source
        nonces.add(nonce)
    assert len(nonces) == 2 and all(len(nonce) == 32 for nonce in nonces)


# When it is written


def test_it_is_written_at_the_end(origin, path):
    """And a run within it has none of its own."""
    with start("--compare=1,2", "--report", path, origin.http + "/delay/0.5") as g:
        g.wait_said("run 1 of 2")
        origin.wait(in_flight=1)
        assert os.listdir(path.parent) == []
        result = g.end()
    assert result.code == 0 and len(Page(path).rows("levels")) == 2


def test_an_interrupted_comparison_has_what_was_measured(origin, path):
    """The third run hangs."""
    with start("--compare=1,2,3", "--report", path, *[origin.http + "/nothing"] * 3,
               origin.http + "/delay/0.3") as g:
        g.wait_said("run 2 of 3")
        origin.wait(in_flight=1)
        g.signal()
        assert g.end().code == 130
    page = Page(path)
    assert [row["level"] for row in page.rows("levels")] == ["1", "2"]
    assert "warning: interrupted: this is 2 of 3 runs" in notes(page)


def test_one_interrupted_at_once_has_a_page(origin, path):
    with start("--compare=1,2", "--report", path, "--no-summary", origin.http + "/hang") as g:
        origin.wait(in_flight=1)
        g.signal()
        assert g.end().code == 130
    page = Page(path)
    assert notes(page) == ["warning: interrupted: this is 0 of 2 runs"]
    assert page.rows("levels") == page.rows("runs") == page.rows("distribution") == []


def test_a_report_that_cannot_be_written_is_exit_status_3(origin, path):
    result = run("--compare=1,2", "--no-summary", "--report", "/dev/full", origin.http + "/nothing")
    assert result.code == 3 and result.out.startswith("1 request at each level")
    assert result.err == "gather: cannot write /dev/full: No space left on device\n"
    with start("--compare=1,2", "--report", path, origin.http + "/delay/0.5") as g:
        g.wait_said("run 1 of 2")
        path.parent.rmdir()
        result = g.end()
    assert result.code == 3
    assert result.err.endswith(f"gather: cannot write {path}: No such file or directory\n")


def test_a_folder_that_is_not_there_is_known_before_the_runs(origin, tmp_path):
    path = tmp_path / "nothing" / "run.html"
    result = fetch("--report", path, origin.http + "/nothing")
    assert (result.code, result.raw) == (2, b"") and str(path) in result.err
    assert origin.seen()["requests"] == 0


# In a browser


LOOK = """
const caption = id => document.querySelector(`#${id} figcaption`).textContent;
const texts = query => all(query + " svg text").map(text => text.textContent);
const shown = id => document.getElementById(id).clientWidth > 0;
seen.walls = texts("#walls");
seen.speedUps = shown("speed-ups") ? texts("#speed-ups") : [];
seen.latencies = all("#latencies figcaption b").map(b => b.textContent.trim());
seen.dots = all("#spread circle").length;
seen.told = ["walls", "speed-ups", "spread"].filter(shown).map(id => {
	press(`#${id} svg`, "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp");
	return caption(id);
});
press("#latencies svg", "ArrowRight");
seen.told.push(all("#latencies figcaption")[0].textContent);
seen.turns = [0, 0].map(column => sortBy("runs", column));
"""


@with_browser
@pytest.mark.parametrize("width", [1280, 390, 320])
def test_a_browser_draws_it(origin, path, tmp_path, width):
    run("--compare=1,4,20", "--repeat=2", "--report", path, *delays(origin, 20, 0.05))
    seen = drive(path, tmp_path, width, LOOK)
    assert [name for name, _ in seen["drawn"]] == ["walls", "speed-ups", "", "", "", "spread"]
    assert all(shapes >= 3 for _, shapes in seen["drawn"])
    rows = Page(path).rows("levels")
    assert {"1", "4", "20"} < set(seen["walls"]) and {"1", "4", "20"} < set(seen["speedUps"])
    fastest = number(rows[2]["speed-up"])
    assert f"{fastest:.3g}×" in seen["speedUps"]
    assert seen["latencies"] == ["Level 1", "Level 4", "Level 20"] and seen["dots"] == 6
    walls, speed_ups, spread, latency = seen["told"]
    assert re.match(r"Wall time by level level 4: \S+ \w+, 2 runs of ", walls)
    assert re.match(r"Speed-up by level level 4: \S+× of 4×, \S+ %$", speed_ups)
    assert re.search(r" level 4: .* in turn \d, .* in turn \d$", spread)
    assert re.match(r"Level 1 \S+ ms to \S+ ms: \d+ requests, ", latency)
    assert seen["turns"] == ["6", "1"]  # one way and the other


@with_browser
@pytest.mark.parametrize("args, drawn", [
    (["--compare=1,2", "/nothing"], ["walls", "speed-ups", "", ""]),
    (["--compare=1,2", "--repeat=2", "/status/503"],
     ["walls", "speed-ups", "", "", "spread"]),
    (["--compare=3,4,5,6,7,8,9,10,20,30,40,50,60,70,80,90", "/nothing"],
     ["walls", "speed-ups"] + [""] * 16),
    (["--compare=1,100000", "-i", "/dev/null"], ["walls", "speed-ups"])], ids=str)
def test_a_browser_draws_any(origin, path, tmp_path, args, drawn):
    run("--report", path, *[origin.http + arg if arg[0] == "/" and arg != "/dev/null" else arg
                            for arg in args])
    seen = drive(path, tmp_path, 1280, "")
    assert [name for name, _ in seen["drawn"]] == drawn


@with_browser
def test_a_browser_draws_what_was_measured(origin, path, tmp_path):
    with start("--compare=1,2", "--report", path, *delays(origin, 2, 0.5)) as g:
        g.wait_said("run 1 of 2")
        origin.wait(in_flight=2)
        g.signal()
        g.end()
    assert [name for name, _ in drive(path, tmp_path, 1280, "")["drawn"]] == ["walls", ""]


@with_browser
def test_a_browser_draws_nothing_of_no_run(origin, path, tmp_path):
    with start("--compare=1,2", "--report", path, origin.http + "/hang") as g:
        origin.wait(in_flight=1)
        g.signal()
        g.end()
    assert "<svg" not in browse(path, tmp_path)


@with_browser
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_shows_it_in_the_theme_that_is_asked_for(origin, path, tmp_path, theme, width):
    run("--compare=1,4,20", "--repeat=2", "--report", path, *delays(origin, 20, 0.02))
    check_picture(path, tmp_path, theme, width)
