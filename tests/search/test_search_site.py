"""Searching as people and feed readers see it."""

import json
import logging
import re
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

import feedparser
import pytest
from flask.testing import FlaskClient
from lxml import etree

from feeds import create_app, search
from feeds.search import Searches
from feeds.site import Site
from tests.support import Place, article

CONFIG = """
site: {url: "http://feeds.example/reading", title: Quiet Reading, language: zh-CN}
feeds: {limit: 4}
sources:
  - {title: Source, path: articles, link: "https://source.example/"}
defaults: {on_delete: remove}
"""
PREFIX = "/reading"


@pytest.fixture
def place(place: Place) -> Place:
    place.configure(CONFIG)
    return place


@pytest.fixture
def client(place: Place) -> FlaskClient:
    for number in range(9):
        date = f"Sat, {number + 1:02d} Jan 2022 20:22:00 GMT"
        place.write(f"articles/{number}.md", article(f"雾 {number}", f"<p>港口的雾，第{number}天。</p>", date))
    place.write("articles/x.md", article("Fog & <lamps>", "<p>1 &lt; 2, <em>R</em>iver <b>AI</b>.</p>"))
    place.scan()
    place.store.search.catch_up()
    client = create_app(place.config, place.store).test_client()
    client.set_cookie("lang", "en")
    return client


def address(query: str, suffix: str = "") -> str:
    return f"/search{suffix}?q={quote(query)}"


def test_results_are_shown_with_the_hits_marked(client: FlaskClient) -> None:
    response = client.get(address("river lamps"))
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Fog &amp; &lt;<mark>lamps</mark>&gt;" in response.text
    assert "1 &lt; 2, <mark>River</mark> AI." in response.text
    assert '<meta name="robots" content="noindex">' in response.text
    assert 'value="river lamps"' in response.text
    assert "Search for “river lamps” – Quiet Reading" in response.text
    assert "1 article<" in response.text


def test_the_page_offers_the_feeds_of_the_search(client: FlaskClient) -> None:
    text = client.get(address("雾")).text
    for suffix in ("rss", "atom", "json"):
        assert f'href="http://feeds.example/reading/search.{suffix}?q=%E9%9B%BE"' in text


@pytest.mark.parametrize("query", ["", "  ", "-雾", "？"])
def test_a_query_for_nothing_gets_the_form(client: FlaskClient, query: str) -> None:
    response = client.get(address(query))
    assert response.status_code == 200
    assert 'role="search"' in response.text
    assert "Type a word" in response.text
    assert "search.atom" not in response.text


def test_nothing_found(client: FlaskClient) -> None:
    response = client.get(address("龘"))
    assert response.status_code == 200
    assert "No article has all of this" in response.text


def test_a_query_is_never_markup(client: FlaskClient) -> None:
    text = client.get(address('"><script>alert(1)</script>')).text
    assert "<script>alert" not in text
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in text


def test_more_results_are_on_the_next_page(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "ON_PAGE", 4)
    seen: list[str] = []
    page, link = 1, address("雾")
    while link:
        text = client.get(link).text
        assert f'start="{len(seen) + 1}"' in text
        seen += re.findall(r'href="/reading/articles/([0-9a-f-]+)"', text)
        onward = re.search(r'rel="next" href="([^"]+)"', text)
        link = onward[1].replace("&amp;", "&").removeprefix(PREFIX) if onward else ""
        page += 1
    assert len(seen) == len(set(seen)) == 9
    assert page == 4
    assert 'rel="prev" href="/reading/search?q=%E9%9B%BE&amp;page=2"' in text


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "2", "99999999999999999999", ""])
def test_a_page_that_is_not_there(client: FlaskClient, page: str) -> None:
    assert client.get(f"{address('雾')}&page={page}").status_code == 404


@pytest.mark.parametrize("suffix", [".rss", ".atom"])
def test_the_feed_holds_the_newest(client: FlaskClient, suffix: str) -> None:
    response = client.get(address(" 雾　港口 ", suffix))
    feed = feedparser.parse(response.data)
    assert not feed.bozo
    assert feed.feed.title == "搜索：雾 港口 – Quiet Reading"
    assert [entry.title for entry in feed.entries] == ["雾 8", "雾 7", "雾 6", "雾 5"]
    links = {link["rel"]: link["href"] for link in feed.feed.links}
    assert links["self"] == f"http://feeds.example/reading/search{suffix}?q=%E9%9B%BE%20%E6%B8%AF%E5%8F%A3"
    assert feed.feed.link == "http://feeds.example/reading/search?q=%E9%9B%BE%20%E6%B8%AF%E5%8F%A3"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_the_json_feed(client: FlaskClient) -> None:
    response = client.get(address("river", ".json"))
    document = json.loads(response.data)
    assert response.headers["Content-Type"] == "application/feed+json"
    assert document["feed_url"] == "http://feeds.example/reading/search.json?q=river"
    assert [item["title"] for item in document["items"]] == ["Fog & <lamps>"]


@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_older_pages_lead_back_to_the_oldest(client: FlaskClient, suffix: str) -> None:
    titles: list[str] = []
    link: str | None = address("雾", suffix)
    while link:
        data = client.get(link).data
        if suffix == ".json":
            document = json.loads(data)
            titles += [item["title"] for item in document["items"]]
            link = document.get("next_url")
        else:
            feed = feedparser.parse(data)
            titles += [entry.title for entry in feed.entries]
            link = next((one["href"] for one in feed.feed.links if one["rel"] == "next"), None)
        if link:
            parts = urlsplit(link)
            link = f"{parts.path.removeprefix(PREFIX)}?{parts.query}"
    assert titles == [f"雾 {number}" for number in reversed(range(9))]


