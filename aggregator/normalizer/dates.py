"""Dates as people and programs write them → a moment in UTC, and how far it can be trusted."""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache

from aggregator.models import DateKind

Moment = tuple[datetime, DateKind]

_EXPLICIT = DateKind.EXPLICIT  # to look it up takes as long as to find out the moment

_MONTH_NAMES = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES.split("|"), 1)}
_ZONES = {  # RFC 822, section 5; hours
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "cet": 1, "cest": 2, "eet": 2, "msk": 3,
    "jst": 9, "kst": 9, "est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip
_NAMED_ZONES = {name: timezone(timedelta(hours=hours)) for name, hours in _ZONES.items()}
_AFTERNOON = {"下午", "晚上", "傍晚", "午後", "오후", "pm", "p.m.", "p.m", "pm.", "中午"}

_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?\.?\s*,?\s+)?"
_CJK_WEEKDAY = r"\s*(?:\(?(?:星期|周|週)[一二三四五六日天]\)?|\([日月火水木金土]\))?"
_MONTH = rf"(?P<month>{_MONTH_NAMES})[a-z]*\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_CLOCK = (
    r"(?P<early>(?:上午|下午|晚上|傍晚|中午|凌晨|早上|清晨|午前|午後|오전|오후)\s*)?"
    r"(?P<hour>\d{1,2})\s*[:时時点시]\s*(?:(?P<minute>\d{1,2})\s*[:分분]?\s*(?:(?P<second>\d{1,2})(?:[.,]\d+)?\s*[秒초]?)?)?"
    r"\s*(?P<late>[ap]\.?m\.?)?"
)
_ZONE = r"\s*(?P<zone>z|[a-z]{2,4}|(?:gmt|utc|ut)?\s?[+-]\d{1,2}(?::?\d{2})?)?(?:\s*\([^()]*\))?"
_TIME = rf"(?:(?:\s*[t,]\s*|\s+at\s+|\s*){_CLOCK}{_ZONE})?"

_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<year>\d{{4}})\s*([-/.])\s*(?P<month>\d{{1,2}})\s*\2\s*(?P<day>\d{{1,2}}){_TIME}",
        rf"(?P<year>\d{{4}})\s*[年년]\s*(?P<month>\d{{1,2}})\s*[月월]\s*(?P<day>\d{{1,2}})\s*[日号號일]?{_CJK_WEEKDAY}{_TIME}",
        rf"{_WEEKDAY}{_DAY}[\s-]+{_MONTH},?[\s-]+(?P<year>\d{{4}}|\d{{2}}){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY},?\s+(?P<year>\d{{4}}){_TIME}",
        rf"{_WEEKDAY}{_MONTH}\s+{_DAY}\s+{_CLOCK}(?:\s+(?P<zone>[a-z]{{2,4}}|[+-]\d{{4}}))?\s+(?P<year>\d{{4}})",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})(?:(?P<hour>\d{2})(?P<minute>\d{2})(?:(?P<second>\d{2})(?:\d{3})?)?)?",
    )
)
# As most feeds and crawlers write it: RFC 822, section 5.1, with four digits of the year (RFC 1123, section 5.2.14).
_USUAL = re.compile(
    r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [1-9][0-9]{3}"
    r" (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9] (?:GMT|[+]0000)"
)
_USUAL_MONTHS = {name.title(): f"{number:02}" for name, number in _MONTHS.items()}
_EPOCH = re.compile(r"-?(?:\d{9,10}(?:\.\d+)?|\d{13}|\d{16}|\d{19})")
_ORDINAL = re.compile(r"(\d{4})-(\d{3})")
_OFFSET = re.compile(r"(?:gmt|utc|ut)?\s?([+-])(\d{1,2}):?(\d{2})?")
_BRACKETS = re.compile(r"\[[^\]]*\]$")
_CLOCK_MARK = re.compile(r":|\dt\d")
_MIDNIGHT = time(0)
_LONGEST_DAY = timedelta(days=1, seconds=1)
_DEFAULTS = (datetime(2001, 3, 4), datetime(2004, 5, 6))  # noqa: DTZ001 (only to see what the text leaves open)
_EARLIEST = 1000  # years before have no four digits in RFC 822; Go writes year 1 for "no date"


def parse_date(written: str, local: tzinfo) -> Moment | None:
    """Return the moment that `written` names, in UTC without microseconds, or None when it names none.

    A time without zone is in `local` (NAIVE); a mere day is midnight there (EXPLICIT).
    """
    if _USUAL.fullmatch(written):
        return _usual(written)
    text = " ".join(unicodedata.normalize("NFKC", written[:200]).lower().split())
    try:
        found = _epoch(text) or _by_pattern(text, local) or _by_iso(text, local) or _by_dateutil(text, local)
        if found is None:
            return None
        moment = found[0].astimezone(UTC).replace(microsecond=0)
    except (ArithmeticError, ValueError):  # no such day, hour or offset; out of the range of datetime
        return None
    return (moment, found[1]) if moment.year >= _EARLIEST else None


