"""The servers of the soak: nginx that fails now and then on purpose, with a log of all it does."""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import threading

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:" + os.environ.get("PATH", ""))

# What a server does with a request is drawn for each anew, so that a retry may do better:
#   fine   the whole body: its size goes by the last digit of the path, and its end is the path
#   busy   a 503
#   cut    less than was announced, from Short below
#   reset  the connection is reset without an answer
CONFIG = """
daemon off; worker_processes 1; pid {name}.pid; error_log {name}.errors crit; {user}
events {{ worker_connections 1000; }}
http {{
	log_format seen "$request_uri $fate"; access_log {name}.log seen;
	keepalive_requests 500; keepalive_timeout 10s; reset_timedout_connection on;
	client_body_temp_path temp; proxy_temp_path temp; fastcgi_temp_path temp;
	uwsgi_temp_path temp; scgi_temp_path temp;
	default_type text/plain; gzip_types text/plain; gzip_min_length 1;
	split_clients $request_id $fate {{ 1% busy; 1% cut; 1% reset; * fine; }}
	map "" $k {{ default {thousand}; }}
	map $uri $body {{ ~[0-4]$ ""; ~[5-7]$ $k; ~8$ $k$k$k; ~9$ {many}; }}
	server {{
		listen 127.0.0.1:{port} backlog=1000;
		if ($fate = busy) {{ return 503; }}
		if ($fate = reset) {{ return 444; }}
		if ($fate = cut) {{ rewrite ^ /cut last; }}
		location / {{ return 200 $body$request_uri; }}
		location /gzip/ {{ gzip on; return 200 $body$request_uri; }}
		location = /cut {{
			internal; proxy_pass http://unix:{folder}/short:/;
			proxy_http_version 1.1; proxy_set_header Connection close;
		}}
	}}
}}
"""
THOUSANDS = (0, 0, 0, 0, 0, 1, 1, 1, 3, 20)  # of x in a body, by the last digit


def die_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Short(threading.Thread):
    """Announces more than it sends, in two ways: what nginx cannot do itself."""

    answers = (b"Content-Length: 5000\r\n\r\n" + b"x" * 2000,
               b"Transfer-Encoding: chunked\r\n\r\n800\r\n" + b"x" * 2048 + b"\r\n")

    def __init__(self, folder):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(f"{folder}/short")
        os.chmod(f"{folder}/short", 0o666)  # root's nginx works as somebody else
        self.listener.listen(100)
        self.count = 0

    def run(self):
        while True:
            connection = self.listener.accept()[0]
            try:
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\n" + self.answers[self.count % 2])
                    self.count += 1
            except OSError:
                pass  # a server that is being stopped


class Server:
    """One nginx. Its log is a fifo, whose lines are given to see(line) in a thread."""

    def __init__(self, folder, name, see):
        self.folder, self.name, self.see = folder, name, see
        # Bound, but not listening: the port is refused while nginx is down, and nobody else's.
        self.place = socket.socket()
        self.place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.place.bind(("127.0.0.1", 0))
        self.port = self.place.getsockname()[1]
        (folder / f"{name}.conf").write_text(CONFIG.format(
            name=name, folder=folder, port=self.port, thousand="x" * 1000, many="$k" * 20,
            user="user root;" if os.geteuid() == 0 else ""))
        os.mkfifo(folder / f"{name}.log")
        # Open for both, so that it has no end while nginx is down.
        self.log = os.open(folder / f"{name}.log", os.O_RDWR)
        self.reader = threading.Thread(target=self.read_log, daemon=True)
        self.reader.start()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [NGINX, "-p", f"{self.folder}/", "-e", f"{self.name}.errors",
             "-c", f"{self.name}.conf"], preexec_fn=die_with_parent, start_new_session=True)

    def listens(self):
        with socket.socket() as sock:
            return sock.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self):
        """At once: what is under way is dropped."""
        self.go_on()
        self.process.terminate()
        self.process.wait()
        self.process = None

    def pause(self):
        os.killpg(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.killpg(self.process.pid, signal.SIGCONT)

    def close(self):
        """Stops it, and returns when all of its log was seen."""
        if self.process:
            self.stop()
        os.write(self.log, b"end\n")
        self.reader.join()

    def read_log(self):
        rest = b""
        while True:
            lines = (rest + os.read(self.log, 65536)).split(b"\n")
            rest = lines.pop()
            for line in lines:
                if line == b"end":
                    return
                self.see(line)
