"""As many coroutines as requests in flight, on one aiohttp session."""

import asyncio

import aiohttp

from peer import serve, urls_of, versions


async def fetch_all(load):
    urls = iter(urls_of(load))
    connector = aiohttp.TCPConnector(limit=load["concurrency"])
    async with aiohttp.ClientSession(connector=connector) as session:

        async def lane():
            for url in urls:
                async with session.get(url) as response:
                    body = await response.read()
                    if response.status != 200 or not body:
                        raise RuntimeError(f"status {response.status}")

        await asyncio.gather(*(lane() for _ in range(load["concurrency"])))


serve(versions("aiohttp"), lambda load: asyncio.run(fetch_all(load)))
