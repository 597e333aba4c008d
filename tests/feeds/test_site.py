"""The site as people and hostile clients see it."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from aggregator.config import parse_config
from aggregator.errors import OverloadError, StoreError
from aggregator.models import Filed, Scope, Source
from feeds import create_app
from feeds.assets import FILES
from feeds.directory import Directory
from feeds.outages import Outages
from feeds.readers import READERS
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import DAY, HARBOUR, MORNING, SITE, make_config, make_filed

NOTE = make_filed(
    1,
    title="Fog & <lamps>",
    content='<p>Ships <em>wait</em>.</p><p lang="fr">Brume</p>',
    categories=(("News", "Ports"),),
    tags=("fog",),
    authors=("Mara Lind",),
    link="https://harbour.example/fog",
    image="https://img.harbour.example/lamp.jpg",
)
READING = make_filed(2, MORNING, title="清晨的读书会", categories=(("新媒体", "晨读", "早 & 晚"),))
DEEP = "categories/新媒体/晨读/早 & 晚"
DEEP_URL = "categories/%E6%96%B0%E5%AA%92%E4%BD%93/%E6%99%A8%E8%AF%BB/%E6%97%A9%20%26%20%E6%99%9A"


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([NOTE, READING])


@pytest.fixture
def client(library: FakeLibrary) -> FlaskClient:
    return english(library)


def english(library: FakeLibrary) -> FlaskClient:
    """A browser whose user chose English on the Chinese site."""
    client = create_app(make_config(), library).test_client()
    client.set_cookie("lang", "en")
    return client


class Page(HTMLParser):
    """The elements of a page, each as (name, attributes), and its visible text."""

    def __init__(self, text: str, path: str = "") -> None:
        super().__init__()
        self.path = path
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, name: str, **attributes: str) -> list[dict[str, str | None]]:
        wanted = attributes.items()
        return [found for tag, found in self.elements if tag == name and all(found.get(k) == v for k, v in wanted)]


def page(client: FlaskClient, path: str, status: int = 200) -> Page:
    response = client.get(path)
    assert response.status_code == status
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    return Page(response.text, path)


FORMATS = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}
PAGES = {
    "/": ("/", "/latest"),
    "/latest": ("/latest", "/latest"),
    "/sources/harbour-light": ("/sources/harbour-light", "/sources/harbour-light"),
    "/sources/晨读": ("/sources/%E6%99%A8%E8%AF%BB", "/sources/%E6%99%A8%E8%AF%BB"),
    "/categories/News": ("/categories/News", "/categories/News"),
    f"/{DEEP_URL}": (f"/{DEEP_URL}", f"/{DEEP_URL}"),
    f"/articles/{NOTE.id}": (f"/articles/{NOTE.id}", "/sources/harbour-light"),
}


@pytest.mark.parametrize(("path", "canonical", "feed"), [(path, *rest) for path, rest in PAGES.items()])
def test_every_page_leads_to_its_feeds(client: FlaskClient, path: str, canonical: str, feed: str) -> None:
    shown = page(client, path)
    assert [link["href"] for link in shown.all("link", rel="canonical")] == [SITE + canonical]
    feeds = {
        f"{SITE}{scope}.{suffix}": media_type
        for scope in (feed, "/latest")  # what the page shows, and the whole site
        for suffix, media_type in FORMATS.items()
    }
    alternates = shown.all("link", rel="alternate")
    assert [(link["href"], link["type"]) for link in alternates] == list(feeds.items())
    assert len({link["title"] for link in alternates}) == len(feeds)
    for address in feeds:
        assert client.get(address.removeprefix(SITE)).status_code == 200


@pytest.mark.parametrize(("path", "feed"), [(path, feed) for path, (_, feed) in PAGES.items()])
def test_every_page_has_a_subscribe_box(client: FlaskClient, path: str, feed: str) -> None:
    shown = page(client, path)
    (field,) = shown.all("input", id="feed-address")
    assert (field["value"], "readonly" in field) == (f"{SITE}{feed}.atom", True)
    assert shown.all("label", **{"for": "feed-address"})
    (button,) = shown.all("button", **{"data-copy": "feed-address"})
    assert "hidden" in button  # until the script is there that makes it work
    links = {link["href"] for link in shown.all("a")}
    assert links >= {f"{SITE}{feed}.{suffix}" for suffix in FORMATS}
    assert links >= {reader.subscribe(f"{SITE}{feed}.atom") for reader in READERS}
    assert f"feed:{SITE}{feed}.atom" in links


ELSEWHERE = {"/reading/feeds.opml", "/reading/status"}  # a library in memory has none


@pytest.mark.parametrize("path", PAGES)
def test_every_link_of_a_page_leads_somewhere(client: FlaskClient, path: str) -> None:
    shown = page(client, path)
    links = [link["href"] or "" for link in shown.all("a")]
    links += [link["href"] or "" for link in shown.all("link", rel="stylesheet") + shown.all("link", rel="icon")]
    links += [script["src"] or "" for script in shown.all("script") if "src" in script]
    own = [link for link in links if link.startswith("/") and link not in ELSEWHERE]
    assert own
    for link in own:
        assert link.startswith("/reading/")  # the path prefix of site.url, which the proxy strips
        assert client.get(link.removeprefix("/reading")).status_code == 200


@pytest.mark.parametrize("path", [*PAGES, "/nothing"])
def test_pages_can_run_nothing_and_tell_nobody(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_the_front_page_tells_what_is_published(client: FlaskClient) -> None:
    shown = page(client, "/")
    for words in ("Quiet Reading", "Harbour Light", "晨读", "News", "Ports", "Fog & <lamps>", "清晨的读书会"):
        assert words in shown.words
    assert shown.all("h3", lang="en")
    assert shown.all("h3", lang="zh-CN")
    assert "2 articles" in shown.words
    assert {svg.get("class") for svg in shown.all("svg")} >= {"icon", "icon two"}
    assert shown.all("time", datetime="2024-05-02T10:30:00Z")


def test_the_article_page_shows_the_article(client: FlaskClient) -> None:
    shown = page(client, f"/articles/{NOTE.id}")
    for words in ("Fog & <lamps>", "Ships wait.", "Mara Lind", "News", "Ports", "fog"):
        assert words in shown.words
    assert shown.all("a", href="https://harbour.example/fog")
    assert shown.all("div", lang="en")
    assert shown.all("img", src="https://img.harbour.example/lamp.jpg")
    assert shown.all("em")
    assert shown.all("p", lang="fr")


SCRIPT = f"/reading/static/pages.js?v={FILES['pages.js'].etag()[:8]}"


def is_script(value: str | None) -> bool:
    return (value or "").strip().lower().startswith("javascript:")


def test_only_sanitized_content_is_markup(client: FlaskClient, library: FakeLibrary) -> None:
    evil = "<script>x</script><img src=x onerror=y>\"'"
    library.put(
        make_filed(
            9,
            Source("evil", evil, "javascript:alert(1)"),
            title=evil,
            summary=evil,
            authors=(evil,),
            tags=(evil,),
            categories=((evil,),),
            image="javascript:alert(2)",
            link="javascript:alert(3)",
        )
    )
    for path in ("/", "/latest", "/sources/evil", f"/articles/{make_filed(9, Source('evil', '')).id}"):
        shown = page(client, path)
        assert [script.get("type", script.get("src")) for script in shown.all("script")] in (
            [SCRIPT],
            ["application/ld+json", SCRIPT],
        )
        assert not [1 for _, attributes in shown.elements if "onerror" in attributes]
        assert not [1 for _, attributes in shown.elements for value in attributes.values() if is_script(value)]
        assert evil in shown.words


def test_a_category_holds_what_is_below_it(client: FlaskClient) -> None:
    for path in ("/categories/News.json", "/categories/News/Ports.json"):
        assert [item["id"] for item in json.loads(client.get(path).data)["items"]] == [f"urn:uuid:{NOTE.id}"]
    assert "Ports" in page(client, "/categories/News").words


@pytest.mark.parametrize("path", [f"/{DEEP}", f"/{DEEP_URL}", "/categories/新媒体%2F晨读%2f早 & 晚"])
def test_names_may_be_written_in_any_encoding_of_a_path(client: FlaskClient, path: str) -> None:
    document = json.loads(client.get(f"{path}.json").data)
    assert document["feed_url"] == f"{SITE}/{DEEP_URL}.json"
    assert document["title"] == "新媒体 / 晨读 / 早 & 晚"


def test_a_decomposed_name_is_found(client: FlaskClient, library: FakeLibrary) -> None:
    library.put(make_filed(3, categories=(("Café",),)))
    assert client.get("/categories/Cafe%CC%81.rss").status_code == 200


def test_an_empty_store_is_published_too() -> None:
    client = english(FakeLibrary())
    assert "Nothing has been published here yet" in page(client, "/").words
    assert page(client, "/latest")
    for suffix in ("rss", "atom", "json"):
        assert client.get(f"/latest.{suffix}").status_code == 200


def test_a_source_without_articles_has_feeds(client: FlaskClient, library: FakeLibrary) -> None:
    library.add_source(Source("quiet", "Quiet One"))
    assert "Quiet One" in page(client, "/").words
    assert json.loads(client.get("/sources/quiet.json").data)["items"] == []


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/sources/harbour-light/", "/reading/sources/harbour-light"),
        ("/latest.rss/", "/reading/latest.rss"),
        ("/latest.RSS", "/reading/latest.rss"),
        ("/sources/晨读.Atom", "/reading/sources/%E6%99%A8%E8%AF%BB.atom"),
        ("/sources/harbour-light//", "/reading/sources/harbour-light"),
    ],
)
def test_other_spellings_lead_to_the_one_address(client: FlaskClient, path: str, location: str) -> None:
    response = client.get(path, headers={"Host": "evil.example"})
    assert (response.status_code, response.headers["Location"]) == (301, location)


HOSTILE = [
    "/sources",
    "/sources/unknown",
    "/sources/unknown.rss",
    "/sources/harbour-light/x",
    "/sources/.rss",
    "/.rss",
    "/categories//News",
    "/categories/../latest",
    "/categories/%2e%2e/latest",
    "/latest.xml",
    "/latest.rss.rss",
    "/%00",
    "/sources/harbour-light%00.rss",
    "/categories/%ff%fe",
    "/categories/%E6%96",
    "/categories/%ED%A0%80",
    "/categories/" + "a/" * 400 + "a",
    "/categories/" + "x" * 5000,
    "/articles/",
    "/articles/1",
    "/articles/00000000-0000-0000-0000-000000000000",
    f"/articles/{NOTE.id.upper()}",
    f"/articles/{NOTE.id}.rss",
    "/articles/%27%3B--",
    "/static/../views.py",
    "/static/%2e%2e%2fviews.py",
    "/static/unknown.css",
    "/static/",
    "/latest%0d%0aSet-Cookie:x=1",
    "/\\evil.example",
    "/{{7*7}}",
    "/%F0%9F%8C%AB",
]


@pytest.mark.parametrize("path", HOSTILE)
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    client.set_cookie("lang", "en", domain="evil.example")
    response = client.get(path, headers={"Host": "evil.example"})
    if response.status_code == 301:  # a slash at the end
        response = client.get(response.headers["Location"].removeprefix("/reading"))
    assert response.status_code == 404
    assert "Page not found" in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert "evil.example/" not in response.text
    assert "Set-Cookie" not in response.headers
    assert "Cookie" in response.headers["Vary"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("//latest", 200),
        ("//evil.example/x", 404),
        ("//evil.example/x/", 301),
        ("/latest\x00", 404),
        ("/\xff.rss", 404),
    ],
)
def test_paths_that_only_a_raw_request_can_have(client: FlaskClient, path: str, status: int) -> None:
    response = client.get("/", environ_overrides={"PATH_INFO": path, "HTTP_HOST": "bad.example"})
    assert response.status_code == status
    assert response.headers.get("Location", "/reading/").startswith("/reading/")
    assert "bad.example" not in response.text


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/sources/harbor-light", "/reading/sources/harbour-light"),
        ("/harbour-light.rss", "/reading/sources/harbour-light"),
        ("/categories/new", "/reading/categories/News"),
        ("/categories/News/port", "/reading/categories/News/Ports"),
    ],
)
def test_a_misspelt_name_is_answered_with_near_ones(client: FlaskClient, path: str, meant: str) -> None:
    assert page(client, path, 404).all("a", href=meant)


def test_the_host_of_a_request_is_never_believed(client: FlaskClient) -> None:
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher"}
    for path in [*PAGES, "/latest.rss", "/latest.atom", "/latest.json"]:
        assert "evil.example" not in client.get(path, headers=headers).text


def test_health() -> None:
    library = FakeLibrary(scanned=False)
    client = create_app(make_config(), library).test_client()
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok\n")
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "not ready: the first scan is not done yet\n")
    library.scanned = True
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")


class BrokenLibrary(FakeLibrary):
    """A store that fails with one error, whatever is asked."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def scope(self, path: str) -> Scope | None:
        raise self.error

    def revision(self) -> int:
        raise self.error

    def ready(self) -> bool:
        raise self.error


