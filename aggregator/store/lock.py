"""One process scans a folder at a time: a lock file beside a SQLite store, an advisory lock in PostgreSQL.

Both go away with their holder, however it dies. PostgreSQL also takes a lock from who is cut off, and may come back.
So who holds a lock writes over the very connection that it belongs to (see engine.writing): without the lock, nothing
is written.
"""

import fcntl
import hashlib
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..errors import StoreError

WAIT = 0.2  # seconds between looks at a lock that another process has

# Of connections that write. Writers wait for each other (see turn), and then have to see what was written meanwhile.
POSTGRES_WRITES = {"isolation_level": "READ COMMITTED"}


class _Held(threading.local):
    """The connections that hold a thread's locks, by engine."""

    def __init__(self) -> None:
        self.connections: dict[Engine, Connection] = {}


_held = _Held()


@contextmanager
def lock(engine: Engine, name: str) -> Iterator[bool]:
    """Try to hold the lock `name` for the duration of the block; yields whether it is held. Never waits."""
    if engine.dialect.name == "postgresql":
        with _advisory(engine, name) as held:
            yield held
    elif engine.url.database in (None, "", ":memory:"):
        yield True  # nobody else can reach a store in memory
    else:
        with _file(Path(f"{engine.url.database}.locks"), name) as held:
            yield held


@contextmanager
def lock_all(engine: Engine, names: Iterable[str], patience: float) -> Iterator[str]:
    """Hold several locks for the duration of the block; waits `patience` seconds for those that others hold.

    Yields the name of one that did not come, "" when all are held.
    """
    deadline = time.monotonic() + patience
    with ExitStack() as held:
        take = _taker(engine, held)
        for name in sorted(set(names)):
            while not take(name):
                if time.monotonic() >= deadline:
                    yield name
                    return
                time.sleep(WAIT)
        yield ""


def _taker(engine: Engine, held: ExitStack) -> Callable[[str], bool]:
    """What tries to take a lock until `held` ends. In PostgreSQL all are taken on one connection."""
    if engine.dialect.name != "postgresql":
        return lambda name: _kept(lock(engine, name), held)
    connection = held.enter_context(_holding(engine))
    return lambda name: bool(_run(connection, sa.func.pg_try_advisory_lock(_number(name))))


def _kept(one: AbstractContextManager[bool], held: ExitStack) -> bool:
    with ExitStack() as attempt:
        if taken := attempt.enter_context(one):
            held.push(attempt.pop_all())
    return taken


def _run(connection: Connection, function: sa.ColumnElement[Any]) -> Any:
    result = connection.execute(sa.select(function)).scalar()
    connection.commit()
    return result


@contextmanager
def _file(folder: Path, name: str) -> Iterator[bool]:
    folder.mkdir(exist_ok=True)
    with (folder / _digest(name)).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


@contextmanager
def _advisory(engine: Engine, name: str) -> Iterator[bool]:
    with _holding(engine) as connection:
        # The lock belongs to the session; no transaction stays open for the length of a scan.
        yield bool(_run(connection, sa.func.pg_try_advisory_lock(_number(name))))


@contextmanager
def _holding(engine: Engine) -> Iterator[Connection]:
    """A connection for locks, over which this thread writes; they go when it ends."""
    outer = _held.connections.get(engine)
    with engine.execution_options(**POSTGRES_WRITES).connect() as connection:
        _held.connections[engine] = connection
        try:
            yield connection
        finally:
            _held.connections.pop(engine)
            if outer is not None:
                _held.connections[engine] = outer
            _let_go(connection)


def _let_go(connection: Connection) -> None:
    """Give up all locks of a connection, with the connection itself where it no longer answers."""
    if connection.invalidated:
        return
    try:
        _run(connection, sa.func.pg_advisory_unlock_all())
    except sa.exc.DBAPIError:
        connection.invalidate()


def held_connection(engine: Engine) -> Connection | None:
    """What holds a lock of this thread, None where it holds none. Raises StoreError when it is lost."""
    connection = _held.connections.get(engine)
    if connection is not None and connection.invalidated:
        raise StoreError(
            "the connection that held a lock was lost, so another process may be at work; nothing is written"
        )
    return connection


def _number(name: str) -> int:
    return int(_digest(name)[:15], 16)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
