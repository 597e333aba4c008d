"""`A-IM: feed` (RFC 3229): an answer with only what is new since the version that a client names."""

import gzip
import json
from collections.abc import Callable
from datetime import datetime, timedelta

import brotli
import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from feeds import create_app
from feeds.delta import Version, frame, oldest
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import DAY, HARBOUR, make_config, make_filed

LONG = "<p>" + "The tide comes and goes. " * 80 + "</p>"
WHOLE = 4  # articles that are there at first


def at(hour: float) -> datetime:
    return DAY + timedelta(days=10, hours=hour)


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(make_filed(number, content=LONG, changed=at(0)) for number in range(1, WHOLE + 1))


@pytest.fixture
def app(library: FakeLibrary) -> Flask:
    return create_app(make_config(limit=6), library)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def put(library: FakeLibrary, number: int, hour: float) -> None:
    library.put(make_filed(number, content=LONG, changed=at(hour)))


def tag_of(client: FlaskClient, path: str = "/latest.rss") -> str:
    return client.get(path).headers["ETag"]


def ask(client: FlaskClient, tag: str, path: str = "/latest.rss", a_im: str = "feed", **headers: str) -> TestResponse:
    return client.get(path, headers={"If-None-Match": tag, "A-IM": a_im, **headers})


def titles(response: TestResponse) -> list[str]:
    coding = response.headers.get("Content-Encoding")
    body = {None: bytes, "gzip": gzip.decompress, "br": brotli.decompress}[coding](response.data)
    if response.headers["Content-Type"] == "application/feed+json":
        return [item["title"] for item in json.loads(body)["items"]]
    parsed = feedparser.parse(body)
    assert not parsed.bozo
    return [entry.title for entry in parsed.entries]


@pytest.mark.parametrize("path", ["/latest.rss", "/latest.atom", "/latest.json", "/sources/harbour-light.rss"])
def test_only_what_is_new(client: FlaskClient, library: FakeLibrary, path: str) -> None:
    tag = tag_of(client, path)
    put(library, 5, 1)
    put(library, 2, 2)
    response = ask(client, tag, path)
    assert response.status_code == 226
    assert response.headers["IM"] == "feed"
    assert response.headers["Delta-Base"] == tag
    assert titles(response) == ["Note 5", "Note 2"]
    full = client.get(path)
    for name in ("ETag", "Last-Modified", "Content-Type", "Access-Control-Allow-Origin", "Vary"):
        assert response.headers[name] == full.headers[name]
    again = ask(client, response.headers["ETag"], path)
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_said_of_the_feed_is_said_as_ever(client: FlaskClient, library: FakeLibrary) -> None:
    for number in range(5, 9):
        put(library, number, 1)
    tag = tag_of(client, "/latest.atom")
    put(library, 9, 2)
    part, full = (
        feedparser.parse(r.data).feed for r in (ask(client, tag, "/latest.atom"), client.get("/latest.atom"))
    )
    assert part == full  # id, title, updated, and where the older pages are


# What happens between two requests, and the answer to the second: its status, and the articles in it.
CHANGES: dict[str, tuple[Callable[[FakeLibrary], object], int, list[int]]] = {
    "nothing": (lambda library: None, 304, []),
    "one more": (lambda library: put(library, 5, 1), 226, [5]),
    "one in the same instant": (lambda library: put(library, 5, 0), 226, [5]),
    "one after the clock was set back": (lambda library: put(library, 5, -3), 226, [5]),
    "a batch of one time": (lambda library: [put(library, number, 1) for number in (5, 6)], 226, [6, 5]),
    "an edit": (lambda library: put(library, 1, 1), 226, [1]),
    "more than a feed holds": (
        lambda library: [put(library, number, number) for number in range(5, 15)],
        226,
        [14, 13, 12, 11, 10, 9],
    ),
    "an article dated long ago": (
        lambda library: library.put(make_filed(5, published=DAY, arrived=10**17, changed=at(1))),
        226,
        [5],
    ),
    "a withdrawal": (lambda library: library.withdraw(make_filed(4).id, at(1)), 200, [3, 2, 1]),
    "a withdrawal and one more": (
        lambda library: [library.withdraw(make_filed(4).id, at(1)), put(library, 5, 2)],
        200,
        [5, 3, 2, 1],
    ),
    "the source's name": (
        lambda library: [
            library.put(make_filed(n, type(HARBOUR)("harbour-light", "Harbour"), content=LONG, changed=at(0)))
            for n in range(1, 5)
        ],
        200,
        [4, 3, 2, 1],
    ),
}


