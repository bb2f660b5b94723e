"""Where requests come from: the command line, globs, lists, standard input."""

import json
import os
import signal
import threading

import pytest

from harness import (PATIENCE, fetch, loads, on_terminal, run, start, targets, without_wrapper,
                     write_list)


def dry(*args, **more):
    """The URLs that would be fetched."""
    result = run("--dry-run", *args, **more)
    assert (result.code, result.err) == (0, "")
    return [loads(line)["url"] for line in result.lines]


# The command line and lists, in order


def test_urls_of_the_command_line_are_fetched(origin):
    result = fetch(origin.http + "/json/a", origin.http + "/json/b?x=1")
    assert result.code == 0
    assert sorted(targets(origin.seen())) == ["/json/a", "/json/b?x=1"]
    assert [r["url"] for r in result.by_index] == [origin.http + "/json/a",
                                                   origin.http + "/json/b?x=1"]


def test_urls_and_lists_are_taken_in_the_order_given(origin, tmp_path):
    first = write_list(tmp_path / "first", *(f"{origin.http}/json/f{i}" for i in (1, 2)))
    second = write_list(tmp_path / "second", *(f"{origin.http}/json/s{i}" for i in (1, 2)))
    result = fetch("--sequential", origin.http + "/json/1", "-i", first, origin.http + "/json/2",
                   "--input-file", second, "--url", origin.http + "/json/3", "-i", first)
    assert result.code == 0
    want = ["1", "f1", "f2", "2", "s1", "s2", "3", "f1", "f2"]
    assert targets(origin.seen()) == [f"/json/{name}" for name in want]
    assert [r["url"].rpartition("/")[2] for r in result.by_index] == want


@pytest.mark.parametrize("args", [[], ["-i", "-"], ["--input-file=-"]],
                         ids=["nothing", "-i -", "--input-file=-"])
def test_standard_input_is_a_list(origin, args):
    urls = f"{origin.http}/json/a\n{origin.http}/json/b\n"
    result = fetch(*args, stdin=urls.encode())
    assert result.code == 0
    assert sorted(targets(origin.seen())) == ["/json/a", "/json/b"]


def test_standard_input_takes_its_place_between_others():
    assert dry("http://1/", "-i", "-", "http://4/", stdin=b"http://2/\nhttp://3/\n") == [
        f"http://{i}/" for i in (1, 2, 3, 4)]


def test_standard_input_is_left_alone_when_there_is_a_url(tmp_path):
    with open(write_list(tmp_path / "list", "http://no/"), "rb") as stdin:
        assert dry("http://yes/", stdin=stdin) == ["http://yes/"]
        assert stdin.read() == b"http://no/\n"


def test_no_url_and_a_terminal_is_a_usage_error():
    code, text = on_terminal()
    assert code == 2
    assert "no URL" in text and "--help" in text


def test_what_follows_two_dashes_is_a_url():
    assert dry("--", "http://a/", "-i") == ["http://a/", "http://-i"]


@pytest.mark.parametrize("stdin", [b"", b"\n", b"# nothing\n\n"], ids=repr)
def test_an_empty_list_is_a_run_without_requests(stdin):
    result = run("--jsonl", stdin=stdin)
    assert (result.code, result.raw) == (0, b"")
    assert result.err.startswith("gather: warning: stdin: no URLs in the list\n0 requests")


# Globs


