"""Lists whose lines are JSON objects: what the server sees of each, and what comes back."""

import json
import os

import pytest

from harness import fetch, loads, run, start, targets, write_list

USUAL = {"Host", "User-Agent", "Accept"}


def job(url, **members):
    return json.dumps({"url": url, **members}, ensure_ascii=False)


def echoes(result):
    """What the server saw of each request that was answered, by its index."""
    return {r["index"]: loads(r["body"]) for r in result.results if r["ok"] and r["body"]}


def sent(echo):
    """The headers that are not there by themselves, as a list of pairs."""
    return [(name, value) for name, value in echo["headers"] if name not in USUAL]


def echo_of(origin, *args, **members):
    """What the server sees of one job at /echo."""
    result = fetch("--body", *args, "-i", "-", stdin=job(origin.http + "/echo", **members).encode())
    assert result.code == 0, result
    return echoes(result)[0]


# What the server sees


@pytest.mark.parametrize("members, method, headers, body", [
    ({}, "GET", [], ""),
    ({"method": "DELETE"}, "DELETE", [], ""),
    ({"body": "a=1"}, "POST", [("Content-Length", "3"),
                               ("Content-Type", "application/x-www-form-urlencoded")], "a=1"),
    ({"body": "\r\n\x01\u00e9", "method": "PUT", "headers": {"Content-Type": "a/b"}}, "PUT",
     [("Content-Type", "a/b"), ("Content-Length", "5")], "\r\n\x01\u00e9"),
    ({"json": {"a": [1, None]}}, "POST",
     [("Content-Type", "application/json"), ("Content-Length", "14")], '{"a":[1,null]}'),
    ({"headers": {"X-A": "1", "X-B": ["2", "3"], "X-C": "", "X-D": None}}, "GET",
     [("X-A", "1"), ("X-B", "2"), ("X-B", "3"), ("X-C", "")], ""),
    ({"user": "me:pass:word"}, "GET", [("Authorization", "Basic bWU6cGFzczp3b3Jk")], ""),
], ids=str)
def test_a_job_is_sent_as_it_says(origin, members, method, headers, body):
    echo = echo_of(origin, **members)
    assert (echo["method"], echo["body"]) == (method, body)
    assert sorted(sent(echo)) == sorted(headers)


def test_headers_stand_in_the_order_of_the_job(origin):
    names = ["X-B", "X-A", "X-C"]
    echo = echo_of(origin, headers={name: "1" for name in names})
    assert [name for name, _ in sent(echo)] == names


def test_a_header_can_be_left_out(origin):
    echo = echo_of(origin, headers={"Accept": None, "User-Agent": None})
    assert {name for name, _ in echo["headers"]} == {"Host"}


def test_numbers_in_json_are_sent_as_they_were_written(origin):
    line = '{"url": "%s/echo", "json": {"n" : 12345678901234567890, "x": 1.50}}' % origin.http
    result = fetch("--body", stdin=line.encode())
    assert echoes(result)[0]["body"] == '{"n":12345678901234567890,"x":1.50}'


def test_a_file_is_a_body(origin, tmp_path):
    (tmp_path / "body").write_bytes(b"\xff\0\r\n")
    result = fetch("--body", stdin=job(origin.http + "/echo", body_file="body").encode(),
                   cwd=tmp_path)
    assert echoes(result)[0]["body_base64"] == "/wANCg=="


def test_a_job_goes_before_the_options(origin):
    options = ["-X", "PATCH", "-d", "old", "-H", "X-A: old", "-H", "X-B: old", "-u", "old:old"]
    plain = echo_of(origin, *options)
    assert (plain["method"], plain["body"]) == ("PATCH", "old")
    assert ("X-A", "old") in sent(plain)
    changed = echo_of(origin, *options, method="PUT", body="new", user="me:pw",
                      headers={"x-a": "new"})
    assert (changed["method"], changed["body"]) == ("PUT", "new")
    assert [pair for pair in sent(changed) if pair[0].lower().startswith("x-")] == [
        ("X-B", "old"), ("x-a", "new")]
    assert ("Authorization", "Basic bWU6cHc=") in sent(changed)


