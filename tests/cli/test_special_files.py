"""
What is no regular file is written into and never replaced: devices, FIFOs, sockets, descriptors.
The devices are made for each test: a mistake must not cost the machine its own.
"""

import contextlib
import os
import signal
import socket
import stat
import subprocess
import threading

import pytest

from harness import fetch, run, start

from origin import pattern

NULL, FULL = (1, 3), (1, 7)


@pytest.fixture
def device(tmp_path):
    """Makes one; returns its path."""
    def make(name, numbers):
        try:
            os.mknod(tmp_path / name, stat.S_IFCHR | 0o666, os.makedev(*numbers))
            os.close(os.open(tmp_path / name, os.O_WRONLY))
        except PermissionError:
            pytest.skip("cannot make devices here")
        return tmp_path / name
    return make


class Reader(threading.Thread):
    """Reads a FIFO to its end, or a socket that it listens on."""

    def __init__(self, path, kind="fifo"):
        super().__init__(daemon=True)
        self.path, self.got, self.listener = path, b"", None
        if kind == "socket":
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(str(path))
            self.listener.listen()
        else:
            os.mkfifo(path)
        self.start()

    def run(self):
        if self.listener:
            connection = self.listener.accept()[0]
            with connection.makefile("rb") as file:
                self.got = file.read()
        else:
            with open(self.path, "rb") as file:
                self.got = file.read()

    def read(self):
        self.join(60)
        assert not self.is_alive(), "nobody has written"
        return self.got


# -o


@pytest.mark.parametrize("args", [[], ["--overwrite"], ["--skip-existing"], ["-J"],
                                  ["-c", "1"]], ids=str)
def test_a_device_takes_all_bodies_and_stays(origin, tmp_path, device, args):
    null = device("null", NULL)
    (tmp_path / "link").symlink_to("null")
    urls = [f"{origin.http}/bytes/{size}" for size in (0, 10, 1_000_000)]
    for path in (null, tmp_path / "link"):
        result = fetch("-o", path, *args, *urls)
        assert result.code == 0
        assert [r["filename_effective"] for r in result.by_index] == [str(path)] * 3
    assert stat.S_ISCHR(null.stat().st_mode)
    assert sorted(os.listdir(tmp_path)) == ["link", "null"]
    assert os.readlink(tmp_path / "link") == "null"


def test_a_device_below_the_output_dir(origin, tmp_path, device):
    null = device("null", NULL)
    assert fetch("-o", "null", "--output-dir", tmp_path, "--overwrite",
                 origin.http + "/bytes/10").code == 0
    assert stat.S_ISCHR(null.stat().st_mode) and os.listdir(tmp_path) == ["null"]


def test_a_device_that_is_full_fails_like_a_disk(origin, device):
    full = device("full", FULL)
    result = fetch("-o", full, "-c", "1", *(f"{origin.http}/bytes/5?{i}" for i in range(9)))
    assert result.code == 3
    assert result.by_index[0]["error"] == "write"
    assert result.by_index[0]["errormsg"] == f"cannot write {full}: No space left on device"


@pytest.mark.parametrize("kind", ["fifo", "socket"])
@pytest.mark.parametrize("args", [[], ["--overwrite"], ["--retry", "1", "--retry-delay", "1ms"]],
                         ids=str)
def test_bodies_go_into_a_fifo_or_socket_one_after_another(origin, tmp_path, kind, args):
    reader = Reader(tmp_path / "out", kind)
    sizes = [700_000, 800_000, 900_000, 7]
    result = fetch("-o", tmp_path / "out", *args, "-c", "4", origin.http + "/flaky/1", *(
        f"{origin.http}/drip?bytes={size}&seconds=0.3&chunks=9" for size in sizes))
    oks = [r for r in result.by_index if r["ok"]]
    assert len(oks) == (5 if "--retry" in args else 4)
    assert {r["filename_effective"] for r in oks} == {str(tmp_path / "out")}
    rest, left = reader.read(), [pattern(size) for size in sizes]
    if "--retry" in args:
        left.append(b'{"tries": 2}\n')
    while left:
        body = next(b for b in sorted(left, key=len, reverse=True) if rest.startswith(b))
        left.remove(body)
        rest = rest[len(body):]
    assert rest == b""
    assert os.listdir(tmp_path) == ["out"]
    assert not stat.S_ISREG((tmp_path / "out").lstat().st_mode)


