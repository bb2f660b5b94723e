"""Bodies that broke off and go on: parts, Range and If-Range; and names that servers give (-J)."""

import os
import signal
import time
import urllib.parse
import zlib

import pytest

from harness import PATIENCE, fetch, refused_port, start, write_list

from origin import pattern

SIZE = 400_000


def body(name, size=SIZE):
    return pattern(size, zlib.crc32(name.encode()) % 1000)


def asked(origin):
    """The Range and If-Range of each request, as the server saw them."""
    return [tuple(e["headers"].get(name, [None])[0] for name in ("range", "if-range"))
            for e in origin.seen()["log"]]


def retried(origin, cwd, query, *args):
    return fetch("-O", "--retry", "2", "--retry-delay", "10ms", *args,
                 f"{origin.http}/resumable/a?bytes={SIZE}&{query}", cwd=cwd)


# In one run


def test_a_retry_goes_on_where_the_body_broke_off(origin, tmp_path):
    result = retried(origin, tmp_path, "break=150000")
    assert result.code == 0 and result.result["attempts"] == 2
    assert os.listdir(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == body("a")
    assert asked(origin) == [(None, None), ("bytes=149999-", '"a-0"')]
    assert result.result["size_download"] == SIZE - 149_999
    assert os.listxattr(tmp_path / "a") == []


def test_a_date_that_is_old_enough_is_a_validator(origin, tmp_path):
    assert retried(origin, tmp_path, "break=150000&validator=date").code == 0
    assert (tmp_path / "a").read_bytes() == body("a")
    assert asked(origin)[1] == ("bytes=149999-", "Sat, 01 Jan 2000 00:00:00 GMT")


@pytest.mark.parametrize("validator", ["weak", "fresh", "none"])
def test_without_a_validator_it_begins_anew(origin, tmp_path, validator):
    result = retried(origin, tmp_path, f"break=150000&validator={validator}")
    assert result.code == 1 and result.result["attempts"] == 3
    assert asked(origin) == [(None, None)] * 3
    assert os.listdir(tmp_path) == []


def test_a_body_that_has_changed_comes_anew(origin, tmp_path):
    result = retried(origin, tmp_path, "validator=changing&break=150000")
    assert result.code == 1
    assert [wish for wish, _ in asked(origin)] == [None, "bytes=149999-", "bytes=149999-"]
    assert [name for _, name in asked(origin)] == [None, '"a-1"', '"a-2"']


def test_a_server_that_sends_all_is_taken_at_its_word(origin, tmp_path):
    url = f"{origin.http}/resumable/a?bytes={SIZE}&rest=all"
    (tmp_path / "a.part").write_bytes(b"?" * 1000)
    assert fetch("-O", "--retry", "1", url, cwd=tmp_path).code == 0
    assert (tmp_path / "a").read_bytes() == body("a")


@pytest.mark.parametrize("rest", ["none", "other"])
def test_an_answer_that_does_not_fit_is_not_put_together(origin, tmp_path, rest):
    result = retried(origin, tmp_path, f"break=150000&rest={rest}")
    # Whole, the rest, and whole again.
    assert [wish for wish, _ in asked(origin)] == [None, "bytes=149999-", None]
    assert result.result["error"] == "protocol"
    # The third attempt has left a part, which the next run asks for; that gets nothing of use.
    assert os.listdir(tmp_path) == ["a.part"]
    result = fetch("-O", "--retry", "0", "--resume", tmp_path / "log",
                   f"{origin.http}/resumable/a?bytes={SIZE}&break=150000&rest={rest}", cwd=tmp_path)
    assert (result.result["exitcode"], result.result["error"]) == (33, "protocol")
    assert result.result["errormsg"] == "the body is not the one that was begun"
    assert os.listdir(tmp_path) == ["log"]


@pytest.mark.parametrize("args", [
    [], ["--retry", "1", "--body"], ["--retry", "1", "--checksum", "sha256"],
    ["--retry", "1", "--compressed"], ["--retry", "1", "-r", "0-"], ["--retry", "1", "-X", "QUERY"],
    ["--retry", "1", "--retry-all-errors", "-d", "x"], ["--retry", "1", "-H", "Range: bytes=0-"],
])
def test_no_part_is_left_where_none_could_be_continued(origin, tmp_path, args):
    url = f"{origin.http}/resumable/a?bytes={SIZE}&break=150000&rest=all"
    assert fetch("-O", "--retry-delay", "10ms", *args, url, cwd=tmp_path).code == 1
    assert os.listdir(tmp_path) == []


def test_the_ceiling_is_for_the_whole_body(origin, tmp_path):
    result = retried(origin, tmp_path, "break=150000", "--max-filesize", "300000")
    assert result.result["error"] == "too-large"
    assert os.listdir(tmp_path) == []


# From run to run


def wait_for_files(folder, whole, parts):
    """Until so many have their names, and so many parts have bytes in them."""
    def has_bytes(part):
        try:
            return part.stat().st_size > 0
        except FileNotFoundError:
            return False

    end = time.monotonic() + PATIENCE
    while (sum(map(has_bytes, folder.glob("*.part"))) != parts
           or sum(not name.endswith(".part") for name in os.listdir(folder)) != whole):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_the_next_run_completes_200_bodies(origin, tmp_path, number):
    size, names = 1_000_000, [f"n{i}" for i in range(200)]
    urls = write_list(tmp_path / "urls", *(
        f"{origin.http}/resumable/{name}?bytes={size}&seconds={0 if i % 5 == 0 else 20}"
        for i, name in enumerate(names)))
    folder = tmp_path / "d"
    args = ["-c", "200", "-O", "--output-dir", folder, "--resume", tmp_path / "log", "-i", urls]
    with start("-s", *args) as g:
        origin.wait(requests=200, in_flight=160)
        wait_for_files(folder, 40, 160)
        g.signal(number)
        g.process.wait()
    left = os.listdir(folder)
    assert len(left) == 200 and sum(name.endswith(".part") for name in left) == 160
    for name in left:
        got = (folder / name).read_bytes()
        assert got == body(name.removesuffix(".part"), size)[:len(got)]
    origin.reset()
    assert fetch(*args).code == 0
    ranges = [wish for wish, _ in asked(origin)]
    assert len(ranges) == 160 and all(ranges)
    assert sorted(os.listdir(folder)) == sorted(names)
    for name in names:
        assert (folder / name).read_bytes() == body(name, size)


def broken(origin, here, name="a", *args):
    """A part, left by a run, of which it has 150,000 bytes."""
    url = f"{origin.http}/resumable/{name}?bytes={SIZE}&break=150000"
    assert fetch("-o", "x", "--resume", here / "log", *args, url, cwd=here).code == 1
    assert (here / "x.part").stat().st_size == 150_000
    origin.reset()
    return url


def test_the_part_of_another_url_is_not_continued(origin, tmp_path):
    broken(origin, tmp_path)
    url = f"{origin.http}/resumable/b?bytes={SIZE}"
    assert fetch("-o", "x", "--resume", tmp_path / "log", url, cwd=tmp_path).code == 0
    assert asked(origin) == [(None, None)]
    assert (tmp_path / "x").read_bytes() == body("b")
    assert os.listxattr(tmp_path / "x") == []


def test_without_retry_or_resume_a_part_is_begun_anew(origin, tmp_path):
    url = broken(origin, tmp_path)
    assert fetch("-o", "x", url + "&", cwd=tmp_path).code == 1
    assert asked(origin) == [(None, None)] and os.listdir(tmp_path) == ["log"]


def test_a_part_that_is_whole_costs_one_byte(origin, tmp_path):
    """All of it was written when the run was killed, but it had no name yet."""
    url = broken(origin, tmp_path)
    with open(tmp_path / "x.part", "wb") as part:
        part.write(body("a"))
    result = fetch("-o", "x", "--resume", tmp_path / "log", url, cwd=tmp_path)
    assert result.code == 0 and result.result["size_download"] == 1
    assert (tmp_path / "x").read_bytes() == body("a")


def test_what_is_no_validator_is_not_sent(origin, tmp_path):
    url = broken(origin, tmp_path)
    note = os.getxattr(tmp_path / "x.part", "user.gather.part")
    other_url = (b"1" if note[:1] == b"0" else b"0") + note[1:]
    for bad in (note + b"\r\nX: y", note[:20], b"", note + b"x" * 300, other_url):
        os.setxattr(tmp_path / "x.part", "user.gather.part", bad)
        fetch("-o", "x", "--resume", tmp_path / "log", url, cwd=tmp_path)
        assert asked(origin) == [(None, None)]
        origin.reset()


def test_a_server_that_is_down_costs_no_part(origin, tmp_path):
    url = broken(origin, tmp_path)
    assert fetch("-o", "x", "--resume", tmp_path / "log", url.replace(
        origin.http, f"http://127.0.0.1:{refused_port()}"), cwd=tmp_path).code == 1
    assert fetch("-o", "x", "--resume", tmp_path / "log", "--connect-to",
                 f"::127.0.0.1:{refused_port()}", url, cwd=tmp_path).code == 1
    assert fetch("-o", "x", "--resume", tmp_path / "log", url, cwd=tmp_path).code == 0
    assert (tmp_path / "x").read_bytes() == body("a")


# -J


def served(origin, here, value, *args):
    """The name of the file that a Content-Disposition makes of /status/200."""
    url = f"{origin.http}/status/200?" + urllib.parse.urlencode({"Content-Disposition": value})
    return fetch("-J", *args, url, cwd=here).result["filename_effective"]


@pytest.mark.parametrize("value, name", [
    ('attachment; filename="a b.txt"', "a b.txt"), ("attachment; filename=a.txt", "a.txt"),
    ("attachment;filename = a.txt ; x=y", "a.txt"), ('inline; FileName="a\\"b"', 'a"b'),
    ("attachment; filename=old; filename*=UTF-8''n%c3%a9w.txt", "n\u00e9w.txt"),
    ("attachment; filename*=utf-8'en'a%2Fb; filename=old", "b"),
    ("attachment; filename*=latin1''x; filename=plain", "plain"),
    ('attachment; filename="../../etc/passwd"', "passwd"), ('attachment; filename="/etc/x"', "x"),
    ('attachment; filename="C:\\\\dir\\\\evil.exe"', "evil.exe"),
    ('attachment; filename=".bashrc"', "_bashrc"), ('attachment; filename="x.part"', "x.part_"),
    ('attachment; filename="a\x7fb"', "a_b"), ('attachment; filename="' + "x" * 300 + '.txt"',
                                               "x" * 237 + ".txt"),
    # Not as RFC 6266 has it, but as servers send it.
    ("attachment; filename=a b.pdf", "a b.pdf"), ("attachment; filename=a b.pdf ; size=3", "a b.pdf"),
    ("attachment; filename=a,b.csv", "a,b.csv"), ("attachment; filename=a=b.csv", "a=b.csv"),
    ('attachment; filename=a"b.txt', 'a"b.txt'), ("attachment; filename=\u00c3\u00a9 1.pdf", "\u00e9 1.pdf"),
    ('attachment; filename="C:\\dir\\file.txt"', "file.txt"),
    (r'attachment; filename="C:\dir\file.txt"', "file.txt"),
    (r"attachment; filename=C:\dir\file.txt", "file.txt"),
    (r'attachment; filename="a\\b\"c.txt"', 'b"c.txt'),
    ("filename=x", "x"), ("filename=a b; x=y", "a b"), ('filename="a;b.txt"; x=y', "a;b.txt"),
    ("filename*=UTF-8''%c3%a9; filename=e", "\u00e9"), ("attachment;; filename=x;", "x"),
    ("attachment; filename='a b.pdf'", "a b.pdf"), ("attachment; filename='a.pdf", "a.pdf"),
    ("attachment; filename='a;b.pdf'; x=y", "a;b.pdf"), ("attachment; filename='it's.pdf'", "it's.pdf"),
    ("attachment; filename=it's.pdf", "it's.pdf"), ("attachment; filename=\"it's.pdf\"", "it's.pdf"),
    ("attachment; filename=a.pdf'", "a.pdf'"), ("attachment; filename='a.pdf; x=y", "a.pdf"),
    ("attachment; filename*=UTF-8''it's.pdf", "it's.pdf"),
    ("attachment; filename*=UTF-8''a b.pdf", "a b.pdf"),
    ("attachment; filename*=\"UTF-8''a%20b.pdf\"", "a b.pdf"),
    ("attachment; filename*=UTF-8'a.pdf; filename=b.pdf", "b.pdf"),
    ("attachment; filename=a.txt; filename=b.txt", "a.txt"),
    ('attachment; x="; filename=bad"; filename=good', "good"),
    ('attachment; filename="a.txt', "a.txt"), ('attachment; filename="a.txt"; x="', "a.txt"),
    # Nothing that names a file: the URL does.
    ("attachment", "200"), ('attachment; filename=""', "200"), ('attachment; filename=".."', "200"),
    ('attachment; filename="a/"', "200"), ('attachment; filename="', "200"), ("", "200"),
    ("filename", "200"), ("=x", "200"), ('attachment; filename*=UTF-8x', "200"), ("attachment; filename='", "200"),
    ("attachment; afilename=x", "200"), ('attachment; x="filename=y"', "200"),
])
def test_a_server_names_the_file(origin, tmp_path, value, name):
    assert served(origin, tmp_path, value) == name
    assert os.listdir(tmp_path) == [name]


def test_without_the_option_it_does_not(origin, tmp_path):
    url = f"{origin.http}/status/200?Content-Disposition=attachment;+filename=x"
    assert fetch("-O", url, cwd=tmp_path).result["filename_effective"] == "200"


def test_a_served_name_replaces_nothing(origin, tmp_path):
    (tmp_path / "x").write_text("mine")
    value = 'attachment; filename="x"'
    assert served(origin, tmp_path, value, "--overwrite") == "x.1"
    assert served(origin, tmp_path, value) == "x.2"
    assert (tmp_path / "x").read_text() == "mine"


def test_a_served_name_stays_in_the_folder_of_the_template(origin, tmp_path):
    assert served(origin, tmp_path, "attachment; filename=y", "-o", "{host}/{name}") == "127.0.0.1/y"
    assert served(origin, tmp_path, "attachment; filename=y", "--output-dir", "d") == "d/y"
