"""/feeds.opml: what a reader imports."""

from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from aggregator.models import Scope, ScopeKind
from feeds.discovery import subscription_groups
from tests.discovery.conftest import Shop
from tests.feeds.feed_samples import make_config
from tests.support import BODY, OTHER, START, Place, article

BASE = "https://feeds.example/%E5%8C%97/reading"


def write(place: Place, name: str, author: str, *paths: str, body: str = BODY) -> None:
    """A file with category paths, each written `a/b`."""
    categories = "".join(f"\n - [{', '.join(path.split('/'))}]" for path in paths) or " []"
    text = article(f"{name} of {author}", body + f"<p>{name}</p>", author=author, categories=categories)
    place.write(f"articles/{author}/{name}.md", text)


def groups(document: bytes) -> dict[str, list[dict[str, str]]]:
    root = ET.fromstring(document)
    assert (root.tag, root.attrib) == ("opml", {"version": "2.0"})
    assert [child.tag for child in root] == ["head", "body"]
    found = {}
    for group in root[1]:
        assert group.tag == "outline"
        assert group.attrib == {"text": group.attrib["text"]}
        assert group.attrib["text"] not in found
        found[group.attrib["text"]] = [dict(feed.attrib) for feed in group]
    return found


def titles(document: bytes) -> dict[str, list[str]]:
    return {group: [feed["title"] for feed in feeds] for group, feeds in groups(document).items()}


def test_sources_by_top_category(place: Place, client: FlaskClient) -> None:
    write(place, "one", "Harbour", 'R&D/"Labs"', "新闻")
    write(place, "two", "Harbour", "R&D/Ideas")
    write(place, "three", "河岸", "新闻/河岸/首页")
    write(place, "four", "alone")
    place.scan()
    answer = client.get("/feeds.opml")
    assert answer.content_type == "text/x-opml; charset=utf-8"
    assert ET.fromstring(answer.data).findtext("head/title") == "今日 & Co"
    harbour = {
        "type": "rss",
        "text": 'Harbour "Light" & <Co>',
        "title": 'Harbour "Light" & <Co>',
        "xmlUrl": f"{BASE}/sources/harbour.rss",
        "htmlUrl": "https://harbour.example/?a=1&b=2",
        "language": "en",
    }
    bank = {
        "type": "rss",
        "text": "河岸",
        "title": "河岸",
        "xmlUrl": f"{BASE}/sources/%E6%B2%B3%E5%B2%B8.rss",
        "htmlUrl": f"{BASE}/sources/%E6%B2%B3%E5%B2%B8",
        "language": "zh-CN",
    }
    alone = bank | {name: value.replace("%E6%B2%B3%E5%B2%B8", "alone") for name, value in bank.items()}
    alone |= {"text": "alone", "title": "alone"}
    assert groups(answer.data) == {"R&D": [harbour], "新闻": [harbour, bank], "未分类": [alone]}
    assert list(groups(answer.data)) == ["R&D", "新闻", "未分类"]


def test_more_articles_change_nothing_and_other_sources_do(place: Place, client: FlaskClient) -> None:
    write(place, "one", "Harbour", "新闻")
    place.scan()
    first = client.get("/feeds.opml")
    place.later(hours=1)
    write(place, "two", "Harbour", "新闻", body=OTHER)
    place.scan()
    second = client.get("/feeds.opml")
    assert (second.data, second.headers["ETag"]) == (first.data, first.headers["ETag"])
    place.later(hours=1)
    write(place, "three", "河岸", "新闻")
    write(place, "four", "Harbour", "生活", body=OTHER)
    place.scan()
    third = client.get("/feeds.opml")
    assert titles(third.data) == {"新闻": ['Harbour "Light" & <Co>', "河岸"], "生活": ['Harbour "Light" & <Co>']}
    assert third.headers["ETag"] != first.headers["ETag"]
    assert third.last_modified is not None
    assert first.last_modified is not None
    assert third.last_modified > first.last_modified


