"""Keeping scopes true inside a writing transaction: which exist, what they hold, when they changed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import CategoryPath, Cursor, ScopeKind, Source
from ..slugs import distinct, place
from .bulk import insert_short_rows
from .facts import CHUNK
from .rows import Known, SourceRow
from .schema import dumps, members, scopes
from .scope_rows import ScopeRow, ScopeRows

EVERYTHING = "latest"
SOURCES = "sources/"  # the beginning of every source's path
CATEGORIES = "categories"  # above every category's path

_MEMBER = ("scope", "arrived", "seq")
_GONE = sa.select(scopes.c.id).where(scopes.c.kind == ScopeKind.SOURCE, scopes.c.gone)
_BUMP = (
    scopes.update()
    .where(scopes.c.id == sa.bindparam("b_id"))
    .values(
        revision=scopes.c.revision + 1,
        size=scopes.c.size + sa.bindparam("growth"),
        changed=sa.bindparam("time"),
        withdrawn=sa.case((sa.bindparam("left", type_=sa.Boolean), sa.bindparam("time")), else_=scopes.c.withdrawn),
    )
)


@dataclass(slots=True)
class _Change:
    """What a batch does to scopes: members that come and go, and the scopes whose feeds look different."""

    added: list[tuple[int, int, int]] = field(default_factory=list)
    removed: list[dict[str, int]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    left: dict[int, int] = field(default_factory=dict)  # with the latest arrival of those that left

    def growth(self) -> Counter[int]:
        """How many members scopes get, less those that they lose."""
        growth = Counter([scope for scope, _, _ in self.added])
        growth.subtract(row["b_scope"] for row in self.removed)
        return growth


class ScopeKeeper:
    """The scopes of one batch. Look-ups are cached; changes are written by `flush`.

    Feeds have to tell that an article left them, since nothing that is still in them does. With `window`, the number
    of articles that a feed holds, only those feeds tell it that held the article; without, all of the scopes do.

    `slugs` are the places in paths of those categories that the config names.
    """

    def __init__(
        self,
        connection: Connection,
        time: int,
        window: int | None = None,
        slugs: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._connection = connection
        self._slugs = slugs
        self._time = time
        self._window = window
        self._rows = ScopeRows(connection, time)
        self._known: dict[tuple[int, tuple[CategoryPath, ...]], frozenset[int]] = {}  # see _scopes_of
        self._categories: dict[CategoryPath, int] = {}
        self._sources: dict[tuple[object, ...], SourceRow] = {}
        self._publishers: dict[int, Source] = {}
        self._change = _Change()

    def source(self, slug: str, title: str, link: str, language: str, *, renames: bool) -> SourceRow:
        """A source's scope, made or brought up to date.

        `renames`: the config names this slug, so a source that already has it takes the new title; else a source
        with another title keeps its slug, and this one gets a slug of its own.
        """
        asked = (slug, title, link, language, renames)
        if asked not in self._sources:
            path = f"{SOURCES}{slug}"
            row = self._rows.get(path)
            if row is not None and row.title != title and not renames:
                path = f"{SOURCES}{distinct(slug, title)}"
                row = self._rows.get(path)
            self._sources[asked] = self._true_source(path, row, {"title": title, "link": link, "language": language})
        return self._sources[asked]

    def _true_source(self, path: str, row: ScopeRow | None, facts: dict[str, str]) -> SourceRow:
        slug = path.removeprefix(SOURCES)
        if row is None:
            return SourceRow(self._rows.insert(ScopeKind.SOURCE, path, (facts["title"],), None, facts), slug, None)
        if any(getattr(row, name) != value for name, value in facts.items()):
            names = (facts["title"],)
            self._connection.execute(scopes.update().where(scopes.c.id == row.id).values(names=names, **facts))
            # Its articles are in many feeds and on many pages, and all of them show its name.
            self._connection.execute(scopes.update().values(revision=scopes.c.revision + 1))
            self._change.touched.add(row.id)
            self._rows.put(ScopeRow(row.id, row.kind, path, names=dumps(names), opened=row.opened, **facts))
        return SourceRow(row.id, slug, row.opened)

    def foresee(self, categories: Iterable[tuple[CategoryPath, ...]]) -> None:
        """Look up the categories of all articles of the batch together: those that are where a name leads, and
        those that are elsewhere or nowhere."""
        nodes = {node for paths in set(categories) for node in _nodes(paths)}
        places = {node: "/".join((CATEGORIES, *(place(name, self._slugs) for name in node))) for node in nodes}
        self._rows.load(places.values())
        rows = {node: self._rows.get(path) for node, path in places.items()}
        self._rows.load_named(node for node, row in rows.items() if row is None or row.names != dumps(node))

    def move(
        self, item: Known, before: Known | None, *, feeds: tuple[set[int], set[int]], looks_different: bool
    ) -> None:
        """Bring an article's membership from `before` (None: it is new) to what `item` says.

        `feeds` are the custom feeds that it was in, and those that it belongs to.
        """
        held, wanted = feeds
        old = frozenset() if before is None else self._scopes_of(before) | held
        new = self._scopes_of(item) | wanted
        self.shift(item.seq, item.arrived, old, new, looks_different=looks_different)

    def shift(self, seq: int, arrived: int, old: Set[int], new: Set[int], *, looks_different: bool) -> None:
        """Take an article from the scopes `old` to the scopes `new`."""
        change, joined, left = self._change, new - old, old - new
        change.added += [(scope, arrived, seq) for scope in joined]
        change.removed += [{"b_scope": scope, "b_arrived": arrived, "b_seq": seq} for scope in left]
        # A feed that an unchanged article joins or leaves has no other sign of when it changed.
        for scope in left if looks_different else joined | left:
            change.left[scope] = max(arrived, change.left.get(scope, arrived))
        change.touched |= (old | new) if looks_different else (joined | left)

    def edge(self, scope: int, count: int) -> Cursor | None:
        """The place of the oldest of a scope's newest `count` articles; None when it has fewer."""
        query = (
            sa.select(members.c.arrived, members.c.seq)
            .where(members.c.scope == scope)
            .order_by(members.c.arrived.desc(), members.c.seq.desc())
            .offset(count - 1)
            .limit(1)
        )
        row = self._connection.execute(query).first()
        return None if row is None else Cursor(row.arrived, row.seq)

    def flush(self) -> bool:
        """Write what the batch did to scopes; whether anything was."""
        change, connection = self._change, self._connection
        left = self._left(change)
        if change.removed:
            statement = members.delete().where(
                members.c.scope == sa.bindparam("b_scope"),
                members.c.arrived == sa.bindparam("b_arrived"),
                members.c.seq == sa.bindparam("b_seq"),
            )
            connection.execute(statement, change.removed)
        insert_short_rows(connection, members, _MEMBER, sorted(change.added))
        if change.touched:
            self._bump(change, left)
        return bool(change.touched)

    def _left(self, change: _Change) -> set[int]:
        """The scopes whose feeds have to tell that an article left them."""
        if self._window is None or not change.left:
            return set(change.left)
        window = (
            sa.select(members.c.arrived)
            .where(members.c.scope == scopes.c.id)
            .order_by(members.c.arrived.desc(), members.c.seq.desc())
            .offset(self._window - 1)
            .limit(1)
            .scalar_subquery()
        )
        found: set[int] = set()
        ordered = sorted(change.left)
        for start in range(0, len(ordered), CHUNK):
            query = sa.select(scopes.c.id, window).where(scopes.c.id.in_(ordered[start : start + CHUNK]))
            for scope, oldest in self._connection.execute(query):
                if oldest is None or change.left[scope] >= oldest:
                    found.add(scope)
        return found

    def _bump(self, change: _Change, left: set[int]) -> None:
        growth = change.growth()
        rows = [
            {"b_id": scope, "growth": growth[scope], "left": scope in left, "time": self._time}
            for scope in sorted(change.touched)
        ]
        self._connection.execute(_BUMP, rows)

    def _scopes_of(self, item: Known) -> frozenset[int]:
        if not item.is_published:
            return frozenset()
        asked = item.source, item.categories
        if asked not in self._known:
            nodes = map(self._category, sorted(_nodes(item.categories)))
            self._known[asked] = frozenset({self._everything, item.source, *nodes} - self._gone)
        return self._known[asked]

    @cached_property
    def _gone(self) -> frozenset[int]:
        """The sources whose feeds are gone: their articles are in other feeds only."""
        return frozenset(self._connection.execute(_GONE).scalars())

    def publisher(self, scope: int) -> Source:
        """A source by its scope, with slug and title only."""
        if scope not in self._publishers:
            row = self._connection.execute(sa.select(scopes).where(scopes.c.id == scope)).one()
            self._publishers[scope] = Source(row.path.removeprefix(SOURCES), row.title)
        return self._publishers[scope]

    @cached_property
    def _everything(self) -> int:
        row = self._rows.get(EVERYTHING)
        return row.id if row else self._rows.insert(ScopeKind.ALL, EVERYTHING, (), None, {})

    def _category(self, names: CategoryPath) -> int:
        if names not in self._categories:
            self._categories[names] = self._find_category(names)
        return self._categories[names]

    def _find_category(self, names: CategoryPath) -> int:
        """The node of these names. Two sibling names with one place in URLs: the second gets a place of its own."""
        parent = self._category(names[:-1]) if len(names) > 1 else None
        above = self._rows.path(parent) if parent is not None else CATEGORIES
        path = f"{above}/{place(names[-1], self._slugs)}"
        if (row := self._rows.get(path)) is not None and row.names == dumps(names):
            return row.id
        # A process with another config may have put it elsewhere.
        if (row := self._rows.named(names)) is not None:
            return row.id
        for free in (path, distinct(path, names[-1])):
            if self._rows.get(free) is None:
                return self._rows.insert(ScopeKind.CATEGORY, free, names, parent, {"title": names[-1]})
        message = f"no place in URLs for category {'/'.join(names)}"
        raise ValueError(message)


def _nodes(categories: tuple[CategoryPath, ...]) -> set[CategoryPath]:
    """The nodes of the category tree that paths go through."""
    return {path[:depth] for path in categories for depth in range(1, len(path) + 1)}
