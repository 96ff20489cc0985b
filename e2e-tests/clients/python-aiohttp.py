"""aiohttp, which reads the proxy variables with trust_env=True."""

import asyncio
import sys

import aiohttp

if sys.argv[1:] == ["--version"]:
    print("aiohttp", aiohttp.__version__)
    sys.exit()


async def ask(urls):
    timeout = aiohttp.ClientTimeout(total=5)
    async with aiohttp.ClientSession(trust_env=True, timeout=timeout, raise_for_status=True) as session:
        for url in urls:
            try:
                async with session.get(url):
                    print("ok", url)
            except Exception as error:
                print(f"failed {url}: {error or type(error).__name__}")


asyncio.run(ask(sys.argv[1:]))
