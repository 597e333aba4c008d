"""The shared store: SQLAlchemy Core on SQLite (WAL) or PostgreSQL. All SQL of the project is in this package."""

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path

from ..models import FileRow, Outcome, Subject
from .activity import Activity
from .anchor import Anchor
from .backup import Copied, back_up, opened, replace_store
from .batch import Batch, title_hash, visible
from .building import build
from .catalog import Catalog, Followed, followed, present
from .census import Census
from .copying import Progress
from .engine import answering, is_outage, migrate, open_engine, store_exists, writing
from .facts import Facts
from .feeds import Feeds
from .history import History, Past, Run, RunTimes, Stretch, Trend, Volume
from .ledger import FiledProblem, FolderState, Ledger, Notice
from .library import Library
from .lock import lock
from .neighbours import Neighbours
from .patience import READING, within
from .problem_groups import Example, ProblemGroup
from .pulse import Pulse, pulse
from .register import Register
from .retirement import Retirement
from .rows import Held, Known, SourceRow
from .search import Search
from .times import from_us, to_us

__all__ = [
    "READING",
    "Anchor",
    "Batch",
    "Catalog",
    "Example",
    "Facts",
    "Feeds",
    "FileRow",
    "FiledProblem",
    "FolderState",
    "Followed",
    "Held",
    "History",
    "Known",
    "Ledger",
    "Library",
    "Notice",
    "Outcome",
    "Past",
    "ProblemGroup",
    "Pulse",
    "Run",
    "RunTimes",
    "Search",
    "SourceRow",
    "Store",
    "Stretch",
    "Subject",
    "Trend",
    "Volume",
    "answering",
    "from_us",
    "is_outage",
    "store_exists",
    "title_hash",
    "to_us",
    "visible",
    "within",
]


class Store(Activity, Neighbours, Census, Library):
    """A store: what is published (Library), the books on the input side (`ledger`), finding (`search`), and writing
    (`batch`)."""

    def __init__(self, url: str, *, up_to_date: bool = False) -> None:
        """Open the store at a SQLAlchemy URL and bring its schema up to date; see store.engine. Raises StoreError."""
        super().__init__(open_engine(url, up_to_date=up_to_date))
        self.ledger = Ledger(self._engine)
        self.history = History(self._engine)
        self.register = Register(self._engine)
        self.retirement = Retirement(self._engine)
        self.search = Search(self._engine, self._reading)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def anchor(self) -> Anchor:
        """What keeps the store at its place for as long as articles are filed; see store.anchor."""
        return Anchor(self._engine, migrate)

    def pulse(self) -> Pulse:
        """A cheap way to ask for the revision at every request, and what was known last; see store.pulse."""
        return pulse(self._engine)

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Try to be the one who scans `name`, among all processes on this store; see store.lock."""
        return lock(self._engine, name)

    @contextmanager
    def batch(
        self, folder: int | None, now: datetime, feeds: Feeds | None = None, window: int | None = None
    ) -> Iterator[Batch]:
        """A writing transaction on a folder, or on none: all of it is stored when the block ends, or nothing.

        `feeds` are the custom feeds that its articles are given to. `window`: see ScopeKeeper.
        """
        with writing(self._engine).begin() as connection:
            batch = Batch(connection, folder, to_us(now), feeds, window)
            yield batch
            batch.flush()

    def followed(self) -> Followed:
        """The config that the store's sources and custom feeds follow."""
        with self._engine.begin() as connection:
            return followed(connection)

    def back_up(self, file: Path, progress: Progress, *, force: bool = False) -> Copied:
        """Write all of it into one new file; see store.backup."""
        return back_up(self._engine, file, progress, force=force)

    def restore(
        self, file: Path, names: Collection[str], now: datetime, progress: Progress, *, force: bool = False
    ) -> Copied:
        """Bring the store to what a backup holds; see store.backup. `names` are folders that may be scanned."""
        with opened(file) as source:
            return replace_store(self._engine, source, names, now, progress, force=force)

    def take_over(self, other: "Store", now: datetime, progress: Progress, *, force: bool = False) -> Copied:
        """Bring the store to what another one holds; see store.backup."""
        return replace_store(self._engine, other._engine, (), now, progress, force=force)

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