@pytest.mark.parametrize("glob, want", [
    ("http://h/{a,b}", ["http://h/a", "http://h/b"]),
    ("http://h/{a}", ["http://h/a"]),
    ("http://h/{,x}y", ["http://h/y", "http://h/xy"]),
    ("http://{a,b}.example/", ["http://a.example/", "http://b.example/"]),
    ("{http,https}://h/", ["http://h/", "https://h/"]),
    ("http://h/[1-3]", ["http://h/1", "http://h/2", "http://h/3"]),
    ("http://h/[7-7]", ["http://h/7"]),
    ("http://h/[8-12:2]", ["http://h/8", "http://h/10", "http://h/12"]),
    ("http://h/[01-10:3]", ["http://h/01", "http://h/04", "http://h/07", "http://h/10"]),
    ("http://h/[001-2]", ["http://h/001", "http://h/002"]),
    ("http://h/[9-11]", ["http://h/9", "http://h/10", "http://h/11"]),
    ("http://h/[1-5:9]", ["http://h/1"]),
    ("http://h/[a-c]", ["http://h/a", "http://h/b", "http://h/c"]),
    ("http://h/[A-E:2]", ["http://h/A", "http://h/C", "http://h/E"]),
    ("http://h/{a,b}/[1-2]?q=[x-y]",
     [f"http://h/{w}/{n}?q={q}" for w in "ab" for n in "12" for q in "xy"]),
    ("http://[::1]/[1-2]", ["http://[::1]/1", "http://[::1]/2"]),
    ("http://[fe80::1%25eth0]/{a,b}", ["http://[fe80::1%25eth0]/a", "http://[fe80::1%25eth0]/b"]),
    ("http://[2001:db8::1:2]:8080/", ["http://[2001:db8::1:2]:8080/"]),
    (r"http://h/\{a,b\}", ["http://h/{a,b}"]),
    (r"http://h/\[1-3\]", ["http://h/[1-3]"]),
    (r"http://h/{a\,b,c\}}", ["http://h/a,b", "http://h/c}"]),
    (r"http://h/a\b", [r"http://h/a\b"]),
    ("http://h/a,b", ["http://h/a,b"]),
])
def test_a_glob_expands(glob, want):
    assert dry(glob) == want


def test_a_glob_may_be_vast():
    """It is counted through, never written out."""
    with start("--dry-run", "http://h/[0-9999999999]/{a,b}") as g:
        assert [loads(g.line())["url"] for _ in range(3)] == [
            "http://h/0/a", "http://h/0/b", "http://h/1/a"]


@pytest.mark.parametrize("option", ["-g", "--globoff"])
def test_globoff_takes_urls_as_they_are(option):
    assert dry(option, "http://h/{a,b}[1-3]") == ["http://h/{a,b}[1-3]"]


@pytest.mark.parametrize("glob, column", [
    ("http://h/{a,b", 10), ("http://h/a}", 11), ("http://h/[1-3", 10), ("http://h/x]", 11),
    ("http://h/[3-1]", 10), ("http://h/[c-a]", 10), ("http://h/[a-Z]", 10), ("http://h/[x]", 10),
    ("http://h/[1-9:0]", 10), ("http://h/[1-9:x]", 10), ("http://h/{a,{b}}", 13),
    ("http://h/{}", 10), ("http://h/[1-99999999999999999999]", 10),
])
def test_a_broken_glob_is_a_failed_result_and_the_rest_goes_on(origin, glob, column):
    result = fetch(glob, origin.http + "/nothing")
    bad, good = result.by_index
    assert result.code == 1 and good["ok"]
    assert (bad["error"], bad["url"], bad["http_code"]) == ("input", glob, 0)
    assert bad["errormsg"].endswith(f"column {column}") or f"column {column} " in bad["errormsg"]


def test_lists_are_globbed_only_when_asked(origin, tmp_path):
    name = write_list(tmp_path / "list", origin.http + "/json/[1-3]", origin.http + "/json/{a,b}")
    assert fetch("--sequential", "-i", name).code == 0
    assert len(targets(origin.seen())) == 2
    origin.reset()
    assert fetch("--sequential", "--glob", "-i", name).code == 0
    assert targets(origin.seen()) == [f"/json/{x}" for x in ("1", "2", "3", "a", "b")]


# What a line may be


