#!/usr/bin/env python3
"""
layers.py [SRC]: checks that each folder of src/ includes only what its floor of the house may:

    cli -> app -> { input | policy | output } -> transfer -> async -> base

Prints file:line of each include that does not, and fails.
"""

import pathlib
import re
import sys

# A folder, and what it may include besides itself.
FLOORS = {
    "base": "",
    "async": "base",
    "transfer": "async base",
    "input": "transfer async base",
    "policy": "transfer async base",
    "output": "transfer async base",
    "app": "input policy output transfer async base",
    "cli": "app input policy output transfer async base",
}

# A library's header or folder of headers, and who may include it.
LIBRARIES = {
    "cjson/": "base",
    "xxhash.h": "base",
    "openssl/": "base",
    "zlib.h": "transfer",
    "brotli/": "transfer",
    "ev.h": "async transfer",
    "curl/": "transfer",
    "uthash.h": " ".join(FLOORS),
    "utlist.h": " ".join(FLOORS),
    "utarray.h": " ".join(FLOORS),
}

# C11, POSIX and glibc: anyone may include these. What is in no list here is a library that nobody
# has put into the table yet.
SYSTEM = re.compile(r"""
    (assert|complex|ctype|errno|fenv|float|inttypes|iso646|limits|locale|math|setjmp|signal|stdalign
    |stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|tgmath|threads|time
    |uchar|wchar|wctype
    |byteswap|dirent|dlfcn|endian|fcntl|fnmatch|ftw|getopt|glob|grp|iconv|ifaddrs|langinfo|libgen
    |malloc|netdb|poll|pthread|pty|pwd|regex|resolv|sched|semaphore|spawn|strings|sysexits|syslog
    |termios|ucontext|unistd|wordexp
    |(arpa|linux|net|netinet|sys)/\w+)\.h""", re.VERBOSE)

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def complaint(floor, mark, name):
    """What is wrong with this include in a file of this floor, or None."""
    if mark == '"':
        folder = name.split("/")[0] if "/" in name else None
        if folder not in FLOORS:
            return f'"{name}": own headers are named from src/, as "base/err.h"'
        if folder != floor and folder not in FLOORS[floor].split():
            return f'"{name}": {floor} may not include {folder}'
        return None
    for library, users in LIBRARIES.items():
        if name == library or (library.endswith("/") and name.startswith(library)):
            if floor in users.split():
                return None
            return f"<{name}>: only {' and '.join(users.split())} may include it"
    if SYSTEM.fullmatch(name):
        return None
    return f"<{name}>: of no library that {__file__.rpartition('/')[2]} knows"


def check(src):
    """Yields a line for each include that is wrong."""
    for path in sorted(src.rglob("*.[ch]")):
        floor = path.relative_to(src).parts[0]
        if floor not in FLOORS:
            yield f"{path}:1: {floor} is no floor of the house"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            include = INCLUDE.match(line)
            wrong = include and complaint(floor, *include.groups())
            if wrong:
                yield f"{path}:{number}: {wrong}"


def main():
    src = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "src")
    if not any(src.rglob("*.[ch]")):
        sys.exit(f"{src}: no sources")
    wrong = list(check(src))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
