"""Publishing from the real store: pages by index, what is gone, deltas across real changes."""

import json
from collections.abc import Iterator
from typing import Any

import feedparser
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from aggregator.models import Cursor, Filed
from aggregator.store.library import window_query
from aggregator.store.schema import scopes
from feeds import create_app
from tests.support import Place, article


def write(place: Place, *numbers: int, date: str = "Sat, 05 Feb 2022 20:22:00 GMT") -> None:
    for number in numbers:
        place.write(f"articles/{number:03}.md", article(f"Note {number}", f"<p>Text {number} is its own.</p>", date))


def client_of(place: Place, limit: int = 50) -> FlaskClient:
    feeds = place.config.feeds.model_copy(update={"limit": limit})
    return create_app(place.config.model_copy(update={"feeds": feeds}), place.store).test_client()


def pages(place: Place, limit: int) -> Iterator[list[Filed]]:
    scope = place.store.scope("latest")
    assert scope is not None
    before = None
    while page := place.store.window(scope, limit, before):
        yield page
        before = page[-1].cursor


def test_pages_follow_the_order_of_arrival(place: Place) -> None:
    write(place, *range(1, 6))  # a first import: all arrived when they were published, at one time
    place.scan()
    place.later(minutes=1)
    write(place, *range(6, 9))
    place.scan()
    whole = place.feed()
    assert [filed.cursor for filed in whole] == sorted((filed.cursor for filed in whole), reverse=True)
    assert len({filed.arrived for filed in whole}) == 2
    for limit in (1, 2, 3, 8, 9):
        assert [filed for page in pages(place, limit) for filed in page] == whole


@pytest.mark.parametrize(
    ("before", "found"),
    [(Cursor(-(2**63), -(2**63)), 0), (Cursor(0, 2**40), 0), (Cursor(2**63 - 1, 2**63 - 1), 1)],
)
def test_any_place_can_be_asked_for(place: Place, before: Cursor, found: int) -> None:
    write(place, 1)
    place.scan()
    scope = place.store.scope("latest")
    assert scope is not None
    assert len(place.store.window(scope, 5, before)) == found


def plan_of(place: Place, query: sa.Select[Any]) -> list[str]:
    """How the database would carry a query out."""
    engine = sa.create_engine(place.config.store)
    text = query.compile(engine, compile_kwargs={"literal_binds": True})
    explain = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.text("SET enable_seqscan = off"))  # which is right for thirty rows
            connection.execute(sa.text("SET enable_bitmapscan = off"))
        steps = [row[-1].strip() for row in connection.execute(sa.text(f"{explain} {text}"))]
    engine.dispose()
    return steps


def test_a_page_is_one_range_of_an_index(place: Place) -> None:
    write(place, *range(1, 30))
    place.scan()
    plan = plan_of(place, window_query(1, 7, Cursor(10**15, 5)))
    if place.config.store.startswith("sqlite"):
        assert "SEARCH members USING PRIMARY KEY (scope=? AND (arrived,seq)<(?,?))" in plan
        assert [step for step in plan if step.startswith("SCAN")] == ["SCAN chosen"]
    else:
        assert any("Index Only Scan Backward using members_pkey" in step for step in plan), plan
        assert any(step.startswith("Index Cond:") and "ROW(arrived, seq) <" in step for step in plan), plan
        assert not any("Seq Scan" in step for step in plan)


def test_what_is_gone_and_what_never_was(place: Place) -> None:
    place.configure(
        "sources:\n  - {title: Source, path: articles, on_delete: remove}\n  - {title: Other, path: more}\n"
    )
    write(place, 1, 2)
    place.scan()
    ids = {filed.article.title: filed.id for filed in place.feed()}
    place.empty()
    write(place, 1)
    for _ in range(2):
        place.later(minutes=5)
        place.scan()
    gone = {path: place.store.gone(path) for path in (f"articles/{ids['Note 1']}", f"articles/{ids['Note 2']}")}
    assert list(gone.values()) == [False, True]
    for path in ("articles/x", "articles/", "articles", "sources/source", "sources/nobody", "latest", ""):
        assert not place.store.gone(path)


def test_a_scope_that_the_config_took_away_is_gone(place: Place) -> None:
    write(place, 1)
    place.scan()
    engine = sa.create_engine(place.config.store)
    with engine.begin() as connection:
        connection.execute(scopes.update().where(scopes.c.path == "sources/source").values(gone=True))
    engine.dispose()
    assert place.store.gone("sources/source")
    client = client_of(place)
    for path, status in (("/sources/source.rss", 410), ("/sources/nobody.rss", 404), ("/latest.rss", 200)):
        assert client.get(path).status_code == status


def test_a_delta_holds_what_scans_brought(place: Place) -> None:
    write(place, *range(1, 8))
    place.scan()
    client = client_of(place, limit=5)
    tag = client.get("/latest.json").headers["ETag"]
    ask = {"A-IM": "feed", "If-None-Match": tag}
    assert client.get("/latest.json", headers=ask).status_code == 304
    place.scan()  # nothing new, and at the same time
    assert client.get("/latest.json", headers=ask).status_code == 304
    write(place, 8)
    place.scan()
    write(place, 9)
    place.scan()
    response = client.get("/latest.json", headers=ask)
    assert response.status_code == 226
    assert {item["title"] for item in json.loads(response.data)["items"]} == {"Note 8", "Note 9"}


def test_a_feed_walks_back_through_the_store(place: Place) -> None:
    write(place, *range(1, 24))
    place.scan()
    client, address, met = client_of(place, limit=7), "/sources/source.atom", []
    while address:
        parsed = feedparser.parse(client.get(address).data)
        met.append([entry.title for entry in parsed.entries])
        address = next((link.href for link in parsed.feed.links if link.rel == "next"), "")
        address = address.removeprefix(place.config.site.url)
    assert len(met[0]) == 7
    assert all(0 < len(page) <= 7 for page in met)
    assert sorted(title for page in met for title in page) == sorted(f"Note {number}" for number in range(1, 24))
