#!/usr/bin/env python3
"""
soak.py: one long run of gather against servers that fail and restart, held against what they saw.

One gather reads a list that goes on for SOAK_TIME seconds (3600), SOAK_RATE requests in each
(2000), and tries again what fails. Of the answers of two nginx 1 % are a 503, 1 % are cut off, and
1 % are resets instead. Each nginx is stopped and started again once in the first minute and twice
after that, and hangs for a second now and then.

Every request must have exactly one result, with its own body, and as many attempts as the servers
saw. After the first minute memory must stay within 2 MB, and there must not be more descriptors;
this is said of runs of five minutes and longer. Fails if something is not so. SIGINT ends the list
early.

GATHER is the program (build/release/gather).
"""

import collections
import fcntl
import functools
import hashlib
import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from resumed import Resumed
from servers import NGINX, THOUSANDS, Server, Short, die_with_parent

ROOT = Path(__file__).resolve().parents[2]
GATHER = os.path.abspath(os.environ.get("GATHER") or ROOT / "build/release/gather")
SECONDS = float(os.environ.get("SOAK_TIME") or 3600)
RATE = int(os.environ.get("SOAK_RATE") or 2000)
IN_FLIGHT = 200
RETRIES = 8
FORMAT = r"%{index} %{http_code} %{attempts} %{checksum} %{error}\n"
# glibc's malloc() writes to all that it gives, and gives nothing back to the system. So what is
# resident is the most that was needed at once, and does not depend on which of its pages were used.
ENVIRONMENT = {**os.environ, "MALLOC_PERTURB_": "165", "MALLOC_TRIM_THRESHOLD_": "1000000000"}

FIRST_MINUTE = min(60, SECONDS / 4)
DOWN = min(1, SECONDS / 40)  # seconds that a server is stopped, or hangs
RESTARTS = 6
JUDGED = 300  # seconds that a run must last to say something of the next two
MEMORY_KB = 2048
IDLE = 64  # connections that may be kept for later: what a lane keeps (LANE_LIMIT)
TICK = min(1, SECONDS / 100)  # seconds between samples
PATIENCE = 120  # seconds for what is left when the list has ended
BODIES = [hashlib.sha256(b"x" * 1000 * thousands) for thousands in THOUSANDS]
FATES = (b"fine", b"busy", b"cut", b"reset")


def path_of(number):
    """Every tenth is compressed; with all sizes."""
    return f"/gzip/{number}" if number // 10 % 10 == 0 else f"/plain/{number}"


def checksum_of(number):
    body = BODIES[number % 10].copy()
    body.update(path_of(number).encode())
    return body.hexdigest()


class Ledger:
    """What became of each request, by number, which is its place in the list."""

    def __init__(self):
        self.given = 0  # all below were written to the pipe
        self.attempts = bytearray()  # that gather tells of; 0: no result yet
        self.seen = {fate: bytearray() for fate in FATES}  # attempts that the servers logged
        self.failed = {}  # number: class
        self.disturbed = set()  # those that a server's restart may have met
        self.doubled = self.wrong = 0
        self.first_open = 0  # all below have a result

    def give(self, count):
        """Room for so many more; their numbers."""
        numbers = range(self.given, self.given + count)
        for column in (self.attempts, *self.seen.values()):
            column.extend(bytes(count))
        self.given = numbers.stop
        return numbers

    def take_request(self, path, fate):
        """A line of a server's log."""
        self.seen[fate][int(path[path.rindex(b"/") + 1:])] += 1

    def take_result(self, line):
        """A line of gather's."""
        index, status, attempts, checksum, error = line.decode().split(" ")
        number = int(index)
        self.doubled += self.attempts[number] != 0
        self.attempts[number] = int(attempts)
        if error:
            self.failed[number] = error
        elif status != "200" or checksum != checksum_of(number):
            self.wrong += 1

    def mark_disturbed(self):
        """What has no result now: it may be at a server that stops, or sent to one that is away."""
        number = self.attempts.find(0, self.first_open)
        self.first_open = number if number >= 0 else self.given
        while number >= 0:
            self.disturbed.add(number)
            number = self.attempts.find(0, number + 1)

    def count_unlike(self):
        """
        Requests whose attempts are not what the servers saw. A reset that comes before anything of
        an answer may have been met by libcurl alone, which asks again on a new connection.
        """
        unlike = 0
        for number, told in enumerate(zip(self.attempts, *self.seen.values())):
            attempts, fine, busy, cut, reset = told
            answered = fine + busy + cut
            if number not in self.disturbed and not (
                    fine == (number not in self.failed) and
                    answered <= attempts <= answered + reset):
                unlike += 1
        return unlike


