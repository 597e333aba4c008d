"""A service, and a web worker, that begin while the database is away: they are there as soon as it is."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.errors import StoreAwayError, StoreError
from aggregator.store import Store
from tests.conftest import run
from tests.support import BODY, article
from tests.watcher.waiting import eventually
from torture.machines import Machine
from torture.running import family

CONFIG = "store: %s\nsources: [{title: A, path: articles}]\n"


class Door:
    """Lets nobody into a database, or everybody again."""

    def __init__(self, server: sa.URL, url: str) -> None:
        self._server, self._name = server, sa.make_url(url).database

    def close(self) -> None:
        run(
            self._server,
            f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'",
        )

    def open(self) -> None:
        run(self._server, f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")


@pytest.fixture
def door(postgres: sa.URL, database: str) -> Door:
    return Door(postgres, database)


@pytest.fixture
def machine(tmp_path: Path, database: str, door: Door) -> Iterator[Machine]:
    """`run`, which starts with the door closed."""
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles/one.md").write_text(article("One", BODY))
    made = Machine(tmp_path, "run-1", CONFIG % database)
    door.close()
    made.start()
    yield made
    made.kill()


def workers(machine: Machine) -> set[int]:
    assert machine._process is not None
    named = {number: Path(f"/proc/{number}/cmdline").read_bytes() for number in family(machine._process.pid)}
    return {number for number, words in named.items() if b"spawn_main" in words}


def test_what_begins_while_the_database_is_away(machine: Machine, door: Door) -> None:
    eventually(lambda: "is tried again until it is there" in machine.log)
    door.open()
    eventually(machine.ready, else_show=lambda: machine.log)

    door.close()
    (worker,) = workers(machine)
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: bool(workers(machine) - {worker}))
    eventually(lambda: machine.get("/latest.atom").status == 503, else_show=lambda: machine.log)
    door.open()
    eventually(lambda: machine.get("/latest.atom").status == 200, else_show=lambda: machine.log)
    assert machine.alive
    assert "Traceback" not in machine.log


def test_a_mistake_in_the_address_is_told_at_once(database: str) -> None:
    wrong = sa.make_url(database).set(database="nowhere_at_all").render_as_string(hide_password=False)
    with pytest.raises(StoreError, match="nowhere_at_all") as raised:
        Store(wrong)
    assert not isinstance(raised.value, StoreAwayError)
