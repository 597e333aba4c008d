"""One process scans a folder at a time: a lock file beside a SQLite store, an advisory lock in PostgreSQL.

Both go away with their holder, however it dies.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import Engine


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
    number = int(_digest(name)[:15], 16)
    with engine.connect() as connection:
        held = connection.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar_one()
        connection.commit()  # the lock belongs to the session; no transaction stays open for the length of a scan
        try:
            yield bool(held)
        finally:
            if held:
                connection.execute(sa.select(sa.func.pg_advisory_unlock(number)))
                connection.commit()


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:32]
