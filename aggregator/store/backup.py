"""A store as one file, a store from a file, and a store into another: consistent copies while services run.

store ─ one read transaction ─▶ rows ─ copied, read again, compared ─▶ one write transaction, or a new file
"""

import fcntl
import os
import sqlite3
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..errors import StoreError
from .copying import Progress, copy_tables, is_empty
from .engine import HEAD, is_known, migrate, open_engine, open_file, schema_version, shown, writing
from .lock import lock_all
from .pulse import announce
from .schema import folders, scopes, state
from .times import change_time, to_us

PATIENCE = 60.0  # seconds to wait for scans to end
MAGIC = b"SQLite format 3\0"


@dataclass(frozen=True, slots=True)
class Copied:
    """How many articles a copy has; `size` of its file in bytes, 0 where it is in no file of its own."""

    articles: int
    size: int = 0


def back_up(engine: Engine, file: Path, progress: Progress, *, force: bool = False) -> Copied:
    """Write all of a store into one new file, which is a SQLite store itself. Raises StoreError.

    The file is there when it is whole and on the disk, and not before. `force`: it may replace one that is there.
    """
    if file.exists() and not force:
        raise StoreError(f"{file} is there already; name another file, or give --force to replace it")
    try:
        with _unfinished(file) as beside:
            copied = _write(engine, beside, progress)
            _keep(beside, file)
    except OSError as error:
        raise StoreError(f"{file} cannot be written: {error.strerror or error}") from error
    except sa.exc.DBAPIError as error:
        raise StoreError(f"{file}: the backup failed: {error.orig}; no file was written") from error
    return Copied(copied, file.stat().st_size)


def replace_store(
    engine: Engine, source: Engine, names: Collection[str], now: datetime, progress: Progress, *, force: bool = False
) -> Copied:
    """Bring a store to what another one holds, in one transaction. Raises StoreError, and then nothing was changed.

    Scans wait meanwhile, of the folders of both stores and of those named. `force`: it may replace what is there.
    """
    if _same_file(engine, source):
        raise StoreError(f"{engine.url.database} is the store itself")
    with _reading(source) as origin:
        with engine.begin() as connection:
            if not force and not is_empty(connection):
                where = shown(engine.url)
                raise StoreError(f"the store {where} is not empty; give --force to replace all that it holds")
            known = {*names, *_folders(connection), *_folders(origin)}
        with lock_all(engine, ["catalog", *(f"scan {name}" for name in known)], PATIENCE) as missed:
            if missed:
                raise StoreError(f"another process goes on with the {missed}; try again when it is done, or stop it")
            try:
                with writing(engine).begin() as target:
                    return Copied(_replace(origin, target, now, progress))
            except sa.exc.DBAPIError as error:
                raise StoreError(f"the copy failed: {error.orig}; nothing was changed") from error


@contextmanager
def opened(file: Path) -> Iterator[Engine]:
    """A backup for reading, in the form of this version; the file itself stays as it is. Raises StoreError."""
    engine = _backup(file)
    try:
        with engine.connect() as connection:
            version = schema_version(connection)
        if version == HEAD:
            yield engine
            return
        with TemporaryDirectory(prefix="aggregator-restore-") as folder, _locked(folder):
            copy = Path(folder) / "store.db"
            with (
                sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True) as old,
                sqlite3.connect(copy) as new,
            ):
                old.backup(new)
            old.close()
            new.close()
            migrated = open_engine(f"sqlite:///{copy}")
            try:
                yield migrated
            finally:
                migrated.dispose()
    finally:
        engine.dispose()


@contextmanager
def _locked(folder: str) -> Iterator[None]:
    """A lock on a folder, which tells that its process lives; see aggregator.live.leftovers."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield
    finally:
        os.close(descriptor)


def _backup(file: Path) -> Engine:
    """A file that was found to be a store of this version or an older one."""
    try:
        with file.open("rb") as handle:
            if handle.read(len(MAGIC)) != MAGIC:
                raise StoreError(f"{file} is no backup: `aggregator backup` writes other files")
    except OSError as error:
        raise StoreError(f"{file} cannot be read: {error.strerror or error}") from error
    engine = open_file(file, read_only=True)
    try:
        with engine.connect() as connection:
            version = schema_version(connection)
            damage = connection.execute(sa.text("PRAGMA quick_check(1)")).scalar()
    except sa.exc.DBAPIError as error:
        version, damage = "", str(error.orig)
    if damage != "ok":
        raise StoreError(f"{file} is damaged ({damage}); take another backup")
    if version is None:
        raise StoreError(f"{file} is no backup: it is a SQLite file, but not one of this program")
    if not is_known(version):
        raise StoreError(f"{file} was written by a newer version of this program; upgrade the program")
    return engine


@contextmanager
def _unfinished(file: Path) -> Iterator[Path]:
    """An empty file beside `file`, which is gone at the end. One that a killed process left there is made use of."""
    beside = file.with_name(f".{file.name}.part")
    with beside.open("ab") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not beside.exists() or not os.path.samestat(beside.stat(), os.fstat(handle.fileno())):
                raise BlockingIOError  # it was finished since it was opened here, and is not to be emptied
        except BlockingIOError as error:
            raise StoreError(f"another process is writing {file}; let it finish") from error
        handle.truncate(0)
        try:
            yield beside
        finally:
            with suppress(FileNotFoundError):
                beside.unlink()


def _write(engine: Engine, file: Path, progress: Progress) -> int:
    target = open_file(file)
    try:
        migrate(target)
        with _reading(engine) as origin, writing(target).begin() as connection:
            return copy_tables(origin, connection, progress)
    finally:
        target.dispose()


def _keep(beside: Path, file: Path) -> None:
    """Give a finished file its name, when all of it is on the disk."""
    with beside.open("rb") as handle:
        os.fsync(handle.fileno())
    beside.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the store, however long it takes."""
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # nothing may be asked while a large store is cleared, or read again
            connection.execute(sa.text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield connection


def _replace(origin: Connection, target: Connection, now: datetime, progress: Progress) -> int:
    """The copy itself. Web processes keep what they made of the old content by its revisions, and clients by times:
    so revisions go on behind those of both stores, and where content was replaced, feeds tell a change of now.

    They go on by one: a sum of both would double each time that two stores are copied to and fro.
    """
    highest = sa.select(sa.func.max(scopes.c.revision))
    old = target.execute(sa.select(state).with_for_update()).first()
    before = target.execute(highest).scalar()
    copied = copy_tables(origin, target, progress)
    new = target.execute(sa.select(state)).first()
    if old is not None and new is not None:
        changed = max(old.changed, new.changed)
        revision = max(old.revision, new.revision) + 1 if old.revision else new.revision
        if before is not None:
            changed = change_time(to_us(now), changed)
            beyond = max(before, target.execute(highest).scalar() or 0) + 1
            target.execute(scopes.update().values(revision=beyond, changed=changed, withdrawn=changed))
            announce(target, revision)
        last_seq = max(old.last_seq, new.last_seq)
        target.execute(state.update().values(revision=revision, changed=changed, last_seq=last_seq))
    return copied


def _same_file(one: Engine, other: Engine) -> bool:
    with one.begin() as first, other.begin() as second:
        files = [
            connection.execute(sa.text("PRAGMA database_list")).all()[0].file
            for connection in (first, second)
            if connection.dialect.name == "sqlite"
        ]
    return len(files) == 2 and Path(files[0]).samefile(files[1])


def _folders(connection: Connection) -> set[str]:
    return set(connection.execute(sa.select(folders.c.path)).scalars())
