"""--exec: a command for each answer, its input, environment and output, and its end."""

import hashlib
import os
import signal
import time

import pytest

from harness import (PATIENCE, fetch, loads, run, soon, start, targets, without_wrapper,
                     write_list)
from origin import pattern

MIB = 1 << 20


def command_of(origin, command, *args, path="/bytes/5", **more):
    """The only result of one request with that command."""
    return fetch("--exec", command, *args, origin.http + path, **more).result


def wait_until(claim):
    end = time.monotonic() + PATIENCE
    while not claim():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_alive(pid):
    """A zombie of somebody else's is dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def read_pid(path):
    """What a command wrote there, as soon as it did."""
    wait_until(lambda: path.exists() and path.read_text().endswith("\n"))
    return int(path.read_text())


# ---- what goes in ----


@pytest.mark.parametrize("size", [0, 1, 65536, 65537, 5 * MIB])
def test_the_body_is_its_standard_input(origin, size):
    result = command_of(origin, "sha256sum", path=f"/bytes/{size}")
    digest = hashlib.sha256(pattern(size)).hexdigest()
    assert (result["ok"], result["exec"]["stdout"]) == (True, f"{digest}  -\n")
    assert "body" not in result


def test_the_request_is_in_its_environment(origin):
    urls = [origin.http + "/nothing", origin.http.replace("//", "//user:secret@") + "/status/201"]
    result = fetch("--ordered", "--exec", 'echo "$GATHER_URL $GATHER_STATUS $GATHER_INDEX'
                   ' [$GATHER_ID$GATHER_FILE] $OTHER$GATHER_OTHER"', *urls,
                   env={"OTHER": "is", "GATHER_OTHER": " kept", "GATHER_FILE": "is replaced"})
    assert [r["exec"]["stdout"] for r in result.results] == [
        f"{urls[0]} 200 0 [] is kept\n", f"{urls[1]} 201 1 [] is kept\n"]


@pytest.mark.parametrize("args", [[], ["-c", "500"]], ids=str)
def test_its_limit_of_open_files_is_that_of_gather(origin, args):
    result = command_of(origin, "ulimit -Sn; ulimit -Hn", *args,
                        shell='ulimit -Sn 300; ulimit -Hn 2000; exec "$@"')
    assert result["exec"]["stdout"] == "300\n2000\n"


def test_its_limit_of_open_files_is_the_same_where_none_was_raised(origin):
    result = command_of(origin, "ulimit -Sn; ulimit -Hn", shell='ulimit -n 300; exec "$@"')
    assert result["exec"]["stdout"] == "300\n300\n"


@pytest.mark.parametrize("text", [
    "';touch${IFS}bad;'", "$(touch${IFS}bad)", "`touch${IFS}bad`", "$(touch bad)", '"', "\\", "${GATHER_INDEX}",
    "-n", "&|;<>", "*", "%s%n"])
def test_a_hostile_url_arrives_through_the_environment_only(origin, tmp_path, text):
    """As the list has it. The command line that the system shows is the command's own."""
    url = f"{origin.http}/nothing?{text}"
    command = 'printf %s "$GATHER_URL"; tr "\\0" "\\n" </proc/$$/cmdline >&2; true'
    result = fetch("--exec", command, "-i", write_list(tmp_path / "list", url), cwd=tmp_path).result
    if result["error"] == "input":
        pytest.skip("libcurl takes no such URL")
    assert result["exec"]["stdout"] == url
    assert result["exec"]["stderr"] == f"/bin/sh\n-c\n{command}\n"
    assert os.listdir(tmp_path) == ["list"]


def test_a_newline_in_an_environment_variable_stays_there(origin):
    command = 'printf %s "$GATHER_URL"'
    result = fetch("-g", "--exec", command, origin.http + "/nothing?a\n$(touch bad)").result
    assert result["error"] == "input" and result["exec"] is None


def test_a_file_is_its_standard_input_and_is_named(origin, tmp_path):
    result = fetch("-o", "{host}/f", "--output-dir", "d", "--exec",
                   'cmp - "$GATHER_FILE" && wc -c <"$GATHER_FILE" && readlink /proc/$$/fd/0',
                   origin.http + "/bytes/70000", cwd=tmp_path).result
    name = result["filename_effective"]
    assert result["exec"]["stdout"].split() == ["70000", str(tmp_path / name)]


