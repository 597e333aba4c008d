"""A store of any earlier version is brought up to date with every id, date and byte of its feeds."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from aggregator.catalog import sync
from aggregator.store import Store, fresh
from aggregator.store.engine import HEAD, open_file, writing
from aggregator.store.schema import articles, metadata
from aggregator.takedown import hide
from tests.support import BODY, OTHER, Place, article
from tests.upkeep.stores import CONFIG, published, rows

MIGRATIONS = Path(__file__).parents[2] / "aggregator/store/migrations"


def build(url: str, version: str) -> sa.Engine:
    """An empty store of an earlier version."""
    engine = (
        sa.create_engine(url) if url.startswith("postgresql") else open_file(Path(sa.make_url(url).database or ""))
    )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, version)
    return engine


def pour(source: sa.Engine, target: sa.Engine) -> None:
    """Put into an earlier version what it can hold of the rows of a newer one."""
    old = sa.MetaData()
    old.reflect(target, only=[name for name in metadata.tables if sa.inspect(target).has_table(name)])
    with source.connect() as origin, writing(target).begin() as connection:
        for table in metadata.sorted_tables:
            if table.name in old.tables and not table.name.startswith("search_"):
                kept = [table.c[column.name] for column in old.tables[table.name].columns]
                in_order = sa.select(*kept).order_by(*table.primary_key)  # a category behind the one above it
                if found := [dict(row._mapping) for row in origin.execute(in_order)]:
                    connection.execute(sa.insert(table), found)


@pytest.fixture
def earlier(place: Place) -> Iterator[str]:
    """Where an earlier version's store shall be, beside that of `place`, which has articles of several kinds."""
    place.configure(CONFIG.replace(", retain: 60 days", ""))
    sync(place.store, place.config, lambda: place.now)
    for number in range(5):
        text = f"<p>Number {number}.</p>{BODY if number % 2 else OTHER}"
        place.write(
            f"articles/{number}.md", article(f"Note {number}", text, f"2026-11-{number + 1:02} 08:00:00 +0000")
        )
    for hours, fields in enumerate([{}, {"draft": "true"}]):
        place.write("other/a.md", article("路灯", OTHER, author="李雷", categories="[新闻, 本地]", **fields))
        place.later(hours=hours)
        place.scan()
    place.store.search.catch_up()
    if not place.store_url.startswith("postgresql"):
        yield f"sqlite:///{place.root}/earlier.db"
        return
    url = sa.make_url(place.store_url)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {url.database}_earlier"))
    yield url.set(database=f"{url.database}_earlier").render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {url.database}_earlier WITH (FORCE)"))


@pytest.mark.parametrize("version", ["0001", "0002", "0003"])
def test_nothing_is_lost_or_renamed(place: Place, earlier: str, version: str) -> None:
    engine = build(earlier, version)
    pour(place.store._engine, engine)
    engine.dispose()
    store = Store(earlier)
    try:
        assert rows(store) == rows(place.store)
        store.search.catch_up()
        assert published(place, store) == published(place, place.store)
        (one,) = [filed for filed in place.feed() if filed.article.title == "Note 3"]
        assert hide(store, place.config, [one.seq], place.now) == {one.seq}
        store.search.catch_up()
        assert one.id not in str(published(place, store)["/search.json?q=river"])
        place.write("articles/9.md", article("Note 9", BODY, "2026-11-20 08:00:00 +0000"))
        assert place.scan()["source"].new == 1
    finally:
        store.close()


def test_an_empty_store_gets_the_columns_where_they_are_cheap(tmp_path: Path) -> None:
    """In SQLite what stands behind a long text is read through it."""
    store = Store(f"sqlite:///{tmp_path}/new.db")
    names = [column["name"] for column in sa.inspect(store._engine).get_columns("articles")]
    store.close()
    assert names == [column.name for column in articles.columns]
    assert names.index("held") < names.index("content")


def statements(connection: sa.Connection) -> list[str]:
    """What makes a SQLite store with all that is in it. What FTS5 makes for itself is left to it."""
    query = "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type <> 'table', name"
    made = [row for row in connection.execute(sa.text(query)) if not row.name.startswith("search_index_")]
    found = [re.sub(r"\s*\n\s*", "\n  ", row.sql.strip()) for row in made]
    for name in (row.name for row in made if row.type == "table" and row.name != "search_index"):
        values = connection.execute(sa.text(f"SELECT * FROM {name}"))
        found.extend(f"INSERT INTO {name} VALUES ({', '.join(map(repr, row))})" for row in values)
    return found


def shape(statement: str) -> tuple[list[str], list[str]]:
    """The lines of a statement in their order, and its unnamed constraints in any, which Alembic leaves to chance."""
    lines = [line.strip(" ,") for line in statement.splitlines()]
    constraints = [line for line in lines if line.startswith(("FOREIGN KEY", "UNIQUE"))]
    return [line for line in lines if line not in constraints], sorted(constraints)


def test_a_new_sqlite_store_is_what_the_migrations_make(tmp_path: Path, update_golden: bool) -> None:
    engine = build(f"sqlite:///{tmp_path}/migrated.db", HEAD)
    with engine.connect() as connection:
        migrated = statements(connection)
    engine.dispose()
    if update_golden:
        fresh.SCRIPT.write_text(fresh.BETWEEN.join(migrated) + ";\n", encoding="utf-8")
    store = Store(f"sqlite:///{tmp_path}/new.db")
    with store._engine.connect() as connection:
        assert [*map(shape, statements(connection))] == [*map(shape, migrated)]
    store.close()
