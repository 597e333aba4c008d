"""The core's figures: ingest of 10,000 files, scanning them again, a cold feed, a 304. Run with `make bench`."""

import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aggregator.config import load_config
from aggregator.ingest import scan
from aggregator.routing import Router
from aggregator.store import Store
from benchmarks.corpus import write_corpus
from feeds import create_app

FILES = 10_000
CONFIG = "sources:\n  - {title: All, path: articles, split_by: author}\n"


def main() -> None:
    """Measure, and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        for name, value in measure(Path(folder)):
            print(f"{name:<44} {value}")


def measure(root: Path) -> list[tuple[str, str]]:
    """The figures, by name."""
    write_corpus(root / "articles", FILES)
    (root / "config.yaml").write_text(CONFIG)
    config = load_config(root / "config.yaml", {})
    store, router = Store(config.store), Router(config)
    articles = next(iter(router.folders()))

    def ingest() -> None:
        scan(store, router, articles, lambda: datetime.now(UTC))

    before = _peak()
    first = _seconds(ingest)
    after = _peak()
    again = min(_seconds(ingest) for _ in range(3))
    figures = [
        (f"ingest of {FILES} files, cold", f"{first:.1f} s, {first / FILES * 1e6:.0f} µs a file"),
        ("peak memory, before and after", f"{before:.0f} and {after:.0f} MiB"),
        ("scan that finds nothing new", f"{again * 1e3:.0f} ms, {again / FILES * 1e6:.1f} µs a file"),
    ]
    for path in ("/latest.atom", "/sources/来源0.rss", "/categories/分类0/来源0.json"):
        cold, warm, unchanged = _serving(config, store, path)
        figures.append((f"{path}: cold, cached, 304", f"{cold:.1f} ms, {warm:.2f} ms, {unchanged:.2f} ms"))
    return figures


def _serving(config: object, store: Store, path: str) -> tuple[float, float, float]:
    """Milliseconds for a first answer of a fresh app, a cached one, and a 304."""
    client = create_app(config, store).test_client()  # type: ignore[arg-type]
    headers = {"Accept-Encoding": "gzip"}
    cold = _seconds(lambda: client.get(path, headers=headers))
    warm = statistics.median(_seconds(lambda: client.get(path, headers=headers)) for _ in range(50))
    etag = client.get(path, headers=headers).headers["ETag"]
    conditional = headers | {"If-None-Match": etag}
    assert client.get(path, headers=conditional).status_code == 304
    unchanged = statistics.median(_seconds(lambda: client.get(path, headers=conditional)) for _ in range(50))
    return cold * 1e3, warm * 1e3, unchanged * 1e3


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
