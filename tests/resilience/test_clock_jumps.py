"""A clock that jumps stops no schedule, and hides no article."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger

from aggregator.clocks import TOLD_FOR, ClockWatch, Jumps
from aggregator.schedule import Coming, Every
from tests.support import BODY, Place, article
from tests.watcher.waiting import eventually

NOW = datetime(2026, 11, 20, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    "jump", [timedelta(hours=3), timedelta(days=18_000), -timedelta(hours=3), -timedelta(days=400)]
)
def test_an_interval_goes_on_within_its_length(jump: timedelta) -> None:
    assert Every(seconds=60, timezone=UTC).get_next_fire_time(NOW, NOW + jump) == NOW + jump + MINUTE


def test_an_interval_counts_from_the_planned_time() -> None:
    assert Every(seconds=60, timezone=UTC).get_next_fire_time(NOW, NOW + MINUTE / 2) == NOW + MINUTE


def test_times_of_years_that_were_jumped_over_are_not_made_up_for() -> None:
    late = NOW + timedelta(days=18_000)
    assert Coming(CronTrigger(minute="*", timezone=UTC)).get_next_fire_time(NOW, late) == late + MINUTE / 2


def test_what_is_new_stands_in_the_window_after_the_clock_was_set_back(place: Place) -> None:
    for number in range(3):
        place.write(f"articles/{number}.md", article(f"Note {number}", f"<p>{number}</p>{BODY}"))
        place.scan()
        place.later(hours=1)
    place.later(days=-400)
    place.write("articles/9.md", article("New", "<p>Something else.</p>"))
    place.scan()
    assert [filed.article.title for filed in place.feed(limit=1)] == ["New"]


@pytest.mark.parametrize(
    ("jump", "words"),
    [
        (timedelta(days=365), "jumped forward by 365 days, 0:00:00"),
        (-timedelta(days=1), "was set back by 1 day, 0:00:00"),
        (timedelta(seconds=29), ""),
        (timedelta(), ""),
    ],
)
def test_a_jump_is_told_for_an_hour(jump: timedelta, words: str) -> None:
    jumps = Jumps(NOW, 5.0)
    assert jumps.look(NOW + timedelta(seconds=1) + jump, 6.0) is bool(words)
    assert words in jumps.message
    assert not jumps.look(NOW + timedelta(seconds=60) + jump, 65.0)
    assert words in jumps.message
    assert jumps.look(NOW + timedelta(seconds=1 + TOLD_FOR) + jump, 6.0 + TOLD_FOR) is bool(words)
    assert jumps.message == ""


def test_a_machine_that_was_busy_for_long_has_no_jump() -> None:
    jumps = Jumps(NOW, 5.0)
    assert not jumps.look(NOW + timedelta(hours=5), 5.0 + 5 * 3600)


def test_what_a_service_before_told_is_over_and_a_store_that_is_away_is_told_later() -> None:
    told: list[tuple[str, list[str]]] = []

    def tell(place: str, messages: Sequence[str]) -> None:
        told.append((place, list(messages)))
        if len(told) < 2:
            raise OSError("the database does not answer")

    watch = ClockWatch(tell)
    watch.start()
    eventually(lambda: len(told) == 2)
    watch.stop()
    assert told == [("clock", [])] * 2
