"""What the store knows of the articles that a batch of files might be: a few queries for the whole batch."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .bulk import select_rows
from .rows import KNOWN_NAMES, Known, known
from .schema import articles

ASKED = ("key", "content_hash", "body_hash", "title_hash")  # what articles are looked for by
_ASKED = attrgetter(*ASKED)
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
        self._indexes: dict[str, dict[tuple[int, str], list[int]]] = {name: {} for name in ASKED}

    def load(self, column: str, values: Iterable[str]) -> None:
        """Bring in the articles, of any source, whose `column` has one of these values; each is asked for once."""
        asked = self._asked[column]
        wanted = set(values) - asked
        if wanted:
            asked |= wanted
            self._select(articles.c[column], wanted)

    def load_seqs(self, seqs: Iterable[int]) -> None:
        """Bring in the articles with these numbers."""
        self._select(articles.c.seq, set(seqs))

    def find(self, column: str, source: int, value: str) -> tuple[Known, ...]:
        """The articles of a source with this value, oldest first."""
        seqs = self._indexes[column].get((source, value))
        return tuple([self.by_seq[seq] for seq in sorted(seqs)]) if seqs else ()

    def withdrawn(self, content_hash: str) -> tuple[Known, ...]:
        """The withdrawn articles, of any source, with this title and content."""
        if not self._withdrawn:
            return ()
        same = [self.by_seq[seq] for seq in sorted(self._withdrawn)]
        return tuple([item for item in same if item.content_hash == content_hash])

    def put(self, item: Known) -> None:
        """Add an article, or replace what was known of it."""
        old = self.by_seq.get(item.seq)
        if old is not None:
            for index, value in zip(self._indexes.values(), _ASKED(old), strict=True):
                index[old.source, value].remove(old.seq)
        for index, value in zip(self._indexes.values(), _ASKED(item), strict=True):
            index.setdefault((item.source, value), []).append(item.seq)
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
            rows = select_rows(self._connection, ("id",), articles.c.id, ordered[start : start + CHUNK])
            found.update(row[0] for row in rows)
        return found

    def _select(self, column: sa.Column[Any], values: Iterable[Any]) -> None:
        ordered = sorted(values)
        for start in range(0, len(ordered), CHUNK):
            for row in select_rows(self._connection, KNOWN_NAMES, column, ordered[start : start + CHUNK]):
                item = known(row)
                if item.seq not in self.by_seq:
                    self.put(item)
