"""
Runs gather as a user does, and takes apart what it says.

    run("-c", "5", url)              -> Result: code, out, err, results, ...
    fetch(url)                       -> the same with --jsonl --no-summary
    with start("--jsonl") as g:      -> Running: lines as they come, signals, standard input

The environment says what is run:

    GATHER           the program (build/release/gather)
    GATHER_ARGS      options put before all others of every run
    GATHER_WRAPPER   a command that runs it: "valgrind -q --error-exitcode=99 --leak-check=full"
    SLOW=1           it is slow: no upper bounds on time or memory; known of itself for a wrapper
                     or a sanitizer
"""

import contextlib
import csv
import io
import json
import os
import pty
import re
import select
import shlex
import signal
import socket
import subprocess
import termios
import threading
import time

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GATHER = os.path.abspath(os.environ.get("GATHER") or os.path.join(ROOT, "build/release/gather"))
WRAPPER = shlex.split(os.environ.get("GATHER_WRAPPER", ""))
ARGS = shlex.split(os.environ.get("GATHER_ARGS", ""))


def has_sanitizer():
    if not os.access(GATHER, os.X_OK):
        raise pytest.UsageError(f"{GATHER} is not there: make, or set GATHER")
    with open(GATHER, "rb") as file:
        return re.search(b"__(asan|tsan|msan)_init", file.read()) is not None


SLOW = bool(WRAPPER) or os.environ.get("SLOW", "0") not in ("", "0") or has_sanitizer()
PATIENCE = 240 if SLOW else 30  # seconds until a run is taken to hang

COMMAND = [*WRAPPER, GATHER, *ARGS]

# For python -S -c, with a file and a command: runs it, and writes its exit status and the peak of
# its resident set, in KB, to the file. The peak of a process includes that of the one that it was
# forked from; this one is small.
MEASURE = """
import os, sys
pid = os.posix_spawn(sys.argv[2], sys.argv[2:], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    print(os.waitstatus_to_exitcode(status), usage.ru_maxrss, file=file)
"""

only_at_full_speed = pytest.mark.skipif(SLOW, reason="measures time or memory")
without_wrapper = pytest.mark.skipif(bool(WRAPPER), reason="the wrapper needs what is taken away")


def soon(seconds):
    """An upper bound on time: that many seconds, or any when it is slow."""
    return float("inf") if SLOW else seconds


def enough(seconds):
    """A lower bound on the time of a transfer that was given that many seconds: libcurl begins to
    count towards the limit a little before it begins to count the time."""
    return 0.9 * seconds


def apart(seconds):
    """A lower bound on the time between two requests as a server sees it: that many seconds, or
    none when it is slow, as the first one may be held up on its way."""
    return 0 if SLOW else seconds


def environment(**changes):
    """Ours without what would change how gather behaves, and with these changes."""
    env = {name: value for name, value in os.environ.items()
           if not name.lower().endswith("_proxy") and name not in ("NO_COLOR", "TERM", "COLUMNS")}
    env.update(HOME="/nonexistent", LC_ALL="C.UTF-8")
    env.update(changes)
    return env


def strict(pairs):
    """For json.loads: an object in which no member comes twice."""
    made = dict(pairs)
    assert len(made) == len(pairs), f"a member comes twice: {pairs}"
    return made


def loads(text):
    """JSON as the standard has it: no NaN, no member twice, valid UTF-8."""
    def refuse(word):
        raise ValueError(word)
    return json.loads(text, object_pairs_hook=strict, parse_constant=refuse)


class Result:
    """What a run left: its exit status, and what it wrote (bytes in raw, text in out)."""

    def __init__(self, code, raw, err):
        self.code, self.raw = code, raw
        self.err = err.decode()

    @property
    def out(self):
        return self.raw.decode()

    @property
    def lines(self):
        """Of standard output; each must be whole."""
        assert not self.raw or self.raw.endswith(b"\n"), self.raw[-200:]
        return self.out.split("\n")[:-1]

    @property
    def results(self):
        """--jsonl, in the order of completion."""
        return [loads(line) for line in self.lines]

    @property
    def result(self):
        """The only one."""
        (only,) = self.results
        return only

    @property
    def by_index(self):
        """--jsonl, in the order of the input; each index exactly once."""
        found = sorted(self.results, key=lambda r: r["index"])
        assert [r["index"] for r in found] == list(range(len(found)))
        return found

    @property
    def document(self):
        """--json."""
        return loads(self.raw)

    @property
    def rows(self):
        """--csv, as dicts."""
        reader = csv.DictReader(io.StringIO(self.out, newline=""), strict=True)
        rows = list(reader)
        assert all(None not in row and None not in row.values() for row in rows), "ragged rows"
        return rows

    @property
    def columns(self):
        """Text lines, split where there are two or more spaces."""
        return [re.split(" {2,}", line.strip()) for line in self.lines]

    def __repr__(self):
        return f"<exit {self.code}\n{self.raw[:4000]!r}\n{self.err[:4000]}>"


