"""Feeds that moved (301) and feeds that were taken away (410)."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from aggregator.config import Config, parse_config
from feeds import create_app
from feeds.renames import Renames
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import DAY, HARBOUR, MORNING, make_filed

CONFIG = """
site: {url: "https://feeds.example/reading"}
feeds:
  custom:
    - {slug: stars, title: Stars, include: star, aliases: [astronomy, 星空]}
sources:
  - {title: Harbour Light, path: a, aliases: [harbor, 港湾之光]}
  - {title: 晨读, slug: morning, path: b, aliases: 晨读}
  - {title: Other, path: c}
"""
TOKEN = "gAAAAAAAAAAAAAAAAAAABw"


def configured(text: str) -> Config:
    return parse_config(text, Path("/srv/reading/config.yaml"), {})


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([make_filed(1), make_filed(2, MORNING)])


@pytest.fixture
def client(library: FakeLibrary) -> FlaskClient:
    return create_app(configured(CONFIG), library).test_client()


def test_former_slugs_lead_to_what_they_are_now() -> None:
    moved = {
        "sources/harbor": "sources/harbour-light",
        "sources/港湾之光": "sources/harbour-light",
        "sources/晨读": "sources/morning",
        "feeds/astronomy": "feeds/stars",
        "feeds/星空": "feeds/stars",
    }
    renames = Renames(configured(CONFIG))
    assert {before: renames.now(before) for before in moved} == moved
    assert {now: list(renames.before(now)) for now in moved.values()} == {
        "sources/harbour-light": ["sources/harbor", "sources/港湾之光"],
        "sources/morning": ["sources/晨读"],
        "feeds/stars": ["feeds/astronomy", "feeds/星空"],
    }


def test_categories_with_a_slug_are_looked_for_by_their_names() -> None:
    renames = Renames(configured("feeds: {category_slugs: {新闻: news, C/D: c-d}}\nsources: [{title: A, path: a}]"))
    assert renames.now("categories/新闻/天文/C-D") == "categories/news/天文/c-d"
    assert list(renames.before("categories/news/天文")) == ["categories/新闻/天文"]
    assert renames.now("categories/天文") is renames.now("sources/新闻") is None
    assert list(renames.before("categories/天文")) == []


def test_no_aliases_no_renames() -> None:
    renames = Renames(configured("sources: [{title: A, path: a}]"))
    assert renames.now("sources/a") is renames.now("categories/a") is None
    assert list(renames.before("sources/a")) == []


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/sources/harbor.rss", "/reading/sources/harbour-light.rss"),
        ("/sources/港湾之光.atom", "/reading/sources/harbour-light.atom"),
        ("/feeds/星空.atom", "/reading/feeds/stars.atom"),
        (f"/older/{TOKEN}/feeds/astronomy.atom", f"/reading/older/{TOKEN}/feeds/stars.atom"),
        (f"/older/{TOKEN}/sources/harbor", f"/reading/older/{TOKEN}/sources/harbour-light"),
        (f"/older/{TOKEN}/sources/harbor.RSS?x=1", f"/reading/older/{TOKEN}/sources/harbour-light.rss"),
        (f"/older/{TOKEN}/latest.Atom", f"/reading/older/{TOKEN}/latest.atom"),  # the place is kept
        (f"/older/{TOKEN}/latest/", f"/reading/older/{TOKEN}/latest"),
        ("/search.ATOM?q=%E9%9B%BE%20a&x=1", "/reading/search.atom?q=%E9%9B%BE%20a"),
        (f"/older/{TOKEN}/search.JSON?q=a%26b", f"/reading/older/{TOKEN}/search.json?q=a%26b"),
        ("/sources/harbor.rss?utm=%0d%0aX:y", "/reading/sources/harbour-light.rss"),
    ],
)
def test_subscribers_are_sent_on_for_good(client: FlaskClient, path: str, location: str) -> None:
    for method in ("GET", "HEAD"):
        response = client.open(path, method=method, headers={"Host": "evil.example"})
        assert (response.status_code, response.headers["Location"]) == (301, location)


def test_an_old_name_answers_until_its_articles_have_moved(client: FlaskClient, library: FakeLibrary) -> None:
    assert client.get("/sources/晨读.json").status_code == 200
    library.rename("sources/晨读", "sources/morning")
    assert client.get("/sources/晨读.json").headers["Location"] == "/reading/sources/morning.json"


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_feed_that_was_taken_away_is_gone(client: FlaskClient, library: FakeLibrary, suffix: str) -> None:
    path = f"/sources/harbour-light.{suffix}"
    tag = client.get(path).headers["ETag"]
    library.remove("sources/harbour-light")
    for address in (path, f"/older/{TOKEN}{path}"):
        response = client.get(address, headers={"If-None-Match": tag})
        assert response.status_code == 410
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert client.get(f"/latest.{suffix}").status_code == 200


def test_what_never_was_is_not_gone(client: FlaskClient) -> None:
    assert client.get("/sources/nobody.rss").status_code == 404


def test_a_scope_without_articles_is_not_gone(client: FlaskClient, library: FakeLibrary) -> None:
    library.withdraw(make_filed(1, HARBOUR).id, DAY)
    assert client.get("/sources/harbour-light.rss").status_code == 200
