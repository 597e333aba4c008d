"""The databases' own full-text indexes: FTS5 in SQLite, GIN over tsvector in PostgreSQL.

Both are given our tokens and asked one thing: which articles have these and lack those.
"""

from collections.abc import Collection, Mapping
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .query import Plan

Column = sa.ColumnElement[str]
Tokens = Mapping[int, Collection[str]]  # by article number


class FullText(Protocol):
    """A full-text index.

    `matched` is the query of the articles' numbers (`seq`) that match a parameter, `expression`.
    """

    matched: str

    def holds(self, text: Column, pattern: str) -> sa.ColumnElement[bool]:
        """Whether a text has a pattern somewhere."""

    def expression(self, plan: Plan) -> str:
        """What a plan asks of the index, in its own language. Tokens hold letters, digits and marks, no operators."""

    def add(self, connection: Connection, tokens: Tokens) -> None:
        """Add articles that are not in it."""

    def remove(self, connection: Connection, tokens: Tokens) -> None:
        """Take out articles, with just the tokens they were added with."""

    def clear(self, connection: Connection) -> None:
        """Take out everything."""

    def settle(self, connection: Connection) -> None:
        """Do what was put off while articles were added."""


class Fts5:
    """SQLite. The table keeps no text (`content=''`), no positions (`detail=none`) and no lengths: two to three times
    smaller and faster to fill so, and phrases are found by comparing texts."""

    matched = "SELECT rowid AS seq FROM search_index WHERE search_index MATCH :expression"

    def holds(self, text: Column, pattern: str) -> sa.ColumnElement[bool]:
        """By Python's search in bytes (see store.engine): SQLite's own goes by characters, which takes three times as
        long."""
        return sa.func.holds(sa.cast(text, sa.LargeBinary), sa.literal(pattern.encode(), sa.LargeBinary)) == 1

    def expression(self, plan: Plan) -> str:
        """`"猫"* AND "ai" NOT "人工"`."""
        wanted = " AND ".join(f'"{token.text}"{"*" * token.prefix}' for token in plan.wanted)
        return " NOT ".join([f"({wanted})", *(f'"{token.text}"' for token in plan.unwanted)])

    def add(self, connection: Connection, tokens: Tokens) -> None:
        """The tokenizer `ascii` ends tokens at ASCII characters that are no letters or digits; ours hold none."""
        connection.execute(
            sa.text("INSERT INTO search_index (rowid, tokens) VALUES (:seq, :tokens)"), _joined(tokens)
        )

    def remove(self, connection: Connection, tokens: Tokens) -> None:
        """FTS5, section 6.4: the `delete` command."""
        connection.execute(
            sa.text("INSERT INTO search_index (search_index, rowid, tokens) VALUES ('delete', :seq, :tokens)"),
            _joined(tokens),
        )

    def clear(self, connection: Connection) -> None:
        """FTS5, section 6.5."""
        connection.execute(sa.text("INSERT INTO search_index (search_index) VALUES ('delete-all')"))

    def settle(self, connection: Connection) -> None:
        """Nothing: FTS5 merges as it goes."""


class Gin:
    """PostgreSQL. Its parser is not used: it does not know where Chinese words end."""

    matched = "SELECT seq FROM search_index WHERE tokens @@ CAST(:expression AS tsquery)"

    def holds(self, text: Column, pattern: str) -> sa.ColumnElement[bool]:
        """By a comparison of bytes."""
        return sa.func.strpos(text, pattern) > 0

    def expression(self, plan: Plan) -> str:
        """`'猫':* & 'ai' & !'人工'`."""
        wanted = (f"'{token.text}'{':*' * token.prefix}" for token in plan.wanted)
        return " & ".join([*wanted, *(f"!'{token.text}'" for token in plan.unwanted)])

    def add(self, connection: Connection, tokens: Tokens) -> None:
        """Rows with their lexemes, without positions."""
        statement = "INSERT INTO search_index (seq, tokens) VALUES (:seq, array_to_tsvector(:tokens))"
        connection.execute(sa.text(statement), [{"seq": seq, "tokens": list(found)} for seq, found in tokens.items()])

    def remove(self, connection: Connection, tokens: Tokens) -> None:
        """Rows by number."""
        connection.execute(sa.text("DELETE FROM search_index WHERE seq = :seq"), [{"seq": seq} for seq in tokens])

    def clear(self, connection: Connection) -> None:
        """All rows."""
        connection.execute(sa.text("DELETE FROM search_index"))

    def settle(self, connection: Connection) -> None:
        """Move new entries from the list in which GIN collects them, and which every query reads as a whole."""
        connection.execute(sa.text("SELECT gin_clean_pending_list('search_index_tokens'::regclass)"))


def full_text(dialect: str) -> FullText:
    """The index of a database, by the name of its dialect."""
    return Gin() if dialect == "postgresql" else Fts5()


def _joined(tokens: Tokens) -> list[dict[str, object]]:
    return [{"seq": seq, "tokens": " ".join(found)} for seq, found in tokens.items()]
