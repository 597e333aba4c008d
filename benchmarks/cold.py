"""What is measured as our cold build: `python -m benchmarks.cold FOLDER`, a process of its own.

Files are read, normalized, sanitized and stored, as `aggregator ingest` does it; then every feed is rendered as RSS
and Atom and written to `public`, as Hugo does. Search is left out, as in the service, where it comes after the feeds.
"""

import os
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.config import Config, load_config
from aggregator.first import first_filling
from aggregator.garbage import collect_seldom

if TYPE_CHECKING:
    from aggregator.store import Store

FORMATS = ("rss", "atom")
PART = 12  # feeds that a process renders at a time
PROCESSES = len(os.sched_getaffinity(0))

collect_seldom()  # as the commands do


def main(root: Path) -> None:
    """Build everything below `root`, where no earlier build is."""
    config = load_config(root / "config.yaml", {})
    with first_filling(config):
        paths = fill(config)
    parts = [paths[start : start + PART] for start in range(0, len(paths), PART)]
    from concurrent.futures import ProcessPoolExecutor

    from feeds import render, selection  # noqa: F401

    with ProcessPoolExecutor(PROCESSES) as pool:
        list(pool.map(publish, [config] * len(parts), [root] * len(parts), parts))


def fill(config: Config) -> list[str]:
    """Store all articles; returns the paths of all feeds."""
    from aggregator.catalog import sync
    from aggregator.ingest import scan
    from aggregator.models import ScopeKind
    from aggregator.routing import Router
    from aggregator.store import Store

    store, router = Store(config.store), Router(config)
    sync(store, config, lambda: datetime.now(UTC))
    for folder in router.folders():
        scan(store, router, folder, lambda: datetime.now(UTC))
    paths = [scope.path for kind in ScopeKind for scope in store.scopes(kind)]
    store.close()
    return paths


@cache
def opened(url: str) -> "Store":
    """The store, opened once in a process that renders."""
    from aggregator.store import Store

    return Store(url)


def publish(config: Config, root: Path, paths: list[str]) -> None:
    """Render the feeds of some scopes."""
    from feeds.render import FORMATS as ALL
    from feeds.selection import find_scope, select

    store = opened(config.store)
    for path in paths:
        scope = find_scope(store, path)
        assert scope
        feed = select(store, scope, config)
        for name in FORMATS:
            file = root / "public" / f"{path}.{name}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(ALL[name].render(feed))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