def run(*args, stdin=b"", env=None, shell=None, cwd=None):
    """
    Runs gather to its end. shell is a line of bash that runs it as "$@", for redirections and
    limits. stdin is bytes or a file.
    """
    command = [*COMMAND, *map(str, args)]
    if shell:
        command = ["bash", "-c", shell, "bash", *command]
    given = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False, cwd=cwd,
                          env=environment(**(env or {})), **given)
    return Result(done.returncode, done.stdout, done.stderr)


def fetch(*args, **more):
    """run() with --jsonl and nothing on standard error but complaints."""
    return run("--jsonl", "--no-summary", *args, **more)


class Running:
    """A run that goes on. It is killed when it hangs."""

    def __init__(self, args, stdin, env):
        self.process = subprocess.Popen(
            [*COMMAND, *map(str, args)], stdin=stdin, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=environment(**(env or {})), bufsize=0)
        self.read = b""  # of standard output, not yet handed out
        self.said = b""  # on standard error, so far
        self.watchdog = threading.Timer(PATIENCE, self.process.kill)
        self.watchdog.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.watchdog.cancel()
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()

    def write(self, text):
        """To its standard input."""
        self.process.stdin.write(text.encode())

    def line(self, timeout=PATIENCE):
        """The next line of standard output, as soon as it is there."""
        end = time.monotonic() + timeout
        while b"\n" not in self.read:
            left = max(0, end - time.monotonic())
            if not select.select([self.process.stdout], [], [], left)[0]:
                raise TimeoutError(f"no line within {timeout} s")
            piece = self.process.stdout.read(65536)
            if not piece:
                raise EOFError(self.read)
            self.read += piece
        line, _, self.read = self.read.partition(b"\n")
        return line.decode()

    def wait_read(self, word):
        """Waits for a word on standard output, which stays to be read."""
        while word.encode() not in self.read:
            piece = self.process.stdout.read(65536)
            if not piece:
                raise EOFError(self.read)
            self.read += piece

    def wait_said(self, *words):
        """Waits for all of these words on standard error."""
        while not all(word.encode() in self.said for word in words):
            piece = self.process.stderr.read(65536)
            if not piece:
                raise EOFError(self.said)
            self.said += piece

    def signal(self, number=signal.SIGINT):
        self.process.send_signal(number)

    def end(self, close_stdin=True):
        """Waits for its end and returns a Result of what was not read as lines."""
        if self.process.stdin and close_stdin and not self.process.stdin.closed:
            self.process.stdin.close()
        parts = {self.process.stdout: [self.read], self.process.stderr: [self.said]}
        left = {pipe for pipe in parts if not pipe.closed}
        while left:
            for pipe in select.select(list(left), [], [])[0]:
                piece = pipe.read(65536)
                parts[pipe].append(piece)
                if not piece:
                    left.remove(pipe)
        code = self.process.wait()
        return Result(code, b"".join(parts[self.process.stdout]),
                      b"".join(parts[self.process.stderr]))


def start(*args, stdin=None, env=None):
    """
    Starts gather. stdin="pipe" gives one that write() feeds and that stays open until end().
    """
    return Running(args, subprocess.PIPE if stdin == "pipe" else stdin or subprocess.DEVNULL, env)


def on_terminal(*args, env=None, columns=80, stdout=None, look=None):
    """
    Runs gather with a terminal for its standard streams; stdout is a file instead of one of them.
    look(process, output so far) is called whenever there is more output. Returns its exit status
    and output.
    """
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, columns))
    with subprocess.Popen([*COMMAND, *map(str, args)], stdin=slave, stdout=stdout or slave,
                          stderr=slave,
                          env=environment(**{"TERM": "xterm", **(env or {})})) as process:
        os.close(slave)
        watchdog = threading.Timer(PATIENCE, process.kill)
        watchdog.start()
        parts = []
        try:
            while piece := os.read(master, 65536):
                parts.append(piece)
                if look:
                    look(process, b"".join(parts).decode(errors="replace"))
        except OSError:  # Linux says EIO at the end of a terminal
            pass
        process.wait()
        watchdog.cancel()
    os.close(master)
    return process.returncode, b"".join(parts).decode()


def write_list(path, *lines, end="\n"):
    """A list file; returns its name."""
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + end.encode()
                              for line in lines))
    return str(path)


def targets(seen):
    """The paths that the origin was asked for, in order."""
    return [entry["path"] for entry in seen["log"]]


def refused_port():
    """A port that nothing listens on, kept from others while the socket lives."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    return sock, sock.getsockname()[1]


@contextlib.contextmanager
def full_backlog(host, port):
    """A port that takes no more connections: the kernel drops what asks for one."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind((host, port))
        listener.listen(0)
        for _ in range(8):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        select.select([listener], [], [], PATIENCE)
        yield listener.getsockname()[1]
