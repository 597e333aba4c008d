"""A database that does not answer: web processes tell so in bounded time, whatever of it still seems to live."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from aggregator.store import Past, Store
from feeds import create_app
from tests.conftest import run
from tests.support import BODY, Place, article

SHORT = 0.2  # seconds; a lock that nobody gives back lasts longer than any test


@pytest.fixture
def place(new_postgres_store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("away"), store_url=new_postgres_store)
    made.write("articles/one.md", article("One", BODY))
    made.scan()
    yield made
    made.store.close()


@pytest.fixture
def client(place: Place) -> FlaskClient:
    return create_app(place.config, place.store).test_client()


@contextmanager
def kept_waiting(url: str, table: str) -> Iterator[None]:
    """Whoever reads this table gets no answer."""
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield


@pytest.mark.parametrize(
    ("path", "table"),
    [("/latest.atom", "members"), ("/latest.atom", "scopes"), ("/readyz", "folders"), ("/", "articles")],
)
def test_an_answer_that_does_not_come_is_not_waited_for(
    place: Place, client: FlaskClient, path: str, table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("library", "pulse"):
        monkeypatch.setattr(import_module(f"aggregator.store.{module}"), "ASKING", SHORT)
    monkeypatch.setattr(import_module("aggregator.store.library"), "READING", SHORT)
    with kept_waiting(place.store_url, table):
        assert client.get(path).status_code == 503
    assert client.get(path).status_code == 200


def test_who_writes_waits_for_as_long_as_it_takes(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("aggregator.store.library"), "READING", SHORT)
    with place.store.batch(None, place.now) as batch:
        (slept,) = batch._connection.execute(sa.text(f"SELECT pg_sleep({3 * SHORT})::text")).scalars()
    assert slept == ""


def test_a_database_that_goes_in_the_midst_of_the_status(
    place: Place, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: Callable[[datetime, Collection[str] | None], Past] = place.store.history.read

    def read_and_go(now: datetime, watched: Collection[str] | None) -> Past:
        past = read(now, watched)
        run(sa.make_url(place.store_url), "ALTER TABLE folders RENAME TO away")
        return past

    monkeypatch.setattr(place.store.history, "read", read_and_go)
    try:
        assert client.get("/status.json").status_code == 503
    finally:
        run(sa.make_url(place.store_url), "ALTER TABLE away RENAME TO folders")
    monkeypatch.undo()
    assert client.get("/status.json").status_code == 200


def test_a_connection_that_was_not_waited_for_is_not_used_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its answer may still come, and would be taken for that to the next question."""
    store: Store = place.store
    monkeypatch.setattr(import_module("aggregator.store.library"), "READING", SHORT)
    with store._reading() as connection:
        before = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
    with kept_waiting(place.store_url, "scopes"), pytest.raises(Exception, match=f"did not answer for {SHORT} s"):
        store.scope("latest")
    with store._reading() as connection:
        assert connection.execute(sa.text("SELECT pg_backend_pid()")).scalar() != before
