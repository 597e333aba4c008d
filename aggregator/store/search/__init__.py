"""Full-text search over titles and bodies, the same on SQLite and PostgreSQL.

    articles ─ Batch, triggers ─▶ queue ─ Indexer ─▶ texts, index ─ Finder ─▶ Filed
                                          text ──────────┴─ query ─┘

`text` says what a word is, and `query` what a person asks for; both are pure.
"""

from sqlalchemy.engine import Engine

from .engines import full_text
from .finder import MAX_HITS, Finder, Found, Reading, Window
from .indexer import Indexer
from .query import MAX_QUERY, Query, parse

__all__ = ["MAX_HITS", "MAX_QUERY", "Finder", "Found", "Query", "Search", "Window", "parse"]


class Search(Finder):
    """Search in a store, and keeping its index up to date."""

    def __init__(self, engine: Engine, reading: Reading) -> None:
        super().__init__(full_text(engine.dialect.name), reading)
        self._indexer = Indexer(engine)

    def catch_up(self, limit: int = 1_000_000) -> int:
        """Index what changed, `limit` changes at most; returns how many there were. See indexer.Indexer."""
        return self._indexer.catch_up(limit)
