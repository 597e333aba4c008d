"""What the store knows of the articles that a batch of files might be: a few queries for the whole batch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .rows import KNOWN_COLUMNS, Known, known
from .schema import articles

CHUNK = 500  # values in one IN list; SQLite takes 32,766 parameters


class Facts:
    """Stored articles by what they can be recognized by, including those added since.

    `load` brings in all that a batch can meet, so that each later look-up is one of a dictionary.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.by_seq: dict[int, Known] = {}
        self._withdrawn: set[int] = set()
        self._asked: dict[str, set[str]] = defaultdict(set)
        self._indexes: dict[str, dict[tuple[int, str], list[int]]] = {
            name: {} for name in ("key", "content_hash", "body_hash", "title_hash")
        }

    def load(self, column: str, values: Iterable[str]) -> None:
        """Bring in the articles, of any source, whose `column` has one of these values; each is asked for once."""
        wanted = set(values) - self._asked[column]
        self._asked[column] |= wanted
        self._select(articles.c[column], sorted(wanted))

    def load_seqs(self, seqs: Iterable[int]) -> None:
        """Bring in the articles with these numbers."""
        self._select(articles.c.seq, sorted(set(seqs)))

    def find(self, column: str, source: int, value: str) -> tuple[Known, ...]:
        """The articles of a source with this value, oldest first."""
        seqs = self._indexes[column].get((source, value), ())
        return tuple(self.by_seq[seq] for seq in sorted(seqs))

    def withdrawn(self, content_hash: str) -> tuple[Known, ...]:
        """The withdrawn articles, of any source, with this title and content."""
        same = (self.by_seq[seq] for seq in sorted(self._withdrawn))
        return tuple(item for item in same if item.content_hash == content_hash)

    def put(self, item: Known) -> None:
        """Add an article, or replace what was known of it."""
        old = self.by_seq.get(item.seq)
        for column, index in self._indexes.items():
            if old is not None:
                index[old.source, getattr(old, column)].remove(old.seq)
            index.setdefault((item.source, getattr(item, column)), []).append(item.seq)
        self.by_seq[item.seq] = item
        if item.live:
            self._withdrawn.discard(item.seq)
        else:
            self._withdrawn.add(item.seq)

    def texts(self, seq: int) -> Mapping[str, Any]:
        """An article's stored `content` (HTML), `trace`, `image` and `authors`. A query, for what is rarely asked."""
        columns = (articles.c.content, articles.c.trace, articles.c.image, articles.c.authors)
        query = sa.select(*columns).where(articles.c.seq == seq)
        return dict(self._connection.execute(query).one()._mapping)

    def ids(self, wanted: Iterable[str]) -> set[str]:
        """Which of these ids belong to stored articles."""
        found: set[str] = set()
        ordered = sorted(wanted)
        for start in range(0, len(ordered), CHUNK):
            query = sa.select(articles.c.id).where(articles.c.id.in_(ordered[start : start + CHUNK]))
            found.update(self._connection.execute(query).scalars())
        return found

    def _select(self, column: sa.Column[object], values: Collection[object]) -> None:
        ordered = list(values)
        for start in range(0, len(ordered), CHUNK):
            query = sa.select(*KNOWN_COLUMNS).where(column.in_(ordered[start : start + CHUNK]))
            for row in self._connection.execute(query):
                if row.seq not in self.by_seq:
                    self.put(known(row))
