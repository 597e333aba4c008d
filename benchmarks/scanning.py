"""A scan that finds nothing new, in process."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import load_config
from aggregator.ingest import scan
from aggregator.routing import Router
from aggregator.store import Store
from benchmarks.corpus import write_corpus
from benchmarks.figures import Figure
from benchmarks.service import configure, python

FILES = 10_000
RUNS = 7


def scanning(root: Path) -> Iterator[Figure]:
    """Microseconds a file, of files that are as they were."""
    configure(root)
    write_corpus(root / "articles", FILES)
    python("aggregator", "ingest", "--config", root / "config.yaml")
    config = load_config(root / "config.yaml", {})
    store, router = Store(config.store), Router(config)
    (folder,) = router.folders()
    taken = []
    for _ in range(RUNS):
        start = time.perf_counter()
        scan(store, router, folder, lambda: datetime.now(UTC))
        taken.append((time.perf_counter() - start) / FILES * 1e6)
    store.close()
    yield Figure("scan that finds nothing, a file", "µs", taken, "≤10")
