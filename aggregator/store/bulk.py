"""Many rows in one statement, past SQLAlchemy, whose work for each value takes longer than the database's."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Dialect

Names = tuple[str, ...]

TOGETHER = 250  # short rows in one statement


def insert_rows(
    connection: Connection, table: sa.Table, names: Names, rows: Sequence[tuple[Any, ...]], *, replacing: bool = False
) -> None:
    """Insert rows, each with the values of the columns `names` as the driver takes them (JSON as text).

    `replacing`: a row with the primary key of one that is there takes its place.
    """
    if rows:
        connection.exec_driver_sql(_insert(connection.dialect, table, names, replacing), list(rows))


def insert_short_rows(connection: Connection, table: sa.Table, names: Names, rows: Sequence[tuple[int, ...]]) -> None:
    """Insert rows of a few numbers, many in one statement: to begin it anew for each takes longer than the rest."""
    for start in range(0, len(rows), TOGETHER):
        some = rows[start : start + TOGETHER]
        statement = _insert(connection.dialect, table, names, replacing=False, number=len(some))
        connection.exec_driver_sql(statement, tuple(chain.from_iterable(some)))


def select_rows(
    connection: Connection, names: Names, column: sa.Column[Any], values: Sequence[object]
) -> Sequence[sa.Row[Any]]:
    """The columns `names`, as the driver gives them (JSON as text), of the rows whose `column` has one of these
    values. Databases take some 30,000 of them at most."""
    statement = _select(connection.dialect, names, column, len(values))
    return connection.exec_driver_sql(statement, tuple(values)).all() if values else ()


def delete_rows(
    connection: Connection, table: sa.Table, names: tuple[str, str], one: object, values: Sequence[object]
) -> None:
    """Delete the rows that have `one` in the first column, and one of the values in the second."""
    if values:
        connection.exec_driver_sql(_delete(connection.dialect, table, names, len(values)), (one, *values))


def plain_rows(connection: Connection, query: sa.Select[Any]) -> Sequence[tuple[Any, ...]]:
    """What a query finds, as the driver gives it: plain tuples, which the garbage collector soon leaves alone."""
    cursor = connection.execute(query).cursor
    return cursor.fetchall()


def _mark(dialect: Dialect) -> str:
    return "?" if dialect.paramstyle == "qmark" else "%s"


def _marks(dialect: Dialect, number: int) -> str:
    return ", ".join([_mark(dialect)] * number)


@lru_cache
def _select(dialect: Dialect, names: Names, column: sa.Column[Any], number: int) -> str:
    quote = dialect.identifier_preparer.quote
    return (
        f"SELECT {', '.join(map(quote, names))} FROM {quote(column.table.name)} "  # noqa: S608 (our own names)
        f"WHERE {quote(column.name)} IN ({_marks(dialect, number)})"
    )


@lru_cache
def _delete(dialect: Dialect, table: sa.Table, names: tuple[str, str], number: int) -> str:
    one, other = map(dialect.identifier_preparer.quote, names)
    place = dialect.identifier_preparer.quote(table.name)
    return f"DELETE FROM {place} WHERE {one} = {_mark(dialect)} AND {other} IN ({_marks(dialect, number)})"  # noqa: S608


@lru_cache
def _insert(dialect: Dialect, table: sa.Table, names: Names, replacing: bool, number: int = 1) -> str:
    quote = dialect.identifier_preparer.quote
    statement = (
        f"INSERT INTO {quote(table.name)} ({', '.join(map(quote, names))}) "  # noqa: S608 (our own names)
        f"VALUES {', '.join([f'({_marks(dialect, len(names))})'] * number)}"
    )
    if not replacing:
        return statement
    key = [column.name for column in table.primary_key]
    values = ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in names if name not in key)
    return f"{statement} ON CONFLICT ({', '.join(map(quote, key))}) DO UPDATE SET {values}"
