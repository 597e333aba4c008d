"""Walking a feed back to its oldest article (RFC 5005), while the world goes on."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Cursor
from feeds import create_app
from feeds.paging import from_token, length, older, to_token
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
    response = client.get(f"/older/{token}{path}")
    assert response.status_code == 404
    assert "window" not in library.queries


@pytest.mark.parametrize("token", [to_token(Cursor(-(2**63), 0)), to_token(Cursor(2**63 - 1, 2**63 - 1))])
@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_a_place_at_the_end_of_time_is_a_place(client: FlaskClient, suffix: str, token: str) -> None:
    assert client.get(f"/older/{token}/latest.{suffix}").status_code == 200


def document(address: str) -> str:
    """The address of the feed that a page is of."""
    _, _, token, path = f"{address}///".split("/", 3)
    return f"/{path.rstrip('/')}" if address == f"/{older(token, path.rstrip('/'))}" else address


def titles_and_next(client: FlaskClient, address: str) -> tuple[list[str], str | None]:
    response = client.get(address)
    assert response.status_code == 200
    if ".json" in address:
        shown = json.loads(response.data)
        assert shown["feed_url"] == SITE + document(address)
        return [item["title"] for item in shown["items"]], shown.get("next_url")
    parsed = feedparser.parse(response.data)
    links = {link.rel: link.href for link in parsed.feed.links if link.rel != "alternate"}
    assert links["self"] == SITE + address
    assert links.get("first") == (None if document(address) == address else SITE + document(address))
    assert parsed.entries
    return [entry.title for entry in parsed.entries], links.get("next")


def crawl(client: FlaskClient, address: str | None) -> Iterator[list[str]]:
    """The titles of one page after the other."""
    while address:
        titles, following = titles_and_next(client, address)
        yield titles
        address = following and following.removeprefix(SITE)


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 9, 10, 11])
def test_next_leads_to_the_oldest(library: FakeLibrary, suffix: str, limit: int) -> None:
    pages = list(crawl(paged_client(library, limit), f"/sources/harbour-light.{suffix}"))
    assert len(pages[0]) == min(limit, len(ALL))
    assert all(0 < len(page) <= limit for page in pages)
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
    assert "max-age=900" in first.headers["Cache-Control"]  # all that `ttl` allows
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
    client.get(f"/older/{token}/latest.rss")
    library.queries.clear()
    for number in range(20):
        assert client.get(f"/latest.rss?utm_source={number}&page={number}").status_code == 200
        assert client.get(f"/older/{token}/latest.rss?x={number}&before=no").status_code == 200
    assert library.queries == {"scope": 40}


def test_pages_do_not_push_out_feeds(library: FakeLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feeds.publisher.FEED_BYTES", 20_000)
    monkeypatch.setattr("feeds.publisher.OTHER_BYTES", 20_000)
    client = paged_client(library)
    client.get("/latest.rss")
    for number in range(50):
        client.get(f"/older/{to_token(Cursor(number, 0))}/latest.rss")
    library.queries.clear()
    client.get("/latest.rss")
    assert library.queries == {"scope": 1}


def test_the_page_of_a_scope_that_is_not_there(client: FlaskClient) -> None:
    assert client.get(f"/older/{to_token(Cursor(1, 1))}/sources/nobody.rss").status_code == 404


def test_the_form_of_an_earlier_draft_is_no_page(client: FlaskClient) -> None:
    plain, with_place = (client.get(f"/latest.atom{query}") for query in ("", f"?before={to_token(Cursor(1, 1))}"))
    assert with_place.data == plain.data


def test_a_withdrawal_changes_only_the_page_that_it_is_on(library: FakeLibrary, client: FlaskClient) -> None:
    _, following = titles_and_next(client, "/latest.atom")
    assert following
    address = following.removeprefix(SITE)
    first = client.get(address)
    library.withdraw(make_filed(1).id, DAY + timedelta(days=9))  # on another page
    again = client.get(address)
    assert again.data == first.data
    # Who asks by date alone cannot be told on which page it was: any change of the scope counts.
    assert again.last_modified == DAY + timedelta(days=9)
    library.withdraw(make_filed(7).id, DAY + timedelta(days=9))
    assert client.get(address).data != first.data


def ids_of(number: int, salt: str = "") -> list[str]:
    """Ids as articles have them, newest first."""
    return [str(uuid.uuid5(uuid.NAMESPACE_OID, f"{salt} {one}")) for one in range(number, 0, -1)]


def walk(ids: list[str], limit: int) -> list[tuple[str, ...]]:
    """The older pages behind the newest `limit`."""
    pages, start = [], limit
    while start < len(ids):
        end = start + length(ids[start : start + limit + 1], limit)
        pages.append(tuple(ids[start:end]))
        start = end
    return pages


@given(st.integers(0, 300), st.integers(1, 60), st.text(max_size=5))
def test_a_walk_meets_every_article_once_in_order(number: int, limit: int, salt: str) -> None:
    ids = ids_of(number, salt)
    pages = walk(ids, limit)
    assert [one for page in pages for one in page] == ids[limit:]
    assert all(len(page) <= limit for page in pages)
    assert all(len(page) > limit // 4 for page in pages[:-1])


@given(st.lists(st.uuids().map(str), unique=True, max_size=40), st.integers(1, 20))
def test_a_page_ends_where_the_articles_say_however_many_are_known(ids: list[str], limit: int) -> None:
    end = length(ids, limit)
    assert 0 <= end <= min(limit, len(ids))
    assert length(ids[: limit + 1], limit) == end


@pytest.mark.parametrize("limit", [7, 30, 50])
@pytest.mark.parametrize("arrived", [1, 2, 5, 20, 60])
def test_arrivals_leave_all_but_the_first_pages_alone(limit: int, arrived: int) -> None:
    for salt in map(str, range(20)):
        before, after = (walk(ids_of(number, salt), limit) for number in (1000, 1000 + arrived))
        new = [page for page in after if page not in before]
        assert after[: len(new)] == new  # the others are the last ones, in the same order
        assert len(new) <= 8 + 3 * arrived // limit


def test_a_withdrawal_leaves_all_but_the_next_pages_alone() -> None:
    ids = ids_of(1000)
    before = walk(ids, 50)
    for place in range(100, 1000, 37):
        after = walk(ids[:place] + ids[place + 1 :], 50)
        assert sum(page not in before for page in after) <= 8


def test_pages_of_a_feed_stay_as_articles_arrive(library: FakeLibrary, client: FlaskClient) -> None:
    library = FakeLibrary(make_filed(number) for number in range(1, 200))
    client = paged_client(library, 9)

    def pages() -> dict[str, bytes]:
        found, address = {}, "/latest.atom"
        while address:
            found[address] = client.get(address).data
            address = (titles_and_next(client, address)[1] or "").removeprefix(SITE)
        return found

    before = pages()
    library.put(make_filed(200))
    after = pages()
    assert len(after) > 30
    assert sum(before.get(address) != document for address, document in after.items()) <= 6
