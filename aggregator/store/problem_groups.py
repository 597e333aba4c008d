"""Open problems of one kind put together: a thousand files with a bad date each are one group about dates.

The database groups problems with the same words; here those are put together whose words differ only in what was
quoted from a file, in its path, or in a size.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .schema import folders, problems
from .times import from_us

EXAMPLES = 5  # files named in a group
CUT = "…"  # what stands for the words that differ

# A quote begins behind no letter, else it is an apostrophe.
_VARIABLE = re.compile(r"""(?<!\w)'[^']*'(?!\w)|(?<!\w)"[^"]*"(?!\w)|(?<![\w.,])[\d,]+(?= (?:bytes|characters)\b)""")
_LEAST_PATH = 4  # characters; a shorter one may stand in a message by chance


@dataclass(frozen=True, slots=True)
class Example:
    """A file with the problem. `folder` is as the config writes it, `path` relative to it."""

    folder: str
    path: str
    line: int | None
    message: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """What is wrong `count` times, in which field, and since when at most. `source` is a slug, "" where the files
    could not be assigned. `message` has … where they differ. `examples` are the newest, EXAMPLES at most."""

    source: str
    field: str
    message: str
    count: int
    since: datetime
    examples: tuple[Example, ...]


def problem_groups(connection: Connection, numbers: Collection[int]) -> tuple[ProblemGroup, ...]:
    """All open problems of these folders, the most numerous first. One query; its rows are few for each kind."""
    alike = (problems.c.source, problems.c.field, problems.c.message)
    count = sa.func.count().over(partition_by=alike)
    first = sa.func.min(problems.c.since).over(partition_by=alike)
    newest = (problems.c.since.desc(), problems.c.path, problems.c.line, problems.c.id)
    place = sa.func.row_number().over(partition_by=alike, order_by=newest)
    ranked = (
        sa.select(problems, count.label("number"), first.label("first"), place.label("place"))
        .where(problems.c.folder.in_(sorted(numbers)))
        .subquery()
    )
    query = (
        sa.select(ranked, folders.c.path.label("folder_path"))
        .join(folders, folders.c.id == ranked.c.folder)
        .where(ranked.c.place <= EXAMPLES)
        .order_by(ranked.c.since.desc(), ranked.c.path, ranked.c.id)
    )
    return grouped(connection.execute(query))


def grouped(rows: Iterable[sa.Row[Any]]) -> tuple[ProblemGroup, ...]:
    """Rows of `problem_groups`, newest first → problem_groups."""
    groups: dict[tuple[str, str, str], list[sa.Row[Any]]] = {}
    for row in rows:
        groups.setdefault((row.source, row.field, kind(row.message, row.path)), []).append(row)
    found = [_group(*key, members) for key, members in groups.items()]
    return tuple(sorted(found, key=lambda one: (-one.count, one.source, one.field, one.message)))


def kind(message: str, path: str) -> str:
    """A message with … in place of what differs from file to file."""
    text = message.replace(path, CUT) if len(path) >= _LEAST_PATH else message
    return _VARIABLE.sub(CUT, text)


def _group(source: str, field: str, message: str, members: list[sa.Row[Any]]) -> ProblemGroup:
    alike = {row.message: row for row in members}  # one row stands for all with its words
    return ProblemGroup(
        source,
        field,
        message if len(alike) > 1 else members[0].message,
        sum(row.number for row in alike.values()),
        from_us(min(row.first for row in alike.values())),
        tuple(
            Example(row.folder_path, row.path, row.line, row.message, from_us(row.since))
            for row in members[:EXAMPLES]
        ),
    )
