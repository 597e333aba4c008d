"""deploy/nginx-export.conf in the real nginx, with what `aggregator export` writes."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient

from aggregator.sources.media import MEDIA_TYPES
from feeds import create_app
from feeds.render import FORMATS
from feeds.views import DATA_HEADERS, PAGE_HEADERS
from tests.deploy.nginx import DEPLOY, Host, nginx
from tests.readers.server import ENVIRONMENT, ROOT
from tests.support import BODY, Place, article

NEWS = "/categories/" + quote("新闻")
FEEDS = [
    f"{path}{suffix}"
    for path in ("/latest", "/sources/source", NEWS, "/categories/" + quote("新闻/城 市"))
    for suffix in (".atom", ".rss", ".json")
]
PAGES = ["/", "/latest", "/sources/source", NEWS, NEWS + "/" + quote("城 市")]

CONFIG = """
site: {url: "https://feeds.example.com"}
sources:
  - {title: Source, path: articles, aliases: [former], link: "https://source.example/"}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    made = Place(tmp_path_factory.mktemp("service"), CONFIG)
    picture = next(ROOT.glob("seeds/hugo-blog/pictures/*.webp"))
    shutil.copy(picture, made.root / "articles" / "picture.webp")
    text = f'{BODY}<p><img src="picture.webp"></p>'
    for number in range(3):
        made.write(f"articles/{number}.md", article(f"Story {number}", f"{text}{number}", categories="[新闻, 城 市]"))
    made.scan()
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def live(place: Place) -> FlaskClient:
    return create_app(place.config, place.store).test_client()


