"""HTML that is plainly written, read without a parser.

Most bodies are: every element that is opened is closed again, none is where a parser would not leave it, attributes
are in quotes. What such a document means needs no tolerance, and reading it takes a tenth of the time. In doubt a
document is not plain, and BeautifulSoup reads it; both give the same tree, as the tests show for whatever they make.
"""

import re
from collections.abc import Set
from html.entities import html5, name2codepoint

from aggregator.normalizer.markup import HOLDS, LEAVES
from aggregator.normalizer.nodes import BareText, Element, Text
from aggregator.normalizer.text import remembering
from aggregator.normalizer.tree import Tree, Written

MAX_TAGS = 1000
MAX_DEPTH = 60

_SPACES = " \t\n\r\f"
_WITHIN = {name: (held, f"/{name}") for name, held in HOLDS.items()}  # what may begin in an element, what ends it
_ONE_SPACE = frozenset({" ", "\n"})
_IN_QUOTES = re.compile(r"""=(?:"([^"]*+)"|'([^']*+)')""")
_OUTLINE = re.compile(r"""([a-z][a-z0-9]*+)((?:[ \n\t]++[a-zA-Z_][a-zA-Z0-9_-]*+(?:=")?+)*+)[ \n\t]*+(/?)""")
_COMMENT = re.compile(r"!--(?!-)[^-]*(?:-[^-]+)*--")
_REFERENCE = re.compile(r"&(?:([a-zA-Z]+[0-9]*)|#([0-9]{2,6}));")
# What no parser takes for a reference: `Q & A`, `?a=1&b=2`.
_HARMLESS_IN_TEXT = re.compile(r"&(?=[ \n])")
_HARMLESS_IN_VALUE = re.compile(r"&(?=[ \n]|[a-zA-Z_][a-zA-Z0-9_]*=)")
_NAMED = {name: chr(code) for name, code in name2codepoint.items() if html5[f"{name};"] == chr(code)}


class PlainHtml(str):
    """HTML in which each element surely is where any parser would leave it. For `outline` see tree.Written.

    `printable` tells that it surely has printable characters only.
    """

    __slots__ = ("outline", "printable")

    outline: str
    printable: bool

    @classmethod
    def of(cls, written: Written, *, printable: bool) -> "PlainHtml":
        """Return what was written of a tree that is plain."""
        html = cls(written.html)
        html.outline = written.outline
        html.printable = printable
        return html


def plain_tree(document: str) -> Tree | None:
    """Return the tree of a document that is plainly written, None for another."""
    begin, *pieces = document.split("<")
    parent = root = Element("body", {})
    elements: list[Element] = []
    around: list[Element] = []
    may_be_bare = "&" not in document and "\xa0" not in document
    if len(pieces) > MAX_TAGS or (begin and not _add_text(begin, parent, around, may_be_bare)):
        return None
    held, end = _WITHIN["body"]
    for piece in pieces:
        inside, closed, text = piece.partition(">")
        if inside == end and around:
            parent = around.pop()
            held, end = _WITHIN[parent.name]
        elif element := _element(inside, parent, held):
            parent.contents.append(element)
            elements.append(element)
            if element.name not in LEAVES:
                around.append(parent)
                parent = element
                held, end = _WITHIN[element.name]
        elif _COMMENT.fullmatch(inside):
            parent.touched = True  # the texts on both sides of it have become neighbours
        else:
            return None
        if not closed or len(around) > MAX_DEPTH or (text and not _add_text(text, parent, around, may_be_bare)):
            return None
    return None if around else Tree(root, elements, is_plain_source=True)


def _element(inside: str, parent: Element, held: Set[str]) -> Element | None:
    """Return the element that a start tag begins, None when it is not plain in one that may hold these."""
    if inside in held:
        return Element(inside, {}, parent)
    name, attributes = _tag(inside)
    return Element(name, attributes.copy(), parent) if name in held else None


@remembering(60)
def _tag(inside: str) -> tuple[str, dict[str, str]]:
    """Return the name and the attributes of a start tag; "" for the name when it is not plain."""
    outline, values = _outline(inside)
    name, valued, bare = _names(outline)
    if "&" in inside:
        meant = [_meaning(value, _HARMLESS_IN_VALUE) for value in values]
        values = [value for value in meant if value is not None]
    if len(values) != len(valued):
        return "", {}
    attributes = dict(zip(valued, values))  # noqa: B905 (to tell that they are equal takes as long again)
    return name, {**attributes, **dict.fromkeys(bare, "")} if bare else attributes


def _outline(inside: str) -> tuple[str, list[str]]:
    """Return a tag with `"` in the place of each value, and the values."""
    if "'" not in inside:
        parts = inside.split('"')
        return '"'.join(parts[::2]), parts[1::2]
    parts = _IN_QUOTES.split(inside)
    return '="'.join(parts[::3]), [one or other or "" for one, other in zip(parts[1::3], parts[2::3], strict=True)]


@remembering(200)
def _names(outline: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Return the names of an element, its attributes with values, and those without; "" when it is not plain."""
    tag = _OUTLINE.fullmatch(outline)
    names = tag[2].lower().split() if tag else []
    valued = tuple(name.removesuffix('="') for name in names if name.endswith('="'))
    bare = tuple(name for name in names if not name.endswith('="'))
    if tag is None or (tag[3] and tag[1] not in LEAVES) or len({*valued, *bare}) < len(names):
        return "", (), ()
    return tag[1], valued, bare


def _add_text(written: str, parent: Element, around: list[Element], may_be_bare: bool) -> bool:
    """Put a text into an element as BeautifulSoup does; False when it is not plain there."""
    if parent.name == "iframe":
        return False
    if may_be_bare and ">" not in written and not written.isspace():
        _put(BareText(written), parent)
        return True
    text = _meaning(written, _HARMLESS_IN_TEXT)
    if text is None:
        return False
    if text.isspace() and text not in _ONE_SPACE and not text.strip(_SPACES) and not _is_in_pre(parent, around):
        text = "\n" if "\n" in text else " "
    if text:
        _put(Text(text), parent)
    return True


def _put(text: Text, parent: Element) -> None:
    text.parent = parent
    parent.contents.append(text)


def _is_in_pre(parent: Element, around: list[Element]) -> bool:
    return any(element.name == "pre" for element in (parent, *around))


def _meaning(written: str, harmless: re.Pattern[str]) -> str | None:
    """Return a text or value with its character references decoded, None when one of its `&` is not plain."""
    if "&" not in written:
        return written
    rest = _REFERENCE.sub("", written)
    if len(harmless.findall(rest)) != rest.count("&"):
        return None
    if not all(name in _NAMED if name else _is_plain(int(code)) for name, code in _REFERENCE.findall(written)):
        return None
    return _REFERENCE.sub(lambda match: _NAMED[match[1]] if match[1] else chr(int(match[2])), written)


def _is_plain(code: int) -> bool:
    """Tell whether a number stands for the same character to every parser."""
    return 32 <= code < 127 or 160 <= code < 0xD800 or 0xE000 <= code < 0xFDD0 or 0x1F000 <= code < 0x1FFFE
