"""Web processes on SQLite: the revision is always the present one, and asking for it takes no query."""

import random
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

import pytest

from aggregator.errors import StoreError
from aggregator.store import Store
from aggregator.store.pulse import _pulses
from aggregator.store.wal import commits
from tests.support import START

WRITES_FOR_EVER = """
import sqlite3, sys
store = sqlite3.connect(sys.argv[1], isolation_level=None)
print("begun", flush=True)
while True:
    store.execute("UPDATE state SET revision = revision + 1")
"""
TRIES_TO_WRITE = "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0).execute('BEGIN IMMEDIATE')"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(file: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{file}")
    yield store
    store.close()


def queries(store: Store) -> list[str]:
    """What is asked from now on by the connection behind the pulse."""
    found: list[str] = []
    _pulses[store._engine]._connection.set_trace_callback(found.append)  # type: ignore[union-attr]
    return found


def revision(file: Path) -> int:
    """The revision that a connection of its own reads."""
    store = sqlite3.connect(file)
    try:
        return int(store.execute("SELECT revision FROM state").fetchone()[0])
    finally:
        store.close()


def test_nothing_is_asked_while_nothing_is_committed(store: Store) -> None:
    now = store.pulse()
    first = now()
    asked = queries(store)
    assert {now() for _ in range(1000)} == {first}
    assert asked == []
    with store.catalog(START) as catalog:
        catalog.feed("feed", "Feed")
    assert [now() for _ in range(1000)] == [store.revision()] * 1000
    assert len(asked) == 1


def test_it_is_exact_whatever_happens_to_the_log(store: Store, file: Path) -> None:
    """Commits, rollbacks, checkpoints, and writers that come and go as the last ones on the file."""
    chance = random.Random(5)
    writer = sqlite3.connect(file, isolation_level=None)

    def commit() -> None:
        writer.execute("UPDATE state SET revision = revision + 1")

    def roll_back() -> None:
        writer.execute("BEGIN IMMEDIATE")
        commit()
        writer.execute("ROLLBACK")

    def checkpoint() -> None:
        writer.execute(f"PRAGMA wal_checkpoint({chance.choice(['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE'])})")

    def reopen() -> None:
        nonlocal writer
        writer.close()
        writer = sqlite3.connect(file, isolation_level=None)

    def vacuum() -> None:
        writer.execute("VACUUM")

    steps: list[Callable[[], None]] = [commit, commit, commit, roll_back, checkpoint, reopen, vacuum]
    now = store.pulse()
    writer.execute("INSERT OR REPLACE INTO state (id, revision, changed, last_seq) VALUES (1, 1, 0, 0)")
    for _ in range(150):
        chance.choice(steps)()
        assert now() == revision(file)
    writer.close()


def test_it_is_exact_after_a_writer_was_killed(store: Store, file: Path) -> None:
    with store.catalog(START) as catalog:
        catalog.feed("feed", "Feed")
    now = store.pulse()
    for _ in range(3):
        writer = subprocess.Popen([sys.executable, "-c", WRITES_FOR_EVER, str(file)], stdout=subprocess.PIPE)
        assert writer.stdout
        writer.stdout.readline()
        before = now()
        while now() < before + 20:
            assert writer.poll() is None
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert now() == revision(file) == store.revision()


def test_a_writers_lock_outlives_the_looks_at_the_log(store: Store, file: Path) -> None:
    """Closing the index's file would end it, and two processes could write at once."""
    with store.batch(None, START):
        other = Store(f"sqlite:///{file}")
        assert other.pulse()() == store.pulse()()
        other.close()
        tried = subprocess.run([sys.executable, "-c", TRIES_TO_WRITE, str(file)], capture_output=True, text=True)
    assert "database is locked" in tried.stderr


def test_looks_share_what_stays_open(store: Store, file: Path) -> None:
    def opened() -> int:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(link.readlink().name.endswith("-shm") for link in links)

    store.pulse()()
    before = opened()
    for _ in range(3):
        other = Store(f"sqlite:///{file}")
        other.pulse()()
        other.close()
    assert opened() == before


def test_without_a_shared_index_it_asks(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert commits(sqlite3.connect(":memory:")) is None
    monkeypatch.setattr(import_module("aggregator.store.pulse"), "commits", lambda _: None)
    now = store.pulse()
    for _ in range(3):
        with store.catalog(START) as catalog:
            catalog.feed(f"feed-{store.revision()}", "Feed")
        assert now() == store.revision()


def test_a_store_that_cannot_be_read_is_an_error(store: Store, file: Path) -> None:
    now = store.pulse()
    now()
    writer = sqlite3.connect(file)
    writer.execute("DROP TABLE state")
    with pytest.raises(StoreError, match="the store could not be read: no such table"):
        now()
    writer.close()
