"""An explanation as text for a person. It has terminal styles, which click.echo takes out for a pipe."""

from collections.abc import Iterable, Iterator

import click

from ..models import DateKind, Problem
from .choice import Judged
from .explanation import Explanation
from .feeds import Feed
from .intake import Intake
from .steps import Change, Effect
from .wording import counted, cut, plain, safe

ASKED = 20  # sources that are listed; the JSON form has all
SUMMARY = 200  # characters of a summary

_KINDS = {
    DateKind.EXPLICIT: "as it is written",
    DateKind.NAIVE: "written without a zone, and read in the source's",
    DateKind.FILE: "the file's own time, since none is written",
}
_COLORS = {"+": "green", "-": "red"}


def as_text(found: Explanation) -> str:
    """The whole explanation, a paragraph for each part that there is something to say about."""
    parts = [
        [click.style(safe(str(found.file)), bold=True), safe(found.verdict)],
        _part("How it was read", _intake(found.intake) if found.intake else ()),
        _part("Which source takes it (the first that fits)", _sources(found.sources)),
        _part("What the steps of normalizing changed", _effects(found.effects)),
        _part("The article", _article(found)),
        _part("Its feeds", map(_feed, found.feeds)),
        _part("Problems", map(_problem, found.problems)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _part(heading: str, lines: Iterable[str]) -> list[str]:
    indented = [f"  {line}" for line in lines]
    return [click.style(heading, bold=True), *indented] if indented else []


def _row(label: str, value: str) -> str:
    return f"{label:<13} {value}"


def _intake(intake: Intake) -> Iterator[str]:
    yield _row("encoding", f"{intake.encoding or 'none that is text'}, {counted(intake.size, 'byte')}")
    if intake.front_matter:
        yield _row("front matter", f"{intake.front_matter}: {safe(', '.join(intake.fields or ()))}")
    if intake.fields is not None:
        yield _row("body", counted(intake.body, "character"))


def _sources(judged: tuple[Judged, ...]) -> Iterator[str]:
    """The one that takes the file, and those before it; sources of other folders only by number."""
    near = [one for one in judged if one.near]
    if far := len(judged) - len(near):
        yield _dim(f"– {far:,} {'source watches another folder' if far == 1 else 'sources watch other folders'}")
    for one in near[:ASKED]:
        line = safe(f"{one.title}: {one.why}")
        yield click.style(f"✓ {line}", fg="green") if one.takes else f"✗ {line}"
    if more := len(near[ASKED:]):
        yield _dim(f"… and {more:,} more")


def _effects(effects: tuple[Effect, ...]) -> Iterator[str]:
    for effect in effects:
        if not effect.as_written:
            yield f"{click.style(effect.step, bold=True)}  {_dim(effect.purpose)}"
            for change in effect.changes:
                yield from _change(change)
            yield from (f"    {click.style('!', fg='yellow')} {_problem(problem)}" for problem in effect.problems)
    if taken := [effect.step for effect in effects if effect.as_written]:
        yield f"{', '.join(taken)}: {_dim('taken over as written in the file')}"


def _change(change: Change) -> Iterator[str]:
    after = cut(change.after)
    if change.source:
        yield f"    {safe(change.source)}: {cut(change.before)} → {change.what}: {after}"
    else:
        yield f"    {change.what}: {cut(change.before)} → {after}"
    for line in change.lines:
        color = _COLORS.get(line[:1])
        yield f"      {click.style(line, fg=color) if color else _dim(line)}"


def _article(found: Explanation) -> Iterator[str]:
    article, standing = found.article, found.standing
    if article is not None:
        yield _row("title", safe(article.title))
        yield _row("date", f"{plain(article.date)}, {_KINDS[article.date_kind]}")
        for name in ("revised", "authors", "categories", "tags", "language", "link", "image"):
            if value := getattr(article, name):
                yield _row(name, plain(value))
        yield _row("summary", cut(safe(article.summary), SUMMARY) or "none")
        yield _row("content", f"{counted(len(article.content), 'character')} of HTML")
    if standing is not None:
        yield _row("state", safe(standing.state))
        yield _row("id", standing.id)
        yield _row("known by", safe(standing.key))
        yield _row("page", found.page)


def _feed(feed: Feed) -> str:
    when = "now   " if feed.holds else "coming"
    (_, address), *others = feed.urls.items()
    return f"{when}  {safe(feed.about)}: {address} ({', '.join(f'.{suffix}' for suffix, _ in others)})"


def _problem(problem: Problem) -> str:
    line = f"line {problem.line}" if problem.line else ""
    place = ", ".join(part for part in (line, safe(problem.field)) if part)
    return f"{place}: {safe(problem.message)}" if place else safe(problem.message)


def _dim(text: str) -> str:
    return click.style(text, dim=True)
