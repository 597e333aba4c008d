"""A SQLite store that is deleted while articles are filed is written back; one that takes its place is followed."""

import errno
import logging
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from .schema import scopes, state
from .times import change_time, to_us
from .whereabouts import Open, address, clear, connect, inode, leave, turn

log = logging.getLogger(__name__)


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
        made it, since there was none. Raises OSError where a folder is at the place, and leaves all as it is.
        """
        if self._file is None or inode(self._file) == self._open.file:
            return False
        if self._file.is_dir():
            what = "a folder is at the place of the store; move it away"
            raise IsADirectoryError(errno.EISDIR, what, str(self._file))
        self._file.parent.mkdir(parents=True, exist_ok=True)
        leave(self._ours[0], self._file, self._open)
        with turn(self._file):  # of several watchers one writes it back
            if followed := _has_articles(self._file):
                log.error("another store was put in the place of %s; it is followed now", self._file)
            else:
                self._write_back(self._file)
                log.error("the file of the store was deleted, and was written back whole: %s", self._file)
        if followed:
            self._migrate(self._engine)
            self._go_on(now)
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
            connection, self._open = connect(self._file)
            self._ours.append(connection)

    def _write_back(self, file: Path) -> None:
        writer, reader = self._ours
        beside = file.with_name(f".{file.name}.back")
        writer.execute("BEGIN IMMEDIATE")
        try:
            with closing(sqlite3.connect(beside)) as copy:
                copy.execute("PRAGMA journal_mode=OFF")
                reader.backup(copy)
            clear(file)
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
            beyond = max(revision, connection.execute(sa.select(state.c.revision)).scalar() or 0) + 1
            connection.execute(state.update().values(revision=beyond, changed=changed))
            beyond = max(last, connection.execute(sa.select(sa.func.max(scopes.c.revision))).scalar() or 0) + 1
            connection.execute(scopes.update().values(revision=beyond, changed=changed))


def _has_articles(file: Path) -> bool:
    """Whether a file is a store that something was filed in. Raises what SQLite raises of a file that is none."""
    if inode(file) is None:
        return False
    with closing(sqlite3.connect(address(file), uri=True)) as connection:
        try:
            return connection.execute("SELECT 1 FROM articles LIMIT 1").fetchone() is not None
        except sqlite3.OperationalError:  # no such table
            return False
