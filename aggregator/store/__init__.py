"""The shared store: SQLAlchemy Core on SQLite (WAL) or PostgreSQL. All SQL of the project is in this package."""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from .activity import Activity
from .batch import VISIBLE, Batch, title_hash
from .building import build
from .catalog import Catalog, Followed, followed, present
from .census import Census
from .engine import open_engine, writing
from .facts import Facts
from .feeds import Feeds, Subject
from .ledger import FiledProblem, FolderState, Ledger, Notice
from .library import Library
from .lock import lock
from .neighbours import Neighbours
from .rows import FileRow, Known, Outcome, SourceRow
from .search import Search
from .times import from_us, to_us

__all__ = [
    "VISIBLE",
    "Batch",
    "Catalog",
    "Facts",
    "Feeds",
    "FileRow",
    "FiledProblem",
    "FolderState",
    "Followed",
    "Known",
    "Ledger",
    "Library",
    "Notice",
    "Outcome",
    "Search",
    "SourceRow",
    "Store",
    "Subject",
    "from_us",
    "title_hash",
    "to_us",
]


class Store(Activity, Neighbours, Census, Library):
    """A store: what is published (Library), the books on the input side (`ledger`), finding (`search`), and writing
    (`batch`)."""

    def __init__(self, url: str) -> None:
        """Open the store at a SQLAlchemy URL and bring its schema up to date. Raises StoreError."""
        super().__init__(open_engine(url))
        self.ledger = Ledger(self._engine)
        self.search = Search(self._engine, self._reading)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Try to be the one who scans `name`, among all processes on this store; see store.lock."""
        return lock(self._engine, name)

    @contextmanager
    def batch(self, folder: int, now: datetime, feeds: Feeds | None = None) -> Iterator[Batch]:
        """A writing transaction on a folder: all of it is stored when the block ends, or nothing.

        `feeds` are the custom feeds that its articles are given to.
        """
        with writing(self._engine).begin() as connection:
            batch = Batch(connection, folder, to_us(now), feeds)
            yield batch
            batch.flush()

    def followed(self) -> Followed:
        """The config that the store's sources and custom feeds follow."""
        with self._engine.begin() as connection:
            return followed(connection)

    def present(self, paths: Collection[str]) -> bool:
        """Whether there is a scope at any of these paths."""
        with self._engine.begin() as connection:
            return present(connection, paths)

    @contextmanager
    def catalog(self, now: datetime) -> Iterator[Catalog]:
        """A writing transaction on which sources and custom feeds there are: all of it, or nothing."""
        with writing(self._engine).begin() as connection:
            catalog = Catalog(connection, to_us(now))
            yield catalog
            catalog.end()

    def build(self, feeds: Feeds, after: int, now: datetime) -> int | None:
        """Find the members of custom feeds among the articles behind number `after`, a chunk; see store.building."""
        with writing(self._engine).begin() as connection:
            return build(connection, to_us(now), feeds, after)
