"""The metrics that are looked up at the time they are asked for: in the store, and about the processes."""

import logging
import platform
from collections.abc import Iterable, Iterator, Mapping
from importlib.metadata import version
from typing import TYPE_CHECKING

from prometheus_client import Metric, ProcessCollector
from prometheus_client.core import GaugeMetricFamily

from ..errors import StoreAwayError
from ..models import ScopeKind
from ..outages import Outage
from ..store import is_outage
from . import table
from .meters import FOLDERS, OTHER, SOURCES

if TYPE_CHECKING:
    from ..store import Store

log = logging.getLogger(__name__)

SUMS = ("virtual_memory_bytes", "resident_memory_bytes", "cpu_seconds", "open_fds")  # of the processes together
CONFIG = "config "  # the place of a notice about the config begins so

_outage = Outage(log, "the store does not answer, so its metrics are missing", "the store's metrics are there again")


def store_metrics(store: "Store") -> Iterable[Metric]:
    """What the store tells. One that does not answer leaves it at that."""
    try:
        found = [*_sources(store), *_folders(store), *_notices(store)]
    except StoreAwayError:
        return [_one(table.STORE_UP, 0)]
    except Exception as error:  # whatever a store may raise, the other metrics are all the more wanted
        _outage.begins(error, expected=is_outage(error))
        return [_one(table.STORE_UP, 0)]
    _outage.ends()
    return [*found, _one(table.STORE_UP, 1)]


def process_metrics(pids: Iterable[int]) -> Iterator[Metric]:
    """What the system tells of the service's processes, as prometheus-client names it; sums, where that makes sense:
    any of them may answer."""
    families: dict[str, Metric] = {}
    alive = 0
    for pid in pids:
        found = list(ProcessCollector(registry=None, pid=lambda pid=pid: pid).collect())  # type: ignore[misc]
        alive += bool(found)
        for family in found:
            together = families.setdefault(family.name, family)
            if together is not family:
                ours, its = together.samples[0], family.samples[0]
                sums = family.name.removeprefix("process_") in SUMS
                value = ours.value + its.value if sums else min(ours.value, its.value)
                together.samples = [ours._replace(value=value)]
    yield from families.values()
    if alive:  # where there is no /proc, nothing is known
        yield _one(table.PROCESSES, alive)


def build_metrics() -> Iterator[Metric]:
    """What runs."""
    yield _many(table.BUILD, {(version("aggregator"), platform.python_version()): 1})


def _sources(store: "Store") -> Iterator[Metric]:
    scopes = sorted(store.scopes(ScopeKind.SOURCE), key=lambda scope: scope.id)  # the oldest stay told one by one
    sizes = {scope.path.removeprefix("sources/"): scope.size for scope in scopes if not scope.gone}
    named = {"", *list(sizes)[:SOURCES]}
    problems = dict.fromkeys(sizes, 0) | store.ledger.problem_counts()
    for declared, figures in ((table.ARTICLES, sizes), (table.PROBLEMS, problems)):
        bounded: dict[str, float] = {}
        for slug, figure in figures.items():
            label = slug if slug in named else OTHER
            bounded[label] = bounded.get(label, 0) + figure
        yield _each(declared, bounded)


def _folders(store: "Store") -> Iterator[Metric]:
    known = store.ledger.folders()
    watched = [folder for folder in known if folder.planned]
    # What is planned nowhere is in the config no more, unless `ingest` does all scans.
    shown = (watched or known)[:FOLDERS]
    last = {folder.path: folder.scanned.timestamp() for folder in shown if folder.scanned}
    yield _each(table.LAST_SUCCESS, last)
    yield _each(table.NEXT_RUN, {folder.path: folder.planned.timestamp() for folder in shown if folder.planned})
    yield _each(table.FAILURES, {folder.path: folder.failures for folder in shown})


def _notices(store: "Store") -> Iterator[Metric]:
    notices = store.ledger.notices()
    yield _one(table.NOTICES, len(notices))
    yield _one(table.CONFIG_PROBLEMS, sum(notice.place.startswith(CONFIG) for notice in notices))


def _one(declared: table.Metric, value: float) -> Metric:
    return _many(declared, {(): value})


def _each(declared: table.Metric, found: Mapping[str, float]) -> Metric:
    return _many(declared, {(label,): value for label, value in found.items()})


def _many(declared: table.Metric, found: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(declared.name, declared.meaning, labels=declared.labels)
    for labels, value in found.items():
        family.add_metric(labels, value)
    return family
