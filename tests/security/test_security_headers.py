"""What browsers are told of every answer there is: whatever route, method and status."""

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aggregator.sources import media_key
from feeds import create_app
from feeds.views import DATA_HEADERS, PAGE_HEADERS
from tests.support import BODY, Place, article

# An address of each route that answers 200. A new route needs one here.
ADDRESSES = {
    "/": "/",
    "/articles/<article_id>": "/articles/{id}",
    "/older/<token>/<path:path>": "/older/f_________9__________w/latest",
    "/<path:path>": "/latest.atom",
    "/static/<name>": "/static/style.css",
    "/favicon.svg": "/favicon.svg",
    "/favicon.ico": "/favicon.ico",
    "/media/<key>/<path:path>": "/media/{key}/a.png",
    "/healthz": "/healthz",
    "/readyz": "/readyz",
    "/metrics": "/metrics",
    "/feeds.opml": "/feeds.opml",
    "/robots.txt": "/robots.txt",
    "/sitemap.xml": "/sitemap.xml",
    "/sitemap-<number>.xml": "/sitemap-1.xml",
    "/search": "/search?q=river",
    "/search.<any(rss, atom, json):suffix>": "/search.json?q=river",
    "/older/<token>/search.<any(rss, atom, json):suffix>": "/older/f_________9__________w/search.rss?q=river",
    "/opensearch.xml": "/opensearch.xml",
    "/status": "/status",
    "/status.json": "/status.json",
}
OTHERS = (
    "/latest",
    "/latest.rss",
    "/latest.json",
    "/sources/source",
    "/categories/文.atom",
    "/search",
    "/latest?lang=en",
    "/media/{key}/a.svg",
    "/media/{key}/a.mp4",
    "/media/{key}/a.pdf",
    "/older/f_________9__________w/latest.atom",
)
REFUSED = {
    "/latest.ATOM": 301,
    "/latest/": 301,
    "/nothing": 404,
    "/sources/nobody.atom": 404,
    "/search.atom": 400,
    "/media/{key}/none.png": 404,
    "/search?q=a&page=99": 404,
    "/latest?" + "a" * 8000: 414,
}
OPEN = (
    "/latest.",
    "/sources/source.",
    "/categories/文.",
    "/older/f_________9__________w/latest.",
    "/search.json",
    "/older/f_________9__________w/search.",
    "/feeds.opml",
    "/robots.txt",
    "/sitemap",
    "/opensearch.xml",
    "/media/",
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    place = Place(tmp_path_factory.mktemp("site"))
    place.write("articles/a.md", article("A river", BODY, categories="[文]"))
    for name in ("a.png", "a.svg", "a.mp4", "a.pdf"):
        place.write(f"articles/{name}", b"x")
    place.scan()
    app = create_app(place.config, place.store)
    app.config["NAMES"] = {"id": place.only().id, "key": media_key("articles")}
    yield app
    place.store.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def filled(app: Flask, address: str) -> str:
    return address.format(**app.config["NAMES"]) if "{" in address else address


def judge(headers: Mapping[str, str], media_type: str) -> None:
    """Nothing sniffs, refers, frames, or runs what it should not."""
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    if media_type == "text/html":
        assert {name: headers[name] for name in PAGE_HEADERS} == PAGE_HEADERS
        for word in ("unsafe-inline", "unsafe-eval", "script-src *", "default-src *"):
            assert word not in headers["Content-Security-Policy"]
    elif media_type == "image/svg+xml" and "Cross-Origin-Resource-Policy" in headers:
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; ")
        assert headers["Content-Security-Policy"].endswith("; sandbox")
    elif not media_type.startswith(("image/", "video/", "audio/", "application/pdf")):
        assert headers["Content-Security-Policy"] == DATA_HEADERS["Content-Security-Policy"]


def test_every_route_is_looked_at(app: Flask) -> None:
    assert {rule.rule for rule in app.url_map.iter_rules()} == set(ADDRESSES)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "TRACE"])
@pytest.mark.parametrize("address", [*ADDRESSES.values(), *OTHERS])
def test_whatever_the_method(app: Flask, client: FlaskClient, address: str, method: str) -> None:
    path = filled(app, address)
    with client.open(path, method=method) as answer:
        assert answer.status_code == (405 if method in ("POST", "TRACE") else 200)
        if method != "OPTIONS":
            judge(answer.headers, answer.mimetype)
        is_open = path.startswith(tuple(filled(app, one) for one in OPEN))
        if method in ("GET", "HEAD"):
            assert answer.headers.get("Access-Control-Allow-Origin") == ("*" if is_open else None)
        etag = answer.headers.get("ETag")
    if method == "GET" and etag:
        with client.get(path, headers={"If-None-Match": etag}) as unchanged:
            assert unchanged.status_code == 304
            judge(unchanged.headers, answer.mimetype)


@pytest.mark.parametrize(("address", "status"), REFUSED.items())
def test_refusals_and_redirects_too_and_pages_of_others_may_see_them(
    app: Flask, client: FlaskClient, address: str, status: int
) -> None:
    answer = client.get(filled(app, address))
    assert answer.status_code == status
    judge(answer.headers, answer.mimetype if answer.status_code != 301 else "")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


def test_a_failure_too(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("canary")

    monkeypatch.setattr("feeds.publisher.Publisher.find", fail)
    answer = client.get("/sources/source.atom")
    assert answer.status_code == 500
    judge(answer.headers, answer.mimetype)
    assert b"canary" not in answer.data


def test_no_cookie_goes_to_scripts_or_other_sites(client: FlaskClient) -> None:
    (cookie,) = client.get("/?lang=en").headers.getlist("Set-Cookie")
    assert {"HttpOnly", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}
