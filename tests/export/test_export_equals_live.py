"""An export is what the service would answer, and all its links lead somewhere."""

import gzip
import json
import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import brotli
import pytest
from lxml import etree, html

from feeds.export import export
from feeds.render import FORMATS
from tests.export.export_site import CONFIG, URL, ExportSite, address, walk
from tests.export.static_host import serving
from tests.support import Place
from tests.watcher.waiting import PATIENCE

FORMER = {"sources/harbor": "sources/harbour-light", "feeds/astronomy": "feeds/stars"}


def live_address(path: str) -> str:
    stem, _, suffix = path.rpartition(".")
    return address(f"{FORMER.get(stem, stem)}.{suffix}")


def test_every_feed_is_what_the_service_answers(exported: ExportSite) -> None:
    assert_every_feed_is_live(exported)


def test_so_it_is_from_postgresql(database: str, tmp_path: Path) -> None:
    site = ExportSite.filled(tmp_path, store_url=database)
    site.export()
    assert_every_feed_is_live(site)
    assert site.export().written == 0
    site.place.store.close()


def assert_every_feed_is_live(site: ExportSite) -> None:
    live = site.live()
    feeds = site.feeds()
    assert {"latest.atom", "sources/晨读.json", "categories/News/Ports & Ships.rss", "feeds/stars.rss"} < set(feeds)
    for path, file in feeds.items():
        answer = live.get(live_address(path))
        assert answer.status_code == 200, path
        assert file.read_bytes() == answer.data, path


def test_compressed_forms_are_what_the_service_answers(exported: ExportSite) -> None:
    live = exported.live()
    for path, file in exported.feeds().items():
        for coding, suffix, decode in (("gzip", ".gz", gzip.decompress), ("br", ".br", brotli.decompress)):
            variant = Path(f"{file}{suffix}").read_bytes()
            assert variant == live.get(live_address(path), headers={"Accept-Encoding": coding}).data, path
            assert decode(variant) == file.read_bytes()


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_page_of_every_feed_is_there(exported: ExportSite, suffix: str) -> None:
    live, files = exported.live(), exported.files()
    scopes = ["latest", "sources/harbour-light", "sources/晨读", "categories/News", "feeds/stars"]
    link = {"rss": 'rel="next" type="application/rss+xml"', "json": '"next_url": "'}.get(suffix, "")
    for scope in scopes:
        document = live.get(address(f"{scope}.{suffix}")).data
        if suffix == "json":
            met = list(walk(live, address(f"{scope}.json"), link))
        else:
            met = list(xml_walk(exported, address(f"{scope}.{suffix}")))
        assert document == files[f"{scope}.{suffix}"].read_bytes()
        assert {unquote(path[1:]) for path in met} <= set(files)
        if scope == "latest":
            assert len(met) > 6


def xml_walk(site: ExportSite, path: str) -> Iterator[str]:
    live = site.live()
    while path:
        yield path
        links = etree.fromstring(live.get(path).data).iter("{http://www.w3.org/2005/Atom}link")
        path = next((link.get("href") for link in links if link.get("rel") == "next"), "").removeprefix(URL)


def test_lists_are_what_the_service_answers(exported: ExportSite) -> None:
    live = exported.live()
    for path in ("feeds.opml", "robots.txt", "sitemap.xml", "sitemap-0.xml", "sitemap-1.xml", "static/style.css"):
        assert (exported.folder / path).read_bytes() == live.get(f"/{path}").data, path
    assert (exported.folder / "favicon.svg").read_bytes() == live.get("/favicon.ico").data