@pytest.mark.parametrize("query", ["", "？！", "-雾"])
@pytest.mark.parametrize("suffix", [".rss", ".atom", ".json"])
def test_a_feed_of_nothing_is_refused(client: FlaskClient, suffix: str, query: str) -> None:
    response = client.get(address(query, suffix))
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "search.atom?q=" in response.text


@pytest.mark.parametrize(("written", "meant"), [("/search/", "/search"), ("/search.ATOM", "/search.atom")])
def test_an_address_written_otherwise_keeps_its_words(client: FlaskClient, written: str, meant: str) -> None:
    response = client.get(f"{written}?q=a%26b")
    assert (response.status_code, response.headers["Location"]) == (301, f"{PREFIX}{meant}?q=a%26b")


def test_what_is_no_address_of_ours(client: FlaskClient) -> None:
    assert client.get("/search.xml?q=a").status_code == 404
    assert client.get(f"/older/x{address('雾', '.atom')}").status_code == 404
    assert client.post(address("雾")).status_code == 405


@pytest.mark.parametrize("suffix", ["", ".atom"])
def test_what_a_client_holds_is_not_sent_again(client: FlaskClient, suffix: str) -> None:
    first = client.get(address("雾", suffix))
    again = client.get(address("雾", suffix), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert client.head(address("雾", suffix)).headers["ETag"] == first.headers["ETag"]


def test_an_article_is_found_when_it_is_indexed(place: Place, client: FlaskClient) -> None:
    for path in (address("雾", ".atom"), address("雾")):
        client.get(path)
    place.later(minutes=1)
    place.write("articles/new.md", article("雾 new", "<p>一篇新的</p>", "Sat, 01 Oct 2022 20:22:00 GMT"))
    place.scan()
    before = client.get(address("雾", ".atom"))
    held = {"If-Modified-Since": before.headers["Last-Modified"]}
    assert "雾 new" not in before.text
    place.store.search.catch_up()
    assert "雾 new" in client.get(address("雾", ".atom"), headers=held).text
    assert "/reading/articles/" in client.get(address("new")).text


def test_who_asks_by_date_hears_of_what_left_the_results(place: Place, client: FlaskClient) -> None:
    held = {"If-Modified-Since": client.get(address("港口", ".rss")).headers["Last-Modified"]}
    assert client.get(address("港口", ".rss"), headers=held).status_code == 304
    place.later(minutes=1)
    place.write("articles/8.md", article("雾 8", "<p>山上的雾，第8天。</p>", "Sat, 09 Jan 2022 20:22:00 GMT"))
    place.scan()
    place.store.search.catch_up()
    response = client.get(address("港口", ".rss"), headers=held)
    assert response.status_code == 200
    assert "雾 8" not in response.text


def test_the_same_search_twice_is_one_search(
    place: Place, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(address("雾", ".atom")).data
    monkeypatch.setattr(place.store.search, "newest", lambda *_: pytest.fail("it is kept"))
    assert client.get("/search.atom?q=%20雾++").data == first


def test_what_is_kept_of_searches_is_bounded(place: Place, client: FlaskClient) -> None:
    searches = Searches(place.store.search, place.config, Site(place.store, place.config))
    searches._feeds._max_bytes = 20_000
    form = search.FORMATS["json"]
    for number in range(60):
        searches.feed(search.parse(f"雾 -w{number}"), form, None)
    assert 10_000 < searches._feeds._bytes <= 20_000


def test_feeds_of_hostile_queries_are_well_formed(client: FlaskClient) -> None:
    for query in (
        "]]>&<x>雾",
        "雾\x00\x1f\x7f",
        "雾\ufffe\ud800".encode("utf-8", "surrogatepass"),
        "雾" * 500,
        "雾\u202ex",
    ):
        for suffix in (".rss", ".atom"):
            response = client.get(f"/search{suffix}?q={quote(query)}")
            assert response.status_code == 200
            etree.fromstring(response.data)
            for link in feedparser.parse(response.data).feed.links:
                assert link["href"].isascii()


def test_browsers_are_told_how_to_search(client: FlaskClient) -> None:
    response = client.get("/opensearch.xml")
    assert response.headers["Content-Type"] == "application/opensearchdescription+xml"
    root = etree.fromstring(response.data)
    templates = {url.get("type"): url.get("template") for url in root.iter("{*}Url")}
    assert templates["text/html"] == "http://feeds.example/reading/search?q={searchTerms}"
    assert templates["application/atom+xml"] == "http://feeds.example/reading/search.atom?q={searchTerms}"
    assert root.find("{*}ShortName").text == "Quiet Reading"
    assert 'href="/reading/opensearch.xml"' in client.get(address("")).text


def test_the_last_modified_date_is_the_newest_articles(place: Place, client: FlaskClient) -> None:
    assert client.get(address("雾", ".atom")).last_modified == place.now.replace(microsecond=0)
    assert client.get(address("龘", ".atom")).last_modified == datetime(2000, 1, 1, tzinfo=UTC)


def test_a_store_that_does_not_answer(place: Place, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    _rename_table(place, "search_state", "not_here")
    assert client.get(address("雾", ".atom")).status_code == 503
    _rename_table(place, "not_here", "search_state")  # the database serves other tests too


def _rename_table(place: Place, name: str, other: str) -> None:
    with place.store._engine.begin() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {other}")
