"""Walking a feed back to its oldest article (RFC 5005), while the world goes on."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Cursor
from feeds import create_app
from feeds.paging import from_token, to_token
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import DAY, MORNING, SITE, make_config, make_filed

int64 = st.integers(-(2**63), 2**63 - 1)


@given(int64, int64)
def test_every_place_has_one_token(arrived: int, seq: int) -> None:
    token = to_token(Cursor(arrived, seq))
    assert from_token(token) == (arrived, seq)
    assert token.replace("-", "").replace("_", "").isalnum()


@given(st.text(max_size=30) | st.from_regex(r"[A-Za-z0-9_-]{21,23}", fullmatch=True))
def test_what_is_no_token_names_no_place(text: str) -> None:
    place = from_token(text)
    assert place is None or to_token(place) == text


HOSTILE = [
    "",
    "0",
    "-1",
    "AAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAB",  # another spelling of …AA
    "AAAAAAAAAAAAAAAAAAAAAA==",
    "AAAAAAAAAAAAAAAAAAAAAA%0A",
    "AAAAAAAAAAAAAAAAAAAA/+",
    "%EF%BC%A1AAAAAAAAAAAAAAAAAAAAA",
    "%00",
    "%ff%fe",
    "' OR 1=1 --",
    "A" * 5000,
    "{{7*7}}",
]


ALL = [f"Note {number}" for number in range(10, 0, -1)]


def paged_client(library: FakeLibrary, limit: int = 3) -> FlaskClient:
    return create_app(make_config(limit=limit), library).test_client()


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(make_filed(number) for number in range(1, 11))


@pytest.fixture
def client(library: FakeLibrary) -> FlaskClient:
    return paged_client(library)


@pytest.mark.parametrize("token", HOSTILE)
@pytest.mark.parametrize("path", ["/latest.atom", "/sources/harbour-light.json", "/sources/nobody.rss"])
def test_a_token_that_is_not_ours_names_no_page(
    client: FlaskClient, library: FakeLibrary, path: str, token: str
) -> None:
    library.queries.clear()
    response = client.get(f"{path}?before={token}")
    assert response.status_code == 404
    assert "window" not in library.queries


@pytest.mark.parametrize("token", [to_token(Cursor(-(2**63), 0)), to_token(Cursor(2**63 - 1, 2**63 - 1))])
@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_place_at_the_end_of_time_is_a_place(client: FlaskClient, suffix: str, token: str) -> None:
    assert client.get(f"/latest.{suffix}?before={token}").status_code == 200


def titles_and_next(client: FlaskClient, address: str) -> tuple[list[str], str | None]:
    response = client.get(address)
    assert response.status_code == 200
    if ".json" in address:
        document = json.loads(response.data)
        assert document["feed_url"] == SITE + address.partition("?")[0]
        return [item["title"] for item in document["items"]], document.get("next_url")
    parsed = feedparser.parse(response.data)
    links = {link.rel: link.href for link in parsed.feed.links if link.rel != "alternate"}
    assert links["self"] == SITE + address
    assert links.get("first") == (SITE + address.partition("?")[0] if "?" in address else None)
    assert parsed.entries
    return [entry.title for entry in parsed.entries], links.get("next")


def crawl(client: FlaskClient, address: str | None) -> Iterator[list[str]]:
    """The titles of one page after the other."""
    while address:
        titles, following = titles_and_next(client, address)
        yield titles
        address = following and following.removeprefix(SITE)


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
@pytest.mark.parametrize(
    ("limit", "sizes"), [(3, [3, 3, 3, 1]), (5, [5, 5]), (9, [9, 1]), (10, [10]), (11, [10]), (1, [1] * 10)]
)
def test_next_leads_to_the_oldest(library: FakeLibrary, suffix: str, limit: int, sizes: list[int]) -> None:
    pages = list(crawl(paged_client(library, limit), f"/sources/harbour-light.{suffix}"))
    assert [len(page) for page in pages] == sizes
    assert [title for page in pages for title in page] == ALL


def test_articles_that_arrived_together_are_told_apart(library: FakeLibrary) -> None:
    library = FakeLibrary(make_filed(number, arrived=7, published=DAY) for number in range(1, 11))
    titles = [title for page in crawl(paged_client(library), "/latest.rss") for title in page]
    assert sorted(titles) == sorted(ALL)


def arrive(library: FakeLibrary, step: int) -> None:
    for number in range(100 + 10 * step, 104 + 10 * step):
        library.put(make_filed(number))


def edit(library: FakeLibrary, step: int) -> None:
    for number in range(1, 11):
        library.put(make_filed(number, changed=DAY + timedelta(days=step), updated=DAY + timedelta(days=step)))


def import_archive(library: FakeLibrary, step: int) -> None:
    for number in range(5):
        library.put(
            make_filed(
                1000 * step + number,
                MORNING,
                title=f"Old {step} {number}",
                published=DAY + timedelta(hours=5, minutes=number),
            )
        )


@pytest.mark.parametrize("disturb", [arrive, edit, import_archive])
@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_whatever_comes_in_between_every_article_is_met_once(
    library: FakeLibrary, client: FlaskClient, suffix: str, disturb: Callable[[FakeLibrary, int], None]
) -> None:
    met = []
    for step, page in enumerate(crawl(client, f"/latest.{suffix}"), 1):
        met += page
        disturb(library, step)
    assert len(met) == len(set(met))
    assert [title for title in met if title in ALL] == ALL


@pytest.mark.parametrize("withdrawn", [8, 7, 5])
def test_a_withdrawn_article_does_not_break_the_walk(
    library: FakeLibrary, client: FlaskClient, withdrawn: int
) -> None:
    met = []
    for page in crawl(client, "/latest.atom"):
        if not met:
            library.withdraw(make_filed(withdrawn).id, DAY)  # the last of the page, the next one, one behind
        met += page
    expected = [number for number in range(10, 0, -1) if number != withdrawn or withdrawn == 8]
    assert met == [f"Note {number}" for number in expected]


def test_what_lay_behind_may_be_withdrawn_meanwhile(library: FakeLibrary, client: FlaskClient) -> None:
    _, following = titles_and_next(client, "/latest.atom")
    for number in range(1, 8):
        library.withdraw(make_filed(number).id, DAY)
    assert following
    response = client.get(following.removeprefix(SITE))
    assert response.status_code == 200
    assert feedparser.parse(response.data).entries == []


def test_an_article_that_cannot_be_published_hides_none(library: FakeLibrary) -> None:
    library.put(make_filed(8, title="\x07"))
    met = [title for page in crawl(paged_client(library), "/latest.rss") for title in page]
    assert met == [f"Note {number}" for number in (10, 9, 7, 6, 5, 4, 3, 2, 1)]


def test_a_page_has_validators_and_may_be_kept(client: FlaskClient, library: FakeLibrary) -> None:
    _, following = titles_and_next(client, "/latest.atom")
    assert following
    address = following.removeprefix(SITE)
    first = client.get(address)
    assert "max-age=" in first.headers["Cache-Control"]
    assert first.headers["Vary"] == "Accept-Encoding"
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    library.queries.clear()
    for condition in (
        {"If-None-Match": first.headers["ETag"]},
        {"If-Modified-Since": first.headers["Last-Modified"]},
        {"If-None-Match": first.headers["ETag"], "A-IM": "feed"},
    ):
        assert client.get(address, headers=condition).status_code == 304
    assert library.queries == {"scope": 3}
    arrive(library, 1)
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_what_a_client_adds_to_an_address_costs_nothing(client: FlaskClient, library: FakeLibrary) -> None:
    token = to_token(make_filed(5).cursor)
    client.get("/latest.rss")
    client.get(f"/latest.rss?before={token}")
    library.queries.clear()
    for number in range(20):
        assert client.get(f"/latest.rss?utm_source={number}&page={number}").status_code == 200
        assert client.get(f"/latest.rss?x={number}&before={token}&before=no").status_code == 200
    assert library.queries == {"scope": 40}


def test_pages_do_not_push_out_feeds(library: FakeLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publisher.FEED_BYTES", 20_000)
    monkeypatch.setattr("feeds.publisher.OTHER_BYTES", 20_000)
    client = paged_client(library)
    client.get("/latest.rss")
    for number in range(50):
        client.get(f"/latest.rss?before={to_token(Cursor(number, 0))}")
    library.queries.clear()
    client.get("/latest.rss")
    assert library.queries == {"scope": 1}


def test_the_page_of_a_scope_that_is_not_there(client: FlaskClient) -> None:
    assert client.get(f"/sources/nobody.rss?before={to_token(Cursor(1, 1))}").status_code == 404
