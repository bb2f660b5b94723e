"""What is around gather has an end, or is not what it seems: disks, memory, descriptors, clocks."""

import contextlib
import errno
import os
import signal
import subprocess
import time

import pytest

from faulty import (PLANS, Fault, check_all, check_log, go_on, run_with, settings_of,
                    read_jsonl)
from harness import PATIENCE, fetch, loads, start
from origin import pattern

ALL = os.environ.get("FAULTS") == "all"
NONE = {"FAULT_CALL": ""}
HOUR = 3600


def can_unshare():
    return not subprocess.run(["unshare", "-rm", "true"], capture_output=True,
                              check=False).returncode


needs_mounts = pytest.mark.skipif(not can_unshare(), reason="no namespaces of mounts here")


def try_plan(name, origin, folder, settings=None, **more):
    """A run of the plan that is checked; its outcome, and its results."""
    plan = PLANS[name](origin, folder)
    outcome = run_with(settings or NONE, plan.args, folder, plan.stdin, **more)
    try:
        found = check_all(plan, folder, outcome)
        if plan.log:
            check_log(folder)
            go_on(name, origin, folder)
    except (AssertionError, ValueError, OSError) as e:
        raise AssertionError(f"{e}\n{outcome}") from e
    return outcome, found


# Disks


@pytest.mark.parametrize("room", (0, 1, 100, 4000, 65536, 70_000, 150_000, 200_000, 201_000,
                                  270_000) if ALL else (100, 70_000))
@pytest.mark.parametrize("name", ["files", "names", "exec", "document", "write_out"])
def test_a_disk_that_is_full_after_some_bytes(origin, tmp_path, name, room):
    try_plan(name, origin, tmp_path, {"FAULT_CALL": "write", "FAULT_FROM": "gather",
                                      "FAULT_BYTES": str(room), "FAULT_ERRNO": str(errno.ENOSPC)})


@needs_mounts
@pytest.mark.parametrize("kilobytes", (4, 64, 128, 192, 208, 212, 260, 400) if ALL else (4, 128))
@pytest.mark.parametrize("name", ["files", "names", "document"])
def test_a_small_disk(origin, tmp_path, name, kilobytes):
    """The kernel's own: with its own sizes of pages, and a cookie jar, and folders."""
    shell = ("exec unshare -rm bash -c '"
             f"mkdir disk && mount -t tmpfs -o size={kilobytes}k none disk && cd disk || exit 99; "
             "\"$@\"; code=$?; cp -a . ..; exit $code' bash \"$@\"")
    outcome, _ = try_plan(name, origin, tmp_path, shell=shell)
    if kilobytes == 4:
        assert outcome.code == 3, outcome


@needs_mounts
@pytest.mark.parametrize("args,code,words", [
    (["-o", "{index}"], 1, "cannot write"),
    (["--output-dir", "new"], 2, "Read-only file system"),
    (["--resume", "log"], 2, "Read-only file system"),
    (["--report", "report"], 2, "Read-only file system"),
    (["-w", "%output{file}x"], 2, "Read-only file system"),
    (["--cookie-jar", "jar"], 3, "Read-only file system"),
], ids=lambda value: value[0] if isinstance(value, list) else "")
def test_a_folder_that_cannot_be_written_to(origin, tmp_path, args, code, words):
    shell = ("exec unshare -rm bash -c 'mkdir disk && mount --bind disk disk && "
             "mount -o remount,bind,ro disk && cd disk || exit 99; \"$@\"' bash \"$@\"")
    outcome = run_with(NONE, [*args, origin.http + "/nothing"], tmp_path, shell=shell)
    assert outcome.code == code and words in outcome.err + outcome.out.decode()
    assert not os.listdir(tmp_path / "disk")
    assert origin.seen()["requests"] == (0 if code == 2 else 1)


def test_what_is_said_when_a_file_is_closed_counts(origin, tmp_path):
    """NFS and quotas say only then that there was no room."""
    (tmp_path / "files").mkdir()
    plan = PLANS["files"](origin, tmp_path / "files")
    outcome = run_with(settings_of(Fault("close", "gather", 1, True, errno.EIO)), plan.args,
                       tmp_path / "files")
    assert outcome.code == 3 and "cannot write log: Input/output error" in outcome.err
    found = [r for r in read_jsonl(outcome.out, True) if r["http_code"] == 200]
    assert len(found) == 4
    assert all(r["error"] == "write" and "Input/output error" in r["errormsg"] for r in found)
    assert os.listdir(tmp_path / "files/out/of") == []


@pytest.mark.parametrize("mode", [0o600, 0o640])
def test_a_file_that_is_replaced_keeps_who_may_read_it(origin, tmp_path, mode):
    for name in ("jar", "report"):
        (tmp_path / name).touch(mode)
    assert fetch("--cookie-jar", tmp_path / "jar", "--report", tmp_path / "report",
                 origin.http + "/cookie/set?a=1").code == 0
    for name in ("jar", "report"):
        assert (tmp_path / name).stat().st_mode & 0o777 == mode
        assert (tmp_path / name).stat().st_size > 0


@pytest.mark.parametrize("error", [errno.EAGAIN, errno.EINTR], ids=errno.errorcode.get)
def test_standard_input_may_not_block(origin, tmp_path, error):
    """Others that share it may have set that, and a signal may come."""
    outcome = run_with(settings_of(Fault("read", "gather", 1, False, error)),
                       ["--jsonl", "-d", "@-", origin.http + "/echo"], tmp_path, b"a=1")
    assert (outcome.code, outcome.faults) == (0, 1), outcome
    assert read_jsonl(outcome.out, True)[0]["size_upload"] == 3