def test_nothing_of_a_job_stays_for_the_next(origin, tmp_path):
    """Though they use one easy handle, one after another, and its connection."""
    url = origin.http + "/echo"
    name = write_list(tmp_path / "list", url, job(url, headers={"X-A": "1"}, user="a:b"),
                      url, job(url, body="x", method="PUT"), job(url), job(url, method="HEAD"), url)
    result = fetch("--sequential", "--body", "-i", name)
    assert result.code == 0
    seen = origin.seen()
    assert [entry["method"] for entry in seen["log"]] == [
        "GET", "GET", "GET", "PUT", "GET", "HEAD", "GET"]
    answers = echoes(result)
    assert [sent(answers[i]) for i in (0, 2, 4, 6)] == [[]] * 4
    assert [answers[i]["body"] for i in (0, 2, 3, 4, 6)] == ["", "", "x", "", ""]


def test_ten_thousand_jobs_each_with_its_own_body(origin, tmp_path):
    count = 10000
    name = write_list(tmp_path / "list", *(
        job(origin.http + "/echo", id=i, body=f"row {i}", headers={"X-Row": str(i)})
        for i in range(count)))
    result = fetch("-c", "50", "--body", "-i", name)
    assert result.code == 0
    assert origin.seen()["requests"] == count
    seen = set()
    for r in result.by_index:
        echo = loads(r["body"])
        assert r["id"] == r["index"]
        assert echo["body"] == f"row {r['id']}"
        assert dict(echo["headers"])["X-Row"] == str(r["id"])
        seen.add(echo["body"])
    assert len(seen) == count


# What comes back


def test_ids_come_back_as_they_were_written(origin):
    ids = ["12345678901234567890", "9007199254740993", "9007199254740992", "1.50e+3", "-0", '"a"',
           '"\\u00e9"', "null", "[1, 2]", '{"a" : "}"}', "true"]
    lines = [f'{{"url":"{origin.http}/json/x", "id": {text} , "meta":{text}}}' for text in ids]
    result = fetch("--ordered", stdin="\n".join(lines).encode())
    assert result.code == 0
    for line, text in zip(result.lines, ids):
        assert f'"id":{text},"meta":{text},' in line


def test_ids_in_other_formats(origin):
    lines = [job(origin.http + "/json/x", id=value) for value in (2 ** 64 + 1, 'a,"b', None)]
    lines.append(origin.http + "/json/x")
    stdin = "\n".join(lines).encode()
    want = ["18446744073709551617", 'a,"b', "", ""]
    result = run("--csv", "--fields", "index,id", "--ordered", "--no-summary", stdin=stdin)
    assert [row["id"] for row in result.rows] == want
    assert run("-w", "%{id}\\n", "--ordered", "--no-summary", stdin=stdin).lines == want


def test_urls_and_jobs_mix(origin, tmp_path):
    name = write_list(tmp_path / "list", "# a list", origin.http + "/json/1", "",
                      "  " + job(origin.http + "/json/2", id=2) + "\t",
                      job(origin.http + "/json/{3,4}", id=3), origin.http + "/json/5", end="\r\n")
    result = fetch("--sequential", "-i", name, origin.http + "/json/6")
    assert result.code == 0
    assert [r["id"] for r in result.by_index] == [None, 2, 3, None, None]
    assert targets(origin.seen()) == ["/json/1", "/json/2", "/json/{3,4}", "/json/5", "/json/6"]


def test_urls_only_takes_nothing_else_from_a_list(origin, tmp_path):
    """A file of this machine would be sent otherwise."""
    secret = tmp_path / "secret"
    secret.write_text("private")
    result = fetch("--urls-only", "-i", "-", stdin="\n".join([
        origin.http + "/echo", " " + job(origin.http + "/echo", body_file=str(secret))]).encode())
    assert result.code == 1 and targets(origin.seen()) == ["/echo"]
    bad = result.by_index[1]
    assert (bad["error"], bad["url"]) == ("input", None)
    assert bad["errormsg"] == "stdin:2: a job line, and --urls-only is given"


def test_a_job_is_fetched_as_soon_as_its_line_is_there(origin):
    with start("--jsonl", "--no-summary", stdin="pipe") as g:
        for i in range(3):
            g.write(job(origin.http + "/json/x", id=i) + "\n")
            assert loads(g.line())["id"] == i
        assert g.end().code == 0