def test_what_publishes_nothing_any_more_is_left_out(place: Place, client: FlaskClient) -> None:
    write(place, "one", "Harbour", "新闻")
    write(place, "two", "河岸", "生活")
    place.scan()
    before = client.get("/feeds.opml")
    (place.root / "articles/河岸/two.md").unlink()
    for _ in range(2):
        place.later(hours=1)
        place.scan()
    after = client.get("/feeds.opml", headers={"If-Modified-Since": before.headers["Last-Modified"]})
    assert after.status_code == 200
    assert titles(after.data) == {"新闻": ['Harbour "Light" & <Co>']}


def test_an_empty_store_offers_the_feed_of_everything_to_come(client: FlaskClient) -> None:
    ((heading, (feed,)),) = groups(client.get("/feeds.opml").data).items()
    assert (heading, feed["title"], feed["xmlUrl"]) == ("今日 & Co", "今日 & Co", f"{BASE}/latest.rss")


@pytest.mark.parametrize("path", ["/feeds.opml", "/sitemap.xml", "/sitemap-0.xml", "/sitemap-1.xml", "/robots.txt"])
def test_pollers_are_served_as_with_feeds(place: Place, client: FlaskClient, path: str) -> None:
    write(place, "one", "Harbour", "新闻")
    place.scan()
    full = client.get(path)
    assert full.status_code == 200
    assert full.headers["Cache-Control"].startswith("public, max-age=300, stale-while-revalidate=900")
    assert full.headers["Access-Control-Allow-Origin"] == "*"
    assert client.get(path, headers={"If-None-Match": full.headers["ETag"]}).status_code == 304
    if path != "/robots.txt":  # it changes with the config alone
        assert client.get(path, headers={"If-Modified-Since": full.headers["Last-Modified"]}).status_code == 304
        assert client.get(path, headers={"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", full.headers["ETag"])
    assert b"evil" not in client.get(path, headers={"Host": "evil.example"}).data


def test_the_list_is_one_look_at_members_and_kept_until_something_is_published(
    place: Place, shop: Shop, client: FlaskClient
) -> None:
    write(place, "one", "Harbour", "新闻")
    place.scan()
    statements: list[str] = []

    @sa.event.listens_for(shop._engine, "before_cursor_execute")
    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    client.get("/feeds.opml")
    (census,) = [statement for statement in statements if "members" in statement]
    assert "articles" not in census  # whose rows hold the bodies
    statements.clear()
    client.get("/feeds.opml")
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


def scope(number: int, kind: ScopeKind, path: str, title: str, **fields: Any) -> Scope:
    given = {"names": (title,), "parent": None, "revision": 1, "size": 3, "changed": START} | fields
    return Scope(id=number, kind=kind, path=path, title=title, **given)


@pytest.mark.parametrize(("language", "heading"), [("zh-CN", "专题"), ("en", "Custom feeds"), ("de", "Custom feeds")])
def test_custom_feeds_come_first(language: str, heading: str) -> None:
    config = make_config()
    config = config.model_copy(update={"site": config.site.model_copy(update={"language": language})})
    found = subscription_groups(
        [
            scope(1, ScopeKind.ALL, "latest", ""),
            scope(2, ScopeKind.SOURCE, "sources/a", "a"),
            scope(3, ScopeKind.CATEGORY, "categories/b", "b"),
            scope(4, ScopeKind.CATEGORY, "categories/b/c", "c", names=("b", "c"), parent=3),
            scope(5, ScopeKind.CUSTOM, "feeds/stars", "Stars"),
            scope(6, ScopeKind.CUSTOM, "feeds/empty", "Empty", size=0),
        ],
        [(3, 2)],
        config,
    )
    assert [(group.title, [feed.title for feed in group.feeds]) for group in found] == [
        (heading, ["Stars"]),
        ("b", ["a"]),
    ]
    assert found[0].feeds[0].url("rss") == f"{config.site.url}/feeds/stars.rss"
