"""Scrapy with what slows it down switched off: no delay, no cookies, no retries, no robots.txt, no log."""

import json
import os
import time

import scrapy
from scrapy.crawler import CrawlerProcess

from peer import serve, urls_of, versions


def settings_of(load):
    return {
        "CONCURRENT_REQUESTS": load["concurrency"],
        "CONCURRENT_REQUESTS_PER_DOMAIN": load["concurrency"],
        "COOKIES_ENABLED": False,
        "LOG_ENABLED": False,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        "REQUEST_FINGERPRINTER_IMPLEMENTATION": "2.7",
    }


def crawl(load):
    seen = {"fetched": 0}

    class Spider(scrapy.Spider):
        name = "bench"

        def start_requests(self):
            for url in urls_of(load):
                yield scrapy.Request(url, dont_filter=True)

        def parse(self, response):
            seen["fetched"] += bool(response.body)

    process = CrawlerProcess(settings_of(load), install_root_handler=False)
    process.crawl(Spider)
    started_at = time.perf_counter()
    process.start()
    return {"seconds": time.perf_counter() - started_at, **seen}


def fetch_all(load):
    """In a process of its own, since the reactor under Scrapy runs only once in each."""
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:
        with os.fdopen(write_end, "w") as pipe:
            json.dump(crawl(load), pipe)
        os._exit(0)
    os.close(write_end)
    with os.fdopen(read_end) as pipe:
        report = json.loads(pipe.read() or '{"fetched": 0}')
    os.waitpid(child, 0)
    if report["fetched"] != load["count"]:
        raise RuntimeError(f"{report['fetched']} of {load['count']} fetched")
    return report["seconds"]


serve(versions("scrapy"), fetch_all)
