"""File events: they only hasten a scan, which the schedule would make anyway."""

import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import watchfiles

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0  # how soon a folder that was made, or made anew, is noticed
DEBOUNCE_MS = 300  # how long events are gathered at most before they are told
STEP_MS = 50  # how long it must be quiet to tell them sooner

Identity = dict[Path, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class _Question:
    """What watchfiles asks whether to stop, every 50 ms: for the first time when it listens, and misses nothing."""

    stop: threading.Event
    listens: threading.Event

    def is_set(self) -> bool:
        self.listens.set()
        return self.stop.is_set()


class FileEvents:
    """A thread that calls `wake(folder)` when something changed in one of the folders.

    A folder may be missing, or be deleted and made anew (a crawler does that every hour): a watch on the old one
    would stay silent for ever, so the folders are looked at once a second.
    """

    def __init__(self, folders: Iterable[Path], wake: Callable[[Path], None]) -> None:
        self._folders = tuple(folders)
        self._wake = wake
        self._stop = threading.Event()
        self._listens = threading.Event()
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
        seen = _identities(self._folders)
        while not self._stop.is_set():
            try:
                self._watch(seen)
            except Exception:
                # The thread's border. Without events the schedule still scans; inotify may be short of watches.
                log.exception("file events are not available now; scans go by the schedule alone")
                self._listens.set()
                self._stop.wait(60)
            now = _identities(self._folders)
            for folder in now:
                if seen.get(folder) != now[folder]:
                    self._wake(folder)
            seen = now

    def _watch(self, seen: Identity) -> None:
        """Tell of changes until one of the folders is another than the one that is watched."""
        if not seen:
            self._listens.set()
            self._stop.wait(CHECK_SECONDS)
            return
        changes = watchfiles.watch(
            *seen,
            stop_event=_Question(self._stop, self._listens),
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            rust_timeout=int(CHECK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for found in changes:
            places = [Path(place) for _, place in found]
            for folder in seen:
                if any(folder in place.parents for place in places):
                    self._wake(folder)
            if _identities(self._folders) != seen:
                return


def _identities(folders: Iterable[Path]) -> Identity:
    found: Identity = {}
    for folder in folders:
        try:
            stat = folder.stat()
        except OSError:
            continue
        found[folder] = (stat.st_dev, stat.st_ino)
    return found
