"""A real edit is told to subscribers once, and an article is not doubled by it, whatever happens at the same time."""

from pathlib import Path
from random import Random

import pytest

from tests.support import BODY, OTHER, Place, article
from torture import soak
from torture.report import Report
from torture.world import sentence

TWO = """
sources:
  - {title: River, path: articles, match: {author: River}}
  - {title: %s, path: articles}
"""


@pytest.fixture
def one(tmp_path: Path) -> Place:
    return Place(tmp_path)


def note(number: int, body: str, hour: int) -> str:
    return article(f"Note {number}", body, f"Sat, 05 Feb 2022 {hour:02}:00:00 GMT", author="River")


def text(number: int) -> str:
    """A text that shares nothing with any other."""
    random = Random(number)
    return "".join(f"<p>{sentence(random)}</p>" for _ in range(8))


def test_an_article_that_is_edited_and_moved_by_a_newer_one_is_not_doubled(one: Place) -> None:
    one.write("articles/00.md", note(1, BODY, 8))
    one.scan()
    (before,) = one.feed()
    one.later(hours=1)
    one.empty()
    one.write("articles/00.md", note(2, OTHER, 9))
    one.write("articles/01.md", note(1, BODY + "<p>A correction.</p>", 8))
    one.scan()
    found = {filed.article.title: filed for filed in one.feed()}
    assert sorted(found) == ["Note 1", "Note 2"]
    assert found["Note 1"].id == before.id
    assert len(one.feed()) == 2
    one.store.close()


def test_articles_that_all_moved_on_are_known_though_one_was_edited(one: Place) -> None:
    for place in range(4):
        one.write(f"articles/{place:02}.md", note(4 - place, text(place), 8 - place))
    one.scan()
    before = {filed.article.title: filed.id for filed in one.feed()}
    one.later(hours=1)
    one.empty()
    one.write("articles/00.md", note(5, OTHER, 9))
    for place in range(4):
        edit = "<p>A correction.</p>" if place == 1 else ""
        one.write(f"articles/{place + 1:02}.md", note(4 - place, text(place) + edit, 8 - place))
    one.scan()
    after = {filed.article.title: filed.id for filed in one.feed()}
    assert len(one.feed()) == 5
    assert {title: after[title] for title in before} == before
    one.store.close()


def test_an_edit_is_told_although_another_source_of_the_folder_was_renamed(tmp_path: Path) -> None:
    place = Place(tmp_path, TWO % "Rest")
    place.write("articles/a.md", note(1, BODY, 8))
    place.scan()
    (before,) = place.feed()
    place.later(hours=1)
    place.configure(TWO % "All the rest")
    place.write("articles/a.md", note(1, BODY + "<p>A correction.</p>", 8))
    place.scan()
    (after,) = place.feed()
    assert after.updated == place.now > before.updated
    place.store.close()


@pytest.mark.parametrize(
    "between",
    [
        article("Note", BODY, draft="true"),
        article("Note", BODY + "<p>A correction.</p>", draft="true"),
        "\0 of which nothing can be made",
    ],
    ids=["draft", "edited draft", "broken file"],
)
def test_an_edit_is_told_that_came_while_the_file_was_no_article(one: Place, between: str) -> None:
    one.write("articles/a.md", article("Note", BODY))
    one.scan()
    before = one.only()
    one.later(hours=1)
    one.write("articles/a.md", between)
    one.scan()
    one.later(hours=1)
    one.write("articles/a.md", article("Note", BODY + "<p>A correction.</p>"))
    one.scan()
    after = one.only()
    assert (after.id, after.updated) == (before.id, one.now)
    one.store.close()


@pytest.mark.parametrize("between", [{"draft": "true"}, {}], ids=["draft", "nothing"])
def test_a_text_that_is_back_as_it_was_is_no_edit(one: Place, between: dict[str, str]) -> None:
    one.write("articles/a.md", article("Note", BODY))
    one.scan()
    before = one.only()
    one.later(hours=1)
    one.write("articles/a.md", article("Note", BODY, **between))
    one.scan()
    one.later(hours=1)
    one.write("articles/a.md", article("Note", BODY))
    one.scan()
    after = one.only()
    assert (after.id, after.updated, after.article) == (before.id, before.updated, before.article)
    one.store.close()


def test_a_day_of_a_crawlers_life_keeps_all_promises(tmp_path: Path) -> None:
    report = Report(seed=3)
    for name in soak.NEVER:
        report.figure(name, 0, most=0)
    soak.Soak(tmp_path, report.random(), report).go(1, growth=1000)
    assert report.kept, report.table()
