"""Files that pass from one watched folder to another, because the config changed: their articles go along."""

import pytest

from aggregator.ingest import scan, scan_files
from aggregator.models import Filed
from aggregator.report import Counts
from tests.support import BODY, OTHER, Place, article

TOP = 'site: {url: "http://feeds.example"}\nsources:'
INNER = """
  - {title: Inner, path: articles/inner, language: en, timezone: Asia/Shanghai, link: "https://inner.example/"}
"""
OUTER = """
  - {title: Outer, path: articles, language: de, split_by: author, on_delete: remove}
"""
LAYOUTS = {
    "inner item first": TOP + INNER + OUTER,
    "outer item only": TOP + OUTER,
    "the same by another name": TOP + OUTER.replace("path: articles", "path: ./articles/../articles"),
}
SHORT = "<p>Neither a mill nor bread.</p>"


def told(found: list[Filed]) -> list[tuple[object, ...]]:
    """What makes an article new, edited or doubled to a subscriber."""
    return sorted((item.id, item.published, item.updated, item.article.title) for item in found)


def changes(counts: dict[str, Counts]) -> tuple[int, int]:
    return sum(count.new for count in counts.values()), sum(count.removed for count in counts.values())


@pytest.fixture
def nested(place: Place) -> Place:
    """Two files in the inner folder, one beside it."""
    place.write("articles/inner/2026/a.md", article("Mill", BODY, author="Ann"))
    place.write(
        "articles/inner/b.md", article("Bread", OTHER + '<img src="/b.png">', "2026-11-01 10:00", author="Ann")
    )
    place.write("articles/c.md", article("Beside", SHORT, author="Ann"))
    return place


@pytest.mark.parametrize("begin", LAYOUTS)
def test_an_item_put_in_or_taken_out_makes_nothing_new(nested: Place, begin: str) -> None:
    nested.configure(LAYOUTS[begin])
    nested.scan()
    before = told(nested.feed())
    assert len(before) == 3
    for name in (*LAYOUTS, *reversed(LAYOUTS)):
        nested.later(hours=1)
        nested.configure(LAYOUTS[name])
        assert changes(nested.scan()) == (0, 0)
        assert told(nested.feed()) == before
        assert changes(nested.scan()) == (0, 0)
        assert len(nested.feed("sources/inner")) == (2 if name == "inner item first" else 0)


def test_whichever_folder_is_scanned_first_nothing_is_missing_at_any_moment(nested: Place) -> None:
    for turned in (False, True):
        nested.configure(LAYOUTS["outer item only"])
        nested.scan()
        before = told(nested.feed())
        nested.configure(LAYOUTS["inner item first"])
        for folder in sorted(nested.router.folders(), reverse=turned):
            scan(nested.store, nested.router, folder, lambda: nested.now)
            assert told(nested.feed()) == before
        assert len(nested.feed("sources/inner")) == 2


def test_an_edit_under_the_new_item_is_told_as_one(nested: Place) -> None:
    nested.configure(LAYOUTS["outer item only"])
    nested.scan()
    known = {item.id for item in nested.feed()}
    nested.configure(LAYOUTS["inner item first"])
    nested.scan()
    nested.later(hours=1)
    nested.write("articles/inner/b.md", article("Bread", OTHER + "<p>Bake it.</p>", "2026-11-01 10:00", author="Ann"))
    assert (nested.scan()["inner"].updated, {item.id for item in nested.feed()}) == (1, known)


def test_a_draft_under_the_new_item_is_withdrawn(nested: Place) -> None:
    nested.configure(LAYOUTS["outer item only"])
    nested.scan()
    nested.configure(LAYOUTS["inner item first"])
    nested.write("articles/inner/b.md", article("Bread", OTHER, "2026-11-01 10:00", author="Ann", draft="true"))
    nested.scan()
    assert {item.article.title for item in nested.feed()} == {"Mill", "Beside"}


def test_a_file_event_takes_an_article_over_too(nested: Place) -> None:
    nested.configure(LAYOUTS["inner item first"])
    nested.scan()
    before = told(nested.feed())
    nested.configure(LAYOUTS["outer item only"])
    (outer,) = nested.router.folders()
    assert not scan_files(nested.store, nested.router, outer, lambda: nested.now, {"inner/b.md"}).whole_needed
    assert told(nested.feed()) == before
    assert [item.article.title for item in nested.feed("sources/inner")] == ["Mill"]


def test_an_article_that_another_folder_has_stays_when_a_file_of_it_is_deleted(place: Place) -> None:
    two = OUTER + OUTER.replace("Outer", "More").replace("articles", "more")
    place.configure(TOP + two)
    files = [place.write(f"{folder}/a.md", article("Mill", BODY, author="Ann")) for folder in ("articles", "more")]
    place.write("articles/c.md", article("Beside", SHORT, author="Ann"))
    place.write("more/d.md", article("Far", OTHER, author="Ann"))
    place.scan()
    before = told(place.feed())
    assert len(before) == 3
    files[0].unlink()
    for _ in range(3):
        place.later(hours=1)
        place.scan()
    assert told(place.feed()) == before
    files[1].unlink()
    for _ in range(3):
        place.later(hours=1)
        place.scan()
    assert {item.article.title for item in place.feed()} == {"Beside", "Far"}
