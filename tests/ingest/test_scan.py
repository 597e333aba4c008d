"""A scan meets folders as they come: half written, broken, vanishing, shared by sources."""

import errno
from datetime import timedelta

import pytest

from aggregator.errors import ScanStoppedError
from aggregator.ingest import BATCH
from aggregator.models import ScopeKind
from aggregator.vanished import DOUBTFUL
from tests.support import BODY, OTHER, Place, article, one


def test_a_file_that_is_being_written_waits_for_the_next_scan(place: Place) -> None:
    whole = article("A", BODY)
    for cut in (len(whole) // 2, len(whole) - 40):
        place.write("articles/a.md", whole[:cut], age=0.5)
        (report,) = place.reports()
        assert (report.unsettled, len(place.feed())) == (1, 0)
    place.write("articles/a.md", whole, age=0)
    (report,) = place.reports()
    assert (report.unsettled, one(report.counts)) == (0, (1, 0, 0, 0))


def test_markdown_has_no_shape_and_waits_for_the_settle_time(place: Place) -> None:
    place.write("articles/a.md", "---\ntitle: A\ndate: 2026-11-01\n---\n\nSome *words*.\n", age=0.5)
    assert place.reports()[0].unsettled == 1
    place.later(seconds=2)
    assert one(place.scan()) == (1, 0, 0, 0)


def test_a_broken_file_keeps_the_last_good_version(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.write("articles/b.md", article("B", OTHER))
    place.scan()
    good = place.feed()
    place.later(hours=1)
    place.write("articles/a.md", b"\x00\x01\x02\xff\xfe binary \x80\x81")
    counts = place.scan()
    assert one(counts) == (0, 0, 2, 0)
    assert counts["source"].problems == 1
    assert place.feed() == good
    (problem,) = place.store.ledger.problems()
    assert (problem.folder, problem.path, problem.source) == ("articles", "a.md", "source")
    since = problem.since
    place.later(hours=1)
    place.write("articles/a.md", b"\x00\x01\x02\xff\xfe other binary \x80\x81")
    place.scan()
    assert place.store.ledger.problems()[0].since == since
    place.write("articles/a.md", article("A", BODY))
    assert place.scan()["source"].problems == 0


def test_what_was_repaired_in_the_front_matter_is_a_problem(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY, author="Ada\nauthor: Bo"))
    assert one(place.scan()) == (1, 0, 0, 0)
    (problem,) = place.store.ledger.problems()
    assert (problem.field, problem.line) == ("author", 5)


def test_problems_of_a_file_that_went_away_go_too(place: Place) -> None:
    place.write("articles/a.md", "no front matter at all")
    assert place.scan()["source"].problems == 1
    place.empty()
    assert place.scan()["source"].problems == 0


def test_drafts_are_not_published_and_withdraw(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY, draft="true"))
    assert one(place.scan()) == (0, 0, 0, 0)
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    first = place.only()
    place.write("articles/a.md", article("A", BODY, draft="true"))
    assert one(place.scan()) == (0, 0, 0, 1)
    assert (place.feed(), place.store.article(first.id)) == ([], None)
    place.write("articles/a.md", article("A", BODY))
    assert one(place.scan()) == (0, 1, 0, 0)
    assert place.only().id == first.id


REMOVING = """
sources:
  - {title: Source, path: articles, on_delete: remove}
"""


def test_on_delete_remove_takes_two_whole_scans_in_a_row(place: Place) -> None:
    place.configure(REMOVING)
    place.write("articles/a.md", article("A", BODY))
    place.write("articles/b.md", article("B", OTHER))
    place.scan()
    (place.root / "articles/a.md").unlink()
    assert one(place.scan(counts_missing=False)) == (0, 0, 1, 0)
    assert one(place.scan()) == (0, 0, 1, 0)
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    (place.root / "articles/a.md").unlink()
    place.scan()
    assert len(place.feed()) == 2
    assert one(place.scan()) == (0, 0, 1, 1)
    assert [filed.article.title for filed in place.feed()] == ["B"]
    place.write("articles/a.md", article("A", BODY))
    assert one(place.scan()) == (0, 1, 1, 0)
    assert len(place.feed()) == 2


