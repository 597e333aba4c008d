"""The elements and texts of an HTML tree, with as much of BeautifulSoup's interface as the rewrites need.

BeautifulSoup links all nodes of a document with one another, which costs most of the time of building a tree and of
changing it. A node here knows its parent, and an element what it holds.
"""

from collections.abc import Iterator, Sequence
from typing import Union

Node = Union["Element", "Text"]


class _Child:
    """What is in an element. A node without parent is in no tree, or is its root."""

    __slots__ = ()

    parent: "Element | None"

    def extract(self) -> None:
        """Take the node out of its parent."""
        if self.parent is not None:
            self.parent.replace((self,), ())

    def decompose(self) -> None:
        """Take the node out for good."""
        self.extract()

    def insert_before(self, node: Node) -> None:
        """Put a node in front of this one."""
        assert self.parent is not None
        self.parent.insert(self.parent.index(self), node)

    def replace_with(self, *nodes: Node) -> None:
        """Put nodes in the place of this one."""
        assert self.parent is not None
        self.parent.replace((self,), nodes)


class Element(_Child):
    """An element: a name, attributes, and what it holds.

    `touched` tells that what it holds is not what was read.
    """

    __slots__ = ("_last", "attrs", "contents", "name", "parent", "touched")

    def __init__(self, name: str, attributes: dict[str, str], parent: "Element | None" = None) -> None:
        self.name = name
        self.attrs = attributes
        self.contents: list[Node] = []
        self.parent = parent
        self.touched = False
        self._last = 0

    @property
    def decomposed(self) -> bool:
        """Whether it was taken out for good, by itself or with what it was in."""
        return self.parent is None

    @property
    def descendants(self) -> Iterator[Node]:
        """Yield what is in the element, in document order."""
        around = [iter(self.contents)]
        while around:
            for node in around[-1]:
                yield node
                if isinstance(node, Element):
                    around.append(iter(node.contents))
                    break
            else:
                around.pop()

    def index(self, node: _Child) -> int:
        """Return the place of a child; found quickly when children are looked for one after the other."""
        start = max(self._last - 8, 0)
        for place, child in enumerate(self.contents[start : start + 16], start):
            if child is node:
                self._last = place
                return place
        self._last = next(place for place, child in enumerate(self.contents) if child is node)
        return self._last

    def insert(self, position: int, node: Node) -> None:
        """Put a node, wherever it is, before the child that is at `position`; it is no child itself."""
        node.extract()
        node.parent = self
        self.contents.insert(position, node)
        self.touched = True

    def append(self, node: Node) -> None:
        """Put a node, wherever it is, behind all that the element holds."""
        self.insert(len(self.contents), node)

    def replace(self, row: Sequence[_Child], nodes: Sequence[Node]) -> None:
        """Take out a row of children that follow one another, and put nodes that are in no tree in their place."""
        place = self.index(row[0])
        self.contents[place : place + len(row)] = nodes
        self.touched = True
        for child in row:
            child.parent = None  # type: ignore[misc]  # a slot of each kind of child
        for node in nodes:
            node.parent = self

    def wrap(self, row: list[Node], wrapper: "Element") -> None:
        """Put an empty element, which is in no tree, around a row of children that follow one another."""
        self.replace(row, (wrapper,))
        wrapper.contents = row
        wrapper.touched = True
        for node in row:
            node.parent = wrapper

    def clear(self) -> None:
        """Take out for good all that the element holds."""
        for node in self.descendants:
            node.parent = None
        self.contents = []
        self.touched = True

    def unwrap(self) -> None:
        """Put what the element holds in its place."""
        held, self.contents = self.contents, []
        self.replace_with(*held)

    def decompose(self) -> None:
        """Take the element out for good, and everything in it with it."""
        self.extract()
        if self.contents:
            for node in self.descendants:
                node.parent = None


class Text(_Child, str):
    """A text."""

    __slots__ = ("parent",)


class BareText(Text):
    """A text that is written in HTML just as it is: no character of it is escaped."""

    __slots__ = ()


def new_text(value: str, parent: Element | None = None) -> Text:
    """Return a text; with `parent`, it is put there as well."""
    text = Text(value)
    text.parent = parent
    return text
