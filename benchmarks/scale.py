"""Large stores: a million articles to publish, a hundred thousand to search."""

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urljoin
from urllib.request import urlopen

from lxml import etree

from aggregator.store import Store
from benchmarks.figures import Figure
from benchmarks.filled import fill
from benchmarks.service import configure, family, memory, service

PUBLISHED, SEARCHED = 1_000_000, 100_000
SHORT, LONG = 60, 1_700  # characters of an article
PAGES, DEEP = 40, 600  # of the walk
QUERIES = ("的一", "我们 地方", '"出来时"', "国家 -主要", "动")
NEXT = "{http://www.w3.org/2005/Atom}link[@rel='next']"


def publishing(root: Path) -> Iterator[Figure]:
    """A web process of its own on a million articles."""
    address = configure(root, workers=1)
    fill(f"sqlite:///{root}/var/aggregator.db", PUBLISHED, SHORT)
    paths = ["latest", *(f"sources/来源{n}" for n in range(0, 40, 8)), *(f"categories/分类{n}" for n in range(5))]
    with service(root, address) as parent:
        urlopen(f"{address}/latest.rss").close()  # it has imported what it needs
        cold = [_timed(f"{address}/{quote(path)}.atom")[0] for path in paths]
        yield Figure(f"cold feed of {PUBLISHED:,}", "ms", cold, "≤50")
        yield Figure("page of the walk, at the top", "ms", list(_walk(f"{address}/latest.atom", PAGES)), "≤50")
        deep = list(_walk(f"{address}/latest.atom", DEEP))[-PAGES:]
        yield Figure(f"page of the walk, {DEEP} pages down", "ms", deep, "≤50")
        workers = [process for process in family(parent) if process != parent]
        yield Figure("memory of the web process", "MiB", [max(map(memory, workers))], "≤200")


def searching(root: Path) -> Iterator[Figure]:
    """Searches over a hundred thousand full articles."""
    address = configure(root, workers=1)
    store_url = f"sqlite:///{root}/var/aggregator.db"
    fill(store_url, SEARCHED, LONG)
    store = Store(store_url)
    while store.search.catch_up(1000):
        pass
    store.close()
    with service(root, address):
        found = [_timed(f"{address}/search?q={quote(query)}")[0] for query in QUERIES]
    yield Figure(f"search over {SEARCHED:,}", "ms", found, "≤300")


def _walk(address: str | None, pages: int) -> Iterator[float]:
    """Milliseconds for each page behind a feed."""
    for _ in range(pages):
        assert address
        taken, body = _timed(address)
        yield taken
        link = etree.fromstring(body).find(NEXT)
        address = None if link is None else urljoin(address, link.get("href") or "")


def _timed(address: str) -> tuple[float, bytes]:
    start = time.perf_counter()
    with urlopen(address) as answer:
        body = answer.read()
    return (time.perf_counter() - start) * 1e3, body
