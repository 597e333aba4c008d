"""What pages show beside their subject: who publishes how much, what comes before and after, the same elsewhere."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from aggregator.models import Filed
from aggregator.store.activity import DAYS, Activity
from aggregator.store.engine import open_engine
from aggregator.store.neighbours import VERSIONS, Neighbours
from tests.support import BODY, OTHER, Place, article

SOURCES = """
site: {url: "http://feeds.example"}
sources:
  - {title: First, path: first}
  - {title: Second, path: second}
  - {title: Third, path: third}
"""
SHORT = "<p>For members only.</p>"


class Around(Activity, Neighbours):
    """All that is tested here."""


@pytest.fixture
def around(place: Place) -> Iterator[Around]:
    place.configure(SOURCES)
    engine = open_engine(place.config.store)
    yield Around(engine)
    engine.dispose()


def dated(day: int, hour: int = 12) -> str:
    return f"2026-11-{day:02} {hour:02}:00:00 +0000"


def only(place: Place, title: str) -> Filed:
    (found,) = [filed for filed in place.feed() if filed.article.title == title]
    return found


def titles(found: tuple[Filed | None, Filed | None]) -> list[str | None]:
    return [filed and filed.article.title for filed in found]


def test_articles_a_day(place: Place, around: Around) -> None:
    assert around.activity() == {}
    files = [("first", 19, "a"), ("first", 19, "b"), ("first", 18, "c"), ("second", 1, "d")]
    for folder, day, name in files:
        place.write(f"{folder}/{name}.md", article(name, f"<p>{name} {BODY}</p>", date=dated(day)))
    place.write("second/old.md", article("old", OTHER, date="2026-10-21 00:00:00 +0000"))
    place.write("third/older.md", article("older", OTHER, date="2026-10-20 23:59:59 +0000"))
    place.scan()
    found = around.activity()
    assert {path: sum(counts) for path, counts in found.items()} == {"sources/first": 3, "sources/second": 2}
    assert {len(counts) for counts in found.values()} == {DAYS}
    assert found["sources/first"][-3:] == (0, 1, 2)  # the last day is that of the newest article
    assert found["sources/second"][0] == 1


def test_the_sources_of_a_category(place: Place, around: Around) -> None:
    for folder, name, category in (
        ("first", "a", "News"),
        ("first", "b", "News"),
        ("second", "c", "News"),
        ("third", "d", "Else"),
    ):
        place.write(f"{folder}/{name}.md", article(name, f"<p>{name} {BODY}</p>", categories=f"[{category}]"))
    place.scan()
    scope = place.store.scope("categories/News")
    assert scope is not None
    assert around.sources_in(scope) == {"sources/first": 2, "sources/second": 1}


def test_neighbours_by_publication(place: Place, around: Around) -> None:
    for name, day in (("middle", 10), ("early", 5), ("late", 15)):
        place.write(f"first/{name}.md", article(name, f"<p>{name} {BODY}</p>", date=dated(day)))
    place.write("second/between.md", article("between", OTHER, date=dated(11)))
    place.scan()
    place.later(hours=1)
    place.write("first/found.md", article("found late", OTHER, date=dated(12)))
    place.scan()
    order = ["early", "middle", "found late", "late"]
    for before, title, after in zip([None, *order], order, [*order[1:], None], strict=False):
        assert titles(around.neighbours(only(place, title))) == [before, after]


def test_articles_of_one_moment_have_an_order_too(place: Place, around: Around) -> None:
    for name in "abcd":
        place.write(f"first/{name}.md", article(name, f"<p>{name} {BODY}</p>", date=dated(10)))
    place.scan()
    listed = [filed.id for filed in sorted(place.feed(), key=lambda filed: filed.id)]  # as pages list them
    met = [filed for filed in place.feed() if filed.id == listed[0]]
    while (earlier := around.neighbours(met[-1])[0]) is not None:
        assert around.neighbours(earlier)[1].id == met[-1].id  # type: ignore[union-attr]
        met.append(earlier)
    assert [filed.id for filed in met] == listed


def test_a_withdrawn_article_is_nobodys_neighbour(place: Place, around: Around) -> None:
    for name, day in (("a", 1), ("b", 2), ("c", 3)):
        place.write(f"first/{name}.md", article(name, f"<p>{name} {BODY}</p>", date=dated(day)))
    place.scan()
    place.write("first/b.md", article("b", f"<p>b {BODY}</p>", date=dated(2), draft="true"))
    place.later(hours=1)
    place.scan()
    assert titles(around.neighbours(only(place, "a"))) == [None, "c"]


@pytest.mark.parametrize(
    ("title", "body", "day", "same"),
    [
        ("Ferry", BODY, 10, True),  # a copy
        ("Ferry timetable", BODY, 2, True),  # under another title
        ("Ferry", OTHER, 12, True),  # rewritten, at about the same time
        ("Ferry", OTHER, 2, False),  # a title that comes again
        ("Ferry timetable", OTHER, 10, False),
        ("Members", SHORT, 10, False),  # a text that says nothing
    ],
)
def test_versions_in_other_sources(place: Place, around: Around, title: str, body: str, day: int, same: bool) -> None:
    place.write("first/a.md", article("Ferry", BODY if body != SHORT else SHORT, date=dated(10)))
    place.write("second/b.md", article(title, body, date=dated(day)))
    place.scan()
    original = next(filed for filed in place.feed("sources/first"))
    assert [filed.source.title for filed in around.versions(original)] == (["Second"] if same else [])


def test_versions_are_of_other_sources_and_in_order(place: Place, around: Around) -> None:
    for folder, day in (("first", 10), ("third", 9), ("second", 11)):
        place.write(f"{folder}/a.md", article("Ferry", BODY, date=dated(day)))
    place.write("first/again.md", article("Ferry", OTHER, date=dated(10, 13)))
    place.scan()
    first = [filed for filed in place.feed("sources/first") if "river" in filed.article.content]
    assert [filed.source.title for filed in around.versions(first[0])] == ["Third", "Second"]
    assert len(around.versions(first[0])) <= VERSIONS


def test_a_page_needs_index_entries_only(place: Place, around: Around) -> None:
    """Neighbours and versions must not read a whole source: their queries are carried out by indexes."""
    place.write("first/a.md", article("Ferry", BODY, date=dated(10)))
    place.scan()
    plans: list[str] = []

    def explain(
        connection: sa.Connection, _cursor: object, statement: str, parameters: object, *_rest: object
    ) -> None:
        if statement.startswith("SELECT") and connection.dialect.name == "sqlite":
            raw = connection.connection.cursor()
            plans.extend(row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statement}", parameters))

    sa.event.listen(around._engine, "before_cursor_execute", explain)
    around.neighbours(place.only())
    around.versions(place.only())
    around.activity()
    assert not [step for step in plans if step.startswith("SCAN articles")]


def test_days_are_counted_from_the_newest_article(place: Place, around: Around) -> None:
    newest = datetime(2020, 1, 31, 23, 59, tzinfo=UTC)
    for back in (0, 29, 30):
        date = f"{newest - timedelta(days=back):%Y-%m-%d %H:%M:%S} +0000"
        place.write(f"first/{back}.md", article(f"{back}", f"<p>{back} {BODY}</p>", date=date))
    place.scan()
    counts = around.activity()["sources/first"]
    assert (counts[0], counts[-1], sum(counts)) == (1, 1, 2)
