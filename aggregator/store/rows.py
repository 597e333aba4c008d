"""Values that the store and ingest exchange, and how rows become models."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
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


# An article together with its source, in one query; in the order in which `filed` takes them.
FILED_COLUMNS = (
    *(articles.c[name] for name in ("id", "seq", "published", "updated", "changed", "arrived", "date", "date_kind")),
    *(articles.c[name] for name in ("content_hash", "body_hash", "key", "title", "link", "image", "language")),
    *(sa.type_coerce(articles.c[name], sa.Text).label(name) for name in ("authors", "categories", "tags")),
    articles.c.summary,
    articles.c.content,
    scopes.c.path.label("source_path"),
    scopes.c.title.label("source_title"),
    scopes.c.link.label("source_link"),
    scopes.c.language.label("source_language"),
)


def filed(row: sa.Row[Any]) -> Filed:
    """A row of FILED_COLUMNS as a value. (By place: to ask a row for its names takes longer than to read it.)"""
    values = tuple(row)
    number, seq, published, updated, changed, arrived, date, date_kind = values[:8]
    content_hash, body_hash, key, title, link, image, language = values[8:15]
    authors, categories, tags, summary, content, *source = values[15:]
    article = Article(
        title=title,
        content=content,
        summary=summary,
        date=from_us(date),
        date_kind=DateKind(date_kind),
        content_hash=content_hash,
        body_hash=body_hash,
        key=key,
        link=link,
        authors=_names(authors),
        categories=_paths(categories),
        tags=_names(tags),
        image=image,
        language=language,
    )
    times = from_us(published), from_us(updated), from_us(changed)
    return Filed(number, _source(*source), article, *times, arrived, seq)


# Articles share these with others.
@lru_cache(2000)
def _names(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@lru_cache(2000)
def _paths(text: str) -> tuple[CategoryPath, ...]:
    return paths(json.loads(text))


@lru_cache(2000)
def _source(path: str, title: str, link: str, language: str) -> Source:
    return Source(path.removeprefix("sources/"), title, link, language)
