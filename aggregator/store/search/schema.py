"""The tables of full-text search. What files new articles (see store.batch) writes the queue, and
triggers on `articles` (see the migrations) do where one changes or goes.

`search_index`, the database's own full-text index, is not in the metadata: FTS5 on SQLite, GIN on PostgreSQL
(see `engines`). Alembic's comparison has to leave out what `is_managed` refuses.
"""

from typing import Any

import sqlalchemy as sa

from ..schema import Key, metadata

INDEX = "search_index"

# What is searched: canonical texts.
texts = sa.Table(
    "search_texts",
    metadata,
    sa.Column("seq", Key, primary_key=True, autoincrement=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

# Articles whose text changed, or that came or went, since they were indexed: one row for each change. Rows are only
# ever added and taken away, so a change is never lost to one that is being worked on, whatever the clocks say.
queue = sa.Table(
    "search_queue",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("seq", Key, nullable=False),
)

# One row. `version` is of the tokens in the index, `revision` grows with every change of it, `edited` is the newest
# `articles.changed` of those that the index lost or has in another version than before (microseconds).
state = sa.Table(
    "search_state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("edited", sa.BigInteger, nullable=False),
)


def is_managed(name: str | None, kind: str, parents: Any) -> bool:  # noqa: ARG001 (Alembic's `include_name`)
    """Whether a table of the database is one that the metadata describes."""
    return kind != "table" or name is None or not name.startswith(INDEX)
