"""File events: they only hasten a scan, which the schedule would make anyway."""

import logging
import os
import threading
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import watchfiles

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0  # how soon a folder that was made, or made anew, is noticed
DEBOUNCE_MS = 300  # how long events are gathered at most before they are told: a burst is one scan
STEP_MS = 20  # how long it must be quiet to tell them sooner

Wake = Callable[[Path, Collection[str] | None], None]  # a folder, and what changed below it; None: it may be anything

Identity = dict[Path, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Question:
    """What watchfiles asks whether to stop, every few ms: for the first time when it listens, and misses nothing."""

    stop: threading.Event
    listens: Callable[[], None]

    def is_set(self) -> bool:
        self.listens()
        return self.stop.is_set()


class FileEvents:
    """A thread that calls `wake(folder, names)` when something changed in one of the folders.

    A folder may be missing, or be deleted and made anew (a crawler does that every hour): a watch on the old one
    would stay silent for ever, so the folders are looked at once a second.
    """

    def __init__(self, folders: Iterable[Path], wake: Wake) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self._stop = threading.Event()
        self._listens = threading.Event()
        self._anew: set[Path] = set()  # folders that are there since a moment ago
        self._thread = threading.Thread(target=self._run, name="file events", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def wait(self) -> None:
        """Wait until every change from now on is told, or cannot be; a second at most."""
        self._listens.wait(CHECK_SECONDS)

    def stop(self) -> None:
        """Stop watching and wait for the thread to end (a second at most)."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        seen, complaint = _identities(self._folders), ""
        while not self._stop.is_set():
            try:
                self._watch(seen)
                complaint = ""
            except Exception as error:
                # The thread's border. Without events the schedule still scans; inotify may be short of watches.
                if complaint != (complaint := str(error)):  # it is tried again every minute, maybe for months
                    log.exception("file events are not available now; scans go by the schedule alone")
                self._listening()
                self._stop.wait(60)
            now = _identities(self._folders)
            self._anew |= {folder for folder in now if seen.get(folder) != now[folder]}
            seen = now

    def _listening(self) -> None:
        """From now on nothing is missed: what came into new folders before is found by a scan."""
        self._listens.set()
        while self._anew:
            self._wake(self._anew.pop(), None)

    def _watch(self, seen: Identity) -> None:
        """Tell of changes until one of the folders is another than the one that is watched."""
        if not seen:
            self._listening()
            self._stop.wait(CHECK_SECONDS)
            return
        changes = watchfiles.watch(
            *seen,
            stop_event=_Question(self._stop, self._listening),
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            rust_timeout=int(CHECK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for found in changes:
            for folder in seen:
                names = _below(folder, (place for _, place in found))
                if names:
                    self._wake(folder, names)
            # One that was made anew may have the old one's number.
            self._anew |= {folder for folder in seen if (watchfiles.Change.deleted, str(folder)) in found}
            if self._anew or _identities(self._folders) != seen:
                return


def _below(folder: Path, places: Iterable[str]) -> set[str]:
    """The places below a folder, as seen from there."""
    beginning = os.path.join(folder, "")  # noqa: PTH118 (with the separator)
    found = (place.removeprefix(beginning) for place in places if place.startswith(beginning))
    return {name.replace(os.sep, "/") for name in found}


def _identities(folders: Iterable[Path]) -> Identity:
    found: Identity = {}
    for folder in folders:
        try:
            stat = folder.stat()
        except OSError:
            continue
        found[folder] = (stat.st_dev, stat.st_ino)
    return found