def _usual(written: str) -> Moment | None:
    """Return the moment of a date in the usual form, None when there is no such day."""
    day, clock = f"{written[12:16]}-{_USUAL_MONTHS[written[8:11]]}-{written[5:7]}", written[17:25]
    try:
        return datetime.fromisoformat(f"{day}T{clock}+00:00"), _EXPLICIT
    except ValueError:
        return None


def _epoch(text: str) -> Moment | None:
    """Seconds, or milli-, micro- or nanoseconds, since 1970; how many digits there are tells which."""
    if not _EPOCH.fullmatch(text):
        return None
    digits = len(text.lstrip("-").partition(".")[0])
    seconds = float(text) / 1000 ** max(0, (digits - 10) // 3)
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds), DateKind.EXPLICIT


def _by_pattern(text: str, local: tzinfo) -> Moment | None:
    match = next((match for pattern in _PATTERNS if (match := pattern.fullmatch(text))), None)
    if match is None:
        return None
    parts = match.groupdict()
    month = parts["month"] if parts["month"].isdecimal() else _MONTHS[parts["month"]]
    day = datetime(_year(parts["year"]), int(month), int(parts["day"]), tzinfo=local)
    if parts.get("hour") is None:
        return day, DateKind.EXPLICIT
    clock = timedelta(hours=_hour(parts), minutes=int(parts["minute"] or 0), seconds=int(parts["second"] or 0))
    if clock > _LONGEST_DAY:
        raise ValueError(text)
    moment = day + clock  # on the clock on the wall: 24:00 is the next day, 23:59:60 too
    zone = _zone(parts.get("zone") or "", moment)
    return (moment, DateKind.NAIVE) if zone is None else (moment.replace(tzinfo=zone), DateKind.EXPLICIT)


def _year(written: str) -> int:
    year = int(written)
    return year if len(written) > 2 else year + (2000 if year < 69 else 1900)


def _hour(parts: dict[str, str | None]) -> int:
    """Return the hour of 24; refuse what no clock shows."""
    hour, half = int(parts["hour"] or 0), (parts.get("early") or parts.get("late") or "").strip()
    if hour > 24 or int(parts["minute"] or 0) > 59 or int(parts["second"] or 0) > 60:
        raise ValueError(hour)
    if half in _AFTERNOON:
        return hour + 12 if hour < 12 else hour
    return 0 if half and hour == 12 else hour


def _zone(written: str, moment: datetime) -> tzinfo | None:
    """Return the zone of a name or an offset, None when there is none or an unknown one.

    A name that is the local one means that (CST is China's as well as Chicago's).
    """
    if not written:
        return None
    if offset := _offset(written):
        return offset
    return moment.tzinfo if written == (moment.tzname() or "").lower() else _NAMED_ZONES.get(written)


@lru_cache(maxsize=256)
def _offset(written: str) -> tzinfo | None:
    """Return the zone of an offset, None for a name. Raises ValueError for one that there cannot be."""
    offset = _OFFSET.fullmatch(written)
    if offset is None:
        return None
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if minutes > 59:
        raise ValueError(written)
    return timezone(timedelta(hours=hours, minutes=minutes) * (-1 if offset[1] == "-" else 1))


def _by_iso(text: str, local: tzinfo) -> Moment | None:
    """Other forms of ISO 8601: without marks, weeks, days of the year."""
    if text.isdecimal():
        return None  # datetime takes any character for the `T`, a digit too
    try:
        if ordinal := _ORDINAL.fullmatch(text):
            moment = datetime.strptime(ordinal[0], "%Y-%j")  # noqa: DTZ007 (the zone comes below)
        else:
            moment = datetime.fromisoformat(_BRACKETS.sub("", text).upper().replace(" +", "+").replace(" Z", "Z"))
    except ValueError:
        return None
    return _with_kind(moment, text, local)


def _by_dateutil(text: str, local: tzinfo) -> Moment | None:
    """Anything else that names a whole date: it is read the same whatever the day it is read on, and in any order."""
    readings = {_read(text, default, day_first) for default in _DEFAULTS for day_first in (False, True)}
    moment = readings.pop()
    return None if readings or moment is None else _with_kind(moment, text, local)


def _read(text: str, default: datetime, day_first: bool) -> datetime | None:
    from dateutil.parser import parse  # few dates need it, and every process would load it

    try:
        return parse(text, default=default, dayfirst=day_first, tzinfos=_named_zone)
    except (ArithmeticError, ValueError, TypeError):
        return None


def _named_zone(name: str | None, offset: int | None) -> tzinfo | None:
    if offset is not None:
        return timezone(timedelta(seconds=offset))
    return _NAMED_ZONES.get((name or "").lower())


def _with_kind(moment: datetime, text: str, local: tzinfo) -> Moment:
    if moment.tzinfo is not None:
        return moment, DateKind.EXPLICIT
    is_day = moment.time() == _MIDNIGHT and not _CLOCK_MARK.search(text)
    return moment.replace(tzinfo=local), DateKind.EXPLICIT if is_day else DateKind.NAIVE
