"""Values that the store and ingest exchange, and how rows become models."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from operator import attrgetter
from typing import Any, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa

from ..models import Article, CategoryPath, DateKind, Filed, Scope, ScopeKind, Source
from .schema import articles, scopes
from .times import from_us


class Held(StrEnum):
    """Why an article is kept back though its source has it."""

    NOT = ""
    HIDDEN = "hidden"  # the operator took it down
    RETIRED = "retired"  # it is beyond its source's `retain`, and its texts are gone


class Known(NamedTuple):
    """What identity is decided by: a stored article without its texts. Times in microseconds since 1970.

    A tuple, which is made in a tenth of the time that a frozen dataclass takes: filing makes one of every article.
    """

    seq: int
    id: str
    source: int
    key: str
    live: bool
    published: int
    updated: int
    arrived: int
    date: int
    date_kind: DateKind
    title: str
    title_hash: str
    content_hash: str
    body_hash: str
    categories: tuple[CategoryPath, ...]
    held: Held = Held.NOT

    @property
    def is_published(self) -> bool:
        """Whether subscribers see it: its source has it, and nothing keeps it back. PUBLISHED is the same in SQL."""
        return self.live and self.held is Held.NOT


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A source as ingest needs it. `opened`: when its first import was over, None before."""

    id: int
    slug: str
    opened: int | None


KNOWN_NAMES = Known._fields  # the columns that make one
PUBLISHED = sa.and_(articles.c.live, articles.c.held == Held.NOT.value)


def known(row: sa.Row[Any]) -> Known:
    """A row of KNOWN_NAMES, as the driver gives it, as a value."""
    values = dict(zip(KNOWN_NAMES, row, strict=True))
    values["live"] = bool(values["live"])
    values["date_kind"] = DateKind(values["date_kind"])
    values["held"] = Held(values["held"])
    values["categories"] = paths(json.loads(values["categories"]))
    return Known(**values)


def paths(value: list[list[str]]) -> tuple[CategoryPath, ...]:
    """Category paths as they come from JSON."""
    return tuple(tuple(path) for path in value)


class _Placed(Protocol):
    @property
    def path(self) -> str: ...


_P = TypeVar("_P", bound=_Placed)


def by_path(found: Iterable[_P]) -> list[_P]:
    """Values in the order of their paths, which is the same on any database: PostgreSQL sorts by its language."""
    return sorted(found, key=attrgetter("path"))


def scope(row: sa.Row[Any]) -> Scope:
    """A row of `scopes` as a value."""
    return Scope(
        id=row.id,
        kind=ScopeKind(row.kind),
        path=row.path,
        title=row.title,
        names=tuple(row.names),
        parent=row.parent,
        revision=row.revision,
        size=row.size,
        changed=from_us(row.changed),
        withdrawn=None if row.withdrawn is None else from_us(row.withdrawn),
        link=row.link,
        language=row.language,
        gone=row.gone,
    )


# An article together with its source, in one query.
FILED_COLUMNS = (
    *articles.c,
    scopes.c.path.label("source_path"),
    scopes.c.title.label("source_title"),
    scopes.c.link.label("source_link"),
    scopes.c.language.label("source_language"),
)


def filed(row: sa.Row[Any]) -> Filed:
    """A row of FILED_COLUMNS as a value."""
    article = Article(
        title=row.title,
        content=row.content,
        summary=row.summary,
        date=from_us(row.date),
        date_kind=DateKind(row.date_kind),
        content_hash=row.content_hash,
        body_hash=row.body_hash,
        key=row.key,
        link=row.link,
        authors=tuple(row.authors),
        categories=paths(row.categories),
        tags=tuple(row.tags),
        image=row.image,
        language=row.language,
    )
    source = Source(
        slug=row.source_path.removeprefix("sources/"),
        title=row.source_title,
        link=row.source_link,
        language=row.source_language,
    )
    return Filed(
        id=row.id,
        source=source,
        article=article,
        published=from_us(row.published),
        updated=from_us(row.updated),
        changed=from_us(row.changed),
        arrived=row.arrived,
        seq=row.seq,
    )
