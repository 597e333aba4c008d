"""The schedule: an APScheduler job for each watched folder, hastened by file events, slowed down by failures.

Sources that share a folder share its job, since only reading a file tells whose it is: two hundred sources in one
folder are one walk. The job follows every schedule (`every`, `cron`) that its sources ask for.

When the config changes, the watching of the old one ends and that of the new one begins, from the ground up:

    listen to the new folders ─▶ end the old scans ─▶ the store follows the config ─▶ scan what is new or changed
                                 after their batch     (catalog.py)                    the rest when it was planned
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from . import metrics
from .catalog import sync
from .config import Config, SourceConfig
from .errors import ScanStoppedError
from .events import FileEvents
from .ingest import Clock, scan, scan_files
from .jobs import LAST_RETRY, AfterScan, AfterScans, FolderJob, Means, Stopped, retry_delay
from .outages import Outage
from .report import ScanReport
from .routing import Router
from .schedule import CLOCK_LOOK, plan_after_jump, trigger
from .store import Anchor, Store, is_outage

log = logging.getLogger(__name__)

INDEXED_AT_ONCE = 200  # articles; between two lots the watcher can be stopped
THREADS = 4  # scans at once; each is mostly one processor's work
LOOKS = 2  # at a few files each, at once; they never wait for the scan of another folder

# Web workers have taken a new config up by then. They redirect from an old name to the new one as soon as the store
# has nothing under the old one, and must know of it by that time.
SWAP = 1.0  # seconds

Tell = Callable[[str, Exception | None], None]
Tasks = Callable[[Config], Sequence[AfterScan]]  # what follows the scans of a config, besides indexing


@dataclass(frozen=True, slots=True)
class Slot:
    """A folder's place in the schedule: when it is scanned next, if it is still to be scanned in this way."""

    way: tuple[object, ...]
    planned: datetime


class Watcher:
    """Keeps a store up to date with all folders of a config, until it is stopped.

    `tasks(config)` are done after each scan, and once when a config has come in force. `tell(folder, error)` is told
    what a scan could not be kept for, which the store may be unable to hold; None when the folder was scanned.
    """

    def __init__(
        self,
        config: Config,
        store: Store,
        clock: Clock,
        tasks: Tasks = lambda _: (),
        tell: Tell = lambda folder, error: None,  # noqa: ARG005 (nobody listens)
    ) -> None:
        self._store, self._clock, self._tasks, self._tell = store, clock, tasks, tell
        self._anchor = store.anchor()
        self._config = config
        self._watch = self._watch_of(config)

    def start(self) -> None:
        """Scan every folder now, and from then on by schedule and events; returns at once."""
        self._watch.listen()
        self._watch.begin()

    def follow(self, config: Config) -> None:
        """Go by another config from now on. Returns when the scans under way have ended, after the files in hand.

        A folder that is scanned in the same way as before keeps the time of its next scan, if its last one was whole.
        """
        watch = self._watch_of(config)
        watch.listen()  # before the old one turns a deaf ear: no event is lost in between
        slots = self._watch.end()
        watch.begin(slots, running=True, wait=SWAP if _names(config) - _names(self._config) else 0)
        self._watch, self._config = watch, config

    def stop(self) -> None:
        """Stop within seconds: a scan under way ends after the files it has in hand."""
        self._watch.end()
        self._anchor.close()

    def _watch_of(self, config: Config) -> "_Watch":
        return _Watch(config, self._store, self._clock, self._tasks(config), self._tell, self._anchor)


