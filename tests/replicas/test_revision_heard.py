"""Web processes hear of changes in PostgreSQL; asking for the revision costs nothing while nothing changes."""

import logging
import threading
from collections.abc import Iterator
from importlib import import_module

import pytest
import sqlalchemy as sa

from aggregator.errors import StoreError
from aggregator.store import Store
from tests.support import START
from tests.watcher.waiting import eventually

PULSE = import_module("aggregator.store.pulse")
NEVER = 60.0  # seconds: longer than any test


@pytest.fixture
def writer(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


@pytest.fixture
def reader(database: str) -> Iterator[Store]:
    store = Store(database)
    yield store
    store.close()


def publish(store: Store) -> int:
    """Change what is published; the new revision."""
    with store.catalog(START) as catalog:
        catalog.feed(f"feed-{store.revision()}", "Feed")
    return store.revision()


def heard(store: Store, revision: int) -> None:
    now = store.pulse()
    eventually(lambda: now() == revision)


def only_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on nothing is asked: a listener has to be told."""
    monkeypatch.setattr(PULSE, "LOOK", NEVER)
    monkeypatch.setattr(PULSE, "LASTING", NEVER)


def listening(store: Store, *, cut: bool = False) -> int:
    """The connections of listeners; `cut` ends them, as a restart of the server does."""
    what = "pg_terminate_backend(pid)" if cut else "pid"
    query = f"SELECT {what} FROM pg_stat_activity WHERE (query LIKE 'LISTEN%%' OR query = '{PULSE._QUERY}')"
    with store._engine.connect() as connection:
        return len(connection.execute(sa.text(f"{query} AND datname = current_database()")).all())


def test_a_change_is_told_to_who_listens(writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    heard(reader, 0)
    eventually(lambda: listening(writer) == 1)
    heard(reader, publish(writer))
    only_told(monkeypatch)
    heard(reader, publish(writer))  # ends the last look
    for _ in range(3):
        heard(reader, publish(writer))


def test_asking_costs_no_query_while_nothing_changes(
    writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(reader, publish(writer))
    only_told(monkeypatch)
    queries: list[str] = []
    sa.event.listen(reader._engine, "before_cursor_execute", lambda *args: queries.append(args[2]))
    now = reader.pulse()
    assert {now() for _ in range(1000)} == {1}
    assert queries == []


def test_a_change_that_nobody_tells_of_is_noticed(
    writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(reader, 0)
    monkeypatch.setattr("aggregator.store.turn.announce", lambda *_: None)
    heard(reader, publish(writer))


def test_where_it_may_not_listen_it_looks(
    writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(PULSE, "CHANNEL", "1")  # which is no name, so it is refused, as a standby refuses all
    heard(reader, 0)
    monkeypatch.setattr(PULSE, "LASTING", NEVER)  # nobody else asks
    heard(reader, publish(writer))
    assert [message.partition(" (")[0] for message in caplog.messages] == ["the store tells of no changes"]


def test_a_process_without_its_listener_asks(writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a fork there is no such thread."""
    monkeypatch.setattr(PULSE._Listener, "_run", lambda _: None)
    monkeypatch.setattr(PULSE, "LASTING", 0.1)
    for _ in range(2):
        heard(reader, publish(writer))


def test_a_listener_that_was_cut_off_listens_again(
    writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heard(reader, 0)
    eventually(lambda: listening(writer) == 1)
    caplog.set_level(logging.WARNING)
    assert listening(writer, cut=True) == 1
    eventually(lambda: listening(writer) == 1)
    heard(reader, publish(writer))
    only_told(monkeypatch)
    for _ in range(2):
        heard(reader, publish(writer))
    assert caplog.messages == []


def test_a_database_that_is_away_is_an_error_until_it_is_back(
    postgres: sa.URL, writer: Store, reader: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard(reader, publish(writer))
    now, name = reader.pulse(), writer._engine.url.database
    monkeypatch.setattr(PULSE, "LASTING", 0.1)
    server = sa.create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with server.connect() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        )

    def fails() -> bool:
        try:
            now()
        except StoreError as error:
            return "the store could not be read" in str(error)
        return False

    eventually(fails)
    with server.connect() as connection:
        connection.execute(sa.text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    eventually(lambda: not fails())
    heard(reader, publish(writer))


def test_a_closed_store_leaves_nothing_behind(writer: Store, database: str) -> None:
    store = Store(database)
    before = set(threading.enumerate())
    assert store.pulse() == store.pulse()  # one listener, however many ask
    heard(store, 0)
    eventually(lambda: listening(writer) == 1)
    (thread,) = set(threading.enumerate()) - before
    store.close()
    thread.join(60)
    assert not thread.is_alive()
    eventually(lambda: listening(writer) == 0)


def test_an_earlier_question_with_a_later_answer_does_not_take_it_back() -> None:
    listener = PULSE._Listener(sa.create_engine("sqlite://"))
    assert listener._keep(7, 100.0) == 7
    assert listener._keep(6, 99.9) == 7  # asked before the commit, answered after what was heard of it
    assert listener._keep(8, 100.1) == 8