def test_a_fifo_whose_reader_goes_away_is_a_failure(origin, tmp_path):
    os.mkfifo(tmp_path / "out")
    reader = threading.Thread(target=lambda: os.close(os.open(tmp_path / "out", os.O_RDONLY)))
    reader.start()
    result = fetch("-o", tmp_path / "out", origin.http + "/bytes/1000000").result
    reader.join()
    assert (result["error"], result["filename_effective"]) == ("write", None)
    assert result["errormsg"].endswith("/out: Broken pipe")


@pytest.mark.parametrize("path", ["/dev/fd/3", "/proc/self/fd/3", "link"])
@pytest.mark.parametrize("opening", ["3>file", "3>>file", "3> >(cat >file)"])
def test_a_descriptor_is_written_into_where_it_stands(origin, tmp_path, path, opening):
    """Whatever it is, and with what others have written before and write after."""
    (tmp_path / "link").symlink_to("other")
    (tmp_path / "other").symlink_to("/dev/fd/3")
    file = tmp_path / "file"
    file.write_text("")
    inode = file.stat().st_ino
    wait = "exec 3>&-; wait $!" if ">(" in opening else ""
    result = fetch("-o", path, "--overwrite", origin.http + "/bytes/5", cwd=tmp_path,
                   shell=f'exec {opening}; echo before >&3; "$@"; echo after >&3; {wait}')
    assert result.result["ok"]
    assert file.read_bytes() == b"before\n" + pattern(5) + b"after\n"
    assert file.stat().st_ino == inode
    assert sorted(os.listdir(tmp_path)) == ["file", "link", "other"]


def test_standard_output_by_a_link_to_its_name(origin, tmp_path):
    (tmp_path / "out").symlink_to("/dev/stdout")
    result = run("-s", "--no-summary", "-o", tmp_path / "out", "-c", "1",
                 origin.http + "/bytes/5", origin.http + "/bytes/6")
    assert result.raw == pattern(5) + pattern(6)


@pytest.mark.parametrize("fd", [3, 4, 5, 6, 7, 8, 77])
def test_descriptors_of_gathers_own_are_no_ones(origin, fd):
    result = run("-o", f"/dev/fd/{fd}", origin.http + "/bytes/5")
    assert result.code == 2
    assert f"cannot open /dev/fd/{fd}: Bad file descriptor" in result.err


def test_a_command_has_a_body_that_was_written_into_something(origin, tmp_path):
    reader = Reader(tmp_path / "out")
    result = fetch("-o", tmp_path / "out", "--exec", "cat", origin.http + "/json/a").result
    assert result["exec"]["stdout"] == reader.read().decode() != ""


@pytest.mark.parametrize("args", [[], ["--overwrite"]], ids=str)
def test_a_url_does_not_choose_what_is_written_into(origin, tmp_path, device, args):
    """The names are its own, so its body goes where nothing is."""
    device("a", NULL)
    os.mkfifo(tmp_path / "b")
    (tmp_path / "c").symlink_to("a")
    (tmp_path / "d").mkdir()
    result = fetch("-O", "--output-dir", tmp_path, *args,
                   *(f"{origin.http}/json/{name}" for name in "abcd"))
    assert [r["filename_effective"] for r in result.by_index] == [
        f"{tmp_path}/{name}.1" for name in "abcd"]
    assert stat.S_ISCHR((tmp_path / "a").lstat().st_mode)
    assert stat.S_ISFIFO((tmp_path / "b").lstat().st_mode)
    assert os.readlink(tmp_path / "c") == "a" and (tmp_path / "d").is_dir()


# Directories


@pytest.mark.parametrize("args", [
    ["-o", "d"], ["-o", "d/"], ["-o", "new/"], ["-o", "."], ["-o", ".."], ["-o", "d/."],
    ["-o", "link"], ["-o", "{host}/"], ["-o", "e", "--output-dir", "d"],
    ["-o", "d", "--overwrite"], ["-o", "d", "--dry-run"]], ids=str)
def test_a_directory_is_no_file_and_the_way_out_is_named(origin, tmp_path, args):
    (tmp_path / "d" / "e").mkdir(parents=True)
    (tmp_path / "link").symlink_to("d")
    result = run(*args, origin.http + "/json/a", cwd=tmp_path)
    assert (result.code, result.raw) == (2, b"")
    assert "is a directory (use --output-dir" in result.err
    assert origin.seen()["requests"] == 0
    assert sorted(os.listdir(tmp_path)) == ["d", "link"] and os.listdir(tmp_path / "d") == ["e"]


# What is written at the end, or beside results


def written(option, path):
    """No results but those of -w, into path."""
    if option == "-w":
        return ["--no-summary", "-w", f"%output{{{path}}}<html%{{http_code}}"]
    return ["-s", option, path]


