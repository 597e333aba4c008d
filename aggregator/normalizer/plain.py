"""HTML that is plainly written, read without a parser.

Most bodies are: every element that is opened is closed again, none is where a parser would not leave it, attributes
are in quotes. What such a document means needs no tolerance, and reading it takes a tenth of the time. In doubt a
document is not plain, and BeautifulSoup reads it; both give the same tree, as the tests show for whatever they make.
"""

import re
from collections.abc import Set
from html.entities import html5, name2codepoint

from aggregator.normalizer.html import NavigableString, Tag, Tree, attributes, escape, escape_value
from aggregator.normalizer.markup import HEADINGS, PHRASES
from aggregator.normalizer.nodes import Element, Text

MAX_TAGS = 1000
MAX_DEPTH = 60

_LEAVES = frozenset({"br", "col", "embed", "hr", "img", "source", "wbr"})
_IN_LINE = PHRASES | {"br", "embed", "font", "iframe", "img", "noscript", "picture", "span", "wbr"}
_STRUCTURES = frozenset(
    {"article", "aside", "audio", "blockquote", "center", "details", "div", "figcaption", "figure", "footer"}
    | {"header", "main", "nav", "section", "summary", "video"}
)
_FLOW = _IN_LINE | _STRUCTURES | HEADINGS | {"dl", "hr", "ol", "p", "pre", "table", "ul"}
_ROWS = frozenset({"tr"})
# Element → the elements that may stand in it directly. Fewer than HTML allows, and none that a parser would move.
HOLDS: dict[str, Set[str]] = {
    **dict.fromkeys(_IN_LINE - _LEAVES, _IN_LINE),
    **dict.fromkeys(HEADINGS | {"p", "pre", "dt", "caption"}, _IN_LINE),
    **dict.fromkeys(_STRUCTURES | {"body", "noscript", "li", "dd", "td", "th"}, _FLOW),
    **dict.fromkeys(("audio", "picture", "video"), _FLOW | {"source"}),
    "a": _IN_LINE - {"a"},
    "iframe": frozenset(),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "dl": frozenset({"dt", "dd"}),
    "table": frozenset({"caption", "colgroup", "thead", "tbody", "tfoot", "tr"}),
    "colgroup": frozenset({"col"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), _ROWS),
    "tr": frozenset({"td", "th"}),
}
_MADE = frozenset({"a", "div", "img", "p"})  # by rewrites

_SPACES = " \t\n\r\f"
_NAME = "[a-zA-Z_][a-zA-Z0-9_-]*+"
_VALUE = """"[^"]*+"|'[^']*+'"""
_ATTRIBUTES = re.compile(rf"[ \n\t]({_NAME})(?:=({_VALUE}))?+")
_START = re.compile(rf"([a-z][a-z0-9]*+)((?:[ \n\t]+{_NAME}(?:=(?:{_VALUE}))?+)*+)[ \n\t]*(/?)")
_COMMENT = re.compile(r"!--(?!-)[^-]*(?:-[^-]+)*--")
_REFERENCE = re.compile(r"&(?:([a-zA-Z]+[0-9]*)|#([0-9]{2,6}));")
# What no parser takes for a reference: `Q & A`, `?a=1&b=2`.
_HARMLESS_IN_TEXT = re.compile(r"&(?=[ \n])")
_HARMLESS_IN_VALUE = re.compile(r"&(?=[ \n]|[a-zA-Z_][a-zA-Z0-9_]*=)")
_NAMED = {name: chr(code) for name, code in name2codepoint.items() if html5[f"{name};"] == chr(code)}


class PlainHtml(str):
    """HTML in which each element surely is where any parser would leave it."""

    __slots__ = ()


def plain_tree(document: str) -> "PlainTree | None":
    """Return the tree of a document that is plainly written, None for another."""
    root = _read(document)
    return PlainTree(root) if root else None


