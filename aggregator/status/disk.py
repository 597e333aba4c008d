"""Whether a store on this machine's disk can be written: who looks at the status sees that for himself.

The watcher that cannot write could not note it down.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from ..store import Notice

LEAST = 32 * 2**20  # bytes that should be free: a batch of articles, the log of SQLite, and some time to act
_SQLITE = "sqlite:///"


def room(url: str, now: datetime) -> Iterator[Notice]:
    """What is wrong with the place of the store at a SQLAlchemy URL; nothing for a database elsewhere."""
    store = store_file(url)
    if store is None:
        return
    place = f"store {store.name}"
    if not store.exists():
        yield Notice(
            place,
            "its file was deleted; the watcher still has all that was in it, and writes it back before its next "
            "scan: let it run until then",
            now,
        )
    elif not all(os.access(path, os.W_OK) for path in (store, store.parent)):
        yield Notice(
            place,
            "it cannot be written, so nothing new is filed; what there is stays published: give the service's user "
            "the right to write the file and its folder, or see that the disk is not mounted read-only",
            now,
        )
    elif (free := _free(store.parent)) < LEAST:
        yield Notice(
            place,
            f"its disk has only {free // 2**20} MB left; without room nothing new is filed, and what there is stays "
            "published: make room there",
            now,
        )


def store_file(url: str) -> Path | None:
    """The file of a SQLite store, None for others."""
    path = url.removeprefix(_SQLITE).partition("?")[0]
    return Path(path) if url.startswith(_SQLITE) else None


def _free(folder: Path) -> int:
    """Bytes that may still be written; as many as it takes where that is not told."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return LEAST
    return found.f_bavail * found.f_frsize if found.f_blocks else LEAST
