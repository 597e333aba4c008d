"""A store as one file and back, and from one database to the other: whole, with every id, or not at all."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from aggregator.errors import StoreError
from aggregator.ingest import scan
from aggregator.store import Store
from aggregator.store.search import parse
from feeds import create_app
from tests.support import BODY, Place, article
from tests.upkeep.stores import fill, published, rows

DAY = "2026-11-20 13:00:00 +0000"


def quiet(done: int, total: int) -> None:
    assert 0 < done <= total


@pytest.fixture
def other(request: pytest.FixtureRequest, place: Place) -> Iterator[Store]:
    """An empty store of the other kind."""
    sqlite = f"sqlite:///{place.root}/other.db"
    store = Store(request.getfixturevalue("database") if place.store_url.startswith("sqlite") else sqlite)
    yield store
    store.close()


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Place, Path]:
    """A store and its backup."""
    place = Place(tmp_path)
    fill(place)
    file = tmp_path / "b.db"
    place.store.back_up(file, quiet)
    return place, file


def test_a_copy_in_the_other_database_is_the_same_in_everything(place: Place, other: Store) -> None:
    fill(place)
    before = rows(place.store)
    copied = other.take_over(place.store, place.now, quiet)
    assert copied.articles == len(before["articles"]) == 8
    assert rows(other) == before == rows(place.store)
    assert other.search.catch_up() == other.scope("latest").size  # type: ignore[union-attr]
    assert published(place, other) == published(place, place.store)
    assert other.search.find(parse("river"), 10).total == place.store.search.find(parse("river"), 10).total == 1


def test_work_goes_on_in_the_copy(place: Place, other: Store) -> None:
    fill(place)
    other.take_over(place.store, place.now, quiet)
    place.write("articles/9.md", article("Note 9", BODY, DAY, categories="[New]"))
    for store in (place.store, other):
        (report,) = [
            scan(store, place.router, folder, lambda: place.now)
            for folder in place.router.folders()
            if folder.name == "articles"
        ]
        assert report.counts["source"].new == 1
    assert other.scope("categories/New") is not None


def test_a_backup_brings_everything_back(place: Place, other: Store) -> None:
    fill(place)
    file = place.root / "kept" / "b%u.db"
    file.parent.mkdir()
    written = place.store.back_up(file, quiet)
    assert (written.articles, written.size) == (8, file.stat().st_size)
    assert list(file.parent.iterdir()) == [file]
    before = file.read_bytes()
    assert other.restore(file, (), place.now, quiet).articles == 8
    assert rows(other) == rows(place.store)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_backup_is_a_store_itself(place: Place) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    store = Store(f"sqlite:///{file}")
    assert rows(store) == rows(place.store)
    store.close()


def test_a_service_that_goes_on_publishes_what_was_restored(place: Place) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    client, old = create_app(place.config, place.store).test_client(), published(place, place.store)
    before = {path: client.get(path) for path in old}
    place.write("articles/9.md", article("Note 9", BODY, DAY))
    place.write("articles/0.md", article("Note 0", "<p>Edited.</p>", "2026-11-20 08:00:00 +0000"))
    place.scan()
    later = client.get("/latest.json")
    assert "Note 9" in later.text
    place.later(minutes=5)
    place.store.restore(file, (), place.now, quiet, force=True)
    again = client.get("/latest.json", headers={"If-None-Match": later.headers["ETag"], "A-IM": "feed"})
    assert again.status_code == 200
    assert "Note 9" not in again.text
    assert client.get("/latest.rss", headers={"If-Modified-Since": later.headers["Last-Modified"]}).status_code == 200
    for path, answer in before.items():
        if path.endswith(".json") and "search" not in path:
            assert client.get(path).json == answer.json, path
    place.later(minutes=5)
    assert place.scan()["source"].new == 1  # its file is still there
    assert "Note 9" in client.get("/latest.json").text


def test_revisions_and_numbers_grow_beyond_both(place: Place) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    place.write("articles/9.md", article("Note 9", BODY, DAY))
    place.scan()
    old = {path: place.store.scope(path).revision for path in ("latest", "sources/source", "feeds/rivers")}  # type: ignore[union-attr]
    revision, number = place.store.revision(), place.feed()[0].seq
    place.store.restore(file, (), place.now, quiet, force=True)
    assert place.store.revision() > revision
    for path, before in old.items():
        assert place.store.scope(path).revision > before  # type: ignore[union-attr]
    place.scan()
    assert max(filed.seq for filed in place.feed()) > number


def test_revisions_do_not_run_away_however_often_a_store_is_copied(place: Place, other: Store) -> None:
    """They are 64-bit integers: numbers that double at each copy would end after sixty of them."""
    fill(place)
    first, pair = place.store.revision(), (place.store, other)
    for number in range(6):
        to, source = pair[number % 2 - 1], pair[number % 2]
        to.take_over(source, place.now, quiet, force=True)
    assert max(store.revision() for store in pair) <= first + 6
    assert max(scope.revision for store in pair for scope in store.scopes("source")) <= first + 6


def test_what_is_broken_off_changes_nothing(place: Place) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    kept, before = file.read_bytes(), rows(place.store)

    def fails(step: int, done: int, total: int) -> None:
        if done >= total * step // 2:
            raise ZeroDivisionError

    for step in range(3):
        failing = partial(fails, step)
        with pytest.raises(ZeroDivisionError):
            place.store.back_up(file, failing, force=True)
        assert file.read_bytes() == kept
        with pytest.raises(ZeroDivisionError):
            place.store.restore(file, (), place.now, failing, force=True)
        assert rows(place.store) == before
    assert list(place.root.glob(".*")) == []


KILLED = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from aggregator.store import Store
def killed(done, total):
    if done > total * float(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)
store = Store(sys.argv[2])
if sys.argv[1] == "backup":
    store.back_up(Path(sys.argv[3]), killed, force=True)
else:
    store.restore(Path(sys.argv[3]), (), datetime.now(UTC), killed, force=True)
"""


