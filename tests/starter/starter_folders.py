"""Folders of article files for these tests, and what a starter config for them publishes."""

import os
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from aggregator.check import check_config
from aggregator.config import Config, load_config
from aggregator.ingest import scan
from aggregator.models import ScopeKind
from aggregator.routing import Router
from aggregator.sources import DiskFolder
from aggregator.starter import take_guesses, write_starter
from aggregator.store import Outcome, Store

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

_WORDS = "The lamp at the end of the pier was lit again after a winter without anybody to light it."


def post(title: str, body: str = _WORDS, **fields: str) -> str:
    """An article in Markdown; fields are written as they are."""
    lines = [f"title: {title}", *(f"{name}: {value}" for name, value in fields.items())]
    return "\n".join(["---", *lines, "---", "", f"{body} This one is called {title}.", ""])


def write(root: Path, files: dict[str, str]) -> None:
    """Write files that were left alone for a minute."""
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        os.utime(file, (NOW.timestamp() - 60, NOW.timestamp() - 60))


def started(*folders: Path, at: Path) -> Config:
    """The starter config for folders, written into the folder `at` and loaded; `check` finds nothing wrong."""
    write_starter(folders, at / "config.yaml", take_guesses)
    config = load_config(at / "config.yaml", {})
    assert check_config(config, NOW, lambda done, total: None).problems == ()
    return config


def takes(config: Config) -> set[str]:
    """The files that a scan would read, by path in their folder."""
    router = Router(config)
    return {
        file.path
        for folder in router.folders()
        for file in DiskFolder(folder).files().files
        if router.owner(folder, file.path, {})
    }


def published(config: Config) -> tuple[Counter[Outcome], dict[str, int]]:
    """What becomes of the files of a config: how many have which outcome; articles by source title."""
    store, router = Store(config.store), Router(config)
    outcomes: Counter[Outcome] = Counter()
    for folder in router.folders():
        report = scan(store, router, folder, lambda: NOW)
        assert not report.error
        number = store.ledger.folder(router.name(folder))
        # A file that a source of an inner folder takes is counted there.
        outcomes.update(row.outcome for row in store.ledger.files(number).values())
    del outcomes[Outcome.ELSEWHERE]
    sizes = {scope.title: scope.size for scope in store.scopes(ScopeKind.SOURCE)}
    store.close()
    return outcomes, sizes
