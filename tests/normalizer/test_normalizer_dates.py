"""Dates as they are written: the table in dates.txt."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import DateKind
from aggregator.normalizer.dates import parse_date

LINES = (Path(__file__).parent / "dates.txt").read_text(encoding="utf-8").splitlines()[1:]
ROWS = [tuple(part.strip() for part in line.split("|")) for line in LINES]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(("written", "moment", "kind"), ROWS)
def test_date(written: str, moment: str, kind: str) -> None:
    found = parse_date(written, SHANGHAI)
    if moment == "-":
        assert found is None
    else:
        assert found == (datetime.fromisoformat(moment).replace(tzinfo=UTC), DateKind(kind))


def test_hours_that_a_clock_skips_or_shows_twice() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    skipped, twice = parse_date("2022-03-27 02:30", berlin), parse_date("2022-10-30 02:30", berlin)
    assert skipped == (datetime(2022, 3, 27, 1, 30, tzinfo=UTC), DateKind.NAIVE)
    assert twice == (datetime(2022, 10, 30, 0, 30, tzinfo=UTC), DateKind.NAIVE)


@given(
    st.sampled_from(["Mon", "Thu", "Sun", "Xyz"]),
    st.integers(0, 33),
    st.sampled_from(["Jan", "Feb", "Jun", "Dec", "jan", "Mai", "Febr"]),
    st.sampled_from(["0999", "1000", "1970", "2023", "2024", "9999", "26"]),
    st.tuples(*[st.sampled_from([0, 1, 9, 12, 23, 24, 59, 60, 61])] * 3),
    st.sampled_from(["GMT", "+0000", "-0000", "+0800", "UTC", "CST", "", "GMT "]),
    st.sampled_from([SHANGHAI, ZoneInfo("Europe/London"), ZoneInfo("Africa/Abidjan")]),
)
def test_dates_as_crawlers_write_them_are_read_as_all_others(
    weekday: str, day: int, month: str, year: str, clock: tuple[int, ...], zone: str, local: ZoneInfo
) -> None:
    written = f"{weekday}, {day:02} {month} {year} {clock[0]:02}:{clock[1]:02}:{clock[2]:02} {zone}"
    found = parse_date(written, local)
    assert found == parse_date(" " + written, local)  # which is not the usual form
    assert found is None or (found[0].tzinfo is UTC and found[0].microsecond == 0)


@given(st.text(max_size=40) | st.text("0123456789-/:.TZ+年月日 ", max_size=30))
def test_any_text_is_a_date_or_none(written: str) -> None:
    found = parse_date(written, SHANGHAI)
    assert found is None or (found[0].tzinfo is UTC and found[0].microsecond == 0)
