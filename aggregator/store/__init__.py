"""The shared store: SQLAlchemy Core on SQLite (WAL) or PostgreSQL. All SQL of the project is in this package."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from .batch import VISIBLE, Batch, title_hash
from .engine import open_engine, writing
from .facts import Facts
from .ledger import FiledProblem, FolderState, Ledger
from .library import Library
from .lock import lock
from .rows import FileRow, Known, Outcome, SourceRow
from .times import from_us, to_us

__all__ = [
    "VISIBLE",
    "Batch",
    "Facts",
    "FileRow",
    "FiledProblem",
    "FolderState",
    "Known",
    "Ledger",
    "Library",
    "Outcome",
    "SourceRow",
    "Store",
    "from_us",
    "title_hash",
    "to_us",
]


class Store(Library):
    """A store: what is published (Library), the books on the input side (`ledger`), and writing (`batch`)."""

    def __init__(self, url: str) -> None:
        """Open the store at a SQLAlchemy URL and bring its schema up to date. Raises StoreError."""
        super().__init__(open_engine(url))
        self.ledger = Ledger(self._engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Try to be the one who scans `name`, among all processes on this store; see store.lock."""
        return lock(self._engine, name)

    @contextmanager
    def batch(self, folder: int, now: datetime) -> Iterator[Batch]:
        """A writing transaction on a folder: all of it is stored when the block ends, or nothing."""
        with writing(self._engine).begin() as connection:
            batch = Batch(connection, folder, to_us(now))
            yield batch
            batch.flush()
