"""What retention asks of the store: which articles of a source are beyond a rule. Ranges of an index, in chunks."""

from collections.abc import Collection, Generator, Iterable

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from .rows import Held
from .schema import articles, files, folders, members, scopes
from .scopes import SOURCES

AT_ONCE = 20  # articles in memory, since bodies can be long


class Retirement:
    """Questions about what a source keeps. Articles are named by their numbers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sources(self, slugs: Iterable[str]) -> dict[str, int]:
        """The numbers of sources by slug; those without articles are left out."""
        paths = [SOURCES + slug for slug in slugs]
        return self._sources(sa.select(scopes.c.path, scopes.c.id).where(scopes.c.path.in_(paths))) if paths else {}

    def sources_in(self, folder: str) -> dict[str, int]:
        """The sources that any file of a folder ever belonged to. `folder` is as the config writes it."""
        number = sa.select(folders.c.id).where(folders.c.path == folder).scalar_subquery()
        found = sa.select(files.c.source).where(files.c.folder == number).distinct()
        return self._sources(sa.select(scopes.c.path, scopes.c.id).where(scopes.c.id.in_(found)))

    def older(self, source: int, before: int, limit: int) -> Collection[int]:
        """Articles that were published before a time (microseconds), withdrawn ones too; not those held back."""
        query = (
            sa.select(articles.c.seq)
            .where(articles.c.source == source, articles.c.live.in_([True, False]))
            .where(articles.c.held == Held.NOT.value, articles.c.published < before)
            .limit(limit)
        )
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