def test_only_for_a_success(origin, refused):
    result = fetch("--exec", "echo ran", origin.http + "/status/404", refused, origin.http + "/empty")
    assert [r["exec"] for r in result.results] == [None] * 3
    result = fetch("--accept", "404", "--exec", "echo ran", origin.http + "/status/404").result
    assert result["exec"]["stdout"] == "ran\n"


# ---- what comes out ----


def test_members(origin):
    result = command_of(origin, "echo yes; echo no >&2; exit 7")
    assert result["exec"] == {"exitcode": 7, "stdout": "yes\n", "stderr": "no\n",
                              "truncated": False}
    result = command_of(origin, "printf '\\377'; printf 'a\\000b' >&2")
    assert result["exec"] == {"exitcode": 0, "stdout_base64": "/w==", "stderr_base64": "YQBi",
                              "truncated": False}


def test_in_text_it_stands_behind_its_line(origin):
    result = run("--exec", "echo one; echo two; echo error >&2", "--no-summary",
                 origin.http + "/nothing", origin.http + "/nothing")
    assert [line.split()[0] for line in result.lines] == ["200", "one", "two"] * 2
    assert result.err == "error\n" * 2
    result = run("--exec", "printf %s $GATHER_INDEX", "--ordered", "--no-summary",
                 origin.http + "/nothing", origin.http + "/nothing")
    assert [line.split()[0] for line in result.lines] == ["200", "0", "200", "1"]


@pytest.mark.parametrize("option, before", [("-s", b""), ("--cat", pattern(3))])
def test_without_lines_it_stands_alone(origin, option, before):
    result = run(option, "--no-summary", "--exec", "printf '\\000\\377.'", origin.http + "/bytes/3")
    assert result.raw == before + b"\0\xff."


def test_outputs_do_not_mix(origin):
    urls = [f"{origin.http}/nothing?{i}" for i in range(12)]
    command = 'for i in 1 2 3 4 5 6 7 8 9; do echo $GATHER_INDEX; done'
    lines = run("-s", "--no-summary", "--exec-jobs", "12", "--exec", command, *urls).lines
    assert len(lines) == 9 * 12
    assert all(len(set(lines[at:at + 9])) == 1 for at in range(0, len(lines), 9))


def test_columns_and_variables(origin):
    row, = run("--csv", "--no-summary", "--exec", 'echo a,b; echo "\\"" >&2; exit 4',
               origin.http + "/nothing").rows
    assert (row["exec.exitcode"], row["exec.stdout"], row["exec.stderr"]) == ("4", "a,b\n", '"\n')
    result = run("-w", "%{exec.exitcode}:%{exec.stdout}", "--no-summary", "--exec", "printf x",
                 origin.http + "/nothing")
    assert result.raw == b"0:x"
    assert command_of(origin, "echo", "--fields", "ok") == {"ok": True}
    assert command_of(origin, "echo", "--fields", "exec")["exec"]["stdout"] == "\n"


@pytest.mark.parametrize("options", [["--json"], ["--jsonl", "--ordered"]])
def test_in_input_order(origin, options):
    urls = [f"{origin.http}/nothing?{i}" for i in range(8)]
    result = run(*options, "--exec-jobs", "8", "--exec",
                 "sleep 0.$((8 - GATHER_INDEX)); echo $GATHER_INDEX", *urls)
    results = result.document["results"] if options == ["--json"] else result.results
    assert [r["exec"]["stdout"] for r in results] == [f"{i}\n" for i in range(8)]


# ---- how it goes ----


def test_an_input_that_is_not_read_holds_nothing_up(origin):
    for command in ("true", "exec <&-; sleep 0.1", "head -c 1 >/dev/null"):
        result = command_of(origin, command, path=f"/bytes/{2 * MIB}")
        assert result["ok"] and result["exec"]["exitcode"] == 0


