"""What there is to subscribe to: all sources and categories at one revision of the store."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from aggregator.models import CategoryPath, Scope, ScopeKind

from .selection import Library

TREE_DEPTH = 2  # levels of the tree at once; a category's own page shows the next ones
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Node:
    """A category with those below it."""

    scope: Scope
    children: tuple["Node", ...]


class Directory:
    """Sources by title, categories as a tree. Empty categories are not shown."""

    def __init__(self, sources: Iterable[Scope], categories: Iterable[Scope]) -> None:
        self.sources = sorted(sources, key=lambda scope: (scope.title.casefold(), scope.path))
        self._categories = [scope for scope in categories if scope.size]
        self._below: dict[int | None, list[Scope]] = defaultdict(list)
        for scope in self._categories:
            self._below[scope.parent].append(scope)
        self._by_names = {scope.names: scope for scope in self._categories}

    @classmethod
    def load(cls, library: Library) -> "Directory":
        """What the store has now."""
        return cls(library.scopes(ScopeKind.SOURCE), library.scopes(ScopeKind.CATEGORY))

    def tree(self, below: Scope | None = None, depth: int = TREE_DEPTH) -> tuple[Node, ...]:
        """The categories below one, or all, `depth` levels of them."""
        if depth == 0:
            return ()
        scopes = self._below.get(below.id if below else None, ())
        return tuple(Node(scope, self.tree(scope, depth - 1)) for scope in scopes)

    def trail(self, names: CategoryPath) -> tuple[Scope, ...]:
        """The categories on the way to one, from the top; itself is the last."""
        steps = (self._by_names.get(names[:depth]) for depth in range(1, len(names) + 1))
        return tuple(scope for scope in steps if scope is not None)

    def nearest(self, path: str) -> tuple[Scope, ...]:
        """The scopes whose last names look most like the last one of a path that does not exist."""
        by_name: dict[str, Scope] = {}
        for scope in (*self._categories, *self.sources):  # of two with one name the source wins
            by_name[_last(scope.path)] = scope
        matches = get_close_matches(_last(path)[:64], by_name, SUGGESTIONS)
        return tuple(by_name[name] for name in matches)


def _last(path: str) -> str:
    return path.rpartition("/")[2].casefold()
