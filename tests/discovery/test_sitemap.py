"""/sitemap.xml and its parts, and /robots.txt: what crawlers meet."""

from collections.abc import Iterable
from datetime import datetime
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree as ET

import pytest
from flask.testing import FlaskClient

from feeds import create_app
from feeds.render.sitemap import Page, render_sitemap
from tests.discovery.conftest import Shop
from tests.support import START, Place, article

BASE = "https://feeds.example/%E5%8C%97/reading"
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def write(place: Place, numbers: Iterable[int], edition: str = "first") -> None:
    for number in numbers:
        body = "".join(f"<p>Sentence {line * number} of note {number}, {edition} edition.</p>" for line in range(9))
        text = article(
            f"Note {number}",
            body,
            author="河岸",
            categories="\n - 新闻\n - 河岸",
            date=f"2026-10-{number:02}T08:00:00Z",
        )
        place.write(f"articles/{number}.md", text)


def entries(document: bytes, root: str, child: str) -> dict[str, str | None]:
    """Each address with its lastmod; all as the protocol has it."""
    tree = ET.fromstring(document)
    assert tree.tag == NAMESPACE + root
    assert len(tree) > 0
    found = {}
    for element in tree:
        assert element.tag == NAMESPACE + child
        assert [one.tag for one in element] in ([f"{NAMESPACE}loc"], [f"{NAMESPACE}loc", f"{NAMESPACE}lastmod"])
        address, modified = element.findtext(f"{NAMESPACE}loc"), element.findtext(f"{NAMESPACE}lastmod")
        assert address is not None
        assert address.isascii()
        assert address.startswith(f"{BASE}/")
        assert address not in found
        found[address] = modified
    return found


def parts(client: FlaskClient) -> list[str]:
    index = entries(client.get("/sitemap.xml").data, "sitemapindex", "sitemap")
    return [address.removeprefix(BASE) for address in index]


def pages(client: FlaskClient, part: str) -> dict[str, str | None]:
    answer = client.get(part)
    assert answer.content_type == "application/xml; charset=utf-8"
    return {address.removeprefix(BASE): when for address, when in entries(answer.data, "urlset", "url").items()}


def test_every_page_is_in_it_and_is_there(place: Place, shop: Shop, client: FlaskClient) -> None:
    write(place, [1, 2, 3])
    place.scan()
    assert parts(client) == ["/sitemap-0.xml", "/sitemap-1.xml"]
    lists = pages(client, "/sitemap-0.xml")
    assert set(lists) == {
        "/",
        "/latest",
        "/sources/%E6%B2%B3%E5%B2%B8",
        "/categories/%E6%96%B0%E9%97%BB",
        "/categories/%E6%96%B0%E9%97%BB/%E6%B2%B3%E5%B2%B8",
    }
    articles = pages(client, "/sitemap-1.xml")
    assert set(articles) == {f"/articles/{filed.id}" for filed in place.feed()}
    site = create_app(place.config, shop).test_client()
    for path in [*lists, *articles]:
        assert site.get(path).status_code == 200


def test_lastmod_is_when_the_article_was_updated(place: Place, client: FlaskClient) -> None:
    write(place, [1, 2])
    place.scan()
    place.later(hours=5)
    write(place, [2], edition="second")
    place.scan()
    modified = pages(client, "/sitemap-1.xml")
    for filed in place.feed():
        assert modified[f"/articles/{filed.id}"] == f"{filed.updated:%Y-%m-%dT%H:%M:%SZ}"
    assert set(modified.values()) == {"2026-10-01T08:00:00Z", f"{place.now:%Y-%m-%dT%H:%M:%SZ}"}
    assert pages(client, "/sitemap-0.xml")["/latest"] == f"{place.now:%Y-%m-%dT%H:%M:%SZ}"


def test_an_article_stays_in_its_part(place: Place, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aggregator.store.census.BLOCK", 2)
    write(place, [1, 2, 3])
    place.scan()
    assert parts(client) == ["/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-2.xml"]
    first, second = client.get("/sitemap-1.xml"), client.get("/sitemap-2.xml")
    place.later(hours=1)
    write(place, [4, 5, 6])
    place.scan()
    assert parts(client) == ["/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-2.xml", "/sitemap-3.xml"]
    assert client.get("/sitemap-1.xml").data == first.data
    assert client.get("/sitemap-1.xml").headers["Last-Modified"] == first.headers["Last-Modified"]
    assert set(entries(client.get("/sitemap-2.xml").data, "urlset", "url")) > set(
        entries(second.data, "urlset", "url")
    )
    everything = [path for part in parts(client)[1:] for path in pages(client, part)]
    assert len(everything) == len(set(everything)) == 6


def test_withdrawn_articles_leave_and_an_empty_part_is_not_named(
    place: Place, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aggregator.store.census.BLOCK", 2)
    write(place, [1, 2, 3, 4, 5, 6])
    place.scan()
    before = client.get("/sitemap-1.xml")
    seqs = [path for part in parts(client)[1:] for path in pages(client, part)]
    gone = {filed.id: filed.article.title.removeprefix("Note ") for filed in place.feed()}
    for path in seqs[1:4]:  # the second of part 1, both of part 2
        (place.root / f"articles/{gone[path.removeprefix('/articles/')]}.md").unlink()
    for _ in range(2):
        place.later(hours=1)
        place.scan()
    assert parts(client) == ["/sitemap-0.xml", "/sitemap-1.xml", "/sitemap-3.xml"]
    assert client.get("/sitemap-2.xml").status_code == 404
    assert list(pages(client, "/sitemap-1.xml")) == seqs[:1]
    assert list(pages(client, "/sitemap-3.xml")) == seqs[4:]
    asked = client.get("/sitemap-1.xml", headers={"If-Modified-Since": before.headers["Last-Modified"]})
    assert asked.status_code == 200


def test_an_empty_store_has_its_front_pages(client: FlaskClient) -> None:
    assert parts(client) == ["/sitemap-0.xml"]
    assert set(pages(client, "/sitemap-0.xml")) == {"/", "/latest"}


def test_other_numbers_are_not_found(place: Place, client: FlaskClient) -> None:
    write(place, [1])
    place.scan()
    for number in ("2", "01", "-1", "+1", "1.0", "x", "٣", "1e3", "9" * 9, "9" * 30, "0%00", ""):
        assert client.get(f"/sitemap-{number}.xml").status_code == 404, number


def test_an_address_longer_than_the_protocol_allows_is_left_out() -> None:
    long, short = "http://x.example/" + "a" * 2031, "http://x.example/" + "a" * 2030
    document = render_sitemap([Page(long, START), Page(short, START)])
    assert [element.findtext(f"{NAMESPACE}loc") for element in ET.fromstring(document)] == [short]


def test_times_of_any_zone_are_told_in_utc() -> None:
    moment = datetime.fromisoformat("2026-11-20T01:30:00.999999+08:00")
    assert b"<lastmod>2026-11-19T17:30:00Z</lastmod>" in render_sitemap([Page("http://x.example/?a&b", moment)])


def test_robots(client: FlaskClient) -> None:
    answer = client.get("/robots.txt")
    assert answer.content_type == "text/plain; charset=utf-8"
    rules = RobotFileParser()
    rules.parse(answer.text.splitlines())
    assert f"\nSitemap: {BASE}/sitemap.xml\n" in answer.text
    for path, allowed in {
        "/search": False,
        "/search.atom?q=a": False,
        "/search?q=a": False,
        "/latest": True,
        "/": True,
    }.items():
        assert rules.can_fetch("Somebot/1.0", BASE + path) is allowed