def test_what_is_too_much_is_cut_and_said(origin):
    command = "head -c 5242880 /dev/zero | tr '\\0' a; echo end >&2"
    result = command_of(origin, command)
    assert result["exec"] == {"exitcode": 0, "stdout": "a" * MIB, "stderr": "end\n",
                              "truncated": True}
    result = command_of(origin, f"{{ {command}; }} 3>&1 1>&2 2>&3")
    assert (result["exec"]["stdout"], len(result["exec"]["stderr"])) == ("end\n", MIB)
    assert result["exec"]["truncated"]
    result = run("-s", "--no-summary", "--exec", command, origin.http + "/nothing")
    assert result.raw == b"a" * MIB
    assert f"warning: what the command for {origin.http}/nothing wrote was cut" in result.err
    exact = command_of(origin, "head -c 1048576 /dev/zero | tr '\\0' a")["exec"]
    assert (len(exact["stdout"]), exact["truncated"]) == (MIB, False)


@pytest.mark.parametrize("command, status", [
    ("exit 1", 1), ("exit 255", 255), ("no-such-command-here", 127), ("kill -9 $$", 137)])
def test_a_command_that_fails_fails_its_request(origin, command, status):
    result = fetch("--exec", command, origin.http + "/nothing")
    assert result.code == 1
    r = result.result
    assert (r["ok"], r["error"], r["http_code"]) == (False, "exec", 200)
    assert r["errormsg"] == f"the command ended with status {status}"
    assert r["exec"]["exitcode"] == status


def test_one_that_cannot_be_started_fails_too(origin, tmp_path):
    """No argument or variable may be over 128 KiB."""
    url = f"{origin.http}/nothing?{'x' * 140000}"
    result = fetch("--exec", "true", "-i", write_list(tmp_path / "list", url)).result
    if result["error"] != "exec":
        pytest.skip("the origin takes no such URL")
    assert result["errormsg"] == "the command could not be started: Argument list too long"
    assert result["exec"]["exitcode"] is None


def test_failures_count_as_failures(origin):
    urls = [origin.http + f"/nothing?{i}" for i in range(6)]
    odd = "test $((GATHER_INDEX % 2)) = 1"
    result = run("--exec", odd, "--json", *urls)
    assert result.code == 1
    summary = result.document["summary"]
    assert (summary["ok"], summary["failed"], summary["errors"]) == (3, 3, {"exec": 3})
    result = fetch("--exec", odd, "--first", "2", "-c", "1", "--exec-jobs", "1", *urls)
    assert result.code == 0
    assert sum(r["ok"] for r in result.results) == 2
    result = fetch("--exec", odd, "--fail-early", "--exec-jobs", "1", "-c", "1", *urls)
    assert result.code == 1
    assert [r["error"] for r in result.results][0] == "exec"


def test_it_is_not_tried_again(origin):
    result = fetch("--exec", "exit 1", "--retry", "3", "--retry-delay", "0.01",
                   "--retry-all-errors", origin.http + "/nothing").result
    assert (result["error"], result["attempts"]) == ("exec", 1)
    assert origin.seen()["requests"] == 1


def test_it_gets_what_the_last_attempt_brought(origin):
    result = fetch("--exec", "cat", "--retry", "3", "--retry-delay", "0.01",
                   origin.http + "/flaky/2").result
    assert (result["attempts"], result["exec"]["exitcode"]) == (3, 0)
    assert loads(result["exec"]["stdout"])


