"""A watcher goes by another config: what was under way ends, what is unchanged keeps its place in the schedule."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from aggregator import ingest
from aggregator.catalog import sync
from aggregator.errors import ScanStoppedError
from aggregator.jobs import Stopped
from aggregator.watcher import Watcher
from tests.support import Place, article
from tests.watcher.waiting import PATIENCE, eventually

RIVER = "  - {title: River, path: river, every: 1 hour}\n"
HILL = "  - {title: Hill, path: hill, every: 1 hour}\n"
WOOD = "  - {title: Wood, path: wood, every: 1 hour}\n"
FILES = 60


class Gate:
    """A clock that stands still after so many looks, until it is opened: a scan looks at it before every batch."""

    def __init__(self) -> None:
        self.left: int | None = None
        self.open = threading.Event()
        self.waiting = threading.Event()

    def __call__(self) -> datetime:
        if self.left is not None and not self.open.is_set():
            self.left -= 1
            if self.left < 0:
                self.waiting.set()
                self.open.wait(PATIENCE)
        return datetime.now(UTC)


class Watched:
    """A place with its watcher. `stopped` is what the tasks of each config are asked with."""

    def __init__(self, place: Place) -> None:
        self.place, self.clock = place, Gate()
        self.stopped: list[Stopped] = []
        self.runs = 0
        self.watcher = Watcher(place.config, place.store, self.clock, lambda _: [self.task])

    def task(self, stopped: Stopped) -> None:
        self.runs += 1
        if stopped not in self.stopped:
            self.stopped.append(stopped)
        raise RuntimeError("what follows a scan harms nobody")

    def follow(self, sources: str, rest: str = "") -> None:
        self.place.configure(f"{rest}\nsources:\n{sources}")
        self.watcher.follow(self.place.config)

    def follow_meanwhile(self, sources: str) -> None:
        """Follow another config while a scan waits in front of the gate, which is opened once the scan is to stop."""
        before = len(self.stopped)
        following = threading.Thread(target=self.follow, args=(sources,))
        following.start()
        eventually(self.stopped[before - 1])
        self.clock.open.set()
        following.join()

    def titles(self, path: str = "latest") -> set[str]:
        return {filed.article.title for filed in self.place.feed(path)}

    def planned(self) -> dict[str, datetime | None]:
        return {folder.path: folder.planned for folder in self.place.store.ledger.folders()}


@pytest.fixture
def watched(place: Place) -> Iterator[Watched]:
    place.configure(f"sources:\n{RIVER}{HILL}")
    place.write("river/a.md", article("A", "<p>First.</p>"))
    made = Watched(place)
    made.watcher.start()
    eventually(lambda: made.titles() == {"A"} and bool(made.stopped))
    eventually(lambda: soon(made) == set())
    yield made
    made.watcher.stop()
    assert set(made.planned().values()) == {None}


def soon(watched: Watched) -> set[str]:
    """The folders that are scanned within the next half hour, or not at all."""
    now = datetime.now(UTC)
    return {path for path, when in watched.planned().items() if when is None or (when - now).total_seconds() < 1800}


def test_folders_that_are_scanned_as_before_keep_their_time(watched: Watched) -> None:
    before = watched.planned()
    watched.place.write("wood/b.md", article("B", "<p>Second.</p>"))
    watched.follow(RIVER + HILL.replace("1 hour", "2 hours") + WOOD)
    eventually(lambda: watched.titles() == {"A", "B"} and soon(watched) == set())
    after = watched.planned()
    assert after["river"] == before["river"]
    assert after["hill"] != before["hill"]
    watched.follow(RIVER)
    eventually(lambda: watched.planned() == {"river": before["river"], "hill": None, "wood": None})


def test_a_folder_that_is_read_in_another_way_is_read_at_once(watched: Watched) -> None:
    watched.follow(RIVER.replace("River", "Stream") + HILL)
    eventually(lambda: watched.titles("sources/stream") == {"A"})


def test_a_removed_folder_is_no_longer_watched(watched: Watched) -> None:
    watched.follow(RIVER)
    watched.place.write("hill/b.md", article("B", "<p>Second.</p>"))
    watched.place.write("river/c.md", article("C", "<p>Third.</p>"))
    eventually(lambda: "C" in watched.titles())
    assert watched.titles() == {"A", "C"}


def test_no_file_event_is_lost_between_two_configs(watched: Watched) -> None:
    with watched.place.store.lock("catalog") as held:  # another process builds feeds, for minutes
        assert held
        watched.follow(RIVER + HILL, "feeds: {custom: [{slug: all, title: All, include: '.'}]}")
        watched.place.write("river/b.md", article("B", "<p>Second.</p>"))
        watched.follow(RIVER + HILL, "feeds: {custom: [{slug: every, title: Every, include: '.'}]}")
    eventually(lambda: watched.titles() == {"A", "B"})
    eventually(lambda: watched.titles("feeds/every") == {"A", "B"})


@pytest.fixture
def importing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """In the midst of a long first import of the folder `wood`."""
    monkeypatch.setattr(ingest, "BATCH", 10)
    for number in range(FILES):
        watched.place.write(f"wood/{number:02}.md", article(f"{number}", f"<p>Number {number}.</p>"))
    watched.clock.left = 8
    watched.follow(RIVER + WOOD)
    assert watched.clock.waiting.wait(PATIENCE)
    eventually(lambda: len(watched.stopped) == 2)
    assert 0 < len(watched.titles("sources/wood")) < FILES
    return watched


def test_a_scan_that_was_cut_short_is_taken_up_again(importing: Watched) -> None:
    importing.follow_meanwhile(RIVER + WOOD + HILL)
    eventually(lambda: len(importing.titles("sources/wood")) == FILES)


def test_a_source_is_renamed_while_it_is_scanned(importing: Watched) -> None:
    ids = {filed.id for filed in importing.place.feed()}
    importing.follow_meanwhile(RIVER + WOOD.replace("title: Wood", "title: Forest, aliases: [wood]"))
    eventually(lambda: len(importing.titles("sources/forest")) == FILES)
    assert importing.place.store.scope("sources/wood") is None
    assert ids < {filed.id for filed in importing.place.feed()}
    assert len(importing.place.feed()) == FILES + 1


def test_a_source_is_taken_away_while_it_is_scanned(importing: Watched) -> None:
    filed = len(importing.titles("sources/wood"))
    importing.follow_meanwhile(RIVER)
    importing.place.write("river/c.md", article("C", "<p>Third.</p>"))
    eventually(lambda: "C" in importing.titles("sources/river"))
    assert filed <= len(importing.titles("sources/wood")) < FILES


def test_what_follows_scans_is_done_for_each_config_and_harms_nobody(watched: Watched) -> None:
    watched.follow(RIVER + HILL, "site: {title: Another}")  # no scan is due
    eventually(lambda: len(watched.stopped) == 2)
    assert watched.stopped[0]()
    assert not watched.stopped[1]()


def test_who_is_to_go_is_known_though_the_building_of_feeds_was_cut_short(place: Place) -> None:
    river = RIVER.replace("river,", "river, on_remove: gone,")
    place.configure(f"feeds: {{custom: [{{slug: all, title: All, include: '.'}}]}}\nsources:\n{river}{HILL}")
    place.write("river/a.md", article("A", "<p>First.</p>"))
    place.scan()
    answers = iter([False, True])  # the next edit comes while the feed is built
    with pytest.raises(ScanStoppedError):
        sync(place.store, place.config, lambda: place.now, lambda: next(answers))
    place.configure(f"sources:\n{HILL}")
    sync(place.store, place.config, lambda: place.now)
    scope = place.store.scope("sources/river")
    assert scope is not None
    assert scope.gone
