"""A list may be of any length."""

import json
import subprocess
import sys
import threading

from harness import COMMAND, MEASURE, environment, only_at_full_speed

URLS = 200_000


def feed(process, url):
    try:
        for start in range(0, URLS, 1000):
            process.stdin.write(b"".join(b"%b/%d\n" % (url, i) for i in range(start, start + 1000)))
    except BrokenPipeError:
        pass
    process.stdin.close()


@only_at_full_speed
def test_two_hundred_thousand_urls_take_little_memory(nginx, tmp_path):
    """From a pipe: a result for each, exactly once; the peak of the resident set under 40 MB."""
    with open(tmp_path / "out", "wb") as out, open(tmp_path / "err", "wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", MEASURE, tmp_path / "peak", *COMMAND, "--jsonl"],
            stdin=subprocess.PIPE, stdout=out, stderr=err, env=environment())
    watchdog = threading.Timer(120, process.kill)
    watchdog.start()
    feed(process, nginx.url.encode())
    process.wait()
    watchdog.cancel()

    errors = (tmp_path / "err").read_text()
    code, peak = map(int, (tmp_path / "peak").read_text().split())
    assert code == 0, errors
    assert errors.startswith(f"{URLS} requests in ") and f"200: {URLS}" in errors
    seen = bytearray(URLS)
    with open(tmp_path / "out", "rb") as out:
        for number, line in enumerate(out):
            index = int(line[len(b'{"index":'):line.index(b",")])
            assert line.endswith(b"}\n")
            seen[index] += 1
            if number % 20 == 0:  # all of them would take longer than the run itself
                assert json.loads(line)["url"].endswith(f"/{index}")
    assert seen == b"\1" * URLS
    assert peak < 40 * 1024
