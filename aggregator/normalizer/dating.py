"""Steps for the dates of an article."""

from collections.abc import Iterator
from datetime import UTC
from pathlib import PurePosixPath

from aggregator.models import DateKind
from aggregator.normalizer.dates import Moment, parse_date
from aggregator.normalizer.draft import Draft
from aggregator.normalizer.fields import first_text, is_no, is_yes
from aggregator.normalizer.front import FILE_DATE

_ADVICE = "write it like 2022-02-05 20:22:00 +0800"


def date(draft: Draft) -> Draft:
    """Take the publication date, else the one in the file's name, else the file's time; never later than now."""
    bad: list[tuple[str, str]] = []
    moment = _first_date(draft, "date", bad)
    used = "another field's was used"
    if moment is None and (moment := _date_of_file(draft)) is not None:
        used = "the one in the file's name was used"
    if moment is None:
        moment = draft.entry.modified.astimezone(UTC).replace(microsecond=0), DateKind.FILE
        used = "the file's own time was used"
        if not bad:
            draft = draft.with_problem("date", f"there is none; {used}; {_ADVICE}")
    for name, written in bad:
        draft = draft.with_problem(name, f"{written[:80]!r} is no date; {used}; {_ADVICE}")
    return draft.but(date=min(moment[0], draft.now), date_kind=moment[1])


def revised(draft: Draft) -> Draft:
    """Take the date of the last revision, never later than now."""
    bad: list[tuple[str, str]] = []
    moment = _first_date(draft, "revised", bad)
    for name, written in bad:
        draft = draft.with_problem(name, f"{written[:80]!r} is no date; it was left out; {_ADVICE}")
    return draft.but(revised=min(moment[0], draft.now)) if moment else draft


def _first_date(draft: Draft, what: str, bad: list[tuple[str, str]]) -> Moment | None:
    """Return the first date that can be read; what comes before it and cannot be read is added to `bad`."""
    for name, written in _written(draft, what):
        if moment := parse_date(written, draft.options.timezone):
            return moment
        bad.append((name, written))
    return None


def _written(draft: Draft, what: str) -> Iterator[tuple[str, str]]:
    """Yield the texts that should be dates; `published: true` and `updated: no` are none."""
    for name, value in draft.given.get(what, ()):
        written = first_text(value)
        if not is_yes(written) and not is_no(written):
            yield name, written


def _date_of_file(draft: Draft) -> Moment | None:
    match = FILE_DATE.match(PurePosixPath(draft.entry.path).name)
    return parse_date(match[1], draft.options.timezone) if match else None
