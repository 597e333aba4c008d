"""The report as a person reads it. Pure."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..console import table
from ..printable import printable
from .finding import files, listed, short
from .leftovers import Bad, Left
from .outlook import Counted, Published, Watched
from .report import Report

FOUND = 20  # sources without an item of their own that are listed
CATEGORIES = 10
BAD = 3
TAKES = 48  # characters of what a source takes
TITLE = 24  # characters of an article's title


def report_text(report: Report) -> str:
    """The report without its problems, which the command prints as it prints those of any config."""
    parts = [_headline(report), _watched(report.outlook.watched), _published(report.outlook.published)]
    parts += [_counted("category", report.outlook.categories[:CATEGORIES], len(report.outlook.categories))]
    parts += [_counted("custom feed", report.outlook.custom, len(report.outlook.custom))]
    parts += ["\n".join(_notes(report)), _bad(report)]
    return "\n\n".join(part for part in parts if part)


def _headline(report: Report) -> str:
    if report.problems:
        return f"This is what {report.config.file} would publish as it is:"
    return f"{report.config.file} is right. This is what it would publish, as its folders are now:"


def _watched(items: Sequence[Watched]) -> str:
    rows = [
        (one.title, one.path, short(one.takes, TAKES), one.files, one.rhythm if one.enabled else "switched off")
        for one in items
    ]
    return _table(("source", "folder", "takes", "files", "scanned"), rows)


def _published(sources: Sequence[Published]) -> str:
    shown = [one for index, one in enumerate(sources) if index < FOUND or one.files == 0]
    rows = [(one.title, _articles(one), *_newest(one), one.url) for one in shown]
    hidden = len(sources) - len(shown)
    more = f"\n… and {hidden:,} more sources: see --json" if hidden else ""
    return _table(("published as", "files", "newest", "", "feed"), rows) + more


def _articles(one: Published) -> object:
    if not one.drafts:
        return one.files
    return f"{one.files:,} and {'1 draft' if one.drafts == 1 else f'{one.drafts:,} drafts'}"


def _newest(one: Published) -> tuple[str, str]:
    return (f"{one.newest.date:%Y-%m-%d}", short(one.newest.title, TITLE)) if one.newest else ("", "")


def _counted(noun: str, items: Sequence[Counted], number: int) -> str:
    rows = [(one.title, "depends on the text" if one.files is None else one.files, one.url) for one in items]
    more = f"\n… and {number - len(items):,} more: see --json" if number > len(items) else ""
    return _table((noun, "files", "feed"), rows) + more if rows else ""


def _table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    return table(header, [[printable(cell) if isinstance(cell, str) else cell for cell in row] for row in rows])


def _notes(report: Report) -> Iterator[str]:
    for note in report.notes:
        yield f"Note: {note}"
    for name, read, left_out in report.partly:
        yield (
            f"Note: {printable(name)}: {read:,} of {read + left_out:,} files were looked at, from all parts of the "
            "folder; the numbers above are of these"
        )
    for left in report.unmatched:
        yield f"Note: {_unmatched(left)}"
    for left in report.overlooked:
        yield f"Note: {_overlooked(left)}"
    if folder := report.config.publish.folder:
        what = "the feeds" if report.config.publish.only == "feeds" else "the whole site"
        yield f"Note: {what} will be written to {printable(str(folder))} as static files"


def _unmatched(left: Left) -> str:
    fit = "1 file fits" if left.number == 1 else f"{left.number:,} files fit"
    text = f"{left.folder}: {fit} no source, such as {left.example}"
    for name, values in left.found.items():
        known = {value: number for value, number in values.items() if value}
        text += f"; as {name} there is {listed(known)}" if known else f"; there is no {name}"
    return printable(f'{text}. Add a source for what is left over, without "match", or with "split_by"')


def _overlooked(left: Left) -> str:
    endings = listed({ending or "no ending": number for ending, number in left.found[""].items()})
    text = f'{left.folder}: no "include" fits {files(left.number)}, such as {left.example}; their endings: {endings}'
    return printable(text)


def _bad(report: Report) -> str:
    if not report.bad:
        return ""
    number = len({one.file for one in report.bad})
    lost = len({one.file for one in report.bad if one.lost})
    heading = f"{files(number)} {'has' if number == 1 else 'have'} problems"
    if lost:
        them = "it" if number == 1 else "them" if lost == number else f"{lost:,} of them"
        heading += f"; nothing can be published of {them}"
    lines = [f"  {_problem(one)}" for one in report.bad[:BAD]]
    more = len(report.bad) - BAD
    lines += [f"  … and {more:,} more: see --json"] if more > 0 else []
    config = "" if report.config.file == Path("config.yaml") else f" --config {shlex.quote(str(report.config.file))}"
    return "\n".join([f"{heading}:", *lines, f"`aggregator explain{config} FILE` tells more of one."])


def _problem(one: Bad) -> str:
    place = f"{one.file}:{one.problem.line}" if one.problem.line else str(one.file)
    field = f"{one.problem.field}: " if one.problem.field else ""
    return printable(f"{place}: {field}{one.problem.message}")