@pytest.mark.parametrize(("change", "status", "numbers"), CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
def test_no_article_is_missed(
    client: FlaskClient,
    library: FakeLibrary,
    suffix: str,
    change: Callable[[FakeLibrary], object],
    status: int,
    numbers: list[int],
) -> None:
    path = f"/latest.{suffix}"
    tag = tag_of(client, path)
    change(library)
    response = ask(client, tag, path)
    assert response.status_code == status
    if status != 304:
        assert titles(response) == [f"Note {number}" for number in numbers]


def test_one_that_takes_the_place_of_a_withdrawn_one_is_new(library: FakeLibrary) -> None:
    client = create_app(make_config(limit=2), library).test_client()
    tag = tag_of(client)
    library.withdraw(make_filed(4).id, at(1))
    put(library, 5, 2)
    assert titles(ask(client, tag)) == ["Note 5", "Note 3"]
    library.withdraw(make_filed(5).id, at(3))
    assert titles(ask(client, tag)) == ["Note 3", "Note 2"]


def test_an_empty_feed_is_a_version_too() -> None:
    library = FakeLibrary()
    client = create_app(make_config(), library).test_client()
    tag = tag_of(client)
    put(library, 1, 1)
    assert (ask(client, tag).status_code, titles(ask(client, tag))) == (226, ["Note 1"])


def test_any_process_can_tell(app: Flask, library: FakeLibrary) -> None:
    tag = tag_of(app.test_client())
    put(library, 5, 1)
    here, there = (ask(one.test_client(), tag) for one in (app, create_app(make_config(limit=6), library)))
    assert here.status_code == 226
    assert (here.data, dict(here.headers)) == (there.data, dict(there.headers))


def test_a_feed_that_holds_more_by_now_is_sent_whole(library: FakeLibrary) -> None:
    tag = tag_of(create_app(make_config(limit=2), library).test_client())
    put(library, 5, 1)
    response = ask(create_app(make_config(limit=6), library).test_client(), tag)
    assert (response.status_code, len(titles(response))) == (200, 5)


def test_the_tag_of_another_feed_says_nothing(client: FlaskClient, library: FakeLibrary) -> None:
    tag = tag_of(client, "/latest.rss")
    put(library, 5, 1)
    assert ask(client, tag, "/sources/harbour-light.rss").status_code == 200


# The client's If-None-Match, with {old}, {older} and {now} for tags it was given, and the answer.
TAGS = [
    ('"{old}"', 226, "{old}"),
    ('W/"{old}"', 226, "{old}"),
    ('"{old}-gzip"', 226, "{old}-gzip"),
    ('W/"{old}-br"', 226, "{old}-br"),
    ('"x", "{old}" , W/"y"', 226, "{old}"),
    ('"{old}", "{older}"', 226, "{older}"),
    ('"{older}", W/"{old}"', 226, "{older}"),
    ('"{old}", "{now}"', 304, ""),
    ("*", 304, ""),
    ('"{now}-br"', 304, ""),
    ('"x"', 200, ""),
    ('""', 200, ""),
    ("", 200, ""),
    ("{old}", 226, "{old}"),
    ('"{old}x"', 200, ""),
    ('"x{old}"', 200, ""),
    ('"00000000000000000000000000000000"', 200, ""),
    ('"00000000000000000000000000000000.0.0.00000000"', 200, ""),
    ('"{hash}.0.0.{frame}"', 226, "{hash}.0.0.{frame}"),
    ('"{hash}.fffffffffffffff.0.{frame}"', 200, ""),
    ('"{hash}.6fffffffffffff.0.{frame}"', 200, ""),
    ('"{hash}.-1.0.{frame}"', 200, ""),
    ('"{hash}.٣.0.{frame}"', 200, ""),
]


@pytest.mark.parametrize(("sent", "status", "base"), TAGS)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_tags_that_a_client_holds(
    client: FlaskClient, library: FakeLibrary, method: str, sent: str, status: int, base: str
) -> None:
    older = tag_of(client).strip('"')
    put(library, 5, 1)
    old = tag_of(client).strip('"')
    put(library, 6, 2)
    now = tag_of(client).strip('"')
    known = {"old": old, "older": older, "now": now, "hash": "0" * 32, "frame": old.rpartition(".")[2]}
    for name, value in known.items():
        sent, base = sent.replace(f"{{{name}}}", value), base.replace(f"{{{name}}}", value)
    response = client.open("/latest.rss", method=method, headers={"If-None-Match": sent, "A-IM": "feed"})
    assert response.status_code == status
    assert response.headers.get("Delta-Base", "").strip('"') == base
    if status == 226 and method == "GET":
        expected = {old: ["Note 6"], older: ["Note 6", "Note 5"]}
        assert titles(response) == expected.get(base.partition("-")[0], [f"Note {n}" for n in range(6, 0, -1)])


@pytest.mark.parametrize(
    ("a_im", "status"),
    [
        ("feed", 226),
        ("Feed", 226),
        ("vcdiff, feed;q=0.5, gzip", 226),
        ("feed;q=0", 200),
        ("gzip", 200),
        ("feeds", 200),
        ("*", 200),
        ("", 200),
        (";;q=,=", 200),
    ],
)
def test_only_who_asks_for_it_gets_a_part(client: FlaskClient, library: FakeLibrary, a_im: str, status: int) -> None:
    tag = tag_of(client)
    put(library, 5, 1)
    assert ask(client, tag, a_im=a_im).status_code == status


def test_without_a_version_there_is_no_delta(client: FlaskClient) -> None:
    assert client.get("/latest.rss", headers={"A-IM": "feed"}).status_code == 200
    since = {"A-IM": "feed", "If-Modified-Since": "Mon, 01 Jan 2024 00:00:00 GMT"}
    assert client.get("/latest.rss", headers=since).status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "br"])
