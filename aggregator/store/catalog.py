"""Which sources and custom feeds there are: a writing transaction on scopes themselves."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import ScopeKind
from ..slugs import distinct, place
from .facts import CHUNK
from .feeds import FEEDS
from .rows import PUBLISHED
from .schema import articles, catalog, files, members, problems, scopes
from .scope_rows import ScopeRows
from .scopes import CATEGORIES, SOURCES
from .turn import Turn


@dataclass(frozen=True, slots=True)
class Followed:
    """The config that the store's scopes follow: its digest, and the slugs of sources that go when it drops them."""

    digest: str = ""
    removable: frozenset[str] = frozenset()


def followed(connection: Connection) -> Followed:
    """What the store follows now."""
    row = connection.execute(sa.select(catalog)).first()
    return Followed(row.digest, frozenset(row.removable)) if row else Followed()


def present(connection: Connection, wanted: Collection[str]) -> bool:
    """Whether there is a scope at any of these paths."""
    ordered = sorted(wanted)
    chunks = (ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK))
    queries = (sa.select(scopes.c.id).where(scopes.c.path.in_(chunk)).limit(1) for chunk in chunks)
    return any(connection.execute(query).first() for query in queries)


class Catalog:
    """The sources and custom feeds of the store, by path, in one transaction."""

    def __init__(self, connection: Connection, now: int) -> None:
        self._connection = connection
        self._turn = Turn(connection, now)
        kinds = (ScopeKind.SOURCE, ScopeKind.CUSTOM)
        query = sa.select(scopes).where(scopes.c.kind.in_(kinds))
        self._rows = {row.path: row for row in connection.execute(query)}
        self._changed = False

    def feeds(self) -> list[str]:
        """The slugs of the custom feeds that are not gone."""
        rows = self._rows.values()
        return [row.path.removeprefix(FEEDS) for row in rows if row.kind == ScopeKind.CUSTOM and not row.gone]

    def rename(self, old: str, new: str) -> bool:
        """Give the scope at path `old` the path `new`, together with one that is there; False when there is none."""
        row, other = self._rows.get(old), self._rows.get(new)
        if row is None:
            return False
        if other is None:
            self._set(row, path=new)
        elif row.kind == ScopeKind.SOURCE:
            self._merge(row, other)
        else:
            self._delete(row)
        self._show_names()
        return True

    def rename_source(self, old: str, new: str) -> bool:
        """The same for sources by slug, with what was wrong in their files."""
        self._connection.execute(problems.update().where(problems.c.source == old).values(source=new))
        return self.rename(SOURCES + old, SOURCES + new)

    def describe(self, slug: str, title: str, link: str, language: str) -> None:
        """Say of a source, if it has articles, what the config says of it; one that was gone lives again."""
        row = self._rows.get(SOURCES + slug)
        if row is None:
            return
        facts = {"title": title, "link": link, "language": language}
        if any(getattr(row, name) != value for name, value in facts.items()):
            self._set(row, names=(title,), **facts)
            self._show_names()
        if row.gone:
            self._set(row, gone=False)
            self._refill(row)

    def feed(self, slug: str, title: str) -> str:
        """Make sure of a custom feed; the definition that its members were found by, "" when they were not yet."""
        row = self._rows.get(FEEDS + slug)
        if row is None:
            self._insert(FEEDS + slug, title)
            return ""
        if row.gone or row.title != title:
            self._set(row, gone=False, title=title, names=(title,))
            self._bump([row.id])
        return str(row.definition)

    def define(self, definitions: Mapping[str, str]) -> None:
        """Keep by which definitions the members of custom feeds were found; "" while they are being found."""
        for slug, definition in definitions.items():
            self._set(self._rows[FEEDS + slug], definition=definition)

    def dismiss(self, path: str) -> bool:
        """Let a scope be gone; False when there is none, or was before."""
        row = self._rows.get(path)
        if row is None or row.gone:
            return False
        self._connection.execute(members.delete().where(members.c.scope == row.id))
        self._set(row, gone=True, definition="", size=0, withdrawn=self._turn.time)
        self._bump([row.id])
        return True

    def place_categories(self, slugs: Mapping[str, str]) -> None:
        """Give every category the path that the config's slugs make; of two that want one, a configured slug has it,
        else the older category."""
        kind = scopes.c.kind == ScopeKind.CATEGORY
        rows = self._connection.execute(
            sa.select(scopes.c.id, scopes.c.path, scopes.c.names, scopes.c.parent).where(kind)
        )
        ordered = sorted(rows, key=lambda row: (len(row.names), row.names[-1] not in slugs, row.id))
        paths: dict[int, str] = {}
        taken: set[str] = set()
        for row in ordered:
            above = CATEGORIES if row.parent is None else paths[row.parent]
            path = f"{above}/{place(row.names[-1], slugs)}"
            paths[row.id] = distinct(path, row.names[-1]) if path in taken else path
            taken.add(paths[row.id])
        moved = {row.id: paths[row.id] for row in ordered if paths[row.id] != row.path}
        for number in moved:  # out of each other's way
            self._connection.execute(scopes.update().where(scopes.c.id == number).values(path=f"moving/{number}"))
        for number, path in moved.items():
            self._connection.execute(scopes.update().where(scopes.c.id == number).values(path=path))
        if moved:
            self._bump(moved)

    def follow(self, config: Followed) -> None:
        """Keep which config the store follows."""
        self._connection.execute(catalog.delete())
        values = {"id": 1, "digest": config.digest, "removable": sorted(config.removable)}
        self._connection.execute(catalog.insert().values(values))

    def end(self) -> None:
        """Finish the transaction's books."""
        self._turn.end(changed=self._changed)

    def _insert(self, path: str, title: str) -> None:
        ScopeRows(self._connection, self._turn.time).insert(ScopeKind.CUSTOM, path, (title,), None, {"title": title})
        self._reload(path)
        self._changed = True

    def _merge(self, row: sa.Row[Any], other: sa.Row[Any]) -> None:
        """Give a source's articles to another one, which then has all of both."""
        for table in (articles, files):
            self._connection.execute(table.update().where(table.c.source == row.id).values(source=other.id))
        opened = [moment for moment in (row.opened, other.opened) if moment is not None]
        self._delete(row)
        self._set(other, opened=min(opened, default=None))
        if not other.gone:
            self._refill(other)

    def _refill(self, row: sa.Row[Any]) -> None:
        """Make a source's members anew from its articles."""
        self._connection.execute(members.delete().where(members.c.scope == row.id))
        own = sa.and_(articles.c.source == row.id, PUBLISHED)
        found = sa.select(articles.c.source, articles.c.arrived, articles.c.seq).where(own)
        self._connection.execute(members.insert().from_select(["scope", "arrived", "seq"], found))
        size = sa.select(sa.func.count()).select_from(members).where(members.c.scope == row.id).scalar_subquery()
        self._set(row, size=size, withdrawn=self._turn.time)
        self._bump([row.id])

    def _delete(self, row: sa.Row[Any]) -> None:
        self._connection.execute(members.delete().where(members.c.scope == row.id))
        self._connection.execute(scopes.delete().where(scopes.c.id == row.id))
        del self._rows[row.path]

    def _show_names(self) -> None:
        """The articles of a source are in many feeds and on many pages, and all of them show its name."""
        values = {"revision": scopes.c.revision + 1, "withdrawn": self._turn.time}
        self._connection.execute(scopes.update().values(values))
        self._changed = True

    def _bump(self, ids: Collection[int]) -> None:
        values = {"revision": scopes.c.revision + 1, "changed": self._turn.time}
        self._connection.execute(scopes.update().where(scopes.c.id.in_(ids)).values(values))
        self._changed = True

    def _set(self, row: sa.Row[Any], **values: Any) -> None:
        self._connection.execute(scopes.update().where(scopes.c.id == row.id).values(**values))
        del self._rows[row.path]
        self._reload(values.get("path", row.path))

    def _reload(self, path: str) -> None:
        self._rows[path] = self._connection.execute(sa.select(scopes).where(scopes.c.path == path)).one()
