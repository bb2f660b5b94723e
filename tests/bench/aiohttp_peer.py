"""aiohttp on uvloop: aiohttp_peer.py CONCURRENCY [CA] <LIST. Bodies are discarded, a line a URL."""

import asyncio
import ssl
import sys
import time

import aiohttp
import uvloop


async def worker(session, lines):
    failed = 0
    for line in lines:  # one iterator for all
        url = line.rstrip()
        start = time.monotonic()
        async with session.get(url) as response:
            size = 0
            while chunk := await response.content.readany():
                size += len(chunk)
        print(response.status, size, f"{time.monotonic() - start:.3f}", url)
        failed += response.status >= 400
    return failed


async def main():
    concurrency = int(sys.argv[1])
    context = ssl.create_default_context(cafile=sys.argv[2]) if len(sys.argv) > 2 else None
    connector = aiohttp.TCPConnector(limit=concurrency, ssl=context)
    lines = iter(sys.stdin)
    async with aiohttp.ClientSession(connector=connector) as session:
        failed = await asyncio.gather(*(worker(session, lines) for _ in range(concurrency)))
    return 1 if sum(failed) else 0


uvloop.install()
sys.exit(asyncio.run(main()))
