"""What is read from the store for publishing: scopes, windows of articles, single articles."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..models import Cursor, Filed, Scope, ScopeKind
from . import rows
from .engine import answering
from .patience import ASKING, READING, within
from .pulse import refuse_away
from .schema import articles, folders, members, scopes, state


class Library:
    """The published side of the store. Every call is one short read transaction and sees one state of the store.

    Each raises StoreError when the database does not answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        refuse_away(self._engine)
        with answering(), within(READING), self._engine.begin() as connection:
            yield connection

    def revision(self) -> int:
        """A number that grows with every change of what is published."""
        with self._reading() as connection:
            return connection.execute(sa.select(state.c.revision)).scalar() or 0

    def ready(self) -> bool:
        """Whether the store answers and the first scan of every folder was done, or failed for a reason it keeps."""
        waiting = sa.and_(folders.c.scanned.is_(None), folders.c.failures == 0)
        with within(ASKING), self._reading() as connection:
            states = connection.execute(sa.select(waiting)).scalars().all()
        return bool(states) and not any(states)

    def scope(self, path: str) -> Scope | None:
        """The scope at a URL path (see models.Scope), None when there is none."""
        with self._reading() as connection:
            row = connection.execute(_SCOPE, {"at": path}).first()
        return None if row is None else rows.scope(row)

    def scopes(self, kind: ScopeKind) -> list[Scope]:
        """All scopes of a kind, by path."""
        with self._reading() as connection:
            found = [rows.scope(row) for row in connection.execute(sa.select(scopes).where(scopes.c.kind == kind))]
        return rows.by_path(found)

    def window(self, scope: Scope, limit: int, before: Cursor | None = None) -> list[Filed]:
        """The scope's newest articles by arrival, newest first, with their bodies.

        With `before`, the newest of those that arrived before that place. Whatever the store holds, and however deep
        the place is, this reads `limit` entries of one index.
        """
        with self._reading() as connection:
            found = connection.execute(_window(paged=before is not None), _place(scope.id, limit, before))
            return [rows.filed(row) for row in found]

    def article(self, id: str) -> Filed | None:  # noqa: A002 (the models' own word)
        """The article with this id; None when it is unknown, withdrawn or kept back."""
        query = (
            sa.select(*rows.FILED_COLUMNS)
            .join(scopes, scopes.c.id == articles.c.source)
            .where(articles.c.id == id, rows.PUBLISHED)
        )
        with self._reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else rows.filed(row)

    def gone(self, path: str) -> bool:
        """Whether something was once at a URL path and was taken away: at `articles/<id>` an article
        that is published no more, or a scope that the config removed."""
        kind, _, name = path.partition("/")
        if kind == "articles":
            query = sa.select(sa.not_(rows.PUBLISHED)).where(articles.c.id == name)
        else:
            query = sa.select(scopes.c.gone).where(scopes.c.path == path)
        with self._reading() as connection:
            return bool(connection.execute(query).scalar())


def window_query(scope: int, limit: int, before: Cursor | None = None) -> sa.Select[Any]:
    """The query behind `Library.window`."""
    return _window(paged=before is not None).params(_place(scope, limit, before))


def _place(scope: int, limit: int, before: Cursor | None) -> dict[str, int]:
    given = {"scope": scope, "most": limit}
    return given if before is None else given | before._asdict()


@cache
def _window(*, paged: bool) -> sa.Select[Any]:
    """The newest articles of a scope, or those before a place. It is made once: that takes longer than to run it.

    The articles' numbers are selected by index first, so that bodies are read for these rows only. Pages begin at a
    place in the index and never count rows from the top, which would take longer with every page and shift as
    articles arrive.
    """
    newest = (
        sa.select(members.c.seq)
        .where(members.c.scope == sa.bindparam("scope"))
        .order_by(members.c.arrived.desc(), members.c.seq.desc())
        .limit(sa.bindparam("most", type_=sa.Integer))
    )
    if paged:
        place = [sa.bindparam(name, type_=members.c[name].type) for name in Cursor._fields]
        newest = newest.where(sa.tuple_(members.c.arrived, members.c.seq) < sa.tuple_(*place))
    chosen = newest.subquery("chosen")
    return (
        sa.select(*rows.FILED_COLUMNS)
        .join(chosen, chosen.c.seq == articles.c.seq)
        .join(scopes, scopes.c.id == articles.c.source)
        .order_by(articles.c.arrived.desc(), articles.c.seq.desc())
    )


_SCOPE = sa.select(scopes).where(scopes.c.path == sa.bindparam("at"))