BAD = {
    '{"url":"u"': "not a job: it is no JSON",
    '{"id":1}': 'no "url"',
    '{"url":"http://h/","colour":"red"}': 'no job has a "colour"',
    '{"url":"http://h/","url":"http://h/"}': '"url" comes twice',
    '{"url":"http://h/","retry":"3"}': '"retry" is a string, not a number',
    '{"url":"http://h/","headers":{"A":"x\\r\\nB: y"}}': '"headers": a control character in "A"',
    '{"url":"http://h/","headers":{"A\\nB":"x"}}': '"headers": "A\nB" is not the name of a header',
    '{"url":"http://h/","body":"x","json":1}': '"body" and "json" exclude each other',
    '{"url":"http://h/","body_file":"/nonexistent/x"}':
        '"body_file": /nonexistent/x: No such file or directory',
    '{"url":"http://h/","output":"../x"}': '"output": "../x" is not a path below the folder',
    '{"url":"http://h/","max_time":"soon"}':
        '"max_time": "soon" is not a time like 2, 0.5, "250ms" or "1m"',
}


def test_what_is_wrong_is_said_with_line_and_member_and_the_others_go_on(origin, tmp_path):
    lines = [line for bad in BAD for line in (bad, job(origin.http + "/json/x", id="good"))]
    name = write_list(tmp_path / "list", *lines)
    result = fetch("-i", name)
    assert result.code == 1
    for i, r in enumerate(result.by_index):
        if i % 2:
            assert (r["ok"], r["id"]) == (True, "good")
        else:
            assert (r["ok"], r["error"], r["attempts"]) == (False, "input", 0)
            assert r["errormsg"] == f"{name}:{i + 1}: {BAD[lines[i]]}"
    assert origin.seen()["requests"] == len(BAD)


def test_a_bad_job_has_its_id():
    result = fetch(stdin=b'{"x":1,"meta":[1 ],"id":12345678901234567890,"url":"http://h/"}\n')
    assert '"id":12345678901234567890,"meta":[1 ],"url":"http://h/",' in result.lines[0]


def test_ceilings_are_errors(origin):
    deep = '{"url":"http://h/","meta":' + "[" * 2000 + "]" * 2000 + "}"
    long = '{"user":"me:secret","url":"http://h/' + "x" * (1 << 20) + '"}'
    fits = job(origin.http + "/echo", body="x" * 1000000)
    result = fetch(stdin="\n".join([deep, long, fits]).encode())
    messages = [r["errormsg"] for r in result.by_index]
    assert messages == ["stdin:1: not a job: nested more than 1000 deep",
                        "stdin:2: a line over 1 MiB", None]
    assert result.by_index[2]["size_upload"] == 1000000
    assert "secret" not in result.out


@pytest.mark.parametrize("form", [[], ["--jsonl"], ["--csv"], ["-w", "%{json}\\n"]], ids=str)
def test_a_login_is_not_shown(origin, form):
    lines = [job(origin.http + "/json/x", user="me:s3cret"),
             job(origin.http + "/json/x", user="me:s3cret\n"),
             job(origin.http + "/json/x", user="me:s3cret", colour=1)]
    result = run(*form, stdin="\n".join(lines).encode())
    assert result.code == 1
    assert "s3cret" not in result.out + result.err


# Time and retry


def test_times_are_those_of_the_job(origin):
    slow = origin.http + "/delay/20"
    lines = [job(slow, max_time="50ms"), job(slow, max_time=0.05),
             job(origin.http + "/delay/0.2", max_time=0)]
    result = fetch("-m", "100ms", stdin="\n".join(lines + [slow]).encode())
    errors = [r["error"] for r in result.by_index]
    assert errors == ["timeout", "timeout", None, "timeout"]


def test_retries_are_those_of_the_job(origin):
    lines = [job(origin.http + f"/status/503?{i}", **members)
             for i, members in enumerate([{}, {"retry": 0}, {"retry": 3}])]
    result = fetch("--retry", "1", "--retry-delay", "1ms", stdin="\n".join(lines).encode())
    assert [r["attempts"] for r in result.by_index] == [2, 1, 4]
    result = fetch("--retry-delay", "1ms", stdin=lines[2].encode())
    assert result.result["attempts"] == 4


