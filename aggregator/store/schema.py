"""The tables. Every time is an integer: microseconds since 1970, UTC. The migrations build exactly this."""

import json
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

# SQLite gives a 64-bit row id only to a column that is declared INTEGER.
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class JsonText(sa.types.TypeDecorator[Any]):
    """Lists and tables kept as canonical JSON text, so that equal values are equal texts in every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:  # noqa: ARG002 (the base class's signature)
        """Value → text."""
        return dumps(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002
        """Text → value."""
        return None if value is None else _decode(value)


def dumps(value: Any) -> str:
    """The canonical JSON text of a value."""
    return _dumps_again(value) if isinstance(value, tuple) else _encode(value)


# Articles share their authors, categories and tags with others.
_dumps_again = lru_cache(2000)(_encode)

metadata = sa.MetaData()

# One row: what is true of the store as a whole. Every writing transaction updates it, which also makes writers
# queue up, so `last_seq` hands out article numbers without gaps or clashes.
state = sa.Table(
    "state",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("last_seq", sa.BigInteger, nullable=False),
)

# One row: what the config said at the last start that is followed here (see aggregator/catalog.py).
catalog = sa.Table(
    "catalog",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("removable", JsonText, nullable=False),  # slugs of sources that are gone when the config drops them
)

scopes = sa.Table(
    "scopes",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("names", JsonText, nullable=False),
    sa.Column("parent", Key, sa.ForeignKey("scopes.id")),
    sa.Column("revision", sa.BigInteger, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("withdrawn", sa.BigInteger),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    # Sources only: when the first scan that brought articles was finished.
    sa.Column("opened", sa.BigInteger),
    # The config does not name it any more, and its feeds answer 410. It has no members then.
    sa.Column("gone", sa.Boolean, nullable=False, default=False),
    # Custom feeds only: a hash of the rules that its members were found by, "" while they are being found.
    sa.Column("definition", sa.String(64), nullable=False, default=""),
    sa.Index("scopes_by_kind", "kind"),
)

articles = sa.Table(
    "articles",
    metadata,
    sa.Column("seq", Key, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("source", Key, sa.ForeignKey("scopes.id"), nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("live", sa.Boolean, nullable=False),
    # Why it is kept back though its source has it (rows.Held): "", "hidden" or "retired".
    sa.Column("held", sa.String(16), nullable=False, server_default=""),
    sa.Column("published", sa.BigInteger, nullable=False),
    sa.Column("updated", sa.BigInteger, nullable=False),
    sa.Column("changed", sa.BigInteger, nullable=False),
    sa.Column("arrived", sa.BigInteger, nullable=False),
    sa.Column("date", sa.BigInteger, nullable=False),
    sa.Column("date_kind", sa.String(16), nullable=False),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("body_hash", sa.String(64), nullable=False),
    sa.Column("title_hash", sa.String(16), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("link", sa.Text),
    sa.Column("image", sa.Text),
    sa.Column("language", sa.Text),
    sa.Column("authors", JsonText, nullable=False),
    sa.Column("categories", JsonText, nullable=False),
    sa.Column("tags", JsonText, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    # Last, so that SQLite reads the overflow pages of long bodies only when the body is asked for.
    sa.Column("content", sa.Text, nullable=False),
    # Of a retired article: what its text is known again by (see identity.Trace).
    sa.Column("trace", sa.Text, nullable=False, server_default=""),
    # What is kept back stands apart, so that looking for what is published never goes through it.
    sa.Index("articles_by_publication", "source", "live", "held", "published", "id"),
    sa.Index("articles_by_key", "key", "source"),
    sa.Index("articles_by_content", "content_hash", "source"),
    sa.Index("articles_by_body", "body_hash", "source"),
    sa.Index("articles_by_title", "title_hash", "source"),
)

# Which published article is in which scope, in order of arrival: every window and page of a feed is one range of
# this key.
members = sa.Table(
    "members",
    metadata,
    sa.Column("scope", Key, sa.ForeignKey("scopes.id"), primary_key=True),
    sa.Column("arrived", sa.BigInteger, primary_key=True),
    sa.Column("seq", Key, sa.ForeignKey("articles.seq"), primary_key=True),
    sa.Index("members_by_article", "seq"),
    sqlite_with_rowid=False,
)

folders = sa.Table(
    "folders",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("path", sa.Text, nullable=False, unique=True),
    sa.Column("scanned", sa.BigInteger),  # the last whole scan
    sa.Column("failures", sa.Integer, nullable=False),  # failed scans in a row
    sa.Column("error", sa.Text, nullable=False),  # why the last scan failed, "" after a good one
    sa.Column("planned", sa.BigInteger),  # the next scan by the schedule, None when nothing watches the folder
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("folder", Key, sa.ForeignKey("folders.id"), primary_key=True),
    sa.Column("path", sa.Text, primary_key=True),
    sa.Column("signature", sa.Text, nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("recipe", sa.String(64), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("missing", sa.Integer, nullable=False),  # whole scans in a row that lacked it
    sa.Column("source", Key, sa.ForeignKey("scopes.id")),
    sa.Column("seq", Key, sa.ForeignKey("articles.seq")),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("categories", JsonText, nullable=False),
    sa.Column("media", JsonText, nullable=False),  # {path: size, or null for one that is missed}
    sa.Index("files_by_article", "seq"),
    sqlite_with_rowid=False,
)

problems = sa.Table(
    "problems",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("folder", Key, sa.ForeignKey("folders.id"), nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),  # slug, "" when the file could not be assigned
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("line", sa.Integer),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Index("problems_by_file", "folder", "path"),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("folder", Key, sa.ForeignKey("folders.id"), nullable=False),
    sa.Column("started", sa.BigInteger, nullable=False),
    sa.Column("finished", sa.BigInteger, nullable=False),
    sa.Column("counts", JsonText, nullable=False),  # {source slug: {new, updated, …}}
    sa.Column("error", sa.Text, nullable=False),
    sa.Index("runs_by_folder", "folder", "started"),
)

# What operators should know of a service, and that is no article file's fault: a broken config, for one.
notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("since", sa.BigInteger, nullable=False),
)
