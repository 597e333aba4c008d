"""The store's revision, read so cheaply that every request can ask for it.

SQLite      a request compares a few bytes of shared memory, and queries when there was a commit (see wal)
PostgreSQL  writers `announce` a new revision when they commit, and a thread listens; a request asks a variable
"""

import logging
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine

from ..errors import StoreAwayError, StoreError
from ..outages import Outage
from .engine import answering
from .patience import ASKING, within
from .schema import state
from .wal import commits
from .whereabouts import Inode, address, inode, settle

log = logging.getLogger(__name__)

CHANNEL = "aggregator"
LOOK = 0.5  # seconds after which the listener looks by itself, in case that nothing is announced
LASTING = 1.0  # seconds for which a revision from another machine's database is taken as true
BUSY = 1.0  # seconds for which a file that somebody has locked is waited for
SLOW = 0.4  # seconds that the listener waits for an answer before nobody else begins to; less than LASTING - LOOK
FIRST_RETRY, LAST_RETRY = 0.1, 1.0  # seconds until the listener connects again

_REVISION = sa.select(state.c.revision)
_QUERY = str(_REVISION.compile())

_pulses: dict[Engine, "_Near | _Listener"] = {}
_starting = threading.Lock()


class Pulse(Protocol):
    """What tells the revision of what is published (see Library.revision), or that the store does not answer.

    On SQLite it is always the present one, read past SQLAlchemy. On PostgreSQL it is late by the few milliseconds
    that an announcement takes, and by LASTING seconds where none comes through.
    """

    def __call__(self) -> int:
        """The revision. Raises StoreError, StoreAwayError where that was in the log already; seldom waits."""

    def last(self) -> tuple[int, float]:
        """The revision that was known last, and how long ago (seconds) it was certainly true. Never waits."""


def pulse(engine: Engine) -> Pulse:
    """The pulse of a store, which all of a process share."""
    with _starting:
        if engine not in _pulses:
            _pulses[engine] = _Near(engine) if _is_file(engine) else _Listener(engine)
        return _pulses[engine]


def refuse_away(engine: Engine) -> None:
    """Raise StoreAwayError where a pulse knows that the store does not answer: nobody need wait to hear the same."""
    if (found := _pulses.get(engine)) is not None:
        found.refuse()


def _outage() -> Outage:
    return Outage(log, "the store does not answer", "the store answers again")


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
        self._failed = float("-inf")  # when it could not be read
        self.outage = _outage()
        self._connect()
        event.listen(engine, "engine_disposed", self._stop, once=True)

    def _connect(self) -> None:
        self._inode, self._looked = None, time.monotonic()  # until there is a connection, each look tries again
        found = inode(self._file)
        try:
            settle(self._engine)
            options: dict[str, Any] = {"uri": True, "isolation_level": None, "check_same_thread": False}
            self._connection = sqlite3.connect(address(self._file), timeout=BUSY, **options)
            self._connection.execute("PRAGMA query_only=ON")
            self._commits = commits(self._connection)
        except sqlite3.Error as error:
            raise self._unread(error) from error
        self._inode, self._known = found, (b"", 0)  # the last commit that was seen, and the revision since

    def __call__(self) -> int:
        if time.monotonic() - self._looked > LOOK:
            self._look()
        seen, revision = self._known
        if self._commits is not None and self._commits() == seen:
            return revision
        self.refuse()
        with self._asking:
            seen = self._commits() if self._commits is not None else b""  # first, so that what comes between is new
            try:
                row = self._connection.execute(_QUERY).fetchone()
            except sqlite3.Error as error:
                raise self._unread(error) from error
            self._known = seen, int(row[0]) if row else 0
            self.outage.ends()
            return self._known[1]

    def last(self) -> tuple[int, float]:
        return self._known[1], self.outage.lasts()

    def refuse(self) -> None:
        if time.monotonic() - self._failed < LASTING:
            raise StoreAwayError(f"the store could not be read: {self.outage.reason}")

    def _look(self) -> None:
        """See whether another file is at the place of the store (see whereabouts)."""
        with self._asking:
            self._looked = time.monotonic()
            if inode(self._file) not in (None, self._inode):
                self._connection.close()
                self._connect()

    def _unread(self, error: Exception) -> StoreError:
        self._failed = time.monotonic()
        self.outage.begins(error)
        return StoreAwayError(f"the store could not be read: {error}")

    def _stop(self, engine: Engine) -> None:
        _pulses.pop(engine, None)
        self._connection.close()


