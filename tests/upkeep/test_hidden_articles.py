"""A hidden article leaves everything at once, whatever its file says, and comes back as it was."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from aggregator.catalog import sync
from aggregator.models import Filed
from aggregator.store.search import parse
from aggregator.takedown import hide, unhide
from feeds import create_app
from tests.support import BODY, OTHER, Place, article

CONFIG = """
site: {url: "http://feeds.example"}
feeds: {custom: [{slug: rivers, title: Rivers, include: river}]}
sources:
  - {title: Source, path: articles}
"""
FEEDS = [
    f"/{path}.{suffix}"
    for path in ("latest", "sources/source", "categories/News", "categories/News/Local", "feeds/rivers")
    for suffix in ("rss", "atom", "json")
]
PAGES = [
    "/",
    "/latest",
    "/sources/source",
    "/categories/News",
    "/feeds/rivers",
    "/search?q=river",
    "/search.json?q=river",
]
PAGES += ["/sitemap-1.xml"]


@pytest.fixture
def town(place: Place) -> Place:
    """Three articles: that of the mill, a longer one, and one of bread. All that is published holds the first."""
    place.configure(CONFIG)
    sync(place.store, place.config, lambda: place.now)
    place.write("articles/mill.md", mill())
    place.write("articles/long.md", article("Ferry", f"{OTHER}{BODY}", categories="[News]"))
    place.write("articles/bread.md", article("Bread", OTHER, categories="[News]"))
    place.scan()
    place.store.search.catch_up()
    place.later(minutes=10)
    return place


def mill(more: str = "", **fields: str) -> str:
    return article("Mill", BODY + more, **{"categories": "[News, Local]", **fields})


def of(place: Place, title: str = "Mill") -> Filed:
    (found,) = [filed for filed in place.feed() if filed.article.title == title]
    return found


def client_of(place: Place) -> FlaskClient:
    return create_app(place.config, place.store).test_client()


def items(client: FlaskClient, path: str = "/latest.json") -> dict[str, Any]:
    return {item["id"]: item for item in json.loads(client.get(path).data)["items"]}


def test_it_leaves_every_feed_page_and_search_at_once(town: Place) -> None:
    client, gone = client_of(town), of(town)
    before = {path: client.get(path) for path in [*FEEDS, *PAGES]}
    assert {path for path, answer in before.items() if answer.status_code != 200} == set()
    assert {path for path, answer in before.items() if gone.id not in answer.text} == set()
    assert hide(town.store, town.config, [gone.seq], town.now) == {gone.seq}
    for path, old in before.items():
        answer = client.get(path, headers={"If-None-Match": old.headers["ETag"], "A-IM": "feed"})
        assert answer.status_code == 200, path  # neither 304, nor a delta, which cannot tell that something left
        assert gone.id not in answer.text, path
    assert client.get(f"/articles/{gone.id}").status_code == 410
    assert town.store.search.find(parse("mill"), 10).total == 1  # the other one that has the word


def test_a_poller_that_knows_dates_only_hears_of_it(town: Place) -> None:
    client = client_of(town)
    seen = client.get("/latest.rss").headers["Last-Modified"]
    assert client.get("/latest.rss", headers={"If-Modified-Since": seen}).status_code == 304
    hide(town.store, town.config, [of(town).seq], town.now)
    assert client.get("/latest.rss", headers={"If-Modified-Since": seen}).status_code == 200


def test_it_stays_hidden_whatever_its_file_says(town: Place) -> None:
    gone = of(town)
    hide(town.store, town.config, [gone.seq], town.now)
    versions = {
        "as it was": ("mill.md", mill()),
        "later": ("mill.md", mill(date="Mon, 09 Nov 2026 08:00:00 GMT")),
        "edited": ("mill.md", mill("<p>More.</p>")),
        "recategorized": ("mill.md", mill("<p>More.</p>", categories="[Elsewhere]")),
        "moved": ("moved.md", mill("<p>More.</p>")),
        "moved and edited": ("again.md", mill("<p>Still more.</p>")),
    }
    for name, (path, text) in versions.items():
        for file in town.root.glob("articles/*.md"):
            if file.name not in ("long.md", "bread.md"):
                file.unlink()
        town.later(hours=1)
        town.write(f"articles/{path}", text)
        assert town.scan()["source"].new == 0, name
        assert {filed.article.title for filed in town.feed()} == {"Ferry", "Bread"}, name
        assert town.store.gone(f"articles/{gone.id}"), name


def test_it_comes_back_with_its_id_dates_and_place(town: Place) -> None:
    client, gone = client_of(town), of(town)
    before, places = items(client), [filed.cursor for filed in town.feed()]
    hide(town.store, town.config, [gone.seq], town.now)
    assert f"urn:uuid:{gone.id}" not in items(client)
    town.later(days=2)
    assert unhide(town.store, town.config, [gone.seq], town.now) == {gone.seq}
    assert items(client) == before
    assert items(client, "/feeds/rivers.json").keys() >= {f"urn:uuid:{gone.id}"}
    assert [filed.cursor for filed in town.feed()] == places
    assert client.get(f"/articles/{gone.id}").status_code == 200
    assert gone.id in client.get("/search?q=river").text


def test_what_was_edited_meanwhile_comes_back_edited(town: Place) -> None:
    gone = of(town)
    hide(town.store, town.config, [gone.seq], town.now)
    town.later(hours=1)
    town.write("articles/mill.md", mill("<p>More.</p>"))
    town.scan()
    unhide(town.store, town.config, [gone.seq], town.now)
    back = of(town)
    assert (back.id, back.published, back.updated) == (gone.id, gone.published, town.now)
    assert "More." in back.article.content


def test_what_its_source_withdraws_meanwhile_stays_away(town: Place) -> None:
    gone = of(town)
    hide(town.store, town.config, [gone.seq], town.now)
    town.write("articles/mill.md", mill(draft="true"))
    town.scan()
    unhide(town.store, town.config, [gone.seq], town.now)
    assert town.store.article(gone.id) is None
    town.write("articles/mill.md", mill())
    town.scan()
    assert of(town).id == gone.id


def test_hiding_twice_and_showing_what_is_not_hidden_change_nothing(town: Place) -> None:
    seq = of(town).seq
    assert unhide(town.store, town.config, [seq], town.now) == set()
    hide(town.store, town.config, [seq], town.now)
    revision = town.store.revision()
    assert hide(town.store, town.config, [seq], town.now) == set()
    assert town.store.revision() == revision


def test_a_feed_that_is_made_anew_leaves_it_out(town: Place) -> None:
    hide(town.store, town.config, [of(town).seq], town.now)
    town.configure(
        CONFIG.replace("slug: rivers, title: Rivers, include: river", "slug: wet, title: Wet, include: river")
    )
    sync(town.store, town.config, lambda: town.now)
    assert [filed.article.title for filed in town.feed("feeds/wet")] == ["Ferry"]


def test_a_source_that_comes_back_comes_without_it(town: Place) -> None:
    kept = "sources:\n  - {title: Source, path: articles, on_remove: gone}\n  - {title: Other, path: other}\n"
    gone = "sources:\n  - {title: Other, path: other}\n"
    hide(town.store, town.config, [of(town).seq], town.now)
    for text in (kept, gone, kept):
        town.configure(text)
        sync(town.store, town.config, lambda: town.now)
    assert {filed.article.title for filed in town.feed("sources/source")} == {"Ferry", "Bread"}
    assert town.store.scope("sources/source").size == 2  # type: ignore[union-attr]
