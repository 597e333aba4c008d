"""The difference of two HTML texts, as a few short lines. Pure."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import zip_longest

from .wording import cut, safe

COMPARED = 3000  # lines of each text that are compared: the time grows with their product
SHOWN = 20  # lines of a difference
IN_A_ROW = 5  # lines taken out, or put in, at one place
WIDTH = 110  # characters of a line
AROUND = 40  # characters shown before the place where two long lines begin to differ

_BETWEEN_TAGS = re.compile(r">\s*<")


def difference(before: str, after: str) -> list[str]:
    """Lines that begin with `- ` (taken out), `+ ` (put in) or `  ` (kept); `…` stands where others are left out."""
    lines = list(_difference(_lines(before), _lines(after))) or ["… only white space is different"]
    more = len(lines) - SHOWN
    return lines if more <= 1 else [*lines[:SHOWN], f"… and {more:,} more lines"]


def _lines(text: str) -> list[str]:
    """The lines of a text, with a tag on each where several follow one another."""
    lines = (line.strip() for line in _BETWEEN_TAGS.sub(">\n<", text).split("\n", COMPARED)[:COMPARED])
    return [line for line in lines if line]


def _difference(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    for number, group in enumerate(SequenceMatcher(None, old, new).get_grouped_opcodes(1)):
        if number:
            yield "…"
        for kind, start, end, other_start, other_end in group:
            if kind == "equal":
                yield from (f"  {_from(line, 0)}" for line in old[start:end])
            else:
                yield from _replaced(old[start:end], new[other_start:other_end])


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    starts = [_start(*pair) for pair in zip_longest(old, new, fillvalue="")]
    for sign, lines in (("-", old), ("+", new)):
        yield from (f"{sign} {_from(*shown)}" for shown in zip(lines[:IN_A_ROW], starts, strict=False))
        if more := len(lines[IN_A_ROW:]):
            yield f"{sign} … and {more:,} more"


def _start(one: str, other: str) -> int:
    """Where to begin to show two lines, so that what differs is seen."""
    if not one or not other or max(len(one), len(other)) <= WIDTH:
        return 0
    pairs = zip(one, other, strict=False)
    same = next(
        (index for index, (char, opposite) in enumerate(pairs) if char != opposite), min(len(one), len(other))
    )
    return max(0, same - AROUND)


def _from(line: str, start: int) -> str:
    # Cut before it is made fit for a terminal, which a line of megabytes is never seen whole by.
    text = safe(line[start : start + WIDTH + 1])
    return cut(f"…{text}" if start else text, WIDTH)
