"""deploy/nginx-proxy.conf in the real nginx, with the real service behind it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

import pytest
from flask import Flask, request

from feeds import create_app
from tests.deploy.nginx import Host, nginx, serving
from tests.readers.server import free_port, running
from tests.support import BODY, OTHER, Place, article
from tests.watcher.waiting import eventually

FEEDS = ("/latest.atom", "/latest.rss", "/latest.json", "/categories/" + quote("新闻") + ".atom", "/feeds.opml")
PAGES = ("/", "/latest", "/sources/source", "/search", "/static/style.css", "/robots.txt", "/sitemap-0.xml")
UPSTREAM = "server 127.0.0.1:8000;"
CACHE = "/var/cache/aggregator-nginx"

CONFIG = """
site: {{url: "https://feeds.example.com"}}
server: {{port: {port}, workers: 1}}
sources:
  - {{title: Source, slug: source, aliases: [former], path: articles, link: "https://source.example/"}}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("service"), CONFIG.format(port=free_port()))
    for number in range(3):
        made.write(f"articles/{number}.md", article(f"Story {number}", f"{BODY}{number}", categories="[新闻]"))
    made.scan()
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def live(place: Place) -> Iterator[Host]:
    """The service itself."""
    port = place.config.server.port
    with running("serve", place.root, f"http://127.0.0.1:{port}"):
        yield Host(port)


@pytest.fixture(scope="module")
def proxy(live: Host, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    with in_front_of(live.port, tmp_path_factory.mktemp("nginx")) as host:
        yield host


@contextmanager
def in_front_of(port: int, folder: Path, more: Mapping[str, str] = MappingProxyType({})) -> Iterator[Host]:
    changes = {UPSTREAM: f"server 127.0.0.1:{port};", CACHE: str(folder / "cache"), **more}
    with nginx("nginx-proxy.conf", folder / "site", changes) as host:
        yield host


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
@pytest.mark.parametrize("path", [*FEEDS, *PAGES])
def test_the_cache_answers_with_the_very_bytes_of_the_service(
    proxy: Host, live: Host, path: str, coding: str
) -> None:
    direct = live.get(path, accept_encoding=coding)
    first, second = proxy.get(path, accept_encoding=coding), proxy.get(path, accept_encoding=coding)

    assert (first.status, second["X-Cache"]) == (200, "HIT")
    for answer in (first, second):
        assert answer.body == direct.body
        for name in ("Content-Type", "Content-Encoding", "ETag", "Last-Modified", "Cache-Control", "Vary",
                     "Access-Control-Allow-Origin", "Content-Security-Policy", "X-Content-Type-Options"):  # fmt: skip
            assert answer[name] == direct[name], name


def test_browsers_that_differ_only_in_words_share_a_copy(proxy: Host) -> None:
    proxy.get("/latest?of=browsers", accept_encoding="gzip, deflate, br")
    same = ("br", "gzip;q=0.5,br;q=0.4", "deflate, gzip, br, zstd", "*;q=0.1, br;q=1.0")
    others = ("gzip", "br;q=0, gzip", "gzip, br ; q=0.000", "brotli, gzip", "identity")

    found = {words: proxy.get("/latest?of=browsers", accept_encoding=words) for words in (*same, *others)}

    assert {words: found[words]["Content-Encoding"] for words in same} == dict.fromkeys(same, "br")
    assert all(found[words]["X-Cache"] == "HIT" for words in same)
    wanted = dict.fromkeys(others, "gzip") | {"identity": ""}
    assert {words: found[words]["Content-Encoding"] for words in others} == wanted


def test_nothing_varies_by_what_the_cache_key_does_not_hold(live: Host) -> None:
    """nginx-proxy.conf keeps copies by encoding and language, and lets clients with A-IM pass by."""
    for path in (*FEEDS, *PAGES, "/articles/none", "/search.atom?q=river", "/opensearch.xml", "/healthz"):
        varies = {name.strip() for name in live.get(path)["Vary"].split(",") if name.strip()}
        assert varies <= {"Accept-Encoding", "A-IM", "Cookie"}, path


@pytest.mark.parametrize("path", ["/latest.atom", "/latest.json", "/sources/source"])
def test_a_reader_that_has_it_gets_304(proxy: Host, path: str) -> None:
    held = proxy.get(path, accept_encoding="gzip")

    by_tag = proxy.get(path, accept_encoding="gzip", if_none_match=held["ETag"])
    other = proxy.get(path, accept_encoding="gzip", if_none_match='"another"')

    assert (by_tag.status, by_tag.body, by_tag["ETag"]) == (304, b"", held["ETag"])
    assert other.status == 200
    if held["Last-Modified"]:
        assert proxy.get(path, if_modified_since=held["Last-Modified"]).status == 304
        assert proxy.get(path, if_modified_since="Mon, 01 Jan 2001 00:00:00 GMT").status == 200


def test_only_who_asks_for_a_delta_gets_one(proxy: Host, place: Place) -> None:
    held = proxy.get("/sources/source.atom")
    place.later(minutes=5)
    place.write("articles/news.md", article("Breaking story", OTHER, "Fri, 20 Nov 2026 12:01:00 GMT"))
    place.scan()

    delta = proxy.get("/sources/source.atom", a_im="feed", if_none_match=held["ETag"])
    whole = proxy.get("/sources/source.atom", a_im="feed")
    plain = proxy.get("/sources/source.atom", if_none_match='"another"')
    same = proxy.get("/sources/source.atom", a_im="feed", if_none_match=delta["ETag"])

    assert (delta.status, delta["IM"], delta.text.count("<entry>")) == (226, "feed", 1)
    assert (whole.status, whole.text.count("<entry>")) == (200, 4)
    assert (plain.status, plain.text, plain["X-Cache"]) == (200, held.text, "HIT")
    assert same.status == 304
    assert proxy.get("/sources/source.json").text.count("Breaking story") == 1


def test_head_fills_the_cache_and_has_no_body(proxy: Host) -> None:
    first = proxy.get("/latest.rss?by=head", "HEAD")
    whole = proxy.get("/latest.rss?by=head")

    assert (first.status, first.body, whole["X-Cache"]) == (200, b"", "HIT")
    assert first["ETag"] == whole["ETag"]
    assert int(whole["Content-Length"]) == len(whole.body)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/sources/former.atom", 301),
        ("/sources/former", 301),
        ("/sources/nobody.atom", 404),
        ("/articles/none", 404),
        ("/older/nonsense/latest.atom", 404),
        ("/search.atom", 400),
        ("/healthz", 200),
        ("/readyz", 200),
    ],
)
def test_what_is_no_feed_comes_as_the_service_says_it(proxy: Host, live: Host, path: str, status: int) -> None:
    direct, answer = live.get(path), proxy.get(path)

    assert (answer.status, answer["Location"], answer.body) == (status, direct["Location"], direct.body)
    assert proxy.get(path)["X-Cache"] != "HIT"


