"""What metrics tell of requests, and /metrics itself."""

from collections.abc import Callable
from datetime import timedelta
from random import Random

import pytest
from flask.testing import FlaskClient

from aggregator import metrics
from aggregator.errors import OverloadError
from feeds import create_app
from feeds.cache import Cache
from feeds.metrics import Routes
from feeds.representation import Representation
from tests.monitoring.exposition import Figures, figure, labels_of, read
from tests.support import BODY, Place, article

Told = Callable[..., Figures]

RULES = (
    "/",
    "/<path:path>",
    "/older/<token>/<path:path>",
    "/older/<token>/search.<any(rss, atom, json):suffix>",
    "/search",
    "/search.<any(rss, atom, json):suffix>",
    "/articles/<article_id>",
    "/media/<key>/<path:path>",
    "/sitemap.xml",
    "/sitemap-<number>.xml",
    "/healthz",
)


@pytest.fixture
def client(tmp_path: object, told: Told) -> FlaskClient:
    place = Place(tmp_path)  # type: ignore[arg-type]
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    return create_app(place.config, place.store).test_client()


@pytest.mark.parametrize(
    ("path", "route"),
    [
        ("/", "/"),
        ("/latest", "/latest"),
        ("/latest/", "/latest"),
        ("/latest.atom", "/latest.atom"),
        ("/latest.ATOM", "/latest.atom"),
        ("/latest.pdf", "other"),
        ("/sources/a", "/sources/<slug>"),
        ("/sources/a.json", "/sources/<slug>.json"),
        ("/sources/a.b", "/sources/<slug>"),
        ("/categories/a/b/c.rss", "/categories/<path>.rss"),
        ("/feeds/stars.atom", "/feeds/<slug>.atom"),
        ("/articles/1e57f9e6", "/articles/<article_id>"),
        ("/articles/x.atom", "/articles/<article_id>"),
        ("/media/0a/b/c.png", "/media/<key>/<path>"),
        ("/older/abc/sources/a.atom", "/older/<token>/sources/<slug>.atom"),
        ("/older/abc/search.rss", "/older/<token>/search.rss"),
        ("/older/abc/nothing", "other"),
        ("/older/abc", "other"),
        ("/older/abc/older/abc/latest", "other"),
        ("/search", "/search"),
        ("/sitemap-12.xml", "/sitemap-<number>.xml"),
        ("/sitemap-x\n.xml", "/sitemap-<number>.xml"),
        ("/sources", "other"),
        ("/.env", "other"),
        ("//", "other"),
        ("", "other"),
        ("*", "other"),
    ],
)
def test_a_path_has_a_route(path: str, route: str) -> None:
    assert Routes(RULES).find(path) == route


def test_hostile_paths_have_few_routes() -> None:
    random, routes = Random(4), Routes(RULES)
    words = [
        "sources",
        "older",
        "latest",
        "search",
        "..",
        "",
        "x" * 50,
        "\x00",
        "<path>",
        "a.atom",
        "sitemap-",
        ".xml",
    ]
    paths = ("/" + "/".join(random.choices(words, k=random.randint(1, 6))) for _ in range(20_000))
    assert len({routes.find(path) for path in paths}) < 40


def test_requests_are_counted_by_route_method_and_status(client: FlaskClient, told: Told) -> None:
    feed = client.get("/sources/source.atom")
    client.get("/sources/source.atom", headers={"If-None-Match": feed.headers["ETag"]})
    client.head("/sources/source.atom")
    client.get("/sources/../../etc/passwd.atom")
    client.get("/articles/00000000-0000-0000-0000-000000000000")
    client.post("/latest.atom")
    client.open("/latest.atom", method="BREW")
    figures = told()
    requests = {
        tuple(dict(labels)[label] for label in ("route", "method", "status")): value
        for (name, labels), value in figures.items()
        if name == "aggregator_http_requests_total"
    }
    assert requests == {
        ("/sources/<slug>.atom", "GET", "200"): 1,
        ("/sources/<slug>.atom", "GET", "304"): 1,
        ("/sources/<slug>.atom", "HEAD", "200"): 1,
        ("/sources/<slug>.atom", "GET", "404"): 1,
        ("/articles/<article_id>", "GET", "404"): 1,
        ("/latest.atom", "POST", "405"): 1,
        ("/latest.atom", "other", "405"): 1,
    }
    seconds = "aggregator_http_request_seconds_count"
    assert figure(figures, seconds, route="/sources/<slug>.atom", status="200") == 2