BEGINS = {"--report": b"<!DOCTYPE html>", "--cookie-jar": b"# Netscape", "-w": b"<html200"}


@pytest.mark.parametrize("kind", ["fifo", "socket"])
@pytest.mark.parametrize("option", BEGINS)
def test_every_option_that_writes_a_file_writes_into_a_fifo(origin, tmp_path, option, kind):
    reader = Reader(tmp_path / "out", kind)
    result = run(*written(option, tmp_path / "out"), origin.http + "/bytes/5")
    assert result.code == 0
    assert reader.read().startswith(BEGINS[option])
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("option", BEGINS)
def test_every_option_that_writes_a_file_leaves_a_device(origin, tmp_path, device, option):
    null = device("null", NULL)
    (tmp_path / "link").symlink_to("null")
    assert run(*written(option, tmp_path / "link"), origin.http + "/bytes/5").code == 0
    assert stat.S_ISCHR(null.stat().st_mode) and len(os.listdir(tmp_path)) == 2


@pytest.mark.parametrize("option", BEGINS)
@pytest.mark.parametrize("path", ["/dev/fd/1", "link"])
def test_every_option_that_writes_a_file_writes_into_standard_output(origin, tmp_path, option,
                                                                     path):
    """Also if that is a regular file: what is there already stays."""
    (tmp_path / "link").symlink_to("/dev/stdout")
    path = tmp_path / path if path == "link" else path
    result = run(*written(option, path), origin.http + "/bytes/5",
                 shell=f'exec >{tmp_path}/out; echo before; "$@"; echo; echo after')
    assert result.code == 0
    text = (tmp_path / "out").read_bytes()
    assert text.startswith(b"before\n" + BEGINS[option]) and text.endswith(b"\nafter\n")


def test_a_report_into_a_descriptor_that_is_not_open_is_refused_at_once(origin):
    result = run("--report", "/dev/fd/77", origin.http + "/bytes/5")
    assert result.code == 2 and "cannot write /dev/fd/77: Bad file descriptor" in result.err
    assert origin.seen()["requests"] == 0


@pytest.mark.parametrize("kind", ["fifo", "device", "descriptor", "link"])
def test_no_log_of_a_run_to_resume_is_anything_but_a_regular_file(origin, tmp_path, device, kind):
    path = tmp_path / "log"
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        device("log", NULL)
    else:
        path = "/dev/fd/3"
    if kind == "link":
        (tmp_path / "log").symlink_to(path)
        path = tmp_path / "log"
    result = run("--resume", path, origin.http + "/bytes/5",
                 shell=f'exec 3>>{tmp_path}/file; "$@"')
    assert result.code == 2 and f"{path} is not a regular file" in result.err
    assert origin.seen()["requests"] == 0


# A second signal


def wait_until_heard(process, number):
    """A signal that was sent has been delivered: the next one is not taken for the same."""
    while True:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            pending = [int(line.split()[1], 16) for line in file
                       if line.startswith(("SigPnd", "ShdPnd"))]
        if not any(bits & 1 << (number - 1) for bits in pending):
            return


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_a_second_signal_ends_a_run_that_waits_for_the_reader_of_its_report(origin, tmp_path,
                                                                            first):
    os.mkfifo(tmp_path / "out")
    with start("--jsonl", "--report", tmp_path / "out", origin.http + "/bytes/5") as g:
        g.line()
        g.signal(first)
        wait_until_heard(g.process, first)
        g.signal(signal.SIGTERM)
        assert g.process.wait() == 128 + signal.SIGTERM


def test_a_second_signal_ends_a_run_that_has_heard_the_first_one_before(origin, tmp_path):
    """The run ends for the first one, and then waits for the reader of its report."""
    os.mkfifo(tmp_path / "out")
    with start("--jsonl", "--report", tmp_path / "out", origin.http + "/hang") as g:
        origin.wait(in_flight=1)
        g.signal(signal.SIGTERM)
        assert '"canceled"' in g.line()
        g.signal(signal.SIGTERM)
        assert g.process.wait() == 128 + signal.SIGTERM


@pytest.mark.parametrize("option", ["-o", "-w", "--cookie-jar"])
def test_signals_end_a_run_that_waits_for_a_reader(origin, tmp_path, option):
    os.mkfifo(tmp_path / "out")
    with start(*written(option, tmp_path / "out"), origin.http + "/bytes/5") as g:
        for _ in range(2):
            with contextlib.suppress(subprocess.TimeoutExpired):
                g.signal(signal.SIGTERM)
                g.process.wait(timeout=1)
        assert g.process.wait() in (-signal.SIGTERM, 128 + signal.SIGTERM)
