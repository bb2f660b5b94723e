"""The practice origin: `python3 tests/origin --help`. See server.py for how it is built."""

import argparse
import os
import sys

# Run as a folder, Python puts the folder itself on the path; the package is one level up.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from origin import behaviours, hostile, server  # noqa: E402,F401


def main():
    parser = argparse.ArgumentParser(
        prog="origin", description="An HTTP/1.1 server for practice: its paths are behaviours.")
    parser.add_argument("--host", action="append", metavar="ADDRESS",
                        help="listen here (127.0.0.1); repeatable, all on the same ports")
    parser.add_argument("--port", type=int, default=0, help="of the http listener (any)")
    parser.add_argument("--tls-port", type=int, default=0, help="of the https listener (any)")
    parser.add_argument("--unix", metavar="PATH", help="listen on this socket as well")
    parser.add_argument("--san", action="append", default=[], metavar="NAME",
                        help="a name or address for the certificate; repeatable")
    parser.add_argument("--san-from", action="append", default=[], metavar="LIST",
                        help="take the names from the URLs in this list; repeatable")
    parser.add_argument("--die-with-parent", action="store_true",
                        help="end when standard input ends")
    parser.add_argument("--list", action="store_true", help="show the behaviours and stop")
    options = parser.parse_args()
    options.host = options.host or ["127.0.0.1"]

    if options.list:
        for pattern, what in behaviours.listing():
            print(f"{pattern:<34} {what}")
        return
    server.serve(options)


main()
