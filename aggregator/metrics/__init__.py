"""Metrics for Prometheus: what happens is told here, from whichever process, and shown at /metrics.

    scanned, reloaded, answered, cached, refused ─▶ Meters ─ a folder shared by all processes ─┐
                                                     store, /proc ─ looked up when asked for ──┴▶ exposition

Without `start()`, and without PROMETHEUS_MULTIPROC_DIR in the environment, a process counts for itself.
"""

import logging
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import Counter, Histogram, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as PLAIN
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST as OPENMETRICS
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from . import sharing
from .lookups import build_metrics, process_metrics, store_metrics
from .meters import CHANGES, METHODS, OTHER, RESULTS, Meters

if TYPE_CHECKING:
    from ..report import ScanReport
    from ..store import Store

__all__ = ["answered", "cached", "exposition", "refused", "reloaded", "repeated", "scanned", "start"]

log = logging.getLogger(__name__)

_meters: Meters | None = None
_making = threading.Lock()
# The meters of what was told before, to look them up only once; bounded as the labels are.
_answers: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
_caches: dict[tuple[str, bool], Counter] = {}


def start() -> None:
    """Count together with the processes that this one will start. To be called first by what runs a service."""
    try:
        sharing.share()
    except OSError as error:
        os.environ.pop(sharing.VARIABLE, None)
        log.warning("there is no folder for the metrics of all processes (%s): each counts for itself", error)
    _ours()


def scanned(report: "ScanReport", seconds: float) -> None:
    """A folder was scanned, or could not be, and that took so long. A look at a few of its files is no run."""
    meters = _ours()
    if not report.part:
        _ran(meters, report, seconds)
    for slug, count in report.counts.items():
        source = meters.sources(slug)
        for change in CHANGES:
            meters.changes.labels(source, change).inc(getattr(count, change))
    for delay in report.delays:
        meters.delay.observe(delay)


def _ran(meters: Meters, report: "ScanReport", seconds: float) -> None:
    folder = meters.folders(report.folder)
    result = "busy" if report.busy else "failed" if report.error else "done"
    for name in RESULTS:
        meters.runs.labels(folder, name).inc(name == result)
    if result != "busy":
        meters.run_seconds.labels(folder).observe(seconds)


def reloaded(ok: bool) -> None:
    """An edit of the config was put in force, or refused."""
    _ours().reloads.labels("applied" if ok else "refused").inc()


def answered(route: str, method: str, status: int, seconds: float) -> None:
    """A request was answered. `route` is one of few templates, such as `/sources/<slug>.atom`, never a path as it was
    sent; `seconds` is how long the answer took to make.

    Costs 3 µs, in two writes to memory that is shared with other processes.
    """
    count, timer = _answers.get((route, method, status)) or _answer(route, method, status)
    count.inc()
    timer.observe(seconds)


def repeated(route: str, method: str, status: int, times: int) -> None:
    """So many requests were answered from memory, which takes too little time to measure it."""
    count, _ = _answers.get((route, method, status)) or _answer(route, method, status)
    count.inc(times)
    (_caches.get(("answers", True)) or _cache("answers", True)).inc(times)


def cached(cache: str, hit: bool) -> None:
    """Something was found in a cache, or had to be made."""
    (_caches.get((cache, hit)) or _cache(cache, hit)).inc()


def refused() -> None:
    """A request was refused, since too many others waited."""
    _ours().refusals.inc()


def exposition(store: "Store | None", *, openmetrics: bool = False) -> tuple[bytes, str]:
    """All metrics as text, in the Prometheus format or in OpenMetrics, and its media type. Never fails: what cannot
    be told is left out, and the log says why."""
    encode, media_type = (generate_openmetrics, OPENMETRICS) if openmetrics else (generate_latest, PLAIN)
    return encode(_Everything(store)), media_type


class _Everything:
    def __init__(self, store: "Store | None") -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        parts: list[Callable[[], Iterable[Metric]]] = [
            _ours().collect,
            lambda: store_metrics(self._store) if self._store else (),
            lambda: process_metrics(_ours().pids()),
            build_metrics,
        ]
        for part in parts:
            try:
                yield from list(part())
            except Exception:  # the border: a file that was cut short, a process that ends right now
                log.warning("some metrics are missing", exc_info=True)


def _answer(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    meters = _ours()
    name, code = meters.routes(route), str(status)
    found = (
        meters.requests.labels(name, method if method in METHODS else OTHER, code),
        meters.request_seconds.labels(name, code),
    )
    if name == route and method in METHODS:
        _answers[route, method, status] = found
    return found


def _cache(cache: str, hit: bool) -> Counter:
    found = {result: _ours().cache.labels(cache, "hit" if result else "made") for result in (True, False)}
    _caches.update({(cache, result): counter for result, counter in found.items()})
    return found[hit]


def _ours() -> Meters:
    global _meters
    if _meters is None:
        with _making:
            if _meters is None:
                _meters = Meters()
    return _meters


def _forget() -> None:
    """A process that was forked off counts for itself, from nothing."""
    global _meters, _making
    if _meters is not None and _meters.shared is not None:
        _meters.shared.leave_to_parent()
    _meters, _making = None, threading.Lock()
    _answers.clear()
    _caches.clear()


os.register_at_fork(after_in_child=_forget)
