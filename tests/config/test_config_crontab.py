"""Cron schedules mean what cron says, also where a scheduler counts weekdays from another day."""

from datetime import UTC, datetime, timedelta

import pytest
from apscheduler.triggers.cron import CronTrigger
from hypothesis import given
from hypothesis import strategies as st

from aggregator.config.crontab import Crontab, parse_cron

ALL_DAYS = tuple(range(1, 32))


@pytest.mark.parametrize(
    ("text", "field", "expected"),
    [
        ("*/20 * * * *", "minute", (0, 20, 40)),
        ("5 8-18/5 * * *", "hour", (8, 13, 18)),
        ("0 22-23,0-1 * * *", "hour", (0, 1, 22, 23)),
        ("0 0 1,15 * *", "day", (1, 15)),
        ("0 0 * JAN,3-5 *", "month", (1, 3, 4, 5)),
        ("0 0 * * mon-fri", "weekday", (1, 2, 3, 4, 5)),
        ("0 0 * * 1-5", "weekday", (1, 2, 3, 4, 5)),
        ("0 0 * * 0", "weekday", (0,)),
        ("0 0 * * 7", "weekday", (0,)),
        ("0 0 * * 5-7", "weekday", (0, 5, 6)),
        ("0 0 * * fri-sun", "weekday", (0, 5, 6)),
        ("0 0 * * */2", "weekday", (0, 2, 4, 6)),
        ("0 0 29 2 *", "day", (29,)),
        ("* * * * *", "day", ALL_DAYS),
    ],
)
def test_fields(text: str, field: str, expected: tuple[int, ...]) -> None:
    assert getattr(parse_cron(text), field) == expected


@pytest.mark.parametrize("text", ["", "* * * *", "* * * * * *", "-1 * * * *", "1- * * * *", "1--2 * * * *",
                                  ", * * * *", "*/ * * * *", "*/99999 * * * *", "* * 30 2 *", "* * 32 * *",
                                  "* * * * mon-", "1,,2 * * * *", "² * * * *", "* * * * monday"])  # fmt: skip
def test_no_schedules(text: str) -> None:
    with pytest.raises(ValueError, match=";"):
        parse_cron(text)


def test_either_day_is_enough_when_both_are_given() -> None:
    assert parse_cron("0 6 1 * mon").alternatives() == (
        {"minute": "0", "hour": "6", "month": "1,2,3,4,5,6,7,8,9,10,11,12", "day": "1"},
        {"minute": "0", "hour": "6", "month": "1,2,3,4,5,6,7,8,9,10,11,12", "day_of_week": "mon"},
    )


FIELDS = st.tuples(
    st.sampled_from(["0", "*/15", "5,35", "10-20/5"]),
    st.sampled_from(["*", "6", "0-12/3", "22-23,1"]),
    st.sampled_from(["*", "1", "*/10", "13,31"]),
    st.sampled_from(["*", "1", "feb-apr", "*/5"]),
    st.sampled_from(["*", "0", "7", "1-5", "sat,sun", "fri-sun", "*/3"]),
)


def is_due(schedule: Crontab, time: datetime) -> bool:
    day, weekday = time.day in schedule.day, time.isoweekday() % 7 in schedule.weekday
    return (
        time.minute in schedule.minute
        and time.hour in schedule.hour
        and time.month in schedule.month
        and ((day or weekday) if schedule.either_day else (day and weekday))
    )


@given(FIELDS, st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)))  # noqa: DTZ001 (the zone is added below)
def test_a_scheduler_runs_when_it_is_due(fields: tuple[str, ...], moment: datetime) -> None:
    schedule = parse_cron(" ".join(fields))
    triggers = [CronTrigger(timezone=UTC, **expressions) for expressions in schedule.alternatives()]
    start = moment.replace(second=0, microsecond=0, tzinfo=UTC)
    runs = [run for trigger in triggers if (run := trigger.get_next_fire_time(None, start)) is not None]
    first = min(runs)
    assert is_due(schedule, first)
    between = (start + timedelta(minutes=n) for n in range(min(3000, int((first - start) / timedelta(minutes=1)))))
    assert not any(is_due(schedule, time) for time in between)
