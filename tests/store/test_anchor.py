"""A SQLite store that is deleted, or gives way to another one, while services have it open."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

from aggregator.store import Anchor, Store
from aggregator.store.whereabouts import address, inode
from aggregator.watcher import Watcher
from feeds import create_app
from tests.support import BODY, OTHER, Place, article
from tests.upkeep.stores import published, rows
from tests.watcher.waiting import eventually


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Place]:
    """A store with an article."""
    place = Place(tmp_path)
    place.write("articles/a.md", article("First", BODY))
    place.scan()
    place.store.search.catch_up()
    yield place
    place.store.close()


@pytest.fixture
def anchor(one: Place) -> Iterator[Anchor]:
    """What a watcher holds."""
    held = one.store.anchor()
    yield held
    held.close()


@pytest.fixture
def server(one: Place) -> Iterator[Store]:
    """The same store in another process, which is in the midst of serving."""
    store = Store(one.config.store)
    assert [filed.article.title for filed in titles_of(store)] == ["First"]
    yield store
    store.close()


def titles_of(store: Store) -> list[object]:
    scope = store.scope("latest")
    return list(store.window(scope, 10)) if scope else []


def file_of(place: Place) -> Path:
    return place.root / "var/aggregator.db"


def is_whole(place: Place) -> bool:
    with closing(sqlite3.connect(file_of(place))) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def delete_file(place: Place) -> None:
    file_of(place).unlink()


def delete_folder(place: Place) -> None:
    shutil.rmtree(place.root / "var")


def delete_and_open(place: Place) -> None:
    """Some command comes before the watcher looks, and makes an empty store."""
    delete_file(place)
    Store(place.config.store).close()


def file_second(place: Place, server: Store) -> Store:
    """File a second article, which all who have the store open see; the store, opened anew."""
    place.write("articles/b.md", article("Second", OTHER))
    place.scan()
    fresh = Store(place.config.store)
    for store in (fresh, server, place.store):
        assert [filed.article.title for filed in titles_of(store)] == ["Second", "First"]  # type: ignore[attr-defined]
    return fresh


@pytest.mark.parametrize("delete", [delete_file, delete_folder, delete_and_open])
def test_what_is_deleted_is_written_back_whole(
    one: Place, anchor: Anchor, server: Store, delete: Callable[[Place], None]
) -> None:
    before, answers = rows(one.store), published(one, one.store)
    delete(one)
    assert not anchor.look(one.now)
    assert is_whole(one)
    assert not anchor.look(one.now)
    fresh = file_second(one, server)
    (first,) = [row for row in rows(fresh)["articles"] if "'First'" in row]
    assert first in before["articles"]
    article_page = next(path for path in answers if path.startswith("/articles/"))
    assert published(one, fresh)[article_page][0] == 200
    fresh.close()
    assert not list((one.root / "var").glob(".*")), "nothing is left behind"


def test_a_folder_in_the_place_of_the_store_changes_nothing(one: Place, anchor: Anchor, server: Store) -> None:
    file = file_of(one)
    away = file.rename(file.with_name("away"))
    file.mkdir()
    with pytest.raises(OSError, match="a folder is at the place of the store; move it away"):
        anchor.look(one.now)
    assert len(titles_of(server)) == 1
    file.rmdir()
    away.rename(file)
    assert not anchor.look(one.now)
    fresh = file_second(one, server)
    fresh.close()
    assert is_whole(one)


def test_what_was_committed_into_the_deleted_file_is_kept(one: Place, anchor: Anchor) -> None:
    delete_file(one)
    one.write("articles/b.md", article("Second", OTHER))
    one.scan()
    anchor.look(one.now)
    fresh = Store(one.config.store)
    assert len(titles_of(fresh)) == 2
    fresh.close()


def test_another_store_in_its_place_is_followed(
    one: Place, anchor: Anchor, server: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("aggregator.store.pulse"), "LOOK", -1)
    backup = one.root / "older.backup"
    one.store.back_up(backup, lambda done, total: None)
    pulse = server.pulse()
    client = create_app(one.config, server).test_client()
    one.write("articles/b.md", article("Second", OTHER))
    one.scan()
    assert b"Second" in client.get("/latest.atom").data
    before = pulse()
    backup.replace(file_of(one))  # the log of the store before is still there
    assert anchor.look(one.now)
    assert not anchor.look(one.now)
    assert one.store.revision() > before
    assert b"Second" not in client.get("/latest.atom").data
    assert is_whole(one)
    one.write("articles/b.md", article("Second", OTHER))
    one.scan()
    assert b"Second" in client.get("/latest.atom").data
    assert is_whole(one)


def test_a_log_that_another_process_has_begun_for_the_new_file_is_left_alone(
    one: Place, anchor: Anchor, server: Store
) -> None:
    backup, begun = one.root / "older.backup", one.root / "var/aggregator.db-wal"
    one.store.back_up(backup, lambda done, total: None)
    before = inode(begun)
    backup.replace(file_of(one))
    assert len(titles_of(server)) == 1
    new = inode(begun)
    assert new not in (None, before)
    assert anchor.look(one.now)
    assert len(titles_of(one.store)) == 1
    assert inode(begun) == new


def test_a_store_that_was_moved_away_and_back_has_all_it_had(one: Place, anchor: Anchor, server: Store) -> None:
    one.write("articles/b.md", article("Second", OTHER))
    one.scan()
    away = one.root / "away.db"
    file_of(one).rename(away)
    file_of(one).write_bytes(b"This is no database, however long it is. " * 200)
    with pytest.raises(sqlite3.DatabaseError, match="not a database"):
        anchor.look(one.now)
    with pytest.raises(Exception, match="not a database"):
        titles_of(server)
    away.replace(file_of(one))
    assert not anchor.look(one.now)
    assert len(titles_of(server)) == len(titles_of(one.store)) == 2
    assert is_whole(one)


def test_nothing_is_written_into_a_file_that_has_given_way(one: Place) -> None:
    backup = one.root / "older.backup"
    one.store.back_up(backup, lambda done, total: None)
    with one.store._engine.connect() as connection:  # a writer that got its connection before
        backup.replace(file_of(one))
        writer = connection.execution_options(writes=True)
        with pytest.raises(sqlite3.OperationalError, match="another file"):
            writer.begin()


def test_a_file_that_is_not_there_is_not_made_anew_by_a_new_connection(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError, match="unable to open"):
        sqlite3.connect(address(tmp_path / "none.db"), uri=True)


def test_a_watcher_writes_back_what_was_deleted_and_tells_of_it(one: Place, caplog: pytest.LogCaptureFixture) -> None:
    one.configure("sources:\n  - {title: Source, path: articles, every: 1 second}\n")
    watcher = Watcher(one.config, one.store, lambda: one.now)
    watcher.start()
    delete_file(one)
    one.write("articles/b.md", article("Second", OTHER))
    eventually(lambda: file_of(one).exists() and len(titles_of(one.store)) == 2)
    watcher.stop()
    assert "was deleted, and was written back whole" in caplog.text
