"""Whether anything was committed to a SQLite file, told without a query: by the index of its write-ahead log.

The index is in shared memory, the file `…-shm`, which all processes on the database map. It begins with a header,
twice: 48 bytes with a counter of transactions, salts and checksums (https://www.sqlite.org/walformat.html, section
2.1). A commit writes both before it returns, so as long as they are the same, nothing was committed. Comparing them
takes a twentieth of a query's time and does not give up the interpreter's lock, which costs a busy worker even more.
"""

import mmap
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from threading import Lock

HEADERS = 2 * 48  # bytes

# Once opened, the file is never closed: that would end all POSIX locks of this process on it, and SQLite's are among
# them (https://www.sqlite.org/howtocorrupt.html, section 2.2). By device and inode; descriptors stay with the maps.
_opened: dict[tuple[int, int], mmap.mmap] = {}
_opening = Lock()


def commits(connection: sqlite3.Connection) -> Callable[[], bytes] | None:
    """A function that gives other bytes after each commit to a connection's database, whoever makes it.

    It holds as long as the connection is open, which keeps SQLite from making a new index. None where the database
    has no such index: it is in memory, or on a file system that cannot share memory.
    """
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    if mode != "wal":
        return None
    connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # reading makes the index where there was none
    (_, _, file), *_ = connection.execute("PRAGMA database_list").fetchall()
    try:
        index = _map(Path(f"{file}-shm"))
    except (OSError, ValueError):
        return None
    return lambda: index[:HEADERS]


def _map(file: Path) -> mmap.mmap:
    with _opening:
        status = file.stat()
        key = status.st_dev, status.st_ino
        if key not in _opened:
            _opened[key] = mmap.mmap(os.open(file, os.O_RDONLY), HEADERS, access=mmap.ACCESS_READ)
        return _opened[key]
