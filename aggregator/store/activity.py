"""Who publishes how much: articles a day of every source, and the sources of a category."""

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import Scope, ScopeKind
from .library import Library
from .schema import members, scopes
from .times import SECOND

DAY = 24 * 60 * 60 * SECOND
DAYS = 30
RECENT = 2000  # of a scope's articles: what a small and a large one can afford alike


def daily(connection: Connection, last: int) -> dict[str, tuple[int, ...]]:
    """Source path → its new articles on each of DAYS days (UTC), the oldest day first; `last` is the number of the
    last one since 1970.

    Days count by arrival, which is the publication date in a source's first import. Sources without a new article
    are left out. The query reads index entries of these days only.
    """
    first = last - DAYS + 1
    day = (members.c.arrived // DAY).label("day")
    counted = (
        sa.select(scopes.c.path, day, sa.func.count())
        .join(members, members.c.scope == scopes.c.id)
        .where(
            scopes.c.kind == ScopeKind.SOURCE,
            members.c.arrived >= sa.bindparam("start", type_=sa.BigInteger),
            members.c.arrived < sa.bindparam("end", type_=sa.BigInteger),
        )
        .group_by(scopes.c.path, day)
    )
    counts: dict[str, list[int]] = {}
    for path, when, count in connection.execute(counted, {"start": first * DAY, "end": (last + 1) * DAY}):
        counts.setdefault(path, [0] * DAYS)[when - first] = count
    return {path: tuple(found) for path, found in counts.items()}


class Activity(Library):
    """The library with what pages tell of sources. Every query reads index entries only."""

    def activity(self) -> dict[str, tuple[int, ...]]:
        """What `daily` tells of the days that end with that of the newest article in the store, so that no clock is
        needed."""
        newest = (
            sa.select(members.c.arrived)
            .where(members.c.scope == sa.select(scopes.c.id).where(scopes.c.kind == ScopeKind.ALL).scalar_subquery())
            .order_by(members.c.arrived.desc())
            .limit(1)
        )
        with self._reading() as connection:
            last = connection.execute(newest).scalar()
            return {} if last is None else daily(connection, last // DAY)

    def sources_in(self, scope: Scope) -> dict[str, int]:
        """Source path → how many of the scope's newest articles (RECENT of them) it published."""
        newest = (
            sa.select(members.c.seq)
            .where(members.c.scope == scope.id)
            .order_by(members.c.arrived.desc(), members.c.seq.desc())
            .limit(RECENT)
            .subquery()
        )
        query = (
            sa.select(scopes.c.path, sa.func.count())
            .select_from(newest)
            .join(members, members.c.seq == newest.c.seq)
            .join(scopes, scopes.c.id == members.c.scope)
            .where(scopes.c.kind == ScopeKind.SOURCE)
            .group_by(scopes.c.path)
        )
        with self._reading() as connection:
            return {row[0]: row[1] for row in connection.execute(query)}
