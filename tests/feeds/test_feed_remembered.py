"""The layer before Flask: byte for byte what Flask answers, and never what was true before a change."""

from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient

from aggregator.errors import StoreError
from feeds import create_app
from feeds.http import MAX_CODINGS, MAX_CONDITION, MAX_HEADER, Remembered, StartResponse
from feeds.metrics import CountedFlask
from tests.support import BODY, OTHER, Place, article

CODINGS = ("", "gzip", "br, gzip;q=0.5", "nonsense")
PATHS = ("/", "/latest", "/latest.atom", "/latest.rss", "/latest.json", "/sources/source", "/sources/source.json",
         "/categories/news.rss", "/feeds.opml", "/sitemap.xml", "/robots.txt", "/static/style.css", "/favicon.ico",
         "/healthz", "/readyz", "/nothing", "/latest.ATOM", "/latest/", "/search", "/search.atom", "/articles/x",
         "/sources/source?x=1", "/search.atom?q=river")  # fmt: skip


@pytest.fixture
def filed(place: Place) -> Place:
    place.write("articles/a.md", article("A river", BODY, categories="[news]"))
    place.scan()
    return place


def counted(place: Place) -> CountedFlask:
    app = create_app(place.config, place.store)
    assert isinstance(app, CountedFlask)
    return app


def bare(app: Flask) -> FlaskClient:
    """A client of the same app without the layer."""
    assert isinstance(app, CountedFlask)
    app._front = None
    return app.test_client()


def told(client: FlaskClient, path: str, method: str, headers: dict[str, str]) -> tuple[object, ...]:
    answer = client.open(path, method=method, headers=headers)
    return answer.status, list(answer.headers), answer.data


@pytest.mark.parametrize("path", PATHS)
def test_it_answers_as_flask_does(filed: Place, path: str) -> None:
    plain, quick = bare(create_app(filed.config, filed.store)), create_app(filed.config, filed.store).test_client()
    tags = {plain.get(path, headers={"Accept-Encoding": coding}).headers.get("ETag", "*") for coding in ("", "gzip")}
    dates = (plain.get(path).headers.get("Last-Modified", ""), "Thu, 01 Jan 1970 00:00:00 GMT")
    conditions = [{}, *({"If-None-Match": tag} for tag in sorted({*tags, '"nonsense"', "*"}))]
    conditions += [{"If-Modified-Since": date} for date in dates]
    asked = [("GET", {"Accept-Encoding": coding, **rest}) for coding, rest in product(CODINGS, conditions)]
    asked += [("HEAD", rest) for rest in conditions]
    asked += [("POST", {}), ("OPTIONS", {}), ("GET", {"Range": "bytes=0-9"}), ("GET", {"Cookie": "lang=zh"})]
    asked += [("GET", {"A-IM": "feed", "If-None-Match": tag}) for tag in tags]
    asked += [("GET", {"If-Match": '"nonsense"'}), ("GET", {"If-Unmodified-Since": dates[1]})]
    for method, headers in asked:
        expected = told(plain, path, method, headers)
        assert told(quick, path, method, headers) == expected
        assert told(quick, path, method, headers) == expected, "the second time"


def test_a_change_shows_at_the_next_request(filed: Place) -> None:
    client = create_app(filed.config, filed.store).test_client()
    before = client.get("/latest.atom")
    assert client.get("/latest.atom", headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    filed.later(minutes=1)
    filed.write("articles/b.md", article("Bread", OTHER))
    filed.scan()
    after = client.get("/latest.atom", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"Bread" in after.data


def test_what_it_keeps_is_asked_for_once(filed: Place) -> None:
    asked: list[str] = []

    def app(environ: dict[str, object], start: StartResponse) -> object:
        asked.append(str(environ["PATH_INFO"]))
        return inner._counted(environ, start)

    inner = counted(filed)
    inner._front = Remembered(app, filed.store.pulse())  # type: ignore[arg-type]
    client = inner.test_client()
    for _ in range(3):
        client.get("/latest.atom")
        client.get("/nothing")
    assert asked == ["/latest.atom", "/nothing", "/nothing", "/nothing"]
    assert list(inner._front.tally()) == [("GET", "/latest.atom", "200 OK", 2)]
    assert list(inner._front.tally()) == []


def test_hostile_requests_do_not_fill_it(filed: Place) -> None:
    app = counted(filed)
    layer, client = app._front, app.test_client()
    assert layer
    etag = client.get("/latest.atom").headers["ETag"]
    for number in range(MAX_CODINGS + 1):
        client.get("/latest.atom", headers={"Accept-Encoding": f"x{number}"})
    for number in range(20):
        client.get("/latest.atom", headers={"If-None-Match": f'"{number}"'})
        client.get(f"/latest.atom?{number}")
        client.get("/latest.atom", headers={"Cookie": f"a={number}"})
        client.get("/latest.atom", headers={"If-None-Match": f'"{"x" * MAX_CONDITION}", {etag}'})
        client.get("/latest.atom", headers={"Accept-Encoding": "x" * MAX_HEADER + str(number)})
    assert len(layer._answers) == 1
    list(layer.tally())
    client.get("/latest.atom", headers={"Accept-Encoding": "zstd, deflate;q=0.1"})
    assert [times for *_, times in layer.tally()] == [1], "nor do they keep others from what is there"


def test_what_it_keeps_is_bounded(filed: Place) -> None:
    app = counted(filed)
    size = len(app.test_client().get("/latest.atom").data)
    layer = app._front = Remembered(app._counted, filed.store.pulse(), 3 * (size + 2000))
    client = app.test_client()
    for path in PATHS:
        client.get(path)
    assert 0 < sum(answer.cost for answer in layer._answers.values()) <= 3 * (size + 2000)


def test_a_store_that_does_not_answer_is_the_apps_business(filed: Place) -> None:
    app = counted(filed)

    def silent() -> int:
        raise StoreError("gone")

    app._front = Remembered(app._counted, silent)
    assert app.test_client().get("/latest.atom").status_code == 200
