"""What tests of the whole ingest side share: a config in a folder of its own, article files, a clock that is told."""

import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aggregator.config import load_config
from aggregator.ingest import scan
from aggregator.models import Filed
from aggregator.report import Counts, ScanReport
from aggregator.routing import Router
from aggregator.store import Store

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

ONE_SOURCE = """
site: {url: "http://feeds.example"}
sources:
  - {title: Source, path: articles, link: "https://source.example/"}
"""

BODY = (
    "<p>"
    + " ".join(f"The river carries word{number} past the mill and under the bridge." for number in range(12))
    + "</p>"
)
OTHER = (
    "<p>"
    + " ".join(f"Bread number{number} rises slowly overnight in a cold kitchen." for number in range(12))
    + "</p>"
)


def one(counts: dict[str, Counts], slug: str = "source") -> tuple[int, int, int, int]:
    count = counts[slug]
    return count.new, count.updated, count.unchanged, count.removed


def article(title: str, body: str, date: str | None = "Sat, 05 Feb 2022 20:22:00 GMT", **fields: str) -> str:
    """A file in the upstream format. Fields are written as they are."""
    lines = ["", "---", f"title: '{title}'", *(f"{name}: {value}" for name, value in fields.items())]
    lines += [f"date: {date}"] if date else []
    return "\n".join([*lines, "---", "", f"<div>   \n{body}  \n</div>", "            "])


@cache
def new_store() -> bytes:
    """The file of a SQLite store that nobody has used: migrations take far longer than a copy of their outcome."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "new.db"
        Store(f"sqlite:///{file}").close()
        return file.read_bytes()


@dataclass
class Place:
    """A config, its store and its folders below `root`; `now` is the clock."""

    root: Path
    config_text: str = ONE_SOURCE
    now: datetime = START
    store_url: str = "sqlite:///var/aggregator.db"
    store: Store = field(init=False)
    router: Router = field(init=False)

    def __post_init__(self) -> None:
        self.configure(self.config_text)
        file = self.root / "var/aggregator.db"
        if self.config.store == f"sqlite:///{file}" and not file.exists():
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(new_store())
        self.store = Store(self.config.store)

    def configure(self, text: str) -> None:
        (self.root / "config.yaml").write_text(f"store: {self.store_url}\n{text}", encoding="utf-8")
        self.config = load_config(self.root / "config.yaml", {})
        self.router = Router(self.config)
        for source in self.config.sources:
            source.folder.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, text: str | bytes, age: float = 60) -> Path:
        """Write a file `age` seconds before now."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        moment = self.now.timestamp() - age
        os.utime(file, (moment, moment))
        return file

    def empty(self, folder: str = "articles") -> None:
        """Delete a folder and make it anew."""
        shutil.rmtree(self.root / folder, ignore_errors=True)
        (self.root / folder).mkdir(parents=True)

    def scan(self, **options: Any) -> dict[str, Counts]:
        """Scan every folder; the counts by source."""
        return {slug: count for report in self.reports(**options) for slug, count in report.counts.items()}

    def reports(self, **options: Any) -> list[ScanReport]:
        return [
            scan(self.store, self.router, folder, lambda: self.now, **options) for folder in self.router.folders()
        ]

    def later(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    def feed(self, path: str = "latest", limit: int = 1000) -> list[Filed]:
        scope = self.store.scope(path)
        return [] if scope is None else self.store.window(scope, limit)

    def only(self) -> Filed:
        (filed,) = self.feed()
        return filed
