"""HTML as a tree, and back."""

from collections.abc import Callable, Set
from functools import lru_cache
from typing import NamedTuple

from aggregator.normalizer.markup import ALLOWED, BLOCKS, HOLDS, VOIDS
from aggregator.normalizer.nodes import BareText, Element, Node, new_text
from aggregator.normalizer.text import remembering

# Elements whose text is no part of the text around them.
_ASIDE = frozenset({"rp", "rt", "script", "style", "template"})
_STARTS = {name: f"<{name}>" for name in ALLOWED}
_LONG = 40  # characters
_ENDS = {name: "" if name in VOIDS else f"</{name}>" for name in ALLOWED}


_REPEATED = frozenset({"width", "height", "referrerpolicy", "align", "valign", "style", "colspan", "rowspan"})

# Whether an attribute, written with its element's name in front, is known to the sanitizer to be safe.
Settled = Callable[[str], bool]


class Written(NamedTuple):
    """A tree as HTML. `outline` is what of it must be shown to a sanitizer, which judges each element by itself.

    Long texts are cut short, which says the same to any parser. Of elements without attributes the first of a name
    stands for those that could go, by themselves or with their text, and leave a plain tree. Attributes that are
    settled are left out.
    """

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

    def serialize(self, settled: Settled) -> Written:
        """Return the fragment, of allowed elements only, as HTML written just as the sanitizer writes it."""
        pieces: list[str] = []
        outline: list[str] = []
        _write(self.root, pieces, outline, set(), settled)
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


def _write(element: Element, written: list[str], outline: list[str], shown: set[str], settled: Settled) -> None:
    """Write what is in an element. `shown` are the names of elements without attributes that the outline has."""
    held = HOLDS.get(element.name)
    for node in element.contents:
        if not isinstance(node, Element):
            text = node if isinstance(node, BareText) else escape(node)
            written.append(text)
            outline.append(_cut(text, node))
            continue
        name, contents = node.name, node.contents
        start = brief = _STARTS[name]
        end = brief_end = _ENDS[name]
        if node.attrs:
            start, brief = _start_tags(node, settled)
        elif name not in shown:
            shown.add(name)
        elif HOLDS.get(name) is held:  # what it holds may stand in its place
            brief = brief_end = ""
        elif len(contents) == 1 and isinstance(only := contents[0], BareText) and _cut(only, only) == "x":
            written += (start, only, end)
            continue
        written.append(start)
        outline.append(brief)
        if contents:
            _write(node, written, outline, shown, settled)
        written.append(end)
        outline.append(brief_end)


def _cut(text: str, node: str) -> str:
    """Return what stands for a text in the outline.

    To a parser all characters of a text are alike but for white space and references; a quote counts for `bounded`.
    """
    if len(text) <= _LONG or len(text) != len(node) or '"' in text:
        return text
    first, last = text[0], text[-1]
    if not first.isspace() and not last.isspace():
        return "x"
    return text if text.isspace() else f"{first}x{last}"


def _start_tags(element: Element, settled: Settled) -> tuple[str, str]:
    """Return the start tag of an element with attributes, and what of it must be shown to a sanitizer."""
    name = element.name
    whole = brief = f"<{name}"
    for key, value in element.attrs.items():
        if key in _REPEATED or not value:
            attribute = _attribute(key, value)
            whole += attribute
            if settled(name + attribute):
                continue
        else:
            attribute = f' {key}="{escape_value(value)}"'
            whole += attribute
        brief += attribute
    return whole + ">", brief + ">"


@lru_cache(maxsize=4096)
def _attribute(key: str, value: str) -> str:
    return f' {key}="{escape_value(value)}"'


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
