"""A crawler walks a feed back to its oldest article, on the real server, while articles keep coming in."""

import os
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import feedparser
import pytest

from aggregator.models import Filed
from aggregator.store import Store
from tests.readers.server import free_port
from tests.support import article
from tests.watcher.waiting import PATIENCE, eventually

ROOT = Path(__file__).parents[1]
LIMIT = 7
ARTICLES = 64
PAUSE = 0.03  # seconds between two new articles


class Service:
    """`aggregator run` on a folder of its own, its store, and who writes into the folder."""

    def __init__(self, root: Path) -> None:
        port = free_port()
        self.root, self.base = root, f"http://127.0.0.1:{port}"
        (root / "articles").mkdir()
        (root / "config.yaml").write_text(
            f"site: {{url: '{self.base}'}}\nserver: {{port: {port}, workers: 1}}\nfeeds: {{limit: {LIMIT}}}\n"
            "sources:\n  - {title: Harbour, path: articles}\n"
        )
        for number in range(ARTICLES):
            self.write(number)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "run"],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stderr=subprocess.DEVNULL,
        )

    def write(self, number: int) -> None:
        """Put an article into the folder, whole at once. Five articles share a date."""
        text = article(
            f"Note {number}",
            f"<p>Note {number} has a text of its own.</p>",
            f"2026-01-01 {number // 5 % 24:02}:00:00",
        )
        part = self.root / f"{number}.part"
        part.write_text(text, encoding="utf-8")
        part.rename(self.root / "articles" / f"{number}.md")

    def get(self, address: str) -> bytes:
        with urllib.request.urlopen(address, timeout=PATIENCE) as response:
            body: bytes = response.read()
        return body

    def ready(self) -> bool:
        try:
            return self.get(f"{self.base}/readyz") == b"ready\n"
        except OSError:
            return False

    def filed(self) -> list[Filed]:
        """What is published now, read from the store itself."""
        store = Store(f"sqlite:///{self.root}/var/aggregator.db")
        try:
            scope = store.scope("latest")
            return [] if scope is None else store.window(scope, 100_000)
        finally:
            store.close()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=PATIENCE)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    started = Service(tmp_path)
    try:
        eventually(lambda: started.ready() and len(started.filed()) == ARTICLES)
        yield started
    finally:
        started.stop()


@pytest.fixture
def busy(service: Service) -> Iterator[Service]:
    """The service while another thread adds articles without end."""
    enough = threading.Event()

    def write() -> None:
        number = ARTICLES
        while not enough.wait(PAUSE):
            service.write(number)
            number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield service
    finally:
        enough.set()
        writer.join()


def crawl(service: Service, suffix: str) -> list[str]:
    """The ids met on the way through `next`; at every third page, more articles arrive."""
    address, met = f"{service.base}/latest.{suffix}", []
    for number in range(500):
        parsed = feedparser.parse(service.get(address))
        assert not parsed.bozo
        assert 0 < len(parsed.entries) <= LIMIT
        links = {link.rel: link.href for link in parsed.feed.links}
        assert links["self"] == address
        met += [entry.id for entry in parsed.entries]
        if "next" not in links:
            return met
        address = links["next"]
        if number % 3 == 0:
            known = service.filed()
            eventually(lambda known=known: service.filed() != known)
    pytest.fail("the walk has no end")


def test_a_crawl_meets_every_article_once(busy: Service) -> None:
    present = {f"urn:uuid:{filed.id}" for filed in busy.filed()}
    with ThreadPoolExecutor(2) as pool:
        for met in pool.map(crawl, (busy, busy), ("atom", "rss")):
            assert present <= set(met)
            assert len(met) == len(set(met))
