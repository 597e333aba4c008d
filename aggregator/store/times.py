"""Times in the store are integers: microseconds since 1970, UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SECOND = 1_000_000
MAX_LEAD = 5 * SECOND


def to_us(moment: datetime) -> int:
    """Time zone aware datetime → microseconds since 1970."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * SECOND + since.microseconds


def from_us(value: int) -> datetime:
    """Microseconds since 1970 → datetime in UTC."""
    return EPOCH + value * MICROSECOND  # half the work of timedelta(microseconds=value)


def change_time(now: int, previous: int) -> int:
    """The time a change is recorded at (both in microseconds).

    HTTP's Last-Modified counts whole seconds, so two changes must not share one, or a client that came between them
    would never hear of the second: the later one is dated into the next second. A burst of changes may run ahead of
    the clock by MAX_LEAD at most, since a Last-Modified far in the future is worse.
    """
    following = (previous // SECOND + 1) * SECOND
    return max(now, min(following, now + MAX_LEAD))
