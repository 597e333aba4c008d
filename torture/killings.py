"""One command after the other, killed again and again: what has to be true after each kill, and at each end."""

import hashlib
import json
import shutil
import sqlite3
from collections import Counter, defaultdict
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from aggregator.store.engine import HEAD, open_file
from feeds.export.layout import TEMPORARY
from tests.upkeep.test_migrations import build, pour
from torture.generations import ROWS, TITLE, WINDOW, Rows, Site, has_articles, opened, rows, scopes

if TYPE_CHECKING:
    from torture.crash import Crash

OLDER = "0002"  # an earlier version of the store


class Ingests:
    """`ingest`: what anybody saw in the store stays; at the end it is as if nothing had happened."""

    WORDS = "ingest", "--json"

    def __init__(self, crash: "Crash") -> None:
        self.crash, self.site = crash, crash.site
        self.seen: Rows = {}
        self.dates: dict[str, tuple[str, int]] = {}  # content and time of the last edit, by id

    def round(self) -> None:
        """A generation."""
        number = self.crash.generation()
        self.site.write(number)
        before = self.crash.states[number - 1] if number else {}
        self.crash.kill(
            self.site.root, self.WORDS, lambda: self._judge(before, self.crash.states[number]), self._look
        )
        counts = json.loads(self.crash.finish(self.site.root, self.WORDS))["sources"].values()
        if sum(count[name] for count in counts for name in ("new", "updated", "unchanged")) != WINDOW:
            self.crash.wrong("wrong counts", str(counts))
        with self.crash.judged():
            self.crash.compare(self.site.rows(), self.crash.states[number], f"ingest {number}")
            if scopes(self.site.store) != scopes(self.crash.calm.store):
                self.crash.wrong("articles lost", f"feeds are {scopes(self.site.store)}")
            self._look_at_dates()

    def _look(self) -> None:
        """What a reader of the store sees at this moment."""
        if not self.site.store.exists():
            return
        with closing(sqlite3.connect(self.site.store, timeout=30)) as connection, suppress(sqlite3.OperationalError):
            self.seen |= {row[0]: row[1:] for row in connection.execute(ROWS)}  # no such table: it has just begun

    def _judge(self, before: Rows, after: Rows) -> str:
        if not self.site.store.exists() or not has_articles(self.site.store):
            return "before the store was there"
        found = self.site.rows()
        for id_ in self.seen.keys() - found.keys():
            self.crash.wrong("articles lost", f"it was there already: {self.seen[id_]}")
        for id_, row in found.items():
            if row not in (before.get(id_), after.get(id_)):
                self.crash.wrong("articles torn" if id_ in after else "ids changed", str(row))
        titles = Counter(row[TITLE] for row in found.values())
        for title, number in titles.items():
            if number > 1:
                self.crash.wrong("duplicates", str(title))
        for path, (told, held) in scopes(self.site.store).items():
            if told != held:
                self.crash.wrong("articles torn", f"{path} says {told} and has {held}")
        return "before the first commit" if found == before else "between commits" if found != after else "all filed"

    def _look_at_dates(self) -> None:
        """Only an edit moves a date."""
        with opened(self.site.store) as connection:
            now = {row[0]: row[1:] for row in connection.execute("SELECT id, content_hash, updated FROM articles")}
        for id_, (content, updated) in self.dates.items():
            if (content == now[id_][0]) != (updated == now[id_][1]):
                self.crash.wrong("false alarms to subscribers", f"{id_}: {content, updated} {now[id_]}")
        self.dates = now


class Backups:
    """`backup`: the file is not there, or whole."""

    def __init__(self, crash: "Crash") -> None:
        self.crash, self.site = crash, crash.site
        self.file = crash.root / "copy/store.backup"
        self.file.parent.mkdir()
        self.words = "backup", "--force", str(self.file)

    def round(self) -> None:
        """A backup."""
        self.crash.kill(self.site.root, self.words, self._judge)
        self.crash.finish(self.site.root, self.words)
        self._judge()
        for file in set(self.file.parent.iterdir()) - {self.file}:
            self.crash.wrong("files left behind", str(file))
        if self.crash.random.random() < 0.5:
            self.file.unlink()

    def _judge(self) -> str:
        if self.file.exists():
            self.crash.compare(rows(self.file), self.site.rows(), "backup")
        others = len(list(self.file.parent.iterdir())) - self.file.exists()
        return "the midst of writing" if others else "the beginning or the end"