class Sample(collections.namedtuple("Sample", "at rss_kb anon_kb sockets others")):
    @classmethod
    def take(cls, pid, at):
        status = Path(f"/proc/{pid}/status").read_text()
        sizes = dict(re.findall(r"(VmRSS|RssAnon):\s*(\d+)", status))
        if not sizes:
            return None  # it has ended
        kinds = collections.Counter()
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                kinds[os.readlink(descriptor).startswith("socket:")] += 1
            except FileNotFoundError:
                pass  # closed since
        return cls(at, int(sizes["VmRSS"]), int(sizes["RssAnon"]), kinds[True], kinds[False])


class Soak:
    def __init__(self, folder):
        self.folder = folder
        self.ledger = Ledger()
        self.servers = [Server(folder, name, self.take_request) for name in ("a", "b")]
        self.beside = Resumed(GATHER, folder / "beside", [server.port for server in self.servers])
        self.plan = self.make_plan()
        self.away = {}  # server: what was given when it stopped
        self.restarts = 0
        self.has_ended = threading.Event()  # the list
        self.is_interrupted = False
        self.began = 0
        self.samples = []
        self.process = None
        self.usage = None
        self.hangs = False

    def make_plan(self):
        """
        What is done to the servers, and when. In the first minute everything that is met later, so
        that all connections were in use and many requests have waited: the memory that this takes
        is kept, and the question is whether it stays at that.
        """
        rest = SECONDS - FIRST_MINUTE
        pauses = [FIRST_MINUTE * part / 10 for part in (1, 2, 3, 4, 5, 6)]
        pauses += [FIRST_MINUTE + rest * part / 10 for part in (3, 5, 7, 9)]
        stops = [FIRST_MINUTE * part / 10 for part in (7, 8)]
        stops += [FIRST_MINUTE + rest * part / 10 for part in (2, 4, 6, 8)]
        plan = []
        for at, server in zip(pauses, self.servers * len(pauses)):
            plan += [(at, server.pause), (at + DOWN, server.go_on)]
        for at, server in zip(stops, self.servers * len(stops)):
            plan += [(at, functools.partial(self.stop, server)), (at + DOWN, server.start)]
        return collections.deque(sorted(plan, key=lambda step: step[0]))

    def stop(self, server):
        self.away[server] = self.ledger.given
        server.stop()
        self.ledger.mark_disturbed()

    def run(self):
        (self.folder / "temp").mkdir()
        Short(self.folder).start()
        for server in self.servers:
            server.start()
        for server in self.servers:
            while not server.listens():
                time.sleep(0.01)
        with open(self.folder / "summary", "wb") as summary:
            self.process = subprocess.Popen(
                [GATHER, "--rate", f"{2 * RATE}/s", "-c", str(IN_FLIGHT), "--retry", str(RETRIES),
                 "--compressed", "--checksum", "sha256", "--noproxy", "*", "-w", FORMAT],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=summary,
                env=ENVIRONMENT, preexec_fn=die_with_parent, start_new_session=True)
        self.began = time.monotonic()
        feeder = threading.Thread(target=self.feed, daemon=True)
        feeder.start()
        self.read_results()
        _, status, self.usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.has_ended.set()
        feeder.join()
        while self.beside.tick(self.elapsed(), False):
            self.follow_plan(self.elapsed())
            if self.elapsed() >= SECONDS + PATIENCE:
                self.beside.give_up()
            time.sleep(0.01)
        for server in self.servers:
            server.close()

    def take_request(self, line):
        path, fate = line.split(b" ")
        taker = self.beside if path.startswith(b"/resumed/") else self.ledger
        taker.take_request(path, fate)

    def elapsed(self):
        return time.monotonic() - self.began

    def interrupt(self):
        self.is_interrupted = True
        self.has_ended.set()

    def feed(self):
        """The list. Never far ahead of gather; what it is behind the clock it makes up for."""
        pipe = self.process.stdin
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 4096)
        try:
            while not self.has_ended.wait(0.005):
                due = int(self.elapsed() * RATE) - self.ledger.given
                pipe.write(b"".join(map(self.line_of, self.ledger.give(min(due, 100)))))
                pipe.flush()
            pipe.close()
        except BrokenPipeError:
            pass

    def line_of(self, number):
        """A line of the list: for one server or the other, a URL or an object."""
        url = f"http://127.0.0.1:{self.servers[number % 2].port}{path_of(number)}"
        return (f'{{"url":"{url}","id":{number}}}\n' if number % 8 == 5 else f"{url}\n").encode()

    def read_results(self):
        pipe = self.process.stdout.fileno()
        rest = b""
        while True:
            self.tick(self.elapsed())
            if not select.select([pipe], [], [], 0.1)[0]:
                continue
            piece = os.read(pipe, 65536)
            if not piece:
                break
            lines = (rest + piece).split(b"\n")
            rest = lines.pop()
            for line in lines:
                self.ledger.take_result(line)
        self.ledger.wrong += rest != b""

    def tick(self, at):
        """What is to be done by now."""
        if at >= SECONDS:
            self.has_ended.set()
        if at >= SECONDS + PATIENCE:
            self.hangs = True
            self.process.kill()
        self.beside.tick(at, True)
        self.follow_plan(at)
        if at >= len(self.samples) * TICK and not self.has_ended.is_set():
            self.sample(at)

    def follow_plan(self, at):
        while self.plan and at >= self.plan[0][0]:
            self.plan.popleft()[1]()
        for server in [server for server in self.away if server.process and server.listens()]:
            self.ledger.disturbed.update(range(self.away.pop(server), self.ledger.given))
            self.restarts += 1

    def sample(self, at):
        sample = Sample.take(self.process.pid, at)
        if sample:
            self.samples.append(sample)
            if len(self.samples) % 60 == 0:
                self.say()

    def say(self):
        print(f"{{0.at:6.0f}} s  {self.ledger.given:9,} given  {len(self.ledger.failed)} failed  "
              "{0.rss_kb} kB resident ({0.anon_kb} its own)  {0.sockets} sockets"
              .format(self.samples[-1]), flush=True)


