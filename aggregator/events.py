"""File events: they only hasten a scan, which the schedule would make anyway."""

import logging
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import watchfiles

from aggregator.sources import subfolders

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0  # how soon a folder that was made, or made anew, is noticed
DEBOUNCE_MS = 300  # how long events are gathered at most before they are told: a burst is one scan
STEP_MS = 20  # how long it must be quiet to tell them sooner
RETRY_SECONDS = 60  # how soon events are tried again that the system does not give
MISSED_SECONDS = 60  # how often at most all is scanned because events were missed: a scan may itself cause the next
_UNREADABLE = "Unable to decode path"  # what watchfiles says, and nothing more, of a name that is not UTF-8

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
        self._heard = False  # whether the present watch listens
        self._missed = False  # whether events came that were not told
        self._scan_again = 0.0  # when all may be scanned for that, on the clock of time.monotonic
        self._complaint = ""
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
            self._heard = False
            try:
                self._watch(seen)
                if self._complaint != _UNREADABLE:  # which comes again with every scan
                    self._complaint = ""
            except Exception as error:  # the thread's border
                self._stop.wait(self._failed(error))
            now = _identities(self._folders)
            self._anew |= {folder for folder in now if seen.get(folder) != now[folder]}
            seen = now

    def _failed(self, error: Exception) -> float:
        """Tell why there are no events, but not again and again, maybe for months; return when to try again."""
        is_name = _UNREADABLE in str(error)
        self._missed = self._missed or is_name
        if not self._heard:
            self._listening()
        if isinstance(error, FileNotFoundError):  # a folder that vanished before it was watched
            return CHECK_SECONDS
        if self._complaint != (complaint := _UNREADABLE if is_name else str(error)):
            self._complaint = complaint
            if is_name:
                log.warning(
                    "file events may be missed, and are made up for by scans: rename what is not UTF-8 (%s)", error
                )
            else:  # the schedule still scans; inotify may be short of watches
                log.exception("file events are not available now; scans go by the schedule alone")
        return CHECK_SECONDS if is_name else RETRY_SECONDS

    def _listening(self) -> None:
        """From now on nothing is missed: what came into new folders before is found by a scan."""
        self._heard = True
        self._listens.set()
        if self._missed and time.monotonic() >= self._scan_again:
            self._missed, self._scan_again = False, time.monotonic() + MISSED_SECONDS
            self._anew.update(_identities(self._folders))
        while self._anew:
            self._wake(self._anew.pop(), None)

    def _watch(self, seen: Identity) -> None:
        """Tell of changes until other folders must be watched than these."""
        if not seen:
            self._listening()
            self._stop.wait(CHECK_SECONDS)
            return
        watched, apart = _watched(seen)
        changes = watchfiles.watch(
            *watched,
            recursive=not apart,
            stop_event=_Question(self._stop, self._listening),
            debounce=DEBOUNCE_MS,
            step=STEP_MS,
            rust_timeout=int(CHECK_SECONDS * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        )
        for found in changes:
            places = [place for _, place in found]
            for folder in seen:
                names = _below(folder, places)
                if names:
                    self._wake(folder, names)
            # One that was made anew may have the old one's number.
            self._anew |= {folder for folder in seen if (watchfiles.Change.deleted, str(folder)) in found}
            made = [place for place in places if place in watched or _is_folder(place)]
            if made and (apart or any(subfolders(place).mixed for place in made)):
                self._anew |= {folder for folder in seen if _below(folder, made)}
            if self._anew or _identities(self._folders) != seen:
                return


def _watched(folders: Iterable[Path]) -> tuple[Collection[str], bool]:
    """What to watch, and whether each folder of it by itself, without those below.

    With those below, watchfiles goes through links: to places elsewhere, however many, and tells changes by the names
    that links give. And it fails at a name that is not UTF-8.
    """
    found = [subfolders(str(folder)) for folder in folders]
    apart = any(one.mixed for one in found)
    return {path for one in found for path in one.paths} if apart else {str(folder) for folder in folders}, apart


def _is_folder(place: str) -> bool:
    return os.path.isdir(place) and not os.path.islink(place)  # noqa: PTH112, PTH114 (they never fail)


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
