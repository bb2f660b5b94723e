"""
Runs in which calls of the system fail, and what must be true of each of them, whatever failed:

    it ends by itself, with a status of the manual, and says why if that is not 0
    each request has one result, unless the status is 3 (or 2: nothing was fetched)
    a file that has its name has all its bytes; so have the log, the report and the cookie jar
    a second run in which nothing fails goes on from the log, and then nothing is missing or double

A plan is a run that is made again and again in new folders. PLANS has them by name.
"""

import collections
import csv
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import tempfile

from harness import COMMAND, GATHER, environment, loads, write_list
from origin import pattern

LIBRARY = os.path.join(os.path.dirname(GATHER), "faults", "faults.so")
PATIENCE = 20  # seconds until a run is taken to hang
BODY = 200_000  # bytes: several writes

Fault = collections.namedtuple("Fault", "call source at more error", defaults=("", 0, False, 0))
Outcome = collections.namedtuple("Outcome", "code out err calls faults")


class Broken(AssertionError):
    """What must be true is not."""


def demand(claim, *what):
    if not claim:
        raise Broken(" ".join(map(str, what)))


def settings_of(fault):
    """The environment that tells the library (faults.c)."""
    found = {"FAULT_CALL": fault.call, "FAULT_FROM": fault.source, "FAULT_AT": str(fault.at)}
    if fault.more:
        found["FAULT_MORE"] = "1"
    if fault.error == "short":
        found["FAULT_SHORT"] = "1"
    else:
        found["FAULT_ERRNO"] = str(fault.error)
    return found


def run_with(settings, args, folder, stdin=b"", shell=None):
    """Runs gather in folder under the library; shell is a line of bash that runs it as "$@"."""
    counts = folder / ".counts"
    counts.unlink(missing_ok=True)
    env = environment(LD_PRELOAD=LIBRARY, FAULT_COUNTS=str(counts), **settings)
    command = [*COMMAND, *map(str, args)]
    if shell:
        command = ["bash", "-c", shell, "bash", *command]
    # It is a file where a disk is full: a pipe keeps what it has of a line, and has room.
    with tempfile.TemporaryFile() as file:
        try:
            done = subprocess.run(command, input=stdin, stderr=subprocess.PIPE, timeout=PATIENCE,
                                  stdout=file if "FAULT_BYTES" in settings else subprocess.PIPE,
                                  check=False, cwd=folder, env=env)
        except subprocess.TimeoutExpired as e:
            raise Broken(f"it hangs: {settings}, {e.stderr}") from e
        file.seek(0)
        out = done.stdout if done.stdout is not None else file.read()
    numbers = struct.unpack("QQ", counts.read_bytes()) if counts.exists() else (0, 0)
    return Outcome(done.returncode, out, done.stderr.decode(errors="replace"), *numbers)


# ---- plans ----


class Plan:
    """
    args      of the command line; the run's folder is the current one
    count     of the requests; None: it depends on the answers
    read      takes standard output apart: a list of results, as dicts
    stdin     is its standard input
    files     that bodies become: of a name, the bytes, or None where these are not compared
    log       whether there is one, with the name "log"
    others    files that are written: "report", "jar"
    """

    def __init__(self, args, count, read, stdin=b"", files=None, log=False, others=()):
        self.args, self.stdin, self.count, self.read = args, stdin, count, read
        self.files, self.log, self.others = files or {}, log, others


def read_jsonl(out, _is_whole):
    demand(not out or out.endswith(b"\n"), "half a line:", out[-100:])
    return [loads(line) for line in out.splitlines()]


def read_json(out, is_whole):
    if not is_whole:  # a document that could not be written ends somewhere
        return []
    return loads(out)["results"]


def read_csv(out, _is_whole):
    demand(not out or out.endswith(b"\n"), "half a line:", out[-100:])
    rows = csv.DictReader(io.StringIO(out.decode(), newline=""), strict=True)
    return [{**row, "index": int(row["index"]), "ok": row["ok"] == "true"} for row in rows]


def read_lines(out, _is_whole):
    demand(not out or out.endswith(b"\n"), "half a line:", out[-100:])
    return [dict(zip(("index", "code"), map(int, line.split()))) for line in out.splitlines()]


def read_compared(out, is_whole):
    if is_whole:
        demand([level["concurrency"] for level in loads(out)["levels"]] == [1, 2], out)
    return []