class _Listener:
    """Knows the revision of a store in another process's database, by a thread that begins with the first question.

    What the thread read lasts for LASTING seconds; it reads more often, and when it hears of a change. Where it has
    just begun, who asks has to ask the database. While it waits for the database itself, or knows that there is no
    answer, nobody else does.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known = 0, float("-inf")  # revision, and when it was true
        self._waiting = float("inf")  # since when the thread waits for an answer
        self._deaf = False  # whether it is known that nothing is announced here
        self.outage = _outage()
        self._end = threading.Event()
        self._thread = self._new_thread()
        self._begin, self._keeping = threading.Lock(), threading.Lock()
        event.listen(engine, "engine_disposed", self._stop, once=True)

    def __call__(self) -> int:
        revision, moment = self._known
        return revision if time.monotonic() - moment < LASTING and not self.outage.reason else self._ask()

    def last(self) -> tuple[int, float]:
        revision, moment = self._known
        return revision, time.monotonic() - moment

    def _ask(self) -> int:
        self._see_to_thread()
        self.refuse()
        if self._is_late():
            raise StoreAwayError("the store has not answered yet")
        moment = time.monotonic()
        with answering(), within(ASKING), self._engine.begin() as connection:
            revision = connection.execute(_REVISION).scalar() or 0
        return self._keep(revision, moment)

    def refuse(self) -> None:
        if self.outage.reason:
            raise StoreAwayError(f"the store could not be read: {self.outage.reason}")

    def _keep(self, revision: int, moment: float) -> int:
        """Know what was true at a moment, unless something later is known: requests and the thread ask side by side,
        and who asked earlier may have its answer later. The revision that is known then."""
        with self._keeping:
            if moment > self._known[1]:
                self._known = revision, moment
            return self._known[0]

    def _new_thread(self) -> threading.Thread:
        return threading.Thread(target=self._run, name="revision listener", daemon=True)

    def _see_to_thread(self) -> None:
        """Let the thread run: it has not begun yet, or was left behind by a fork."""
        with self._begin:
            if self._thread.is_alive() or self._end.is_set():
                return
            if self._thread.ident is not None:
                self._thread = self._new_thread()
            self._thread.start()

    def _stop(self, engine: Engine) -> None:
        self._end.set()
        _pulses.pop(engine, None)

    def _run(self) -> None:
        """Listen, and connect again when the connection is lost, until the store is closed.

        A connection that was cut is no outage, if another one can be had at once.
        """
        failures = 0
        while not self._end.wait(min(FIRST_RETRY * 2 ** (failures - 2), LAST_RETRY) if failures > 1 else 0):
            try:
                with closing(self._connect()) as connection:
                    while not self._end.is_set():
                        self._hear(connection)
                        failures = 0
            except Exception as error:
                failures += 1
                if (failures > 1 or self._is_late()) and not self._end.is_set():
                    self.outage.begins(error, expected=self._is_known(error))

    def _is_late(self) -> bool:
        return time.monotonic() - self._waiting > SLOW

    def _is_known(self, error: Exception) -> bool:
        return isinstance(error, (StoreError, sa.exc.DBAPIError, self._engine.dialect.loaded_dbapi.Error))

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Within it, the thread waits for the database."""
        self._waiting = time.monotonic()
        with within(ASKING):
            yield
        self._waiting = float("inf")

    def _connect(self) -> Any:
        """A connection of the driver's own that listens, outside of the pool."""
        with self._asking():
            pooled = self._engine.raw_connection()
            connection: Any = pooled.driver_connection
            pooled.detach()
            connection.autocommit = True
            self._listen(connection)
        return connection

    def _listen(self, connection: Any) -> None:
        """Ask to be told. Where that is refused, as by a standby, there is still a look every LOOK seconds."""
        try:
            connection.execute(f"LISTEN {CHANNEL}")
        except self._engine.dialect.loaded_dbapi.Error as error:
            if connection.closed:
                raise
            if not self._deaf:
                told = " ".join(str(error).split())
                log.warning("the store tells of no changes (%s); it is asked every %g s instead", told, LOOK)
            self._deaf = True

    def _hear(self, connection: Any) -> None:
        """Read the revision, and wait for the next announcement, for LOOK seconds at most."""
        moment = time.monotonic()
        with self._asking():
            row = connection.execute(_QUERY).fetchone()
        self._keep(row[0] if row else 0, moment)
        self.outage.ends()
        for _ in connection.notifies(timeout=LOOK, stop_after=1):
            pass
