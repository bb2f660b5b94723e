"""
The practice origin, seen from a test:

    from origin import Origin

    with Origin("--san", "a.example") as origin:
        run("gather", origin.http + "/delay/0.2", ...)
        assert origin.seen()["most_in_flight"] == 1

It runs as a process of its own, so that the test's Python never slows it down, and it ends with the
test, however the test ends. What seen() returns is described in record.py.
"""

import http.client
import json
import os
import subprocess
import urllib.parse

from .message import pattern  # noqa: F401  what /bytes/N answers, for comparing


class Origin:
    """Takes the options of `python3 tests/origin`. addresses is the line that it prints."""

    def __init__(self, *options):
        command = ["/usr/bin/python3", os.path.dirname(os.path.abspath(__file__)),
                   "--die-with-parent", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        line = self.process.stdout.readline()
        if not line:
            self.close()
            raise RuntimeError(f"the origin did not start: {command}")
        self.addresses = json.loads(line)
        self.http = self.addresses["http"]["url"]
        self.https = self.addresses["https"]["url"]
        self.https_bad = self.addresses["https_bad"]["url"]
        self.host = self.addresses["http"]["host"]
        self.port = self.addresses["http"]["port"]
        self.tls_port = self.addresses["https"]["port"]
        self.bad_port = self.addresses["https_bad"]["port"]
        self.cacert = self.addresses["cacert"]
        self.client_cert = self.addresses["client_cert"]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends the process and waits for it. May be called again."""
        self.process.stdin.close()
        self.process.wait(timeout=10)
        self.process.stdout.close()

    def seen(self):
        """What it has seen since the last reset."""
        return self._control("/_seen")

    def reset(self):
        """Forgets what it has seen. What is in flight now is not counted any more."""
        self._control("/_reset")

    def wait(self, timeout=10, **counts):
        """
        Waits for what is seen to reach these counts, without polling from here: at least so many
        `requests`, `connections`, `aborted` or `closed_early`, exactly so many `in_flight`.
        Returns seen(), or raises TimeoutError.
        """
        query = urllib.parse.urlencode({**counts, "timeout": timeout})
        seen = self._control("/_seen?" + query, timeout + 10)
        if seen.pop("timed_out"):
            now = {name: seen[name] for name in counts}
            raise TimeoutError(f"waited {timeout} s for {counts}, have {now}")
        return seen

    def _control(self, path, timeout=30):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            return json.loads(connection.getresponse().read())
        finally:
            connection.close()
