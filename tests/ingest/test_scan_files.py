"""Scans of the files that events name. That they lead to what whole scans lead to is in the properties; here is what
they leave alone, and what they leave to a whole scan."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from aggregator.ingest import FEW, scan, scan_files
from aggregator.report import ScanReport
from aggregator.store import Batch, to_us
from tests.ingest.twins import Twins
from tests.support import BODY, OTHER, START, Place, article

SPLIT = """
sources:
  - {title: Rest, path: articles, split_by: author, exclude: [skip/]}
"""


@pytest.fixture
def twins(place: Place, tmp_path: Path) -> Iterator[Twins]:
    made = Twins(place, f"sqlite:///{tmp_path}/whole.db")
    made.write("a.md", article("A", BODY))
    made.scan_all()
    yield made
    made.whole.close()


def look(place: Place, *names: str) -> ScanReport:
    (folder,) = place.router.folders()
    return scan_files(place.store, place.router, folder, lambda: place.now, names)


def titles(place: Place) -> set[str]:
    return {filed.article.title for filed in place.feed()}


def news(place: Place) -> set[str]:
    """What was not there before its source's first import."""
    return {filed.article.title for filed in place.feed() if filed.arrived >= to_us(START)}


def test_only_the_named_files_are_looked_at(place: Place) -> None:
    place.scan()
    for name in "ABC":
        place.write(f"articles/{name}.md", article(name, f"<p>{name}</p>"))
    report = look(place, "A.md", "C.md")
    assert (titles(place), report.part, report.changes()) == ({"A", "C"}, True, "source 2 new")
    place.scan()
    assert titles(place) == {"A", "B", "C"}


def test_it_is_no_run_in_the_books(place: Place) -> None:
    place.scan()
    place.later(minutes=3)
    place.write("articles/a.md", article("A", BODY))
    look(place, "a.md")
    past = place.store.history.read(place.now)
    assert {run.started for run in past.last_runs.values()} == {START}
    assert [folder.scanned for folder in place.store.ledger.folders()] == [START]
    place.scan()
    assert one_count(place) == (0, 1)


def one_count(place: Place) -> tuple[int, int]:
    (run,) = place.store.history.read(place.now).last_runs.values()
    return run.counts["source"]["new"], run.counts["source"]["unchanged"]