@pytest.mark.parametrize("text", [
    b"http://a/\nhttp://b/\n",
    b"http://a/\nhttp://b/",
    b"http://a/\r\nhttp://b/\r\n",
    b"http://a/\r\nhttp://b/\r",
    b"\xef\xbb\xbfhttp://a/\nhttp://b/\n",
    b"\xef\xbb\xbf# of a list\r\nhttp://a/\r\nhttp://b/",
    b"# one\nhttp://a/\n#http://no/\n  # two\n\t#\nhttp://b/\n#",
    b"\n\n   \nhttp://a/\n\t\n\r\nhttp://b/\n\n",
    b"  http://a/\t\n\thttp://b/  \n",
], ids=repr)
def test_comments_blanks_crlf_and_a_bom_ask_for_nothing(text):
    assert dry(stdin=text) == ["http://a/", "http://b/"]


def test_a_hash_behind_a_url_belongs_to_it():
    assert dry(stdin=b"http://a/#part\n") == ["http://a/#part"]


def test_each_line_has_exactly_one_result(origin, tmp_path):
    """Whatever bytes are in it; those that ask for nothing have none."""
    lines = [origin.http.encode() + b"/json/" + bytes([n]) + b"x"
             for n in range(1, 256) if n not in (10, 13)]
    result = fetch("-i", write_list(tmp_path / "list", *lines))
    assert len(result.by_index) == len(lines)
    bad = [line[-2] for line, r in zip(lines, result.by_index) if r["error"] == "input"]
    assert set(bad) >= {n for n in (*range(1, 32), 127) if n not in (10, 13)}
    assert all(r["ok"] or r["error"] for r in result.results)


def test_a_bad_line_is_a_failed_result_that_names_its_place(origin, tmp_path):
    good = origin.http + "/json/good"
    lines = [
        good, "gopherx://h/", "http://h/\0x", "http://h/\x1b[31m", "http://h/\x7f", "\x01",
        "http://h/" + "a" * (1 << 20), "http://", "http://h:99999/", "http://[::1/", good]
    name = write_list(tmp_path / "list", *lines)
    result = fetch("-i", name)
    results = result.by_index
    assert result.code == 1
    assert len(results) == len(lines)
    assert [r["ok"] for r in results] == [line == good for line in lines]
    for number, r in enumerate(results[1:-1], 2):
        assert (r["error"], r["http_code"], r["ok"]) == ("input", 0, False), r
        assert r["errormsg"].startswith(f"{name}:{number}: "), r
    assert "NUL" in results[2]["errormsg"]
    assert "1 MiB" in results[6]["errormsg"]
    assert len(results[6]["url"]) < 200
    assert targets(origin.seen()) == ["/json/good"] * 2


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""], ids=repr)
def test_a_line_may_have_a_mebibyte_and_no_more(end):
    line = b"http://h/".ljust(1 << 20, b"x")
    assert dry(stdin=line + end) == [line.decode()]
    result = run("--dry-run", stdin=line + b"x" + end)
    assert (result.code, result.raw) == (1, b"")
    assert "stdin:1: " in result.err and "1 MiB" in result.err


def test_a_comment_may_be_of_any_length():
    assert dry(stdin=b"#" * (3 << 20) + b"\nhttp://a/\n") == ["http://a/"]


def test_standard_input_is_named_where_a_line_is_bad():
    bad = fetch(stdin=b"\n# two\nnope://h/\n").result
    assert bad["error"] == "input" and bad["errormsg"].startswith("stdin:3: ")


@pytest.mark.parametrize("name", ["/nonexistent/list", "/tmp", "/proc/self/mem"],
                         ids=["missing", "directory", "unreadable"])
def test_a_list_that_cannot_be_read_is_a_failed_result(origin, name):
    result = fetch(origin.http + "/json/a", "-i", name, origin.http + "/json/b")
    first, bad, last = result.by_index
    assert result.code == 1
    assert first["ok"] and last["ok"]
    assert bad["error"] == "input" and bad["errormsg"].startswith(name + ":")
    assert sorted(targets(origin.seen())) == ["/json/a", "/json/b"]


