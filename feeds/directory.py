"""What there is to subscribe to: all sources, categories and custom feeds at one revision of the store."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from aggregator.models import CategoryPath, Scope, ScopeKind

from .drawing import Graph, Monogram, graph, monogram
from .selection import Library
from .surroundings import surroundings

TREE_DEPTH = 2  # levels of the tree at once; a category's own page shows the next ones
SUGGESTIONS = 5
MAX_COMPARED = 1000  # names; takes 2 ms


@dataclass(frozen=True, slots=True)
class Node:
    """A category with those below it."""

    scope: Scope
    children: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Publisher:
    """A source as pages show it. `graph` is None where its activity is not known."""

    scope: Scope
    icon: Monogram
    graph: Graph | None


class Directory:
    """Sources and custom feeds by title, categories as a tree. Empty categories are not shown."""

    def __init__(
        self,
        sources: Iterable[Scope],
        categories: Iterable[Scope],
        custom: Iterable[Scope] = (),
        activity: Mapping[str, Sequence[int]] | None = None,
    ) -> None:
        self._sources = sorted(sources, key=_by_title)
        self.custom = sorted(custom, key=_by_title)
        self._categories = [scope for scope in categories if scope.size]
        self._activity = activity or {}
        self._below: dict[int | None, list[Scope]] = defaultdict(list)
        for scope in self._categories:
            self._below[scope.parent].append(scope)
        self._by_names = {scope.names: scope for scope in self._categories}

    @classmethod
    def load(cls, library: Library) -> "Directory":
        """What the store has now."""
        sources, categories, custom = (
            [scope for scope in library.scopes(kind) if not scope.gone]
            for kind in (ScopeKind.SOURCE, ScopeKind.CATEGORY, ScopeKind.CUSTOM)
        )
        return cls(sources, categories, custom, surroundings(library).activity())

    @cached_property
    def publishers(self) -> dict[str, Publisher]:
        """The sources by path, sorted by title."""
        return {scope.path: self._publisher(scope) for scope in self._sources}

    @cached_property
    def liveliest(self) -> tuple[Publisher, ...]:
        """The sources with the most articles lately first; of those with none, the larger first."""
        return tuple(sorted(self.publishers.values(), key=_liveliness))

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
        """The scopes whose last names look most like the last one of a path that does not exist.

        Of very many, only some with the same first letter are compared: anybody can ask for what does not exist, any
        number of times.
        """
        by_name, name = self._by_last_name, _last(path)[:64]
        names = list(by_name)
        if len(names) > MAX_COMPARED:
            names = [known for known in names if known[:1] == name[:1]][:MAX_COMPARED]
        return tuple(by_name[match] for match in get_close_matches(name, names, SUGGESTIONS))

    @cached_property
    def _by_last_name(self) -> dict[str, Scope]:
        # Of those with one name the source wins.
        return {_last(scope.path): scope for scope in (*self._categories, *self.custom, *self._sources)}

    def _publisher(self, scope: Scope) -> Publisher:
        counts = self._activity.get(scope.path)
        return Publisher(scope, monogram(scope.title, scope.path), graph(counts) if counts else None)


def _by_title(scope: Scope) -> tuple[str, str]:
    return scope.title.casefold(), scope.path


def _liveliness(publisher: Publisher) -> tuple[int, int, tuple[str, str]]:
    return -(publisher.graph.total if publisher.graph else 0), -publisher.scope.size, _by_title(publisher.scope)


def _last(path: str) -> str:
    return path.rpartition("/")[2].casefold()
