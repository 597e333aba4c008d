"""What operators do and see: articles held back, when folders are scanned next, notices.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

PUBLICATION = ("source", "live", "held", "published", "id")
TRIGGERS = ("search_queue_added", "search_queue_changed", "search_queue_deleted")
# The columns are compared, since a writer may set them to what they were.
SQLITE = (
    """
    CREATE TRIGGER search_queue_added AFTER INSERT ON articles WHEN NEW.live AND NEW.held = ''
    BEGIN INSERT INTO search_queue (seq) VALUES (NEW.seq); END
    """,
    """
    CREATE TRIGGER search_queue_changed AFTER UPDATE ON articles
    WHEN OLD.live <> NEW.live OR OLD.held <> NEW.held OR OLD.title <> NEW.title OR OLD.content <> NEW.content
    BEGIN INSERT INTO search_queue (seq) VALUES (NEW.seq); END
    """,
    """
    CREATE TRIGGER search_queue_deleted AFTER DELETE ON articles
    BEGIN INSERT INTO search_queue (seq) VALUES (OLD.seq); END
    """,
)
POSTGRESQL = (
    """
    CREATE TRIGGER search_queue_added AFTER INSERT ON articles
    FOR EACH ROW WHEN (NEW.live AND NEW.held = '') EXECUTE FUNCTION search_queue_add()
    """,
    """
    CREATE TRIGGER search_queue_changed AFTER UPDATE ON articles FOR EACH ROW
    WHEN (OLD.live <> NEW.live OR OLD.held <> NEW.held OR OLD.title <> NEW.title OR OLD.content <> NEW.content)
    EXECUTE FUNCTION search_queue_add()
    """,
    """
    CREATE TRIGGER search_queue_deleted AFTER DELETE ON articles
    FOR EACH ROW EXECUTE FUNCTION search_queue_add()
    """,
)


def upgrade() -> None:
    """Add columns and a table; articles and their ids stay as they are."""
    postgresql = op.get_bind().dialect.name == "postgresql"
    for name in TRIGGERS:
        op.execute(f"DROP TRIGGER {name}" + (" ON articles" if postgresql else ""))
    _hold_articles(postgresql=postgresql)
    for statement in POSTGRESQL if postgresql else SQLITE:
        op.execute(statement)
    op.add_column("folders", sa.Column("planned", sa.BigInteger()))
    op.create_table(
        "notices",
        sa.Column("id", Key, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _hold_articles(*, postgresql: bool) -> None:
    """Give articles `held` and `trace`, and an index that tells what is held from what is published.

    SQLite can only add a column at a row's end, which takes no time, but is behind the content: to read it, it goes
    through the pages of a long one. So a store that is still empty gets a table with `held` where it is cheap.
    """
    held = sa.Column("held", sa.String(16), nullable=False, server_default="")
    trace = sa.Column("trace", sa.Text(), nullable=False, server_default="")
    op.drop_index("articles_by_publication", "articles")
    anew = not postgresql and op.get_bind().execute(sa.text("SELECT 1 FROM articles LIMIT 1")).first() is None
    with op.batch_alter_table("articles", recreate="always" if anew else "never") as table:
        table.add_column(held, insert_after="live" if anew else None)
        table.add_column(trace)
    op.create_index("articles_by_publication", "articles", PUBLICATION)
