"""HTML as a tree, and back. The only place of BeautifulSoup and of lxml, its parser."""

import re
from abc import ABC, abstractmethod
from collections.abc import Set
from typing import cast

from bs4 import BeautifulSoup, CData, Comment, Declaration, Doctype, ProcessingInstruction, Tag
from bs4.element import NavigableString, PageElement
from bs4.formatter import HTMLFormatter
from lxml import etree

from aggregator.normalizer.markup import BLOCKS
from aggregator.normalizer.tags import is_of_value

__all__ = [
    "IndexedTag",
    "NavigableString",
    "PageElement",
    "Soup",
    "Tag",
    "Tree",
    "attributes",
    "beside",
    "escape",
    "escape_value",
    "holds_block",
    "is_inside",
    "neighbour",
    "read",
    "reads_as_written",
    "tags",
]

_UNSHOWN = (CData, Comment, Declaration, Doctype, ProcessingInstruction)
_TAG_NAME = re.compile("</?[a-z][a-z0-9]*")
_PLAIN_PARSER = etree.HTMLParser()
# Written by XML serializers; to an HTML parser the slash is nothing, and the element swallows what follows.
_SELF_CLOSED = re.compile(
    r"<(a|audio|canvas|div|iframe|object|script|span|style|textarea|title|video)(\s[^<>]*)?/>", re.IGNORECASE
)
_REST = r"""(\s(?:[^<>"']|"[^"]*+"|'[^']*+')*+)?"""
# The frame of a document. What follows its end tags would be put elsewhere.
_FRAME = re.compile(f"</?(?:html|head|body){_REST}>", re.IGNORECASE)
# Void elements that are none to libxml2.
_NOT_VOID = re.compile(f"<(command|embed|keygen|source|track|wbr){_REST}>", re.IGNORECASE)


class Tree(ABC):
    """The elements and texts of an HTML fragment, all below `root`."""

    root: Tag

    @abstractmethod
    def new(self, name: str, attributes: dict[str, str] | None = None, text: str = "") -> Tag:
        """Return a new element, which is in no tree yet."""

    @abstractmethod
    def serialize(self) -> str:
        """Return the fragment as HTML, written just as the sanitizer writes it."""

    def is_plain(self) -> bool:
        """Tell whether each element is surely where any parser would leave it."""
        return False

    def tags(self, names: Set[str]) -> list[Tag]:
        """Return all elements with one of `names`, in document order."""
        return tags(self.root, names)

    def elements(self) -> list[Tag]:
        """Return all elements, in document order."""
        return [node for node in self.root.descendants if isinstance(node, Tag)]

    def blocks(self) -> set[int]:
        """Return the `id()` of what stands on lines of its own: block elements, and inline ones around them."""
        found: set[int] = set()
        for block in self.tags(BLOCKS):
            node: Tag | None = block
            while node is not None and node is not self.root and id(node) not in found:
                found.add(id(node))
                node = node.parent
        return found


class Soup(Tree):
    """The tree that BeautifulSoup makes of a fragment, however it is written."""

    def __init__(self, html: str) -> None:
        self._soup = BeautifulSoup(
            "<body>" + _for_parser(html), "lxml", multi_valued_attributes=None, element_classes={Tag: IndexedTag}
        )
        self.root = self._soup.body or self.new("body")
        for node in list(self.root.descendants):
            if isinstance(node, _UNSHOWN):
                node.extract()

    def new(self, name: str, attributes: dict[str, str] | None = None, text: str = "") -> Tag:
        """Return a new element, which is in no tree yet."""
        element = self._soup.new_tag(name, attrs=dict(attributes or {}))
        if text:
            element.string = text
        return element

    def serialize(self) -> str:
        """Return the fragment as HTML, written just as the sanitizer writes it."""
        return self.root.decode_contents(formatter=_FORMATTER).strip()


def tags(element: Tag, names: Set[str]) -> list[Tag]:
    """Return all elements with one of `names` below `element`, in document order."""
    return [node for node in element.descendants if isinstance(node, Tag) and node.name in names]


def holds_block(node: PageElement) -> bool:
    """Tell whether a node stands on lines of its own: a block element, or an inline one around one."""
    if not isinstance(node, Tag):
        return False
    return node.name in BLOCKS or any(isinstance(inner, Tag) and inner.name in BLOCKS for inner in node.descendants)


def is_inside(node: PageElement, names: Set[str]) -> bool:
    """Tell whether an element with one of `names` is around a node."""
    return any(parent.name in names for parent in node.parents)


def read(element: Tag, name: str) -> str:
    """Return the value of an attribute, "" without it."""
    return attributes(element).get(name, "")


def attributes(element: Tag) -> dict[str, str]:
    """Return all attributes. Each is one text, since BeautifulSoup is told to make no lists of them."""
    return cast("dict[str, str]", element.attrs)


def neighbour(node: PageElement, forward: bool) -> PageElement | None:
    """Return the next or previous sibling, or None."""
    if node.parent is None:
        return None
    place = node.parent.index(node) + (1 if forward else -1)
    return node.parent.contents[place] if 0 <= place < len(node.parent.contents) else None


def beside(node: PageElement, forward: bool) -> PageElement | None:
    """Return the next or previous sibling that is more than white space, or None."""
    sibling = neighbour(node, forward)
    while isinstance(sibling, NavigableString) and not sibling.strip():
        sibling = neighbour(sibling, forward)
    return sibling


def reads_as_written(html: str) -> bool:
    """Tell whether the tree of an HTML fragment will have just the elements that are written, each where it is."""
    document = etree.fromstring("<body>" + html, _PLAIN_PARSER)
    read_back = etree.tostring(document, method="html", encoding="unicode")
    return _TAG_NAME.findall(read_back)[2:-2] == _TAG_NAME.findall(html)


def _for_parser(html: str) -> str:
    """Open what the parser would take for a comment, and close what it would let swallow the text that follows."""
    if sections := html.count("<![CDATA["):
        html = html.replace("<![CDATA[", "").replace("]]>", "", sections)
    if "/>" in html:
        html = _SELF_CLOSED.sub(_with_end_tag, html)
    return _NOT_VOID.sub(r"<\1\2></\1>", _FRAME.sub("", html))


def _with_end_tag(tag: re.Match[str]) -> str:
    return tag[0] if is_of_value(tag[2] or "") else f"<{tag[1]}{tag[2] or ''}></{tag[1]}>"


class IndexedTag(Tag):
    """An element that finds its children quickly when they are looked for one after the other, as a rewrite does."""

    _last = 0

    def index(self, element: PageElement) -> int:
        """Return the place of a child; raises ValueError for any other node."""
        if self.contents and self.contents[0] is element:
            return 0
        start = max(self._last - 8, 0)
        for place, child in enumerate(self.contents[start : start + 16], start):
            if child is element:
                self._last = place
                return place
        self._last = super().index(element)
        return self._last


def escape(text: str) -> str:
    """Return a text as HTML: the escapes of the HTML Living Standard, 13.3, and those of the sanitizer."""
    return text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_value(value: str) -> str:
    """Return the value of an attribute as it stands in double quotes."""
    return escape(value).replace('"', "&quot;")


class _Formatter(HTMLFormatter):
    """Attributes in their order, always in double quotes."""

    def __init__(self) -> None:
        super().__init__(entity_substitution=escape, void_element_close_prefix="")

    def attribute_value(self, value: str) -> str:
        return escape_value(value)

    def attributes(self, tag: Tag) -> list[tuple[str, str | None]]:
        return list(attributes(tag).items())


_FORMATTER = _Formatter()