class Judge:
    """Prints what was found, and counts it as check.sh wants it."""

    def __init__(self):
        self.passed = self.failed = 0

    def says(self, what, is_so, figures):
        self.passed += bool(is_so)
        self.failed += not is_so
        print(f"{'ok' if is_so else 'FAILED':6}  {what}: {figures}")

    def end(self):
        print(f"[  PASSED  ] {self.passed} test(s).")
        if self.failed:
            print(f"[  FAILED  ] {self.failed} test(s)")
        return 1 if self.failed else 0


def judge_results(judge, soak):
    ledger = soak.ledger
    results = ledger.given - ledger.attempts.count(0)
    seen = {fate.decode(): sum(column) for fate, column in ledger.seen.items()}
    classes = collections.Counter(ledger.failed.values())
    judge.says("each request has a result", results == ledger.given,
               f"{ledger.given:,} requests, {results:,} results")
    judge.says("no request has two", not ledger.doubled, ledger.doubled)
    judge.says("bodies are whole, and those that were asked for", not ledger.wrong,
               f"{results - len(ledger.failed):,} ok, {ledger.wrong} wrong")
    judge.says("nothing fails but what a restart met", ledger.failed.keys() <= ledger.disturbed,
               f"{len(ledger.failed)} failed {dict(classes)}, {len(ledger.disturbed):,} were met")
    judge.says("servers saw as many attempts, and no more after a whole answer",
               not ledger.count_unlike(),
               f"{sum(ledger.attempts):,} attempts; the servers saw {seen}")
    print("        requests by attempts:",
          dict(sorted(collections.Counter(ledger.attempts).items())))
    judge.says("a run that is killed is resumed from its log",
               soak.beside.lists and not soak.beside.faults and
               not soak.beside.count_unlike(soak.restarts),
               f"{soak.beside.lists} lists, {soak.beside.kills} kills {soak.beside.faults}")
    judge.says("servers failed in all ways",
               all(seen.values()) and (soak.is_interrupted or soak.restarts == RESTARTS),
               f"{soak.restarts} restarts{', interrupted' * soak.is_interrupted}")
    judge.says("gather ends", soak.process.returncode == bool(ledger.failed) and not soak.hangs,
               f"exit status {soak.process.returncode}")


def judge_memory(judge, soak):
    late = [sample for sample in soak.samples if sample.at >= FIRST_MINUTE]
    if soak.is_interrupted or not late:
        return
    sizes = [sample.rss_kb for sample in late]
    judge.says("memory is flat" if SECONDS >= JUDGED else "memory is not judged in so short a run",
               SECONDS < JUDGED or max(abs(size - sizes[0]) for size in sizes) <= MEMORY_KB,
               f"{sizes[0]} kB after {FIRST_MINUTE:.0f} s, then {min(sizes)} to {max(sizes)}, "
               f"{sizes[-1]} at the end")
    # The least, since what is more may be in use, when the machine is busy; but some of what was
    # used is kept for a while.
    early = min((s.sockets for s in late if s.at < 2 * FIRST_MINUTE), default=0)
    end = min((s.sockets for s in late if s.at >= SECONDS * 5 / 6), default=0)
    judge.says("no socket is leaked", SECONDS < JUDGED or end <= early + IDLE,
               f"at least {early} in the second minute, {end} in the last sixth, "
               f"at most {max(s.sockets for s in late)}")
    others = {s.others for s in late}
    judge.says("nor another descriptor", len(others) == 1, sorted(others))


def main():
    if not NGINX:
        sys.exit("soak: there is no nginx here: SETS=check make deps")
    with tempfile.TemporaryDirectory(prefix="soak") as name:
        soak = Soak(Path(name))
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: soak.interrupt())
        soak.run()
        print((soak.folder / "summary").read_text(errors="replace"))
    usage = soak.usage
    print(f"processor time: {usage.ru_utime:.1f} s, and {usage.ru_stime:.1f} s in the system")
    judge = Judge()
    judge_results(judge, soak)
    judge_memory(judge, soak)
    return judge.end()


if __name__ == "__main__":
    sys.exit(main())
