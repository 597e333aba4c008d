"""How long a feed may be kept: from how often something really happens in it. No clock: the same articles, the same
answer."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import pairwise
from statistics import median

from aggregator.models import Filed
from aggregator.store import to_us

SHORTEST = timedelta(minutes=1)
LONGEST = timedelta(hours=1)
UNKNOWN = timedelta(minutes=5)  # while too little has happened to tell
NEWEST = 12  # moments that count: older ones tell of another time

_MICROSECOND = timedelta(microseconds=1)


def max_age(window: Iterable[Filed], ttl: timedelta) -> timedelta:
    """How long a cache may answer with a feed that holds these articles without asking for a newer one.

    A quarter of the median time between the newest dozen moments at which articles arrived or were edited, so that
    the next one is held back by little of what subscribers wait for it anyway. Articles that came together are one
    moment. At least a minute, at most an hour. `ttl` is what the site's owner allows, and is never exceeded: RSS
    readers are told it as it is configured.
    """
    moments = sorted({moment for filed in window for moment in _moments(filed)}, reverse=True)[:NEWEST]
    gaps = [later - earlier for later, earlier in pairwise(moments)]
    age = median(gaps) / 4 * _MICROSECOND if gaps else UNKNOWN
    return min(ttl, max(SHORTEST, min(LONGEST, age)))


def _moments(filed: Filed) -> Iterator[int]:
    """When it arrived, and when it was last edited, in microseconds.

    `changed` would count the scan that first imported an archive; what arrived then counts by its publication.
    """
    yield filed.arrived
    if filed.updated > filed.published:
        yield to_us(filed.updated)
