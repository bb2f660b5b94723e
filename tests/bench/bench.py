#!/usr/bin/env python3
"""gather beside its peers: the same work in one run.

How it measures: the peers of a scenario take turns, so that a change of the machine's mood touches
all of them; figures are medians over the repetitions. A run counts only when the client's exit
status is 0 and the server saw exactly the requests of the list; else it is void, and says why.
Time is the client's from start to end, its start-up included. CPU is the client's user and system
time. Memory is its peak resident size. All have the same list, keep connections, and discard
bodies; nobody is warmed up. The servers share the machine's cores with the client.

Tables go to standard output and build/bench/results.md, every figure to build/bench/results.json.
"""

import argparse
import json
import os
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

sys.dont_write_bytecode = True

from peers import GATHER, GATHER_BUILT, HERE, OUT, PEERS, Job, ask, count_for, curl_most, why_not
from servers import BIG_BYTES, TLS_HOSTS, Site, die_with_parent

DESCRIPTORS = 65536

# ---- scenarios ----

ALL = "gather gather-jsonl gather-1 curl wget2 aria2c aiohttp undici bare bare-2 wrk"
SAVERS = "gather-o curl-o wget2-o aria2c"
SOME = "gather gather-1 curl wget2 aiohttp undici bare bare-2"


@dataclass(frozen=True)
class Scenario:
    title: str
    count: int  # URLs
    quick: int  # the same with --quick
    in_flight: int  # 0: all of them
    url: Callable  # (site, number) -> the URL
    peers: str
    server: tuple = ("nginx",)  # or what slow.c is given
    repeat: int = 99  # at most
    runs: int = 1  # of each client in a repetition
    list_from: str = "file"  # or "pipe", or "argument"
    roots: str = ""  # the authorities that are given: the site's "own", or the "system"'s too
    rate: tuple = ("requests/s", 1)
    needs_root: bool = False


def small_url(site, i):
    return f"http://127.0.0.1:{site.http}/s?{i}"


def slow_url(site, i):
    return f"http://127.0.0.1:{site.slow}/{i}"


def small(in_flight):
    return Scenario(f"50,000 small answers, {in_flight:,} in flight", 50_000, 10_000, in_flight,
                    small_url, ALL)


