"""Text as it is searched: HTML → plain text → folded runs → the tokens of the index. Pure, and shared with queries.

A *run* is what stands between separators. Scripts that put no space between words (Chinese, Japanese, Thai…, and
Korean, whose particles stick to the word) are searched as substrings: such a run is indexed by its overlapping
pairs of characters. A run of any other script is one word. Where the two kinds meet, one run ends.
"""

import html
import re
from collections.abc import Iterable
from functools import cache, partial
from operator import add

from aggregator.composition import composed

VERSION = 1  # of the tokens: with another one the index is built anew
MAX_HTML = 300_000  # characters of an article that are looked at
MAX_TEXT = 60_000  # characters of an article that are searched
MAX_TOKEN = 64  # characters; longer words are indexed by their beginning

_UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e50-\u0e59\u0e81-\u0edf"  # Thai, Lao
    "\u1000-\u1049\u1050-\u109d\u1780-\u17d3\u17d7\u17dc-\u17e9"  # Burmese, Khmer
    "\u1100-\u11ff\u3131-\u318e\ua960-\ua97c\uac00-\ud7fb"  # Hangul
    "\u3005-\u3007\u3021-\u3029\u3031-\u3035\u303b"  # ideographic marks
    "\u3041-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\U0001aff0-\U0001b16f"  # kana
    "\u3105-\u312f\u31a0-\u31bf\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"  # Han
)
# Marks are part of the word they stand in, but not of `\w`.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0711-\u074a"
    "\u0900-\u0963\u0971-\u0df3\u0f71-\u0f87\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a\ua8e0-\ua8f1"
)
# These three take 10 ms to compile, and only searching and indexing need them.
_run = cache(partial(re.compile, rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+(?:[{MARKS}]+[^\W_{_UNSPACED}]*)*"))
_unspaced = cache(partial(re.compile, f"[{_UNSPACED}]"))
_wrap = cache(partial(re.compile, "(?<=[\u2e80-\u9fff])[ \t]*\n[ \t]*(?=[\u2e80-\u9fff])"))

_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff]")
_ACCENTED = re.compile("[\u00c0-\u03ff\u1dc0-\u1fff]")  # Latin and Greek beyond ASCII, and marks for them
_ACCENTS = re.compile("(?<=[a-z\u0370-\u03ff])[\u0300-\u036f]+")
_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"}
)

# Elements within a word or line; all others end it.
_INLINE = re.compile(
    r"</?(?:a|abbr|acronym|b|bdi|bdo|big|cite|code|del|dfn|em|font|i|ins|kbd|mark|q|ruby|s|samp|small|span|strike"
    r'|strong|sub|sup|time|tt|u|var|wbr)(?=[\s/>])[^"<>]*(?:"[^"]*"?[^"<>]*)*>?'
)
_TAG = re.compile(r'<[/!a-zA-Z][^"<>]*(?:"[^"]*"?[^"<>]*)*>?')
_READING = re.compile(r"<(rt|rp)\b[^<>]*>[^<]*</\1>")  # how a Han character sounds, within the word it is part of
_BREAK = "\f"  # ends a block; XML forbids it, so no text holds one


def plain_text(content: str) -> str:
    """The text of sanitized HTML as people read it; one space for each run of white space, "\\f" between blocks."""
    text = _READING.sub("", content[:MAX_HTML])
    text = html.unescape(_TAG.sub(_BREAK, _INLINE.sub("", text)))
    text = _wrap().sub("", text)  # a line that was wrapped within a Chinese sentence
    blocks = (" ".join(block.split()) for block in text.split(_BREAK))
    return _BREAK.join(filter(None, blocks))


def fold(text: str) -> str:
    """Text without what a search does not tell apart: case, width, accents of Latin and Greek letters."""
    if text.isascii():
        return text.lower()
    text = composed(_UNSEEN.sub("", text), "NFKC").casefold()
    if _ACCENTED.search(text):
        text = _ACCENTS.sub("", composed(text, "NFD").translate(_PLAIN_LETTERS))
        text = composed(text, "NFKC")
    return text


def runs(folded: str) -> list[str]:
    """The runs of a folded text."""
    return _run().findall(folded)


def run_spans(folded: str) -> Iterable[tuple[int, int]]:
    """Where the runs of a folded text begin and end."""
    return (match.span() for match in _run().finditer(folded))


def is_unspaced(run: str) -> bool:
    """Whether a run is of a script without spaces, and so is searched as a substring."""
    return _unspaced().match(run) is not None


def canonical(text: str) -> str:
    """The searched form of a plain text: its runs, with one space before, between and after them."""
    return f" {' '.join(runs(fold(text[: 2 * MAX_TEXT])[:MAX_TEXT]))} "


def tokens(*texts: str) -> set[str]:
    """What canonical texts are indexed by: words; pairs of characters, and the last one of a run.

    So a single character of an unspaced run is found as the beginning of a token, wherever it stands.
    """
    found: set[str] = set()
    for run in " ".join(texts).split():
        if is_unspaced(run):
            found.update(map(add, run, run[1:]))
            found.add(run[-1])
        else:
            found.add(run[:MAX_TOKEN])
    return found
