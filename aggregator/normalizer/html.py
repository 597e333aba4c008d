"""HTML however it is written, read tolerantly. The only place of BeautifulSoup and of lxml, its parser."""

import re
from typing import cast

from bs4 import BeautifulSoup, CData, Comment, Declaration, Doctype, ProcessingInstruction, Tag
from lxml import etree

from aggregator.normalizer.nodes import Element, new_text
from aggregator.normalizer.tags import is_of_value
from aggregator.normalizer.tree import Tree

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


def soup_tree(html: str) -> Tree:
    """Return the tree that BeautifulSoup makes of a fragment, however it is written."""
    soup = BeautifulSoup("<body>" + _for_parser(html), "lxml", multi_valued_attributes=None)
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
