"""Every replica answers with the same bytes and ETags, and so does a SQLite store with the same articles."""

import uuid
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from aggregator.catalog import sync
from aggregator.models import ScopeKind
from aggregator.store import Store
from feeds import create_app
from feeds.render import FORMATS
from tests.conftest import run
from tests.support import BODY, OTHER, Place, article

CONFIG = """
site: {title: Town, url: "http://feeds.example"}
sources:
  - {title: Source, path: articles, link: "https://source.example/", on_delete: remove}
  - {title: 市报, path: town, language: zh, split_by: author}
feeds: {limit: 5, custom: [{slug: water, title: Water, include: river}]}
"""


PARTS = "Part 0", "apple", "Äpfel"
BY_LANGUAGE = "SELECT EXISTS (SELECT FROM pg_collation WHERE collname = 'en-x-icu')"


@pytest.fixture
def database(postgres: sa.URL) -> Iterator[str]:
    """A database that sorts as people do, which puts "apple" before "Zebra", where the server can."""
    name = f"test_{uuid.uuid4().hex}"
    how = "TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'" if run(postgres, BY_LANGUAGE)[0] else ""
    run(postgres, f"CREATE DATABASE {name} {how}")
    yield postgres.set(database=name).render_as_string(hide_password=False)
    run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def places(tmp_path_factory: pytest.TempPathFactory, database: str) -> Iterator[list[Place]]:
    """The same life on a PostgreSQL store and on a SQLite store."""
    made = [
        Place(tmp_path_factory.mktemp("postgresql"), CONFIG, store_url=database),
        Place(tmp_path_factory.mktemp("sqlite"), CONFIG),
    ]
    for place in made:
        sync(place.store, place.config, lambda place=place: place.now)
        live(place)
    yield made
    for place in made:
        place.store.close()


def live(place: Place) -> None:
    """Articles come, are edited, vanish; sources are split off."""
    for number in range(14):
        body = (BODY if number % 2 else OTHER).replace("word", f"word{number}x")
        place.write(
            f"articles/{number}.md", article(f"Story {number}", body, categories=f"[News, {PARTS[number % 3]}]")
        )
        place.write(
            f"town/{number}.md", article(f"故事 {number}", body, author=("张三", "Ann", "bob", "Äo")[number % 4])
        )
        if number % 5 == 0:
            place.scan()
            place.later(minutes=10)
    place.write("articles/3.md", article("Story 3", BODY + OTHER, categories="[News, Part 0]"))
    (place.root / "articles" / "5.md").unlink()
    for _ in range(3):
        place.scan()
        place.later(minutes=10)
    place.store.search.catch_up()


def addresses(store: Store, client: FlaskClient) -> list[str]:
    """Every feed and page, with all older pages."""
    scopes = [scope.path for kind in ScopeKind for scope in store.scopes(kind)]
    feeds = [f"/{path}.{suffix}" for path in scopes for suffix in FORMATS]
    for path in scopes:
        following: str = f"/{path}.json"
        while following := client.get(following).get_json().get("next_url", "").removeprefix("http://feeds.example"):
            page = following.removesuffix(".json")
            feeds += [page, *(f"{page}.{suffix}" for suffix in FORMATS)]
    articles = [f"/articles/{item.id}" for item in store.window(store.scope("latest"), 1000)]  # type: ignore[arg-type]
    others = ["/", "/search.atom?q=river", "/search?q=river", "/feeds.opml", "/sitemap.xml", "/sitemap-1.xml"]
    return [*feeds, *(f"/{path}" for path in scopes), *articles, *others]


def answer(client: FlaskClient, path: str) -> tuple[int, dict[str, str], bytes]:
    response = client.get(path, headers={"Accept-Encoding": "gzip"})
    names = ("ETag", "Last-Modified", "Cache-Control", "Content-Type", "Location")
    return response.status_code, {name: response.headers.get(name, "") for name in names}, response.data


def test_replicas_and_both_databases_answer_alike(places: list[Place]) -> None:
    stores = [*(place.store for place in places), Store(places[0].config.store)]
    clients = [create_app(places[0].config, store).test_client() for store in stores]
    listed = addresses(stores[0], clients[0])
    assert len(listed) > 100
    for path in listed:
        first, *others = (answer(client, path) for client in clients)
        assert first[0] == 200, path
        assert others == [first, first], path
    stores[-1].close()