@pytest.mark.parametrize("path", ["/", "/latest", "/latest.rss", "/sources/x"])
@pytest.mark.parametrize(("error", "status"), [(StoreError("disk secret"), 503), (KeyError("secret"), 500)])
def test_a_failure_shows_no_internals(
    path: str, error: Exception, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    client = create_app(make_config(), BrokenLibrary(error)).test_client()
    response = client.get(path)
    assert response.status_code == status
    assert "secret" not in response.text
    assert re.search(rf"GET '{re.escape(path)}' failed", caplog.text)
    assert ("Retry-After" in response.headers) is (status == 503)


def test_a_store_that_is_away_is_told_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    seconds = iter([0.0, 1.0, 59.0, 60.0, 61.0])
    outages = Outages(lambda: next(seconds))
    for number in range(4):
        outages.tell(f"request {number} failed", StoreError("it is away"))
    outages.tell("request 4 failed", OverloadError("too many"))
    assert caplog.messages == [
        "request 0 failed: it is away",
        "request 3 failed: it is away (so did 2 others since this was last told)",
        "request 4 failed: too many",
    ]


def test_requests_that_meet_one_outage_leave_one_line(caplog: pytest.LogCaptureFixture) -> None:
    client = create_app(make_config(), BrokenLibrary(StoreError("it is away"))).test_client()
    assert {client.get(path).status_code for path in ("/", "/latest", "/latest.rss", "/readyz")} == {503}
    assert caplog.messages == ["GET '/' failed: it is away"]


def test_a_store_that_fails_is_not_ready(caplog: pytest.LogCaptureFixture) -> None:
    client = create_app(make_config(), BrokenLibrary(OSError("secret"))).test_client()
    response = client.get("/readyz")
    assert (response.status_code, response.text) == (503, "not ready: the store does not answer; see the log\n")
    assert client.get("/healthz").status_code == 200


def test_a_directory_survives_any_depth() -> None:
    names = tuple(f"level {number}" for number in range(60))
    library = FakeLibrary([make_filed(1, categories=(names,))])
    directory = Directory.load(library)
    assert [node.scope.title for node in directory.tree()] == ["level 0"]
    assert len(directory.trail(names)) == 60
    client = create_app(make_config(), library).test_client()
    assert client.get("/").status_code == 200


def test_categories_without_articles_are_not_shown(library: FakeLibrary) -> None:
    library.withdraw(NOTE.id, DAY)
    client = create_app(make_config(), library).test_client()
    assert "Ports" not in page(client, "/").words
    assert client.get("/categories/News.rss").status_code == 200


@pytest.mark.parametrize("change", [lambda: replace(HARBOUR, link="ftp://x"), lambda: replace(HARBOUR, link="")])
def test_a_source_without_website_is_its_own_home(change: Callable[[], Source]) -> None:
    client = create_app(make_config(), FakeLibrary([make_filed(1, change())])).test_client()
    assert (
        json.loads(client.get("/sources/harbour-light.json").data)["home_page_url"] == f"{SITE}/sources/harbour-light"
    )


class TellingLibrary(FakeLibrary):
    """A library that knows what surrounds things (see feeds.surroundings)."""

    def activity(self) -> dict[str, tuple[int, ...]]:
        return {"sources/harbour-light": (0, 0, 3, 1)}

    def sources_in(self, scope: Scope) -> dict[str, int]:
        return {"sources/harbour-light": 1, "sources/unknown": 2}

    def neighbours(self, filed: Filed) -> tuple[Filed | None, Filed | None]:
        return BEFORE, AFTER

    def versions(self, filed: Filed) -> list[Filed]:
        return [READING]


BEFORE = make_filed(4, title="The night before")
AFTER = make_filed(5, title="The day after")


@pytest.fixture
def telling() -> FlaskClient:
    return english(TellingLibrary([NOTE, READING]))


def test_sources_show_how_lively_they_are(telling: FlaskClient) -> None:
    for path in ("/", "/sources/harbour-light", "/categories/News"):
        (graph,) = page(telling, path).all("svg", role="img")
        assert graph["aria-label"] == "4 articles in 4 days"


def test_a_category_names_its_sources(telling: FlaskClient) -> None:
    assert {"href": "/reading/sources/harbour-light", "lang": "en"} in page(telling, "/categories/News").all("a")


def test_an_article_has_neighbours_and_versions(telling: FlaskClient) -> None:
    shown = page(telling, f"/articles/{NOTE.id}")
    for rel, filed in (("prev", BEFORE), ("next", AFTER)):
        (link,) = shown.all("a", rel=rel)
        assert link["href"] == f"/reading/articles/{filed.id}"
        assert filed.article.title in shown.words
    assert shown.all("a", href=f"/reading/articles/{READING.id}")
    assert "Also published by" in shown.words


def test_articles_that_xml_forbids_are_nobodys_neighbours(library: FakeLibrary) -> None:
    class Broken(TellingLibrary):
        def neighbours(self, filed: Filed) -> tuple[Filed | None, Filed | None]:
            return make_filed(6, title="\x00"), None

    assert not page(english(Broken([NOTE])), f"/articles/{NOTE.id}").all("a", rel="prev")


def test_hundreds_of_sources_are_told_in_brief() -> None:
    library = FakeLibrary([make_filed(1)])
    for number in range(40):
        library.add_source(Source(f"s{number}", f"Source {number}"))
    shown = page(english(library), "/")
    assert "29 more sources" in shown.words
    assert {f"/reading/sources/s{number}" for number in range(40)} <= {link["href"] for link in shown.all("a")}


def test_lists_go_back_to_the_oldest_article() -> None:
    library = FakeLibrary([make_filed(number, title=f"Title {number:03}") for number in range(1, 101)])
    client, path, met = english(library), "/sources/harbour-light", []
    while path:
        shown = page(client, path)
        met += re.findall(r"Title (\d{3})", " ".join(shown.words.split()))
        (canonical,) = shown.all("link", rel="canonical")
        assert canonical["href"] == f"{SITE}{path}"
        path = next((str(link["href"]) for link in shown.all("a", rel="next")), "").removeprefix("/reading")
    assert met == [f"{number:03}" for number in range(100, 0, -1)]


def test_an_older_page_shows_nothing_that_changes_as_articles_arrive() -> None:
    library = FakeLibrary([make_filed(number, categories=(("News", "Ports"),)) for number in range(1, 101)])
    client = english(library)
    for path in ("/latest", "/sources/harbour-light", "/categories/News"):
        (onward,) = page(client, path).all("a", rel="next")
        address = str(onward["href"]).removeprefix("/reading")
        before = client.get(address)
        assert "Older articles" in before.text
        library.put(
            make_filed(len(library.window(library.scope("latest"), 999)) + 1, categories=(("News", "Ports"),))
        )
        assert client.get(address).data == before.data
        assert "max-age=300" in before.headers["Cache-Control"]


@pytest.mark.parametrize("token", ["", "x", "-1", "A" * 22, "%00", "' OR 1=1", "A" * 4000])
def test_a_place_that_is_none_has_no_page(client: FlaskClient, token: str) -> None:
    assert client.get(f"/older/{token}/latest").status_code == 404


def test_what_was_taken_away_is_gone(client: FlaskClient, library: FakeLibrary) -> None:
    library.withdraw(NOTE.id, DAY)
    library.remove("sources/晨读")
    for path in (f"/articles/{NOTE.id}", "/sources/晨读"):
        assert "No longer here" in page(client, path, 410).words
    assert "/reading/sources/%E6%99%A8%E8%AF%BB" not in client.get("/").text


def test_a_renamed_source_is_sent_on() -> None:
    config = parse_config(
        f"site: {{url: '{SITE}'}}\nsources: [{{title: Harbour Light, path: a, aliases: [lighthouse, 灯塔]}}]",
        Path("/srv/reading/config.yaml"),
        {},
    )
    client = create_app(config, FakeLibrary([NOTE])).test_client()
    for alias in ("lighthouse", "灯塔"):
        response = client.get(f"/sources/{alias}")
        assert (response.status_code, response.headers["Location"]) == (301, "/reading/sources/harbour-light")


def test_what_others_show_of_an_article(client: FlaskClient) -> None:
    shown = page(client, f"/articles/{NOTE.id}")
    told = {tag.get("property") or tag.get("name"): tag["content"] for tag in shown.all("meta") if "content" in tag}
    expected = {
        "description": "About note 1.",
        "og:type": "article",
        "og:title": "Fog & <lamps>",
        "og:url": f"{SITE}/articles/{NOTE.id}",
        "og:site_name": "Quiet Reading",
        "og:image": "https://img.harbour.example/lamp.jpg",
        "twitter:card": "summary_large_image",
        "article:published_time": "2024-05-02T10:30:00Z",
        "article:tag": "fog",
    }
    assert expected.items() <= told.items()
    (text,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', client.get(shown.path).text)
    data = json.loads(text)
    assert (data["@type"], data["headline"], data["image"]) == ("NewsArticle", "Fog & <lamps>", expected["og:image"])
    assert data["author"] == [{"@type": "Person", "name": "Mara Lind"}]


@pytest.mark.parametrize("path", [path for path in PAGES if "articles" not in path])
def test_what_others_show_of_a_list(client: FlaskClient, path: str) -> None:
    shown = page(client, path)
    told = {tag.get("property") or tag.get("name"): tag["content"] for tag in shown.all("meta") if "content" in tag}
    assert told["og:type"] == "website"
    assert told["description"].startswith("The newest articles of ")
    assert told["twitter:card"] == "summary"


def test_content_keeps_its_language_and_shape(client: FlaskClient, library: FakeLibrary) -> None:
    library.put(
        make_filed(7, content='<h4>Title</h4><p style="text-align:center"><img src="https://x.example/a.png"></p>')
    )
    text = client.get(f"/articles/{make_filed(7).id}").text
    assert "<h2>Title</h2>" in text
    assert '<p class="align-center"><img src="https://x.example/a.png" loading="lazy"' in text
    assert 'style="' not in text


def test_a_page_is_made_once_for_each_language(client: FlaskClient, library: FakeLibrary) -> None:
    for path in ("/", "/latest", "/?lang=zh", "/latest?lang=zh"):
        client.get(path)
    asked = library.queries["window"]
    for path in ("/", "/latest", "/?lang=zh", "/latest?lang=zh", "/?anything=else"):
        client.get(path)
    assert library.queries["window"] == asked


def test_overload_is_said_with_a_time_to_come_back(caplog: pytest.LogCaptureFixture) -> None:
    client = english(BrokenLibrary(OverloadError("secret")))
    response = client.get("/latest")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert "Not available" in response.text
    assert "secret" not in response.text


def test_an_unknown_address_while_the_store_is_down_is_just_not_found() -> None:
    client = english(BrokenLibrary(StoreError("secret")))
    assert "Page not found" in page(client, "/articles/x", 404).words


def test_words_of_an_unknown_address_can_be_searched_for(client: FlaskClient) -> None:
    assert page(client, "/categories/foggy-lamps.rss", 404).all("a", href="/reading/search?q=foggy%20lamps")
    assert not page(client, f"/articles/{READING.id[:-1]}0", 404).all("a", href=f"/reading/search?q={READING.id}")
