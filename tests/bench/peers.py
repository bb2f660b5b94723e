"""The peers of the benchmark: how each is told to do a job, and what it cannot do."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Optional

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build"
OUT = BUILD / "bench"
GATHER_BUILT = Path(os.environ.get("GATHER", BUILD / "release/gather"))
GATHER = str(OUT / "gather")  # a copy: a make in between does not matter
UNDICI = OUT / "node_modules/undici"
PYTHON = "/usr/bin/python3"  # the one that Debian's aiohttp is for


@dataclass
class Job:
    name: str  # of the scenario
    url: str  # the first
    list: Optional[str]  # of all: a file, or - for standard input; None: url is all there is
    in_flight: int
    roots: Optional[Path]  # the authorities to verify servers with
    folder: Path  # for what is saved
    seconds: int  # for a peer that is timed

    def verify(self, option):
        return [option, str(self.roots)] if self.roots else []


@dataclass(frozen=True)
class Peer:
    name: str
    command: Callable  # (job) -> argv
    version: tuple = ()  # a command, and what to look for in its output
    line: str = "{url}\n"  # of its list
    reads: str = "file"  # or "stdin": where its list comes from
    is_timed: bool = False  # it repeats one URL for a time


def gather(*options):
    return lambda job: [GATHER, "-c", str(job.in_flight), *options, *job.verify("--cacert"),
                        *(["-i", job.list] if job.list else [job.url])]


def curl(job):
    if not job.list:
        return ["curl", "-q", "-fsS", "-o", "/dev/null", job.url]
    return ["curl", "-q", "-fsS", "-Z", "--parallel-immediate", "--parallel-max",
            str(min(job.in_flight, curl_most())), "--create-dirs", *job.verify("--cacert"), "-K", job.list]


def wget2(job):
    # A thread is a connection; with HTTP/2 one with all the streams was its fastest.
    threads, window = (1, job.in_flight) if job.name == "https2" else (job.in_flight, 1)
    return ["wget2", "--no-config", "-q", "--progress=none", "--tries=1", "-O", "/dev/null",
            f"--max-threads={threads}", f"--http2-request-window={window}",
            *job.verify("--ca-certificate"), *(["-i", job.list] if job.list else [job.url])]


def gather_o(job):
    return [*gather("-s", "-o", "{index}", "--output-dir", str(job.folder))(job)]


def wget2_o(job):
    null = wget2(job).index("/dev/null") - 1
    return [*wget2(job)[:null], "-P", str(job.folder), *wget2(job)[null + 2:]]


def aria2c(job):
    return ["aria2c", "--no-conf", "-q", "-j", str(job.in_flight), "--file-allocation=none",
            "--allow-overwrite=true", "-d", str(job.folder), "-i", job.list]


def aiohttp(job):
    return [PYTHON, str(HERE / "aiohttp_peer.py"), str(job.in_flight),
            *([str(job.roots)] if job.roots else [])]


def undici(job):  # the authorities come with NODE_EXTRA_CA_CERTS
    return ["node", str(HERE / "undici_peer.mjs"), str(UNDICI), str(job.in_flight),
            *(["h2"] if job.name == "https2" else [])]


def bare(threads):  # the authorities come with CACERT
    return lambda job: [str(OUT / "bare"), job.list or "/dev/stdin", str(job.in_flight), threads]


def wrk(job):  # it never verifies
    return ["wrk", "-t2", f"-c{job.in_flight}", f"-d{job.seconds}s", job.url]


PEERS = {
    "gather": Peer("gather", gather(), ([GATHER, "-V"], r"(?s).*libev\S* \S+")),
    "gather-jsonl": Peer("gather --jsonl", gather("--jsonl")),
    "gather-1": Peer("gather --threads 1", gather("--threads", "1")),
    "curl": Peer("curl -Z", curl, (["curl", "-V"], r".*"), 'url="{url}"\noutput="/dev/null"\n'),
    "gather-o": Peer("gather -o", gather_o),
    "curl-o": Peer("curl -Z, output", curl, line='url="{url}"\noutput="{folder}/{number}"\n'),
    "wget2-o": Peer("wget2 -P", wget2_o),
    "wget2": Peer("wget2", wget2, (["wget2", "-V"], r"Wget2 (\S+)")),
    "aria2c": Peer("aria2c", aria2c, (["aria2c", "-v"], r"version (\S+)"), "{url}\n out={number}\n"),
    "aiohttp": Peer("aiohttp + uvloop", aiohttp,
                    ([PYTHON, "-c", "import aiohttp, uvloop, sys; print(aiohttp.__version__, "
                      "'uvloop', uvloop.__version__, 'Python', sys.version.split()[0])"], r".+"),
                    reads="stdin"),
    "undici": Peer("undici", undici,
                   (["node", "-p", f"require('{UNDICI}/package.json').version + ' node ' + "
                     "process.version"], r".+"), reads="stdin"),
    "bare": Peer("the bare loop", bare("1")),
    "bare-2": Peer("the bare loop, 2 threads", bare("2")),
    "wrk": Peer("wrk", wrk, (["wrk", "-v"], r"wrk \S+"), is_timed=True),
}

LEFT_OUT = [  # peers, scenarios, why
    ("aria2c", "small-1000 small-4000 big", "it has no way to discard bodies (see small-100)"),
    ("wget2", "million-pipe", "it hangs on a list from a pipe"),
    ("aiohttp wrk", "https2", "it has no HTTP/2"),
    ("curl", "held", "it has at most 300 in flight before 8.16"),
]

SMALL = "small-10 small-100 small-1000 small-4000"
FEWER = [  # peers, scenarios, a part of the URLs: for those that are slow, whose rate does not fall
    ("aria2c", SMALL, 1 / 50),
    ("aiohttp", SMALL + " https1", 1 / 5),
    ("undici", "https2", 1 / 20),
]


def ask(command, pattern):
    """What a command says; None when it is not there or does not say it."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return None
    found = re.search(pattern, done.stdout + done.stderr)
    return (found[1] if found.re.groups else found[0]).strip() if found else None


def curl_most():
    """It goes on with fewer when more are asked for."""
    found = re.search(r"(\d+)\.(\d+)", ask(["curl", "-V"], r"curl \S+") or "0.0")
    return 300 if (int(found[1]), int(found[2])) < (8, 16) else 65535


def why_not(key, scenario):
    """Why a peer is left out; None: it is not."""
    for peers, scenarios, why in LEFT_OUT:
        if key in peers.split() and scenario in scenarios.split():
            if (key, scenario) != ("curl", "held") or curl_most() == 300:
                return why
    program = PEERS[key].command(Job("", "", "", 1, None, HERE, 1))[0]
    is_there = shutil.which(program) and (key != "undici" or UNDICI.exists()) and (
        key != "aiohttp" or ask(*PEERS[key].version))
    return None if is_there else "it is not installed: make bench-deps"


def count_for(key, scenario, count):
    for peers, scenarios, part in FEWER:
        if key in peers.split() and scenario in scenarios.split():
            return int(count * part)
    return count
