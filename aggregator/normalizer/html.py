"""HTML as a tree, and back. The only place of BeautifulSoup and of lxml, its parser."""

import re
from collections.abc import Container

from bs4 import BeautifulSoup, CData, Comment, Declaration, Doctype, ProcessingInstruction, Tag
from bs4.element import NavigableString, PageElement
from bs4.formatter import HTMLFormatter
from lxml import etree

from aggregator.normalizer.markup import BLOCKS
from aggregator.normalizer.tags import is_of_value

__all__ = [
    "NavigableString",
    "PageElement",
    "Tag",
    "Tree",
    "beside",
    "is_inside",
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


class Tree:
    """The elements and texts of an HTML fragment, all below `root`."""

    def __init__(self, html: str) -> None:
        self._soup = BeautifulSoup(
            "<body>" + _for_parser(html), "lxml", multi_valued_attributes=None, element_classes={Tag: _Element}
        )
        self.root: Tag = self._soup.body or self.new("body")
        for text in self.texts():
            if isinstance(text, _UNSHOWN):
                text.extract()

    def new(self, name: str, attributes: dict[str, str] | None = None, text: str = "") -> Tag:
        """Return a new element, which is in no tree yet."""
        element = self._soup.new_tag(name, attrs=dict(attributes or {}))
        if text:
            element.string = text
        return element

    def tags(self, names: Container[str]) -> list[Tag]:
        """Return all elements with one of `names`, in document order."""
        return tags(self.root, names)

    def elements(self) -> list[Tag]:
        """Return all elements, in document order."""
        return [node for node in self.root.descendants if isinstance(node, Tag)]

    def texts(self) -> list[NavigableString]:
        """Return all texts, in document order."""
        return [node for node in self.root.descendants if isinstance(node, NavigableString)]

    def blocks(self) -> set[int]:
        """Return the `id()` of what stands on lines of its own: block elements, and inline ones around them."""
        found: set[int] = set()
        for block in self.tags(BLOCKS):
            node: Tag | None = block
            while node is not None and node is not self.root and id(node) not in found:
                found.add(id(node))
                node = node.parent
        return found

    def serialize(self) -> str:
        """Return the fragment as HTML, written just as the sanitizer writes it."""
        return self.root.decode_contents(formatter=_FORMATTER).strip()


def tags(element: Tag, names: Container[str]) -> list[Tag]:
    """Return all elements with one of `names` below `element`, in document order."""
    return [node for node in element.descendants if isinstance(node, Tag) and node.name in names]


def is_inside(node: PageElement, names: Container[str]) -> bool:
    """Tell whether an element with one of `names` is around a node."""
    return any(parent.name in names for parent in node.parents)


def read(element: Tag, name: str) -> str:
    """Return the value of an attribute, "" without it."""
    value = element.get(name)
    return value if isinstance(value, str) else ""


def beside(node: PageElement, forward: bool) -> PageElement | None:
    """Return the next or previous sibling that is more than white space, or None."""
    sibling = node.next_sibling if forward else node.previous_sibling
    while isinstance(sibling, NavigableString) and not sibling.strip():
        sibling = sibling.next_sibling if forward else sibling.previous_sibling
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


class _Element(Tag):
    """An element that finds its children quickly when they are looked for one after the other, as a rewrite does."""

    _last = 0

    def index(self, element: PageElement) -> int:
        start = max(self._last - 8, 0)
        for place, child in enumerate(self.contents[start : start + 16], start):
            if child is element:
                self._last = place
                return place
        self._last = super().index(element)
        return self._last


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("\xa0", "&nbsp;").replace("<", "&lt;").replace(">", "&gt;")


class _Formatter(HTMLFormatter):
    """Attributes in their order, always in double quotes; the escapes of the HTML Living Standard, 13.3."""

    def __init__(self) -> None:
        super().__init__(entity_substitution=_escape, void_element_close_prefix="")

    def attribute_value(self, value: str) -> str:
        return _escape(value).replace('"', "&quot;")

    def attributes(self, tag: Tag) -> list[tuple[str, str | None]]:
        return [(name, read(tag, name)) for name in tag.attrs]


_FORMATTER = _Formatter()
