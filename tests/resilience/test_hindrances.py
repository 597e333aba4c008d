"""What keeps scans from being kept is told to operators although the store cannot hold it."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator import status
from aggregator.status import Hindrances, describe, disk, hindrance, hindrances
from tests.support import START, Place


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/var/store.db"


def told(url: str) -> list[tuple[str, str]]:
    return [(notice.place, notice.message) for notice in hindrances(url)]


def test_it_is_told_until_it_is_over(url: str) -> None:
    mine = Hindrances(url)
    mine.tell("folder river", "the disk is full", START)
    mine.tell("folder hill", "the disk is full", START)
    assert told(url) == [("folder river", "the disk is full"), ("folder hill", "the disk is full")]
    assert [notice.since for notice in hindrances(url)] == [START, START]
    mine.tell("folder river", "", START)
    assert told(url) == [("folder hill", "the disk is full")]
    mine.close()
    assert told(url) == []


def test_what_a_killed_watcher_told_counts_no_more(url: str, tmp_path: Path) -> None:
    program = (
        "import os; from datetime import *; from aggregator.status import Hindrances;"
        f"Hindrances({url!r}).tell('folder river', 'full', datetime.now(UTC)); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    (file,) = (tmp_path / "var/store.db.locks").iterdir()
    assert b"full" in file.read_bytes()
    assert told(url) == []
    assert not file.exists()


def test_more_than_there_is_room_for_is_left_out(url: str) -> None:
    mine = Hindrances(url)
    for number in range(200):
        mine.tell(f"folder {number}", "full " * 40, START)
    (file,) = Path(url.removeprefix("sqlite:///")).parent.glob("*.locks/*")
    assert file.stat().st_size == hindrance.SIZE
    assert 10 < len(told(url)) < 200
    mine.close()


def test_another_database_has_none() -> None:
    url = "postgresql+psycopg://somebody@db.example/feeds"
    mine = Hindrances(url)
    mine.tell("folder river", "full", START)
    mine.close()
    assert told(url) == []


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (sqlite3.OperationalError("database is locked"), "end the program that holds the store"),
        (sqlite3.OperationalError("attempt to write a readonly database"), "the right to write"),
        (OSError(24, "Too many open files", "/srv/secret/store.db.locks"), "LimitNOFILE"),
        (sqlite3.OperationalError("unable to open database file"), "raise the limit of open files"),
        (ValueError("/srv/secret"), "ValueError"),
    ],
)
def test_an_error_is_told_with_its_remedy_and_without_paths(error: Exception, words: str) -> None:
    wrapped = sa.exc.OperationalError("INSERT secret", {}, error) if isinstance(error, sqlite3.Error) else error
    assert words in describe(wrapped)
    assert "secret" not in describe(wrapped)


def test_a_disk_that_is_nearly_full_is_on_the_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path)
    assert status.read_status(place.store, place.config, START).notices == ()
    monkeypatch.setattr(disk, "LEAST", 2**62)
    (notice,) = status.read_status(place.store, place.config, START).notices
    assert notice.place == "store aggregator.db"
    assert "MB left" in notice.message
    place.store.close()
