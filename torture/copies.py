"""`store copy` killed again and again, from SQLite to PostgreSQL and back: the target holds the one or the other."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from torture.generations import ROWS, Rows, has_articles, rows
from torture.postgres import database

if TYPE_CHECKING:
    from torture.crash import Crash


class Copies:
    """One store is brought to what another one holds; the other one stays as it is."""

    def __init__(self, crash: "Crash") -> None:
        self.crash = crash
        self.folder = crash.root / "copies"
        self.folder.mkdir()
        self.places = [f"sqlite:///{self.folder}/store.db"]
        self.now: dict[str, Rows] = {}

    @contextmanager
    def running(self) -> Iterator[None]:
        """With a PostgreSQL server."""
        self.crash.root.chmod(0o755)  # the server may run as another user
        with database(self.crash.root) as (url, _):
            self.places.append(url)
            yield

    def round(self) -> None:
        """A generation into each of the stores, then from one to the other and back."""
        for place in self.places:
            number = self.crash.random.randrange(len(self.crash.backups))
            origin = self.folder / f"from-{number}.db"
            shutil.copy(self.crash.backups[number], origin)
            self._copy(f"sqlite:///{origin}", place, self.crash.states[number])
        for origin, place in (self.places[::-1], self.places):
            self._copy(origin, place, self.now[origin])

    def _copy(self, origin: str, place: str, wanted: Rows) -> None:
        words = ["store", "copy", "--force", origin, place]
        kinds = " to ".join(url.partition("+")[0].partition(":")[0] for url in (origin, place))
        self.crash.kill(self.folder, words, lambda: f"{kinds}, {self._judge(place, wanted)}")
        self.crash.finish(self.folder, words)
        self.now[place] = wanted
        with self.crash.judged():
            self.crash.compare(_rows(place), wanted, f"store copy, {kinds}")

    def _judge(self, place: str, wanted: Rows) -> str:
        found = _rows(place)
        if found == wanted:
            return "the end, or of the same"
        self.crash.compare(found, self.now.get(place, {}), "store copy")
        return "the beginning or the midst"


def _rows(url: str) -> Rows:
    """The articles of a store, none where it is not there yet. Raises DamageError."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        return rows(file) if file.exists() and has_articles(file) else {}
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("articles"):
            return {}
        return {row[0]: tuple(row[1:]) for row in connection.execute(sa.text(ROWS))}