# Files


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_job_names_its_file(origin, tmp_path):
    """Without -O or -o only those that do have one."""
    lines = [job(origin.http + "/bytes/10", output="a/b/ten.bin"), origin.http + "/bytes/20",
             job(origin.http + "/bytes/30", output="thirty"),
             job(origin.http + "/status/404", output="no")]
    result = fetch(stdin="\n".join(lines).encode(), cwd=tmp_path)
    assert [r["filename_effective"] for r in result.by_index] == [
        "a/b/ten.bin", None, "thirty", None]
    assert files(tmp_path) == ["a/b/ten.bin", "thirty"]
    assert (tmp_path / "a/b/ten.bin").stat().st_size == 10


def test_a_file_of_a_job_is_below_the_folder_of_all(origin, tmp_path):
    lines = [job(origin.http + "/bytes/10", output="x/y", id="n"),
             job(origin.http + "/bytes/20", id="../i d")]
    stdin = "\n".join(lines).encode()
    assert fetch("--output-dir", "d", stdin=stdin, cwd=tmp_path).code == 0
    assert files(tmp_path) == ["d/20", "d/x/y"]
    assert fetch("-o", "e/{id}.bin", stdin=stdin, cwd=tmp_path).code == 0
    assert files(tmp_path / "e") == ["_._i d.bin", "x/y"]


def test_jobs_with_one_name_have_two_files(origin, tmp_path):
    lines = [job(origin.http + f"/bytes/{i}", output="x") for i in (1, 2, 3)]
    stdin = "\n".join(lines).encode()
    assert fetch(stdin=stdin, cwd=tmp_path).code == 0
    assert {name: (tmp_path / name).stat().st_size for name in files(tmp_path)} == {
        "x": 1, "x.1": 2, "x.2": 3}


@pytest.mark.parametrize("name, want", [(".bashrc", "_bashrc"), ("a\nb", "a_b"), ("~", "~"),
                                        ("x.part", "x.part_"), ("a/.../b", "a/_../b")], ids=str)
def test_no_name_of_a_job_is_unsafe(origin, tmp_path, name, want):
    assert fetch(stdin=job(origin.http + "/bytes/1", output=name).encode(), cwd=tmp_path).code == 0
    assert files(tmp_path) == [want]


def test_no_link_is_followed_by_the_file_of_a_job(origin, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "in").mkdir()
    (tmp_path / "in/link").symlink_to(tmp_path / "out")
    result = fetch(stdin=job(origin.http + "/bytes/1", output="link/x").encode(),
                   cwd=tmp_path / "in")
    assert result.result["error"] == "write"
    assert not os.listdir(tmp_path / "out")


# --unique, --shard, --resume


def test_unique_looks_at_all_that_is_asked_for(origin):
    url = origin.http + "/echo"
    lines = [url, job(url), job(url, id=1), job(url, method="PUT"), job(url, method="PUT"),
             job(url, body="a"), job(url, body="b"), job(url, body="a"),
             job(url, headers={"X-A": "1"}), job(url, headers={"X-A": "2"}),
             *2 * [job(url, headers={"Authorization": f"Bearer {i}"}) for i in range(3)],
             *2 * [job(url, user=f"user{i}:x") for i in range(3)]]
    result = run("--dry-run", "--unique", stdin="\n".join(lines).encode())
    assert len(result.lines) == 6 + 3 + 3
    assert [loads(line).get("body") for line in result.lines if "body" in line] == ["a", "b"]


def test_shards_are_by_host():
    lines = "\n".join(job(f"http://h{i % 7}/", id=i) for i in range(70)).encode()
    shares = [run("--dry-run", "--shard", f"{n}/3", stdin=lines).lines for n in (1, 2, 3)]
    assert sum(map(len, shares)) == 70
    hosts = [{loads(line)["url"] for line in share} for share in shares]
    assert sum(map(len, hosts)) == 7


def test_jobs_are_resumed(origin, tmp_path):
    url = origin.http + "/echo"
    lines = [job(url, body=str(i), id=i) for i in range(5)]
    name = write_list(tmp_path / "list", *lines)
    log = tmp_path / "log"
    assert fetch("--resume", log, "-i", write_list(tmp_path / "first", *lines[:3])).code == 0
    result = fetch("--resume", log, "-i", name)
    assert sorted(r["id"] for r in result.results) == [3, 4]
    assert sorted(loads(line)["id"] for line in log.read_text().splitlines()) == [0, 1, 2, 3, 4]


