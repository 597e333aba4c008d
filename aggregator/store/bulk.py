"""Many rows in one statement, past SQLAlchemy, whose work for each parameter takes longer than the database's."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

Names = tuple[str, ...]


def insert_rows(
    connection: Connection, table: sa.Table, names: Names, rows: Sequence[tuple[Any, ...]], *, replacing: bool = False
) -> None:
    """Insert rows, each with the values of the columns `names` as the driver takes them (JSON as text).

    `replacing`: a row with the primary key of one that is there takes its place.
    """
    if rows:
        connection.exec_driver_sql(_insert(connection.dialect, table, names, replacing), list(rows))


@lru_cache
def _insert(dialect: Dialect, table: sa.Table, names: Names, replacing: bool) -> str:
    quote = dialect.identifier_preparer.quote
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    statement = (
        f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) "  # noqa: S608 (our own names)
        f"VALUES ({', '.join([mark] * len(names))})"
    )
    if not replacing:
        return statement
    key = [column.name for column in table.primary_key]
    values = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in key)
    return f"{statement} ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {values}"
