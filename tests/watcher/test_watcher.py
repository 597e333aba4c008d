"""The watcher with the real scheduler and real file events, on real folders."""

import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.interval import IntervalTrigger

from aggregator import jobs
from aggregator import watcher as watcher_module
from aggregator.catalog import sync
from aggregator.errors import StoreError
from aggregator.schedule import trigger
from aggregator.watcher import Watcher
from tests.support import BODY, OTHER, Place, article
from tests.watcher.waiting import eventually, promised

CONFIG = """
feeds: {custom: [{slug: river, title: River, include: river}]}
sources:
  - {title: Source, path: articles, every: 1 hour}
  - {title: Other, path: elsewhere, every: 1 hour}
"""


@pytest.fixture
def watched(place: Place) -> Iterator[Place]:
    place.configure(CONFIG)
    place.write("articles/a.md", article("A", BODY))
    shutil.rmtree(place.root / "elsewhere")
    watcher = Watcher(place.config, place.store, lambda: datetime.now(UTC))
    watcher.start()
    yield place
    watcher.stop()


def titles(place: Place) -> set[str]:
    return {filed.article.title for filed in place.feed()}


def test_a_start_scans_events_hasten_and_a_missing_folder_harms_nobody(watched: Place) -> None:
    eventually(lambda: titles(watched) == {"A"})
    (watched.root / "articles/b.md").write_text(article("B", OTHER))
    eventually(lambda: titles(watched) == {"A", "B"})
    eventually(lambda: any(folder.error for folder in watched.store.ledger.folders()))
    # The missing folder appears, and one is deleted and made anew: both are watched again.
    watched.empty("elsewhere")
    (watched.root / "elsewhere/c.md").write_text(article("C", "<p>Third.</p>"))
    eventually(lambda: titles(watched) == {"A", "B", "C"})
    watched.empty("articles")
    (watched.root / "articles/d.md").write_text(article("D", "<p>Fourth.</p>"))
    eventually(lambda: titles(watched) == {"A", "B", "C", "D"})
    eventually(lambda: not any(folder.error for folder in watched.store.ledger.folders()))


def test_an_event_leads_to_no_whole_scan(watched: Place) -> None:
    def scanned() -> list[datetime | None]:
        return [folder.scanned for folder in watched.store.ledger.folders() if folder.path == "articles"]

    eventually(lambda: scanned() not in ([], [None]))
    before = scanned()
    (watched.root / "articles/b.md").write_text(article("B", OTHER))
    eventually(lambda: titles(watched) == {"A", "B"})
    (watched.root / "articles/c.md").write_text(article("C", "<p>A text that is")[:-40])  # it stays as it is
    eventually(lambda: titles(watched) == {"A", "B", "C"})
    assert scanned() == before


def test_the_store_follows_the_config_before_the_first_scan(watched: Place) -> None:
    eventually(lambda: [filed.article.title for filed in watched.feed("feeds/river")] == ["A"])


def test_it_stops_while_it_waits_for_another_process(place: Place) -> None:
    place.configure(CONFIG)
    watcher = Watcher(place.config, place.store, lambda: datetime.now(UTC))
    with place.store.lock("catalog") as held:
        assert held
        watcher.start()
        eventually(lambda: bool(place.store.ledger.folders()))
        started = time.monotonic()
        watcher.stop()
    assert time.monotonic() - started < promised(5)
    assert place.store.scope("feeds/river") is None
    assert place.store.ledger.folders()[0].scanned is None


def test_a_store_that_fails_at_the_start_is_tried_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.configure(CONFIG)
    place.write("articles/a.md", article("A", BODY))
    tries = []

    def failing_once(*arguments: Any) -> None:
        tries.append(arguments)
        if len(tries) == 1:
            raise StoreError("the database does not answer")
        sync(*arguments)

    monkeypatch.setattr(watcher_module, "sync", failing_once)
    monkeypatch.setattr(jobs, "FIRST_RETRY", timedelta(seconds=0.01))
    watcher = Watcher(place.config, place.store, lambda: datetime.now(UTC))
    watcher.start()
    eventually(lambda: titles(place) == {"A"})
    watcher.stop()
    assert len(tries) == 2


def test_a_folder_follows_the_schedules_of_all_its_sources(tmp_path: Path) -> None:
    place = Place(
        tmp_path,
        """
defaults: {every: 10 minutes}
sources:
  - {title: A, path: articles, match: {author: A}}
  - {title: B, path: articles, match: {author: B}}
  - {title: C, path: articles, cron: "30 6 * * 1-5", timezone: Asia/Shanghai}
""",
    )
    (sources,) = place.router.folders().values()
    assert isinstance(trigger(sources[:2]), IntervalTrigger)
    combined = trigger(sources)
    assert isinstance(combined, OrTrigger)
    cron = combined.triggers[1]
    saturday = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    assert cron.get_next_fire_time(None, saturday) == datetime(2026, 11, 22, 22, 30, tzinfo=UTC)
    place.store.close()