# --dry-run


KINDS = [
    {}, {"id": 12345678901234567890}, {"id": "x", "meta": {"a": [1, None]}}, {"id": None},
    {"method": "DELETE"}, {"method": "HEAD"}, {"method": "GET", "body": "x"}, {"body": ""},
    {"body": "\r\n\x01\x7f\u00e9\U0001f600\\\""}, {"json": {"a": [1, "\u00e9"]}},
    {"json": 1, "headers": {"content-type": "a/b", "Accept": None}},
    {"headers": {"A": None, "B": "", "C": "1", "D": ["1", "", "2"], "E": []}},
    {"headers": {"Accept": None, "User-Agent": "x", "Authorization": "Basic eDp5"}},
    {"user": "me:pass"}, {"max_time": "1500ms"}, {"max_time": 20, "connect_timeout": 0},
    {"retry": 0}, {"retry": 2, "depth": 3}, {"output": "a/b"}, {"body_file": "body"},
]
OPTIONS = [
    [], ["-H", "A: old", "-H", "X-Y:", "-H", "X-Z;", "-H", "X-Q: 1", "-H", "x-q: 2"],
    ["-A", "agent", "-e", "http://r/", "-r", "0-4"], ["-A", ""], ["-u", "a:b"],
    ["--oauth2-bearer", "token"], ["-b", "c=d"], ["-m", "30", "--connect-timeout", "2.5"],
    ["-X", "PUT"],
]


@pytest.mark.parametrize("options", OPTIONS, ids=" ".join)
def test_dry_run_is_read_back(origin, tmp_path, options):
    """To the same lines, and to the same requests."""
    (tmp_path / "body").write_text("from a file")
    # Of what is sent -r means something else.
    kinds = [kind for kind in KINDS
             if "-r" not in options or not {"body", "json", "body_file"} & set(kind)]
    name = write_list(tmp_path / "list", origin.http + "/echo",
                      *(job(origin.http + "/echo", **kind) for kind in kinds))
    first = run("--dry-run", *options, "-i", name, cwd=tmp_path)
    assert (first.code, first.err, len(first.lines)) == (0, "", len(kinds) + 1)
    again = run("--dry-run", "-i", "-", stdin=first.raw, cwd=tmp_path)
    assert again.raw == first.raw

    def ask(*args, **more):
        result = fetch("--body", *args, cwd=tmp_path, **more)
        assert result.code == 0
        return [[r["id"], r["meta"], r["method"], r["size_upload"], seen_of(r)]
                for r in result.by_index]

    def seen_of(r):
        if r["method"] == "HEAD":
            return None
        echo = loads(r["body"])
        # What an option says stands elsewhere than a header, and one name has one spelling.
        return echo["method"], sorted([name.lower(), value] for name, value in echo["headers"]), \
            echo["body"]

    assert ask("-i", "-", stdin=first.raw) == ask(*options, "-i", name)


def test_dry_run_says_the_retries_of_all():
    stdin = (job("http://a/") + "\n" + job("http://b/", retry=0)).encode()
    result = run("--dry-run", "--retry", "3", stdin=stdin)
    assert [loads(line)["retry"] for line in result.lines] == [3, 0]


def test_dry_run_says_what_json_cannot_say(tmp_path):
    (tmp_path / "body").write_bytes(b"a\0b")
    lines = [job("http://a/", body_file="body"), job("http://b/")]
    result = run("--dry-run", stdin="\n".join(lines).encode(), cwd=tmp_path)
    assert result.code == 1
    assert [loads(line)["url"] for line in result.lines] == ["http://b/"]
    assert result.err == ('gather: stdin:1: http://a/: a job line cannot say "body": '
                          "it is not UTF-8, or has a NUL\n")


def test_compare_writes_no_files_of_jobs(origin, tmp_path):
    name = write_list(tmp_path / "list", job(origin.http + "/bytes/1", output="x"))
    assert run("--compare=1,2", "-i", name, cwd=tmp_path).code == 0
    assert files(tmp_path) == ["list"]
