"""Bringing the index up to date with the articles, away from their path to the feeds: what came or changed is queued.

Any number of processes may do it at once. A chunk is read and its tokens are made without a lock. Writing begins by
taking the chunk's rows out of the queue; if one of them is gone, another process did that work, and this chunk is
dropped. What changes in between is in the queue again.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..engine import writing
from ..rows import PUBLISHED
from ..schema import articles
from .engines import full_text
from .schema import queue, state, texts
from .text import MAX_HTML, VERSION, canonical, plain_text, tokens

CHUNK = 100  # articles in one transaction: other writers wait some 50 ms


@dataclass(frozen=True, slots=True)
class _Text:
    """What is found of an article."""

    title: str
    body: str
    tokens: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Rows of the queue, by id; the articles they name that still are there, with when they changed (microseconds);
    the texts of those that are to be found."""

    ids: list[int]
    seqs: list[int]
    changed: Mapping[int, int]
    texts: Mapping[int, _Text]


class Indexer:
    """The writing side of search."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._index = full_text(engine.dialect.name)

    def catch_up(self, limit: int) -> int:
        """Index what is queued, `limit` changes of articles at most; returns how many. 0: it is up to date."""
        if not self._prepare():
            return 0
        done = 0
        while done < limit and (count := self._next(min(CHUNK, limit - done))):
            done += count
        if done:
            with writing(self._engine).begin() as connection:
                self._index.settle(connection)
        return done

    def _prepare(self) -> bool:
        """Have an index of an older version built anew; whether it is ours to fill, and not a newer program's."""
        with self._engine.begin() as connection:
            version = connection.execute(sa.select(state.c.version)).scalar_one()
        if version < VERSION:
            with writing(self._engine).begin() as connection:
                version = connection.execute(sa.select(state.c.version).with_for_update()).scalar_one()
                if version < VERSION:
                    self._start_anew(connection)
        return bool(version <= VERSION)

    @staticmethod
    def forget(connection: Connection) -> None:
        """Empty the index; the next catch-up builds it anew."""
        full_text(connection.dialect.name).clear(connection)
        connection.execute(texts.delete())
        connection.execute(queue.delete())
        connection.execute(state.update().values(version=0, revision=state.c.revision + 1))

    def _start_anew(self, connection: Connection) -> None:
        self.forget(connection)
        everything = sa.select(articles.c.seq).where(PUBLISHED).order_by(articles.c.arrived.desc())
        connection.execute(queue.insert().from_select(["seq"], everything))
        connection.execute(state.update().values(version=VERSION))

    def _next(self, size: int) -> int:
        """Index the next chunk of the queue; how many changes it was."""
        with self._engine.begin() as connection:
            chunk = _read(connection, size)
        if chunk.ids:
            with writing(self._engine).connect() as connection:
                if _take(connection, chunk.ids):
                    self._write(connection, chunk)
                    connection.commit()
        return len(chunk.ids)

    def _write(self, connection: Connection, chunk: _Chunk) -> None:
        query = sa.select(texts).where(texts.c.seq.in_(chunk.seqs))
        old = {row.seq: tokens(row.title, row.body) for row in connection.execute(query)}
        if old:
            self._index.remove(connection, old)
            connection.execute(texts.delete().where(texts.c.seq.in_(list(old))))
        if chunk.texts:
            self._index.add(connection, {seq: text.tokens for seq, text in chunk.texts.items()})
            rows = [{"seq": seq, "title": text.title, "body": text.body} for seq, text in chunk.texts.items()]
            connection.execute(texts.insert(), rows)
        edited = max((chunk.changed.get(seq, 0) for seq in old), default=0)
        later = sa.case((state.c.edited < edited, edited), else_=state.c.edited)
        connection.execute(state.update().values(revision=state.c.revision + 1, edited=later))


def _read(connection: Connection, size: int) -> _Chunk:
    waiting = connection.execute(sa.select(queue).order_by(queue.c.id).limit(size)).all()
    seqs = sorted({row.seq for row in waiting})
    content = sa.func.substr(articles.c.content, 1, MAX_HTML).label("content")
    columns = (articles.c.seq, PUBLISHED.label("published"), articles.c.changed, articles.c.title, content)
    changed, found = {}, {}
    for row in connection.execute(sa.select(*columns).where(articles.c.seq.in_(seqs))):
        changed[row.seq] = row.changed
        if row.published:
            title, body = canonical(row.title), canonical(plain_text(row.content))
            found[row.seq] = _Text(title, body, frozenset(tokens(title, body)))
    return _Chunk([row.id for row in waiting], seqs, changed, found)


def _take(connection: Connection, ids: list[int]) -> bool:
    """Take rows out of the queue; whether all were there. One process writes at a time, until it commits."""
    connection.execute(sa.select(state.c.id).with_for_update())
    return connection.execute(queue.delete().where(queue.c.id.in_(ids))).rowcount == len(ids)