class _Watch:
    """The watching of one config: made, `listen`, `begin`, `end`."""

    def __init__(
        self, config: Config, store: Store, clock: Clock, tasks: Sequence[AfterScan], tell: Tell, anchor: Anchor
    ) -> None:
        self._config = config
        self._tell = tell
        self._anchor, self._looking = anchor, threading.Lock()
        self._outage = Outage(log, "the store cannot be used; it is tried again", "the store can be used again")
        self._unplanned = Outage(log, "when folders are scanned next could not be kept", "it is kept again")
        self._router = Router(config)
        self._store = store
        self._clock = clock
        self._ending = threading.Event()
        self._after = AfterScans([*tasks, self._index], self._ending.is_set, self._outage)
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(THREADS), "looks": ThreadPoolExecutor(LOOKS)},
            # A run that is late (a laptop that slept) is made up for once; FolderJob sees to it that none overlap.
            job_defaults={"coalesce": True, "max_instances": 2, "misfire_grace_time": None},
        )
        self._folders = self._router.folders()
        self._jobs = {folder: self._job(folder, sources) for folder, sources in self._folders.items()}
        self._known: dict[Path, datetime | None] = {}  # when each folder was last scanned, as far as this one knows
        self._running, self._wait = False, 0.0
        self._events = FileEvents(self._jobs, lambda folder, names: self._jobs[folder].wake(names))
        self._beginning = threading.Thread(target=self._begin, name="beginning", daemon=True)
        self._minding = threading.Thread(target=self._mind_clock, name="clock", daemon=True)

    def listen(self) -> None:
        """Notice what changes in the folders from now on."""
        self._events.start()
        self._events.wait()

    def begin(self, slots: Mapping[Path, Slot] | None = None, *, running: bool = False, wait: float = 0) -> None:
        """Scan every folder at its time, which is now for those without a slot; returns at once.

        `running`: the service is not at its start, but answers already. `wait` is for so many seconds before the
        store is changed.
        """
        self._running, self._wait = running, wait
        for folder, job in self._jobs.items():
            slot = (slots or {}).get(folder)
            kept = slot is not None and slot.way == self._way(folder)
            when = slot.planned if slot is not None and kept else datetime.now(UTC)
            self._scheduler.add_job(job.run, trigger(self._folders[folder]), id=str(folder), next_run_time=when)
            if job.woken:
                job.wake()
        self._beginning.start()

    def end(self) -> dict[Path, Slot]:
        """Stop all that is under way; the slots of the folders that can wait for their next scan."""
        self._ending.set()
        self._beginning.join()
        if self._minding.is_alive():
            self._minding.join()
        self._events.stop()
        planned = self._planned()
        if self._scheduler.running:
            self._scheduler.pause()
        for job in self._jobs.values():
            job.end()
        self._after.end()
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)
        self._plan(dict.fromkeys(planned))
        return {
            folder: Slot(self._way(folder), when)
            for folder, when in planned.items()
            if when is not None and self._jobs[folder].settled
        }

    def _begin(self) -> None:
        """Let the store follow the config, which may take minutes where feeds are built, then begin to scan."""
        failures = 0
        self._ending.wait(self._wait)
        while not self._ending.is_set():
            try:
                self._store.ledger.expect(map(self._router.name, self._jobs), running=self._running)
                sync(self._store, self._config, self._clock, self._ending.is_set)
            except ScanStoppedError:
                return
            except Exception as error:
                failures += 1
                if is_outage(error):
                    self._outage.begins(error)
                else:
                    log.exception("the store could not follow the config; it is tried again")
                self._ending.wait(retry_delay(failures, LAST_RETRY).total_seconds())
            else:
                self._outage.ends()
                self._plan(self._planned())
                self._scheduler.start()
                self._minding.start()
                self._after.start()
                return

    def _job(self, folder: Path, sources: list[SourceConfig]) -> FolderJob:
        def hasten(when: datetime) -> None:
            job = self._scheduler.get_job(str(folder))
            if job is not None and not self._ending.is_set():
                self._scheduler.modify_job(job.id, next_run_time=min(when, job.next_run_time or when))

        def soon(when: datetime) -> None:
            """A look goes by a job of its own: the schedule of whole scans goes on as planned."""
            name = f"{folder} looks"
            planned = self._scheduler.get_job(name)
            if not self._ending.is_set() and (planned is None or when < planned.next_run_time):
                self._scheduler.add_job(
                    self._jobs[folder].look,
                    DateTrigger(when, UTC),
                    id=name,
                    executor="looks",
                    next_run_time=when,
                    replace_existing=True,
                )

        def one(counts_missing: bool) -> ScanReport:
            self._keep_in_place(folder)
            if counts_missing and self._is_done(folder):
                return ScanReport(self._router.name(folder), busy=True)
            report = self._scan(folder, partial(scan, counts_missing=counts_missing, stopped=self._ending.is_set))
            self._known[folder] = self._last_scan(folder)
            return report

        def few(names: Collection[str]) -> ScanReport:
            self._keep_in_place(folder)
            return self._scan(folder, partial(scan_files, names=names))

        def plan() -> None:
            self._plan(self._planned(folder))

        means = Means(one, few, hasten, soon, plan, self._outage)
        return FolderJob(means, self._clock, min(source.every for source in sources))

    def _keep_in_place(self, folder: Path) -> None:
        """See that the store is where it was; one that was put in its place follows the config too."""
        try:
            with self._looking:
                if self._anchor.look(self._clock()):
                    sync(self._store, self._config, self._clock, self._ending.is_set)
        except Exception as error:
            self._tell(self._router.name(folder), error)
            raise

    def _scan(self, folder: Path, kind: Callable[..., ScanReport]) -> ScanReport:
        started = time.monotonic()
        try:
            report = kind(self._store, self._router, folder, self._clock)
        except ScanStoppedError:
            raise
        except Exception as error:
            failed = ScanReport(self._router.name(folder), error=str(error))
            metrics.scanned(failed, time.monotonic() - started)
            self._tell(failed.folder, error)
            raise
        if (
            not report.part
        ):  # of what hindered a look, or the whole scan before it, a look at other files tells nothing
            self._tell(report.folder, None)
        metrics.scanned(report, time.monotonic() - started)
        if report.changes() or not report.part:
            self._after.ask()
        return report

    def _is_done(self, folder: Path) -> bool:
        """Whether another process scanned a folder since this one last looked.

        So machines share the work without a word: one scans, the others look on, until it stops.
        """
        last, first = self._last_scan(folder), folder not in self._known
        before, self._known[folder] = self._known.get(folder), last
        return not first and last != before

    def _last_scan(self, folder: Path) -> datetime | None:
        return self._store.ledger.last_scan(self._router.name(folder))

    def _index(self, stopped: Stopped) -> None:
        """Let search find what was filed."""
        while not stopped() and self._store.search.catch_up(INDEXED_AT_ONCE):
            pass

    def _way(self, folder: Path) -> tuple[object, ...]:
        """All that decides when a folder is scanned, and what becomes of its files."""
        return self._router.name(folder), tuple(self._folders[folder]), self._router.recipe(folder)

    def _planned(self, *folders: Path) -> dict[Path, datetime | None]:
        """When folders are scanned next, by the schedule; all of them where none is named."""
        jobs = {folder: self._scheduler.get_job(str(folder)) for folder in folders or self._jobs}
        return {folder: job.next_run_time if job else None for folder, job in jobs.items()}

    def _plan(self, planned: Mapping[Path, datetime | None]) -> None:
        """Keep it for those who look at the store. It is only for show, so its failure must harm nothing."""
        try:
            self._store.ledger.plan({self._router.name(folder): when for folder, when in planned.items()})
        except Exception as error:
            if is_outage(error):
                self._outage.begins(error)
            else:
                self._unplanned.begins(error, expected=False)
        else:
            self._unplanned.ends()

    def _mind_clock(self) -> None:
        """Where the clock was set back, what was planned would wait until it comes there again: plan it anew."""
        while not self._ending.wait(CLOCK_LOOK):
            for folder in self._jobs:
                job = self._scheduler.get_job(str(folder))
                if job is not None and (sooner := plan_after_jump(job.trigger, job.next_run_time, datetime.now(UTC))):
                    where = {"folder": self._router.name(folder)}
                    log.warning("the clock was set back; the schedule goes on from now", extra=where)
                    job.modify(next_run_time=sooner)


def _names(config: Config) -> set[tuple[str, str]]:
    """The former names of sources and custom feeds."""
    sources = {("source", alias) for source in config.sources for alias in source.aliases}
    return sources | {("feed", alias) for feed in config.feeds.custom for alias in feed.aliases}
