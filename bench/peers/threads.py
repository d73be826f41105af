"""A pool of threads with requests, a session of kept connections each: what most people write."""

import threading
from concurrent.futures import ThreadPoolExecutor

import requests

from peer import serve, urls_of, versions

own = threading.local()


def open_session():
    own.session = requests.Session()


def fetch(url):
    response = own.session.get(url)
    if response.status_code != 200 or not response.content:
        raise RuntimeError(f"status {response.status_code}")


def fetch_all(load):
    with ThreadPoolExecutor(load["concurrency"], initializer=open_session) as pool:
        for _ in pool.map(fetch, urls_of(load)):
            pass


serve(versions("requests"), fetch_all)
