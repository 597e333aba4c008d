"""Who loses a lock of PostgreSQL writes nothing more: another process may have it by now."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from aggregator.errors import StoreError
from aggregator.store import Store
from aggregator.store.backup import _reading as copying
from aggregator.store.engine import writing
from tests.support import BODY, START, Place, article
from tests.watcher.waiting import eventually

LOST = (StoreError, sa.exc.OperationalError)


@pytest.fixture
def other(database: str) -> Iterator[Store]:
    """The store as another process has it."""
    store = Store(database)
    yield store
    store.close()


def take_locks_away(store: Store) -> None:
    """As PostgreSQL does with a client that seems to be gone."""
    here = "database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    query = f"SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND {here}"
    with store._engine.connect() as connection:
        assert connection.execute(sa.text(query)).all() == [(True,)]


def test_who_lost_a_lock_can_write_nothing(database: str, other: Store) -> None:
    store = Store(database)
    with store.lock("scan articles") as held:
        assert held
        number = store.ledger.folder("articles")
        take_locks_away(other)
        with other.lock("scan articles") as taken:
            assert taken
        for _ in range(2):
            with pytest.raises(LOST), store.batch(number, START) as batch:
                batch.source("a", "A", "", "en", renames=True)
            with pytest.raises(LOST):
                store.ledger.record_run(number, START, START, {})
    assert other.revision() == 0
    with store.lock("scan articles") as held:
        assert held
        store.ledger.record_run(number, START, START, {})
    assert [state.scanned for state in other.ledger.folders()] == [START]
    store.close()


def test_a_scan_that_loses_its_lock_ends_and_another_machine_brings_it_to_its_end(
    tmp_path_factory: pytest.TempPathFactory, database: str, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.ingest.BATCH", 2)
    place = Place(tmp_path_factory.mktemp("place"), store_url=database)
    for number in range(10):
        place.write(f"articles/{number}.md", article(f"Story {number}", BODY.replace("river", f"river{number}")))
    batches: list[int] = []

    def stopped() -> bool:
        """Asked before each batch; the machine is cut off before the third."""
        batches.append(len(batches))
        if len(batches) == 3:
            take_locks_away(other)
        return False

    with pytest.raises(LOST):
        place.scan(stopped=stopped)
    assert len(place.feed()) == 4

    place.store.close()
    place.store = other
    assert place.scan()["source"].new == 6
    titles = sorted(filed.article.title for filed in place.feed())
    assert titles == sorted(f"Story {number}" for number in range(10))


def test_a_holder_that_hangs_loses_its_lock(database: str, other: Store) -> None:
    store = Store(f"{database}{'&' if '?' in database else '?'}options=-c%20idle_session_timeout%3D100ms")
    with store.lock("scan articles") as held:
        assert held
        eventually(lambda: taken(other))
        with pytest.raises(LOST):
            store.ledger.folder("articles")
    store.close()


def taken(store: Store) -> bool:
    with store.lock("scan articles") as held:
        return held


def test_how_long_a_process_may_hang(database: str) -> None:
    store = Store(database)
    for setting, outside, within in (
        ("idle_session_timeout", "30min", "30min"),
        ("idle_in_transaction_session_timeout", "10min", "1min"),
    ):
        show = sa.text(f"SHOW {setting}")
        with store.lock("scan articles"), writing(store._engine).connect() as connection:
            assert connection.execute(show).scalar() == outside
        with store.batch(None, START) as batch:
            assert batch._connection.execute(show).scalar() == within
        with store._reading() as connection:
            assert connection.execute(show).scalar() == outside
    with copying(store._engine) as connection:
        assert connection.execute(show).scalar() == "0"  # nobody waits for who only reads
    store.close()


def test_a_lock_within_a_lock(database: str, other: Store) -> None:
    store = Store(database)
    with store.lock("outer"), store.lock("inner"):
        store.ledger.folder("a")
    with store.lock("outer") as outer:
        with store.lock("inner"):
            pass
        store.ledger.folder("b")
        with other.lock("outer") as taken:
            assert outer
            assert not taken
    with other.lock("outer") as taken:
        assert taken
    assert [state.path for state in other.ledger.folders()] == ["a", "b"]
    store.close()
