"""Which of the hits a person most likely looks for. Pure.

    score = Σ over the query's terms of (2 if the title has it) + f / (f + 1.2)
    f     = how often the body has it / (0.25 + 0.75 × its length / the hits' mean length)

The second part is BM25's: the tenth mention tells less than the first, and more in a short text. Its other part, how
rare a term is, would change little: all hits have all terms. So a title counts for more than any number of mentions.
Of hits that score about alike, the newer comes first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

TITLE = 2.0
SATURATION = 1.2
LENGTH = 0.75


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that a query finds, with its canonical texts; `arrived` in microseconds since 1970."""

    seq: int
    arrived: int
    title: str
    body: str


def ranked(hits: Sequence[Hit], patterns: Sequence[str]) -> list[Hit]:
    """The hits, best first; `patterns` are those of the terms that were looked for (see query.Term)."""
    mean = sum(len(hit.body) for hit in hits) / len(hits) if hits else 0.0
    return sorted(hits, key=lambda hit: (round(_score(hit, patterns, mean), 1), hit.arrived, hit.seq), reverse=True)


def _score(hit: Hit, patterns: Sequence[str], mean: float) -> float:
    length = 1 - LENGTH + LENGTH * len(hit.body) / mean
    score = 0.0
    for pattern in patterns:
        frequency = hit.body.count(pattern) / length
        score += TITLE * (pattern in hit.title) + frequency / (frequency + SATURATION)
    return score
