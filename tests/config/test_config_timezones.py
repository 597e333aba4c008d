"""Which names of time zones a config may hold."""

import zoneinfo

import pytest

from aggregator.config.names import parse_timezone


def test_every_name_of_the_iana_database_is_a_time_zone() -> None:
    names = zoneinfo.available_timezones() - {"Factory", "localtime"}
    assert len(names) > 400
    assert {parse_timezone(name) for name in names} == names


@pytest.mark.parametrize(
    "text",
    [
        *("", "America", "UTC+8", "+08:00", "Asia/Shanghai/", "./UTC", "../UTC", "Asia//Shanghai", "/etc/localtime"),
        *("posix/UTC", "right/UTC", "posixrules", "localtime", "Factory", "zone.tab", "\ud800", "x\0y", "x" * 5000),
    ],
)
def test_what_else_lies_beside_the_database_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        parse_timezone(text)
