"""The operator's view of articles: all that were ever filed, whether they are published or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..models import CategoryPath, Outcome
from . import rows
from .ledger import FiledProblem, filed_problem
from .rows import PUBLISHED, Held
from .schema import articles, files, folders, members, problems, scopes
from .scopes import SOURCES
from .times import from_us, to_us

EXCERPT = 20_000  # characters of HTML that are read for an excerpt
AMBIGUOUS = 10  # articles that are named where one was meant


class State(StrEnum):
    """Whether an article is published, and why not."""

    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"  # by its source: a draft, or a file that vanished with `on_delete: remove`
    HIDDEN = "hidden"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class Entered:
    """An article in the register. `seq` is its number in the store."""

    seq: int
    id: str
    state: State
    source: str  # slug
    source_title: str
    title: str
    published: datetime
    updated: datetime
    changed: datetime
    arrived: datetime
    link: str | None


@dataclass(frozen=True, slots=True)
class Particulars:
    """What there is to know of an article besides.

    `content` is the beginning of its HTML. `files` are where it was found, folder and path, with what became of the
    file when it was last read. `feeds` are the paths of the scopes that it is in.
    """

    key: str
    content: str
    authors: tuple[str, ...]
    categories: tuple[CategoryPath, ...]
    tags: tuple[str, ...]
    files: Mapping[tuple[str, str], Outcome]
    feeds: tuple[str, ...]
    problems: tuple[FiledProblem, ...]


_NAMES = ("seq", "id", "live", "held", "title", "published", "updated", "changed", "arrived", "link")
_COLUMNS = (*(articles.c[name] for name in _NAMES), scopes.c.path, scopes.c.title.label("source_title"))
_NEWEST = (articles.c.published.desc(), articles.c.id)


class Register:
    """Questions about articles. Each is one short read transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(
        self, limit: int, *, source: str = "", since: datetime | None = None, hidden: bool = False
    ) -> list[Entered]:
        """The newest articles by publication; of one source (by slug), or since a time, or hidden ones only.

        All conditions are about one index. The whole of it is read where there is no source to begin at.
        """
        conditions: list[sa.ColumnElement[bool]] = []
        if source:
            number = sa.select(scopes.c.id).where(scopes.c.path == SOURCES + source).scalar_subquery()
            conditions.append(articles.c.source == number)
        if since is not None:
            conditions.append(articles.c.published >= to_us(since))
        if hidden:
            conditions.append(articles.c.held == Held.HIDDEN.value)
        chosen = sa.select(articles.c.seq).where(*conditions).order_by(*_NEWEST).limit(limit).subquery()
        return self._entered(_select().join(chosen, chosen.c.seq == articles.c.seq))

    def by_id(self, beginning: str) -> list[Entered]:
        """The articles whose id begins so, AMBIGUOUS of them at most."""
        return self._entered(_select().where(articles.c.id.startswith(beginning, autoescape=True)).limit(AMBIGUOUS))

    def by_link(self, links: set[str]) -> list[Entered]:
        """The articles that have one of these links, AMBIGUOUS of them at most. It reads all articles."""
        return self._entered(_select().where(articles.c.link.in_(links)).limit(AMBIGUOUS))

    def particulars(self, seq: int) -> Particulars:
        """More about the article with this number."""
        content = sa.func.substr(articles.c.content, 1, EXCERPT).label("content")
        columns = (articles.c.key, articles.c.authors, articles.c.categories, articles.c.tags, content)
        feeds = sa.select(scopes.c.path).join(members, members.c.scope == scopes.c.id).where(members.c.seq == seq)
        held = sa.select(folders.c.path, files.c.path, files.c.outcome).join(folders).where(files.c.seq == seq)
        with self._engine.begin() as connection:
            row = connection.execute(sa.select(*columns).where(articles.c.seq == seq)).one()
            return Particulars(
                key=row.key,
                content=row.content,
                authors=tuple(row.authors),
                categories=rows.paths(row.categories),
                tags=tuple(row.tags),
                files={(folder, path): Outcome(outcome) for folder, path, outcome in connection.execute(held)},
                feeds=tuple(sorted(connection.execute(feeds).scalars())),
                problems=tuple(_problems(connection, seq)),
            )

    def _entered(self, query: sa.Select[Any]) -> list[Entered]:
        with self._engine.begin() as connection:
            return [_entry(row) for row in connection.execute(query.order_by(*_NEWEST))]


def _select() -> sa.Select[Any]:
    return sa.select(*_COLUMNS, PUBLISHED.label("is_published")).join(scopes, scopes.c.id == articles.c.source)


def _entry(row: sa.Row[Any]) -> Entered:
    return Entered(
        seq=row.seq,
        id=row.id,
        state=State.PUBLISHED if row.is_published else State(row.held or State.WITHDRAWN),
        source=row.path.removeprefix(SOURCES),
        source_title=row.source_title,
        title=row.title,
        published=from_us(row.published),
        updated=from_us(row.updated),
        changed=from_us(row.changed),
        arrived=from_us(row.arrived),
        link=row.link,
    )


def _problems(connection: Connection, seq: int) -> list[FiledProblem]:
    """What is wrong in the files of an article."""
    query = (
        sa.select(problems, folders.c.path.label("folder_path"))
        .join(folders, folders.c.id == problems.c.folder)
        .join(files, sa.and_(files.c.folder == problems.c.folder, files.c.path == problems.c.path))
        .where(files.c.seq == seq)
        .order_by(problems.c.id)
    )
    return [filed_problem(row) for row in connection.execute(query)]
