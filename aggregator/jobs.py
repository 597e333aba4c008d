"""What is done in the threads of the schedule: the scans of a folder, and what follows scans."""

import logging
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import ScanStoppedError
from .ingest import FEW, Clock
from .outages import Outage
from .reading import SETTLE
from .report import ScanReport
from .store import is_outage

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(hours=1)
REST = timedelta(minutes=1)  # without an event, or `every` where that is shorter
GAP = timedelta(seconds=0.25)  # between looks at files that events name, however fast a crawler writes

Stopped = Callable[[], bool]
AfterScan = Callable[[Stopped], None]


def retry_delay(failures: int, every: timedelta) -> timedelta:
    """How long to wait after so many failed scans in a row: doubling, but never longer than the schedule's own."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(failures - 1, 20)
    return min(doubled, every, LAST_RETRY)


@dataclass(frozen=True, slots=True)
class Means:
    """What a FolderJob works with.

    `scan(counts_missing)` scans the folder, `look(names)` a few of its files. `hasten(when)` asks for a run, and
    `soon(when)` for a look, at that time at the latest. `done()` ends each run. `outage` is the store's, which all
    folders meet together.
    """

    scan: Callable[[bool], ScanReport]
    look: Callable[[Collection[str]], ScanReport]
    hasten: Callable[[datetime], None]
    soon: Callable[[datetime], None]
    done: Callable[[], None]
    outage: Outage


class FolderJob:
    """The scans of one folder: never two at once, none lost.

    The schedule runs whole scans. An event that names files leads to a look at these only, once a whole scan has
    found the folder in order; every other event leads to a whole scan. An event during a scan leads to one more,
    since the change may have come behind its back.
    """

    def __init__(self, means: Means, clock: Clock, every: timedelta) -> None:
        self._means = means
        self._clock = clock
        self._every = every
        self._running = threading.Lock()  # one run of the schedule at a time
        self._turn = threading.Lock()  # one scan at a time
        self._telling = threading.Lock()
        self._woken = threading.Event()
        self._names: set[str] = set()  # of files to look at
        self._fresh = False  # whether some of them were named since the last look
        self._stirred: datetime | None = None  # when the last event came
        self._looked: datetime | None = None
        self._in_order = False
        self._failures = 0
        self._settled = True
        self._complaint = ""
        self._ended = False

    def wake(self, names: Collection[str] | None = None) -> None:
        """Something changed in the folder, or these files in it: look now, or after the scan that is under way."""
        self._stirred = self._clock()
        with self._telling:
            self._names.update(names or ())
            self._fresh = self._fresh or bool(names)
            may_look = self._in_order or self._running.locked()  # it will turn out to be in order, or not
            few = names is not None and may_look and len(self._names) <= FEW
        if few:
            self._look_soon()
        else:
            self._woken.set()
            self._means.hasten(self._clock())

    @property
    def woken(self) -> bool:
        """Whether something changed in the folder that no scan has looked at."""
        return self._woken.is_set() or bool(self._names)

    @property
    def settled(self) -> bool:
        """Whether the last scan, if there was one, ended well and left nothing for a scan out of turn."""
        return self._settled and not self.woken

    def end(self) -> None:
        """Wait for the run under way; no other is begun."""
        self._ended = True
        with self._running, self._turn:
            pass

    def run(self) -> None:
        """One run of the schedule. Whatever goes wrong ends here, and is tried again later."""
        if not self._running.acquire(blocking=False):
            return  # the scan under way looks at `_woken` before it ends
        try:
            with self._turn:  # a look takes no time
                if not self._ended:
                    self._scans()
                    self._means.done()
        finally:
            self._running.release()
        self._go_on()

    def look(self) -> None:
        """Look at the files that events named. Whatever goes wrong ends here, and leads to a whole scan."""
        if not self._turn.acquire(blocking=False):
            return  # the scan under way sees to it that they are looked at when it ends
        try:
            if not self._ended:
                self._look()
        finally:
            self._turn.release()
        self._go_on()

    def _go_on(self) -> None:
        """See to what events named meanwhile; after a failure, the next try does."""
        if not self._fresh or self._ended:
            return
        if self._in_order:
            self._look_soon()
        elif not self._failures:
            self.wake()

    def _look_soon(self) -> None:
        """Now; but a stream of events leads to a look from time to time, not to one for each file."""
        now, wait = self._clock(), timedelta(0)
        if self._looked is not None and timedelta(0) <= now - self._looked < GAP:
            wait = self._looked + GAP - now
        self._means.soon(now + wait)

    def _look(self) -> None:
        names = self._take_names()
        if not names:
            return
        self._looked = self._clock()
        try:
            report = self._means.look(names)
        except Exception as error:
            self._complain(error)
            self._fail()
            return
        self._means.outage.ends()
        if report.whole_needed:
            self.wake()
            return
        self._tell_changes(report)
        if report.unsettled or report.busy:
            with self._telling:
                self._names |= names
            self._means.soon(self._clock() + SETTLE)

    def _take_names(self) -> frozenset[str]:
        with self._telling:
            names = frozenset(self._names)
            self._names.clear()
            self._fresh = False
        return names

    def _scans(self) -> None:
        try:
            self._once(counts_missing=self._is_at_rest())
            while self._woken.is_set() and not self._ended:
                self._once(counts_missing=False)
        except ScanStoppedError:
            log.info("a scan was stopped; what it had filed is kept")

    def _is_at_rest(self) -> bool:
        """Whether nobody seems to be writing in the folder: what a rewrite has not come to yet is not missing."""
        moved = self._stirred is not None and timedelta(0) <= self._clock() - self._stirred < min(self._every, REST)
        return not (self.woken or moved)

    def _once(self, *, counts_missing: bool) -> None:
        self._woken.clear()
        self._take_names()
        self._settled = False
        try:
            report = self._means.scan(counts_missing)
        except ScanStoppedError:
            raise
        except Exception as error:
            self._complain(error)
            self._fail()
            return
        self._complaint = ""
        self._means.outage.ends()
        if report.error:
            log.error("%s", report.error, extra={"folder": report.folder})
            self._fail()
            return
        self._failures = 0
        self._in_order = self._in_order if report.busy else not report.linked
        self._tell_changes(report)
        if report.unsettled:
            self._means.hasten(self._clock() + SETTLE)
        else:
            self._settled = True

    def _tell_changes(self, report: ScanReport) -> None:
        if changes := report.changes():
            log.info("%s", changes, extra={"folder": report.folder})

    def _complain(self, error: Exception) -> None:
        """Log why a scan failed; not at every try, where it is the same for hours."""
        if is_outage(error):
            self._means.outage.begins(error)
            return
        first_line, _, _ = str(error).partition("\n")  # behind it stands SQL, another one each time
        complaint = f"{type(error).__name__} {first_line}"
        if complaint != self._complaint:
            log.error("a scan failed, which is not the folder's fault; it is tried again", exc_info=error)
        self._complaint = complaint

    def _fail(self) -> None:
        self._failures += 1
        self._in_order = False
        self._means.hasten(self._clock() + retry_delay(self._failures, self._every))


class AfterScans:
    """A thread for what follows scans: the search index, an export, what is kept for how long.

    It is never in the way of a scan, and however many folders ask during a run, one more run serves them all. A task
    is given a function that tells whether to stop; what it raises is logged, and harms no other.
    `outage` is the store's.
    """

    def __init__(self, tasks: Sequence[AfterScan], stopped: Stopped, outage: Outage) -> None:
        self._tasks = tasks
        self._outage = outage
        self._stopped = stopped
        self._wanted = threading.Event()
        self._thread = threading.Thread(target=self._run, name="after scans", daemon=True)

    def start(self) -> None:
        """Begin, with a run for what may have been left over."""
        self.ask()
        self._thread.start()

    def ask(self) -> None:
        """See that all tasks are done once more."""
        self._wanted.set()

    def end(self) -> None:
        """Wait for the task under way; `stopped` has to be true by now."""
        self.ask()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped():
            self._wanted.wait()
            self._wanted.clear()
            for task in self._tasks:
                self._do(task)

    def _do(self, task: AfterScan) -> None:
        if self._stopped():
            return
        try:
            task(self._stopped)
        except Exception as error:
            if is_outage(error):
                self._outage.begins(error)
            else:
                log.exception("what follows a scan failed; the next scan tries it again")