def test_a_delta_is_compressed_as_ever(client: FlaskClient, library: FakeLibrary, coding: str) -> None:
    accept = {"Accept-Encoding": coding}
    tag = client.get("/latest.rss", headers=accept).headers["ETag"]
    put(library, 5, 1)
    response = ask(client, tag, **accept)
    assert (response.status_code, response.headers["Content-Encoding"]) == (226, coding)
    assert titles(response) == ["Note 5"]
    assert response.headers["ETag"] == client.get("/latest.rss", headers=accept).headers["ETag"]
    head = client.head("/latest.rss", headers={"If-None-Match": tag, "A-IM": "feed", **accept})
    assert dict(head.headers) == dict(response.headers)
    assert (head.status_code, head.data) == (226, b"")


def test_shared_caches_keep_out(client: FlaskClient, library: FakeLibrary) -> None:
    tag = tag_of(client)
    public = client.get("/latest.rss").headers["Cache-Control"]
    assert public.startswith("public, ")
    first = client.get("/latest.rss", headers={"A-IM": "feed"})
    unchanged = ask(client, tag)
    put(library, 5, 1)
    delta = ask(client, tag)
    assert [response.status_code for response in (first, unchanged, delta)] == [200, 304, 226]
    for response in (first, unchanged):
        directives = response.headers["Cache-Control"].split(", ")
        assert "private" in directives
        assert "public" not in directives
        assert any(directive.startswith("max-age=") for directive in directives)
    assert delta.headers["Cache-Control"] == "no-store"
    for response in (first, unchanged, delta, client.get("/latest.rss")):
        assert response.headers["Vary"] == "Accept-Encoding, A-IM"
    assert "A-IM" not in client.get("/latest").headers["Vary"]


def test_a_delta_is_made_once_for_all_who_hold_a_version(client: FlaskClient, library: FakeLibrary) -> None:
    tag = tag_of(client)
    put(library, 5, 1)
    ask(client, tag)
    library.queries.clear()
    for _ in range(3):
        assert ask(client, f'"x", W/{tag}').status_code == 226
    assert library.queries == {"scope": 3}


def test_versions_are_told_apart_by_what_decides_the_content() -> None:
    frames = {frame("latest", 50), frame("latest", 51), frame("sources/a", 50)}
    assert len(frames) == 3
    tag = f"{'0' * 32}.{Version(DAY, 255, frame('latest', 50))}"
    assert oldest([tag], frame("latest", 50)) == (tag, Version(DAY, 255, frame("latest", 50)))
    assert oldest([tag], frame("latest", 51)) is None
