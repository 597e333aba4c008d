"""Is a body HTML or Markdown? Both may hold the other's look: Markdown has HTML blocks, HTML has bare text."""

import re

from aggregator.normalizer.markup import BLOCKS, KNOWN, VOIDS
from aggregator.normalizer.tags import START, TEXT, first_name, tokens

_HTML_FILE = re.compile(r"\.x?html?$", re.IGNORECASE)
_BLOCK_TAGS = BLOCKS | {"iframe"}
_LOOKED_AT = 2000  # tags and texts
_LOOKED_INTO = 100_000  # characters; what comes after them does not change the mind
# Marks of Markdown that nobody writes in the bare text of an HTML page.
_MARK = re.compile(
    r"""(?m:^[ ]{0,3}\#{1,6}[ ]+\S)                              # a heading
    | (?m:^[ ]{0,3}(?:```|~~~))                                  # a fence
    | (?m:^[ ]{0,3}(?:[-*+]|\d{1,3}[.)]|>)[ ]+\S[^\n]*\n)        # a list item, a quotation: a line without tags
    | (?m:^(?=[^\n]{0,99}---)(?=[^\n]{0,99}\|)[ |:-]++$)           # the line under the head of a table
    | \*\*\S | `[^`\n]{1,200}` | `\Z                              # strong, code, code with a tag in it
    | !?\[[^\]\n]{0,200}\](?:\(|\[|:[ ])                          # a link, an image
    | \S[ \t]*\n[ \t]*\n[ \t]*\S                                 # two paragraphs
    """,
    re.VERBOSE,
)

# What every mark has one of, where no text comes before the first tag.
_SIGNS = ("`", "[", "|")  # and two of `*`
_LINE_SIGN = re.compile(r"\n(?:[ \t]*\n|[ ]{0,3}(?:[#~*+>-]|\d))")


def is_html(body: str, path: str, wanted: str = "auto") -> bool:
    """Tell whether `body` is HTML; else it is Markdown. `wanted` (html, markdown) decides, then the file's name."""
    if wanted != "auto":
        return wanted == "html"
    return bool(_HTML_FILE.search(path)) or _reads_as_html(body)


def _reads_as_html(body: str) -> bool:
    """Tell by the body: it has a block element, and no mark of Markdown outside of elements."""
    beginning = body[:_LOOKED_INTO]
    if first_name(beginning) in _BLOCK_TAGS and not _may_have_mark(beginning):
        return True
    has_block = False
    depth = start = 0
    for count, (kind, value, _, end) in enumerate(tokens(beginning)):
        if kind is TEXT:
            if depth == 0 and _MARK.search(_in_place(body, start, end)):
                return False
        elif value in VOIDS:
            has_block |= value in _BLOCK_TAGS
        elif value in KNOWN:
            has_block |= value in _BLOCK_TAGS
            depth = depth + 1 if kind is START else max(depth - 1, 0)
        if count > _LOOKED_AT:
            break
        start = end
    return has_block


def _may_have_mark(body: str) -> bool:
    if any(sign in body for sign in _SIGNS) or ("*" in body and "**" in body):  # one character is found in no time
        return True
    return _LINE_SIGN.search(body) is not None


def _in_place(body: str, start: int, end: int) -> str:
    """Return a part of the body in which `^` and a line's end mean what they mean in the whole."""
    lead = "" if start == 0 or body[start - 1] == "\n" else "."
    return lead + body[start:end] + ("\n" if end == len(body) else "")
