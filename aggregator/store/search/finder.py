"""Finding articles: candidates from the index, newest first, then a look at their texts.

The index tells which articles have the query's tokens, `members` which of them are published and in what order they
arrived. Phrases are compared with the stored texts, which is exact, so both databases find the same. All of it is
bounded: the newest MAX_HITS are ranked, and no more texts are compared than MAX_COMPARISONS allows.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ...models import Cursor, Filed
from .. import rows
from ..schema import articles, scopes
from ..schema import state as store_state
from ..scopes import EVERYTHING
from ..times import from_us
from .engines import FullText
from .query import Plan, Query
from .ranking import Hit, ranked
from .schema import state, texts

MAX_HITS = 1000  # that are counted and ranked
MAX_COMPARISONS = 40_000  # of a text with a pattern, in one search: about 0.15 s
AT_ONCE = 500  # texts
RANKED = 8_000  # characters of a text by which it is ranked, so that a thousand long ones are no burden

NEWEST = Cursor(2**63 - 1, 2**63 - 1)

Reading = Callable[[], AbstractContextManager[Connection]]

# The order of this join is told to SQLite by CROSS JOIN, to PostgreSQL by MATERIALIZED: walking `members` in the
# hope of a match soon would take seconds for a rare word.
_CANDIDATES = """
WITH matched AS MATERIALIZED ({matched})
SELECT members.seq, members.arrived FROM matched CROSS JOIN members
WHERE members.seq = matched.seq AND members.scope = (SELECT id FROM scopes WHERE path = :everything)
  AND (members.arrived, members.seq) < (:arrived, :seq)
ORDER BY members.arrived DESC, members.seq DESC LIMIT :limit
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Articles, best first. `total` counts all hits; `more`: there are more than that."""

    articles: list[Filed]
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Window:
    """Articles, newest first by arrival. `next` is the place behind which older ones may be, None at the end."""

    articles: list[Filed]
    next: Cursor | None


class Finder:
    """The reading side of search. `reading` opens a read transaction; what it raises, these raise."""

    def __init__(self, index: FullText, reading: Reading) -> None:
        self._index = index
        self._reading = reading
        self._candidates = sa.text(_CANDIDATES.format(matched=index.matched))

    def revision(self) -> tuple[int, int]:
        """Two numbers, one of which grows with every change of what searches find."""
        store = sa.select(store_state.c.revision).scalar_subquery()
        with self._reading() as connection:
            row = connection.execute(sa.select(sa.func.coalesce(store, 0), state.c.revision)).one()
        return row[0], row[1]

    def edited(self) -> datetime:
        """When a text that is in no result any more was last changed or withdrawn."""
        with self._reading() as connection:
            return from_us(connection.execute(sa.select(state.c.edited)).scalar_one())

    def find(self, query: Query, limit: int, offset: int = 0) -> Found:
        """The best hits of a query, behind the first `offset`. A query that asks for nothing finds nothing."""
        with self._reading() as connection:
            search = self._search(connection, query.plan, NEWEST, MAX_HITS + 1)
            hits = list(islice(search.hits(), MAX_HITS + 1))
            best = ranked(hits[:MAX_HITS], [term.pattern for term in query.wanted])[offset : offset + limit]
            found = _filed(connection, best)
        return Found(found, min(len(hits), MAX_HITS), len(hits) > MAX_HITS or search.is_cut)

    def newest(self, query: Query, limit: int, before: Cursor | None = None) -> Window:
        """The newest hits by arrival; with `before`, the newest of those that arrived before that place.

        Where very many candidates turn out to be none, there may be fewer than `limit`, and a `next` all the same.
        """
        with self._reading() as connection:
            search = self._search(connection, query.plan, before or NEWEST, limit + 1)
            hits = list(islice(search.hits(), limit + 1))
            found = _filed(connection, hits[:limit])
        if len(hits) > limit:
            return Window(found, Cursor(hits[limit - 1].arrived, hits[limit - 1].seq))
        return Window(found, search.last if search.is_cut else None)

    def _search(self, connection: Connection, plan: Plan, before: Cursor, wanted: int) -> "_Search":
        comparisons = len(plan.present) + len(plan.absent)
        limit = max(wanted, MAX_COMPARISONS // comparisons) if comparisons else wanted
        expression = self._index.expression(plan) if plan.wanted else ""
        values = {"expression": expression, "everything": EVERYTHING, "limit": limit, **before._asdict()}
        return _Search(connection, self._candidates, values, self._conditions(plan))

    def _conditions(self, plan: Plan) -> list[sa.ColumnElement[bool]]:
        def has(pattern: str) -> sa.ColumnElement[bool]:
            return sa.or_(self._index.holds(texts.c.title, pattern), self._index.holds(texts.c.body, pattern))

        return [*map(has, plan.present), *(sa.not_(has(pattern)) for pattern in plan.absent)]


class _Search:
    """One search under way. `last` is the last candidate that was looked at."""

    def __init__(
        self,
        connection: Connection,
        candidates: sa.TextClause,
        values: dict[str, Any],
        conditions: list[sa.ColumnElement[bool]],
    ) -> None:
        self._connection = connection
        self._candidates = candidates
        self._values = values
        self._conditions = conditions
        self._limit: int = values["limit"]
        self._seen = 0
        self.last: Cursor | None = None

    @property
    def is_cut(self) -> bool:
        """Whether it ended because enough was looked at, so that there may be more."""
        return self._seen >= self._limit

    def hits(self) -> Iterator[Hit]:
        """The hits, newest first."""
        if not self._values["expression"]:
            return
        candidates = self._connection.execute(self._candidates, self._values)
        for chunk in candidates.partitions(AT_ONCE):
            body = sa.func.substr(texts.c.body, 1, RANKED).label("body")
            query = sa.select(texts.c.seq, texts.c.title, body).where(
                texts.c.seq.in_([row.seq for row in chunk]), *self._conditions
            )
            found = {row.seq: row for row in self._connection.execute(query)}
            self._seen += len(chunk)
            self.last = Cursor(chunk[-1].arrived, chunk[-1].seq)
            for seq, arrived in chunk:
                if seq in found:
                    yield Hit(seq, arrived, found[seq].title, found[seq].body)


def _filed(connection: Connection, hits: Sequence[Hit]) -> list[Filed]:
    """The articles themselves, in this order."""
    query = (
        sa.select(*rows.FILED_COLUMNS)
        .join(scopes, scopes.c.id == articles.c.source)
        .where(articles.c.seq.in_([hit.seq for hit in hits]))
    )
    found = {filed.seq: filed for filed in map(rows.filed, connection.execute(query))}
    return [found[hit.seq] for hit in hits if hit.seq in found]