def test_a_missing_folder_is_an_error_that_harms_nothing(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    (place.root / "articles/a.md").unlink()
    (place.root / "articles").rmdir()
    (report,) = place.reports()
    assert "articles" in report.error
    assert place.store.ledger.folders()[0].error == report.error
    assert len(place.feed()) == 1
    place.empty()
    assert place.reports()[0].error == ""
    assert place.store.ledger.folders()[0].error == ""


def test_the_first_import_counts_publication_as_arrival(place: Place) -> None:
    for day in range(1, 6):
        place.write(
            f"articles/{day}.md", article(f"Day {day}", f"<p>Day {day}</p>{BODY}", f"2026-11-0{day}T10:00:00Z")
        )
    place.scan()
    assert [filed.article.title for filed in place.feed(limit=3)] == ["Day 5", "Day 4", "Day 3"]
    place.later(hours=1)
    place.write("articles/late.md", article("Late find", OTHER, "2026-10-01T10:00:00Z"))
    place.scan()
    assert [filed.article.title for filed in place.feed(limit=2)] == ["Late find", "Day 5"]


def test_a_large_folder_is_filed_in_batches_and_can_be_stopped(place: Place) -> None:
    number = BATCH * 2 + 5
    for index in range(number):
        place.write(f"articles/{index}.md", article(f"Title {index}", f"<p>Text of its own {index} {index * 7}.</p>"))
    stops = iter([False, True])
    with pytest.raises(ScanStoppedError):
        place.scan(stopped=lambda: next(stops))
    assert len(place.feed()) == BATCH
    seen: list[tuple[int, int]] = []
    assert one(place.scan(progress=lambda done, total: seen.append((done, total)))) == (BATCH + 5, 0, BATCH, 0)
    assert seen[-1] == (BATCH + 5, BATCH + 5)
    assert len(place.feed()) == number


SHARED = """
site: {language: zh-CN}
sources:
  - {title: Notes, path: articles/notes}
  - {title: ZAKER, path: articles, match: {author: ZAKER}}
  - {title: Everything else, path: articles, split_by: author}
"""


def test_sources_that_share_a_folder(place: Place) -> None:
    place.configure(SHARED)
    place.write("articles/z.md", article("Z", BODY, author="ZAKER"))
    place.write("articles/h.md", article("H", OTHER, author="河岸 &amp; 观察"))
    place.write("articles/n.md", article("N", "<p>No author.</p>"))
    place.write("articles/notes/p.md", article("P", "<p>A note.</p>", author="ZAKER"))
    counts = place.scan()
    expected = ("zaker", "河岸-观察", "everything-else", "notes")
    assert {slug: one(counts, slug) for slug in counts} == dict.fromkeys(expected, (1, 0, 0, 0))
    titles = {scope.path: scope.title for scope in place.store.scopes(ScopeKind.SOURCE)}
    assert titles["sources/河岸-观察"] == "河岸 & 观察"
    assert [filed.source.slug for filed in place.feed("sources/notes")] == ["notes"]
    assert place.feed("sources/notes")[0].source.language == "zh-CN"


def test_an_author_that_gets_its_own_source_keeps_feed_and_ids(place: Place) -> None:
    catch_all = "  - {title: Everything else, path: articles, split_by: author}\n"
    place.configure("sources:\n" + catch_all)
    place.write("articles/a.md", article("A", BODY, author="River Watch"))
    place.scan()
    first = place.only()
    own = '  - {title: River Watch, path: articles, match: {author: River Watch}, link: "https://river.example/"}\n'
    place.configure("sources:\n" + own + catch_all)
    place.later(minutes=5)
    place.scan()
    assert place.only().id == first.id
    assert place.only().source.link == "https://river.example/"
    place.configure("sources:\n" + own.replace("title: River Watch", "title: The River, slug: river") + catch_all)
    assert one(place.scan(), "river") == (0, 1, 0, 0)
    assert (place.only().id, place.only().source.slug) == (first.id, "river")
    assert place.feed("sources/river-watch") == []


def test_other_rules_of_normalizing_are_no_edit(place: Place) -> None:
    image = '<p><img src="https://proxy.example/?https://img.example/a.jpg"></p>'
    place.write("articles/a.md", article("A", image + BODY))
    place.scan()
    first = place.only()
    place.configure(
        place.config_text.replace("path: articles", 'path: articles, image_proxies: ["https://proxy.example/?"]')
    )
    place.later(hours=1)
    assert one(place.scan()) == (0, 1, 0, 0)
    filed = place.only()
    assert 'src="https://img.example/a.jpg"' in filed.article.content
    assert (filed.id, filed.updated) == (first.id, first.updated)


def test_two_names_with_one_slug_are_two_sources(place: Place) -> None:
    place.configure("sources:\n  - {title: All, path: articles, split_by: author}\n")
    place.write("articles/a.md", article("A", BODY, author="36氪!"))
    place.write("articles/b.md", article("B", OTHER, author="36氪?"))
    place.scan()
    before = {scope.path for scope in place.store.scopes(ScopeKind.SOURCE)}
    assert len(before) == 2
    place.later(hours=1)
    place.write("articles/b.md", article("B", OTHER + "<p>More</p>", author="36氪?"))
    place.scan()
    assert {scope.path for scope in place.store.scopes(ScopeKind.SOURCE)} == before


def test_scanning_again_writes_nothing_but_the_run(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    before = place.only()
    place.now += timedelta(days=30)
    place.scan()
    assert place.only() == before
    assert place.store.ledger.folders()[0].scanned == place.now


def test_a_file_that_could_not_be_read_is_read_as_soon_as_it_can_be(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mends its rights, or the disk, does not touch the file."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    place.write("articles/a.md", article("A", BODY))
    with monkeypatch.context() as fault:
        fault.setattr("aggregator.sources.folder.open_inside", refuse)
        assert [counts.problems for counts in (*place.scan().values(), *place.scan().values())] == [1, 1]
    counts = place.scan()
    assert (one(counts), counts["source"].problems) == ((1, 0, 0, 0), 0)


def test_a_folder_whose_disk_is_not_mounted_withdraws_nothing(place: Place) -> None:
    place.configure(REMOVING)
    for number in range(DOUBTFUL):
        place.write(f"articles/{number}.md", article(f"Story {number}", BODY.replace("river", f"river{number}")))
    place.scan()
    place.empty()
    for _ in range(3):
        place.later(minutes=10)
        (report,) = place.reports()
        assert report.error.startswith(
            f"the folder articles is empty, where {DOUBTFUL} files were: is its disk mounted?"
        )
    assert len(place.feed()) == DOUBTFUL
    place.write("articles/README.txt", "None of the stories is here any more.")
    for _ in range(2):
        place.later(minutes=10)
        (report,) = place.reports()
        assert not report.error
    assert place.feed() == []
    (report,) = place.reports()
    (place.root / "articles/README.txt").unlink()
    (report,) = place.reports()
    assert not report.error


def test_a_few_articles_can_be_withdrawn_by_emptying_their_folder(place: Place) -> None:
    place.configure(REMOVING)
    place.write("articles/one.md", article("One", BODY))
    place.scan()
    place.empty()
    for _ in range(2):
        place.later(minutes=10)
        place.scan()
    assert place.feed() == []
