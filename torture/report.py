"""What a run found: figures, and promises that were broken."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

ALL = "all parts"
# What all parts together have to tell.
TOLD = (
    "kills survived", "faults injected", "files fuzzed", "vectors tried",
    "articles lost", "duplicates", "false alarms to subscribers", "took",
)  # fmt: skip


@dataclass(slots=True)
class Figure:
    """One number of a part. `most` is the promise: a greater value breaks it; None where there is none."""

    part: str
    name: str
    value: float
    unit: str = ""
    most: float | None = None

    @property
    def kept(self) -> bool:
        return self.most is None or self.value <= self.most

    def row(self) -> tuple[str, ...]:
        promise = "" if self.most is None else f"≤ {_short(self.most)}" if self.most else "0"
        return (
            self.part,
            self.name,
            f"{_short(self.value)} {self.unit}".strip(),
            promise,
            "" if self.kept else "BROKEN",
        )


class Report:
    """Collects what the parts find. `seed` is what all chance of a run comes from, so that it can be had again."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.figures: list[Figure] = []
        self.broken: list[str] = []
        self.part = ""

    def random(self, name: object = "") -> Random:
        """Chance for one purpose, the same at every run with this seed."""
        return Random(f"{self.seed} {self.part} {name}")

    def figure(self, name: str, value: float, unit: str = "", most: float | None = None) -> None:
        """Register a number; `most` is the greatest that keeps the promise (0 for what must never happen).

        A figure that is registered again in a part is added to.
        """
        known = next((one for one in self.figures if (one.part, one.name) == (self.part, name)), None)
        if known is None:
            self.figures.append(Figure(self.part, name, value, unit, most))
        else:
            known.value += value

    def worst(self, name: str, value: float, unit: str, most: float | None = None) -> None:
        """Register a number of which only the greatest counts: the slowest file, the largest process."""
        known = next((one for one in self.figures if (one.part, one.name) == (self.part, name)), None)
        if known is None:
            self.figures.append(Figure(self.part, name, value, unit, most))
        else:
            known.value = max(known.value, value)

    def breaks(self, promise: str, how: str) -> None:
        """Register a broken promise: which, and how to see it again."""
        self.broken.append(f"{self.part}: {promise}: {how}")
        self.say(f"BROKEN {promise}: {how}")

    def say(self, line: str) -> None:
        """Tell what is going on."""
        print(f"{self.part}: {line}", file=sys.stderr, flush=True)

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        """What is registered within belongs to this part. Its time becomes a figure."""
        self.part = part
        began = time.monotonic()
        try:
            yield
        finally:
            self.figure("took", round(time.monotonic() - began, 1), "s")

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not self.broken and all(figure.kept for figure in self.figures)

    def totals(self) -> Iterator[Figure]:
        """What the parts that were run tell together."""
        for name in TOLD:
            if found := [figure for figure in self.figures if figure.name == name]:
                yield Figure(ALL, name, sum(figure.value for figure in found), found[0].unit, found[0].most)

    def table(self) -> str:
        """All figures, aligned, with their totals and what was broken below."""
        told = *self.figures, *self.totals()
        rows = [("part", "figure", "value", "promise", ""), *(figure.row() for figure in told)]
        widths = [max(len(row[column]) for row in rows) for column in range(5)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        verdict = "every promise was kept" if self.kept else "PROMISES WERE BROKEN"
        return "\n".join([*lines, "", *self.broken, f"{verdict}; again: --seed {self.seed}"])


def _short(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.3g}" if value < 100 else f"{value:,.0f}"
