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


def upgrade() -> None:
    """Add columns and a table; articles and their ids stay as they are."""
    op.add_column("articles", sa.Column("held", sa.String(16), nullable=False, server_default=""))
    op.add_column("folders", sa.Column("planned", sa.BigInteger()))
    op.create_table(
        "notices",
        sa.Column("id", Key, nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
