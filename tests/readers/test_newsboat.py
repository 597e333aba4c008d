"""newsboat, a reader that people use in terminals: what it keeps, and how it asks again."""

import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from aggregator.models import ScopeKind
from tests.readers.agreement import Seen, disagreements, stored
from tests.readers.conftest import Samples
from tests.readers.proxy import logging_proxy
from tests.watcher.waiting import PATIENCE

UNTOLD = {
    "updated": "it keeps one date",
    "authors": "it keeps one text: of RSS the last one, of Atom all",
    "terms": "it keeps no categories",
    "image": "it shows those in the content; of enclosures it keeps sound and film",
    "content": "it shows text made of the HTML",
}


@dataclass(frozen=True)
class Newsboat:
    """A subscriber with files in a folder of his own; `proxy` is a port on this machine."""

    program: str
    folder: Path
    proxy: int = 0

    def run(self, *arguments: str) -> None:
        proxy = f'use-proxy yes\nproxy "127.0.0.1:{self.proxy}"\n' if self.proxy else ""
        (self.folder / "config").write_text(proxy)
        files = ["-u", "urls", "-c", "cache.db", "-C", "config"]
        done = subprocess.run(
            [self.program, *files, *arguments], cwd=self.folder, capture_output=True, timeout=PATIENCE
        )
        assert done.returncode == 0, done.stderr

    def subscribe(self, addresses: list[str]) -> None:
        (self.folder / "urls").write_text("".join(f"{address}\n" for address in addresses))

    def rows(self, feed: str) -> Iterator[sqlite3.Row]:
        with closing(sqlite3.connect(self.folder / "cache.db")) as connection:
            connection.row_factory = sqlite3.Row
            yield from connection.execute("SELECT * FROM rss_item WHERE feedurl = ?", [feed])


def seen(row: sqlite3.Row) -> Seen:
    published = datetime.fromtimestamp(row["pubDate"], UTC)
    return Seen(row["guid"], row["title"], row["url"], published, None, None, None, None)


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_it_keeps_what_the_store_holds(samples: Samples, newsboat: str, tmp_path: Path, suffix: str) -> None:
    """Sources only: of two feeds with one article newsboat shows it in the first alone."""
    boat = Newsboat(newsboat, tmp_path)
    sources = samples.store.scopes(ScopeKind.SOURCE)
    boat.subscribe([samples.address(source, suffix) for source in sources])
    boat.run("-x", "reload")
    articles = 0
    for source in sources:
        rows = list(boat.rows(samples.address(source, suffix)))
        wanted = {one.id: one for one in (stored(filed, samples.base) for filed in samples.window(source))}
        assert disagreements(map(seen, rows), wanted.values(), UNTOLD) == []
        for row in rows:
            true = wanted[row["guid"]]
            authors = true.authors or ()
            assert row["author"] == (authors[-1] if suffix == "rss" else ", ".join(authors))
            assert true.image is None or (true.image in row["content"]) == (true.image in (true.content or ""))
        articles += len(rows)
    everything = samples.store.scope("latest")
    assert everything is not None
    assert articles == everything.size


def test_it_asks_again_with_validators_and_gets_304(samples: Samples, newsboat: str, tmp_path: Path) -> None:
    """newsboat notes validators only of a feed that it holds already, so not yet at its very first fetch."""
    feeds = [samples.address(scope, suffix) for scope in samples.scopes() for suffix in ("rss", "atom")]
    with logging_proxy() as (port, log):
        boat = Newsboat(newsboat, tmp_path, port)
        boat.subscribe(feeds)
        for conditional, status in ((False, 200), (False, 200), (True, 304), (True, 304)):
            boat.run("-x", "reload")
            asked = {one.address: one for one in log}
            assert len(log) == len(feeds) == len(asked)
            for feed in feeds:
                one = asked[feed]
                assert (one.if_none_match, one.if_modified_since, one.status) == (conditional, conditional, status)
            log.clear()
