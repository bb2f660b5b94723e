"""The servers, and what is run, are those of the tests of the command line."""

import json
import os
import sys

import pytest

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [TESTS, os.path.join(TESTS, "cli")]

import harness  # noqa: E402
from origin import Origin  # noqa: E402


def pytest_collection_modifyitems(items):
    """A sanitizer has to be the first library; and a wrapper has descriptors of its own."""
    if harness.SLOW:
        for item in items:
            item.add_marker(pytest.mark.skip(reason="faults are for the plain program"))


@pytest.fixture(scope="session")
def started_origin():
    with Origin() as origin:
        yield origin


@pytest.fixture
def origin(started_origin):
    started_origin.reset()
    return started_origin


# The outcomes of all workers are collected in a file, for a table at the end of FAULTS=all.


def pytest_configure(config):
    if os.environ.get("FAULTS") == "all" and not hasattr(config, "workerinput"):
        path = os.path.join(os.path.dirname(harness.GATHER), "faults", "table")
        open(path, "w", encoding="utf-8").close()
        os.environ["FAULTS_TABLE"] = path


def pytest_terminal_summary(terminalreporter):
    """Of each call: how many faults were tried, and how the runs ended."""
    path = os.environ.pop("FAULTS_TABLE", None)
    if not path:
        return
    rows = {}
    with open(path, encoding="utf-8") as table:
        for _, call, source, outcomes in map(json.loads, table):
            rows.setdefault(f"{call} ({source})" if source else call, []).extend(outcomes)
    terminalreporter.write_line(f"{'call':20}{'faults':>8}   exit 0      1      2      3  unmet")
    for call, outcomes in sorted(rows.items()):
        counts = [outcomes.count(code) for code in (0, 1, 2, 3, None)]
        terminalreporter.write_line(f"{call:20}{len(outcomes) - counts[-1]:8}  " +
                                    "".join(f"{count:7}" for count in counts))
