"""The site that is killed: its articles go through generations, hour after hour as crawlers write them."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

from tests.support import article
from torture.world import sentence

WINDOW = 240  # articles in the folders: more than one transaction takes
STEP = 12  # that are new in each generation
CONFIG = """site: {url: "http://crash.example"}
feeds: {limit: 10, custom: [{slug: evens, title: Evens, include: even}]}
sources:
  - {title: River, path: river, every: 1 hour}
  - {title: Rest, path: rest, every: 1 hour, split_by: author}
"""
ROWS = (
    "SELECT articles.id, path, key, live, published, articles.title, content_hash FROM articles"
    " JOIN scopes ON scopes.id = articles.source"
)
TITLE = 4  # its place in a row
SCOPES = "SELECT path, size, (SELECT count(*) FROM members WHERE scope = scopes.id) FROM scopes"

Row = tuple[object, ...]
Rows = dict[str, Row]  # by id


class DamageError(Exception):
    """A store is not whole."""


class Site:
    """A folder with a config and articles, and the store that comes of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = root / "var/aggregator.db"
        self.store.parent.mkdir(parents=True)
        (root / "config.yaml").write_text(CONFIG)

    def write(self, generation: int) -> None:
        """Write the folders anew, as crawlers do: some articles are new, some edited, the oldest are gone."""
        for folder in ("river", "rest"):
            shutil.rmtree(self.root / folder, ignore_errors=True)
            (self.root / folder).mkdir()
        for number in range(generation * STEP, generation * STEP + WINDOW):
            folder = "river" if number % 4 else "rest"
            (self.root / folder / f"{number}.md").write_text(_article(number, generation))

    def rows(self) -> Rows:
        """Its articles."""
        return rows(self.store)


def rows(store: Path) -> Rows:
    """The articles in a store. Raises DamageError."""
    with opened(store) as connection:
        return {row[0]: row[1:] for row in connection.execute(ROWS)}


def scopes(store: Path) -> dict[str, tuple[int, int]]:
    """How many articles each feed says it has, and has. Raises DamageError."""
    with opened(store) as connection:
        return {row[0]: row[1:] for row in connection.execute(SCOPES)}


@contextmanager
def opened(store: Path) -> Iterator[sqlite3.Connection]:
    """A store that was looked at. Raises DamageError when it is not whole."""
    with closing(sqlite3.connect(store, timeout=30)) as connection:
        try:
            (verdict,) = connection.execute("PRAGMA integrity_check").fetchone()
            broken = connection.execute("PRAGMA foreign_key_check").fetchall()
            if verdict != "ok" or broken:
                raise DamageError(f"{store}: {verdict} {broken}")
            yield connection
        except sqlite3.DatabaseError as error:
            raise DamageError(f"{store}: {error}") from error


def _article(number: int, generation: int) -> str:
    random = Random(number)
    body = [sentence(random) for _ in range(8)]
    edits = 0 if number % 3 else (generation + number // 3) // 4
    body += [f"Correction {edits}."] if edits else []
    body.append(f"mark-{number}-{edits}.")
    date = f"2026-{1 + number // 280:02}-{1 + number // 10 % 28:02} {number % 10:02}:00:00 +0000"
    fields = {"author": f"Author {number % 3}", "categories": f"[News, {'even' if number % 2 else 'odd'}]"}
    return article(f"Note {number}", "".join(f"<p>{part}</p>" for part in body), date, **fields)


def has_articles(store: Path) -> bool:
    """Whether a store has come so far."""
    with closing(sqlite3.connect(store)) as connection:
        return bool(connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'articles'").fetchone())
