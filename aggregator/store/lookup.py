"""What the store knows of one file and its article, in one reading connection, for `aggregator explain`.

Nothing is ever written here, not even the schema: a store that is not there yet stays so.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url

from ..errors import StoreError
from ..models import CategoryPath, FileRow, Scope
from ..slugs import distinct, place
from . import rows
from .facts import Facts
from .file_rows import some_files
from .schema import files, folders, members, scopes
from .scopes import CATEGORIES, SOURCES

PATIENCE = 5  # seconds to wait for a database


class Lookup:
    """Questions about one file. `facts` are the stored articles that it might hold (see store.facts)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.facts = Facts(connection)

    def file(self, folder: int | None, path: str) -> FileRow | None:
        """A file as it was last seen; None when no scan has met it. `folder` is a number, None for an unknown one."""
        return None if folder is None else some_files(self._connection, folder, files.c.path, [path]).get(path)

    def folders(self) -> dict[str, int]:
        """The numbers of the folders that the store knows, by path as the config writes them."""
        return {row.path: row.id for row in self._connection.execute(sa.select(folders.c.path, folders.c.id))}

    def holders(self, folder: str, seq: int) -> set[str]:
        """The files of a folder that hold an article, or held it when they were last seen."""
        query = sa.select(files.c.path).join(folders).where(folders.c.path == folder, files.c.seq == seq)
        return set(self._connection.execute(query).scalars())

    def source(self, slug: str, title: str, *, renames: bool) -> tuple[int | None, str]:
        """The number and the slug of the source that a scan files an article under; see ScopeKeeper.source.

        The number is None when it would be a new one.
        """
        row = self._scope(f"{SOURCES}{slug}")
        if row is not None and row.title != title and not renames:
            slug = distinct(slug, title)
            row = self._scope(f"{SOURCES}{slug}")
        return (None if row is None else int(row.id)), slug

    def category(self, names: CategoryPath, slugs: Mapping[str, str]) -> str:
        """The URL path of a category, or the one that it would get; see ScopeKeeper._find_category."""
        above = self.category(names[:-1], slugs) if len(names) > 1 else CATEGORIES
        plain = f"{above}/{place(names[-1], slugs)}"
        row = self._scope(plain)
        return plain if row is None or tuple(row.names) == names else distinct(plain, names[-1])

    def feeds(self, seq: int) -> list[Scope]:
        """The scopes that an article is in, by path."""
        query = sa.select(scopes).join(members, members.c.scope == scopes.c.id).where(members.c.seq == seq)
        return rows.by_path(rows.scope(row) for row in self._connection.execute(query))

    def _scope(self, path: str) -> sa.Row[Any] | None:
        return self._connection.execute(sa.select(scopes).where(scopes.c.path == path)).first()


@contextmanager
def look_up(url: str) -> Iterator[Lookup | None]:
    """The store at a SQLAlchemy URL, for reading; None when there is none yet. Raises StoreError."""
    engine: Engine | None = None
    try:
        engine = _engine(make_url(url))
        if engine is None:
            yield None
            return
        with engine.connect() as connection:
            yield Lookup(connection) if sa.inspect(connection).has_table(files.name) else None
    except (sa.exc.SQLAlchemyError, ImportError) as error:
        raise StoreError(f"the store could not be read: {getattr(error, 'orig', None) or error}") from error
    finally:
        if engine is not None:
            engine.dispose()


def _engine(url: URL) -> Engine | None:
    if url.get_backend_name() != "sqlite":
        engine = sa.create_engine(url, connect_args={"connect_timeout": PATIENCE})
        return engine.execution_options(postgresql_readonly=True)
    file = Path(url.database or "")
    return sa.create_engine("sqlite://", creator=lambda: _connect(file)) if file.is_file() else None


def _connect(file: Path) -> sqlite3.Connection:
    # Not `mode=ro`: that would leave the files of the write-ahead log behind, owned by whoever asked.
    connection = sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)
    connection.execute("PRAGMA query_only=ON")
    return connection
