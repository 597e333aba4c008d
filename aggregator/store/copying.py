"""Copying a store's tables into another store, from and to either database, a chunk of rows at a time.

What search keeps is not copied but made anew, since each database has an index of its own.
"""

import hashlib
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..errors import StoreError
from .schema import JsonText, articles, members, metadata, scopes, state
from .search.indexer import Indexer

Progress = Callable[[int, int], None]  # rows done, rows to do

CHUNK = 1000  # rows in memory
LONG_CHUNK = 50  # of articles, whose texts can be long
SEARCH = "search_"  # the beginning of the names of what is not copied
# Nobody waits for these tables to publish anything, so PostgreSQL may lock them against readers.
BOOKS = ("files", "problems", "runs", "notices")


@dataclass(slots=True)
class Sum:
    """What is in a table: how many rows, and a sum of their hashes, which no order changes."""

    rows: int = 0
    digest: int = 0

    def add(self, rows: Sequence[sa.Row[Any]]) -> None:
        """Count rows in."""
        for row in rows:
            text = repr(tuple(row)).encode("utf-8", "surrogatepass")
            self.digest += int.from_bytes(hashlib.blake2b(text, digest_size=16).digest())
        self.digest %= 2**128
        self.rows += len(rows)


def copy_tables(source: Connection, target: Connection, progress: Progress) -> int:
    """Replace all that is in `target` with what is in `source`, within the transactions of both.

    The copy is read again and compared with what was read at first. Returns how many articles there are. Raises
    StoreError when they differ.
    """
    tables = _tables()
    done, total = 0, 2 * sum(_count(source, table) for table in tables)
    _clear(target)
    sums: dict[str, Sum] = {}
    for table in tables:
        found = sums[table.name] = Sum()
        with closing(_chunks(source, table)) as chunks:
            for rows in chunks:
                found.add(rows)
                target.execute(sa.insert(table), [dict(row._mapping) for row in rows])
                done += len(rows)
                progress(done, total)
    for table in tables:
        copied = Sum()
        with closing(_chunks(target, table)) as chunks:
            for rows in chunks:
                copied.add(rows)
                done += len(rows)
                progress(done, total)
        if copied != sums[table.name]:
            raise StoreError(f'the copy of the table "{table.name}" differs from the original; nothing was changed')
    _set_sequences(target)
    Indexer.forget(target)
    return sums[articles.name].rows


def is_empty(connection: Connection) -> bool:
    """Whether a store holds no articles and no feeds."""
    return all(connection.execute(sa.select(table).limit(1)).first() is None for table in (articles, scopes))


def _tables() -> list[sa.TableClause]:
    """The tables, parents first. Columns are taken as they are kept: JSON stays the text that it is."""
    return [
        sa.table(table.name, *(sa.column(column.name, _plain(column.type)) for column in table.columns))
        for table in metadata.sorted_tables
        if not table.name.startswith(SEARCH)
    ]


def _plain(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    return sa.Text() if isinstance(kind, JsonText) else kind


def _count(connection: Connection, table: sa.TableClause) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def _chunks(connection: Connection, table: sa.TableClause) -> Generator[Sequence[sa.Row[Any]]]:
    """The rows of a table by primary key: parents of scopes come first, and neighbours stay together."""
    key = [table.c[column.name] for column in metadata.tables[table.name].primary_key]
    size = LONG_CHUNK if table.name == articles.name else CHUNK
    with connection.execute(sa.select(table).order_by(*key), execution_options={"yield_per": size}) as found:
        yield from found.partitions()


def _clear(connection: Connection) -> None:
    """Delete all rows, children first.

    PostgreSQL looks for the children of every row that is deleted, also among those that were: so what has no index
    for that is truncated.
    """
    books = set(BOOKS) if connection.dialect.name == "postgresql" else set()
    if books:
        connection.execute(sa.text(f"TRUNCATE {', '.join(BOOKS)}"))
    for table in reversed(_tables()):
        if table.name not in books:
            connection.execute(sa.delete(table))


def _set_sequences(connection: Connection) -> None:
    """Let PostgreSQL go on numbering behind what was copied."""
    if connection.dialect.name != "postgresql":
        return
    for table in _tables():
        if "id" not in table.c or table.name in (state.name, members.name):
            continue
        sequence = connection.execute(sa.select(sa.func.pg_get_serial_sequence(table.name, "id"))).scalar()
        last = connection.execute(sa.select(sa.func.max(table.c.id))).scalar()
        if sequence and isinstance(last, int):
            connection.execute(sa.select(sa.func.setval(sequence, last)))
