"""What an operator learns of a source, from the edit of the config to the day it is dropped. The clock is told."""

from datetime import timedelta

import pytest

from aggregator.catalog import sync
from aggregator.status import FolderStatus, SourceStatus, State, Status, read_status
from tests.support import BODY, Place, article

TWO = """
site: {url: "http://feeds.example"}
sources:
  - {title: Source, path: articles, every: 10 minutes}
  - {title: Added, path: added, every: 1 hour}
"""
SPLIT = """
site: {url: "http://feeds.example"}
sources:
  - {title: Ada, path: articles, match: {author: Ada}}
  - {title: Others, path: articles, split_by: author}
"""


def status(place: Place) -> Status:
    return read_status(place.store, place.config, place.now)


def source(place: Place, slug: str = "source") -> SourceStatus:
    (found,) = [one for one in status(place).sources if one.slug == slug]
    return found


def folder(place: Place, path: str = "articles") -> FolderStatus:
    (found,) = [one for one in status(place).folders if one.path == path]
    return found


def test_a_source_waits_works_and_tells_its_counts(place: Place) -> None:
    assert (source(place).state, source(place).page, source(place).next_run) == (State.WAITING, None, None)
    assert not status(place).ready
    place.write("articles/a.md", article("A", BODY))
    place.write("articles/b.md", article("B", f"{BODY} more", date=f"{place.now:%Y-%m-%d %H:%M:%S} +0000"))
    place.later(seconds=5)
    place.scan()
    place.later(minutes=9)
    found = source(place)
    assert (found.state, found.articles, found.new, found.problems) == (State.OK, 2, 1, 0)
    assert found.page == "http://feeds.example/sources/source"
    assert found.last_run is not None
    assert (found.last_run.new, found.last_run.started) == (2, place.now - timedelta(minutes=9))
    assert found.last_article == place.now - timedelta(minutes=9, seconds=5)
    assert found.days[-1] == 1
    assert status(place).ready
    place.later(hours=24)
    assert source(place).new == 0


def test_problems_count_until_they_are_mended(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY, date=None, date_="x"))
    place.write("articles/bad.md", "")
    place.scan()
    found = status(place)
    assert found.sources[0].state is State.PROBLEMS
    assert found.sources[0].problems == found.totals.problems == 2
    for name in ("a", "bad"):
        place.write(f"articles/{name}.md", article(name, f"<p>{name}</p>{BODY}"), age=30)
    place.later(minutes=1)
    place.scan()
    found = status(place)
    assert (found.sources[0].state, found.sources[0].problems, found.problems) == (State.OK, 0, ())
    assert found.totals.problems == 0


def test_a_source_is_late_when_its_scan_is_long_due(place: Place) -> None:
    place.configure(TWO)
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    due = place.now + timedelta(minutes=10)
    assert source(place).next_run == due  # nobody wrote a plan down: the last scan and `every` tell
    place.store.ledger.plan({"articles": due + timedelta(minutes=1)})
    assert source(place).next_run == due + timedelta(minutes=1)
    place.now = due + timedelta(minutes=21)
    assert source(place).state is State.OK
    place.later(seconds=1)
    assert (source(place).state, folder(place).state) == (State.LATE, State.LATE)


def test_a_cron_source_has_no_next_run_but_a_planned_one(place: Place) -> None:
    place.configure('sources: [{title: Source, path: articles, cron: "0 6 * * *"}]')
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.later(days=3)
    assert (source(place).state, source(place).next_run) == (State.OK, None)