def test_pages_come_in_the_language_that_the_visitor_chose(proxy: Host) -> None:
    english, chinese = proxy.get("/latest", cookie="lang=en"), proxy.get("/latest", cookie="a=b; lang=zh")
    chosen = proxy.get("/latest?lang=zh")

    assert 'lang="en"' in english.text
    assert 'lang="zh-CN"' in chinese.text
    assert chosen["Set-Cookie"].startswith("lang=zh")
    assert proxy.get("/latest?lang=zh")["X-Cache"] != "HIT"
    assert 'lang="en"' in proxy.get("/latest").text


def test_an_emptied_cache_is_filled_anew(live: Host, tmp_path: Path) -> None:
    """What docs/operating.md says to do when a story was taken down: `find … -type f -delete`."""
    with in_front_of(live.port, tmp_path) as proxy:
        proxy.get("/latest.atom")
        before = proxy.get("/latest.atom")
        for copy in filter(Path.is_file, (tmp_path / "cache").rglob("*")):
            copy.unlink()
        after = proxy.get("/latest.atom")

    assert (before["X-Cache"], after["X-Cache"]) == ("HIT", "MISS")
    assert after.body == before.body


def test_searches_are_rationed(proxy: Host) -> None:
    paths = (
        f"{path}?q=word{number}" for number in range(5) for path in ("/search", "/search.atom", "/older/x/search.rss")
    )
    statuses = [proxy.get(path).status for path in paths]

    assert statuses[:3] == [200, 200, 404]
    assert statuses[-2:] == [429, 429]
    assert proxy.get("/latest.atom").status == 200


def test_a_stranger_sees_no_metrics_not_even_below_a_path(live: Host, tmp_path: Path) -> None:
    """As if this machine were another one, and `site.url` had a path."""
    changes = {"allow 127.0.0.1;": "", "# rewrite ^/news": "rewrite ^/news"}
    with in_front_of(live.port, tmp_path, changes) as stranger:
        for path in ("/metrics", "/status", "/status.json"):
            assert stranger.get(path).status == stranger.get(f"/news{path}").status == 403
        for path in ("/", *FEEDS):
            assert stranger.get(f"/news{path}").body == live.get(path).body
        held = live.get(FEEDS[0])["ETag"]
        assert stranger.get(f"/news{FEEDS[0]}", a_im="feed", if_none_match=held).status == 304


def test_an_edit_shows_when_the_old_copy_is_due_and_a_dead_service_is_not_noticed(
    place: Place, tmp_path: Path
) -> None:
    """Feeds that keep for a second, so that this takes a few."""
    feeds = place.config.feeds.model_copy(update={"ttl": timedelta(seconds=1)})
    app = create_app(place.config.model_copy(update={"feeds": feeds}), place.store)
    with ExitStack() as stack:
        with serving(app) as service:
            proxy = stack.enter_context(in_front_of(service.port, tmp_path))
            old = proxy.get("/latest.atom")
            place.write("articles/0.md", article("Story 0, corrected", f"{BODY}0", categories="[新闻]"))
            place.later(minutes=5)
            place.scan()
            eventually(lambda: "corrected" in proxy.get("/latest.atom").text)
        eventually(lambda: proxy.get("/latest.atom")["X-Cache"] == "STALE")
        answer = proxy.get("/latest.atom")
        unknown = proxy.get("/latest.rss")

    assert "corrected" not in old.text
    assert (answer.status, "corrected" in answer.text) == (200, True)
    assert unknown.status == 502


def test_the_service_is_told_the_client_s_address_and_not_what_the_client_says(tmp_path: Path) -> None:
    app = Flask("echo")
    app.add_url_rule("/<path:_>", "echo", lambda _: request.headers.get("X-Forwarded-For", "none"))
    with serving(app) as echo, in_front_of(echo.port, tmp_path) as host:
        assert host.get("/search", x_forwarded_for="8.8.8.8, 9.9.9.9").text == "127.0.0.1"
        assert host.get("/latest", X_Forwarded_For="8.8.8.8").text == "127.0.0.1"
