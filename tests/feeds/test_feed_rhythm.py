"""How long a feed may be kept: from when its articles really came."""

import random
from datetime import timedelta

import pytest

from aggregator.models import Filed
from feeds import create_app
from feeds.rhythm import max_age
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import DAY, MORNING, make_config, make_filed

MINUTE = timedelta(minutes=1)


def came(*minutes: float) -> list[Filed]:
    """Articles that arrived so many minutes after a day began."""
    return [make_filed(number, published=DAY + at * MINUTE) for number, at in enumerate(minutes)]


def edited(filed: Filed, minutes: float) -> Filed:
    return make_filed(filed.seq, published=filed.published, arrived=filed.arrived, updated=DAY + minutes * MINUTE)


CASES = {
    "nothing": ([], 5),
    "one article": (came(0), 5),
    "every second": (came(*(second / 60 for second in range(30))), 1),
    "every twenty minutes": (came(*range(0, 400, 20)), 5),
    "every hour": (came(*range(0, 1200, 60)), 15),
    "every day": (came(*range(0, 20_000, 1440)), 60),
    "ten at once, every hour": (came(*(hour for hour in range(0, 1200, 60) for _ in range(10))), 15),
    "all at once": (came(*[7] * 50), 5),
    "slow once, quick of late": (came(*range(0, 100_000, 5000), *range(100_000, 100_240, 20)), 5),
    "quick once, slow of late": (came(*range(60), *range(60, 1200, 60)), 15),
    "a pause does not count": (came(*range(0, 100, 20), *range(90_000, 90_160, 20)), 5),
    "edits count": ([edited(filed, 20 + 40 * filed.seq) for filed in came(*range(0, 400, 40))], 5),
}


@pytest.mark.parametrize(("window", "minutes"), CASES.values(), ids=CASES)
def test_a_quarter_of_the_usual_gap(window: list[Filed], minutes: int) -> None:
    assert max_age(window, timedelta(days=1)) == minutes * MINUTE
    shuffled = random.Random(7).sample(window, len(window))
    assert max_age(shuffled, timedelta(days=1)) == minutes * MINUTE


@pytest.mark.parametrize(("ttl", "expected"), [(20, 15), (15, 15), (10, 10), (0.5, 0.5)])
def test_never_longer_than_the_config_allows(ttl: float, expected: float) -> None:
    assert max_age(came(*range(0, 1200, 60)), ttl * MINUTE) == expected * MINUTE


def test_an_imported_archive_counts_by_its_publication() -> None:
    archive = [
        make_filed(number, published=DAY + timedelta(days=number), changed=DAY + timedelta(days=999, seconds=number))
        for number in range(20)
    ]
    assert max_age(archive, timedelta(days=1)) == timedelta(hours=1)


def test_each_feed_has_the_rhythm_of_its_own_articles() -> None:
    slow = [make_filed(number, published=DAY + timedelta(days=number)) for number in range(9)]
    quick = [make_filed(number, MORNING, published=DAY + number * MINUTE) for number in range(9)]
    client = create_app(make_config(ttl="2 hours"), FakeLibrary([*slow, *quick])).test_client()
    for path, seconds in (("/sources/harbour-light", 3600), ("/sources/晨读", 60)):
        for suffix in ("rss", "atom", "json"):
            cached = client.get(f"{path}.{suffix}").headers["Cache-Control"]
            assert cached == f"public, max-age={seconds}, stale-while-revalidate=7200, stale-if-error=86400"
    assert b"<ttl>120</ttl>" in client.get("/sources/晨读.rss").data
