"""
What the manual and the README say is so: every example in them runs, against the practice origin,
and the manual's options, result members, summary and failure classes are those of the program.

An example is a display (.Bd) of the manual in which lines begin with "$ ", or a ```sh block of the
README. Its commands run one after another in a folder that has the files which examples mention
(FILES below). A `gather` comes first in PATH that leads every host name to the origin; the names
must be among HOSTS. What is expected of each command is in OUTCOMES, and in EXITS if its exit status
is not 0; so a new example needs a line there.
"""

import csv
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from harness import GATHER, PATIENCE, ROOT, SLOW, WRAPPER, apart
from origin import Origin, content, pattern

MANUAL = os.path.join(ROOT, "man", "gather.1")
README = os.path.join(ROOT, "README.md")

HOSTS = """api.example.org curl.se de.wikipedia.org en.wikipedia.org fr.wikipedia.org
ftp.de.debian.org ftp.fr.debian.org ftp.us.debian.org hacker-news.firebaseio.com
staging.example.org www.debian.org www.example.org www.kernel.org www.python.org""".split()

URLS = [f"https://en.wikipedia.org/wiki/{year}" for year in range(1990, 1999)] + [
    "https://www.python.org/", "https://www.debian.org/", "https://www.kernel.org/"]
ROWS = ["https://api.example.org/json/de?kind=open",
        "https://api.example.org/json/St.%20Pierre%2C%20Miquelon?kind=%C3%A0%2Fb"]
SHARE = {"SLURM_ARRAY_TASK_ID": "1", "SLURM_ARRAY_TASK_COUNT": "2", "JOB_COMPLETION_INDEX": "1"}
BROKEN = "https://www.example.org/old"

FILES = {
    "urls.txt": "# a list\n\n" + "".join(url + "\n" for url in URLS),
    "links.txt": f"https://curl.se/\n{BROKEN}\nhttps://www.example.org/redirect/1?code=301\n",
    "sites.csv": "name,url\nPython,https://www.python.org/\nDebian,https://www.debian.org/\n",
    "rows.csv": 'country,kind\nde,open\n"St. Pierre, Miquelon",\u00e0/b\n',
    "docs/a.html": '<a href="https://www.python.org/">a</a> <a href="https://curl.se/">b</a>\n',
    "docs/more/b.html": "see https://curl.se/ and <http://www.debian.org/>\n",
    "one.list": "https://www.python.org/\n",
    "more/two.list": "https://www.kernel.org/\n",
    "rows.json": '[{"id": 7, "a": "x"}, {"id": "two", "a": null}]\n',
    "order.json": '{"item": 7,\n "count": 2}\n',
    "token.txt": "Authorization: Bearer s3cret\n",
    ".netrc": "machine api.example.org login user password password\n",
}


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


# ---- what the manual and the README say ----


ESCAPES = {"(aq": "'", "(dq": '"', "(ti": "~", "(ha": "^", "(ga": "`", "e": "\\", "-": "-", "&": ""}


def plain(roff):
    """A line of the manual without roff's escapes."""
    def one(match):
        assert match[1] in ESCAPES, f"an escape that this test does not know: {match[0]}"
        return ESCAPES[match[1]]
    return re.sub(r"\\(\(..|.)", one, roff)


def manual_displays():
    """The displays that have commands, each as its commands."""
    for text in re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$", read(MANUAL), re.M):
        commands = []
        for line in text.splitlines():
            line = without_comment(plain(line))
            if line.startswith("$ "):
                commands.append(line[2:])
            elif commands:
                commands[-1] += "\n" + line
        if commands:
            yield commands


def without_comment(line):
    return re.sub(r"(^|\s+)#( .*)?$", "", line).rstrip()


def readme_blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", read(README), re.M | re.S)


def readme_commands(block):
    """A line that is indented, or that follows a backslash or a pipe, goes on."""
    commands = []
    for line in map(without_comment, block.splitlines()):
        if not line:
            continue
        if commands and (line[0] == " " or commands[-1].endswith(("\\", "|"))):
            commands[-1] += "\n" + line
        else:
            commands.append(line)
    return commands


NOT_RUN = ("make", "sudo", "man")


def examples():
    for i, commands in enumerate(manual_displays(), 1):
        yield pytest.param(commands, id=f"manual-{i}")
    for i, block in enumerate(readme_blocks("sh"), 1):
        commands = [c for c in readme_commands(block) if c.split()[0] not in NOT_RUN]
        if commands:
            yield pytest.param(commands, id=f"readme-{i}")


def all_commands():
    return [command for example in examples() for command in example.values[0]]


# ---- where examples run ----


