"""--waterfall: a row for each request, on standard error, that fits where it goes."""

import re
import unicodedata

import pytest

from harness import on_terminal, run

ROW = re.compile(r"(\d{3}|[a-z-]+) +([\d.]+) (us|ms|s)  ?(\S+) +(\S.*)?$")
BLOCKS = "·×╌─═▒█▏▎▍▌▋▊▉"
LETTERS = ".x~-=:#"


class Picture:
    """What stands in a waterfall."""

    def __init__(self, text):
        self.lines = text.replace("\r\n", "\n").strip("\n").split("\n\n")[0].split("\n")
        self.title, *rest = self.lines
        end = next(i for i, line in enumerate(rest) if line[0] == " ")
        self.axis, self.legend = rest[end], " ".join(rest[end + 1:])
        self.rows = [ROW.fullmatch(line) for line in rest[:end]]
        assert all(self.rows), rest

    @property
    def names(self):
        return [row[4] for row in self.rows]

    @property
    def labels(self):
        return [row[1] for row in self.rows]

    def bar(self, i):
        return re.sub(" ", "", self.rows[i][5])


def picture(*args, **more):
    result = run("--no-results", "--no-summary", "--waterfall", *args, **more)
    assert result.out == ""
    return Picture(result.err)


def delays(origin, count, seconds=0.05):
    return [f"{origin.http}/delay/{seconds}?{i}" for i in range(count)]


# What it shows


def test_a_row_for_each_request_in_the_order_of_the_input(origin):
    drawn = picture("--sequential", origin.http + "/nothing", origin.http + "/status/404",
                    origin.http + "/delay/0.1", origin.http)
    assert drawn.title == "4 requests to " + origin.http
    assert drawn.names == ["/nothing", "/status/404", "/delay/0.1", "/"]
    assert drawn.labels == ["200", "404", "200", "200"]
    assert drawn.axis.lstrip(" ").startswith("└0 ")


def test_phases_are_where_the_time_went(origin):
    """Each has its characters, and the legend names those that there are."""
    drawn = picture("--retry", "1", "--retry-delay", "150ms", "-c", "1",
                    origin.http + "/drip?bytes=1000&chunks=10&seconds=0.3",
                    origin.http + "/delay/0.3", origin.http + "/flaky/1?status=503")
    receive, wait, again = (drawn.bar(i) for i in range(3))
    assert receive.count("█") > 0.8 * len(receive) > 5
    assert re.fullmatch("·*▒+[█▏▎▍▌▋▊▉]?", wait) and len(wait) > 5
    assert re.fullmatch("·*×+[▒─╌█▏▎▍▌▋▊▉]?", again) and again.count("×") > 5
    for words in ("· queue", "× earlier attempts", "▒ wait", "█ receive"):
        assert words in drawn.legend
    assert "TLS" not in drawn.legend


def test_tls_has_its_phase(origin):
    drawn = picture("--cacert", origin.cacert, origin.https + "/nothing")
    assert "═ TLS" in drawn.legend and "═" in drawn.bar(0)


def test_failures_say_their_class(origin, refused):
    drawn = picture("-m", "0.5", origin.http + "/hang", refused, origin.http + "/status/500")
    assert drawn.labels == ["timeout", "connect", "500"]
    assert drawn.title == "3 requests" and drawn.names[2].endswith("/status/500")


def test_of_more_requests_than_rows_there_is_a_sample(origin):
    drawn = picture(*delays(origin, 100, 0))
    assert len(drawn.rows) == 40 and max(map(len, drawn.lines)) <= 80  # this is no terminal
    assert drawn.title == f"40 requests of 100, the 10 slowest among them, to {origin.http}"
    places = [int(name.split("?")[1]) for name in drawn.names]
    assert places == sorted(places)
    assert all(1 <= b - a <= 7 for a, b in zip([-1, *places], [*places, 100]))


@pytest.mark.parametrize("count", [41, 400])
def test_the_slowest_are_always_there(origin, count):
    urls = delays(origin, count, 0)
    slow = [7, 11, 12, 13, 23, 29, 30, 39]
    for i in slow:
        urls[i] = f"{origin.http}/delay/1?{i}"
    drawn = picture("-c", "20", *urls)
    places = [int(name.split("?")[1]) for name in drawn.names]
    assert len(drawn.rows) == 40 and set(slow) <= set(places) and len(set(places)) == 40


def test_one_that_takes_long_does_not_squeeze_the_others(origin):
    drawn = picture(*delays(origin, 9, 0.2), f"{origin.http}/delay/5?slow")
    assert drawn.legend.endswith("> ends later") and drawn.bar(9).endswith(">")
    for i in range(9):
        assert "▒" * 5 in drawn.bar(i) and ">" not in drawn.bar(i)


def test_what_was_never_attempted_is_counted(origin):
    missing = ["--no-results", "--no-summary", "--waterfall", "-i", "/nonexistent"]
    assert run(*missing).err == "1 request was never attempted\n"
    lines = run(*missing, "-i", "/nonexistent/too", origin.http + "/nothing").err.splitlines()
    assert lines[0] == "1 request to " + origin.http and lines[1].startswith("200 ")
    assert lines[-1] == "2 requests were never attempted"
    assert run("--waterfall", "-i", "/dev/null", "--no-summary").err == \
        "gather: warning: /dev/null: no URLs in the list\n"


