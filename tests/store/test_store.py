"""The store: schema, scopes, windows, locks, times."""

import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from aggregator.errors import StoreError
from aggregator.models import ScopeKind
from aggregator.store import Store, store_exists
from aggregator.store.engine import HEAD, open_engine, writing
from aggregator.store.schema import metadata
from aggregator.store.times import change_time
from tests.conftest import run
from tests.support import BODY, OTHER, Place, article


@pytest.fixture(params=["sqlite", "postgresql"])
def new(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that is not there yet."""
    if request.param == "postgresql":
        return str(request.getfixturevalue("database"))
    return f"sqlite:///{tmp_path}/new/folder/store.db"


def test_the_migrations_build_exactly_the_schema(new: str) -> None:
    engine = open_engine(new)

    def is_ours(item: object, name: str | None, *_: object) -> bool:
        return not (name or "").startswith("search_index")  # the database's own full-text index

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    folder = Path(__file__).parents[2] / "aggregator/store/migrations"
    assert ScriptDirectory(str(folder)).get_current_head() == HEAD


def test_a_store_of_a_newer_version_is_refused(new: str) -> None:
    engine = open_engine(new)
    with writing(engine).begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreError, match="newer version"):
        Store(new)


@pytest.fixture(params=["SQL_ASCII", "LATIN1"])
def narrow(request: pytest.FixtureRequest, postgres: sa.URL) -> Iterator[str]:
    """The address of a database that cannot keep every text."""
    name = f"test_{uuid.uuid4().hex}"
    run(postgres, f"CREATE DATABASE {name} ENCODING '{request.param}' LOCALE 'C' TEMPLATE template0")
    yield postgres.set(database=name).render_as_string(hide_password=False)
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("ask", [Store, store_exists])
def test_a_database_that_cannot_keep_every_text_is_refused(narrow: str, ask: Callable[[str], object]) -> None:
    with pytest.raises(StoreError, match="cannot keep every text; make one by CREATE DATABASE … ENCODING 'UTF8'"):
        ask(narrow)


def test_the_clients_own_encoding_does_not_matter(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "latin1")
    store = Store(database)
    number = store.ledger.folder("新媒体")
    assert [folder.path for folder in store.ledger.folders()] == ["新媒体"]
    assert store.ledger.folder("新媒体") == number
    store.close()


@pytest.mark.parametrize(("query", "waits"), [("", 30_000), ("?timeout=5", 5_000)])
def test_the_address_says_how_long_to_wait_for_others(tmp_path: Path, query: str, waits: int) -> None:
    engine = open_engine(f"sqlite:///{tmp_path}/store.db{query}")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == waits
    engine.dispose()


def test_a_store_that_cannot_be_opened_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError, match="check `store:`"):
        Store(f"sqlite:///{tmp_path}/file/store.db")


@pytest.mark.parametrize(
    ("now", "previous", "expected"),
    [
        (10_500_000, 0, 10_500_000),
        (10_500_000, 9_900_000, 10_500_000),
        (10_500_000, 10_100_000, 11_000_000),
        (10_500_000, 11_000_000, 12_000_000),
        (10_500_000, 99_000_000, 15_500_000),
    ],
)
def test_two_changes_never_share_a_second_unless_they_come_in_a_burst(now: int, previous: int, expected: int) -> None:
    assert change_time(now, previous) == expected


def tree(place: Place) -> dict[str, int]:
    return {scope.path: scope.size for scope in place.store.scopes(ScopeKind.CATEGORY)}


def categorized(title: str, body: str, *names: str) -> str:
    listed = "".join(f"\n - {name}" for name in names)
    return article(title, body).replace("\n---\n\n", f"\ncategories: {listed}\n---\n\n")


def test_category_nodes_hold_all_below_them(place: Place) -> None:
    place.write("articles/a.md", categorized("A", BODY, "新媒体", "ZAKER", "source"))
    place.write("articles/b.md", categorized("B", OTHER, "新媒体", "ZAKER", "科技"))
    place.scan()
    assert tree(place) == {
        "categories/新媒体": 2,
        "categories/新媒体/ZAKER": 2,
        "categories/新媒体/ZAKER/source": 1,
        "categories/新媒体/ZAKER/科技": 1,
    }
    scope = place.store.scope("categories/新媒体/ZAKER")
    assert scope is not None
    assert (scope.title, scope.names) == ("ZAKER", ("新媒体", "ZAKER"))
    parent = place.store.scope("categories/新媒体")
    assert parent is not None
    assert scope.parent == parent.id


def test_names_that_would_share_a_place_in_urls_get_their_own(place: Place) -> None:
    place.write("articles/a.md", categorized("A", BODY, "AC/DC"))
    place.write("articles/b.md", categorized("B", OTHER, "AC-DC"))
    place.write("articles/c.md", categorized("C", "<p>Feeds.</p>", "news.rss", ".."))
    place.scan()
    paths = set(tree(place))
    assert "categories/AC-DC" in paths
    assert len([path for path in paths if path.startswith("categories/AC-DC")]) == 2
    assert {"categories/news-rss", "categories/news-rss/-"} <= paths


def test_a_change_touches_just_the_scopes_that_hold_it(place: Place) -> None:
    place.write("articles/a.md", categorized("A", BODY, "X"))
    place.write("articles/b.md", categorized("B", OTHER, "Y"))
    place.scan()
    before = {scope.path: scope.revision for kind in ScopeKind for scope in place.store.scopes(kind)}
    place.later(minutes=1)
    place.write("articles/a.md", categorized("A", BODY + "<p>More.</p>", "X"))
    place.scan()
    after = {scope.path: scope.revision for kind in ScopeKind for scope in place.store.scopes(kind)}
    assert {path for path in after if after[path] != before[path]} == {"latest", "sources/source", "categories/X"}


def test_recategorizing_a_file_moves_its_article(place: Place) -> None:
    place.write("articles/a.md", categorized("A", BODY, "X"))
    place.scan()
    place.later(minutes=1)
    place.write("articles/a.md", categorized("A", BODY, "Y"))
    place.scan()
    assert tree(place) == {"categories/X": 0, "categories/Y": 1}
    left = place.store.scope("categories/X")
    assert left is not None
    assert left.withdrawn == place.now
    assert place.only().updated == place.only().published


def test_readers_are_not_blocked_by_a_writer(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    folder = place.store.ledger.folder("articles")
    with place.store.batch(folder, place.now):
        assert len(place.feed()) == 1
        other = Store(place.config.store)
        assert other.scope("latest") is not None
        other.close()


def test_a_batch_is_all_or_nothing(place: Place) -> None:
    folder = place.store.ledger.folder("articles")

    def interrupted() -> None:
        with place.store.batch(folder, place.now) as batch:
            batch.source("s", "S", "", "", renames=False)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert place.store.scopes(ScopeKind.SOURCE) == []


def test_one_scans_at_a_time(place: Place) -> None:
    other = Store(place.config.store)
    with place.store.lock("scan articles") as first, other.lock("scan articles") as second, other.lock("x") as third:
        assert (first, second, third) == (True, False, True)
        assert place.reports()[0].busy
    assert not place.reports()[0].busy
    other.close()


def test_two_watchers_at_once_file_everything_once(place: Place) -> None:
    for index in range(50):
        place.write(f"articles/{index}.md", article(f"Title {index}", f"<p>Text {index} of its own.</p>"))
    threads = [threading.Thread(target=place.reports) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(place.feed()) == 50
