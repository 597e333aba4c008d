"""What is measured as our cold build: `python -m benchmarks.cold FOLDER`, a process of its own.

Files are read, normalized, sanitized and stored; then every feed is rendered as RSS and Atom and written to `public`,
as Hugo does. Search is left out, as in the service, where it comes after the feeds.
"""

import os
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from aggregator.catalog import sync
from aggregator.config import load_config
from aggregator.ingest import scan
from aggregator.models import ScopeKind
from aggregator.routing import Router
from aggregator.store import Store
from feeds.publisher import Publisher
from feeds.render import FORMATS as ALL

FORMATS = ("rss", "atom")
PROCESSES = len(os.sched_getaffinity(0))


def main(root: Path) -> None:
    """Build everything below `root` from nothing."""
    for name in ("var", "public"):
        shutil.rmtree(root / name, ignore_errors=True)
    config = load_config(root / "config.yaml", {})
    store, router = Store(config.store), Router(config)
    sync(store, config, lambda: datetime.now(UTC))
    for folder in router.folders():
        scan(store, router, folder, lambda: datetime.now(UTC))
    paths = [scope.path for kind in ScopeKind for scope in store.scopes(kind)]
    store.close()
    with ProcessPoolExecutor(PROCESSES) as pool:
        share = -(-len(paths) // PROCESSES)
        list(pool.map(render, [root] * PROCESSES, (paths[n * share : (n + 1) * share] for n in range(PROCESSES))))


def render(root: Path, paths: list[str]) -> None:
    """Render the feeds of some scopes."""
    config = load_config(root / "config.yaml", {})
    publisher = Publisher(Store(config.store), config)
    for path in paths:
        scope = publisher.find(path)
        assert scope
        for name in FORMATS:
            file = root / "public" / f"{path}.{name}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(publisher.feed(scope, ALL[name]).body)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
