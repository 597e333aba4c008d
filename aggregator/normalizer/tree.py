"""HTML as a tree, and back."""

from collections.abc import Set
from typing import NamedTuple

from aggregator.normalizer.markup import ALLOWED, BLOCKS, HOLDS, VOIDS
from aggregator.normalizer.nodes import Element, Node, new_text
from aggregator.normalizer.text import remembering

# Elements whose text is no part of the text around them.
_ASIDE = frozenset({"rp", "rt", "script", "style", "template"})
_STARTS = {name: f"<{name}>" for name in ALLOWED}
_LONG = 40  # characters
_ENDS = {name: "" if name in VOIDS else f"</{name}>" for name in ALLOWED}


class Written(NamedTuple):
    """A tree as HTML. `outline` is the same with long texts cut short, so that it says the same to any parser."""

    html: str
    outline: str


class Tree:
    """The elements and texts of an HTML fragment, all below `root`.

    `is_plain_source` tells that each element was written just where it is. Rewrites may take away what is in a tree
    and put in what `new` made, but leave the rest in its order.
    """

    def __init__(self, root: Element, elements: list[Element], is_plain_source: bool) -> None:
        """`elements` are all that are below the root, in document order."""
        self.root = self._top = root
        self._elements = elements
        self._names = {element.name for element in elements} | {"div"}  # which rewrites make of others
        self._new: list[Element] = []  # not yet among them
        self._is_plain_source = is_plain_source

    def new(self, name: str, attributes: dict[str, str] | None = None, text: str = "") -> Element:
        """Return a new element, which is in no tree yet."""
        self._names.add(name)
        element = Element(name, dict(attributes or {}))
        if text:
            element.append(new_text(text))
        self._new.append(element)
        return element

    def tags(self, names: Set[str]) -> list[Element]:
        """Return all elements with one of `names`, in document order."""
        return [] if self._names.isdisjoint(names) else [tag for tag in self.elements() if tag.name in names]

    def has_only(self, names: Set[str]) -> bool:
        """Tell whether all elements surely have one of `names`."""
        return self._names <= names

    def elements(self) -> list[Element]:
        """Return all elements, in document order."""
        if self._new or self.root is not self._top:
            self._elements, self._top = [], self.root
            self._new = [element for element in self._new if element.parent is None]
            _collect(self.root, self._elements)
        else:
            self._elements = [element for element in self._elements if element.parent is not None]
        return self._elements

    def changed(self) -> list[Element]:
        """Return the elements into which or out of which something was put since it was read, or the last call."""
        found = [element for element in self.elements() if element.touched]
        if self.root.touched:
            found.append(self.root)
        for element in found:
            element.touched = False
        return found

    def blocks(self) -> set[int]:
        """Return the `id()` of what stands on lines of its own: block elements, and inline ones around them."""
        found: set[int] = set()
        for block in self.tags(BLOCKS):
            node: Element | None = block
            while node is not None and node is not self.root and id(node) not in found:
                found.add(id(node))
                node = node.parent
        return found

    def is_plain(self) -> bool:
        """Tell whether each element is surely where any parser would leave it."""
        if not self._is_plain_source:
            return False
        for element in self.elements():
            if element.parent is None or element.name not in HOLDS[element.parent.name]:
                return False
        return True

    def serialize(self) -> Written:
        """Return the fragment, of allowed elements only, as HTML written just as the sanitizer writes it."""
        pieces: list[str] = []
        cuts: list[tuple[int, str]] = []
        _write(self.root, pieces, cuts)
        outline = pieces.copy()
        for place, cut in cuts:
            outline[place] = cut
        return Written("".join(pieces).strip(), "".join(outline).strip())

    def dissolve(self) -> None:
        """Part all elements, which refer to one another, so that they are gone without the garbage collector."""
        for element in (self.root, *self.elements()):
            element.contents.clear()


def _collect(element: Element, found: list[Element]) -> None:
    for node in element.contents:
        if isinstance(node, Element):
            found.append(node)
            if node.contents:
                _collect(node, found)


def _write(element: Element, written: list[str], cuts: list[tuple[int, str]]) -> None:
    """Write what is in an element. `cuts` takes what stands for a long text in the outline, and its place.

    To a parser all characters of a text are alike but for white space and references; a quote counts for `bounded`.
    """
    for node in element.contents:
        if not isinstance(node, Element):
            text = escape(node)
            if len(text) > _LONG and len(text) == len(node) and '"' not in text and not text.isspace():
                cuts.append((len(written), f"{text[0]}x{text[-1]}"))
            written.append(text)
            continue
        if node.attrs:
            values = [f' {name}="{escape_value(value)}"' for name, value in node.attrs.items()]
            written.append(f"<{node.name}{''.join(values)}>")
        else:
            written.append(_STARTS[node.name])
        if node.contents:
            _write(node, written, cuts)
        written.append(_ENDS[node.name])


def escape(text: str) -> str:
    """Return a text as HTML: the escapes of the HTML Living Standard, 13.3, and those of the sanitizer."""
    return text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")


@remembering(30)
def escape_value(value: str) -> str:
    """Return the value of an attribute as it stands in double quotes."""
    return escape(value).replace('"', "&quot;")


def tags(element: Element, names: Set[str]) -> list[Element]:
    """Return all elements with one of `names` below `element`, in document order."""
    return [node for node in element.descendants if isinstance(node, Element) and node.name in names]


def read(element: Element, name: str) -> str:
    """Return the value of an attribute, "" without it."""
    return element.attrs.get(name, "")


def holds_block(node: Node) -> bool:
    """Tell whether a node stands on lines of its own: a block element, or an inline one around one."""
    if not isinstance(node, Element):
        return False
    return node.name in BLOCKS or any(holds_block(inner) for inner in node.contents)


def is_inside(node: Node, names: Set[str]) -> bool:
    """Tell whether an element with one of `names` is around a node."""
    parent = node.parent
    while parent is not None and parent.name not in names:
        parent = parent.parent
    return parent is not None


def neighbour(node: Node, forward: bool) -> Node | None:
    """Return the next or previous sibling, or None."""
    if node.parent is None:
        return None
    place = node.parent.index(node) + (1 if forward else -1)
    return node.parent.contents[place] if 0 <= place < len(node.parent.contents) else None


def beside(node: Node, forward: bool) -> Node | None:
    """Return the next or previous sibling that is more than white space, or None."""
    sibling = neighbour(node, forward)
    while isinstance(sibling, str) and not sibling.strip():
        sibling = neighbour(sibling, forward)
    return sibling


def text_of(element: Element) -> list[str]:
    """Return the texts in an element that are part of its own text."""
    return [node for node in element.descendants if isinstance(node, str) and not is_inside(node, _ASIDE)]