SCENARIOS = {
    "small-10": small(10),
    "small-100": small(100),
    "small-1000": small(1000),
    "small-4000": small(4000),
    "million-file": Scenario("1,000,000 URLs from a file, 100 in flight", 1_000_000, 30_000, 100,
                             small_url, "gather wget2 bare", repeat=1),
    "million-pipe": Scenario("1,000,000 URLs from a pipe, 100 in flight", 1_000_000, 30_000, 100,
                             small_url, "gather", repeat=1, list_from="pipe"),
    "three-million": Scenario("3,000,000 URLs from a file, 100 in flight", 3_000_000, 90_000, 100,
                              small_url, "gather", repeat=1),
    "delay": Scenario("500 answers that take 200 ms each, 100 in flight (ideal: 1.000 s)", 500, 500,
                      100, slow_url, "gather gather-1 curl wget2 aria2c aiohttp undici bare",
                      server=("delay", "200")),
    "big": Scenario("50 bodies of 20 MB discarded, all at once", 50, 10, 0,
                    lambda site, i: f"http://127.0.0.1:{site.http}/big?{i}", SOME + " aria2c",
                    rate=("MB/s", BIG_BYTES / 1e6)),
    "files": Scenario("20,000 small answers into files, 100 in flight", 20_000, 5_000, 100, small_url,
                      SAVERS),
    "files-big": Scenario("50 bodies of 20 MB into files, all at once", 50, 10, 0,
                          lambda site, i: f"http://127.0.0.1:{site.http}/big?{i}", SAVERS,
                          rate=("MB/s", BIG_BYTES / 1e6)),
    "https2": Scenario("50,000 small answers, HTTPS with HTTP/2, 100 in flight", 50_000, 10_000,
                       100, lambda site, i: f"https://127.0.0.1:{site.h2}/s?{i}",
                       ALL.replace(" aria2c", ""), roots="own"),
    "https1": Scenario("50,000 small answers, HTTPS with HTTP/1.1, 100 in flight", 50_000, 10_000,
                       100, lambda site, i: f"https://127.0.0.1:{site.tls}/s?{i}",
                       ALL.replace(" aria2c", ""), roots="own"),
    "hosts": Scenario("2,000 hosts, a new connection each, 100 in flight", 2_000, 1_000, 100,
                      lambda site, i: f"http://{site.host(i)}:{site.any}/s", SOME, runs=5),
    "https-hosts": Scenario("500 HTTPS hosts, a new connection each, 100 in flight, verified with "
                            "the system's authorities", TLS_HOSTS, 50, 100,
                            lambda site, i: f"https://{site.host(i)}:{site.any_tls}/s", SOME,
                            roots="system"),
    "held": Scenario("10,000 connections held open at once", 10_000, 2_000, 0, slow_url,
                     "gather gather-1 curl aiohttp undici bare", server=("hold", "{count}"), repeat=3),
    "names": Scenario("10,000 host names, look-ups that take 2 ms, 1,000 in flight", 10_000, 1_000,
                      1000, lambda site, i: f"http://host{i}.bench.test:{site.http}/s", "gather curl",
                      server=("dns", "2"), repeat=3, needs_root=True),
    "one": Scenario("one URL: start-up", 1, 1, 1, small_url, "gather curl wget2 bare", runs=40,
                    list_from="argument"),
}

# ---- bars: what the project wants to reach ----


def ratio(key, scenario, client, to):
    """A figure of a client, divided by that of another, or of its own in another scenario."""
    other = (to, client) if to in SCENARIOS else (scenario, to)
    return lambda of: of(scenario, client)[key] / of(*other)[key]


BARS = [  # what, as what, at least or at most, bound, from medians of(scenario, client)
    ("small answers, 100 in flight", "x curl -Z", ">=", 2.5,
     ratio("rate", "small-100", "gather", "curl")),
    ("", "x wget2", ">=", 1.25, ratio("rate", "small-100", "gather", "wget2")),
    ("", "x undici", ">=", 1.7, ratio("rate", "small-100", "gather", "undici")),
    ("", "x aiohttp + uvloop", ">=", 10, ratio("rate", "small-100", "gather", "aiohttp")),
    ("the same, CPU per request", "x the bare loop", "<=", 1.25,
     ratio("cpu", "small-100", "gather", "bare")),
    ("the same with --jsonl", "x the bare loop", "<=", 1.6,
     ratio("cpu", "small-100", "gather-jsonl", "bare")),
    ("1,000 in flight to one host", "x its rate at 100", ">=", 0.75,
     ratio("rate", "small-1000", "gather", "small-100")),
    ("4,000 in flight to one host", "x its rate at 100", ">=", 0.5,
     ratio("rate", "small-4000", "gather", "small-100")),
    ("1,000,000 URLs from a file, peak", "MB", "<=", 32, lambda of: of("million-file", "gather")["mb"]),
    ("1,000,000 URLs from a pipe, peak", "MB", "<=", 32, lambda of: of("million-pipe", "gather")["mb"]),
    ("3,000,000 URLs, peak", "MB more", "<=", 2,
     lambda of: of("three-million", "gather")["mb"] - of("million-file", "gather")["mb"]),
    ("500 x 200 ms at 100", "x the ideal second", "<=", 1.03, lambda of: of("delay", "gather")["wall"]),
    ("10,000 connections held", "KB each", "<=", 20,
     lambda of: of("held", "gather")["mb"] * 1024 / of("held", "gather")["count"]),
    ("20,000 small files", "x curl -Z", ">=", 1.2, ratio("rate", "files", "gather-o", "curl-o")),
    ("", "x wget2", ">=", 3, ratio("rate", "files", "gather-o", "wget2-o")),
    ("50 files of 20 MB", "x curl -Z", ">=", 1.0, ratio("rate", "files-big", "gather-o", "curl-o")),
    ("HTTPS with HTTP/2, 100 in flight", "x curl -Z", ">=", 1.5,
     ratio("rate", "https2", "gather", "curl")),
    ("", "x wget2", ">=", 1.0, ratio("rate", "https2", "gather", "wget2")),
    ("one URL", "x curl's time", "<=", 1.2, ratio("wall", "one", "gather", "curl")),
]

