"""What an export folder holds, and of what it was made: a SQLite file in the folder itself.

It is the folder's lock as well: who has it open is the only one who writes there, until it ends, however that is.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import NamedTuple

from aggregator.errors import ExportError

from .layout import MANIFEST

WAIT = 10  # seconds for another process to finish
DOOMED = 0  # as `since`: nothing leads there any more, and nothing will

_VERSION = 2
# What is no fault of the list. Further bits tell what exactly.
_DISK = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
_SCHEMA = """
CREATE TABLE section (name TEXT PRIMARY KEY, basis TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE output (
  path TEXT PRIMARY KEY, section TEXT NOT NULL, basis TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL,
  variants TEXT NOT NULL, media TEXT NOT NULL, since INTEGER,
  second INTEGER
) WITHOUT ROWID;
CREATE INDEX output_by_section ON output (section);
CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""


class Record(NamedTuple):
    """A file that was written. What has the same `basis` need not be made again, what has the same `digest` not be
    written again. `variants` are the sizes of its compressed forms by suffix, `media` the media files that it shows.
    `since` is when nothing led to it any more, None while something does. `second` is the time that the file tells of
    itself, in seconds since 1970; None where an earlier version wrote it."""

    basis: str
    digest: str
    size: int
    variants: dict[str, int]
    media: tuple[str, ...] = ()
    since: int | None = None
    second: int | None = None


@contextmanager
def opened(root: Path) -> Iterator["Manifest"]:
    """The manifest of a folder, within the block. Raises ExportError if another process has it, or it is unusable."""
    try:
        with closing(Manifest(root)) as manifest:
            yield manifest
    except sqlite3.Error as error:
        raise ExportError(_explained(root, error)) from error


class Manifest:
    """The open manifest of a folder. Each call may raise sqlite3.Error; see `opened`."""

    def __init__(self, root: Path) -> None:
        self._file = root / MANIFEST
        self._connection = sqlite3.connect(self._file, timeout=WAIT, isolation_level=None)
        try:
            self._connection.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._connection.execute("BEGIN EXCLUSIVE")
            self._prepare()
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        (version,) = self._connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._connection.execute(statement)
        elif version == 1:
            self._connection.execute("ALTER TABLE output ADD COLUMN second INTEGER")
        elif version != _VERSION:
            raise sqlite3.DatabaseError("another version of this program wrote it")
        self._connection.execute(f"PRAGMA user_version={_VERSION}")

    def close(self) -> None:
        """Give the folder back."""
        self._connection.close()

    def fact(self, name: str) -> str:
        """What was noted under a name, "" when nothing was."""
        row = self._connection.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def note(self, name: str, value: str) -> None:
        """Note something."""
        self._connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (name, value))

    def forget_bases(self) -> None:
        """Have everything made again; what comes out the same stays as it is."""
        self._connection.execute("DELETE FROM section")
        self._connection.execute("UPDATE output SET basis = ''")

    def basis(self, section: str) -> str | None:
        """What a section was made of when it was last written as a whole."""
        row = self._connection.execute("SELECT basis FROM section WHERE name = ?", (section,)).fetchone()
        return row[0] if row else None

    def outputs(self, section: str) -> dict[str, Record]:
        """The files of a section, by path."""
        query = "SELECT path, basis, digest, size, variants, media, since, second FROM output WHERE section = ?"
        return {path: _record(*rest) for path, *rest in self._connection.execute(query, (section,))}

    def begin(self, section: str) -> None:
        """From here on nothing is known of a section as a whole; what is put is kept together, see `finish`."""
        self._connection.execute("BEGIN")
        self._connection.execute("DELETE FROM section WHERE name = ?", (section,))

    def put(self, section: str, path: str, record: Record) -> None:
        """Keep what was written."""
        values = (path, section, *record[:3], *map(json.dumps, record[3:5]), *record[5:])
        self._connection.execute("INSERT OR REPLACE INTO output VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def commit(self) -> None:
        """Keep what was put so far, whatever happens."""
        self._connection.execute("COMMIT")
        self._connection.execute("BEGIN")

    def finish(self, section: str, basis: str, gone: Iterable[str]) -> None:
        """A section is whole; of what it held, `gone` is there no more."""
        for path in gone:
            self._connection.execute(
                "UPDATE output SET since = ? WHERE path = ? AND section = ?", (DOOMED, path, section)
            )
        self._connection.execute("INSERT OR REPLACE INTO section VALUES (?, ?)", (section, basis))
        self._connection.execute("COMMIT")

    def stop(self) -> None:
        """Keep what was put of a section that is not whole."""
        if self._connection.in_transaction:
            self._connection.execute("COMMIT")

    def retain(self, sections: Iterable[str]) -> None:
        """Let all sections but these be gone."""
        kept = set(sections)
        for (name,) in self._connection.execute("SELECT DISTINCT section FROM output").fetchall():
            if name not in kept:
                self._connection.execute("UPDATE output SET since = ? WHERE section = ?", (DOOMED, name))
                self._connection.execute("DELETE FROM section WHERE name = ?", (name,))

    def expired(self, before: int) -> list[tuple[str, Record]]:
        """The files that nothing has led to since before a time."""
        columns = "path, basis, digest, size, variants, media, since, second"
        query = f"SELECT {columns} FROM output WHERE since < ? ORDER BY path"  # noqa: S608 (they are ours)
        return [(path, _record(*rest)) for path, *rest in self._connection.execute(query, (before,))]

    def forget(self, paths: Iterable[str]) -> None:
        """These files are there no more."""
        self._connection.execute("BEGIN")
        self._connection.executemany("DELETE FROM output WHERE path = ?", [(path,) for path in paths])
        self._connection.execute("COMMIT")

    def media(self) -> set[str]:
        """The media files that any file shows."""
        query = "SELECT DISTINCT media FROM output WHERE media <> '[]' AND (since IS NULL OR since > ?)"
        return {path for (names,) in self._connection.execute(query, (DOOMED,)) for path in json.loads(names)}

    def count(self) -> int:
        """How many files there are, compressed forms not counted."""
        (number,) = self._connection.execute("SELECT count(*) FROM output").fetchone()
        return int(number)


def _record(
    basis: str, digest: str, size: int, variants: str, media: str, since: int | None, second: int | None
) -> Record:
    return Record(basis, digest, size, json.loads(variants), tuple(json.loads(media)), since, second)


def _explained(root: Path, error: sqlite3.Error) -> str:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return f"another process is exporting to {root}; wait until it is done, or stop it"
    if getattr(error, "sqlite_errorcode", 0) & 0xFF in _DISK:
        return (
            f"the export's list of files {root / MANIFEST} cannot be written: {error}; see to its disk; "
            "what was written before is whole, and the next export goes on from there"
        )
    return (
        f"the export's list of files {root / MANIFEST} cannot be used: {error}; if the rights on the folder are "
        "right, delete that file and export with --force, which writes everything anew"
    )