# Descriptors, memory


@pytest.mark.parametrize("args", [["-o", "{index}"], ["--exec", "cat"], ["--threads", "4"]],
                         ids=lambda args: args[0])
def test_32_descriptors_for_100_transfers(origin, tmp_path, args):
    urls = [f"{origin.http}/delay/0.01?bytes={i}" for i in range(100)]
    outcome = run_with(NONE, ["--jsonl", "-c", "100", *args, *urls], tmp_path,
                       shell='ulimit -n 32; exec "$@"')
    assert outcome.code == 0 and "32 open files" in outcome.err
    assert sorted(r["index"] for r in read_jsonl(outcome.out, True)) == list(range(100))
    if args[0] == "-o":
        assert all((tmp_path / str(i)).read_bytes() == pattern(i) for i in range(100))


@pytest.mark.parametrize("name", PLANS)
def test_64_megabytes_of_addresses_suffice(origin, tmp_path, name):
    outcome, _ = try_plan(name, origin, tmp_path, shell='ulimit -v 65536; exec "$@"')
    assert outcome.code == (1 if name in ("files", "document") else 0), outcome


@pytest.mark.parametrize("megabytes", range(28, 64, 2) if ALL else (30, 42))
@pytest.mark.parametrize("name", ["files", "names", "exec", "write_out"])
def test_with_less_it_ends_with_words(origin, tmp_path, name, megabytes):
    try_plan(name, origin, tmp_path, shell=f'ulimit -v {megabytes * 1024}; exec "$@"')


# Commands


@pytest.mark.parametrize("number,status", [(signal.SIGKILL, 137), (signal.SIGSTOP, None)], ids=str)
def test_a_command_that_others_kill_or_stop(origin, tmp_path, number, status):
    with start("--jsonl", "--exec", 'echo $$ >"$OUT/pid"; exec sleep 100',
               "--exec-timeout", "1s" if status is None else "1h", origin.http + "/nothing",
               env={"OUT": str(tmp_path)}) as g:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            with contextlib.suppress(OSError, ValueError):
                os.kill(int((tmp_path / "pid").read_text()), number)
                break
            time.sleep(0.01)
        result = g.end()
    assert result.code == 1
    assert result.result["error"] == "exec"
    if status:
        assert result.result["exec"]["exitcode"] == status
    else:
        assert "had not ended after 1" in result.result["errormsg"]


# Clocks


@pytest.mark.parametrize("seconds", [HOUR, -HOUR])
@pytest.mark.parametrize("after", [1, 3, 10, 30] if ALL else [5])
def test_the_time_of_day_may_jump(origin, tmp_path, seconds, after):
    urls = [f"{origin.http}/flaky/1?key={tmp_path}{i}" for i in range(3)]
    urls += [origin.http + "/delay/0.1"] * 5
    began = time.time()
    outcome = run_with({"FAULT_CLOCK": f"{seconds} {after}"},
                       ["--json", "--retry", "1", "--retry-delay", "100ms", "-m", "10",
                        "--deadline", "15", "-c", "2", "--host-rate", "50/s", "--report", "report",
                        *urls], tmp_path)
    assert outcome.code == 0, outcome
    document = loads(outcome.out)
    assert 0.2 < document["summary"]["wall"] < 15
    for r in document["results"]:
        for name in ("time_queue", "time_namelookup", "time_connect", "time_starttransfer",
                     "time_total"):
            assert 0 <= (r[name] or 0) < 15, (name, r)
        assert r["time_total"] >= (0.09 if "/delay" in r["url"] else 0)
        assert min(abs(r["started_at"] - began), abs(r["started_at"] - began - seconds)) < 60
    assert outcome.faults or after > 10


def test_the_monotonic_clock_may_stand_still(origin, tmp_path):
    """As where a machine is held up: what waits goes on when it goes on."""
    outcome = run_with({"FAULT_CLOCK": "still 0.5"},
                       ["--jsonl", "-c", "2", "--rate", "20/s", "--retry", "1", "--retry-delay",
                        "100ms", "-m", "10", "--no-summary",
                        *[f"{origin.http}/flaky/1?key={tmp_path}{i}" for i in range(6)]], tmp_path)
    assert outcome.code == 0 and outcome.faults
    found = read_jsonl(outcome.out, True)
    assert sorted(r["index"] for r in found) == list(range(6))
    assert all(0 <= r["time_total"] < 10 for r in found)


# libcurl


@pytest.mark.parametrize("at", [2, 7, 12])
def test_where_libcurl_fails_its_transfers_are_tried_again(origin, tmp_path, at):
    fault = settings_of(Fault("multi", at=at))
    args = ["--jsonl", "--threads", "1", "--no-summary", f"{origin.http}/delay/0.2?[1-9]"]
    once = read_jsonl(run_with(fault, args, tmp_path).out, True)
    broken = [r for r in once if not r["ok"]]
    assert {(r["error"], r["exitcode"], r["errormsg"]) for r in broken} == {
        ("other", 2, "libcurl failed, and broke off its transfers")}
    outcome = run_with(fault, ["--retry", "1", "--retry-delay", "1ms", *args], tmp_path)
    assert outcome.code == 0 and outcome.faults == 1
    found = read_jsonl(outcome.out, True)
    assert len(found) == 9 and {r["attempts"] for r in found} <= {1, 2}
    assert max(r["attempts"] for r in found) == 2
