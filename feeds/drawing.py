"""What pages draw: a source's monogram and its activity. Values in, numbers and letters for inline SVG out."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

# White letters on any of them have a contrast of 4.5 at least (WCAG AA).
COLOURS = (
    "#a33d15", "#8a5a00", "#5f6b00", "#2f7031", "#00705a", "#006d7d", "#0a67a3", "#3d5bb8",
    "#5d4fb3", "#7f45a5", "#9c3a84", "#b02f55", "#6d5a4a", "#4a6572", "#556b2f", "#8c4a32",
)  # fmt: skip

_WORDS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"[0-9]{1,2}")
_FIRST_EAST_ASIAN = "\u2e80"

# The activity graph: one bar a day.
BAR, GAP = 2, 1
HEIGHT = 24
_LEAST_PEAK = 2  # so that one article on one day is no tower


@dataclass(frozen=True, slots=True)
class Monogram:
    """A source's icon: one or two letters on a colour."""

    letters: str
    colour: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Articles a day as bars: an SVG path of strokes `bar` wide, within `width` × `height`."""

    path: str
    total: int
    days: int

    @property
    def width(self) -> int:
        """How wide the drawing is."""
        return self.days * (BAR + GAP) - GAP

    @property
    def height(self) -> int:
        """How high the drawing is."""
        return HEIGHT

    @property
    def bar(self) -> int:
        """How wide a stroke is."""
        return BAR


def monogram(title: str, key: str) -> Monogram:
    """The icon of what has this title; `key`, which never changes, chooses the colour."""
    number = int.from_bytes(hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()[:4], "big")
    return Monogram(letters(title), COLOURS[number % len(COLOURS)])


def letters(title: str) -> str:
    """One or two letters for a title: `Harbour Light` → HL, `36号实验室` → 36, `拾光笔记` → 拾."""
    words: list[str] = _WORDS.findall(unicodedata.normalize("NFKC", title))
    if not words:
        return "·"
    if digits := _DIGITS.match(words[0]):
        return digits[0]
    if words[0][0] >= _FIRST_EAST_ASIAN:
        return words[0][0]
    initials = [word[0] for word in words[:2] if word[0] < _FIRST_EAST_ASIAN]
    return "".join(initial.upper()[0] for initial in initials)


def graph(counts: Sequence[int]) -> Graph:
    """The activity of some days, the oldest first."""
    scale = HEIGHT / max(_LEAST_PEAK, *counts, 0)
    path = "".join(
        f"M{place * (BAR + GAP) + BAR // 2} {HEIGHT}v-{max(2, round(count * scale))}"
        for place, count in enumerate(counts)
        if count
    )
    return Graph(path, sum(counts), len(counts))
