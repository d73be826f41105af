"""What every Python peer shares: it greets, then answers each load with what that took, a line of JSON each."""

import importlib.metadata
import json
import platform
import resource
import sys
import time


def versions(*packages):
    named = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    return f"{named}, Python {platform.python_version()}"


def serve(version, fetch_all):
    """`fetch_all(load)` fetches all URLs of a load or raises; it may return the seconds that it took."""
    say(value=version)
    for line in sys.stdin:
        load = json.loads(line)
        try:
            say(value=measure(fetch_all, load))
        except Exception as error:  # the benchmark drops whoever fails, and says why
            say(error=f"{type(error).__name__}: {error}")


def urls_of(load):
    return [f"{load['origin']}/{index}" for index in range(load["count"])]


def measure(fetch_all, load):
    cpu_before, started_at = cpu_seconds(), time.perf_counter()
    seconds = fetch_all(load) or time.perf_counter() - started_at
    return {"durationMs": seconds * 1000, "cpuSeconds": cpu_seconds() - cpu_before}


def cpu_seconds():
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def say(**answer):
    print(json.dumps(answer), flush=True)
