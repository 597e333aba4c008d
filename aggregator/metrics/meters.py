"""The metrics that are counted in this process, as prometheus-client's objects."""

import logging
import os
from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, disable_created_metrics, values

from . import table
from .sharing import VARIABLE, Shared

log = logging.getLogger(__name__)

OTHER = "other"  # what a label says for all values beyond its bound
SOURCES = 1000
FOLDERS = 1000
ROUTES = 200
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
RESULTS = ("done", "failed", "busy")
CHANGES = ("new", "updated", "removed")


class Names:
    """What a label may say: the first `limit` values that come up; "other" stands for the rest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        """The value, or "other"."""
        if value not in self._known:
            if len(self._known) >= self._limit:
                return OTHER
            self._known.add(value)
        return value


class Meters:
    """What one process counts: for itself, or together with others where the environment names a folder for it."""

    def __init__(self) -> None:
        disable_created_metrics()  # times of creation say nothing where processes come and go
        self.shared = _shared()
        identity = self.shared and self.shared.process
        # The library looks here for where a metric keeps its figures, when the metric is made.
        values.ValueClass = values.MultiProcessValue(lambda: identity) if identity else values.MutexValue
        self._registry = CollectorRegistry()
        self.runs = self._counter(table.RUNS)
        self.run_seconds = self._histogram(table.RUN_SECONDS)
        self.changes = self._counter(table.ARTICLE_CHANGES)
        self.delay = self._histogram(table.DELAY)
        self.reloads = self._counter(table.RELOADS)
        self.requests = self._counter(table.REQUESTS)
        self.request_seconds = self._histogram(table.REQUEST_SECONDS)
        self.cache = self._counter(table.CACHE)
        self.refusals = self._counter(table.REFUSALS)
        self.sources, self.folders, self.routes = Names(SOURCES), Names(FOLDERS), Names(ROUTES)
        # What never happened is 0 and not missing, so that a first time is an increase; here, and in `scanned`.
        for result in ("applied", "refused"):
            self.reloads.labels(result)

    def collect(self) -> Iterable[Metric]:
        """All that was counted so far."""
        return self.shared.metrics() if self.shared else self._registry.collect()

    def pids(self) -> list[int]:
        """The processes that count here."""
        return self.shared.pids() if self.shared else [os.getpid()]

    def _counter(self, declared: table.Metric) -> Counter:
        return Counter(declared.name, declared.meaning, declared.labels, registry=self._registry)

    def _histogram(self, declared: table.Metric) -> Histogram:
        return Histogram(
            declared.name, declared.meaning, declared.labels, registry=self._registry, buckets=declared.buckets
        )


def _shared() -> Shared | None:
    folder = os.environ.get(VARIABLE)
    if not folder:
        return None
    try:
        return Shared(Path(folder))
    except OSError as error:
        log.warning(
            "%s cannot be used for metrics (%s): each process counts for itself, so /metrics tells of one of them",
            folder,
            error.strerror or error,
        )
        return None