@pytest.fixture(scope="module")
def public(place: Place) -> Path:
    """The exported files."""
    folder = place.root / "public"
    command = [sys.executable, "-m", "aggregator", "export", str(folder)]
    subprocess.run(command, cwd=place.root, env=ENVIRONMENT, check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def site(public: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    changes = {"/var/lib/aggregator/public": str(public), "# rewrite ^/news": "rewrite ^/news"}
    with nginx("nginx-export.conf", tmp_path_factory.mktemp("nginx") / "site", changes) as host:
        yield host


@pytest.mark.parametrize("coding", ["", "gzip", "br"])
@pytest.mark.parametrize("path", [*FEEDS, "/feeds.opml"])
def test_a_feed_has_the_bytes_and_type_of_the_service_in_every_encoding(
    site: Host, live: FlaskClient, path: str, coding: str
) -> None:
    direct, answer = live.get(path), site.get(path, accept_encoding=coding)

    assert (answer.status, answer["Content-Encoding"], answer.text) == (200, coding, direct.text)
    assert answer["Content-Type"] == direct.content_type
    assert answer["Vary"] == "Accept-Encoding"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert answer["Cache-Control"].startswith("public, max-age=")


def test_every_exported_feed_is_what_the_service_answers(site: Host, live: FlaskClient, public: Path) -> None:
    paths = [quote(f"/{file.relative_to(public)}") for form in FORMATS for file in public.rglob(f"*.{form}")]

    assert len(paths) > len(FEEDS)
    for path in paths:
        assert site.get(path).body == live.get(path, follow_redirects=True).data, path


def test_the_old_address_of_a_renamed_source_leads_on(site: Host) -> None:
    assert site.get("/sources/former.atom").body == site.get("/sources/source.atom").body
    assert 'url=/sources/source"' in site.get("/sources/former").text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stands_at_its_address_without_suffix_under_the_policy_of_the_service(site: Host, path: str) -> None:
    answer = site.get(path, accept_encoding="gzip")

    assert (answer.status, answer["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert {name: answer[name] for name in PAGE_HEADERS} == PAGE_HEADERS
    assert answer["Access-Control-Allow-Origin"] == ""
    assert "<h1" in answer.text


def test_a_site_below_a_path_is_the_same(site: Host) -> None:
    assert site.get(f"/news{FEEDS[-1]}").body == site.get(FEEDS[-1]).body
    assert site.get(f"/news{NEWS}").body == site.get(NEWS).body
    assert site.get(f"/news{NEWS}/")["Location"] == f"/news{NEWS}"


def test_a_browser_gets_the_smaller_encoding(site: Host) -> None:
    assert site.get("/latest.atom", accept_encoding="gzip, deflate, br")["Content-Encoding"] == "br"


@pytest.mark.parametrize("path", ["/latest.atom", "/sources/source", "/static/style.css"])
def test_who_has_it_gets_304(site: Host, path: str) -> None:
    held = site.get(path, accept_encoding="gzip")

    assert site.get(path, accept_encoding="gzip", if_none_match=held["ETag"]).status == 304
    assert site.get(path, if_modified_since=held["Last-Modified"]).status == 304
    assert site.get(path, if_none_match='"another"').status == 200
    assert site.get(path)["ETag"] != held["ETag"], "the encodings are different bytes"


def test_what_is_not_there_is_said_on_a_page_that_nobody_keeps(site: Host) -> None:
    answer = site.get("/sources/nobody")

    assert (answer.status, answer["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Security-Policy"] == PAGE_HEADERS["Content-Security-Policy"]
    assert "<h1" in answer.text


@pytest.mark.parametrize(
    "path", ["/.aggregator-export.db", "/.nojekyll", "/404.html", "/sources", "/older/x/../../.git"]
)
def test_what_is_no_page_is_not_shown(site: Host, path: str) -> None:
    assert site.get(path).status == 404


@pytest.mark.parametrize(
    ("path", "target"),
    [
        (NEWS + "/", NEWS),
        ("/latest/", "/latest"),
        ("/latest//?lang=zh", "/latest"),
        ("//stranger.example/", None),
        ("/\\stranger.example/", None),
    ],
)
def test_a_slash_too_much_leads_to_the_page_of_this_host(site: Host, path: str, target: str | None) -> None:
    answer = site.get(path)

    assert (answer.status, answer["Location"]) == ((301, target) if target else (404, ""))


def test_pictures_come_with_their_type_and_in_parts(site: Host, live: FlaskClient) -> None:
    found = re.search(r"https://feeds\.example\.com(/media/[^\"&]+\.webp)", site.get("/latest.atom").text)
    assert found
    whole, part = site.get(found[1]), site.get(found[1], range="bytes=0-9")
    with live.get(found[1]) as direct:
        picture = direct.data

    assert (whole.status, whole["Content-Type"], whole.body) == (200, "image/webp", picture)
    assert (part.status, part.body) == (206, whole.body[:10])
    assert whole["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert site.get("/favicon.ico")["Content-Type"] == site.get("/favicon.svg")["Content-Type"] == "image/svg+xml"


def test_it_knows_the_types_of_all_media_files() -> None:
    text = (DEPLOY / "nginx-export.conf").read_text(encoding="utf-8")
    block = re.search(r"types \{[^\n]*\n(.*?)\n    \}", text, re.DOTALL)
    assert block
    types = {
        extension: media_type
        for media_type, extensions in re.findall(r"^\s+([\w/.+-]+)\s+([\w ]+);", block[1], re.MULTILINE)
        for extension in extensions.split()
    }

    ours = {"html", "css", "js", "txt", "xml", "rss", "atom", "json", "opml"}
    assert {name: types[name] for name in types.keys() - ours} == MEDIA_TYPES


@pytest.mark.parametrize("path", ["/", "/latest.atom", "/sources/source.json", "/feeds.opml", "/static/style.css",
                                  "/favicon.svg", "/sources/nobody", "/media/picture.webp"])  # fmt: skip
def test_browsers_are_told_what_the_service_tells_them(site: Host, live: FlaskClient, path: str) -> None:
    if path.startswith("/media/"):
        found = re.search(r"https://feeds\.example\.com(/media/[^\"&]+\.webp)", site.get("/latest.atom").text)
        assert found
        path = found[1]
    with live.get(path) as direct:
        told = {name: direct.headers.get(name, "") for name in {*PAGE_HEADERS, *DATA_HEADERS}}
    answer = site.get(path)
    assert {name: answer[name] for name in told} == told