def test_a_table_that_cannot_be_read_is_a_failed_result():
    bad = fetch("--csv-input", "-i", "/tmp", "--template", "http://h/{a}").result
    assert (bad["error"], bad["errormsg"]) == ("input", "/tmp: cannot read the list: Is a directory")


# As it arrives


def test_a_pipe_that_stays_open_is_served_as_it_speaks(origin):
    with start("--jsonl", stdin="pipe") as g:
        for i in range(3):
            g.write(f"{origin.http}/json/{i}\n")
            assert origin.wait(requests=i + 1)["requests"] == i + 1
            assert loads(g.line())["url"] == f"{origin.http}/json/{i}"
        result = g.end()
    assert (result.code, result.raw) == (0, b"")
    assert result.err.startswith("3 requests")


def test_a_line_may_arrive_in_pieces(origin):
    with start("--jsonl", stdin="pipe") as g:
        g.write(f"{origin.http}/json/a\n{origin.http}/js")
        g.line()
        g.write("on/b")
        g.write("c\n")
        assert loads(g.line())["url"] == f"{origin.http}/json/bc"
        assert g.end().code == 0
    assert targets(origin.seen()) == ["/json/a", "/json/bc"]


def test_a_list_is_read_no_further_than_it_is_needed(origin):
    line = f"{origin.http}/delay/0.01?{'x' * 900}\n".encode()
    lines_written = 0

    def feed(pipe):
        nonlocal lines_written
        try:
            while True:
                os.write(pipe, line * 16)
                lines_written += 16
        except OSError:  # gather has gone
            pass

    with start("--no-summary", "-c", "2", "--jsonl", stdin="pipe") as g:
        writer = threading.Thread(target=feed, args=(os.dup(g.process.stdin.fileno()),))
        writer.start()
        try:
            for _ in range(100):
                g.line()
            written = lines_written
            fetched = origin.seen()["requests"]
        finally:
            g.process.kill()
            g.process.wait()
            writer.join(PATIENCE)
    # 64 kB lie in the pipe, and gather takes 64 kB at a time.
    assert written - fetched < 300


