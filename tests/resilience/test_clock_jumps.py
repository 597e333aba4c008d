"""A clock that jumps stops no schedule, and hides no article."""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger

from aggregator.watcher import Coming, Every
from tests.support import BODY, Place, article

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
