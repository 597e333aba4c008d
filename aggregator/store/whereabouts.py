"""A SQLite file that gives way to another one while it is open.

Whoever has a deleted file open goes on reading and writing it, but nobody will ever find it again. So connections are
made anew when another file is at the place, and nothing is written into one that is there no more. What becomes of a
file that was deleted is in anchor.
"""

import fcntl
import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

OPEN = "open"  # a connection's note of the file that it has open
LOG, INDEX = "-wal", "-shm"  # what SQLite keeps beside a file

Inode = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Open:
    """The files that a connection has open."""

    file: Inode
    log: Inode


_keepers: "WeakKeyDictionary[Engine, _Keeper]" = WeakKeyDictionary()


def inode(file: Path) -> Inode:
    """What tells a file from any other one, None where there is no file, or something that is none."""
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def address(file: Path) -> str:
    """A SQLite URI of a file that must be there: one that was deleted is not to be made anew as an empty one."""
    return f"{file.absolute().as_uri()}?mode=rw"


def follow(engine: Engine, file: Path) -> None:
    """Let an engine notice that another file is at the place of its own."""
    if not file.exists():
        clear(file)  # of one that was deleted, and may be in use: two files with one log would spoil each other
        file.touch()
    keeper = _keepers[engine] = _Keeper(file)

    @event.listens_for(engine, "do_connect")
    def _connects(dialect: Any, record: Any, words: list[Any], options: dict[str, Any]) -> None:  # noqa: ARG001
        keeper.check()
        words[0], options["uri"] = address(file), True

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: Any) -> None:  # noqa: ARG001
        record.info[OPEN] = inode(file)

    @event.listens_for(engine, "checkout")
    def _taken(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:  # noqa: ARG001
        keeper.check()
        if inode(file) not in (None, record.info[OPEN]):
            raise sa.exc.DisconnectionError("another file is at the place of the store")

    event.listen(engine, "engine_disposed", lambda _: keeper.close())


def settle(engine: Engine) -> None:
    """To be called before a file is opened past its engine. Raises sqlite3.Error."""
    _keepers[engine].check()


class _Keeper:
    """Keeps a file open in each process, so that its log can be put away when another file is at its place."""

    def __init__(self, file: Path) -> None:
        self._path = file
        self._checking = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._open = Open(None, None)

    def check(self) -> None:
        """See that the log at the place belongs to the file at the place. Raises sqlite3.Error."""
        found = inode(self._path)
        if found is None or found == self._open.file:
            return
        with self._checking:
            if self._connection is not None and found != self._open.file:
                leave(self._connection, self._path, self._open)
            self.close()
            self._connection, self._open = connect(self._path)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection, self._open = None, Open(None, None)


def connect(file: Path) -> tuple[sqlite3.Connection, Open]:
    """A connection past any engine, and what it has open. Raises sqlite3.Error."""
    connection = sqlite3.connect(address(file), uri=True, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # so that its log is there
    except sqlite3.Error:
        connection.close()
        raise
    return connection, Open(inode(file), inode(_beside(file, LOG)))


def leave(connection: sqlite3.Connection, file: Path, known: Open) -> None:
    """Take the log away that belongs to the file that was here: SQLite would put it into the one that is here now.

    All that is in it goes into its own file before, which may come back. Raises sqlite3.OperationalError.
    """
    (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("another file is at the place of the store, and the one before is in use")
    with turn(file):  # or else one might take away what another one has just made for the new file
        if inode(_beside(file, LOG)) == known.log:
            clear(file)


@contextmanager
def turn(file: Path) -> Iterator[None]:
    """One process at a time, of those that change which files are at a place."""
    folder = os.open(file.parent, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def clear(file: Path) -> None:
    """Remove what SQLite keeps beside a file; whoever has it open is not disturbed."""
    for end in (LOG, INDEX):
        _beside(file, end).unlink(missing_ok=True)


def _beside(file: Path, end: str) -> Path:
    return file.with_name(file.name + end)


def refuse_elsewhere(connection: Connection) -> None:
    """Raise where a transaction would write into a file that has given way to another one."""
    file, known = Path(str(connection.engine.url.database)), connection.connection.info.get(OPEN)
    if known is not None and inode(file) not in (None, known):
        connection.exec_driver_sql("ROLLBACK")
        raise sqlite3.OperationalError("another file is at the place of the store; it is looked at anew")