def bodies(*sizes):
    return {str(i): pattern(size) for i, size in enumerate(sizes) if size is not None}


def plan_files(origin, folder):
    """Files, their checksums, and a log; a name that is looked up by a thread."""
    named = origin.http.replace("127.0.0.1", "localhost")
    urls = [f"{origin.http}/bytes/10", f"{named}/bytes/{BODY}", origin.http + "/status/404",
            f"{origin.http}/resumable/a?bytes=70000", "http://[/", f"{origin.http}/bytes/0"]
    files = bodies(10, BODY, None, None, None, 0)
    files["3"] = None
    return Plan(["--jsonl", "-c", "2", "--threads", "1", "--no-summary", "--checksum", "sha256",
                 "--output-dir", "out/of", "-o", "{index}", "--overwrite", "--resume", "log",
                 "-i", write_list(folder / "list", *urls)],
                len(urls), read_jsonl, files=files, log=True)


def plan_names(origin, folder):
    """Names that are not to be replaced, in folders by host, from two threads."""
    urls = [f"{origin.http}/bytes/{BODY}?{i}" for i in range(4)]
    size = pattern(BODY)
    return Plan(["--jsonl", "-c", "4", "--threads", "2", "--no-summary", "-o", "{host}/{name}",
                 "--report", "report", *urls], 4, read_jsonl, others=("report",),
                files={f"127.0.0.1/{BODY}{end}": size for end in ("", ".1", ".2", ".3")})


def plan_exec(origin, folder):
    """Commands, requests with bodies from files, and a log."""
    (folder / "body").write_bytes(b"sent\n" * 100)
    lines = [json.dumps({"url": f"{origin.http}/echo?{i}", "body_file": "body"}) for i in range(2)]
    lines.append(f"{origin.http}/bytes/{BODY}")
    return Plan(["--jsonl", "-c", "2", "--threads", "1", "--no-summary", "--resume", "log",
                 "--exec", "cat | wc -c; echo said >&2", "--exec-jobs", "2",
                 "-i", write_list(folder / "list", *lines)], 3, read_jsonl, log=True)


def plan_document(origin, folder):
    """A document with bodies, a report, a cookie jar, a list from a pipe."""
    urls = [origin.http + path for path in
            ("/cookie/set?a=1", "/json/1", "/redirect/1", "/gzip", "/status/500")]
    return Plan(["--json", "--body", "--headers", "-c", "2", "--threads", "1", "--report",
                 "report", "--cookie-jar", "jar", "--compressed", "--waterfall", "--host-stats",
                 "--ordered", "--extract", "n=/number"], 5, read_json,
                stdin="".join(url + "\n" for url in urls).encode(), others=("report", "jar"))


def plan_rows(origin, folder):
    """A CSV in and out, retries, progress."""
    rows = ["name,url"] + [f"{i},{origin.http}/flaky/1?key={folder.name}{i}" for i in range(4)]
    return Plan(["--csv", "--fields", "index,ok,error,errormsg", "--csv-input", "--template",
                 "{+url}", "-c", "4", "--threads", "2", "--retry", "2", "--retry-delay", "1ms",
                 "--progress", "json", "-i", write_list(folder / "rows", *rows)], 4, read_csv)


def plan_write_out(origin, folder):
    """-w, also to a file; TLS."""
    urls = [f"{origin.https}/bytes/{size}" for size in (10, BODY, 20)]
    return Plan(["-w", "%{urlnum} %{http_code}\\n%output{>>written}%{urlnum} %{http_code}\\n",
                 "-c", "2", "--threads", "1", "--no-summary", "--cacert", origin.cacert, *urls],
                3, read_lines, others=("written",))


def plan_derived(origin, folder):
    """Pages, and what is found in answers."""
    return Plan(["--jsonl", "--next", "link", "--unique", "-c", "2", "--threads", "1", "--body",
                 "--no-summary", "--extract", "first=/items/0", origin.http + "/pages/2"],
                None, read_jsonl)


def plan_compare(origin, folder):
    return Plan(["--compare=1,2", "--json", "--report", "report", "-i",
                 write_list(folder / "list", *[origin.http + "/nothing"] * 3)],
                0, read_compared, others=("report",))


