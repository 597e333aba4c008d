"""Two stores on one folder: one is kept up to date by scans of the files that events name, one by whole scans."""

import shutil
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from aggregator.ingest import scan, scan_files
from aggregator.report import ScanReport
from aggregator.store import Store
from tests.support import Place

# What a store holds; not when and how often its folders were scanned.
TABLES = {
    "articles": ("seq",),
    "scopes": ("path",),
    "members": ("scope", "arrived", "seq"),
    "files": ("path",),
    "problems": ("path", "message"),
    "state": ("id",),
}


def content(store: Store) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Everything that matters in a store, table by table."""
    with store._engine.begin() as connection:
        for table, order in TABLES.items():
            rows = connection.execute(sa.text(f"SELECT * FROM {table}")).mappings()
            kept = [{name: row[name] for name in row if (table, name) != ("problems", "id")} for row in rows]
            yield table, sorted(kept, key=itemgetter(*order))


class Twins:
    """`place` has the store that events keep up to date; `whole` is the other one. `touched` is what changed since
    the last look; a file that was not yet complete is looked at again."""

    def __init__(self, place: Place, other: str) -> None:
        self.place = place
        self.whole = Store(other)
        (self.folder,) = place.router.folders()
        self.touched: set[str] = set()
        self.looks = 0
        self.walks = 0

    def close(self) -> None:
        self.place.store.close()
        self.whole.close()

    def write(self, name: str, text: str | bytes, age: float = 60) -> None:
        self._make(name)
        self.place.write(f"articles/{name}", text, age)
        self.touched.add(name)

    def remove(self, name: str) -> None:
        target = self.folder / name
        if target.is_dir():
            shutil.rmtree(target)
        else:
            target.unlink(missing_ok=True)
        self.touched.add(name)

    def move(self, old: str, new: str) -> None:
        if (self.folder / old).exists() and not (self.folder / new).is_dir():
            self._make(new)
            (self.folder / old).rename(self.folder / new)
            self.touched |= {old, new}

    def _make(self, name: str) -> None:
        """The folders of a file; that one appears is an event of its own."""
        for parent in reversed(Path(name).parents):
            if not (self.folder / parent).exists():
                (self.folder / parent).mkdir()
                self.touched.add(str(parent))

    def scan_all(self) -> None:
        """The scan that the schedule makes."""
        for store in (self.place.store, self.whole):
            report = scan(store, self.place.router, self.folder, lambda: self.place.now)
        if not report.unsettled:
            self.touched.clear()
        self.compare()

    def look(self) -> ScanReport:
        """What events lead to."""
        names = frozenset(self.touched)
        scan(self.whole, self.place.router, self.folder, lambda: self.place.now, counts_missing=False)
        report = scan_files(self.place.store, self.place.router, self.folder, lambda: self.place.now, names)
        self.looks += 1
        if report.whole_needed:
            self.walks += 1
            store, router = self.place.store, self.place.router
            report = scan(store, router, self.folder, lambda: self.place.now, counts_missing=False)
        if not report.unsettled:
            self.touched.clear()
        self.compare()
        return report

    def compare(self) -> None:
        wanted = dict(content(self.whole))
        for table, rows in content(self.place.store):
            assert rows == wanted[table], table
