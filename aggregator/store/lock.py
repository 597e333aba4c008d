"""One process scans a folder at a time: a lock file beside a SQLite store, an advisory lock in PostgreSQL.

Both go away with their holder, however it dies.
"""

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

WAIT = 0.2  # seconds between looks at a lock that another process has


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
    connection = held.enter_context(engine.connect())
    held.callback(lambda: _run(connection, sa.func.pg_advisory_unlock_all()))
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
    with engine.connect() as connection:
        # The lock belongs to the session; no transaction stays open for the length of a scan.
        held = bool(_run(connection, sa.func.pg_try_advisory_lock(_number(name))))
        try:
            yield held
        finally:
            if held:
                _run(connection, sa.func.pg_advisory_unlock(_number(name)))


def _number(name: str) -> int:
    return int(_digest(name)[:15], 16)


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
