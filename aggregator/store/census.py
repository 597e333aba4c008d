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
NEWEST = 100  # articles of a source that tell where it stands in lists
EARLIEST = -(2**63)


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
        """(top category, source), by scope id: in which categories the newest articles of a source are.

        NEWEST of each source are looked at, by index entries only, so it takes as long however many there are. What
        else an article is in is asked in the list of columns: joined, PostgreSQL would read all members for it.
        """
        newest, beside = members.alias(), members.alias()
        first = (
            sa.select(newest.c.arrived)
            .where(newest.c.scope == scopes.c.id)
            .order_by(newest.c.arrived.desc())
            .limit(1)
            .offset(NEWEST - 1)
            .scalar_subquery()
        )
        others = sa.select(sa.func.aggregate_strings(sa.cast(beside.c.scope, sa.Text), " ")).where(
            beside.c.seq == members.c.seq
        )
        tops = sa.select(scopes.c.id).where(scopes.c.kind == ScopeKind.CATEGORY, scopes.c.parent.is_(None))
        found = (
            sa.select(scopes.c.id, others.scalar_subquery())
            .distinct()
            .join(members, members.c.scope == scopes.c.id)
            .where(
                scopes.c.kind == ScopeKind.SOURCE,
                members.c.arrived >= sa.func.coalesce(first, sa.literal(EARLIEST, sa.BigInteger)),
            )
        )
        with self._reading() as connection:
            known = set(connection.execute(tops).scalars())
            return {
                (int(other), source)
                for source, scopes_of_one in connection.execute(found)
                for other in scopes_of_one.split()
                if int(other) in known
            }

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