def kill(command: str, place: Place, file: Path, share: float) -> None:
    """Kill a command when so much of it is done."""
    words = [sys.executable, "-c", KILLED, command, place.config.store, str(file), str(share)]
    assert subprocess.run(words, check=False).returncode == -signal.SIGKILL


def test_a_killed_restore_leaves_the_store_as_it_was(place: Place) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    before = rows(place.store)
    kill("restore", place, file, 0.7)
    assert rows(place.store) == before
    place.store.restore(file, (), place.now, quiet, force=True)


def test_a_killed_backup_leaves_no_half_file(kept: tuple[Place, Path]) -> None:
    place, file = kept
    before = file.read_bytes()
    kill("backup", place, file, 0.3)
    assert file.read_bytes() == before
    place.store.back_up(file, quiet, force=True)
    assert list(place.root.glob(".*")) == []
    place.store.close()


def test_a_copy_that_differs_is_not_kept(tmp_path: Path) -> None:
    place = Place(tmp_path)
    fill(place)
    other = Store(f"sqlite:///{tmp_path}/other.db")
    spoil = "CREATE TRIGGER t AFTER INSERT ON articles BEGIN UPDATE articles SET title = 'x' WHERE seq = NEW.seq; END"
    with other._engine.begin() as connection:
        connection.execute(sa.text(spoil))
    before = rows(other)
    with pytest.raises(StoreError, match='"articles" differs'):
        other.take_over(place.store, place.now, quiet)
    assert rows(other) == before
    other.close()
    place.store.close()


def test_a_store_that_is_not_empty_is_not_replaced_by_mistake(place: Place) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    before = rows(place.store)
    with pytest.raises(StoreError, match="is not empty; give --force") as caught:
        place.store.restore(file, (), place.now, quiet)
    assert rows(place.store) == before
    assert (sa.make_url(place.config.store).password or "***") not in str(caught.value).replace("***", "")
    with pytest.raises(StoreError, match="is there already"):
        place.store.back_up(file, quiet)


def test_a_restore_waits_for_scans_and_says_which(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(place)
    file = place.root / "b.db"
    place.store.back_up(file, quiet)
    monkeypatch.setattr("aggregator.store.backup.PATIENCE", 0)
    other = Store(place.config.store)
    for name in ("articles", "other", "elsewhere"):
        with other.lock(f"scan {name}"), pytest.raises(StoreError, match=f"scan {name}; try again"):
            place.store.restore(file, ["elsewhere"], place.now, quiet, force=True)
    with other.lock("catalog"), pytest.raises(StoreError, match="catalog"):
        place.store.restore(file, ["elsewhere"], place.now, quiet, force=True)

    def scans(done: int, total: int) -> None:
        with other.lock("scan elsewhere") as held:
            assert not held

    place.store.restore(file, ["elsewhere"], place.now, scans, force=True)
    with other.lock("scan elsewhere") as held:
        assert held
    other.close()


def _execute(file: Path, statement: str) -> None:
    engine = sa.create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        connection.execute(sa.text(statement))
    engine.dispose()


def test_what_is_no_backup_is_refused(kept: tuple[Place, Path]) -> None:
    place, file = kept
    before, whole = rows(place.store), file.read_bytes()
    spoilt: dict[str, Callable[[Path], object]] = {
        "cannot be read: No such file": lambda file: file.unlink(),
        "is no backup: `aggregator backup` writes other files": lambda file: file.write_text("title: x"),
        r"is damaged \(file is not a database": lambda file: file.write_bytes(b"SQLite format 3\0" + bytes(500)),
        r"is damaged \(.*malformed": lambda file: file.write_bytes(whole[: len(whole) // 2]),
        "not one of this program": lambda file: _execute(file, "DROP TABLE alembic_version"),
        "a newer version": lambda file: _execute(file, "UPDATE alembic_version SET version_num = '9999'"),
    }
    for reason, spoil in spoilt.items():
        file.write_bytes(whole)
        spoil(file)
        with pytest.raises(StoreError, match=reason):
            place.store.restore(file, (), place.now, quiet, force=True)
    assert rows(place.store) == before
    place.store.close()


def test_a_store_is_not_restored_from_itself(kept: tuple[Place, Path]) -> None:
    place, _ = kept
    with pytest.raises(StoreError, match="is the store itself"):
        place.store.restore(place.root / "var/aggregator.db", (), place.now, quiet, force=True)
    with pytest.raises(StoreError, match=r"nowhere/b\.db cannot be written"):
        place.store.back_up(place.root / "nowhere/b.db", quiet)
    place.store.close()


def test_a_backup_is_of_one_moment(kept: tuple[Place, Path]) -> None:
    """A scan that ends while a backup is written is wholly in it, or not at all."""
    place, file = kept
    before, other = rows(place.store), Store(place.config.store)
    scanned = False

    def scan_once(done: int, total: int) -> None:
        nonlocal scanned
        if not scanned:
            scanned = True
            place.write("articles/9.md", article("Note 9", BODY, DAY, categories="[New]"))
            assert place.scan()["source"].new == 1

    other.back_up(file, scan_once, force=True)
    copy = Store(f"sqlite:///{file}")
    assert rows(copy) == before
    for store in (copy, other, place.store):
        store.close()
