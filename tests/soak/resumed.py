"""A small run beside the long one, which is killed in the middle and resumed from its log."""

import collections
import json
import subprocess

from servers import die_with_parent

LENGTH = 300
RATE = 150
IN_FLIGHT = 10
KILLS = 2  # of each list
BETWEEN_KILLS = 0.7  # seconds


class Resumed:
    """
    Fetches a list, and when that is done the next one. Each is killed twice (SIGKILL), and begun
    again with the same log. Lives by tick(), which is to be called often.
    """

    def __init__(self, gather, folder, ports):
        self.folder, self.ports = folder, ports
        self.command = [gather, "-s", "--no-summary", "--resume", "log", "-i", "list", "--retry",
                        "12", "--rate", f"{RATE}/s", "-c", str(IN_FLIGHT), "--noproxy", "*"]
        # Whole answers, by list and server: the thread of each server has its own.
        self.seen = collections.Counter()
        self.lists = self.kills = 0
        self.faults = []  # words
        self.process = None
        folder.mkdir()

    def take_request(self, path, fate):
        place, number = map(int, path.split(b"/")[2:])
        self.seen[place, number % 2] += fate == b"fine"

    def tick(self, at, may_begin):
        """False when a list is done and no other may begin."""
        if self.process is None:
            self.begin_list(at)
        elif self.process.poll() is not None:
            self.end_list()
            return may_begin
        elif self.kills_left and at >= self.kill_at:
            self.process.kill()
            self.process.communicate()
            self.kills_left -= 1
            self.kills += 1
            self.start(at)
        return True

    def begin_list(self, at):
        self.urls = [f"http://127.0.0.1:{self.ports[number % 2]}/resumed/{self.lists}/{number}"
                     for number in range(LENGTH)]
        (self.folder / "list").write_text("".join(f"{url}\n" for url in self.urls))
        (self.folder / "log").unlink(missing_ok=True)
        self.kills_left = KILLS
        self.start(at)

    def start(self, at):
        self.process = subprocess.Popen(self.command, cwd=self.folder, stderr=subprocess.PIPE,
                                        preexec_fn=die_with_parent, start_new_session=True)
        self.kill_at = at + BETWEEN_KILLS

    def give_up(self):
        self.faults.append("hangs")
        self.process.kill()

    def end_list(self):
        words = self.process.communicate()[1].decode()
        lines = [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]
        if self.process.returncode:
            self.faults.append(f"exit status {self.process.returncode} {words}")
        if sorted(line["url"] for line in lines if line["ok"]) != sorted(self.urls):
            self.faults.append(f"the log of list {self.lists} has not each request once")
        self.lists += 1
        self.process = None

    def count_unlike(self, restarts):
        """Lists of which more was fetched again than was in flight when something was killed."""
        most = LENGTH + IN_FLIGHT * (KILLS + restarts)
        return sum(not LENGTH <= self.seen[place, 0] + self.seen[place, 1] <= most
                   for place in range(self.lists))
