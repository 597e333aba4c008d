"""Showing where a text has what was looked for. Pure; what comes out is plain text, to be escaped like any other."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .text import MARKS, MAX_TEXT, fold, run_spans

MAX_HITS = 100  # of one pattern that are marked
BEFORE = 24  # characters before the first hit: on a small screen it must be in the first line or two
SLACK = 16  # characters by which an excerpt is cut shorter, so as not to begin or end within a word

Span = tuple[int, int]

# Stretches whose characters are folded one to one; else a character with its marks, or Hangul written in letters.
_PIECE = re.compile(
    "[\x00-\x7f\u3000-\u3011\u3041-\u3096\u30a1-\u30fa\u30fc\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]+"
    f"(?![{MARKS}\u1160-\u11ff])|.[{MARKS}\u1160-\u11ff]*",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a text; `is_hit`: it is what was looked for."""

    text: str
    is_hit: bool = False


def mark(text: str, patterns: Sequence[str]) -> tuple[Fragment, ...]:
    """A text in fragments, each place where it has one of the patterns (see query.Term) in a fragment of its own."""
    return tuple(_fragments(text, _hits(text, patterns), 0, len(text)))


def excerpt(text: str, patterns: Sequence[str], width: int) -> tuple[Fragment, ...]:
    """Some `width` characters of a plain text (see text.plain_text) around the first hit, else its beginning."""
    hits = _hits(text, patterns)
    first = hits[0][0] if hits else 0
    start = _start(text, max(0, min(first - min(BEFORE, width // 3), len(text) - width)), first)
    end = _end(text, start + width)
    middle = _fragments(text, hits, start, end)
    before = [Fragment("…")] if start else []
    after = [Fragment("…")] if end < len(text) else []
    return (*before, *middle, *after)


def _start(text: str, start: int, first: int) -> int:
    """A place near `start`, before the first hit, where a block or a word begins."""
    block = text.rfind("\f", start, first)
    if block >= 0:
        return block + 1
    space = text.find(" ", start, min(start + SLACK, first)) if start else -1
    return max(start, space + 1)


def _end(text: str, end: int) -> int:
    """A place near `end` where a word ends."""
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", end - SLACK, end)
    return space if space >= 0 else end


def _fragments(text: str, hits: Iterable[Span], start: int, end: int) -> Iterator[Fragment]:
    """The part of a text in fragments, block ends as spaces."""
    at = start
    for first, last in hits:
        if at <= first and last <= end:
            if at < first:
                yield Fragment(text[at:first].replace("\f", " "))
            yield Fragment(text[first:last].replace("\f", " "), is_hit=True)
            at = last
    if at < end:
        yield Fragment(text[at:end].replace("\f", " "))


def _hits(text: str, patterns: Sequence[str]) -> list[Span]:
    """Where the patterns are in as much of a text as is searched, in order; those that overlap are one."""
    canonical, spans = _mapped(text[:MAX_TEXT])
    found = sorted(span for pattern in patterns for span in _places(canonical, spans, pattern))
    joined: list[Span] = []
    for start, end in found:
        if joined and start <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return joined


def _places(canonical: str, spans: Sequence[Span], pattern: str) -> Iterator[Span]:
    word = pattern.strip()
    offset = pattern.index(word)
    at = canonical.find(pattern)
    for _ in range(MAX_HITS):
        if at < 0:
            break
        first, last = at + offset, at + offset + len(word) - 1
        yield spans[first][0], spans[last][1]
        at = canonical.find(pattern, last + 1)


def _mapped(text: str) -> tuple[str, list[Span]]:
    """A text's canonical form (see text.canonical), and for each character of it where it is in the text."""
    pieces: list[str] = []
    places: list[Span] = []
    for match in _PIECE.finditer(text):
        piece = fold(match[0])
        pieces.append(piece)
        if len(piece) == len(match[0]):
            places += zip(range(match.start(), match.end()), range(match.start() + 1, match.end() + 1), strict=True)
        else:
            places += [match.span()] * len(piece)
    folded = "".join(pieces)
    canonical, spans = [" "], [(0, 0)]
    for start, end in run_spans(folded):
        canonical += [folded[start:end], " "]
        spans += [*places[start:end], (end, end)]
    return "".join(canonical), spans
