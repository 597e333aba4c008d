"""Validators, encodings and caching headers, through the whole application."""

import gzip
from datetime import UTC, datetime, timedelta

import brotli
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feeds import create_app
from feeds.http import caching
from feeds.representation import MIN_COMPRESSED
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import make_config, make_filed

PATHS = ["/latest.rss", "/latest.atom", "/latest.json", "/sources/harbour-light.rss"]
CHANGED = datetime(2024, 5, 2, 14, 30, 0, 250_000, tzinfo=UTC)
LAST_MODIFIED = "Thu, 02 May 2024 14:30:00 GMT"


@pytest.fixture
def library() -> FakeLibrary:
    text = "<p>" + "The tide comes and goes. " * 80 + "</p>"
    return FakeLibrary([make_filed(number, content=text, changed=CHANGED) for number in (1, 2, 3)])


@pytest.fixture
def client(library: FakeLibrary) -> FlaskClient:
    return create_app(make_config(), library).test_client()


def decode(response: TestResponse) -> bytes:
    coding = response.headers.get("Content-Encoding")
    decoders = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}
    return decoders[coding](response.data)


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/latest.rss", "application/rss+xml; charset=utf-8"),
        ("/latest.atom", "application/atom+xml; charset=utf-8"),
        ("/latest.json", "application/feed+json"),
        ("/latest", "text/html; charset=utf-8"),
        ("/static/style.css", "text/css; charset=utf-8"),
        ("/favicon.ico", "image/svg+xml"),
    ],
)
@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "image/avif;q=0.1", "nonsense"])
def test_the_media_type_belongs_to_the_address(client: FlaskClient, path: str, media_type: str, accept: str) -> None:
    response = client.get(path, headers={"Accept": accept})
    assert response.status_code == 200
    assert response.headers["Content-Type"] == media_type
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_says_how_it_may_be_kept(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["Last-Modified"] == LAST_MODIFIED
    assert headers["Cache-Control"] == "public, max-age=900, stale-while-revalidate=900, stale-if-error=86400"
    assert headers["Vary"] == "Accept-Encoding, A-IM"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["ETag"].startswith('"')


@pytest.mark.parametrize("path", [*PATHS, "/", "/latest", f"/articles/{make_filed(1).id}", "/static/style.css"])
def test_head_tells_what_get_would(client: FlaskClient, path: str) -> None:
    got, head = client.get(path), client.head(path)
    assert head.status_code == 200
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)
    assert int(head.headers["Content-Length"]) == len(got.data)


