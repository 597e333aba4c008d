"""A figure beside its peer's, and the report of all of them."""

import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True, slots=True)
class Figure:
    """One thing measured, several times, and what it is held against.

    `ours` and `peer` are in `unit`. With a peer, `aim` is about the ratio ours/peer, else about our median; it begins
    with ≤ or ≥, and so does `least`, what must be reached of it. `note` says what the peer is.
    """

    name: str
    unit: str
    ours: Sequence[float]
    aim: str = ""
    peer: Sequence[float] = ()
    note: str = ""
    least: str = ""

    @property
    def ratio(self) -> float | None:
        """Ours to the peer's, of the medians."""
        return statistics.median(self.ours) / statistics.median(self.peer) if self.peer else None

    @property
    def reached(self) -> str:
        """Whether the aim is reached, or the least of it; "" where there is none."""
        if not self.aim:
            return ""
        value = statistics.median(self.ours) if self.ratio is None else self.ratio
        if _keeps(value, self.aim):
            return "yes"
        return "the least" if self.least and _keeps(value, self.least) else "no"

    def row(self) -> tuple[str, ...]:
        """The figure as the cells of a table."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        aim = f"{self.aim} (least: {self.least})" if self.least else self.aim
        return self.name, _spread(self.ours, self.unit), _spread(self.peer, self.unit), ratio, aim, self.reached


def _keeps(value: float, bound: str) -> bool:
    limit = float(bound[1:].replace(",", ""))
    return value <= limit if bound[0] == "≤" else value >= limit


HEADER = ("", "ours", "peer", "ratio", "aim", "reached")


def markdown(figures: Iterable[Figure]) -> str:
    """The whole report."""
    found = list(figures)
    rows = [HEADER, tuple("---" for _ in HEADER), *(figure.row() for figure in found)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    notes = "\n".join(f"- {figure.name}: {figure.note}." for figure in found if figure.note)
    return (
        f"# Results\n\nWritten by `make bench` on {datetime.now(UTC):%Y-%m-%d}: {_machine()}.\n{_versions()}.\n\n"
        "Medians, with the least and the most in brackets. Every figure was taken beside its peer's, in one run.\n\n"
        f"{table}\n\n{notes}\n"
    )


def _spread(values: Sequence[float], unit: str) -> str:
    if not values:
        return ""
    middle = f"{_short(statistics.median(values))} {unit}"
    return middle if len(values) == 1 else f"{middle} ({_short(min(values))}–{_short(max(values))})"


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _machine() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":")[1].strip() for line in lines if "model name" in line), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores of {model}, {memory:.0f} GiB, {platform.system()}"


def _versions() -> str:
    names = ("flask", "granian", "feedgen", "beautifulsoup4", "lxml", "nh3", "sqlalchemy")
    libraries = ", ".join(f"{name} {version(name)}" for name in names)
    hugo = subprocess.run(["hugo", "version"], check=True, capture_output=True, text=True).stdout.split("-")[0]
    nginx = subprocess.run(["nginx", "-v"], check=True, capture_output=True, text=True).stderr.split(": ")[-1].strip()
    return f"Python {platform.python_version()}, {libraries}; {hugo}, {nginx}"
