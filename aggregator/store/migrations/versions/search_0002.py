"""Full-text search: its texts, its queue and the triggers that fill it, and the database's own index.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

# The columns are compared, since a writer may set them to what they were.
SQLITE = (
    "CREATE VIRTUAL TABLE search_index USING fts5(tokens, content='', columnsize=0, detail='none', tokenize='ascii')",
    """
    CREATE TRIGGER search_queue_added AFTER INSERT ON articles WHEN NEW.live
    BEGIN INSERT INTO search_queue (seq) VALUES (NEW.seq); END
    """,
    """
    CREATE TRIGGER search_queue_changed AFTER UPDATE ON articles
    WHEN OLD.live <> NEW.live OR OLD.title <> NEW.title OR OLD.content <> NEW.content
    BEGIN INSERT INTO search_queue (seq) VALUES (NEW.seq); END
    """,
    """
    CREATE TRIGGER search_queue_deleted AFTER DELETE ON articles
    BEGIN INSERT INTO search_queue (seq) VALUES (OLD.seq); END
    """,
)
POSTGRESQL = (
    "CREATE TABLE search_index (seq BIGINT PRIMARY KEY, tokens TSVECTOR NOT NULL)",
    # Without statistics the planner always goes through the index. It takes the price of reading `tokens` of every
    # row for nothing, though each has to be fetched from elsewhere (TOAST).
    "ALTER TABLE search_index ALTER COLUMN tokens SET STATISTICS 0",
    "CREATE INDEX search_index_tokens ON search_index USING gin (tokens)",
    """
    CREATE FUNCTION search_queue_add() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN INSERT INTO search_queue (seq) VALUES (coalesce(NEW.seq, OLD.seq)); RETURN NULL; END $$
    """,
    """
    CREATE TRIGGER search_queue_added AFTER INSERT ON articles
    FOR EACH ROW WHEN (NEW.live) EXECUTE FUNCTION search_queue_add()
    """,
    """
    CREATE TRIGGER search_queue_changed AFTER UPDATE ON articles FOR EACH ROW
    WHEN (OLD.live <> NEW.live OR OLD.title <> NEW.title OR OLD.content <> NEW.content)
    EXECUTE FUNCTION search_queue_add()
    """,
    """
    CREATE TRIGGER search_queue_deleted AFTER DELETE ON articles
    FOR EACH ROW EXECUTE FUNCTION search_queue_add()
    """,
)


def upgrade() -> None:
    """Create the tables; version 0 makes the first catch-up index every article that is there."""
    op.create_table(
        "search_texts",
        sa.Column("seq", Key, autoincrement=False, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "search_queue",
        sa.Column("id", Key, nullable=False),
        sa.Column("seq", Key, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    state = op.create_table(
        "search_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("edited", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.bulk_insert(state, [{"id": 1, "version": 0, "revision": 0, "edited": 0}])
    for statement in POSTGRESQL if op.get_bind().dialect.name == "postgresql" else SQLITE:
        op.execute(statement)