class PlainTree(Tree):
    """The elements and texts of a fragment that was plainly written."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self._names = {element.name for element in self.elements()} | _MADE

    def new(self, name: str, attributes: dict[str, str] | None = None, text: str = "") -> Tag:
        """Return a new element, which is in no tree yet."""
        element = Element(name, dict(attributes or {}))
        if text:
            element.append(Text(text))
        return element

    def tags(self, names: Set[str]) -> list[Tag]:
        """Return all elements with one of `names`, in document order."""
        return [] if self._names.isdisjoint(names) else [tag for tag in self.elements() if tag.name in names]

    def elements(self) -> list[Tag]:
        """Return all elements, in document order."""
        found: list[Tag] = []
        _collect(self.root, found)
        return found

    def is_plain(self) -> bool:
        """Tell whether each element is surely where any parser would leave it."""
        parents = (self.root, *self.elements())
        return all(node.name in HOLDS[tag.name] for tag in parents for node in tag.contents if isinstance(node, Tag))

    def serialize(self) -> str:
        """Return the fragment as HTML, written just as the sanitizer writes it."""
        written: list[str] = []
        _write(self.root, written)
        return "".join(written).strip()


def _collect(element: Tag, found: list[Tag]) -> None:
    for node in element.contents:
        if node.__class__ is Element:
            found.append(node)
            if node.contents and (node.contents[0].__class__ is Element or len(node.contents) > 1):
                _collect(node, found)


def _write(element: Tag, written: list[str]) -> None:
    for node in element.contents:
        if isinstance(node, NavigableString):
            written.append(escape(node))
        elif isinstance(node, Tag):
            values = "".join(f' {name}="{escape_value(value)}"' for name, value in attributes(node).items())
            written.append(f"<{node.name}{values}>")
            if node.name not in _LEAVES:
                _write(node, written)
                written.append(f"</{node.name}>")


def _read(document: str) -> Element | None:
    """Return an element `body` that holds the document, None when it is not plain."""
    begin, *pieces = document.split("<")
    parent = root = Element("body", {})
    around: list[Element] = []
    if len(pieces) > MAX_TAGS or not _add_text(parent, begin, around):
        return None
    for piece in pieces:
        inside, closed, text = piece.partition(">")
        if around and inside == "/" + parent.name:
            parent = around.pop()
        elif element := _element(inside, parent):
            parent.contents.append(element)
            if element.name not in _LEAVES:
                around.append(parent)
                parent = element
        elif not _COMMENT.fullmatch(inside):
            return None
        if not closed or len(around) > MAX_DEPTH or (text and not _add_text(parent, text, around)):
            return None
    return None if around else root


def _element(inside: str, parent: Element) -> Element | None:
    """Return the element that a start tag begins, None when it is not plain there."""
    held = HOLDS[parent.name]
    if inside in held:
        return Element(inside, {}, parent)
    tag = _START.fullmatch(inside)
    if tag is None or tag[1] not in held or (tag[3] and tag[1] not in _LEAVES):
        return None
    attributes = _attributes(tag[2])
    return None if attributes is None else Element(tag[1], attributes, parent)


def _add_text(parent: Element, written: str, around: list[Element]) -> bool:
    """Put a text into an element as BeautifulSoup does; False when it is not plain there."""
    text = _meaning(written, _HARMLESS_IN_TEXT) if "&" in written else written
    if text is None or parent.name == "iframe":
        return False
    if not text.strip(_SPACES) and not any(element.name == "pre" for element in (parent, *around)):
        text = "\n" if "\n" in text else " " if text else ""
    if text:
        parent.contents.append(Text(text, parent))
    return True


def _attributes(written: str) -> dict[str, str] | None:
    """Return attributes by their names, None when one is there twice or has a value that is not plain."""
    attributes: dict[str, str] = {}
    for name, quoted in _ATTRIBUTES.findall(written):
        value = _meaning(quoted[1:-1], _HARMLESS_IN_VALUE) if "&" in quoted else quoted[1:-1]
        if value is None or name.lower() in attributes:
            return None
        attributes[name.lower()] = value
    return attributes


def _meaning(written: str, harmless: re.Pattern[str]) -> str | None:
    """Return a text or value with its character references decoded, None when one of its `&` is not plain."""
    rest = _REFERENCE.sub("", written)
    if len(harmless.findall(rest)) != rest.count("&"):
        return None
    if not all(name in _NAMED if name else _is_plain(int(code)) for name, code in _REFERENCE.findall(written)):
        return None
    return _REFERENCE.sub(lambda match: _NAMED[match[1]] if match[1] else chr(int(match[2])), written)


def _is_plain(code: int) -> bool:
    """Tell whether a number stands for the same character to every parser."""
    return 32 <= code < 127 or 160 <= code < 0xD800 or 0xE000 <= code < 0xFDD0 or 0x1F000 <= code < 0x1FFFE
