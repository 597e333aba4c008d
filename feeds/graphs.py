"""The graphs of the status page: numbers in, places in a drawing out. Words are put in by the template.

A graph is as wide as the page lets it, while its texts keep their size: so places across are per cent of the width,
places down are pixels from the top. Lines, which SVG cannot place in per cent, are in a drawing of their own that is
WIDE across and stretched.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aggregator.store import Stretch

HEAD = 20  # pixels above the highest value, for what is written there
PLOT = 120  # pixels between the highest value and the base line
BASE = HEAD + PLOT
HEIGHT = BASE + 22  # with what is written below
WIDE = 1000
EDGE = 12  # per cent; a text that begins nearer to an edge would be cut

_TOPS = (1, 2, 4, 6, 8, 10)  # of a scale, times a power of ten: all but the first can be halved
_PAD = 0.18  # of a bar's place is left empty


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a graph with what stands there; `anchor` is SVG's text-anchor, so that its text is not cut."""

    x: float
    y: float
    value: float

    @property
    def anchor(self) -> str:
        """Which end of its text stands at the place."""
        return "start" if self.x < EDGE else "end" if self.x > 100 - EDGE else "middle"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; `place` counts from 0."""

    place: int
    x: float
    width: float
    y: float
    height: float
    value: float


@dataclass(frozen=True, slots=True)
class Bars:
    """A bar for each value above nothing; `peak` is the highest."""

    bars: tuple[Bar, ...]
    ticks: tuple[Mark, ...]
    peak: Mark | None


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over time as steps: paths in a drawing WIDE across. `peak` is the highest, `last` the newest."""

    line: str
    area: str
    ticks: tuple[Mark, ...]
    peak: Mark
    last: Mark


@dataclass(frozen=True, slots=True)
class RunGraph:
    """How long runs took: bars for the longest, a line for the mean (in a drawing WIDE across; a dot where it is one
    value only), places of runs that failed."""

    bars: tuple[Bar, ...]
    line: str
    dots: tuple[Mark, ...]
    failed: tuple[Mark, ...]
    ticks: tuple[Mark, ...]
    peak: Mark


def bar_graph(values: Sequence[float]) -> Bars:
    """Values one beside the other."""
    top = _top(max(values, default=0))
    bars = tuple(_bars(values, top))
    highest = max(bars, key=lambda bar: bar.value, default=None)
    return Bars(bars, _ticks(top), Mark(highest.x + highest.width / 2, highest.y, highest.value) if highest else None)


def curve(values: Sequence[int]) -> Curve:
    """Values at the ends of equal parts of a time; at least one."""
    top = _top(max(values))
    width = WIDE / len(values)
    downs = [_down(value, top) for value in values]
    line = f"M0 {downs[0]:g}" + "".join(
        f"H{place * width:.4g}V{down:g}" if down != downs[place - 1] else ""
        for place, down in enumerate(downs)
        if place
    )
    line += f"H{WIDE}"
    place = max(range(len(values)), key=lambda place: values[place])
    peak = Mark(round((place + 0.5) * 100 / len(values), 2), downs[place], values[place])
    return Curve(line, f"{line}V{BASE}H0Z", _ticks(top), peak, Mark(100, downs[-1], values[-1]))


def run_graph(stretches: Sequence[Stretch | None], unit: float) -> RunGraph:
    """A folder's runs, of which there is at least one; `unit` is the number of seconds that the scale counts in."""
    number = len(stretches)
    longest = [part.longest / unit if part else 0 for part in stretches]
    top = _top(max(longest))
    runs = [(_middle(place, number), part) for place, part in enumerate(stretches) if part]
    means = tuple(Mark(x, _down(part.mean / unit, top), part.mean) for x, part in runs)
    x, slowest = max(runs, key=lambda run: run[1].longest)
    return RunGraph(
        bars=tuple(_bars(longest, top)),
        line=_line(means),
        dots=means if len(means) == 1 else (),
        failed=tuple(Mark(x, BASE, part.failed) for x, part in runs if part.failed),
        ticks=_ticks(top),
        peak=Mark(x, _down(slowest.longest / unit, top), slowest.longest),
    )


def _line(means: Sequence[Mark]) -> str:
    return "".join(f"{'L' if place else 'M'}{mark.x * WIDE / 100:.4g} {mark.y:g}" for place, mark in enumerate(means))


def _bars(values: Sequence[float], top: float) -> Iterator[Bar]:
    width = 100 / max(len(values), 1)
    for place, value in enumerate(values):
        if value:
            height = max(2, round(value * PLOT / top, 1))  # whatever is not nothing is seen
            left, wide = round((place + _PAD / 2) * width, 2), round((1 - _PAD) * width, 2)
            yield Bar(place, left, wide, round(BASE - height, 1), height, value)


def _middle(place: int, number: int) -> float:
    return round((place + 0.5) * 100 / number, 2)


def _down(value: float, top: float) -> float:
    return round(BASE - value * PLOT / top, 1)


def _top(peak: float) -> float:
    """The end of a scale: a round number that is not below the peak."""
    if peak <= 0:
        return 1
    power: float = 10.0 ** math.floor(math.log10(peak))
    return next(top * power for top in _TOPS if top * power >= peak * 0.999_999)


def _ticks(top: float) -> tuple[Mark, ...]:
    values = (0, top / 2, top) if top / 2 >= 1 or top < 1 else (0, top)
    return tuple(Mark(0, _down(value, top), value) for value in values)
