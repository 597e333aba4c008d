"""One pass over all sources, for `aggregator ingest`."""

import time
from pathlib import Path

from .catalog import sync
from .config import Config
from .ingest import Clock, Progress, scan
from .reading import SETTLE
from .report import Counts, ScanReport
from .retention import retire
from .routing import Router
from .store import Store

PASSES = 3  # over a folder with files that are still being written
WAIT = 0.5  # seconds between looks at a folder that another process scans
PATIENCE = 600  # seconds to wait for that process


def ingest_once(config: Config, store: Store, clock: Clock, progress: Progress) -> list[ScanReport]:
    """Scan every folder of the config; waits for files that are being written and for another process's scan."""
    sync(store, config, clock)
    router = Router(config)
    reports = []
    for folder in router.folders():
        reports.append(_whole(store, router, folder, clock, progress))
        retire(store, config, folder, clock())
    store.search.catch_up()
    return reports


def _whole(store: Store, router: Router, folder: Path, clock: Clock, progress: Progress) -> ScanReport:
    report = _patient(store, router, folder, clock, progress)
    for _ in range(PASSES - 1):
        if report.unsettled:
            time.sleep(SETTLE.total_seconds())
            report = _joined(report, _patient(store, router, folder, clock, progress))
    return report


def _patient(store: Store, router: Router, folder: Path, clock: Clock, progress: Progress) -> ScanReport:
    deadline = time.monotonic() + PATIENCE
    report = scan(store, router, folder, clock, progress=progress)
    while report.busy and time.monotonic() < deadline:
        time.sleep(WAIT)
        report = scan(store, router, folder, clock, progress=progress)
    return report


def _joined(first: ScanReport, second: ScanReport) -> ScanReport:
    """The report of two passes as if they were one."""
    for slug, count in second.counts.items():
        before = first.counts.get(slug, Counts())
        count.new += before.new
        count.updated += before.updated
        count.removed += before.removed
        count.unchanged = max(0, count.unchanged - before.new - before.updated)
    return second
