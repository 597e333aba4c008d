"""The scopes that a writing transaction asks for: each is looked up once, many of them by one query."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy.engine import Connection

from ..models import CategoryPath, ScopeKind
from .bulk import select_rows
from .facts import CHUNK
from .schema import dumps, scopes

_INSERT = scopes.insert().returning(scopes.c.id)


class ScopeRow(NamedTuple):
    """What is asked of a scope. `names` is JSON."""

    id: int
    kind: str
    path: str
    title: str
    names: str
    link: str
    language: str
    opened: int | None


class ScopeRows:
    """Scopes by path, including those made since. Whoever changes one otherwise tells it by `put`."""

    def __init__(self, connection: Connection, time: int) -> None:
        self._connection = connection
        self._time = time
        self._rows: dict[str, ScopeRow | None] = {}
        self._paths: dict[int, str] = {}
        self._named: dict[str, ScopeRow | None] = {}

    def load(self, paths: Iterable[str]) -> None:
        """Bring in what is at these paths."""
        self._select("path", self._rows, paths)

    def load_named(self, names: Iterable[CategoryPath]) -> None:
        """Bring in the categories of these names, wherever they are. It reads all scopes, once."""
        self._select("names", self._named, map(dumps, names))

    def get(self, path: str) -> ScopeRow | None:
        """The scope at a path."""
        self.load((path,))
        return self._rows[path]

    def named(self, names: CategoryPath) -> ScopeRow | None:
        """The category of these names."""
        self.load_named((names,))
        return self._named[dumps(names)]

    def path(self, number: int) -> str:
        """The path of a scope that was asked for here, or made."""
        return self._paths[number]

    def put(self, row: ScopeRow) -> None:
        """Keep what a scope is now."""
        self._rows[row.path] = row
        self._paths[row.id] = row.path
        if row.kind == ScopeKind.CATEGORY:
            self._named[row.names] = row

    def insert(
        self, kind: ScopeKind, path: str, names: CategoryPath, parent: int | None, facts: Mapping[str, str]
    ) -> int:
        """A new scope, still empty: its number. `facts` may give title, link and language."""
        texts = {"title": "", "link": "", "language": "", **facts}
        place = {"kind": kind, "path": path, "names": names, "parent": parent}
        values = {**place, "revision": 0, "size": 0, "changed": self._time, **texts}
        number = int(self._connection.execute(_INSERT, values).scalar_one())
        self.put(ScopeRow(number, kind, path, names=dumps(names), opened=None, **texts))
        return number

    def _select(self, column: str, known: dict[str, ScopeRow | None], values: Iterable[str]) -> None:
        wanted = [value for value in dict.fromkeys(values) if value not in known]
        known.update(dict.fromkeys(wanted))
        for start in range(0, len(wanted), CHUNK):
            chunk = wanted[start : start + CHUNK]
            found = select_rows(self._connection, ScopeRow._fields, scopes.c[column], chunk)
            for row in sorted(map(ScopeRow._make, found), reverse=True):  # of several, the oldest counts
                self.put(row)
