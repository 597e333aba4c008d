"""What is done in the threads of the schedule: the scans of a folder, and what follows scans."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from .errors import ScanStoppedError
from .ingest import Clock, ScanReport
from .reading import SETTLE

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=5)
LAST_RETRY = timedelta(hours=1)

Stopped = Callable[[], bool]
AfterScan = Callable[[Stopped], None]


def retry_delay(failures: int, every: timedelta) -> timedelta:
    """How long to wait after so many failed scans in a row: doubling, but never longer than the schedule's own."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(failures - 1, 20)
    return min(doubled, every, LAST_RETRY)


class FolderJob:
    """The scans of one folder: never two at once, none lost.

    `scan(counts_missing)` does one; `hasten(when)` asks for another run at that time at the latest; `done()` ends
    each run. An event during a scan makes it scan once more, since the change may have come behind its back.
    """

    def __init__(
        self,
        scan: Callable[[bool], ScanReport],
        hasten: Callable[[datetime], None],
        done: Callable[[], None],
        clock: Clock,
        every: timedelta,
    ) -> None:
        self._scan = scan
        self._hasten = hasten
        self._done = done
        self._clock = clock
        self._every = every
        self._running = threading.Lock()
        self._woken = threading.Event()
        self._failures = 0
        self._settled = True
        self._complaint = ""
        self._ended = False

    def wake(self) -> None:
        """Something changed in the folder: scan it now, or once more after the scan that is under way."""
        self._woken.set()
        self._hasten(self._clock())

    @property
    def woken(self) -> bool:
        """Whether something changed in the folder that no scan has looked at."""
        return self._woken.is_set()

    @property
    def settled(self) -> bool:
        """Whether the last scan, if there was one, ended well and left nothing for a scan out of turn."""
        return self._settled and not self.woken

    def end(self) -> None:
        """Wait for the run under way; no other is begun."""
        self._ended = True
        with self._running:
            pass

    def run(self) -> None:
        """One run of the schedule. Whatever goes wrong ends here, and is tried again later."""
        if not self._running.acquire(blocking=False):
            return  # the scan under way looks at `_woken` before it ends
        try:
            if not self._ended:
                self._scans()
                self._done()
        finally:
            self._running.release()

    def _scans(self) -> None:
        try:
            self._once(counts_missing=not self.woken)
            while self.woken and not self._ended:
                self._once(counts_missing=False)
        except ScanStoppedError:
            log.info("a scan was stopped; what it had filed is kept")

    def _once(self, *, counts_missing: bool) -> None:
        self._woken.clear()
        self._settled = False
        try:
            report = self._scan(counts_missing)
        except ScanStoppedError:
            raise
        except Exception as error:
            self._complain(error)
            self._fail()
            return
        self._complaint = ""
        if report.error:
            log.error("%s", report.error, extra={"folder": report.folder})
            self._fail()
            return
        self._failures = 0
        if changes := report.changes():
            log.info("%s", changes, extra={"folder": report.folder})
        if report.unsettled:
            self._hasten(self._clock() + SETTLE)
        else:
            self._settled = True

    def _complain(self, error: Exception) -> None:
        """Log why a scan failed; not at every try, where it is the same for hours."""
        complaint = f"{type(error).__name__} {error}"
        if complaint != self._complaint:
            log.error("a scan failed, which is not the folder's fault; it is tried again", exc_info=error)
        self._complaint = complaint

    def _fail(self) -> None:
        self._failures += 1
        self._hasten(self._clock() + retry_delay(self._failures, self._every))


class AfterScans:
    """A thread for what follows scans: the search index, an export, what is kept for how long.

    It is never in the way of a scan, and however many folders ask during a run, one more run serves them all. A task
    is given a function that tells whether to stop; what it raises is logged, and harms no other.
    """

    def __init__(self, tasks: Sequence[AfterScan], stopped: Stopped) -> None:
        self._tasks = tasks
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
        except Exception:
            log.exception("what follows a scan failed; the next scan tries it again")
