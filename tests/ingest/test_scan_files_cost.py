"""What it costs to look at one file, counted in calls of functions and steps of SQLite, which no load changes."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection

import pytest
from sqlalchemy import event

from aggregator.ingest import scan_files
from aggregator.report import ScanReport
from tests.support import Place, article

FEW, MANY = 20, 320
PER_CENT = 5


@contextmanager
def counting(place: Place) -> Iterator[Counter[str]]:
    counts: Counter[str] = Counter()

    def step() -> int:
        counts["steps"] += 1
        return 0

    def checkout(connection: Connection, *_: object) -> None:
        connection.set_progress_handler(step, 1)

    event.listen(place.store._engine, "checkout", checkout)
    sys.setprofile(lambda *_: counts.update(calls=1))
    try:
        yield counts
    finally:
        sys.setprofile(None)
        event.remove(place.store._engine, "checkout", checkout)


def fill(place: Place, start: int, end: int) -> None:
    for number in range(start, end):
        file = place.write(f"articles/channel/{number}.md", article(f"No {number}", f"<p>Text {number}</p>"))
        if number % 4 == 0:
            file.write_text("no front matter")
    place.scan()


def add(place: Place) -> str:
    place.write("articles/channel/new.md", article("New", "<p>A new text</p>", image="new.png"))
    return "channel/new.md"


def edit(place: Place) -> str:
    place.write("articles/channel/1.md", article("No 1", "<p>Text 1, and more</p>"))
    return "channel/1.md"


def move(place: Place) -> str:
    (place.root / "articles/channel/2.md").rename(place.root / "articles/channel/moved.md")
    return "channel/moved.md"


@pytest.mark.parametrize("change", [add, edit, move])
def test_a_look_at_a_file_costs_the_same_whatever_else_is_there(
    tmp_path: Path, change: Callable[[Place], str]
) -> None:
    costs = []
    for number in (FEW, MANY):
        (tmp_path / str(number)).mkdir()
        place = Place(tmp_path / str(number))
        fill(place, 0, FEW)
        look(place, edit(place))  # what is made only once is made
        fill(place, FEW, number)
        place.later(minutes=1)
        name = change(place)
        with counting(place) as counts:
            report = look(place, name)
        assert not report.whole_needed
        costs.append(counts)
        place.store.close()
    few, many = costs
    for what in ("calls", "steps"):
        assert 0 < many[what] <= few[what] * (1 + PER_CENT / 100), what


def look(place: Place, name: str) -> ScanReport:
    (folder,) = place.router.folders()
    return scan_files(place.store, place.router, folder, lambda: place.now, [name])