LOGGED = {"files": 4, "exec": 3}  # of those that have a log: as many can be ok
PLANS = {name[5:]: plan for name, plan in list(globals().items()) if name.startswith("plan_")}


# ---- what must be true ----


def check_words(outcome):
    code, words = outcome.code, outcome.err
    demand(code in (0, 1, 2, 3), "it ended with", code)
    demand(not re.search("bug|abort|assert|libev", words, re.I), words)
    if code in (2, 3):
        demand("gather: " in words, "not a word about", code)
    if code == 2:
        demand(not outcome.out, "with results it says that nothing was fetched")


def check_results(plan, outcome):
    found = plan.read(outcome.out, outcome.code < 2)
    places = [r["index"] for r in found]
    demand(len(set(places)) == len(places), "a result comes twice:", places)
    is_unread = any(" the list" in (r.get("errormsg") or r.get("error") or "") for r in found)
    if outcome.code < 2 and plan.count is not None:
        demand(len(found) == plan.count or is_unread, "results are missing:", places)
    for r in found:
        if "ok" in r and not r["ok"]:
            demand(r["error"], "a failure has no class:", r)
        if "errormsg" in r and not r["ok"]:
            demand(r["errormsg"], "a failure has no words:", r)
    return found


def check_files(plan, folder, found):
    """Those that are there, and those that results say are there."""
    for r in found:
        name = r.get("filename_effective")
        if not name:
            continue
        demand(r["ok"], "a failure has a file:", r)
        data = (folder / name).read_bytes()
        demand(len(data) == r["size_download"], "not all of", name)
        if r.get("checksum"):
            demand(r["checksum"].endswith(hashlib.sha256(data).hexdigest()), "other bytes:", name)
    below = folder / ("out/of" if "--output-dir" in plan.args else ".")
    for name, body in plan.files.items():
        if body is not None and (below / name).exists():
            demand((below / name).read_bytes() == body, "half a file:", name)
    if "report" in plan.others and (folder / "report").exists():
        demand((folder / "report").read_bytes().endswith(b"</html>\n"), "half a report")
    if "jar" in plan.others and (folder / "jar").exists():
        demand((folder / "jar").read_bytes().endswith(b"\n"), "half a cookie jar")


def check_log(folder):
    """Its lines are whole; of each fingerprint, one that is ok at most."""
    text = (folder / "log").read_bytes() if (folder / "log").exists() else b""
    entries = [loads(line) for line in text.split(b"\n")[:-1]]
    done = [e["fingerprint"] for e in entries if e["ok"]]
    demand(len(set(done)) == len(done), "done twice according to the log")
    return {e["url"] for e in entries if e["ok"]}


def check_all(plan, folder, outcome):
    check_words(outcome)
    found = check_results(plan, outcome)
    check_files(plan, folder, found)
    if outcome.code == 1:
        demand(not plan.count or [r for r in found if not r.get("ok", False)],
               "it ended with 1, but all is well")
    return found


def try_fault(name, origin, folder, fault):
    """One run with the fault, and a second one without. Returns what became of the first."""
    folder.mkdir()
    plan = PLANS[name](origin, folder)
    origin.reset()
    outcome = run_with(settings_of(fault), plan.args, folder, plan.stdin)
    try:
        check_all(plan, folder, outcome)
        demand(outcome.code != 2 or not origin.seen()["requests"], "something was fetched")
        if plan.log:
            if len(check_log(folder)) < LOGGED[name]:
                go_on(name, origin, folder)
    except (AssertionError, ValueError, KeyError, OSError) as e:
        raise Broken(f"{fault}: {type(e).__name__}: {e}\nexit {outcome.code}\n"
                     f"{outcome.out[:1000]!r}\n{outcome.err[:2000]}") from e
    return outcome


def go_on(name, origin, folder):
    """With the log that is there: nothing is missing, nothing is done twice."""
    plan = PLANS[name](origin, folder)
    outcome = run_with({"FAULT_CALL": ""}, plan.args, folder, plan.stdin)
    demand(outcome.code == (1 if name == "files" else 0), "the second run ended with",
           outcome.code, outcome.err)
    check_files(plan, folder, plan.read(outcome.out, True))
    demand(len(check_log(folder)) == LOGGED[name], "the log lacks something")
    below = folder / "out/of"
    there = sorted(os.listdir(below)) if below.exists() else []
    demand(there == sorted(plan.files), "files:", there)
