"""A store of any earlier version is brought up to date with every id, date and byte of its feeds."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from aggregator.catalog import sync
from aggregator.store import Store
from aggregator.store.engine import open_file, writing
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