class Crawler:
    """Follows every link of a site as a static host serves it."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.met: dict[str, int] = {}
        self.broken: list[tuple[str, str]] = []

    def crawl(self, *starts: str) -> None:
        waiting = [(f"{self.base}{start}", "start") for start in starts]
        while waiting:
            where, found_on = waiting.pop()
            if where in self.met:
                continue
            status, media_type, body = self.get(where)
            self.met[where] = status
            if status != 200:
                self.broken.append((where, found_on))
                continue
            waiting += [(link, where) for link in self.links(where, media_type, body)]

    def get(self, where: str) -> tuple[int, str, bytes]:
        try:
            with urllib.request.urlopen(where, timeout=PATIENCE) as response:
                return response.status, response.headers["Content-Type"], response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, "", b""

    def links(self, where: str, media_type: str, body: bytes) -> Iterator[str]:
        """The links of a document that lead to the site itself."""
        for link in found_in(urlsplit(where).path, media_type, body):
            whole = urljoin(where, link.replace(URL, self.base)).partition("#")[0]
            if whole == self.base or whole.startswith(f"{self.base}/"):
                yield whole
            else:
                assert not whole.startswith(f"http://{urlsplit(self.base).netloc}"), (
                    f"{where} leaves the site: {link}"
                )


def found_in(path: str, media_type: str, body: bytes) -> Iterator[str]:
    if media_type == "text/html":
        yield from html_links(body.decode())
    elif path.endswith(".css"):
        yield from re.findall(r"url\(['\"]?([^'\")]+)", body.decode())
    elif path.endswith(".json"):
        document = json.loads(body)
        yield from (document[name] for name in ("feed_url", "next_url", "home_page_url") if name in document)
        for item in document["items"]:
            yield from (item[name] for name in ("url", "image") if name in item)
            yield from html_links(item["content_html"])
    elif path.endswith((".rss", ".atom", ".opml", ".xml")):
        for element in etree.fromstring(body).iter():
            yield from (element.get(name) for name in ("href", "url", "xmlUrl", "htmlUrl") if element.get(name))
            text = (element.text or "").strip()
            if etree.QName(element).localname in ("link", "loc", "url", "content", "encoded", "description"):
                yield from [text] if text.startswith("http") else html_links(text)


def html_links(text: str) -> Iterator[str]:
    if "<" not in text:
        return
    for element in html.fromstring(text).iter():
        yield from (value for name in ("href", "src") if (value := element.get(name)))
        if element.get("http-equiv") == "refresh":
            yield unescape(element.get("content")).partition("url=")[2]


def test_no_link_is_broken_under_a_path(exported: ExportSite) -> None:
    with serving(exported.folder, "/repo") as base:
        crawler = Crawler(base)
        former = [f"/{path}{suffix}" for path in FORMER for suffix in ("", ".rss", ".atom", ".json")]
        crawler.crawl("/", "/feeds.opml", "/sitemap.xml", "/robots.txt", "/favicon.svg", "/404", *former)
    assert crawler.broken == []
    # Whatever is there was met: nothing is left that nobody finds.
    met = {unquote(urlsplit(where).path).removeprefix("/repo/") for where in crawler.met}
    files = {path.removesuffix(".html") for path in exported.files() if not path.endswith((".gz", ".br"))}
    assert files - met == {"index"}


def test_the_crawler_finds_a_broken_link(site: ExportSite) -> None:
    site.export()
    victim = next(iter(site.files("latest.rss")))
    (site.folder / victim).unlink()
    with serving(site.folder, "/repo") as base:
        crawler = Crawler(base)
        crawler.crawl("/")
    assert {unquote(urlsplit(where).path) for where, _ in crawler.broken} == {f"/repo/{victim}"}


def test_pages_offer_nothing_that_needs_a_service(exported: ExportSite) -> None:
    for path, file in exported.files(".html").items():
        text = file.read_text()
        assert "search" not in re.sub(r"<p>.*</p>", "", text), path
        assert "?lang=" not in text, path
        assert 'href="/repo/status"' not in text, path
        assert '<html lang="en">' in text, path
        assert 'http-equiv="Content-Security-Policy"' in text, path


def test_pages_speak_the_sites_language(site: ExportSite) -> None:
    site.place.configure((CONFIG % URL).replace("language: en", "language: zh-CN"))
    site.export()
    for path in ("index.html", "404.html", "latest.html"):
        assert '<html lang="zh-CN">' in (site.folder / path).read_text()
    assert "没有" in (site.folder / "404.html").read_text()


def test_former_addresses_hold_the_feed_and_lead_to_the_page(exported: ExportSite) -> None:
    for former, path in FORMER.items():
        for suffix in FORMATS:
            assert (exported.folder / f"{former}.{suffix}").read_bytes() == (
                exported.folder / f"{path}.{suffix}"
            ).read_bytes()
        page = (exported.folder / f"{former}.html").read_text()
        assert f'content="0; url=/repo/{path}"' in page
        assert f'<link rel="canonical" href="{URL}/{path}">' in page


def test_feeds_alone(site: ExportSite) -> None:
    site.export(pages=False)
    files = site.files()
    assert not [path for path in files if path.endswith((".html", ".css")) or path.startswith("sitemap")]
    assert {"latest.rss", "feeds.opml"} < set(files)
    live = site.live()
    for path, file in site.feeds().items():
        assert file.read_bytes() == live.get(live_address(path)).data
    assert len(site.files(".webp")) == 3


def test_a_store_without_articles(tmp_path: Path) -> None:
    place = Place(tmp_path)
    folder = tmp_path / "public"
    export(place.config, place.store, folder, place.now)
    place.store.close()
    assert {"index.html", "latest.atom", "latest.html", "feeds.opml"} < {file.name for file in folder.iterdir()}