def test_resume_runs_those_that_failed_again(origin, tmp_path):
    urls = [origin.http + f"/nothing?{i}" for i in range(3)]
    options = ["--resume", tmp_path / "log", "--exec-jobs", "1"]
    assert fetch(*options, "--exec", "echo first; test $GATHER_INDEX != 1", *urls).code == 1
    result = fetch(*options, "--exec", "echo second", *urls)
    assert result.code == 0
    assert result.result["url"] == urls[1]
    log = [loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert sorted((r["url"], r["ok"], r["exec"]["stdout"]) for r in log) == [
        (urls[0], True, "first\n"), (urls[1], False, "first\n"), (urls[1], True, "second\n"),
        (urls[2], True, "first\n")]


def test_so_many_at_once(origin, tmp_path):
    """Each waits until two have begun; then never two at once."""
    urls = [origin.http + f"/nothing?{i}" for i in range(4)]
    command = (f"touch {tmp_path}/$GATHER_INDEX;"
               f" while test $(ls {tmp_path} | wc -l) -lt 2; do sleep 0.01; done")
    assert fetch("--exec-jobs", "2", "--exec-timeout", "20", "--exec", command, *urls[:2]).code == 0
    command = f"mkdir {tmp_path}/alone && sleep 0.05 && rmdir {tmp_path}/alone"
    assert fetch("--exec-jobs", "1", "--exec", command, *urls).code == 0


def test_transfers_go_on_while_commands_run(origin, tmp_path):
    """They hold no slot: with -c 1 all answers are in before the first command ends."""
    urls = [origin.http + f"/nothing?{i}" for i in range(40)]
    with start("--jsonl", "-c", "1", "--exec-jobs", "1", "--exec",
               f"while ! test -e {tmp_path}/go; do sleep 0.01; done", *urls) as g:
        origin.wait(requests=40, in_flight=0)
        (tmp_path / "go").touch()
        result = g.end()
    assert result.code == 0
    assert len(result.by_index) == 40


def test_what_waits_for_commands_is_bounded(origin, tmp_path):
    """64 MiB wait at most, besides what is in flight then."""
    urls = [f"{origin.http}/bytes/{4 * MIB}?{i}" for i in range(40)]
    with start("-s", "-c", "4", "--threads", "1", "--exec-jobs", "2", "--exec",
               f"while ! test -e {tmp_path}/go; do sleep 0.01; done; wc -c", *urls) as g:
        origin.wait(requests=18, in_flight=0)
        time.sleep(0.3)
        seen = origin.seen()["requests"]
        (tmp_path / "go").touch()
        result = g.end()
    assert 18 <= seen <= 2 + 16 + 4 + 2
    assert result.raw == b"%d\n" % (4 * MIB) * 40


def test_many_large_bodies(origin):
    sizes = [MIB - i for i in range(60)]
    result = run("-s", "--no-summary", "--ordered", "--exec-jobs", "4", "--exec", "cat",
                 *(f"{origin.http}/bytes/{size}" for size in sizes))
    assert result.code == 0
    assert result.raw == b"".join(map(pattern, sizes))


@without_wrapper
def test_no_zombies(origin):
    urls = [origin.http + f"/nothing?{i}" for i in range(20)]
    with start("--jsonl", "--exec", "cat & exit 0", *urls, origin.http + "/hang") as g:
        for _ in urls:
            assert loads(g.line())["ok"]
        with open(f"/proc/{g.process.pid}/task/{g.process.pid}/children", encoding="ascii") as file:
            assert file.read() == ""
        g.signal(signal.SIGINT)
        assert g.end().code == 130


def test_sequential_waits_for_each_command(origin):
    """The first command fails: nothing more is fetched."""
    urls = [origin.http + f"/nothing?{i}" for i in range(30)]
    result = fetch("--sequential", "--fail-early", "--exec", "sleep 0.2; exit 1", *urls)
    assert result.code == 1
    assert [r["error"] for r in result.results] == ["exec"]
    assert targets(origin.seen()) == ["/nothing?0"]


def test_a_chunk_waits_for_the_commands_of_the_one_before(origin, tmp_path):
    urls = [origin.http + f"/nothing?{i}" for i in range(7)]
    result = fetch("--chunk", "3", "--exec-jobs", "1", "--exec",
                   f"sleep 0.1; date +%s.%N >{tmp_path}/$GATHER_INDEX", *urls)
    assert result.code == 0
    by_index = result.by_index
    for i in range(3, 7):
        before = range(i // 3 * 3 - 3, i // 3 * 3)
        ended = max(float((tmp_path / str(k)).read_text()) for k in before)
        assert by_index[i]["started_at"] > ended - 0.05


def test_a_chunk_of_commands_that_fails_early_begins_no_other(origin):
    urls = [origin.http + f"/nothing?{i}" for i in range(20)]
    result = fetch("--chunk", "4", "--fail-early", "--exec", "sleep 0.2; exit 1", *urls)
    assert result.code == 1
    assert origin.seen()["requests"] == 4


# ---- how it ends ----


@pytest.mark.parametrize("command", ["sleep 1000", "sleep 1000; true", "while :; do :; done"])
def test_a_time_limit(origin, command):
    began = time.monotonic()
    result = command_of(origin, f"echo begun; {command}", "--exec-timeout", "0.3")
    assert result["error"] == "exec"
    assert result["errormsg"] == "the command had not ended after 300 ms"
    assert result["exec"]["stdout"] == "begun\n"
    assert time.monotonic() - began < soon(10)


def test_at_its_limit_it_may_clean_up(origin):
    result = command_of(origin, "trap 'echo cleaned; exit 5' TERM; while :; do sleep 0.02; done",
                        "--exec-timeout", "0.3")
    assert result["exec"]["stdout"] == "cleaned\n"
    assert result["errormsg"] == "the command had not ended after 300 ms"


def test_one_that_does_not_listen_is_killed_with_its_group(origin, tmp_path):
    pids = [tmp_path / "1", tmp_path / "2"]
    command = f"trap '' TERM; sleep 1000 & echo $! >{pids[1]}; echo $$ >{pids[0]}; wait; sleep 1000"
    result = command_of(origin, command, "--exec-timeout", "0.3")
    assert (result["error"], result["exec"]["exitcode"]) == ("exec", 128 + signal.SIGKILL)
    wait_until(lambda: not any(is_alive(read_pid(path)) for path in pids))


def test_one_within_its_limit(origin):
    assert command_of(origin, "sleep 0.1", "--exec-timeout", "20")["ok"]


def test_a_child_in_the_background_is_waited_for_while_it_holds_the_output(origin, tmp_path):
    result = command_of(origin, "{ sleep 0.2; echo late; } & echo early")
    assert result["exec"]["stdout"] == "early\nlate\n"
    pid = tmp_path / "pid"
    result = command_of(origin, f"sleep 1000 </dev/null >/dev/null 2>&1 & echo $! >{pid}")
    assert result["ok"]
    assert is_alive(read_pid(pid))
    os.kill(read_pid(pid), signal.SIGKILL)
    result = command_of(origin, f"sleep 1000 & echo $! >{pid}", "--exec-timeout", "0.2")
    assert result["error"] == "exec"
    wait_until(lambda: not is_alive(read_pid(pid)))


@pytest.mark.parametrize("number, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_commands(origin, tmp_path, number, code):
    urls = [origin.http + f"/nothing?{i}" for i in range(4)]
    with start("--jsonl", "--exec-jobs", "1", "--exec",
               f"echo $$ >{tmp_path}/pid.$GATHER_INDEX; sleep 1000; true", *urls) as g:
        wait_until(lambda: list(tmp_path.glob("pid.*")))
        path, = tmp_path.glob("pid.*")
        pid = read_pid(path)
        origin.wait(requests=4, in_flight=0)
        g.signal(number)
        result = g.end()
    assert result.code == code
    assert {r["error"] for r in result.by_index} == {"canceled"}
    assert [r["exec"] is not None for r in result.by_index].count(True) == 1
    assert not is_alive(pid)
    assert list(tmp_path.glob("pid.*")) == [path]


@without_wrapper
def test_a_second_signal_kills_what_does_not_listen(origin, tmp_path):
    pid = tmp_path / "pid"
    with start("--jsonl", "--exec", f"trap 'echo heard >{tmp_path}/heard' TERM INT; echo $$ >{pid};"
               " while :; do sleep 0.01; done", origin.http + "/nothing") as g:
        read_pid(pid)
        g.signal(signal.SIGINT)
        wait_until((tmp_path / "heard").exists)
        g.signal(signal.SIGINT)
        assert g.process.wait(timeout=20) == 130
    wait_until(lambda: not is_alive(read_pid(pid)))


def test_a_deadline_ends_commands(origin):
    result = fetch("--deadline", "0.4", "--exec", "sleep 1000", origin.http + "/nothing")
    assert result.code == 1
    assert result.result["error"] == "deadline"


# ---- other options ----


def test_dry_run_runs_none(origin, tmp_path):
    result = run("--dry-run", "--exec", f"touch {tmp_path}/ran", origin.http + "/nothing")
    assert (result.code, os.listdir(tmp_path)) == (0, [])
    assert targets(origin.seen()) == []


def test_an_empty_command_is_refused():
    result = run("--exec", "", "http://127.0.0.1/")
    assert (result.code, result.err) == (2, "gather: --exec: takes a command\n")
