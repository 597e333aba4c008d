"""The published side of the store as it was at one moment, for whoever reads all of it: one read transaction.

Beside what a library tells, it lists what there is without texts, so that a reader who knows what it read the last
time finds out what changed, and reads no more than that.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..models import Scope, Source
from . import rows
from .activity import Activity
from .census import Census
from .engine import answering
from .neighbours import SAME_TITLE_WITHIN, TELLING_BODY, Neighbours
from .schema import articles, members, scopes
from .times import MICROSECOND

if TYPE_CHECKING:
    from . import Store

_AT_ONCE = 2000  # rows


class Listed(NamedTuple):
    """A published article without its texts. `source` is the number of its source's scope; of two versions of an
    article, the later has a later `changed`. Times in microseconds since 1970."""

    arrived: int
    seq: int
    id: str
    changed: int
    source: int


class Snapshot(Activity, Neighbours, Census):
    """A library at one moment. Each call raises StoreError when the database does not answer."""

    def __init__(self, engine: Engine, connection: Connection) -> None:
        super().__init__(engine)
        self._connection = connection

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with answering():
            yield self._connection

    def members(self, scope: Scope) -> list[Listed]:
        """The articles of a scope in the order of its feed's pages: newest first by arrival."""
        query = (
            sa.select(members.c.arrived, members.c.seq, articles.c.id, articles.c.changed, articles.c.source)
            .join(articles, articles.c.seq == members.c.seq)
            .where(members.c.scope == scope.id)
            .order_by(members.c.arrived.desc(), members.c.seq.desc())
        )
        return self._listed(query)

    def by_publication(self, source: Scope) -> list[Listed]:
        """The articles of a source in the order in which their pages follow each other: newest first."""
        query = (
            sa.select(articles.c.arrived, articles.c.seq, articles.c.id, articles.c.changed, articles.c.source)
            .where(articles.c.source == source.id, rows.PUBLISHED)
            .order_by(articles.c.published.desc(), articles.c.id)
        )
        return self._listed(query)

    def sources(self) -> dict[int, Source]:
        """All sources that there ever were, by the number of their scope."""
        query = sa.select(scopes.c.id, scopes.c.path, scopes.c.title, scopes.c.link, scopes.c.language).where(
            scopes.c.path.startswith("sources/")
        )
        with self._reading() as connection:
            return {
                row.id: Source(row.path.removeprefix("sources/"), row.title, row.link, row.language)
                for row in connection.execute(query)
            }

    def related(self) -> dict[int, list[tuple[str, str, int, int]]]:
        """Source → (article, the same article in another source, that source, when it last changed), sorted.

        What is the same is `Neighbours.versions`'s to say, whose rules these are. It takes three walks along indexes,
        and a look at what is in several sources.
        """
        here, other = articles.alias("here"), articles.alias("other")
        within = SAME_TITLE_WITHIN // MICROSECOND
        near = other.c.published.between(here.c.published - within, here.c.published + within)
        rules = {
            "content_hash": sa.true(),
            "title_hash": near,
            "body_hash": sa.func.length(here.c.content) >= TELLING_BODY,
        }
        found: dict[int, set[tuple[str, str, int, int]]] = defaultdict(set)
        with self._reading() as connection:
            for name, rule in rules.items():
                shared = (
                    sa.select(articles.c[name])
                    .group_by(articles.c[name])
                    .having(sa.func.min(articles.c.source) != sa.func.max(articles.c.source))
                )
                query = (
                    sa.select(here.c.source, here.c.id, other.c.id, other.c.source, other.c.changed)
                    .join(other, sa.and_(other.c[name] == here.c[name], other.c.source != here.c.source))
                    .where(here.c[name].in_(shared), rule, *map(_is_published, (here, other)))
                )
                for source, *pair in connection.execute(query):
                    found[source].add((pair[0], pair[1], pair[2], pair[3]))
        return {source: sorted(pairs) for source, pairs in found.items()}

    def _listed(self, query: sa.Select[tuple[int, int, str, int, int]]) -> list[Listed]:
        with self._reading() as connection:
            result = connection.execute(query, execution_options={"yield_per": _AT_ONCE})
            return [Listed._make(row) for row in result]


@contextmanager
def snapshot(store: "Store") -> Iterator[Snapshot]:
    """What is published at this moment, whatever is filed until the block ends. Raises StoreError."""
    engine = store._engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with answering(), engine.begin() as connection:
        found = Snapshot(engine, connection)
        found.revision()  # SQLite takes the moment at the first query
        yield found


def _is_published(table: sa.FromClause) -> sa.ColumnElement[bool]:
    """rows.PUBLISHED of an alias."""
    return sa.and_(table.c.live, table.c.held == rows.Held.NOT.value)
