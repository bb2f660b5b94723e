"""The tools around the build: the layer check, the installer of packages, the counts of the tests and
of what they run."""

import json
import os
import pathlib
import stat
import subprocess

import pytest

import layers

TOOLS = pathlib.Path(__file__).parent


def run(*command, **env):
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, **env})


def script(path, text):
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize("file, include, is_wrong", [
    ("base/x.c", '"base/y.h"', False),
    ("base/x.c", '"async/y.h"', True),
    ("async/x.h", '"base/y.h"', False),
    ("async/x.h", '"transfer/y.h"', True),
    ("transfer/x.c", '"async/y.h"', False),
    ("transfer/x.c", '"output/y.h"', True),
    ("input/x.c", '"transfer/y.h"', False),
    ("input/x.c", '"policy/y.h"', True),
    ("policy/x.c", '"output/y.h"', True),
    ("output/x.c", '"input/y.h"', True),
    ("output/x.c", '"app/y.h"', True),
    ("app/x.c", '"policy/y.h"', False),
    ("app/x.c", '"cli/y.h"', True),
    ("cli/x.c", '"base/y.h"', False),
    ("cli/x.c", '"y.h"', True),
    ("cli/x.c", '"../app/y.h"', True),
    ("base/x.c", "<cjson/cJSON.h>", False),
    ("output/x.c", "<cjson/cJSON.h>", True),
    ("async/x.c", "<ev.h>", False),
    ("transfer/x.c", "<ev.h>", False),
    ("app/x.c", "<ev.h>", True),
    ("transfer/x.c", "<curl/curl.h>", False),
    ("cli/x.h", "<curl/curl.h>", True),
    ("base/x.c", "<xxhash.h>", False),
    ("input/x.c", "<xxhash.h>", True),
    ("policy/x.c", "<uthash.h>", False),
    ("app/x.c", "<utlist.h>", False),
    ("base/x.c", "<sys/socket.h>", False),
    ("base/x.c", "<nghttp2/nghttp2.h>", True),
    ("somewhere/x.c", "<stdio.h>", True),
])
def test_the_layer_check_knows_each_arrow(tmp_path, file, include, is_wrong):
    path = tmp_path / file
    path.parent.mkdir()
    path.write_text(f"/* a comment */\n\n#  include {include}\n")
    line = 1 if file.startswith("somewhere") else 3
    found = list(layers.check(tmp_path))
    assert [complaint.startswith(f"{path}:{line}: ") for complaint in found] == [True] * is_wrong


@pytest.mark.parametrize("include, status", [("<ev.h>", 1), ("<time.h>", 0)])
def test_the_layer_check_fails_with_a_complaint(tmp_path, include, status):
    (tmp_path / "app").mkdir()
    (tmp_path / "app/x.c").write_text(f"#include {include}\n")
    done = run(TOOLS / "layers.py", tmp_path)
    assert (done.returncode, len(done.stdout.splitlines())) == (status, status)


def test_the_layer_check_fails_where_there_is_nothing_to_check(tmp_path):
    assert run(TOOLS / "layers.py", tmp_path).returncode == 1


@pytest.fixture
def bare(tmp_path):
    """A PATH without compilers, libraries, pytest or apt-get."""
    for name in ("sh", "env", "flock", "id", "printf", "test"):
        for folder in ("/bin", "/usr/bin"):
            if os.path.exists(f"{folder}/{name}") and not (tmp_path / name).exists():
                (tmp_path / name).symlink_to(f"{folder}/{name}")
    return tmp_path


def test_without_apt_it_lists_what_is_needed(bare):
    done = run(TOOLS / "deps.sh", "build", PATH=str(bare), CC="cc")
    assert done.returncode == 1 and done.stdout == ""
    lines = [line.split(maxsplit=3) for line in done.stderr.splitlines()]
    assert ["cc", "gcc", "to", "compile"] in lines
    assert ["ev.h", "libev-dev", "the", "event loop"] in lines
    assert "There is no apt-get here" in done.stderr


def test_it_takes_another_compiler_when_told(bare):
    done = run(TOOLS / "deps.sh", "build", PATH=str(bare), CC="clang")
    assert "  clang " in done.stderr and "  gcc " not in done.stderr


def test_it_updates_once_and_installs_once_and_looks_again(bare):
    script(bare / "apt-get", f'echo "$*" >>{bare}/log')
    script(bare / "sudo", 'exec "$@"')
    done = run(TOOLS / "deps.sh", "build", PATH=str(bare), CC="cc")
    calls = (bare / "log").read_text().splitlines()
    assert ["update" in calls[0], "install --no-install-recommends gcc " in calls[1], len(calls)] \
        == [True, True, 2]
    assert "  ev.h " in done.stdout and "the event loop" in done.stdout
    assert done.returncode == 1 and "still missing" in done.stderr


