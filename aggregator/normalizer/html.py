"""HTML however it is written, read tolerantly. The only place of lxml, with whose parser BeautifulSoup reads."""

import re

from lxml import etree

from aggregator.normalizer.tags import is_of_value
from aggregator.normalizer.tree import Tree

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
    # It takes 50 ms to load; where all that is read is plainly written, it is never needed.
    from aggregator.normalizer.soup import read_soup

    return read_soup(_for_parser(html))


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
