"""How much two texts have in common. Pure.

Texts are compared by their parts: words in a row, and images. A text that is gone leaves a Trace, a sample of its
parts that tells about as much.
"""

import re
import zlib
from dataclasses import dataclass

FEW_WORDS = 24  # words (or Chinese characters); a shorter text says little of its own
SHINGLES = ((FEW_WORDS, 3), (6, 2), (0, 1))  # texts of so many words are compared by so many words in a row
SAMPLE = 64  # parts of a text that its trace keeps
NO_LIMIT = 2**32  # greater than any checksum

_TAG = re.compile(r"<[^>]*>")
_SRC = re.compile(r'\bsrc="([^"?]+)')
_WORD = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힯豈-﫿]|[^\W_぀-ヿ㐀-䶿一-鿿가-힯豈-﫿]+")

Parts = frozenset[str] | frozenset[int]


@dataclass(frozen=True, slots=True)
class Trace:
    """What a text is known again by when it is gone: how many `words` it had, and the checksums of some of its parts
    (`size` words in a row, or an image).

    The sample are the smallest checksums, all below `limit`; so the parts of another text to compare them with are
    those below the same limit. As text, `str(trace)`, it has at most 600 characters.
    """

    words: int
    size: int
    limit: int
    sample: frozenset[int]

    @classmethod
    def of(cls, html: str) -> "Trace":
        """The trace of a text."""
        found = words(html)
        size = _size(len(found))
        sums = sorted(_checksums(_parts(html, found, size)))
        limit = sums[SAMPLE] if len(sums) > SAMPLE else NO_LIMIT
        return cls(len(found), size, limit, frozenset(sums[:SAMPLE]))

    @classmethod
    def parse(cls, text: str) -> "Trace":
        """The trace that a text stands for."""
        count, size, limit, *sums = text.split(" ")
        return cls(int(count), int(size), int(limit, 16), frozenset(int(value, 16) for value in sums))

    def __str__(self) -> str:
        sums = (f"{value:x}" for value in sorted(self.sample))
        return " ".join([str(self.words), str(self.size), f"{self.limit:x}", *sums])


def resemblance(one: str, other: str | Trace, *, strict: bool = False) -> float:
    """How much of the shorter of two HTML texts is in the longer one: 0 (nothing) to 1 (all).

    `strict`: a text of few words is measured by the longer one, since most texts have some words in common.
    """
    first = words(one)
    second = other if isinstance(other, Trace) else words(other)
    shorter = min(len(first), second.words if isinstance(second, Trace) else len(second))
    of_longer = strict and shorter < FEW_WORDS
    if isinstance(second, Trace):
        sums = _checksums(_parts(one, first, second.size))
        return _share(frozenset(value for value in sums if value < second.limit), second.sample, of_longer=of_longer)
    size = _size(shorter)
    return _share(_parts(one, first, size), _parts(str(other), second, size), of_longer=of_longer)


def title_resemblance(one: str, other: str) -> float:
    """How much two titles share: 0 (nothing) to 1 (all)."""
    return _share(_shingles(words(one), 1), _shingles(words(other), 1), of_longer=True)


def words(html: str) -> list[str]:
    """The words of a text: those of Latin and the like, and single characters where scripts have no spaces."""
    return _WORD.findall(_TAG.sub(" ", html).lower())


def _size(count: int) -> int:
    return next(size for least, size in SHINGLES if count >= least)


def _parts(html: str, found: list[str], size: int) -> frozenset[str]:
    return _shingles(found, size) | frozenset(_SRC.findall(html))


def _shingles(text: list[str], size: int) -> frozenset[str]:
    return frozenset(" ".join(text[start : start + size]) for start in range(max(len(text) - size + 1, 0)))


def _checksums(parts: frozenset[str]) -> frozenset[int]:
    return frozenset(zlib.crc32(part.encode("utf-8", "surrogatepass")) for part in parts)


def _share(one: Parts, other: Parts, *, of_longer: bool) -> float:
    whole = max(len(one), len(other)) if of_longer else min(len(one), len(other))
    return len(one & other) / whole if whole else float(one == other)