class Restores:
    """`restore`: the store holds the one or the other, as a whole."""

    def __init__(self, crash: "Crash") -> None:
        self.crash = crash
        self.site = Site(crash.root / "restored")
        self.older = crash.root / "older.backup"
        _make_older(crash.backups[0], self.older)
        self.choices = [*enumerate(crash.backups), (0, self.older)]
        self.now: Rows = {}

    def round(self) -> None:
        """Another backup than the one that is there."""
        number, file = self.crash.random.choice(self.choices)
        words = "restore", "--force", str(file)
        self.crash.kill(self.site.root, words, lambda: self._judge(self.crash.states[number]))
        self.crash.finish(self.site.root, words)
        self.now = self.crash.states[number]
        with self.crash.judged():
            self.crash.compare(self.site.rows(), self.now, f"restore {file.name}")

    def _judge(self, wanted: Rows) -> str:
        if not self.site.store.exists() or not has_articles(self.site.store):
            return "before the store was there"
        found = self.site.rows()
        if found == wanted:
            return "the end, or of the same"
        self.crash.compare(found, self.now, "restore")
        return "the midst"


class Migrations:
    """A store of an older version is opened: it is the old one or the new one, with the same articles."""

    def __init__(self, crash: "Crash") -> None:
        self.crash = crash
        self.site = Site(crash.root / "migrated")
        self.older = crash.root / "older.backup"

    def round(self) -> None:
        """A store that is old."""
        for file in self.site.store.parent.iterdir():
            if file.is_file():
                file.unlink()
        shutil.copy(self.older, self.site.store)
        self.crash.kill(self.site.root, ["status"], self._judge)
        self.crash.finish(self.site.root, ["status"])
        if self._judge() != "the end":
            self.crash.wrong("damaged stores", "it is still of the older version")

    def _judge(self) -> str:
        with opened(self.site.store) as connection:
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            found = {row[0]: row[1:] for row in connection.execute(ROWS)}
        self.crash.compare(found, self.crash.states[0], f"migration, at {version}")
        return "the end" if version == HEAD else "the beginning or the midst"


class Exports:
    """`export`: every file that has its name is whole, and of this generation or the one before."""

    def __init__(self, crash: "Crash") -> None:
        self.crash, self.site = crash, crash.site
        self.folder = crash.root / "public"
        self.words = "export", str(self.folder)
        self.known: dict[str, set[str]] = defaultdict(set)
        self.number = 0

    def round(self) -> None:
        """A generation."""
        self.site.write(self.crash.generation())
        self.crash.finish(self.site.root, Ingests.WORDS)
        self.number += 1
        reference = self.crash.root / f"reference-{self.number}"
        _, took = self.crash.nursery.run(self.site.root, "export", str(reference))
        if self.number == 1:
            self.crash.lasts["export"] = took
        wanted = digests(reference)
        for path, digest in wanted.items():
            self.known[path].add(digest)
        self.crash.kill(self.site.root, self.words, lambda: self._judge(wanted))
        self.crash.finish(self.site.root, self.words)
        found = digests(self.folder)
        for path in wanted.keys() | found.keys():
            if found.get(path) != wanted.get(path, found.get(path)):
                self.crash.wrong("half-written files", f"{path} is not as it is written when nothing is disturbed")
        for file in self.folder.rglob(f"{TEMPORARY}*"):
            self.crash.wrong("files left behind", str(file))
        shutil.rmtree(reference)

    def _judge(self, wanted: dict[str, str]) -> str:
        found = digests(self.folder)
        for path, digest in found.items():
            if digest not in self.known[path]:
                self.crash.wrong("half-written files", path)
        done = sum(found.get(path) == digest for path, digest in wanted.items())
        return f"{4 * done // len(wanted)} of 4 parts"


def digests(folder: Path) -> dict[str, str]:
    """What a web server would serve of a folder."""
    files = (file for file in folder.rglob("*") if file.is_file() and not file.name.startswith(".aggregator"))
    return {file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def _make_older(backup: Path, file: Path) -> None:
    """Write a backup as the version before would have."""
    target, source = build(f"sqlite:///{file}", OLDER), open_file(backup, read_only=True)
    pour(source, target)
    target.dispose()
    source.dispose()
