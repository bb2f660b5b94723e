"""A list may be of any length."""

import json
import subprocess
import threading
import time

from harness import COMMAND, environment, only_at_full_speed

URLS = 200_000


def peak(pid):
    """Of the resident set so far. Not ru_maxrss: that has what the child was before its exec."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            return max((int(line.split()[1]) for line in status if line.startswith("VmHWM")), default=0)
    except OSError:
        return 0


@only_at_full_speed
def test_two_hundred_thousand_urls_take_little_memory(nginx, tmp_path):
    """From a pipe: a result for each, exactly once, and the peak of the resident set under 40 MB."""
    with open(tmp_path / "out", "wb") as out, open(tmp_path / "err", "wb") as err:
        process = subprocess.Popen([*COMMAND, "--jsonl"], stdin=subprocess.PIPE, stdout=out, stderr=err,
                                   env=environment())

    def feed():
        try:
            for start in range(0, URLS, 1000):
                process.stdin.write(b"".join(f"{nginx.url}/{i}\n".encode()
                                             for i in range(start, start + 1000)))
        except BrokenPipeError:
            pass
        process.stdin.close()

    feeder = threading.Thread(target=feed)
    feeder.start()
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    peak_kilobytes = 0
    while process.poll() is None:
        peak_kilobytes = max(peak_kilobytes, peak(process.pid))
        time.sleep(0.02)
    watchdog.cancel()
    feeder.join()
    errors = (tmp_path / "err").read_text()
    assert process.returncode == 0, errors
    assert errors.startswith(f"{URLS} requests in ") and f"200: {URLS}" in errors
    seen = bytearray(URLS)
    with open(tmp_path / "out", "rb") as out:
        for line in out:
            result = json.loads(line)
            assert result["url"].endswith(f"/{result['index']}")
            seen[result["index"]] += 1
    assert seen == b"\1" * URLS
    assert 1024 < peak_kilobytes < 40 * 1024
