"""The store's revision, read so cheaply that every request can ask for it.

SQLite      a request compares a few bytes of shared memory, and queries when there was a commit (see wal)
PostgreSQL  writers `announce` a new revision when they commit, and a thread listens; a request asks a variable
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from ..errors import StoreError
from .engine import answering
from .patience import ASKING, within
from .schema import state
from .wal import commits
from .whereabouts import Inode, address, inode, settle

log = logging.getLogger(__name__)

CHANNEL = "aggregator"
LOOK = 0.5  # seconds after which the listener looks by itself, in case that nothing is announced
LASTING = 1.0  # seconds for which a revision from another machine's database is taken as true
FIRST_RETRY, LAST_RETRY = 0.1, 5.0  # seconds until the listener connects again

_REVISION = sa.select(state.c.revision)
_QUERY = str(_REVISION.compile())

_pulses: dict[Engine, "_Near | _Listener"] = {}
_starting = threading.Lock()


def pulse(engine: Engine) -> Callable[[], int]:
    """A function that gives the revision of what is published (see Library.revision); raises StoreError.

    On SQLite it is always the present one, read past SQLAlchemy. On PostgreSQL it is late by the few milliseconds
    that an announcement takes, and by LASTING seconds where none comes through.
    """
    with _starting:
        if engine not in _pulses:
            _pulses[engine] = _Near(engine) if _is_file(engine) else _Listener(engine)
        return _pulses[engine].revision


def _is_file(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:")


def announce(connection: Connection, revision: int) -> None:
    """Tell all processes on the store of a revision, when the transaction commits."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_notify(CHANNEL, str(revision))))


class _Near:
    """Knows the revision of a store in a file, by a connection of its own. Raises StoreError if there can be none."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._file = Path(str(engine.url.database))
        self._asking = threading.Lock()
        self._inode: Inode = None
        self._connect()
        event.listen(engine, "engine_disposed", self._stop, once=True)

    def _connect(self) -> None:
        self._inode, self._looked = None, time.monotonic()  # until there is a connection, each look tries again
        found = inode(self._file)
        try:
            settle(self._engine)
            options: dict[str, Any] = {"uri": True, "isolation_level": None, "check_same_thread": False}
            self._connection = sqlite3.connect(address(self._file), **options)
            self._connection.execute("PRAGMA query_only=ON")
            self._commits = commits(self._connection)
        except sqlite3.Error as error:
            raise _unread(error) from error
        self._inode, self._known = found, (b"", 0)  # the last commit that was seen, and the revision since

    def revision(self) -> int:
        if time.monotonic() - self._looked > LOOK:
            self._look()
        seen, revision = self._known
        if self._commits is not None and self._commits() == seen:
            return revision
        with self._asking:
            seen = self._commits() if self._commits is not None else b""  # first, so that what comes between is new
            try:
                row = self._connection.execute(_QUERY).fetchone()
            except sqlite3.Error as error:
                raise _unread(error) from error
            self._known = seen, int(row[0]) if row else 0
            return self._known[1]

    def _look(self) -> None:
        """See whether another file is at the place of the store (see whereabouts)."""
        with self._asking:
            self._looked = time.monotonic()
            if inode(self._file) not in (None, self._inode):
                self._connection.close()
                self._connect()

    def _stop(self, engine: Engine) -> None:
        _pulses.pop(engine, None)
        self._connection.close()


def _unread(error: Exception) -> StoreError:
    return StoreError(f"the store could not be read: {error}")


class _Listener:
    """Knows the revision of a store in another process's database, by a thread that begins with the first question.

    Whatever becomes of the thread (a server that is away, a process that forked, a proxy that passes no announcements
    on), what was heard lasts for LASTING seconds; then who asks has to ask the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known = 0, float("-inf")  # revision, and when it was true
        self._failed = "", float("-inf")  # why, and when, the database did not answer
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="revision listener", daemon=True)
        self._begin, self._keeping = threading.Lock(), threading.Lock()
        event.listen(engine, "engine_disposed", self._stop, once=True)

    def revision(self) -> int:
        revision, moment = self._known
        return revision if time.monotonic() - moment < LASTING else self._ask()

    def _ask(self) -> int:
        with self._begin:
            if self._thread.ident is None and not self._end.is_set():
                self._thread.start()
        moment = time.monotonic()
        reason, when = self._failed
        if moment - when < LASTING:  # a host that is cut off takes seconds to fail, which each request would wait for
            raise StoreError(reason)
        try:
            with answering(), within(ASKING), self._engine.begin() as connection:
                revision = connection.execute(_REVISION).scalar() or 0
        except StoreError as error:
            self._failed = str(error), time.monotonic()
            raise
        return self._keep(revision, moment)

    def _keep(self, revision: int, moment: float) -> int:
        """Know what was true at a moment, unless something later is known: requests and the thread ask side by side,
        and who asked earlier may have its answer later. The revision that is known then."""
        with self._keeping:
            if moment > self._known[1]:
                self._known = revision, moment
            return self._known[0]

    def _stop(self, engine: Engine) -> None:
        self._end.set()
        _pulses.pop(engine, None)

    def _run(self) -> None:
        """Listen, and connect again when the connection is lost, until the store is closed."""
        failures = 0
        while not self._end.wait(min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY) if failures else 0):
            try:
                with closing(self._connect()) as connection:
                    while not self._end.is_set():
                        self._hear(connection)
                        failures = 0
            except Exception as error:
                failures += 1
                if failures == 1 and not self._end.is_set():
                    known = isinstance(error, (sa.exc.DBAPIError, self._engine.dialect.loaded_dbapi.Error))
                    what = "the store tells of no changes (%s); from now on it is asked, until it does again"
                    log.warning(what, " ".join(str(error).split()), exc_info=not known)

    def _connect(self) -> Any:
        """A connection of the driver's own that listens, outside of the pool."""
        with within(ASKING):
            pooled = self._engine.raw_connection()
            connection: Any = pooled.driver_connection
            pooled.detach()
            connection.autocommit = True
            connection.execute(f"LISTEN {CHANNEL}")
        return connection

    def _hear(self, connection: Any) -> None:
        """Read the revision, and wait for the next announcement, for LOOK seconds at most."""
        moment = time.monotonic()
        with within(ASKING):
            row = connection.execute(_QUERY).fetchone()
        self._keep(row[0] if row else 0, moment)
        for _ in connection.notifies(timeout=LOOK, stop_after=1):
            pass
