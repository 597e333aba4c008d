"""The store's revision, read so cheaply that every request can ask for it."""

import sqlite3
import threading
import time
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from ..errors import StoreError
from .schema import state

HELD = 0.1  # seconds for which a revision from another machine's database is taken as true
_QUERY = str(sa.select(state.c.revision).compile())


def pulse(engine: Engine) -> Callable[[], int]:
    """A function that gives the revision of what is published (see Library.revision); raises StoreError.

    On SQLite it is always the present one, read past SQLAlchemy on a connection that each thread keeps: one or two
    microseconds. On PostgreSQL it may be HELD seconds old, since asking costs a round trip.
    """
    if engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:"):
        return _Near(str(engine.url.database)).revision
    return _Far(engine).revision


class _Near(threading.local):
    def __init__(self, file: str) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._connection.execute("PRAGMA query_only=ON")

    def revision(self) -> int:
        try:
            row = self._connection.execute(_QUERY).fetchone()
        except sqlite3.Error as error:
            raise StoreError(f"the store could not be read: {error}") from error
        return int(row[0]) if row else 0


class _Far:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._read = float("-inf")
        self._revision = 0

    def revision(self) -> int:
        if time.monotonic() - self._read > HELD:
            moment = time.monotonic()
            try:
                with self._engine.begin() as connection:
                    self._revision = connection.execute(sa.select(state.c.revision)).scalar() or 0
            except sa.exc.DBAPIError as error:
                raise StoreError(f"the store could not be read: {error.orig}") from error
            self._read = moment
        return self._revision