# ---- runs ----


class Bench:
    def __init__(self, options, site):
        self.options, self.site, self.folder = options, site, site.folder

    def run_scenario(self, name):
        scenario = SCENARIOS[name]
        count = scenario.quick if self.options.quick else scenario.count
        result = {"title": scenario.title, "count": count, "clients": {}, "left_out": {}}
        if scenario.needs_root and os.geteuid() != 0:
            return {**result, "left_out": {"all": "this needs root"}}
        keys = [key for key in scenario.peers.split() if key in self.options.peers]
        result["left_out"] = {key: why for key in keys if (why := why_not(key, name))}
        keys = [key for key in keys if key not in result["left_out"]]
        counts = {key: count_for(key, name, count) for key in keys}
        server = None
        if scenario.server[0] != "nginx":
            server = self.site.start_slow(scenario.server[0], scenario.server[1].format(count=count))
        runs = {key: [] for key in keys}
        for turn in range(min(self.options.repeat, scenario.repeat)):
            for key in keys:
                say(f"{name}: {turn + 1}: {PEERS[key].name}")
                path = self.list_of(scenario, PEERS[key].line, counts[key])
                for _ in range(max(1, scenario.runs // (5 if self.options.quick else 1))):
                    runs[key].append(self.run(name, key, counts[key], path))
        say("")
        if server:
            self.site.stop(server)
        for path in self.folder.glob("list-*"):
            path.unlink()
        for path in self.folder.glob("saved*"):
            shutil.rmtree(path)
        for key in keys:
            result["clients"][key] = summarize(runs[key], scenario.rate[1])
            if key == "curl" and (scenario.in_flight or count) > curl_most():
                result["clients"][key]["note"] = f"{curl_most()} in flight are its most"
        return result

    def list_of(self, scenario, line, count):
        """A file; those that want the same share it."""
        path = self.folder / f"list-{[peer.line for peer in PEERS.values()].index(line)}-{count}"
        if not path.exists():
            with open(path, "w", encoding="ascii") as file:
                file.writelines(line.format(url=scenario.url(self.site, i), number=i,
                                            folder=self.folder / "saved") for i in range(count))
        return path

    def run(self, name, key, count, path):
        scenario, peer, server = SCENARIOS[name], PEERS[key], SCENARIOS[name].server[0]
        is_stdin = scenario.list_from == "pipe" or peer.reads == "stdin"
        job = Job(name, scenario.url(self.site, 0), "-" if is_stdin else str(path),
                  scenario.in_flight or count,
                  self.folder / f"{scenario.roots}.pem" if scenario.roots else None,
                  self.folder / "saved", 1 if self.options.quick else 3)
        if scenario.list_from == "argument" and key != "bare":
            job.list = None
        command = [str(OUT / "measure"), *(["-t"] if server == "dns" else []),
                   str(self.folder / "figures"), *peer.command(job)]
        if server == "dns":
            command = self.with_resolver(command)
        # Not removed before the next run: ext4 is slow for a while to use those inodes again.
        if (self.folder / "saved").exists():
            (self.folder / "saved").rename(tempfile.mkdtemp(prefix="saved-", dir=self.folder))
        before = self.site.count(server)
        ended = self.execute(command, path if is_stdin else os.devnull, scenario.list_from == "pipe",
                             job.roots, 60 + count / 1000)
        try:
            words = (self.folder / "figures").read_text().split()
            run = {"count": count, "status": int(words[0]), "wall": float(words[1]),
                   "cpu_s": float(words[2]), "mb": int(words[3]) / 1024, "threads": int(words[4])}
        except (FileNotFoundError, IndexError):
            return {"void": ended}
        served = self.site.count(server) - before
        if run["status"] != 0:
            last = (self.folder / "err").read_text(errors="replace").strip().split("\n")[-1]
            run["void"] = f"exit status {run['status']}: {last[-200:]}"
        elif peer.is_timed:
            self.read_wrk(run)
        elif served != count:
            run["void"] = f"the server saw {served} requests, not {count}"
        return run

    def with_resolver(self, command):
        resolver = self.folder / "resolv.conf"
        resolver.write_text(f"nameserver {self.site.resolver}\n")
        return ["unshare", "-m", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"',
                str(resolver), *command]

    def execute(self, command, stdin, is_pipe, roots, limit):
        """Runs a client; its words stay in files. Returns how it ended, for when it left no figures."""
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(self.folder)}
        if roots:
            environment |= {"NODE_EXTRA_CA_CERTS": str(roots), "CACERT": str(roots)}
        (self.folder / "figures").unlink(missing_ok=True)
        pipe = subprocess.Popen(["cat", stdin], stdout=subprocess.PIPE) if is_pipe else None
        with open(stdin, "rb") as source, open(self.folder / "out", "wb") as out, \
                open(self.folder / "err", "wb") as err:
            client = subprocess.Popen(command, stdin=pipe.stdout if pipe else source, stdout=out,
                                      stderr=err, env=environment, start_new_session=True,
                                      preexec_fn=die_with_parent)
        try:
            return f"measure ended with status {client.wait(limit)}"
        except subprocess.TimeoutExpired:
            return f"it took more than {limit:.0f} s"
        finally:
            if client.poll() is None:
                client.terminate()  # measure; its command ends with it
                client.wait()
            if pipe:
                pipe.stdout.close()
                pipe.terminate()
                pipe.wait()

    def read_wrk(self, run):
        text = (self.folder / "out").read_text()
        found = re.search(r"(\d+) requests in ([\d.]+)s", text)
        if not found or "Non-2xx" in text:
            run["void"] = "not all answers were 200" if found else "it says nothing"
        else:
            run["count"], run["wall"] = int(found[1]), float(found[2])


def summarize(runs, scale):
    good = [run for run in runs if "void" not in run]
    result = {"runs": runs, "void": [run["void"] for run in runs if "void" in run]}
    if good:
        rates = [run["count"] / run["wall"] * scale for run in good]
        result |= {key: statistics.median(run[key] for run in good)
                   for key in ("wall", "mb", "threads", "count")}
        result |= {"rate": statistics.median(rates), "rate_min": min(rates), "rate_max": max(rates),
                   "cpu": statistics.median(run["cpu_s"] / run["count"] for run in good)}
    return result


def say(text):
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


# ---- tables ----


def describe_machine():
    versions = {key: ask(*peer.version) for key, peer in PEERS.items() if peer.version}
    versions |= {"the bare loop": "libcurl and libev of gather", "nginx": ask(["nginx", "-v"], r"\d\S+"),
                 "commit": ask(["git", "-C", str(HERE), "describe", "--always", "--dirty"], r"\S+")}
    return {"date": time.strftime("%Y-%m-%d %H:%M %z"), "kernel": platform.release(),
            "distribution": ask(["cat", "/etc/os-release"], r'PRETTY_NAME="(.*)"'),
            "cpu": ask(["cat", "/proc/cpuinfo"], r"model name\s*: (.*)"),
            "cores": len(os.sched_getaffinity(0)), "load": os.getloadavg()[0],
            "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30),
            "descriptors": resource.getrlimit(resource.RLIMIT_NOFILE)[0], "versions": versions}


def heading(machine, options):
    lines = ["# gather beside its peers", ""]
    if options.quick:
        lines += ["A quick run with small counts: a first look, not for comparison.", ""]
    lines += [f"{machine['date']}, {machine['distribution']}, kernel {machine['kernel']}, "
              f"{machine['cores']} cores of {machine['cpu']}, {machine['memory_gb']} GB. "
              f"Medians of {options.repeat} repetitions; in brackets the least and the most. "
              "\"gather is\": its rate, divided by the peer's."]
    if machine["load"] > 0.3:
        lines += ["", f"**The machine was not idle when this began: load {machine['load']:.2f}.**"]
    lines += ["", *(f"* {key}: {' '.join((value or 'not there').split())}"
                    for key, value in machine["versions"].items()), ""]
    return "\n".join(lines)


def quantity(value, units):
    """The value in the first of the units ((unit, how many make one), ..) in which it is 1 or more."""
    unit, size = next((u for u in units if value >= u[1]), units[-1])
    value /= size
    return f"{value:,.{0 if value >= 100 else 1 if value >= 10 else 2}f} {unit}"


def in_time(seconds):
    return quantity(seconds, [("s", 1), ("ms", 1e-3), ("us", 1e-6)])


def client_row(name, key, client, result, columns):
    if "rate" not in client:
        return {"client": PEERS[key].name}
    first = next(iter(result["clients"]))
    ours = result["clients"][first].get("rate")
    return {"client": PEERS[key].name,
            columns[1]: f"{client['rate']:,.0f} ({client['rate_min']:,.0f}-{client['rate_max']:,.0f})",
            "time": in_time(client["wall"]), "CPU each": in_time(client["cpu"]),
            "peak memory": quantity(client["mb"], [("MB", 1)]),
            "KB each": f"{client['mb'] * 1024 / client['count']:.1f}",
            "threads": f"{client['threads']:.0f}",
            "gather is": f"{ours / client['rate']:.2f} x" if ours and key != first else ""}


def notes_on(key, client, result):
    notes = [client["note"]] if "note" in client else []
    if client["void"]:
        notes.append(f"{len(client['void'])} of {len(client['runs'])} runs void: {client['void'][0]}")
    if client.get("count", result["count"]) != result["count"] and not PEERS[key].is_timed:
        notes.append(f"{client['count']:,.0f} URLs")
    return "; ".join(notes)


def scenario_table(name, result):
    columns = ["client", SCENARIOS[name].rate[0], "time", "CPU each", "peak memory",
               *(["KB each"] if name == "held" else []),
               *(["threads"] if name == "names" else []), "gather is", "note"]
    rows = [columns, ["---"] + ["---:"] * (len(columns) - 2) + ["---"]]
    for key, client in result["clients"].items():
        row = client_row(name, key, client, result, columns)
        row["note"] = notes_on(key, client, result)
        rows.append([row.get(column, "") for column in columns])
    lines = [f"## {name}: {result['title']}", ""]
    if result["count"] != SCENARIOS[name].count:
        lines += [f"Here only {result['count']:,}.", ""]
    lines += ["| " + " | ".join(row) + " |" for row in rows] if len(rows) > 2 else []
    for key, why in result["left_out"].items():
        lines += ["", f"Left out: {PEERS[key].name if key in PEERS else key}, {why}."]
    return "\n".join(lines) + "\n"


def judge(results):
    bars = []
    for what, unit, sign, bound, calculate in BARS:
        try:
            value = calculate(lambda scenario, client: results[scenario]["clients"][client])
        except KeyError:
            value = None
        is_reached = value is not None and (value >= bound if sign == ">=" else value <= bound)
        verdict = "reached" if is_reached else "not measured" if value is None else "not reached"
        bars.append({"what": what or bars[-1]["what"], "unit": unit, "sign": sign, "bound": bound,
                     "value": value, "verdict": verdict})
    return bars


def bars_table(bars, options):
    if options.only != list(SCENARIOS):
        bars = [bar for bar in bars if bar["value"] is not None]
    lines = ["## To reach", ""]
    if options.quick:
        lines += ["With small counts these say little: start-up weighs more.", ""]
    lines += ["| scenario | bar | measured | |", "| --- | --- | ---: | --- |"]
    for bar in bars:
        value = "" if bar["value"] is None else f"{bar['value']:.2f}"
        lines.append(f"| {bar['what']} | {bar['sign']} {bar['bound']:g} {bar['unit']} | {value} | "
                     f"{bar['verdict']} |")
    return "\n".join(lines) + "\n"


# ---- main ----


def parse_arguments():
    def names_of(table):
        def parse(text):
            unknown = set(text.split(",")) - set(table)
            if unknown:
                raise argparse.ArgumentTypeError(f"no {', '.join(sorted(unknown))}: see --list")
            return [name for name in table if name in text.split(",")]
        return parse

    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="small counts, once")
    parser.add_argument("--only", type=names_of(SCENARIOS), default=list(SCENARIOS), metavar="SCENARIO,..")
    parser.add_argument("--peers", type=names_of(PEERS), default=list(PEERS), metavar="PEER,..")
    parser.add_argument("--repeat", type=int, metavar="N", help="repetitions (5; quick: 1)")
    parser.add_argument("--list", action="store_true", help="the scenarios and peers, and stop")
    parser.add_argument("--build", action="store_true", help="compile what is in C, and stop")
    options = parser.parse_args()
    options.repeat = options.repeat or (1 if options.quick else 5)
    return options


