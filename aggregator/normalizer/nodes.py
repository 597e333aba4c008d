"""BeautifulSoup's elements and texts without the links that it keeps between all nodes of a document.

Those links cost most of the time of building a tree and of changing it. An element here knows its parent and what it
holds, and does all that the rewrites ask of one; whatever else BeautifulSoup's can do raises AttributeError.
"""

from collections.abc import Iterator
from typing import Never, Self

from aggregator.normalizer.html import IndexedTag, NavigableString, PageElement, Tag


class _Unlinked(PageElement):
    parent: Tag | None

    def extract(self, _self_index: int | None = None) -> Self:
        """Take the node out of its parent."""
        if self.parent is not None:
            del self.parent.contents[self.parent.index(self) if _self_index is None else _self_index]
            self.parent = None
        return self

    def decompose(self) -> None:
        """Take the node out for good."""
        self.extract()
        self._decomposed = True


class Element(_Unlinked, IndexedTag):
    """An element: a name, attributes, and what it holds."""

    def __init__(self, name: str, attributes: dict[str, str], parent: Tag | None = None) -> None:
        self.name = name
        self.attrs = attributes  # type: ignore[assignment]  # a plain dict is enough
        self.contents = []
        self.parent = parent

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def __getattr__(self, name: str) -> Never:
        raise AttributeError(name)

    @property
    def descendants(self) -> Iterator[PageElement]:
        """Yield what is in the element, in document order."""
        for node in self.contents:
            yield node
            if isinstance(node, Element) and node.contents:
                yield from node.descendants

    def insert(self, position: int, *new_children: PageElement | str) -> list[PageElement]:
        """Put texts and nodes before the child that is at `position`."""
        nodes = [child if isinstance(child, PageElement) else Text(child) for child in new_children]
        for place, node in enumerate(nodes, position):
            if node.parent is not None:
                node.extract()
            node.parent = self
            self.contents.insert(place, node)
        return nodes

    def decompose(self) -> None:
        """Take the element out for good, and everything in it with it."""
        super().decompose()
        for node in self.descendants:
            node._decomposed = True


class Text(_Unlinked, NavigableString):
    """A text."""

    def __new__(cls, value: str, parent: Tag | None = None) -> Self:
        """Return a text, in `parent` if it is put there as well."""
        text = str.__new__(cls, value)
        text.parent = parent
        return text
