"""The schedule: an APScheduler job for each watched folder, hastened by file events, slowed down by failures.

Sources that share a folder share its job, since only reading a file tells whose it is: two hundred sources in one
folder are one walk. The job follows every schedule (`every`, `cron`) that its sources ask for.
"""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from .catalog import sync
from .config import Config, SourceConfig
from .errors import ScanStoppedError
from .events import FileEvents
from .ingest import Clock, ScanReport, scan
from .reading import SETTLE
from .routing import Router
from .store import Store

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(hours=1)
JITTER = 0.1  # of the interval: sources with one interval do not all start at once
MAX_JITTER = timedelta(seconds=30)
INDEXED_AT_ONCE = 1000  # articles; between two lots the watcher can be stopped
THREADS = 4  # scans at once; each is mostly one processor's work


def retry_delay(failures: int, every: timedelta) -> timedelta:
    """How long to wait after so many failed scans in a row: doubling, but never longer than the schedule's own."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(failures - 1, 20)
    return min(doubled, every, LAST_RETRY)


class FolderJob:
    """The scans of one folder: never two at once, none lost.

    `scan(counts_missing)` does one; `hasten(when)` asks for another run at that time at the latest. An event during
    a scan makes it scan once more, since the change may have come behind its back.
    """

    def __init__(
        self, scan: Callable[[bool], ScanReport], hasten: Callable[[datetime], None], clock: Clock, every: timedelta
    ) -> None:
        self._scan = scan
        self._hasten = hasten
        self._clock = clock
        self._every = every
        self._running = threading.Lock()
        self._woken = threading.Event()
        self._failures = 0

    def wake(self) -> None:
        """Something changed in the folder: scan it now, or once more after the scan that is under way."""
        self._woken.set()
        self._hasten(self._clock())

    def run(self) -> None:
        """One run of the schedule. Whatever goes wrong ends here, and is tried again later."""
        if not self._running.acquire(blocking=False):
            return  # the scan under way looks at `_woken` before it ends
        try:
            woken = self._woken.is_set()
            self._once(counts_missing=not woken)
            while self._woken.is_set():
                self._once(counts_missing=False)
        except ScanStoppedError:
            log.info("a scan was stopped; what it had filed is kept")
        finally:
            self._running.release()

    def _once(self, *, counts_missing: bool) -> None:
        self._woken.clear()
        try:
            report = self._scan(counts_missing)
        except ScanStoppedError:
            raise
        except Exception:
            log.exception("a scan failed, which is not the folder's fault")
            self._fail()
            return
        if report.error:
            log.error("folder=%s %s", report.folder, report.error)
            self._fail()
            return
        self._failures = 0
        if changes := report.changes():
            log.info("folder=%s %s", report.folder, changes)
        if report.unsettled:
            self._hasten(self._clock() + SETTLE)

    def _fail(self) -> None:
        self._failures += 1
        self._hasten(self._clock() + retry_delay(self._failures, self._every))


class Watcher:
    """Keeps a store up to date with all folders of a config, until it is stopped."""

    def __init__(self, config: Config, store: Store, clock: Clock) -> None:
        self._config = config
        self._router = Router(config)
        self._store = store
        self._clock = clock
        self._stopping = threading.Event()
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(THREADS)},
            # A run that is late (a laptop that slept) is made up for once; FolderJob sees to it that none overlap.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
        )
        self._jobs: dict[Path, FolderJob] = {}
        for folder, sources in self._router.folders().items():
            self._add(folder, sources)
        self._events = FileEvents(self._jobs, lambda folder: self._jobs[folder].wake())
        self._beginning = threading.Thread(target=self._begin, name="beginning", daemon=True)

    def start(self) -> None:
        """Scan every folder now, and from then on by schedule and events; returns at once."""
        self._store.ledger.expect(self._router.name(folder) for folder in self._jobs)
        self._beginning.start()

    def stop(self) -> None:
        """Stop within seconds: a scan under way ends after the files it has in hand."""
        self._stopping.set()
        self._beginning.join()
        if self._scheduler.running:
            self._events.stop()
            self._scheduler.shutdown(wait=True)

    def _begin(self) -> None:
        """Let the store follow the config, which may take minutes where feeds are built, then begin to scan."""
        failures = 0
        while not self._stopping.is_set():
            try:
                sync(self._store, self._config, self._clock, self._stopping.is_set)
            except ScanStoppedError:
                return
            except Exception:
                failures += 1
                log.exception("the store could not follow the config; it is tried again")
                self._stopping.wait(retry_delay(failures, LAST_RETRY).total_seconds())
            else:
                self._scheduler.start()
                self._events.start()
                return

    def _add(self, folder: Path, sources: list[SourceConfig]) -> None:
        name = str(folder)

        def hasten(when: datetime) -> None:
            job = self._scheduler.get_job(name)
            if job is not None and not self._stopping.is_set():
                self._scheduler.modify_job(name, next_run_time=min(when, job.next_run_time or when))

        def one(counts_missing: bool) -> ScanReport:
            report = scan(
                self._store,
                self._router,
                folder,
                self._clock,
                counts_missing=counts_missing,
                stopped=self._stopping.is_set,
            )
            self._index()
            return report

        every = min(source.every for source in sources)
        self._jobs[folder] = FolderJob(one, hasten, self._clock, every)
        self._scheduler.add_job(self._jobs[folder].run, trigger(sources), id=name, next_run_time=datetime.now(UTC))

    def _index(self) -> None:
        """Let search find what was filed. It comes after the feeds, and its failure is none of the scan's."""
        try:
            while not self._stopping.is_set() and self._store.search.catch_up(INDEXED_AT_ONCE):
                pass
        except Exception:
            log.exception("the search index could not be brought up to date; the next scan tries again")


def trigger(sources: list[SourceConfig]) -> BaseTrigger:
    """When a folder is scanned: whenever one of its sources asks for it."""
    wanted = {(source.cron, source.timezone) if source.cron else source.every: source for source in sources}
    triggers = [found for source in wanted.values() for found in _own(source)]
    return triggers[0] if len(triggers) == 1 else OrTrigger(triggers)


def _own(source: SourceConfig) -> list[BaseTrigger]:
    if source.crontab:
        return [CronTrigger(**fields, timezone=source.tzinfo) for fields in source.crontab.alternatives()]
    jitter = min(source.every * JITTER, MAX_JITTER)
    seconds = source.every.total_seconds()
    return [IntervalTrigger(seconds=seconds, jitter=int(jitter.total_seconds()), timezone=UTC)]
