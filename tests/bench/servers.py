"""The servers of the benchmark, all on this machine."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

SLOW = Path(__file__).resolve().parents[2] / "build/bench/slow"
SYSTEM_ROOTS = Path("/etc/ssl/certs/ca-certificates.crt")
BIG_BYTES = 20_000_000
TLS_HOSTS = 500

NGINX = """
daemon off; {user} pid nginx.pid; error_log error.log; worker_processes 1;
worker_rlimit_nofile {descriptors};
events {{ worker_connections 32768; }}
http {{
	access_log off; sendfile on; keepalive_requests 1000000000; keepalive_timeout 600s;
	client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
	uwsgi_temp_path temp; scgi_temp_path temp;
	ssl_certificate cert.pem; ssl_certificate_key key.pem; ssl_protocols TLSv1.2 TLSv1.3;
	server {{
		listen 127.0.0.1:{http} backlog=4096; listen {any} backlog=4096;
		listen 127.0.0.1:{tls} ssl backlog=4096; listen {any_tls} ssl backlog=4096;
		location = /s {{ return 200 "{body}\\n"; }}
		location = /big {{ root .; }}
		location = /status {{ stub_status; }}
	}}
	server {{
		listen 127.0.0.1:{h2} ssl http2 backlog=4096;
		if ($server_protocol != HTTP/2.0) {{ return 505; }}
		location = /s {{ return 200 "{body}\\n"; }}
	}}
}}
"""


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def connects(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Site:
    """The servers, in a folder of their own. Ports by what they speak."""

    resolver = "127.53.53.53"

    def __init__(self, folder):
        self.folder = folder
        sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(6)]
        ports = [s.getsockname()[1] for s in sockets]
        self.http, self.any, self.tls, self.any_tls, self.h2, self.slow = ports
        for s in sockets:
            s.close()
        self.asked = 0  # how often its count was asked for
        self.processes = []

    def open(self):
        (self.folder / "temp").mkdir()
        (self.folder / "big").write_bytes(os.urandom(BIG_BYTES))
        self.make_certificate()
        (self.folder / "nginx.conf").write_text(NGINX.format(
            user="user root;" if os.geteuid() == 0 else "", body="x" * 99,
            descriptors=resource.getrlimit(resource.RLIMIT_NOFILE)[0], **vars(self)))
        self.start(["nginx", "-p", f"{self.folder}/", "-e", "error.log", "-c", "nginx.conf"], self.http)

    @staticmethod
    def host(i):
        return f"127.1.{i // 250}.{i % 250 + 1}"

    def make_certificate(self):
        """Its own authority: given to all clients, so that all of them verify (but wrk never does)."""
        names = ["IP:127.0.0.1", *(f"IP:{self.host(i)}" for i in range(TLS_HOSTS))]
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-keyout", "key.pem", "-out",
                        "cert.pem", "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=" + ",".join(names)],
                       cwd=self.folder, check=True, capture_output=True)
        own = (self.folder / "cert.pem").read_bytes()
        roots = SYSTEM_ROOTS.read_bytes() if SYSTEM_ROOTS.exists() else b""
        (self.folder / "system.pem").write_bytes(roots + own)
        (self.folder / "own.pem").write_bytes(own)

    def start(self, command, port):
        process = subprocess.Popen(command, preexec_fn=die_with_parent, start_new_session=True)
        self.processes.append(process)
        for _ in range(500):
            if process.poll() is not None:
                break
            if port is None or connects(port):
                return process
            time.sleep(0.01)
        raise SystemExit(f"bench: {command[0]} does not start: see {self.folder}/error.log")

    def start_slow(self, what, value):
        """slow.c: exact delays. Its resolver is at an address of its own, on port 53."""
        where = self.resolver if what == "dns" else str(self.slow)
        return self.start([str(SLOW), what, where, value],
                          None if what == "dns" else self.slow)

    def count(self, server):
        """Requests that were served so far, but for those of this method."""
        if server in ("delay", "hold"):
            with urllib.request.urlopen(f"http://127.0.0.1:{self.slow}/count") as answer:
                return int(answer.read())
        self.asked += 1
        with urllib.request.urlopen(f"http://127.0.0.1:{self.http}/status") as answer:
            return int(answer.read().split(b"\n")[2].split()[2]) - self.asked

    def stop(self, process):
        process.terminate()
        process.wait()
        self.processes.remove(process)

    def close(self):
        for process in list(self.processes):
            self.stop(process)
