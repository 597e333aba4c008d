"""The rows of files, as the ledger and a batch read them."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..models import GONE, CategoryPath, FileRow, Outcome
from .bulk import delete_rows
from .facts import CHUNK
from .rows import paths
from .schema import files

_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_JSON = frozenset({"categories", "media"})
_HOLDING = (Outcome.ARTICLE.value, Outcome.PROBLEM.value)  # a file that is broken now still stands for its article


def files_of(folder: int) -> sa.Select[Any]:
    """A query for the files of a folder; its rows are what `file_row` takes."""
    # JSON columns come as text: most rows share one of few texts, or have none.
    columns = (sa.type_coerce(files.c[n], sa.Text).label(n) if n in _JSON else files.c[n] for n in FileRow._fields)
    return sa.select(*columns).where(files.c.folder == folder)


def file_row(
    path: str,
    signature: str,
    digest: str,
    recipe: str,
    outcome: str,
    source: int | None,
    seq: int | None,
    content_hash: str,
    categories: str,
    missing: int,
    media: str,
) -> FileRow:
    """A row of that query as a value."""
    beside = {} if media == "{}" else json.loads(media)
    found = _OUTCOMES[outcome]
    return FileRow(
        path, signature, digest, recipe, found, source, seq, content_hash, _paths(categories), missing, beside
    )


def some_files(
    connection: Connection, folder: int, column: sa.Column[Any], values: Iterable[Any]
) -> dict[str, FileRow]:
    """The files of a folder whose `column` has one of these values, by path."""
    found: dict[str, FileRow] = {}
    for chunk in _chunks(values):
        rows = connection.execute(files_of(folder).where(column.in_(chunk)))
        found |= {row[0]: file_row(*row) for row in rows}
    return found


def take_files(connection: Connection, folder: int, places: Iterable[str]) -> dict[str, FileRow]:
    """Take the files at these places out of a folder's books, where they are kept with an article; by path."""
    rows = some_files(connection, folder, files.c.path, places)
    taken = {path: row for path, row in rows.items() if row.seq is not None}
    for chunk in _chunks(taken):
        delete_rows(connection, files, ("folder", "path"), folder, chunk)
    return taken


def held_in(connection: Connection, folders: Sequence[int], articles: Iterable[int]) -> set[int]:
    """Those of these articles (numbers) that a file in one of the folders holds, as it was last seen."""
    found: set[int] = set()
    for chunk in _chunks(articles) if folders else ():
        query = sa.select(files.c.seq).where(
            files.c.seq.in_(chunk), files.c.folder.in_(folders), files.c.outcome.in_(_HOLDING), files.c.missing < GONE
        )
        found.update(connection.execute(query).scalars())
    return found


def _chunks(values: Iterable[Any]) -> list[list[Any]]:
    ordered = sorted(set(values))
    return [ordered[start : start + CHUNK] for start in range(0, len(ordered), CHUNK)]


@lru_cache(maxsize=4096)
def _paths(text: str) -> tuple[CategoryPath, ...]:
    return paths(json.loads(text))
