"""What keeps scans from being kept, told to operators while the store itself cannot hold it.

    watcher ─ Hindrances.tell ─▶ <store>.locks/hindered-<process> ─ hindrances ─▶ status page, `aggregator status`

On a full disk no file can grow, and with too many open files none can be opened: so the file has its size from the
start, and stays open. It counts as long as its watcher lives. Only a SQLite store has one; who cannot reach a
PostgreSQL cannot look at its status either.
"""

import fcntl
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from ..store import Notice
from .disk import store_file

SIZE = 16_384  # bytes
PREFIX = "hindered-"
REMEDIES = {
    "full": "make room on the disk of the store",
    "no space": "make room on the disk of the store",
    "disk i/o": "see that the disk of the store is sound, and has room",
    "locked": "end the program that holds the store, such as a database shell or a copy under way",
    "not a database": "put the store's own file back in its place, or a backup of it",
    "readonly": "give the service's user the right to write the store and its folder",
    "read-only": "see why the disk of the store is mounted read-only",
    "too many open files": "raise the limit of open files (`LimitNOFILE=` in a systemd unit)",
    # All that SQLite says when it may not open more files.
    "unable to open database file": "see that the folder of the store is there and may be written, or raise "
    "the limit of open files (`LimitNOFILE=` in a systemd unit)",
}


class Hindrances:
    """What hinders this process, by place. What cannot be written down is left out: the log has it too."""

    def __init__(self, url: str) -> None:
        """For a watcher on the store at `url`."""
        self._told: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        self._file = _path(url)
        self._descriptor: int | None = None
        with suppress(OSError):
            self._open()

    def tell(self, place: str, message: str, now: datetime) -> None:
        """Let this be what hinders at a place, "" for nothing."""
        with self._lock:
            known = self._told.get(place, ("", 0))[0]
            if message == known:
                return
            self._told.pop(place, None)
            if message:
                self._told[place] = message, now.timestamp()
            self._write()

    def close(self) -> None:
        """Nothing hinders a watcher that has ended."""
        if self._file is not None and self._descriptor is not None:
            with suppress(OSError):
                self._file.unlink()
            os.close(self._descriptor)

    def _open(self) -> None:
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._write()

    def _write(self) -> None:
        """All that is told, or as much as there is room for."""
        rows = list(self._told.items())
        while len(data := json.dumps(rows).encode()) > SIZE:
            rows.pop()
        if self._descriptor is not None:
            with suppress(OSError):
                os.pwrite(self._descriptor, data.ljust(SIZE), 0)


def hindrances(url: str) -> Iterator[Notice]:
    """What hinders the watchers of a store on this machine."""
    path = _path(url)
    for file in sorted(path.parent.glob(f"{PREFIX}*")) if path else ():
        with suppress(OSError, ValueError):
            yield from _read(file)


def _read(file: Path) -> Iterator[Notice]:
    descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:  # its watcher has it, so it lives
        for place, (message, since) in json.loads(os.pread(descriptor, SIZE, 0)):
            yield Notice(place, message, datetime.fromtimestamp(since, UTC))
    else:
        file.unlink()
    finally:
        os.close(descriptor)


def _path(url: str) -> Path | None:
    """This process's file for the store at a URL, in the folder of the store's locks."""
    store = store_file(url)
    return store and Path(f"{store}.locks") / f"{PREFIX}{os.getpid()}"


def describe(error: Exception) -> str:
    """What hindered a scan, and what to do: without any path or statement, since anybody may read a status page."""
    cause_of_database = getattr(error, "orig", error if isinstance(error, sqlite3.Error) else None)
    told = cause_of_database or (error.strerror if isinstance(error, OSError) else None)
    cause = " ".join(str(told or type(error).__name__).split())[:200]
    remedy = next((remedy for sign, remedy in REMEDIES.items() if sign in cause.lower()), "the log tells more")
    return f"the last scan could not be kept ({cause}): {remedy}; it is tried again, and all that is there stays"
