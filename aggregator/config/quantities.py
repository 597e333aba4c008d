"""Durations and sizes as people write them."""

import re
from dataclasses import dataclass
from datetime import timedelta

LONGEST = timedelta(days=366)
LARGEST = 1024**3
SHORTEST_KEPT, LONGEST_KEPT = timedelta(hours=1), timedelta(weeks=5200)

_SECONDS = {
    1: "s sec secs second seconds 秒 秒钟 秒鐘",
    60: "m min mins minute minutes 分 分钟 分鐘",
    3600: "h hr hrs hour hours 时 小时 小時 个小时",
    86400: "d day days 天 日",
    604800: "w week weeks 周 星期",
}
_UNITS = {name: seconds for seconds, names in _SECONDS.items() for name in names.split()}
_PART = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([^\W\d_]+)[\s,]*")
_NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,6})?")

_BYTES = {"": 1, "b": 1, "byte": 1, "bytes": 1}
_BYTES |= {f"{letter}b": 1000**power for power, letter in enumerate("kmg", 1)}
_BYTES |= {f"{letter}{end}": 1024**power for power, letter in enumerate("kmg", 1) for end in ("", "ib")}
_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)")

_COUNT = re.compile(r"(\d{1,12})\s*(?:articles?|篇|篇文章)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long articles are kept: those of the last `age`, or the newest `count`. Just one of them is given."""

    age: timedelta | None = None
    count: int | None = None


def parse_retention(text: str) -> Retention:
    """`90 days`, or `10000 articles`. Raises ValueError for anything else.

    At least an hour, at most 100 years; at least one article.
    """
    if found := _COUNT.fullmatch(text.strip()):
        if int(found[1]) < 1:
            raise ValueError("is too few; the least is 1 article")
        return Retention(count=int(found[1]))
    seconds = None if _NUMBER.fullmatch(text) else _sum_of_parts(text)
    if seconds is None:
        raise ValueError('is neither a time nor a number of articles; write it as in "90 days" or "10000 articles"')
    if not SHORTEST_KEPT.total_seconds() <= seconds <= LONGEST_KEPT.total_seconds():
        raise ValueError("is out of range; write a time from 1 hour to 5200 weeks")
    return Retention(age=timedelta(seconds=seconds))


def parse_duration(text: str) -> timedelta:
    """`90s`, `5 minutes`, `1h 30m`, `5 分钟`; a mere number counts seconds. Raises ValueError for anything else.

    At most 366 days.
    """
    seconds = float(text) if _NUMBER.fullmatch(text) else _sum_of_parts(text)
    if seconds is None:
        raise ValueError('is not a duration; write a number and a unit, such as "5 minutes" or "1 hour"')
    if seconds > LONGEST.total_seconds():
        raise ValueError("is too long; the longest is 366 days")
    return timedelta(seconds=seconds)


def _sum_of_parts(text: str) -> float | None:
    total, position = 0.0, 0
    while position < len(text):
        part = _PART.match(text, position)
        if not part or part[2].lower() not in _UNITS:
            return None
        total += float(part[1]) * _UNITS[part[2].lower()]
        position = part.end()
    return total if text else None


def parse_size(text: str) -> int:
    """A number of bytes from `5 MiB` (1024²), `500 KB` (1000), `2M` (1024²) or `4096`. Raises ValueError.

    At least 1 byte, at most 1 GiB.
    """
    match = _SIZE.fullmatch(text.lower())
    if not match or match[2] not in _BYTES:
        raise ValueError('is not a size; write a number and a unit, such as "5 MiB" or "500 KB"')
    size = int(float(match[1]) * _BYTES[match[2]])
    if not 1 <= size <= LARGEST:
        raise ValueError("is out of range; write a size from 1 byte to 1 GiB")
    return size
