"""What retention asks of the store: which articles of a source are beyond a rule. Ranges of an index, in chunks."""

from collections.abc import Collection, Generator, Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from .rows import Held
from .schema import articles, files, folders, members, scopes
from .scopes import SOURCES

AT_ONCE = 20  # articles in memory, since bodies can be long


_SOURCES = sa.select(scopes.c.path, scopes.c.id).where(scopes.c.kind == "source")


class Retirement:
    """Questions about what a source keeps. Articles are named by their numbers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sources(self, slugs: Iterable[str]) -> dict[str, int]:
        """The numbers of sources by slug; those without articles are left out."""
        paths = [SOURCES + slug for slug in slugs]
        return self._sources(sa.select(scopes.c.path, scopes.c.id).where(scopes.c.path.in_(paths))) if paths else {}

    def sources_in(self, folder: str, numbers: Collection[int]) -> Collection[int]:
        """Which of these sources any file of a folder ever belonged to. `folder` is as the config writes it.

        Goes through all files of the folder.
        """
        number = sa.select(folders.c.id).where(folders.c.path == folder).scalar_subquery()
        query = sa.select(files.c.source).where(files.c.folder == number, files.c.source.in_(sorted(numbers)))
        with self._engine.begin() as connection:
            return set(connection.execute(query.distinct()).scalars())

    def sources_older(self, before: int) -> dict[str, int]:
        """The sources that have articles which `older` finds."""
        # A look into the index for each source; PostgreSQL would make a join of EXISTS, and go through all articles.
        found = sa.select(articles.c.seq).where(*_is_older(scopes.c.id, before)).limit(1).scalar_subquery()
        return self._sources(_SOURCES.where(found.is_not(None)))

    def sources_larger(self, keep: int) -> dict[str, int]:
        """The sources of which `surplus` finds articles."""
        return self._sources(_SOURCES.where(scopes.c.size > keep))

    def older(self, source: int, before: int, limit: int) -> Collection[int]:
        """Articles that were published before a time (microseconds), withdrawn ones too; not those held back."""
        query = sa.select(articles.c.seq).where(*_is_older(source, before)).limit(limit)
        with self._engine.begin() as connection:
            return connection.execute(query).scalars().all()

    def surplus(self, source: int, keep: int, limit: int) -> Collection[int]:
        """The oldest by arrival of a source's published articles, as many as it has beyond `keep`."""
        size = sa.select(scopes.c.size).where(scopes.c.id == source)
        oldest = (
            sa.select(members.c.seq)
            .where(members.c.scope == source)
            .order_by(members.c.arrived, members.c.seq)
            .limit(sa.bindparam("beyond", type_=sa.Integer))
        )
        with self._engine.begin() as connection:
            beyond = connection.execute(size).scalar_one() - keep
            if beyond <= 0:
                return ()
            return connection.execute(oldest, {"beyond": min(beyond, limit)}).scalars().all()

    def contents(self, seqs: Collection[int]) -> Generator[tuple[int, str, str]]:
        """Number, content hash and HTML of articles, a few at a time."""
        query = sa.select(articles.c.seq, articles.c.content_hash, articles.c.content).where(articles.c.seq.in_(seqs))
        with self._engine.begin() as connection:
            for row in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
                yield row.seq, row.content_hash, row.content

    def _sources(self, query: sa.Select[tuple[str, int]]) -> dict[str, int]:
        with self._engine.begin() as connection:
            return {row.path.removeprefix(SOURCES): row.id for row in connection.execute(query)}


def _is_older(source: int | sa.Column[int], before: int) -> Iterator[sa.ColumnElement[bool]]:
    """A range of an index."""
    yield articles.c.source == source
    yield articles.c.live.in_([True, False])
    yield articles.c.held == Held.NOT.value
    yield articles.c.published < before
