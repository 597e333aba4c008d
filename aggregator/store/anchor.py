"""A SQLite store whose file is deleted, or gives way to another one, while it is open.

Whoever has a deleted file open goes on reading and writing it, but nobody will ever find it again. So

    follow   connections are made anew when another file is at the place
    Anchor   who files articles keeps the file it knows open, and writes it back when it was deleted
"""

import fcntl
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from .schema import scopes, state
from .times import change_time, to_us

log = logging.getLogger(__name__)

OPEN = "open"  # a connection's note of what it has open
LOG, INDEX = "-wal", "-shm"  # what SQLite keeps beside a file

Inode = tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Open:
    """The files that a connection has open."""

    file: Inode
    log: Inode


def inode(file: Path) -> Inode:
    """What tells a file from any other one, None where there is no file."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def address(file: Path) -> str:
    """A SQLite URI of a file that must be there: one that was deleted is not to be made anew as an empty one."""
    return f"{file.absolute().as_uri()}?mode=rw"


def follow(engine: Engine, file: Path) -> None:
    """Let an engine notice that another file is at the place of its own."""
    if not file.exists():
        _clear(file)  # of one that was deleted, and may be in use: two files with one log would spoil each other
        file.touch()

    @event.listens_for(engine, "do_connect")
    def _connects(dialect: Any, record: Any, words: list[Any], options: dict[str, Any]) -> None:  # noqa: ARG001
        words[0], options["uri"] = address(file), True

    @event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, record: Any) -> None:
        record.info[OPEN] = _opened(connection, file)

    @event.listens_for(engine, "checkout")
    def _taken(connection: sqlite3.Connection, record: Any, proxy: Any) -> None:  # noqa: ARG001
        if inode(file) not in (None, record.info[OPEN].file):
            _leave(connection, file, record.info[OPEN])
            raise sa.exc.DisconnectionError("another file is at the place of the store")


def _opened(connection: sqlite3.Connection, file: Path) -> Open:
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()  # so that its log is there
    return Open(inode(file), inode(_beside(file, LOG)))


def _leave(connection: sqlite3.Connection, file: Path, known: Open) -> None:
    """Take the log away that belongs to the file that was here: SQLite would put it into the one that is here now.

    All that is in it goes into its own file before, which may come back. Raises sqlite3.OperationalError.
    """
    (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("another file is at the place of the store, and the one before is in use")
    if inode(_beside(file, LOG)) == known.log:
        _clear(file)


def _clear(file: Path) -> None:
    for end in (LOG, INDEX):
        _beside(file, end).unlink(missing_ok=True)


def _beside(file: Path, end: str) -> Path:
    return file.with_name(file.name + end)


def refuse_elsewhere(connection: Connection) -> None:
    """Raise where a transaction would write into a file that has given way to another one."""
    file, known = Path(str(connection.engine.url.database)), connection.connection.info.get(OPEN)
    if known is not None and inode(file) not in (None, known.file):
        connection.exec_driver_sql("ROLLBACK")
        raise sqlite3.OperationalError("another file is at the place of the store; it is looked at anew")


class Anchor:
    """Keeps the file of a store open for as long as somebody files articles. Another database needs none."""

    def __init__(self, engine: Engine, migrate: Callable[[Engine], None]) -> None:
        """`migrate` brings the store that is found at the place up to date."""
        self._engine, self._migrate = engine, migrate
        is_file = engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:")
        self._file = Path(str(engine.url.database)) if is_file else None
        self._open = Open(None, None)
        self._ours: list[sqlite3.Connection] = []
        self._hold()

    def look(self, now: datetime) -> bool:
        """See that the store is at its place, and write it back where it was deleted.

        Whether another store has taken its place, which is followed from now on. An empty one has not: some command
        made it, since there was none.
        """
        if self._file is None or inode(self._file) == self._open.file:
            return False
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with _beside(self._file, ".place").open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)  # of several watchers one writes it back
            if inode(self._file) == self._open.file:
                return False
            _leave(self._ours[0], self._file, self._open)
            if followed := _has_articles(self._file):
                self._engine.dispose()
                self._migrate(self._engine)
                self._go_on(now)
                log.error("another store was put in the place of %s; it is followed now", self._file)
            else:
                self._write_back(self._file)
                log.error("the file of the store was deleted, and was written back whole: %s", self._file)
            Path(turn.name).unlink(missing_ok=True)
        self.close()
        self._hold()
        return followed

    def close(self) -> None:
        """Let go of the file."""
        for connection in self._ours:
            connection.close()
        self._ours = []

    def _hold(self) -> None:
        """Two connections: while one copies, the other keeps all others from writing."""
        if self._file is None:
            return
        for _ in range(2):
            connection = sqlite3.connect(address(self._file), uri=True, isolation_level=None, check_same_thread=False)
            self._open = _opened(connection, self._file)
            self._ours.append(connection)

    def _write_back(self, file: Path) -> None:
        writer, reader = self._ours
        beside = file.with_name(f".{file.name}.back")
        writer.execute("BEGIN IMMEDIATE")
        try:
            with closing(sqlite3.connect(beside)) as copy:
                copy.execute("PRAGMA journal_mode=OFF")
                reader.backup(copy)
            _clear(file)
            beside.replace(file)
        finally:
            writer.execute("ROLLBACK")
            beside.unlink(missing_ok=True)

    def _go_on(self, now: datetime) -> None:
        """Web processes keep what they made of the old store by its revisions: those of the new one go on behind."""
        reader = self._ours[1]
        revision, changed = reader.execute(str(sa.select(state.c.revision, state.c.changed))).fetchone() or (0, 0)
        last = max((row[0] for row in reader.execute(str(sa.select(scopes.c.revision)))), default=0)
        with self._engine.execution_options(writes=True).begin() as connection:
            changed = change_time(to_us(now), changed)
            connection.execute(state.update().values(revision=state.c.revision + revision + 1, changed=changed))
            connection.execute(scopes.update().values(revision=scopes.c.revision + last + 1, changed=changed))


def _has_articles(file: Path) -> bool:
    """Whether a file is a store that something was filed in. Raises what SQLite raises of a file that is none."""
    if inode(file) is None:
        return False
    with closing(sqlite3.connect(address(file), uri=True)) as connection:
        try:
            return connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is not None
        except sqlite3.OperationalError:  # no such table
            return False
