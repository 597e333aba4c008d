"""What BeautifulSoup makes of HTML, as a tree of ours. The only place of BeautifulSoup."""

from typing import cast

from bs4 import BeautifulSoup, CData, Comment, Declaration, Doctype, ProcessingInstruction, Tag

from aggregator.normalizer.nodes import Element, new_text
from aggregator.normalizer.tree import Tree

_UNSHOWN = (CData, Comment, Declaration, Doctype, ProcessingInstruction)


def read_soup(html: str) -> Tree:
    """Return the tree of a fragment."""
    soup = BeautifulSoup("<body>" + html, "lxml", multi_valued_attributes=None)
    root = Element("body", {})
    elements: list[Element] = []
    if soup.body:
        _take_over(soup.body, root, elements)
    return Tree(root, elements, is_plain_source=False)


def _take_over(tag: Tag, element: Element, elements: list[Element]) -> None:
    """Put what a tag of BeautifulSoup holds into an element, without comments and the like."""
    element.touched = True
    for node in tag.contents:
        if isinstance(node, Tag):
            # Each attribute is one text, since BeautifulSoup is told to make no lists of them.
            inner = Element(node.name, cast("dict[str, str]", dict(node.attrs)), element)
            element.contents.append(inner)
            elements.append(inner)
            _take_over(node, inner, elements)
        elif not isinstance(node, _UNSHOWN):
            element.contents.append(new_text(str(node), element))