def build():
    OUT.mkdir(parents=True, exist_ok=True)
    for name, libraries in ("bare", ["-lcurl", "-lev"]), ("slow", ["-lev"]), ("measure", []):
        source, program = HERE / f"{name}.c", OUT / name
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            subprocess.run([*os.environ.get("CC", "cc").split(), "-O2", "-g", "-D_GNU_SOURCE", "-pthread",
                            "-o", str(program), str(source), *libraries], check=True)


def raise_descriptors():
    for most in DESCRIPTORS, resource.getrlimit(resource.RLIMIT_NOFILE)[1]:
        try:
            return resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        except (ValueError, OSError):
            pass  # only root may have more


def measure(options, machine):
    results, tables = {}, [heading(machine, options)]
    print(tables[0], flush=True)
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="gather-bench-", dir=memory) as folder:
        site = Site(Path(folder))
        try:
            site.open()
            for name in options.only:
                results[name] = Bench(options, site).run_scenario(name)
                tables.append(scenario_table(name, results[name]))
                print(tables[-1], flush=True)
        finally:
            site.close()
    bars = judge(results)
    tables.append(bars_table(bars, options))
    print(tables[-1])
    (OUT / "results.md").write_text("\n".join(tables))
    (OUT / "results.json").write_text(json.dumps(
        {"machine": machine, "quick": options.quick, "scenarios": results, "bars": bars}, indent=1))


def main():
    options = parse_arguments()
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # nginx
    if options.list:
        for name, scenario in SCENARIOS.items():
            print(f"{name:14}{scenario.title}\n{'':14}{scenario.peers}")
        return
    build()
    if options.build:
        return
    if not os.access(GATHER_BUILT, os.X_OK):
        sys.exit(f"bench: there is no {GATHER_BUILT}: make first")
    shutil.copy2(GATHER_BUILT, GATHER)
    raise_descriptors()
    measure(options, describe_machine())


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: terminated"))
    try:
        main()
    except KeyboardInterrupt:
        say("")
        sys.exit(128 + signal.SIGINT)