@without_wrapper
def test_a_fifo_without_a_writer_holds_up_nothing_else(origin, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with start("--jsonl", origin.http + "/json/a", "-i", tmp_path / "fifo") as g:
        assert loads(g.line(timeout=10))["ok"]
        g.signal(signal.SIGINT)
        g.process.wait(timeout=10)
        assert g.end().code == 130


def test_a_fifo_is_a_list(origin, tmp_path):
    os.mkfifo(tmp_path / "fifo")
    with start("--jsonl", "-i", tmp_path / "fifo") as g:
        with open(tmp_path / "fifo", "w", encoding="ascii", buffering=1) as fifo:
            fifo.write(f"{origin.http}/json/a\n")
            assert loads(g.line())["ok"]
            fifo.write(f"{origin.http}/json/b\n")
            assert loads(g.line())["ok"]
        assert g.end().code == 0


# Which of them, and what would be


def test_unique_drops_what_comes_again_and_keeps_the_order(origin, tmp_path):
    name = write_list(tmp_path / "list", *(f"{origin.http}/json/{c}" for c in "bacab"))
    result = fetch("--unique", "--sequential", origin.http + "/json/a", "-i", name, "-i", name,
                   origin.http + "/json/{b,d}")
    assert result.code == 0
    assert targets(origin.seen()) == [f"/json/{c}" for c in "abcd"]
    assert [r["index"] for r in result.by_index] == [0, 1, 2, 3]


def test_without_unique_nothing_is_dropped(origin):
    assert fetch(*[origin.http + "/json/a"] * 3).code == 0
    assert targets(origin.seen()) == ["/json/a"] * 3


def test_shards_split_the_list_by_host():
    urls = [f"http://{host}:{port}/{page}" for host in ("a.example", "B.example", "c.example",
            "d.example", "127.0.0.1", "[::1]", "e.example") for port in (80, 81) for page in "xy"]
    urls += [url.upper().replace("HTTP", "https") for url in urls]
    shares = [dry("--shard", f"{i}/3", "-g", *urls) for i in (1, 2, 3)]
    assert sorted(sum(shares, [])) == sorted(urls)
    assert all(share == [url for url in urls if url in share] for share in shares)
    hosts = [{url.lower().split("/")[2].rpartition(":")[0] for url in share} for share in shares]
    assert not (hosts[0] & hosts[1] or hosts[0] & hosts[2] or hosts[1] & hosts[2])
    assert all(hosts)
    assert dry("--shard", "1/1", "-g", *urls) == urls


@pytest.mark.parametrize("share", ["1/2", "2/2"])
def test_a_run_can_be_ended_while_a_share_has_nothing(refused, share):
    """One of them has all of these, of which there are more than anybody counts."""
    result = run("-s", "--no-summary", "--shard", share, "--deadline", "200ms",
                 refused + "[1-9111111111111]")
    assert result.code == 1


def test_shards_are_the_same_on_every_machine():
    """Two versions of gather may work on one list. To change this is to break that."""
    urls = [f"http://{c}.example/" for c in "abcdefgh"]
    shares = ["".join(url[7] for url in dry("--shard", f"{i}/3", *urls)) for i in (1, 2, 3)]
    assert shares == ["fh", "d", "abceg"]


def test_a_bad_line_is_in_exactly_one_shard():
    counts = [len(fetch("--shard", f"{i}/3", stdin=b"nope://x\0\n").lines) for i in (1, 2, 3)]
    assert sorted(counts) == [0, 0, 1]


def test_dry_run_prints_job_lines_and_fetches_nothing(origin, tmp_path):
    name = write_list(tmp_path / "list", "# two", origin.http + '/a"b', origin.http + "/\u00e9")
    result = run("--dry-run", "-X", "PUT", "-H", "X-A: 1", "-H", "x-a: 2", "-H", "X-B:3", "-d",
                 'x="1"', origin.http + "/[1-2]", "-i", name)
    assert (result.code, result.err) == (0, "")
    rest = {"method": "PUT", "headers": {"X-A": ["1", "2"], "X-B": ["3"]}, "body": 'x="1"'}
    assert [loads(line) for line in result.lines] == [
        {"url": origin.http + path, **rest} for path in ("/1", "/2", '/a"b', "/\u00e9")]
    assert origin.seen()["requests"] == 0


@pytest.mark.parametrize("args, more", [
    ([], {}), (["-X", "GET"], {}), (["-I"], {"method": "HEAD"}),
    (["-X", "HEAD"], {"method": "HEAD"}),
    (["-d", "a"], {"method": "POST", "body": "a"}), (["-d", ""], {"method": "POST", "body": ""}),
    (["-X", "GET", "-d", "a"], {"method": "GET", "body": "a"}),
], ids=str)
def test_dry_run_says_only_what_is_not_plain(args, more):
    result = run("--dry-run", *args, "http://h/")
    assert [json.loads(line) for line in result.lines] == [{"url": "http://h/", **more}]


def test_dry_run_says_what_is_bad_and_exits_1(tmp_path):
    name = write_list(tmp_path / "list", "http://a/", "http://", "http://b/")
    result = run("--dry-run", "-i", name, "-i", "/nonexistent/list", "http://c/{")
    assert result.code == 1
    assert [loads(line)["url"] for line in result.lines] == ["http://a/", "http://b/"]
    complaints = result.err.splitlines()
    assert len(complaints) == 3
    assert f"{name}:2: " in complaints[0]
    assert "/nonexistent/list: " in complaints[1]
    assert "http://c/{" in complaints[2]
