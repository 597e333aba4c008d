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


def note(number: int, body: str, hour: int) -> str:
    return article(f"Note {number}", body, f"Sat, 05 Feb 2022 {hour:02}:00:00 GMT", author="River")


def text(number: int) -> str:
    """A text that shares nothing with any other."""
    random = Random(number)
    return "".join(f"<p>{sentence(random)}</p>" for _ in range(8))


def test_an_article_that_is_edited_and_moved_by_a_newer_one_is_not_doubled(place: Place) -> None:
    place.write("articles/00.md", note(1, BODY, 8))
    place.scan()
    (before,) = place.feed()
    place.later(hours=1)
    place.empty()
    place.write("articles/00.md", note(2, OTHER, 9))
    place.write("articles/01.md", note(1, BODY + "<p>A correction.</p>", 8))
    place.scan()
    found = {filed.article.title: filed for filed in place.feed()}
    assert sorted(found) == ["Note 1", "Note 2"]
    assert found["Note 1"].id == before.id
    assert len(place.feed()) == 2


def test_articles_that_all_moved_on_are_known_though_one_was_edited(place: Place) -> None:
    for number in range(4):
        place.write(f"articles/{number:02}.md", note(4 - number, text(number), 8 - number))
    place.scan()
    before = {filed.article.title: filed.id for filed in place.feed()}
    place.later(hours=1)
    place.empty()
    place.write("articles/00.md", note(5, OTHER, 9))
    for number in range(4):
        edit = "<p>A correction.</p>" if number == 1 else ""
        place.write(f"articles/{number + 1:02}.md", note(4 - number, text(number) + edit, 8 - number))
    place.scan()
    after = {filed.article.title: filed.id for filed in place.feed()}
    assert len(place.feed()) == 5
    assert {title: after[title] for title in before} == before


def test_an_edit_is_told_although_another_source_of_the_folder_was_renamed(place: Place) -> None:
    place.configure(TWO % "Rest")
    place.write("articles/a.md", note(1, BODY, 8))
    place.scan()
    (before,) = place.feed()
    place.later(hours=1)
    place.configure(TWO % "All the rest")
    place.write("articles/a.md", note(1, BODY + "<p>A correction.</p>", 8))
    place.scan()
    (after,) = place.feed()
    assert after.updated == place.now > before.updated


@pytest.mark.parametrize(
    "between",
    [
        article("Note", BODY, draft="true"),
        article("Note", BODY + "<p>A correction.</p>", draft="true"),
        "\0 of which nothing can be made",
    ],
    ids=["draft", "edited draft", "broken file"],
)
def test_an_edit_is_told_that_came_while_the_file_was_no_article(place: Place, between: str) -> None:
    place.write("articles/a.md", article("Note", BODY))
    place.scan()
    before = place.only()
    place.later(hours=1)
    place.write("articles/a.md", between)
    place.scan()
    place.later(hours=1)
    place.write("articles/a.md", article("Note", BODY + "<p>A correction.</p>"))
    place.scan()
    after = place.only()
    assert (after.id, after.updated) == (before.id, place.now)


@pytest.mark.parametrize("between", [{"draft": "true"}, {}], ids=["draft", "nothing"])
def test_a_text_that_is_back_as_it_was_is_no_edit(place: Place, between: dict[str, str]) -> None:
    place.write("articles/a.md", article("Note", BODY))
    place.scan()
    before = place.only()
    place.later(hours=1)
    place.write("articles/a.md", article("Note", BODY, **between))
    place.scan()
    place.later(hours=1)
    place.write("articles/a.md", article("Note", BODY))
    place.scan()
    after = place.only()
    assert (after.id, after.updated, after.article) == (before.id, before.updated, before.article)


def test_a_day_of_a_crawlers_life_keeps_all_promises(tmp_path: Path) -> None:
    report = Report(seed=3)
    for name in soak.NEVER:
        report.figure(name, 0, most=0)
    soak.Soak(tmp_path, report.random(), report).go(1, growth=1000)
    assert report.kept, report.table()
