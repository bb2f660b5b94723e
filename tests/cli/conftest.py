"""The servers that the tests talk to: one of each for a pytest worker, on ports that are free."""

import os
import shutil
import socket
import subprocess
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

import harness  # noqa: E402
from origin import Origin  # noqa: E402

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))


def has_ipv6():
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
        return True
    except OSError:
        return False


@pytest.fixture(scope="session")
def started_origin(tmp_path_factory):
    hosts = ["127.0.0.1", "127.0.0.2"] + ["::1"] * has_ipv6()
    unix = str(tmp_path_factory.mktemp("o") / "socket")
    options = [word for host in hosts for word in ("--host", host)]
    with Origin(*options, "--unix", unix, "--san", "a.example", "--san", "b.example") as origin:
        origin.unix = unix
        yield origin


@pytest.fixture
def origin(started_origin):
    """The practice origin, which has seen nothing yet. 127.0.0.1 and 127.0.0.2, the same ports."""
    started_origin.reset()
    return started_origin


@pytest.fixture(scope="session")
def started_other():
    with Origin() as other:
        yield other


@pytest.fixture
def other(started_other):
    """Another one: another port of the same host."""
    started_other.reset()
    return started_other


@pytest.fixture
def ipv6():
    if not has_ipv6():
        pytest.skip("no IPv6 here")


@pytest.fixture
def refused():
    """The URL of a port that refuses connections."""
    sock, port = harness.refused_port()
    with sock:
        yield f"http://127.0.0.1:{port}/"


@pytest.fixture
def full_backlog():
    """The URL of a port that takes no more connections: the kernel drops what asks for one."""
    with harness.full_backlog("127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}/"


class Nginx:
    """Answers "ok" to everything, but redirects /to/?url=U to U: url (plain), h2c (HTTP/2 without TLS), https (HTTP/2 too)."""

    CONFIG = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
events {{ worker_connections 1000; }}
http {{
    access_log off; keepalive_requests {keepalive_requests};
    client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
    uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
    ssl_certificate {cert}; ssl_certificate_key {cert};
    server {{
        listen {plain}; listen {h2c} http2; listen {tls} ssl http2;
        location / {{ return 200 "ok"; }}
        location /to/ {{ return 302 $arg_url; }}
    }}
}}
"""

    def __init__(self, folder, certificate, keepalive_requests=10_000_000):
        # It takes over sockets that listen already, so there is no port to lose and no start to
        # wait for.
        sockets = [socket.create_server(("127.0.0.1", 0), backlog=1000) for _ in range(3)]
        plain, h2c, tls = ("127.0.0.1:%d" % sock.getsockname()[1] for sock in sockets)
        self.url, self.h2c, self.https = f"http://{plain}", f"http://{h2c}", f"https://{tls}"
        config = folder / "nginx.conf"
        config.write_text(self.CONFIG.format(folder=folder, cert=certificate, plain=plain, h2c=h2c,
                                             tls=tls,
                                             keepalive_requests=keepalive_requests))
        fds = [sock.fileno() for sock in sockets]
        with open(folder / "stderr", "wb") as errors:
            self.process = subprocess.Popen(
                [NGINX, "-p", str(folder), "-c", str(config)], pass_fds=fds, stderr=errors,
                env={**os.environ, "NGINX": "".join(f"{fd};" for fd in fds)})
        for sock in sockets:
            sock.close()


def run_nginx(tmp_path_factory, started_origin, **options):
    if not NGINX:
        pytest.skip("no nginx here")
    certificate = os.path.join(os.path.dirname(started_origin.cacert), "leaf.pem")
    server = Nginx(tmp_path_factory.mktemp("nginx"), certificate, **options)
    yield server
    server.process.terminate()
    server.process.wait(timeout=10)


@pytest.fixture(scope="session")
def nginx(tmp_path_factory, started_origin):
    yield from run_nginx(tmp_path_factory, started_origin)


@pytest.fixture
def short_lived_nginx(tmp_path_factory, started_origin):
    """Closes each connection after 20 requests: over HTTP/2 with a GOAWAY."""
    yield from run_nginx(tmp_path_factory, started_origin, keepalive_requests=20)