def test_it_leaves_apt_alone_when_all_is_there(bare):
    script(bare / "apt-get", f"touch {bare}/log")
    done = run(TOOLS / "deps.sh", "build", "check", PATH=f"{bare}:{os.environ['PATH']}")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert not (bare / "log").exists()


def test_only_saying_is_not_installing(bare):
    script(bare / "apt-get", f"touch {bare}/log")
    done = run(TOOLS / "deps.sh", "-n", "build", PATH=str(bare), CC="cc")
    assert done.returncode == 1 and "make deps" in done.stderr
    assert not (bare / "log").exists()


CMOCKA_GOOD = 'echo "[  PASSED  ] 3 test(s)."'
CMOCKA_BAD = 'echo "[  PASSED  ] 2 test(s)."; echo "[  FAILED  ] 1 test(s), listed below:"; exit 1'


@pytest.mark.parametrize("suites, closing", [
    ([CMOCKA_GOOD], "3 passed, 0 failed"),
    ([CMOCKA_GOOD, CMOCKA_BAD], "5 passed, 1 failed"),
    (["exit 0"], "1 passed, 0 failed"),
    ([CMOCKA_GOOD, "exit 7"], "3 passed, 1 failed"),
    ([CMOCKA_GOOD, "kill -SEGV $$"], "3 passed, 1 failed"),
    ([CMOCKA_GOOD + "; exit 1"], "3 passed, 1 failed"),
], ids=["good", "good and bad", "no cmocka", "no cmocka, bad", "a crash", "good, but fails"])
def test_the_count_of_programs(tmp_path, suites, closing):
    programs = [script(tmp_path / str(i), text + "\n") for i, text in enumerate(suites)]
    done = run(TOOLS / "check.sh", *programs)
    assert done.stdout.splitlines()[-1] == closing, done
    assert done.returncode == (" 0 failed" not in closing)


PYTEST = """
import pytest
def test_good(): pass
def test_bad(): assert {bad}
def test_not_now(): pytest.skip("not now")
@pytest.fixture
def broken(): assert {bad}
def test_error(broken): pass
"""


@pytest.mark.parametrize("text, closing", [
    (PYTEST.format(bad="True"), "3 passed, 0 failed, 1 skipped"),
    (PYTEST.format(bad="False"), "1 passed, 2 failed, 1 skipped"),
    ("not python", "0 passed, 2 failed"),  # each of the two workers says so
    ("", "0 passed, 1 failed"),
], ids=["good", "bad", "no python", "no test"])
@pytest.mark.parametrize("suite", ["", "test_it.py"])
def test_the_count_of_pytest(tmp_path, text, closing, suite):
    """Of a folder, and of a file."""
    (tmp_path / "test_it.py").write_text(text)
    done = run(TOOLS / "check.sh", tmp_path / suite)
    assert done.stdout.splitlines()[-1] == closing, done
    assert done.returncode == (" 0 failed" not in closing)


def coverage_of(**lines):
    """What coverage.py says of a file of 1000 lines in each folder, of which so many have run."""
    files = [{"filename": f"src/{folder}/x.c", "line_total": 1000, "line_covered": run,
              "line_percent": run / 10, "branch_total": 0, "branch_covered": 0}
             for folder, run in lines.items()]
    return subprocess.run([TOOLS / "coverage.py"], input=json.dumps({"files": files}), text=True,
                          capture_output=True)


ENOUGH = {"base": 900, "async": 830, "policy": 900, "transfer": 830, "input": 900, "output": 850,
          "app": 800, "cli": 790}  # 85 % in all


@pytest.mark.parametrize("change, complaints", [
    ({}, []),
    ({"base": 899, "cli": 791}, ["base: 89.9 % of lines, below 90 %"]),
    ({"policy": 0, "cli": 1000, "async": 1000, "app": 1000, "output": 1000, "transfer": 1000},
     ["policy: 0.0 % of lines, below 90 %"]),
    ({"input": 899, "cli": 791}, ["input: 89.9 % of lines, below 90 %"]),
    ({"cli": 780}, ["total: 84.9 % of lines, below 85 %"]),
], ids=["enough", "base", "policy", "input", "total"])
def test_too_little_coverage_is_a_failure(change, complaints):
    counts = ENOUGH | change
    done = coverage_of(**counts)
    lines = done.stdout.splitlines()
    assert [line for line in lines if "below" in line] == complaints
    assert done.returncode == bool(complaints)
    assert {line.split()[-1] for line in lines if "x.c" in line} \
        == {f"src/{folder}/x.c" for folder, run in counts.items() if run < 850}


def test_coverage_of_nothing_is_a_failure():
    assert coverage_of(**{name: 1000 for name in ENOUGH if name != "cli"}).returncode == 1
