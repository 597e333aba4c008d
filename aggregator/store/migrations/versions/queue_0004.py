"""Who files a new article puts it into search's queue: many at once, and without a trigger for each.

With a trigger, SQLite keeps what each page was before each row, in case that the trigger fails.

Revision ID: 0004
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the trigger on new articles; what it queued stays."""
    op.execute(
        "DROP TRIGGER search_queue_added" + (" ON articles" if op.get_bind().dialect.name == "postgresql" else "")
    )
