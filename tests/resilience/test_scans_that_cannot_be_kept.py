"""A store that cannot be written is told to operators at once, logged once, and left when it can be written again."""

import logging
import sqlite3
import threading
from pathlib import Path

import pytest

from aggregator.watcher import Watcher
from tests.support import BODY, Place, article
from tests.watcher.waiting import eventually

SOURCE = "sources:\n  - {title: Source, path: articles, every: 1 second}\n"


def test_a_locked_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr("aggregator.store.engine.BUSY_SECONDS", 0.05)
    caplog.set_level(logging.WARNING, "aggregator.watcher")
    place, told, failures = Place(tmp_path, SOURCE), dict[str, Exception | None](), list[Exception]()
    lock = threading.Lock()

    def tell(folder: str, error: Exception | None) -> None:
        with lock:
            told[folder] = error
            failures.extend([error] if error else [])

    watcher = Watcher(place.config, place.store, lambda: place.now, tell=tell)
    watcher.start()
    eventually(lambda: "articles" in told)
    other = sqlite3.connect(tmp_path / "var/aggregator.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    place.write("articles/a.md", article("Note", BODY))
    eventually(lambda: len(failures) >= 3)
    assert "locked" in str(told["articles"])
    assert caplog.messages == ["the store cannot be used; it is tried again: database is locked"]
    other.rollback()
    other.close()
    eventually(lambda: [filed.article.title for filed in place.feed()] == ["Note"])
    eventually(lambda: told["articles"] is None)
    eventually(lambda: "the store can be used again, after" in caplog.messages[-1])
    assert len(caplog.messages) == 2
    assert "Traceback" not in caplog.text
    watcher.stop()
    place.store.close()
