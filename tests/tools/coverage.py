#!/usr/bin/env python3
"""
coverage.py: reads gcovr's --json-summary from standard input and prints how much of each folder of
src/ the tests have run, then the files with little of it. Fails where a folder, or all of it, has
less than it should.
"""

import json
import sys

FOLDERS = ("base", "async", "policy", "transfer", "input", "output", "app", "cli")

# Percent of lines; a file below LEAST is named.
LEAST = 85
LEAST_IN = {"base": 90, "policy": 90, "input": 90}


class Count:
    """How many there are, and how many of them have run."""

    def __init__(self):
        self.run = self.all = 0

    def add(self, file, kind):
        self.run += file[f"{kind}_covered"]
        self.all += file[f"{kind}_total"]

    @property
    def percent(self):
        return 100 * self.run / self.all if self.all else 100

    def __str__(self):
        return f"{self.percent:6.1f} % {f'{self.run}/{self.all}':>12}"


def count(files):
    """Lines and branches of these files."""
    lines, branches = Count(), Count()
    for file in files:
        lines.add(file, "line")
        branches.add(file, "branch")
    return lines, branches


def check(files):
    """Prints the table; yields a complaint for each row with too little."""
    print(f"{'':<10}{'lines':>21}{'branches':>21}")
    for folder in (*FOLDERS, "total"):
        lines, branches = count(file for file in files if folder in ("total", folder_of(file)))
        print(f"{folder:<10}{lines!s:>21}{branches!s:>21}")
        least = LEAST if folder == "total" else LEAST_IN.get(folder, 0)
        if lines.percent < least:
            yield f"{folder}: {lines.percent:.1f} % of lines, below {least} %"


def folder_of(file):
    return file["filename"].split("/")[1]


def main():
    files = json.load(sys.stdin)["files"]
    missing = set(FOLDERS) - {folder_of(file) for file in files}
    if missing:
        sys.exit(f"nothing is known of {' '.join(sorted(missing))}")
    wrong = list(check(files))
    for file in sorted(files, key=lambda file: file["line_percent"]):
        if file["line_percent"] < LEAST:
            print(f"{file['line_percent']:6.1f} % {file['filename']}")
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
