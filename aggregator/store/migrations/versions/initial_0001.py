"""The first schema.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "folders",
        sa.Column("id", Key, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("scanned", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("path"),
    )
    op.create_table(
        "scopes",
        sa.Column("id", Key, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("names", sa.Text(), nullable=False),
        sa.Column("parent", Key, nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=True),
        sa.Column("gone", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent"],
            ["scopes.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("path"),
    )
    op.create_index("scopes_by_kind", "scopes", ["kind"], unique=False)
    op.create_table(
        "state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "catalog",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("removable", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "articles",
        sa.Column("seq", Key, autoincrement=False, nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("source", Key, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=False),
        sa.Column("date_kind", sa.String(length=16), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("title_hash", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("image", sa.Text(), nullable=True),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("authors", sa.Text(), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source"],
            ["scopes.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("articles_by_publication", "articles", ["source", "published", "id"], unique=False)
    op.create_index("articles_by_body", "articles", ["body_hash", "source"], unique=False)
    op.create_index("articles_by_content", "articles", ["content_hash", "source"], unique=False)
    op.create_index("articles_by_key", "articles", ["key", "source"], unique=False)
    op.create_index("articles_by_title", "articles", ["title_hash", "source"], unique=False)
    op.create_table(
        "problems",
        sa.Column("id", Key, nullable=False),
        sa.Column("folder", Key, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder"],
            ["folders.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("problems_by_file", "problems", ["folder", "path"], unique=False)
    op.create_table(
        "runs",
        sa.Column("id", Key, nullable=False),
        sa.Column("folder", Key, nullable=False),
        sa.Column("started", sa.BigInteger(), nullable=False),
        sa.Column("finished", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder"],
            ["folders.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("runs_by_folder", "runs", ["folder", "started"], unique=False)
    op.create_table(
        "files",
        sa.Column("folder", Key, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("source", Key, nullable=True),
        sa.Column("seq", Key, nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("categories", sa.Text(), nullable=False),
        sa.Column("media", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["folder"],
            ["folders.id"],
        ),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["articles.seq"],
        ),
        sa.ForeignKeyConstraint(
            ["source"],
            ["scopes.id"],
        ),
        sa.PrimaryKeyConstraint("folder", "path"),
        sqlite_with_rowid=False,
    )
    op.create_index("files_by_article", "files", ["seq"], unique=False)
    op.create_table(
        "members",
        sa.Column("scope", Key, nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.Column("seq", Key, nullable=False),
        sa.ForeignKeyConstraint(
            ["scope"],
            ["scopes.id"],
        ),
        sa.ForeignKeyConstraint(
            ["seq"],
            ["articles.seq"],
        ),
        sa.PrimaryKeyConstraint("scope", "arrived", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_index("members_by_article", "members", ["seq"], unique=False)