def test_hostile_requests_make_no_labels(client: FlaskClient, told: Told) -> None:
    for number in range(60):
        client.get(f"/{number}")
        client.get(f"/sources/{number}.atom")
        client.get(f"/search?q={number}")
        client.open("/latest", method=f"M{number}")
    figures = told()
    assert labels_of(figures, "aggregator_http_requests_total", "route") == {
        "other",
        "/sources/<slug>.atom",
        "/search",
        "/latest",
    }
    assert labels_of(figures, "aggregator_http_requests_total", "method") == {"GET", "other"}


def test_caches_tell_their_hits(told: Told) -> None:
    cache = Cache(1000, name="feeds")
    made = Representation(b"<feed/>", "text/xml")
    for revision in (1, 1, 1, 2):
        cache.get("key", revision, lambda: made)
    assert [
        figure(told(), "aggregator_cache_requests_total", cache="feeds", result=one) for one in ("hit", "made")
    ] == [2, 2]


def test_refusals_are_counted(told: Told) -> None:
    cache = Cache(1000, max_waiting=0, patience=timedelta(0))
    with pytest.raises(OverloadError):
        cache.get("key", 1, lambda: None)
    assert figure(told(), "aggregator_overload_refusals_total") == 1


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "text/plain; version=0.0.4; charset=utf-8"),
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/plain; version=0.0.4; charset=utf-8"),
        # As Prometheus 3 sends it.
        (
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,text/plain;version=1.0.0;q=0.4,*/*;q=0.2",
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        ("application/openmetrics-text;q=0.1, text/plain", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=\\r\\n;q=x", "text/plain; version=0.0.4; charset=utf-8"),
    ],
)
def test_the_format_is_the_one_that_is_asked_for(client: FlaskClient, accept: str, media_type: str) -> None:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, media_type)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.text.endswith("# EOF\n") == ("openmetrics" in media_type)


def test_what_is_scraped_is_whole(client: FlaskClient) -> None:
    client.get("/latest.atom")
    figures = read(client.get("/metrics").text)
    assert figure(figures, "aggregator_articles", source="source") == 1
    assert figure(figures, "aggregator_http_requests_total", route="/latest.atom", method="GET", status="200") == 1
    assert (
        figure(
            read(client.get("/metrics").text),
            "aggregator_http_requests_total",
            route="/metrics",
            method="GET",
            status="200",
        )
        == 1
    )
    assert client.head("/metrics").status_code == 200


def test_what_is_answered_from_memory_is_counted_too(client: FlaskClient) -> None:
    for _ in range(5):
        client.get("/latest.atom")
    figures = read(client.get("/metrics").text)
    asked = {"route": "/latest.atom", "method": "GET", "status": "200"}
    assert figure(figures, "aggregator_http_requests_total", **asked) == 5
    assert figure(figures, "aggregator_cache_requests_total", cache="answers", result="hit") == 4


def test_counting_is_cheap() -> None:
    """A request may cost microseconds where nothing was published since; see docs/metrics.md."""
    metrics.answered("/latest.atom", "GET", 200, 0.001)
    assert ("/latest.atom", "GET", 200) in metrics._answers  # no lookup by labels, which takes ten times as long
    metrics.answered("/latest.atom", "BREW", 405, 0.001)
    assert ("/latest.atom", "BREW", 405) not in metrics._answers  # nor does what clients make up pile up
