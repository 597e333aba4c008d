"""Cron schedules of five fields, with cron's own meaning: 0 and 7 are Sunday, two restricted days mean either."""

import re
from dataclasses import dataclass

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_DAYS_IN_MONTH = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1))
_ITEM = re.compile(r"(?:\*|(?P<first>[a-z0-9]+)(?:-(?P<last>[a-z0-9]+))?)(?:/(?P<step>\d{1,4}))?")
_EXAMPLE = 'such as "30 6 * * mon-fri"'


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    low: int
    high: int
    names: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("day of the week", 0, 7, {name: number for number, name in enumerate(_WEEKDAYS)}),
)


@dataclass(frozen=True, slots=True)
class Crontab:
    """When to run: the values of each field, in order, all written out. `weekday` counts from 0, Sunday, to 6.

    `either_day`: the day of the month or the day of the week is enough, since neither is left open with a `*`.
    """

    minute: tuple[int, ...]
    hour: tuple[int, ...]
    day: tuple[int, ...]
    month: tuple[int, ...]
    weekday: tuple[int, ...]
    either_day: bool

    def alternatives(self) -> tuple[dict[str, str], ...]:
        """Field expressions for a scheduler that wants every given field to fit; a run is due when one of them does.

        Keys are minute, hour, day, month and day_of_week, values lists of numbers; weekdays go by name, since
        schedulers count them from different days.
        """
        time = {"minute": _listed(self.minute), "hour": _listed(self.hour), "month": _listed(self.month)}
        day = {"day": _listed(self.day)}
        weekday = {"day_of_week": ",".join(_WEEKDAYS[number] for number in self.weekday)}
        return (time | day, time | weekday) if self.either_day else (time | day | weekday,)


def parse_cron(text: str) -> Crontab:
    """Raises ValueError, naming the field that is wrong, also for a day that no month has."""
    parts = text.lower().split()
    if len(parts) != len(_FIELDS):
        names = ", ".join(field.name for field in _FIELDS)
        raise ValueError(f"is not a cron schedule; write five fields ({names}), {_EXAMPLE}")
    minute, hour, day, month, weekday = (_values(part, field) for part, field in zip(parts, _FIELDS, strict=True))
    either_day = not (parts[2].startswith("*") or parts[4].startswith("*"))
    if not either_day and min(day) > max(_DAYS_IN_MONTH[number] for number in month):
        raise ValueError("never comes: none of these months has such a day; correct the day or the month")
    return Crontab(minute, hour, day, month, tuple(sorted({number % 7 for number in weekday})), either_day)


def _values(text: str, field: _Field) -> tuple[int, ...]:
    found: set[int] = set()
    for item in text.split(","):
        match = _ITEM.fullmatch(item)
        if not match:
            raise ValueError(
                f"is not a cron schedule: its {field.name} is none of *, a value, a range (1-5), a step (*/10), or "
                f"a list of these; write five fields, {_EXAMPLE}"
            )
        found.update(_item_values(match, field))
    return tuple(sorted(found))


def _item_values(match: re.Match[str], field: _Field) -> range:
    first, last = field.low, min(field.high, 6) if field.names and field.low == 0 else field.high
    if match["first"]:
        first = last = _number(match["first"], field)
        if match["last"]:
            last = _number(match["last"], field)
        elif match["step"]:
            raise ValueError(
                f"has a step after a single {field.name}; write a range before it, as in 10-50/20 or */20"
            )
    if field.names and field.low == 0 and last == 0 < first:
        last = 7  # fri-sun
    if last < first:
        raise ValueError(f"has a {field.name} range that runs backwards; write two ranges, as in 22-23,0-2")
    step = int(match["step"] or 1)
    if not 1 <= step <= field.high:
        raise ValueError(f"has a wrong step in the {field.name}; write a step from 1 to {field.high}")
    return range(first, last + 1, step)


def _number(text: str, field: _Field) -> int:
    number = field.names.get(text)
    if number is None and text.isdecimal() and text.isascii() and len(text) <= 3:
        number = int(text)
    if number is None or not field.low <= number <= field.high:
        names = f" or {' '.join(field.names)}" if field.names else ""
        raise ValueError(f"has a wrong {field.name}; write a number from {field.low} to {field.high}{names}")
    return number


def _listed(numbers: tuple[int, ...]) -> str:
    return ",".join(map(str, numbers))