# Where it goes


def test_it_stands_between_the_results_and_the_summary(origin):
    result = run("--waterfall", origin.http + "/nothing")
    assert len(result.lines) == 1
    drawn, summary = result.err.split("\n\n")
    assert drawn.startswith("\n1 request to ") and summary.startswith("1 request in ")


@pytest.mark.parametrize("form", ["--jsonl", "--json", "--csv", "--cat"])
def test_data_is_not_touched(origin, form):
    url = origin.http + "/bytes/10"
    args = [form] if form == "--cat" else [form, "--fields", "url"]
    drawn = run("--waterfall", *args, url)
    assert "1 request to" in drawn.err
    if form != "--json":  # whose summary has times
        assert drawn.raw == run(*args, url).raw


def test_an_interrupted_run_has_one(origin):
    code, text = on_terminal("--no-results", "--no-summary", "--no-progress", "--waterfall", "--deadline",
                             "0.3", origin.http + "/hang", origin.http + "/nothing")
    drawn = Picture(re.sub(r"\x1b\[\d*m", "", text))
    assert code == 1 and drawn.labels == ["deadline", "200"]


@pytest.mark.parametrize("columns", [40, 80, 132])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_it_fits_the_terminal(origin, refused, columns, locale):
    urls = [*delays(origin, 10), refused, origin.http + "/" + "long/" * 50, origin.http + "/s%C3%A4"]
    code, text = on_terminal("--no-results", "--waterfall", "--no-progress", "--color=never", *urls,
                             columns=columns, env={"LC_ALL": locale})
    drawn = Picture(text)
    assert code == 1 and len(drawn.rows) == 13
    widths = [len(line) for line in drawn.lines]
    assert 0.9 * columns < max(widths) <= columns
    marks = "".join(drawn.bar(i) for i in range(13))
    if locale == "C":
        assert text.isascii() and set(marks) <= set(LETTERS)
    else:
        assert set(marks) <= set(BLOCKS)
    long = drawn.names[11]
    assert long.endswith("long/") and ("…" if locale != "C" else "..") in long


def test_a_terminal_has_as_many_rows_as_it_shows(origin):
    """The pictures, the blank line and the prompt are the other lines of 24."""
    _, text = on_terminal("--no-results", "--no-summary", "--no-progress", "--color=never", "--waterfall",
                          *delays(origin, 100, 0))
    drawn = Picture(text)
    assert len(drawn.rows) == 19 and "19 requests of 100," in drawn.title
    assert len(drawn.lines) <= 23


def test_names_of_two_columns_leave_the_bars_in_line(origin):
    urls = [origin.http + "/delay/0.05?" + name for name in ("世界", "a", "é")]
    _, text = on_terminal("--no-results", "--no-summary", "--no-progress", "--color=never", "--waterfall",
                          *urls)
    starts = []
    for line in Picture(text).lines[1:4]:  # all begin at once
        at = next(i for i, c in enumerate(line) if c in BLOCKS)
        starts.append(sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in line[:at]))
    assert len(set(starts)) == 1


@pytest.mark.parametrize("args, env, has_color", [
    ([], {}, True), ([], {"NO_COLOR": "1"}, False), ([], {"TERM": "dumb"}, False),
    (["--color", "never"], {}, False), (["--color", "always"], {"NO_COLOR": "1"}, True)], ids=str)
def test_colors_are_for_terminals(origin, args, env, has_color):
    urls = [origin.http + path for path in ("/delay/0.1", "/status/404", "/status/500")]
    command = ["--no-results", "--no-progress", "--waterfall", *args, *urls]
    _, text = on_terminal(*command, env=env)
    assert ("\x1b" in text) is has_color
    for code in ("\x1b[32m200", "\x1b[33m404", "\x1b[31m500", "\x1b[94m▒", "\x1b[31mhttp\x1b[0m: 2"):
        assert (code in text) is has_color, code
    assert ("\x1b" in run(*command, env=env).err) is ("always" in args)


# What may be in a name


def test_no_name_steers_the_terminal(origin):
    lines = [f"{origin.http}/\x1b[2Ja".encode(), f"{origin.http}/\u202egpj".encode(),
             f"{origin.http}/\x9b31m".encode(), origin.http.encode() + b"/\xff\xfe",
             f"{origin.http}/bell\x07".encode(), b"foo://x\x1b[0m"]
    result = run("--no-results", "--waterfall", "-i", "-", stdin=b"\n".join(lines))
    assert "\x1b" not in result.err
    assert not any(unicodedata.category(c) in ("Cc", "Cf") for c in result.err if c != "\n")


def test_passwords_are_masked(origin):
    drawn = picture(origin.http.replace("://", "://user:secret@") + "/nothing")
    assert "secret" not in "".join(drawn.lines) and "user:***@" in drawn.title
