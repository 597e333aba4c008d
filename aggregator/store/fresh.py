"""A new SQLite store, made at once as the migrations would leave it.

`migrations/sqlite.sql` holds what they lead to; a test compares the two line by line, and writes it anew
with `--update-golden`. Loading Alembic and going the whole way takes 0.1 s, longer than most commands.
"""

from pathlib import Path

from sqlalchemy.engine import Connection

SCRIPT = Path(__file__).parent / "migrations" / "sqlite.sql"
BETWEEN = ";\n\n"  # statements, none of which holds an empty line


def is_empty(connection: Connection) -> bool:
    """Whether there is nothing at all in a SQLite database."""
    return connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").first() is None


def make(connection: Connection) -> None:
    """Make the store in an empty database, in the transaction that is under way."""
    for statement in SCRIPT.read_text(encoding="utf-8").split(BETWEEN):
        connection.exec_driver_sql(statement)