def environment(**changes):
    """Ours without what would change how gather behaves, and with these changes."""
    env = {name: value for name, value in os.environ.items()
           if not name.lower().endswith("_proxy") and name not in ("NO_COLOR", "TERM")}
    return {**env, "LC_ALL": "C.UTF-8", **changes}


# The options go last, so that an example's own --connect-to is looked at first.
SHIM = """\
#!/bin/sh
for word do
	shift
	case $word in
		*:staging.example.org:443) word=${{word%:staging*}}:127.0.0.1:{staging} ;;
	esac
	set -- "$@" "$word"
done
exec {command} "$@" --cacert {ca} --connect-to :443:127.0.0.1:{tls} --connect-to :80:127.0.0.1:{http}
"""


class House:
    """A folder with the files, a shim, and two origins: the public one and the staging one."""

    def __init__(self, folder):
        san = [word for host in HOSTS for word in ("--san", host)]
        self.folder = folder
        self.public, self.staging = Origin(*san), Origin(*san)
        self.count = 0
        ca = folder / "ca.pem"
        ca.write_text(read(self.public.cacert) + read(self.staging.cacert))
        (folder / "bin").mkdir()
        shim = folder / "bin" / "gather"
        shim.write_text(SHIM.format(
            command=shlex.join([*WRAPPER, GATHER]), ca=shlex.quote(str(ca)),
            http=self.public.port, tls=self.public.tls_port, staging=self.staging.tls_port))
        shim.chmod(0o755)

    def close(self):
        self.public.close()
        self.staging.close()

    def move_in(self):
        """A new folder with the files."""
        self.count += 1
        home = self.folder / str(self.count)
        for name, text in FILES.items():
            (home / name).parent.mkdir(parents=True, exist_ok=True)
            (home / name).write_text(text)
        return home

    def run(self, command, home):
        env = environment(HOME=str(home), PATH=f"{self.folder}/bin:{os.environ['PATH']}", **SHARE)
        self.public.reset()
        self.staging.reset()
        shell = "bash" if "--completions bash" in command else "sh"
        done = subprocess.run([shell, "-c", command], cwd=home, env=env, capture_output=True,
                              stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        return Done(self, home, done)


class Done:
    """What a command did."""

    def __init__(self, house, home, done):
        self.code, self.home = done.returncode, home
        self.out, self.err = done.stdout.decode(), done.stderr.decode()
        self.lines = self.out.splitlines()
        self.seen, self.staging_seen = house.public.seen(), house.staging.seen()
        self.log = self.seen["log"]
        self.asked = [("https://" if e["tls"] else "http://") + e["host"] + e["path"]
                      for e in self.log]

    @property
    def urls(self):
        """Of text lines that succeeded, in their order."""
        rows = [line.split() for line in self.lines]
        assert all(len(row) == 4 and row[0] == "200" for row in rows), self.out
        return [row[3] for row in rows]


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    made = House(tmp_path_factory.mktemp("house"))
    yield made
    made.close()


# ---- what is expected ----


def wiki(first, last, step=1, languages=("en",)):
    return [f"https://{language}.wikipedia.org/wiki/{year}"
            for language in languages for year in range(first, last + 1, step)]


def fetches(*urls, ordered=False):
    """Text lines for just these, perhaps in this order, and the origin saw them."""
    def check(done):
        if ordered:
            assert done.urls == list(urls)
        assert sorted(done.urls) == sorted(done.asked) == sorted(urls)
    return check


def prints(*lines):
    def check(done):
        assert done.lines == list(lines)
    return check


def at_once(most, least=1):
    def check(done):
        assert sorted(done.asked) == sorted(URLS)
        assert least <= done.seen["most_in_flight"] <= most
        assert done.out == "" and "12 requests in" in done.err
    return check


def check_dry_run(done):
    assert [json.loads(line) for line in done.lines] == [{"url": u} for u in wiki(1990, 2019, 5)]
    assert done.seen["requests"] == 0


def check_posted(done):
    assert [(entry["method"], int(entry["headers"]["content-length"][0])) for entry in sorted(
        done.log, key=lambda entry: entry["path"])] == [
            ("POST", len('{"kind": "\u00e0/b"}'.encode())), ("POST", len('{"kind": "open"}'))]


def check_posted_rows(done):
    assert sorted(done.urls) == sorted(url.partition("?")[0] for url in ROWS)
    assert sorted((entry["method"], int(entry["headers"]["content-length"][0]))
                  for entry in done.log) == [
        ("POST", len('{"kind": "open", "tags": ["de"]}')),
        ("POST", len('{"kind": "\u00e0/b", "tags": ["St. Pierre, Miquelon"]}'.encode()))]


def check_docs(done):
    links = ["https://www.python.org/", "https://curl.se/", "http://www.debian.org/"]
    fetches(*links)(done)
    assert {entry["method"] for entry in done.log} == {"HEAD"}


def check_log(done):
    rows = [json.loads(line) for line in read(done.home / "log.jsonl").splitlines()]
    assert len(rows) == 3 and [row["url"] for row in rows if not row["ok"]] == [BROKEN]


def check_again(done):
    assert done.asked == [BROKEN]


def check_authors(done):
    """A table of all items of the tree, each below its parent."""
    rows = list(csv.DictReader(done.lines))
    assert len(rows) == len(set(done.asked)) == len(content.items()) - 3
    assert rows[0] == {"parent": "", "depth": "", "extract.id": "8863", "extract.by": "dhouston"}


def check_tree(done):
    assert not done.out
    with open(done.home / "authors.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    depths = {row["index"]: int(row["depth"] or 0) for row in rows}
    assert len(rows) == len(content.items()) - 3
    assert all(depths[row["parent"]] + 1 == int(row["depth"]) for row in rows if row["parent"])


def check_items(done):
    assert done.lines == [f"{page}-{i}" for page in range(1, 31) for i in range(3)]


def check_csv(done):
    with open(done.home / "t.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert list(rows[0]) == ["url", "http_code", "time_total"]
    assert sorted(row["url"] for row in rows) == sorted(URLS)
    assert all(row["http_code"] == "200" and float(row["time_total"]) > 0 for row in rows)


def check_slowest(done):
    rows = [line.split("\t") for line in done.lines]
    times = [float(time) for time, _ in rows]
    assert len(rows) == 5 and times == sorted(times, reverse=True)
    assert {url for _, url in rows} <= set(URLS)


def check_chunks(done):
    entries = sorted(done.log, key=lambda entry: entry["t"])
    assert len(entries) == 12 and done.seen["most_in_flight"] <= 10
    assert entries[10]["t"] - max(entry["t_end"] for entry in entries[:10]) >= 0.49


def check_comparison(*levels, runs=1):
    def check(done):
        rows = re.findall(r"^ +(\d+) .* (\d+)$", done.out, re.M)
        assert rows == [(str(level), "0") for level in levels]
        assert "requests at each level" in done.lines[0] and "warning" not in done.out
        assert len(done.asked) == len(set(done.asked)) * len(levels) * runs
    return check


def check_first(done):
    assert re.fullmatch(r"http://ftp\.(de|fr|us)\.debian\.org/\n", done.out)


def check_mirrors(done):
    assert [line.split()[0] for line in done.lines].count("200") >= 1
    assert all(line.split()[4:5] in ([], ["canceled:"]) for line in done.lines)


def check_links(done):
    (line,) = done.lines
    assert line.split()[0] == "404" and line.split()[3:5] == [BROKEN, "http:"]
    assert {entry["method"] for entry in done.log} == {"HEAD"}


def check_accepted(done):
    assert sorted(line.split()[0] for line in done.lines) == ["200", "301", "404"]
    assert done.seen["requests"] == 3


def check_orders(done):
    assert sorted(done.urls) == [f"https://{host}.example.org/json/orders"
                                 for host in ("api", "staging")]
    for entry in done.log:
        assert entry["method"] == "POST"
        assert entry["headers"]["content-type"] == ["application/json"]
        assert entry["headers"]["content-length"] == [str(len(FILES["order.json"]))]


def check_token(done):
    assert done.log[0]["headers"]["authorization"] == ["Bearer s3cret"]
    assert "s3cret" in json.loads(done.out)["body"]


def check_binary(done):
    with open(done.home / "data.bin", "rb") as file:
        assert file.read() == pattern(1024)


def check_servers(done):
    assert sorted(done.lines) == sorted(f"{url}\torigin" for url in URLS)


def check_own_lines(done):
    rows = [line.split(" ") for line in done.lines]
    assert sorted(url for _, _, url in rows) == sorted(URLS)
    assert all(status == "200" and float(time) > 0 for status, time, _ in rows)


def check_redirects(done):
    to = "https://www.example.org/redirect/0?code=301"
    assert sorted(done.lines) == ["200 origin ", "301 origin " + to, "404 origin "]


def check_issuers(done):
    assert re.fullmatch(r" *\d+ Issuer:.+\n", done.out)


def check_failed(done):
    assert done.out == "" and read(done.home / "failed.txt") == BROKEN + "\n"


def check_page(done):
    page = read(done.home / "run.html")
    assert all(f">{url}<" in page for url in URLS) and not done.out


def check_waterfall(urls):
    def check(done):
        assert sorted(done.asked) == sorted(urls) and not done.out
        lines = done.err.splitlines()
        assert lines[0].startswith(f"{len(urls)} requests")
        assert all(line.startswith("200 ") for line in lines[1:len(urls) + 1])
    return check


def check_page_of_levels(done):
    check_comparison(1, 4, 12)(done)
    page = read(done.home / "levels.html")
    assert all(f'<th scope="row">{level}</th>' in page for level in (1, 4, 12))


def check_hosts(done):
    table = done.err.split("4 hosts, the worst first\n")[1].splitlines()
    assert table[0].split()[0] == "requests" and done.out == ""
    assert sorted(line.split()[-1] for line in table[1:]) == sorted(
        {url.rsplit("/", 1)[0].removesuffix("/wiki") for url in URLS})


def check_phases(done):
    phases = json.loads(done.out)
    assert list(phases) == "queue earlier dns connect tls wait receive".split()
    assert phases["earlier"] is None and all(phases[name] > 0 for name in ("tls", "wait"))


def check_staging(done):
    assert done.seen["requests"] == 0
    (entry,) = done.staging_seen["log"]
    assert entry["host"] == "www.example.org" and entry["tls"]


def check_polite(done):
    """Four at a time and ten a second to a host: the fifth of one leaves 0.4 s after the first."""
    fetches(*URLS)(done)
    starts = sorted(entry["t"] for entry in done.log if entry["host"] == "en.wikipedia.org")
    assert len(starts) == 9 and starts[-1] - starts[0] >= apart(0.6)


def check_resumed(done):
    """The first time all, the second time what failed, and the log has both."""
    rows = [json.loads(line) for line in read(done.home / "run.jsonl").splitlines()]
    failed = [row["url"] for row in rows if not row["ok"]]
    assert done.out == "" and {row["attempts"] for row in rows} == {1}
    if len(rows) == 3:
        assert failed == [BROKEN] and len(set(done.asked)) == 4  # one is a redirect
        assert "skipped" not in done.err
    else:
        assert len(rows) == 4 and failed == [BROKEN] * 2 and done.asked == [BROKEN]
        assert "1 request in" in done.err and "2 skipped" in done.err


def check_logged(done):
    assert sorted(done.lines) == ["200\thttps://curl.se/",
                                  "200\thttps://www.example.org/redirect/1?code=301"]


def check_resumable(done):
    rows = [json.loads(line) for line in read(done.home / "run.jsonl").splitlines()]
    assert sorted(row["url"] for row in rows if row["ok"]) == sorted(done.asked) == sorted(URLS)
    assert done.out == ""


def check_rows(done):
    rows = [json.loads(line) for line in done.lines]
    assert {row["id"]: row["http_code"] for row in rows} == {7: 200, "two": 200}
    assert [entry["method"] for entry in done.log] == ["POST"] * 2


def check_report_was_ready(done):
    url = "https://api.example.org/flaky/2?status=202"
    assert done.urls == [url] and done.asked == [url] * 3 and "2 retries" in done.err


def check_one_by_one(done):
    fetches(*wiki(1990, 1991), ordered=True)(done)
    first, second = done.log
    assert done.seen["most_in_flight"] == 1 and second["t"] - first["t"] >= apart(0.3)


def check_help(done):
    assert "Usage: gather" in done.out and "--threads" in done.out


def check_number(done):
    assert float(done.out) > 0


def check_part(done):
    assert 0 < len(done.urls) < len(URLS) and set(done.urls) < set(URLS)


def check_share(done):
    """The second one is compared with the first."""
    shares = SHARES.setdefault(done.home, [])
    shares.append(done.urls)
    if len(shares) == 2:
        hosts = [{url.split("/")[2] for url in share} for share in shares]
        assert sorted(shares[0] + shares[1]) == sorted(URLS)
        assert hosts[0] and hosts[1] and not hosts[0] & hosts[1]


SHARES = {}  # by folder

EXITS = {
    "gather -I --no-location -i links.txt \\\n"
    "    -w '%{http_code} %header{server} %{redirect_url}\\n'": 1,
    "gather -i links.txt \\\n    -w '%{onerror}%output{failed.txt}%{url}\\n'": 1,
    "gather --jsonl -i links.txt >log.jsonl": 1,
    "jq -r 'select(.ok | not) | .url' log.jsonl | gather": 1,
    "gather --no-results --resume run.jsonl --retry 2 -i links.txt": 1,
}

def check_pages(done):
    fetches(*URLS)(done)
    pages = done.home / "pages"
    names = [path for path in pages.rglob("*") if path.is_file()]
    assert len(names) == len(URLS) and all(path.suffix == ".html" for path in names)


def check_cat(done):
    assert sorted(done.asked) == sorted(wiki(1990, 1995))
    assert int(done.lines[0]) >= 6


STORIES = "https://hacker-news.firebaseio.com/v0/item/{8863,8952}.json"


def check_table(*columns):
    """The titles, and what else there is, of two stories."""
    def check(done):
        rows = list(csv.DictReader(done.lines, strict=True))
        assert len(rows) == 2 and all(tuple(row) == columns for row in rows)
        assert any("Dropbox" in row["extract.title"] for row in rows)
    return check


def check_sums(done):
    sums = [line for line in done.lines if line.endswith("  -")]
    assert len(set(sums)) == len(URLS) and len(done.lines) == 2 * len(URLS)
    assert all(re.fullmatch(r"[0-9a-f]{64}  -", line) for line in sums)


def check_six_sums(done):
    assert len(done.lines) == 6 and done.asked
    assert all(re.fullmatch(r"[0-9a-f]{64}  -", line) for line in done.lines)


def check_first_lines(done):
    assert [line.split()[3:] for line in done.lines[::2]] == [[url] for url in wiki(1990, 1995)]
    assert all(line.startswith("<") for line in done.lines[1::2])


OUTCOMES = {
    "gather --csv --fields http_code --extract title=/title \\\n"
    f"    '{STORIES}'": check_table("http_code", "extract.title"),
    "gather --csv --fields url --extract title=/title --extract by=/by \\\n"
    f"  '{STORIES}'": check_table("url", "extract.title", "extract.by"),
    "gather --exec sha256sum -i urls.txt": check_sums,
    "gather -s --ordered --exec sha256sum \\\n"
    "    'https://en.wikipedia.org/wiki/[1990-1995]'":
        check_six_sums,
    "gather --ordered --exec 'head -n 1' \\\n"
    "    'https://en.wikipedia.org/wiki/[1990-1995]'":
        check_first_lines,
    "gather -o 'pages/{host}/{name}.html' --skip-existing -i urls.txt": check_pages,
    "gather --cat 'https://en.wikipedia.org/wiki/[1990-1995]' | grep -c '<p>'": check_cat,
    "gather -i urls.txt": fetches(*URLS),
    "gather -c 10 -i urls.txt": fetches(*URLS),
    "gather --sequential -i urls.txt": fetches(*URLS, ordered=True),
    "gather -I -sS --fail-early --accept 200-299 -i urls.txt": prints(),
    "gather --jsonl -i urls.txt | jq -r 'select(.ok | not) | [.url, .error, .errormsg] | @tsv'":
        prints(),
    "gather --first 1 --no-summary 'http://ftp.{de,fr,us}.debian.org/'": check_mirrors,
    "gather 'https://en.wikipedia.org/wiki/[1990-1995]'": fetches(*wiki(1990, 1995)),
    "gather 'https://en.wikipedia.org/wiki/[1990-2019]'": fetches(*wiki(1990, 2019)),
    "gather 'https://{en,de,fr}.wikipedia.org/wiki/[1990-1999]'":
        fetches(*wiki(1990, 1999, 1, ("en", "de", "fr"))),
    "gather --dry-run 'https://en.wikipedia.org/wiki/[1990-2019:5]'": check_dry_run,
    "seq -f 'https://en.wikipedia.org/wiki/%.0f' 1990 2019 | gather": fetches(*wiki(1990, 2019)),
    "awk -F, 'NR > 1 { print $2 }' sites.csv | gather":
        fetches("https://www.python.org/", "https://www.debian.org/"),
    "gather --template '{+url}' --csv-input -i sites.csv":
        fetches("https://www.python.org/", "https://www.debian.org/"),
    "gather --csv-input -i rows.csv --template \\\n"
    "    'https://api.example.org/json/{country}?kind={kind}'": fetches(*ROWS),
    "gather --csv-input -i rows.csv \\\n    -H 'Content-Type: application/json' \\\n"
    "    -d '{\"kind\": \"{kind}\", \"tags\": [\"{country}\"]}' \\\n"
    "    --template 'https://api.example.org/json/{country}'":
        check_posted_rows,
    "grep -rhoE 'https?://[^\"<> ]+' docs | gather -I --unique": check_docs,
    "find . -name '*.list' -exec cat {} + | gather --ordered":
        fetches("https://www.python.org/", "https://www.kernel.org/"),
    "gather --jsonl -i links.txt >log.jsonl": check_log,
    "jq -r 'select(.ok | not) | [.error, .url] | @tsv' log.jsonl": prints("http\t" + BROKEN),
    "jq -r 'select(.ok | not) | .url' log.jsonl | gather": check_again,
    "gather --per-host 4 --host-rate 10/s --retry 3 -i urls.txt": check_polite,
    "gather --no-results --resume run.jsonl --retry 2 -i links.txt": check_resumed,
    "jq -r 'select(.ok) | [.http_code, .url] | @tsv' run.jsonl": check_logged,
    "gather --no-results --resume run.jsonl -i urls.txt": check_resumable,
    "gather --retry 1000 --retry-on 202,503 --retry-delay 100ms \\\n"
    "    --retry-max-time 1m 'https://api.example.org/flaky/2?status=202'": check_report_was_ready,
    "jq -c '.[] | {url: \"https://api.example.org/echo\", id, json: .}' \\\n"
    "    rows.json | gather --jsonl --fields id,http_code,errormsg": check_rows,
    "jq -c '.[] | {url: \"https://api.example.org/echo\", id, json: .}' rows.json | gather --jsonl":
        check_rows,
    "gather --sequential --rate 100/m \\\n    'https://en.wikipedia.org/wiki/[1990-1991]'":
        check_one_by_one,
    "gather --csv --fields url,http_code,time_total -i urls.txt >t.csv": check_csv,
    "gather --jsonl -i urls.txt |\n    jq -r '[.time_total, .url] | @tsv' | sort -rn | head -n 5":
        check_slowest,
    "gather -s --report run.html -i urls.txt": check_page,
    "gather -s --waterfall -i urls.txt": check_waterfall(URLS),
    "gather -s --waterfall -c 5 'https://en.wikipedia.org/wiki/[1990-1999]'":
        check_waterfall(wiki(1990, 1999)),
    "gather --no-results --sequential -i urls.txt": at_once(1),
    "gather --no-results -i urls.txt": at_once(len(URLS), 2),
    "gather --compare=1,4,12 --repeat 3 -i urls.txt": check_comparison(1, 4, 12, runs=3),
    "gather --compare=1,12 --json -i urls.txt | jq '.levels[1].speed_up'": check_number,
    "gather --compare=1,4,12 --report levels.html -i urls.txt": check_page_of_levels,
    "gather --compare=1,5,15,30 'https://en.wikipedia.org/wiki/[1990-2019]'":
        check_comparison(1, 5, 15, 30),
    "gather --chunk 10 --chunk-pause 500ms -i urls.txt": check_chunks,
    "gather --first 1 --no-summary 'http://ftp.{de,fr,us}.debian.org/' |\n"
    "    awk '$1 == 200 { print $4; exit }'": check_first,
    "gather -I --no-summary -i links.txt | awk 'NF > 4'": check_links,
    "gather -I --no-location --fail-early --accept 200-399,404 \\\n    -i links.txt":
        check_accepted,
    "gather -m 5 --deadline 30 -i urls.txt": fetches(*URLS),
    "gather -H 'Content-Type: application/json' \\\n    --data-binary @order.json \\\n"
    "    'https://{api,staging}.example.org/json/orders'": check_orders,
    "gather -H @token.txt --jsonl --body https://api.example.org/echo": check_token,
    "gather -n https://api.example.org/auth/basic":
        fetches("https://api.example.org/auth/basic"),
    "gather --json --body https://www.example.org/bytes/1024 |\n"
    "    jq -r '.results[0] | .body_base64 // (.body | @base64)' |\n"
    "    base64 -d >data.bin": check_binary,
    "gather -I --jsonl --headers -i urls.txt |\n"
    "    jq -r '[.url, .headers.server[0]] | @tsv'": check_servers,
    "gather --csv --fields parent,depth --extract id=/id --extract by=/by \\\n"
    "  --follow '/kids/*' --follow-url '{}.json' \\\n"
    "  https://hacker-news.firebaseio.com/v0/item/8863.json": check_authors,
    "gather --csv --fields index,parent,depth \\\n"
    "    --extract id=/id --extract by=/by \\\n"
    "    --follow '/kids/*' --follow-url '{}.json' \\\n"
    "    https://hacker-news.firebaseio.com/v0/item/8863.json >authors.csv": check_tree,
    "gather --next link --jsonl --body --ordered \\\n"
    "    https://api.example.org/pages/30 |\n"
    "    jq -r '.body | fromjson | .items[]'": check_items,
    "gather --next link --ordered --jsonl --body https://api.example.org/pages/30 |\n"
    "  jq -r '.body | fromjson | .items[]'": check_items,
    "gather --template 'https://api.example.org/json/{country}' --csv-input -i rows.csv \\\n"
    "  -H 'Content-Type: application/json' -d '{\"kind\": \"{kind}\"}'": check_posted,
    "gather --ordered --exec sha256sum -i urls.txt": check_sums,
    "parallel gather --shard {}/2 -i urls.txt ::: 1 2": fetches(*URLS),
    "gather --shard \"$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT\" -i urls.txt": check_part,
    "gather --shard \"$((JOB_COMPLETION_INDEX + 1))/2\" -i urls.txt": check_part,
    "gather --shard $SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT \\\n    -i urls.txt": check_part,
    "gather --shard $((JOB_COMPLETION_INDEX + 1))/2 -i urls.txt": check_part,
    "gather -w '%{http_code} %{time_total} %{url}\\n' -i urls.txt": check_own_lines,
    "gather -s -o /dev/null -w '%{http_code}\\n' -i urls.txt": prints(*["200"] * len(URLS)),
    "gather -I --no-location -i links.txt \\\n"
    "    -w '%{http_code} %header{server} %{redirect_url}\\n'": check_redirects,
    "gather -I -w '%{certs}' -i urls.txt |\n    grep ^Issuer: | sort | uniq -c": check_issuers,
    "gather -i links.txt \\\n    -w '%{onerror}%output{failed.txt}%{url}\\n'": check_failed,
    "gather --help all": check_help,
    'eval "$(gather --completions bash)"': prints(),
    "gather -s --host-stats=5 -i urls.txt": check_hosts,
    "gather -s --host-stats -i urls.txt": check_hosts,
    "gather --json -i urls.txt | jq '.summary.latency.p90'": check_number,
    "gather --json -i urls.txt |\n    jq -c '.summary.phases | map_values(.p50)'": check_phases,
    "gather --connect-to www.example.org:443:staging.example.org:443 \\\n"
    "    https://www.example.org/html": check_staging,
    "gather --shard 1/2 -i urls.txt": check_share,
    "gather --shard 2/2 -i urls.txt": check_share,
}


# ---- the tests of what is run ----


@pytest.mark.parametrize("commands", examples())
def test_example(house, commands):
    home = house.move_in()
    for command in commands:
        if SLOW and " -m " in command:  # a limit for a program at its full speed
            continue
        done = house.run(command, home)
        assert done.code == EXITS.get(command, 0), f"{command}\n{done.out[:2000]}{done.err}"
        OUTCOMES[command](done)
        assert "unknown option" not in done.err and "gather:" not in done.err, done.err


def test_examples_are_those_expected():
    """An example that was changed is not what it is expected to be."""
    commands = all_commands()
    assert len([command for display in manual_displays() for command in display]) >= 25
    assert set(OUTCOMES) == set(commands)
    assert set(EXITS) <= set(commands)


def test_readme_commands_that_are_not_run():
    targets = re.findall(r"^([a-z][a-z-]*):", read(os.path.join(ROOT, "Makefile")), re.M)
    used = set()
    for block in readme_blocks("sh"):
        for command in readme_commands(block):
            words = [w for w in shlex.split(command, comments=True) if w != "sudo"]
            if words[0] == "make":
                used |= {word for word in words[1:] if "=" not in word}
            elif words[0] == "man":
                assert words == ["man", "gather"]
    assert {"demo", "install", "check"} <= used <= set(targets), used - set(targets)


def test_readme_picture(house):
    """The first ```text block is what the command before it prints, but for the times."""
    command, picture = re.search(r"^```sh\n([^`]*)```\n+```text\n(.*?)^```$", read(README),
                                 re.M | re.S).groups()

    def steady(text):
        results = re.findall(r"^(\d{3}) +(\d+) +\d+\.\d{3}  (.*)$", text, re.M)
        return sorted(results), re.findall(r"^(?:  \w+  |\d+ requests in )", text, re.M)

    done = house.run(command.strip(), house.move_in())
    assert done.code == 0 and steady(done.out + done.err) == steady(picture)


# ---- the tests of what is described ----


def program(*words):
    return subprocess.run([*WRAPPER, GATHER, *words], capture_output=True, text=True,
                          timeout=PATIENCE, check=True, stdin=subprocess.DEVNULL,
                          env=environment()).stdout


def section(name, macro="Sh"):
    """The source of a section of the manual."""
    found = re.search(rf"^\.{macro} {name}\n(.*?)(?=^\.S[hs] |\Z)", read(MANUAL), re.M | re.S)
    assert found, f"no {name} in the manual"
    return found[1]


def items(name, mark):
    """The names of the list of a subsection: each may have several, after the mark, with commas."""
    lines = re.findall(rf"^\.It {mark} (.*)$", section(name, "Ss"), re.M)
    return [word for line in lines for word in line.split(" , ")]


def options_of_help():
    """(group, letter or None, name, takes a value) of each."""
    group, found = None, []
    for line in program("--help", "all").splitlines():
        if re.fullmatch(r"[A-Z][A-Za-z ]*:", line):
            group = line[:-1]
        match = re.match(r"  (?:-(\w), |    )--([\w.-]+)( [A-Z][^ ]*|\[=.*\])?(?:  |$)", line)
        if match and group:
            found.append((group, match[1], match[2], bool(match[3])))
    return found


def options_of_manual():
    group, found = None, []
    for line in read(MANUAL).splitlines():
        if line.startswith((".Sh ", ".Ss ")):
            group = line[4:]
        match = re.match(r"\.It (?:Fl (\w) , )?Fl -([\w.-]+)( Ar .*| Ns Oo = .*)?", line)
        if match:
            found.append((group, match[1], match[2], bool(match[3])))
    return found


def test_options():
    """The same options in the same groups and the same order, with letters and values."""
    assert len(options_of_help()) > 60
    assert options_of_manual() == options_of_help()


ASKED = ["--extract", "all=", "--exec", "true"]


def every_field():
    """The words that a shell completes behind --fields."""
    (words,) = re.findall(r"index id meta [a-z0-9_. ]+", program("--completions", "bash"))
    return words.split()


def test_result_members(house):
    def members(*words):
        out = program("--jsonl", *words, "--no-summary", house.public.http + "/nothing")
        return list(json.loads(out))

    described = items("Result members", "Va")
    always = members("--headers", "--body", *ASKED)
    by_name = described[len(always):]
    assert described[:len(always)] == always and by_name[0] == "fingerprint"
    assert described == members(*ASKED, "--fields", ",".join(described))
    assert described == every_field()


def test_log_of_resume(house, tmp_path):
    """It has the members that the manual names first, and all others."""
    program("--resume", str(tmp_path / "log"), "--headers", "--body", *ASKED, "--fields",
            "url", house.public.http + "/nothing")
    members = list(json.loads(read(tmp_path / "log")))
    assert members[:2] == ["fingerprint", "ok"]
    described = items("Result members", "Va")
    assert sorted(members) == sorted(described[:described.index("fingerprint") + 1])


def test_summary_members(house):
    words = ("--json", "--host-stats", house.public.http + "/nothing")
    summary = json.loads(program(*words))["summary"]
    assert items("Summary", "Va") == list(summary)
    assert set(summary["latency"]) | set(summary["phases"]) <= set(
        re.findall(r"\w+(?:\.\w+)*", section("Summary", "Ss")))
    hosts = summary["hosts"]
    assert set(hosts) <= set(re.findall(r"\w+", section("Host members", "Ss")))
    assert items("Host members", "Va") == list(hosts["worst"][0])


def test_comparison_members(house):
    words = ("--compare=1,2", "--no-summary", house.public.http + "/nothing")
    document = json.loads(program("--json", *words))
    level = document["levels"][0]
    text = section("Comparison members", "Ss")
    assert items("Comparison members", "Va") == list(level)
    assert set(document) | set(level["runs"][0]) | set(level["latency"]) <= set(
        re.findall(r"\w+(?:\.\w+)*", text))
    done = subprocess.run([*WRAPPER, GATHER, "--csv", *words], capture_output=True, text=True,
                          timeout=PATIENCE, check=True, env=environment())
    columns = done.stdout.splitlines()[0].split(",")
    assert set(columns) == (set(level) | set(level["latency"])) - {"latency"}


def test_failure_classes():
    source = read(os.path.join(ROOT, "src", "transfer", "result.c"))
    classes = re.findall(r'\[FAILURE_\w+\] = "([a-z-]+)"', source)
    assert len(classes) > 10 and items("Failure classes", "Li") == classes


@pytest.mark.skipif(not shutil.which("mandoc"), reason="mandoc is not here")
def test_manual_is_well_formed():
    lint = subprocess.run(["mandoc", "-Tlint", "-Wstyle", MANUAL], capture_output=True, text=True,
                          check=False).stdout
    # Whether another manual is installed here says nothing about this one.
    problems = [line for line in lint.splitlines() if "referenced manual not found" not in line]
    assert not problems
    shown = subprocess.run(["mandoc", "-Tutf8", "-Owidth=80", MANUAL], capture_output=True,
                           check=True).stdout.decode()
    wide = [line for line in re.sub(".\b", "", shown).splitlines() if len(line) > 80]
    assert not wide
