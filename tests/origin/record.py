"""
What the origin saw. GET /_seen answers

    requests        how many, since the start or the last reset
    connections     how many were accepted (those that only asked /_seen are not counted)
    in_flight       requests parsed, but not yet answered in full, now
    most_in_flight  the most there ever were at one time
    aborted         requests whose client closed before the answer was complete
    tls_failed      connections that ended inside the TLS handshake
    hosts           by Host header: requests, in_flight, most_in_flight
    log             the requests: n (from 1), t, t_end (null while in flight), method, host, path
                    (with the query), headers (lower-case name to list), connection, tls,
                    tls_resumed, absolute (asked as a proxy is), aborted
    log_dropped     how many requests the log had no room for
    closed_early    t, connection and n of each close by a client before its answer; n is null
                    if the request itself was incomplete

Times are monotonic seconds since the reset. In flight means from the last byte of the request read
to the last byte of the answer taken by the kernel.
"""

import time

LOG_MAX = 20_000


class Book:
    """One stretch of observation. A reset opens a new book; what began in an old one ends there."""

    def __init__(self):
        self.start = time.monotonic()
        self.requests = self.connections = self.in_flight = self.most_in_flight = 0
        self.aborted = self.tls_failed = self.log_dropped = 0
        self.hosts = {}
        self.log = []
        self.closed_early = []
        self.tries = {}  # how often /flaky was asked, by key

    def begin(self, request, arrival):
        """Returns the entry, to be given to end() exactly once. arrival is monotonic time."""
        self.requests += 1
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        host = self.hosts.get(request.host)
        if host is None:
            host = self.hosts[request.host] = {"requests": 0, "in_flight": 0, "most_in_flight": 0}
        host["requests"] += 1
        host["in_flight"] += 1
        host["most_in_flight"] = max(host["most_in_flight"], host["in_flight"])
        entry = {
            "n": self.requests, "t": round(arrival - self.start, 6), "t_end": None,
            "method": request.method, "host": request.host,
            "path": request.path + "?" + request.query if request.query else request.path,
            "headers": request.fields, "connection": request.connection, "tls": request.tls,
            "tls_resumed": request.tls_resumed, "absolute": request.absolute, "aborted": False,
        }
        if len(self.log) < LOG_MAX:
            self.log.append(entry)
        else:
            self.log_dropped += 1
        return entry

    def end(self, entry, aborted=False):
        """The answer is complete, or the client has gone."""
        self.in_flight -= 1
        self.hosts[entry["host"]]["in_flight"] -= 1
        entry["t_end"] = self.now()
        if aborted:
            entry["aborted"] = True
            self.aborted += 1
            self.close_early(entry["connection"], entry["n"])

    def close_early(self, connection, n=None):
        """A client closed before it had its answer."""
        if len(self.closed_early) < LOG_MAX:
            self.closed_early.append({"t": self.now(), "connection": connection, "n": n})

    def now(self):
        """Seconds since this book was opened."""
        return round(time.monotonic() - self.start, 6)

    def seen(self):
        """All of it, for JSON."""
        return {name: value for name, value in vars(self).items() if name not in ("start", "tries")}