def test_a_failure_is_a_run_in_the_books(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.scan()
    place.write("articles/a.md", article("A", BODY))

    def fail(self: Batch) -> bool:
        raise OSError("no space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Batch, "flush", fail)
        with pytest.raises(OSError, match="no space"):
            look(place, "a.md")
    (folder,) = place.store.ledger.folders()
    assert (folder.failures, titles(place)) == (1, set())
    assert "OSError" in folder.error
    place.scan()
    assert titles(place) == {"A"}


@pytest.mark.parametrize("name", ["folder", "link.md", "hard.md"])
def test_what_only_a_walk_can_tell_is_left_to_a_whole_scan(place: Place, name: str) -> None:
    target = place.write("articles/a.md", article("A", BODY))
    place.scan()
    articles = place.root / "articles"
    (articles / "folder").mkdir()
    (articles / "link.md").symlink_to(target)
    os.link(target, articles / "hard.md")
    place.write("articles/b.md", article("B", OTHER))
    report = look(place, name, "b.md")
    assert (report.whole_needed, titles(place)) == (True, {"A"})


def test_a_folder_that_was_never_scanned_and_a_great_change_are_left_to_a_whole_scan(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    assert look(place, "a.md").whole_needed
    place.scan()
    assert not look(place, *(f"{number}.md" for number in range(FEW))).whole_needed
    assert look(place, *(f"{number}.md" for number in range(FEW + 1))).whole_needed
    place.empty()
    (place.root / "articles").rmdir()
    assert look(place, "a.md").whole_needed


def test_an_article_that_another_process_is_scanning_is_for_the_next_look(place: Place, tmp_path: Path) -> None:
    place.scan()
    place.write("articles/a.md", article("A", BODY))
    (folder,) = place.router.folders()
    with place.store.lock(f"scan {place.router.name(folder)}"):
        other = Place(tmp_path, store_url=place.store_url)
        assert look(other, "a.md").busy
        other.store.close()
    assert look(place, "a.md").changes() == "source 1 new"


def test_a_link_to_another_file_makes_itself_known_to_whole_scans(place: Place) -> None:
    target = place.write("articles/a.md", article("A", BODY))
    assert [report.linked for report in place.reports()] == [False]
    (place.root / "articles/b.md").symlink_to(target)
    assert [report.linked for report in place.reports()] == [True]


def test_a_moved_article_is_the_same_and_a_copy_is_in_two_places(twins: Twins) -> None:
    twins.move("a.md", "b.md")
    assert not twins.look().whole_needed
    before = twins.place.only()
    twins.place.later(hours=1)
    twins.write("c.md", article("A", BODY.replace("bridge", "ferry", 1)))
    twins.look()
    assert len(twins.place.feed()) == 2, "an edited text while the old one is there is another article"
    twins.remove("b.md")
    twins.look()
    twins.place.later(hours=1)
    twins.write("d.md", article("A", BODY.replace("mill", "quay", 1)))
    twins.look()
    assert before.id in {filed.id for filed in twins.place.feed()}
    assert len(twins.place.feed()) == 2, "the one whose file is gone has moved"


def test_pictures_that_come_later_are_put_in(twins: Twins) -> None:
    twins.write("one/p.md", article("P", '<p>Here: <img src="x/p.png"> <img src="never.png"></p>'))
    twins.look()
    assert twins.looks == twins.walks == 1  # its folder came with it
    twins.write("one/q.md", article("Q", '<p>There: <img src="x/p.png"></p>'))
    twins.write("one/x/p.png", b"picture")
    twins.touched -= {"one/x", "one/q.md"}  # what was not named is found by the picture, or left alone
    report = look(twins.place, "one/x/p.png")
    assert (report.whole_needed, report.changes()) == (False, "source 1 updated")
    images = {filed.article.title: "one/x/p.png" in filed.article.content for filed in twins.place.feed()}
    assert images == {"A": False, "P": True}


def test_what_is_still_being_written_is_told(twins: Twins) -> None:
    text = article("B", OTHER)
    twins.write("b.md", text[:300], age=0)
    assert twins.look().unsettled == 1
    twins.write("b.md", text, age=0)
    assert twins.look().unsettled == 0
    assert titles(twins.place) == {"A", "B"}


def test_problems_come_and_go(twins: Twins) -> None:
    def told() -> list[str]:
        return [problem.path for problem in twins.place.store.ledger.problems()]

    twins.write("bad.md", "no front matter")
    twins.write("deep/worse.md", "no front matter")
    twins.look()
    assert told() == ["bad.md", "deep/worse.md"]
    twins.write("bad.md", article("B", OTHER))
    twins.look()
    assert told() == ["deep/worse.md"]
    twins.remove("deep")
    assert not twins.look().whole_needed
    assert told() == []


def test_an_author_who_is_new_has_one_first_import(tmp_path: Path) -> None:
    place = Place(tmp_path, SPLIT)
    place.scan()
    for number in (1, 2):
        place.write(f"articles/{number}.md", article(f"No {number}", f"<p>{number}</p>", author="ann"))
        look(place, f"{number}.md")
    assert news(place) == {"No 2"}
    place.store.close()


def test_a_scan_ends_the_import_of_its_own_sources_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = "sources: [{title: Big, path: big, every: 1 hour}, {title: Small, path: small, every: 1 hour}]"
    place = Place(tmp_path, config)
    big, small = place.router.folders()
    monkeypatch.setattr("aggregator.ingest.BATCH", 1)
    for number in range(2):
        place.write(f"big/{number}.md", article(f"No {number}", f"<p>{number}</p>"))
    place.write("small/a.md", article("A", BODY))

    def meanwhile(done: int, total: int) -> None:
        if done == 1:
            scan(place.store, place.router, small, lambda: place.now)

    scan(place.store, place.router, big, lambda: place.now, progress=meanwhile)
    assert (len(titles(place)), news(place)) == (3, set())
    place.store.close()