# What a client sends, with {tag} for the tag it was given, and whether that is still what there is.
CONDITIONS = [
    ({"If-None-Match": '"{tag}"'}, 304),
    ({"If-None-Match": 'W/"{tag}"'}, 304),
    ({"If-None-Match": '"old", W/"{tag}" , "other"'}, 304),
    ({"If-None-Match": '"{tag}-gzip"'}, 304),
    ({"If-None-Match": 'W/"{tag}-br"'}, 304),
    ({"If-None-Match": "*"}, 304),
    ({"If-None-Match": '"old"'}, 200),
    ({"If-None-Match": '"{tag}x"'}, 200),
    ({"If-None-Match": ""}, 200),
    ({"If-Modified-Since": LAST_MODIFIED}, 304),
    ({"If-Modified-Since": "Fri, 03 May 2024 00:00:00 GMT"}, 304),
    ({"If-Modified-Since": "Thursday, 02-May-24 14:30:00 GMT"}, 304),
    ({"If-Modified-Since": "Thu, 02 May 2024 14:29:59 GMT"}, 200),
    ({"If-Modified-Since": "yesterday"}, 200),
    ({"If-None-Match": '"old"', "If-Modified-Since": LAST_MODIFIED}, 200),
    ({"If-None-Match": '"{tag}"', "If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}, 304),
    ({"Range": "bytes=0-9"}, 200),
    ({"If-Match": '"{tag}"'}, 200),
    ({"If-Match": '"old", "{tag}-gzip"'}, 200),
    ({"If-Match": "*"}, 200),
    ({"If-Match": '"old"'}, 412),
    ({"If-Match": 'W/"{tag}"'}, 412),  # which is compared strongly
    ({"If-Match": '"old"', "If-None-Match": '"{tag}"'}, 412),
    ({"If-Match": '"{tag}"', "If-None-Match": '"{tag}"'}, 304),
    ({"If-Match": '"{tag}"', "If-Unmodified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}, 200),
    ({"If-Unmodified-Since": LAST_MODIFIED}, 200),
    ({"If-Unmodified-Since": "yesterday"}, 200),
    ({"If-Unmodified-Since": "Thu, 02 May 2024 14:29:59 GMT"}, 412),
    ({"If-Unmodified-Since": "Thu, 02 May 2024 14:29:59 GMT", "If-None-Match": '"{tag}"'}, 412),
]


@pytest.mark.parametrize(("headers", "status"), CONDITIONS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_conditional_requests(client: FlaskClient, method: str, headers: dict[str, str], status: int) -> None:
    first = client.get("/latest.rss")
    tag = first.headers["ETag"].strip('"')
    sent = {name: value.replace("{tag}", tag) for name, value in headers.items()}
    response = client.open("/latest.rss", method=method, headers=sent)
    assert response.status_code == status
    if status == 200:
        assert response.data == (first.data if method == "GET" else b"")
        return
    if status == 412:
        assert response.headers["Cache-Control"] == "no-store"
        return
    assert response.data == b""
    assert "Content-Type" not in response.headers
    assert "Content-Length" not in response.headers
    for name in ("Cache-Control", "Vary", "Last-Modified", "Access-Control-Allow-Origin"):
        assert response.headers[name] == first.headers[name]


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_304_names_the_copy_that_the_client_holds(client: FlaskClient, coding: str) -> None:
    held = client.get("/latest.atom", headers={"Accept-Encoding": coding}).headers["ETag"]
    response = client.get("/latest.atom", headers={"If-None-Match": f'"x", W/{held}'})
    assert response.status_code == 304
    assert response.headers["ETag"] == held


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("br", "br"),
        ("GZIP", "gzip"),
        ("gzip, deflate, br", "br"),
        ("gzip;q=1.0, br;q=0.5", "gzip"),
        ("gzip;q=0.2, br;q=0.4, identity;q=0.1", "br"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, gzip;q=0", None),
        ("*", "br"),
        ("br;q=0, *", "gzip"),
        ("*;q=0", None),
        ("identity;q=1, gzip;q=0.5", None),
        ("identity;q=0", None),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("zstd, deflate", None),
        ("gzip;q=much", None),
        (";;,,=", None),
    ],
)
def test_the_client_chooses_the_encoding(client: FlaskClient, accepted: str | None, coding: str | None) -> None:
    plain = client.get("/latest.rss")
    headers = {} if accepted is None else {"Accept-Encoding": accepted}
    response = client.get("/latest.rss", headers=headers)
    assert response.status_code == 200
    assert response.headers.get("Content-Encoding") == coding
    assert response.headers["Vary"] == "Accept-Encoding, A-IM"
    assert decode(response) == plain.data
    assert int(response.headers["Content-Length"]) == len(response.data)
    assert (response.headers["ETag"] == plain.headers["ETag"]) is (coding is None)


def test_every_encoding_has_a_strong_tag_of_its_own(client: FlaskClient) -> None:
    responses = [client.get("/latest.rss", headers={"Accept-Encoding": c}) for c in ("identity", "gzip", "br")]
    tags = [response.headers["ETag"] for response in responses]
    assert len(set(tags)) == 3
    assert not any(tag.startswith("W/") for tag in tags)


def test_the_bytes_are_the_same_in_every_process(library: FakeLibrary) -> None:
    for coding in ("identity", "gzip", "br"):
        answers = [
            create_app(make_config(), library).test_client().get("/latest.rss", headers={"Accept-Encoding": coding})
            for _ in range(2)
        ]
        assert answers[0].data == answers[1].data
        assert answers[0].headers["ETag"] == answers[1].headers["ETag"]


def test_a_tiny_answer_is_not_compressed(client: FlaskClient) -> None:
    response = client.get("/static/icon.svg", headers={"Accept-Encoding": "gzip"})
    assert (len(decode(response)) >= MIN_COMPRESSED) is ("Content-Encoding" in response.headers)
    assert "Content-Encoding" not in client.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers


@pytest.mark.parametrize("path", [*PATHS, "/", "/healthz", "/articles/x", "/static/style.css"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE"])
def test_nothing_can_be_written(client: FlaskClient, path: str, method: str) -> None:
    response = client.open(path, method=method)
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}


def test_other_sites_scripts_may_ask_with_validators(client: FlaskClient) -> None:
    response = client.options("/latest.json")
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {"If-None-Match", "A-IM"} <= set(response.headers["Access-Control-Allow-Headers"].split(", "))


@pytest.mark.parametrize(
    ("ttl", "max_age", "expected"),
    [
        (2, {}, "public, max-age=120, stale-while-revalidate=120, stale-if-error=86400"),
        (600, {}, "public, max-age=300, stale-while-revalidate=36000, stale-if-error=86400"),
        (
            600,
            {"max_age": timedelta(hours=1)},
            "public, max-age=3600, stale-while-revalidate=36000, stale-if-error=86400",
        ),
    ],
)
def test_how_long_a_cache_may_keep_an_answer(ttl: int, max_age: dict[str, timedelta], expected: str) -> None:
    assert caching(timedelta(minutes=ttl), **max_age) == ("Cache-Control", expected)


def test_a_change_ends_a_304(client: FlaskClient, library: FakeLibrary) -> None:
    tag = client.get("/latest.rss").headers["ETag"]
    library.put(make_filed(4, title="News at last", changed=CHANGED + timedelta(minutes=1)))
    response = client.get("/latest.rss", headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert "News at last" in response.text
    assert response.headers["Last-Modified"] == "Thu, 02 May 2024 14:31:00 GMT"


def test_an_edit_outside_the_window_leaves_the_bytes_alone(library: FakeLibrary) -> None:
    client = create_app(make_config(limit=2), library).test_client()
    first = client.get("/latest.rss")
    library.put(make_filed(1, title="An old one, edited", changed=CHANGED + timedelta(days=1)))
    second = client.get("/latest.rss")
    assert (second.data, second.headers["Last-Modified"]) == (first.data, first.headers["Last-Modified"])


def test_a_withdrawal_moves_the_feed(client: FlaskClient, library: FakeLibrary) -> None:
    library.withdraw(make_filed(3).id, CHANGED + timedelta(hours=1))
    response = client.get("/latest.rss", headers={"If-Modified-Since": LAST_MODIFIED})
    assert response.status_code == 200
    assert "Note 3" not in response.text
    assert response.headers["Last-Modified"] == "Thu, 02 May 2024 15:30:00 GMT"


def test_an_unchanged_feed_costs_one_small_query(client: FlaskClient, library: FakeLibrary) -> None:
    client.get("/sources/harbour-light.atom")
    library.queries.clear()
    for _ in range(3):
        client.get("/sources/harbour-light.atom")
    assert library.queries == {"scope": 3}


def test_a_page_is_made_once(client: FlaskClient, library: FakeLibrary) -> None:
    for path in ("/", "/latest", "/sources/harbour-light", f"/articles/{make_filed(1).id}"):
        client.get(path)
    library.queries.clear()
    for path in ("/", "/latest", "/sources/harbour-light", f"/articles/{make_filed(1).id}"):
        assert client.get(path).status_code == 200
    assert library.queries == {"revision": 4}
