"""The past that the status shows: problems of one kind put together, runs in stretches, problems over time."""

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from aggregator.models import Problem
from aggregator.store import Past, to_us
from aggregator.store.history import POINTS, STRETCHES
from aggregator.store.ledger import RUNS_KEPT
from aggregator.store.problem_groups import EXAMPLES, kind
from aggregator.store.schema import problems, runs
from tests.support import BODY, Place, article


def read(place: Place) -> Past:
    return place.store.history.read(place.now)


def complain(place: Place, path: str, *problems: Problem, source: str = "source") -> None:
    with place.store.batch(place.store.ledger.folder("articles"), place.now) as batch:
        batch.keep_problems(path, source, problems)


def ran(place: Place, seconds: float, problems: int = 0, error: str = "", folder: str = "articles") -> None:
    counts = {} if error else {"source": {"new": 1, "problems": problems}}
    number = place.store.ledger.folder(folder)
    place.store.ledger.record_run(number, place.now, place.now + timedelta(seconds=seconds), counts, error)


@pytest.mark.parametrize(
    ("message", "known"),
    [
        ("'soon' is no date; the file's own time was used", "… is no date; the file's own time was used"),
        ("another article, \"A 'B' C\", has the same link", "another article, …, has the same link"),
        ("the file has 7,340,032 bytes, more than allowed", "the file has … bytes, more than allowed"),
        ("permission denied for a/b c.md: give the right", "permission denied for …: give the right"),
        ("the source's `max_size` of sources' files", "the source's `max_size` of sources' files"),
        ("write it like 2022-02-05 20:22:00 +0800", "write it like 2022-02-05 20:22:00 +0800"),
        ("a quote (') is opened and not closed", "a quote (') is opened and not closed"),
        ("some bytes are not utf-8", "some bytes are not utf-8"),
    ],
)
def test_what_differs_from_file_to_file_is_no_part_of_a_kind(message: str, known: str) -> None:
    assert kind(message, "a/b c.md") == known


def test_problems_of_one_kind_are_one_group(place: Place) -> None:
    for number in range(EXAMPLES + 2):
        complain(place, f"{number}.md", Problem(f"'day {number}' is no date", "date"))
        place.later(minutes=1)
    complain(place, "x.md", Problem("there is no title", "title", 3), Problem("'x' is no date", "date"))
    complain(place, "y.md", Problem("'y' is no date", "date"), source="other")
    first, *rest = read(place).problem_groups
    assert (first.source, first.field, first.message, first.count) == ("source", "date", "… is no date", EXAMPLES + 3)
    assert first.since == place.now - timedelta(minutes=EXAMPLES + 2)
    assert [one.path for one in first.examples] == ["x.md", *(f"{number}.md" for number in (6, 5, 4, 3))]
    assert [(one.source, one.message, one.count) for one in rest] == [
        ("other", "'y' is no date", 1),  # alone, it is shown as it is
        ("source", "there is no title", 1),
    ]
    assert rest[1].examples[0].line == 3


def test_the_same_words_are_counted_and_only_some_files_are_named(place: Place) -> None:
    for number in range(EXAMPLES * 2):
        complain(place, f"{number:02}.md", Problem("there is no title"))
    (only,) = read(place).problem_groups
    assert (only.count, len(only.examples)) == (EXAMPLES * 2, EXAMPLES)
    for number in range(EXAMPLES * 2):
        complain(place, f"{number:02}.md")
    assert read(place).problem_groups == ()


def test_groups_follow_every_change_of_the_problems(place: Place) -> None:
    def seen() -> list[tuple[str, str]]:
        return [(group.source, group.message) for group in read(place).problem_groups]

    complain(place, "a.md", Problem("there is no title"))
    assert seen() == [("source", "there is no title")]
    place.later(minutes=1)
    complain(place, "a.md", Problem("there is no date"))  # in the other one's place
    assert seen() == seen() == [("source", "there is no date")]
    with place.store._engine.begin() as connection:
        connection.execute(problems.update().values(source="renamed"))
    assert seen() == [("renamed", "there is no date")]
    complain(place, "a.md")
    assert seen() == []


def test_runs_are_shown_in_stretches(place: Place) -> None:
    ran(place, 2)
    start = place.now
    place.later(hours=30)
    ran(place, 4)
    ran(place, 8)
    ran(place, 1, error="no such folder")
    place.later(hours=30)
    times = read(place).run_times["articles"]
    assert (times.start, len(times.stretches)) == (start, STRETCHES)
    found = {at: part for at, part in enumerate(times.stretches) if part}
    assert list(found) == [0, STRETCHES // 2 - 1]
    part = found[STRETCHES // 2 - 1]
    assert (part.runs, part.failed, part.longest) == (3, 1, 8)
    assert part.mean == pytest.approx(13 / 3)
    assert read(place).last_runs["articles"].error == "no such folder"
    assert read(place).good_runs["articles"].seconds == 8
    place.later(days=31)
    assert read(place).run_times == {}


def test_problems_over_time_are_those_of_all_folders(place: Place) -> None:
    assert read(place).trend is None
    ran(place, 1, problems=4)
    start = place.now
    place.later(hours=10)
    ran(place, 1, problems=2, folder="other")
    place.later(hours=10)
    ran(place, 1, error="no such folder")  # says nothing of problems
    place.later(hours=10)
    ran(place, 1, problems=1)
    trend = read(place).trend
    assert trend is not None
    assert (trend.start, len(trend.values)) == (start, POINTS)
    changes = [value for at, value in enumerate(trend.values) if not at or value != trend.values[at - 1]]
    assert changes == [4, 6, 3]
    assert [trend.values.index(value) for value in changes] == [0, POINTS // 3 - 1, POINTS - 1]


def test_what_was_before_the_oldest_kept_run_is_taken_as_it_was_then(place: Place) -> None:
    ran(place, 1, problems=2, folder="slow")
    place.later(hours=10)
    first = to_us(place.now)
    busy = {"folder": place.store.ledger.folder("busy"), "counts": {"source": {"problems": 5}}, "error": ""}
    rows = [busy | {"started": first + step, "finished": first + step} for step in range(RUNS_KEPT)]
    with place.store._engine.begin() as connection:
        connection.execute(runs.insert(), rows)
    place.later(hours=10)
    trend = read(place).trend
    assert trend is not None
    assert set(trend.values) == {7}


def test_a_store_of_any_size_takes_the_same_number_of_queries(place: Place) -> None:
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    sa.event.listen(place.store._engine, "before_cursor_execute", note)
    ran(place, 1)
    counted = []
    for step in (1, 30):
        for number in range(step):
            place.write(f"articles/{step}-{number}.md", article(f"{step} {number}", f"<p>{number} {step}</p>{BODY}"))
        place.scan()
        for number in range(step):  # of files that are not there, so the scan would forget them
            complain(place, f"{step}-{number}.bad", Problem(f"'{number}' is no date", "date"), source=f"s{number}")
        asked.clear()
        read(place)
        counted.append(len(asked))
    assert counted[0] == counted[1] < 12