def test_a_folder_that_cannot_be_read_fails_with_its_reason(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    (place.root / "articles").rename(place.root / "away")
    for _ in range(2):
        place.later(minutes=1)
        place.scan()
    found = source(place)
    assert found.state is State.FAILING
    assert found.error.startswith("cannot read the folder articles: ")
    assert str(place.root) not in found.error
    assert (folder(place).failures, folder(place).error) == (2, found.error)
    assert found.last_run is not None
    assert found.last_run.error == found.error
    assert found.articles == 1
    (place.root / "away").rename(place.root / "articles")
    place.scan()
    assert (source(place).state, source(place).error, folder(place).failures) == (State.OK, "", 0)


def test_an_added_source_waits_for_its_scan_and_says_when_no_file_fits(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.configure(TWO.replace("path: added", "path: articles, match: {author: Nobody}"))
    assert source(place, "added").state is State.WAITING
    place.scan()
    assert (source(place, "added").state, source(place, "added").articles) == (State.EMPTY, 0)


def test_switched_off_and_dropped_sources(place: Place) -> None:
    place.configure(TWO)
    place.write("articles/a.md", article("A", BODY))
    place.write("added/b.md", article("B", f"{BODY} more"))
    place.scan()
    place.configure(TWO.replace("every: 1 hour", "enabled: false"))
    found = source(place, "added")
    assert (found.state, found.articles, found.next_run, found.last_run) == (State.OFF, 1, None, None)
    assert folder(place, "added").state is State.OFF
    place.configure(TWO.split("  - {title: Added")[0])
    found = source(place, "added")
    assert (found.state, found.gone, found.page) == (State.GONE, False, "http://feeds.example/sources/added")
    assert folder(place, "added").state is State.GONE
    assert status(place).totals.sources == 1


def test_problems_of_a_folder_that_nothing_watches_wait_until_something_does(place: Place) -> None:
    place.configure(TWO)
    for path in ("articles/a.md", "added/b.md"):
        place.write(path, article(path, BODY, date="not a date"))
    place.scan()
    both = status(place)
    assert both.totals.problems == 2
    for fewer in (TWO.replace("every: 1 hour", "enabled: false"), TWO.split("  - {title: Added")[0]):
        place.configure(fewer)
        one = status(place)
        assert (one.totals.problems, source(place, "added").problems, source(place).problems) == (1, 0, 1)
        assert {example.folder for group in one.problems for example in group.examples} == {"articles"}
        assert one.trend is not None
        assert one.trend.values[-1] == 1
    place.configure(TWO)
    assert (status(place).problems, status(place).totals) == (both.problems, both.totals)
    assert read_status(place.store, None, place.now).totals.problems == 2


def test_a_source_whose_feeds_are_gone_has_no_page(place: Place) -> None:
    place.configure(TWO.replace("every: 1 hour", "every: 1 hour, on_remove: gone"))
    place.write("added/b.md", article("B", BODY))
    sync(place.store, place.config, lambda: place.now)
    place.scan()
    place.configure(TWO.split("  - {title: Added")[0])
    sync(place.store, place.config, lambda: place.now)
    found = source(place, "added")
    assert (found.state, found.gone, found.page, found.articles) == (State.GONE, True, None, 0)


def test_sources_that_stand_behind_one_item(place: Place) -> None:
    place.configure(SPLIT)
    for name in ("Ada", "Bea", "Cleo"):
        place.write(f"articles/{name}.md", article(name, f"<p>By {name}.</p>{BODY}", author=name))
    place.scan()
    found = status(place).sources
    assert [(one.slug, one.split_by, one.articles, one.state) for one in found] == [
        ("ada", None, 1, State.OK),
        ("others", "author", 0, State.OK),
        ("bea", None, 1, State.OK),
        ("cleo", None, 1, State.OK),
    ]
    assert status(place).totals.sources == 3
    (place.root / "articles").rename(place.root / "away")
    place.scan()
    assert {one.state for one in status(place).sources} == {State.FAILING}


def test_without_a_config_the_store_is_told(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    place.later(days=2)
    found = read_status(place.store, None, place.now)
    (only,) = found.sources
    assert (only.slug, only.state, only.articles, only.folder) == ("source", State.OK, 1, "articles")
    assert [(one.path, one.state) for one in found.folders] == [("articles", State.OK)]
    assert (found.config, found.articles) == ("", 1)


@pytest.mark.parametrize(("path", "shown"), [("articles", "articles"), ("../place/articles", "…/articles")])
def test_the_public_is_told_no_folders_but_the_configs_own(place: Place, path: str, shown: str) -> None:
    outside = str(place.root / "articles") if path.startswith("..") else path
    place.configure(f'sources: [{{title: Source, path: "{outside}"}}]')
    place.write("articles/bad.md", "")
    place.scan()
    (place.root / "articles/bad.md").unlink()
    (place.root / "articles").rmdir()
    place.write("else/bad.md", "")
    before = read_status(place.store, place.config, place.now, public=True)
    assert before.problems[0].examples[0].folder == shown
    place.scan()
    found = read_status(place.store, place.config, place.now, public=True)
    assert found.sources[0].folder == found.folders[0].path == shown
    assert found.sources[0].error.startswith(f"cannot read the folder {shown}: ")
    assert str(place.root) not in repr(found)
