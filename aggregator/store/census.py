"""What is read of the whole store at once, for lists of what there is. Bodies of articles are never read here."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from ..models import ScopeKind
from .library import Library
from .rows import PUBLISHED
from .schema import articles, members, scopes
from .times import from_us

BLOCK = 10_000  # articles; a fifth of what a sitemap may hold, so that one is small in memory and quick to make


@dataclass(frozen=True, slots=True)
class Block:
    """The published articles of one block, in the order in which they were filed: id and time of the last update.

    `changed` is when any article of the block last changed, or was withdrawn.
    """

    articles: tuple[tuple[str, datetime], ...]
    changed: datetime


class Census(Library):
    """The library with what lists of all sources and all articles need.

    Articles are counted off in blocks by the order in which they were filed, so an article stays in its block
    for ever, and only the last block grows.
    """

    def publishers(self) -> set[tuple[int, int]]:
        """(top category, source), by scope id: which sources have published articles in which category.

        One query on the index of members, about a second for a million articles. It asks for all scopes that share
        articles with a category and leaves it to Python to pick out the sources: with a condition on both sides
        SQLite begins at the wrong one, which takes minutes.
        """
        sources = sa.select(scopes.c.id).where(scopes.c.kind == ScopeKind.SOURCE)
        tops = sa.select(scopes.c.id).where(scopes.c.kind == ScopeKind.CATEGORY, scopes.c.parent.is_(None))
        beside = members.alias()
        shared = (
            sa.select(members.c.scope, beside.c.scope)
            .distinct()
            .join(beside, beside.c.seq == members.c.seq)
            .where(members.c.scope.in_(tops))
        )
        with self._reading() as connection:
            known = set(connection.execute(sources).scalars())
            return {(category, other) for category, other in connection.execute(shared) if other in known}

    def blocks(self) -> list[int]:
        """The numbers of the blocks that hold a published article; the first is 1. One step of an index for each."""
        after = sa.bindparam("after", type_=sa.BigInteger)
        following = sa.select(sa.func.min(members.c.seq)).where(members.c.seq > after)
        numbers: list[int] = []
        with self._reading() as connection:
            while seq := connection.execute(following, {"after": numbers[-1] * BLOCK if numbers else 0}).scalar():
                numbers.append((seq - 1) // BLOCK + 1)
        return numbers

    def block(self, number: int) -> Block | None:
        """A block's articles, by one range of the primary key; None when it holds none."""
        query = (
            sa.select(articles.c.id, articles.c.updated, articles.c.changed, PUBLISHED.label("published"))
            .where(articles.c.seq > (number - 1) * BLOCK, articles.c.seq <= number * BLOCK)
            .order_by(articles.c.seq)
        )
        with self._reading() as connection:
            rows = connection.execute(query).all()
        published = tuple((row.id, from_us(row.updated)) for row in rows if row.published)
        return Block(published, from_us(max(row.changed for row in rows))) if published else None
