"""What feeds say: golden files, a feed parser's reading of them, and texts that must come through unharmed."""

import json
import locale
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from aggregator.models import Cursor, Filed, ScopeKind, Source
from feeds.feed import Feed, Heading
from feeds.paging import to_token
from feeds.render import FORMATS
from feeds.selection import NOTHING_YET, assemble, compose, find_scope, select
from tests.feeds.fake_library import FakeLibrary
from tests.feeds.feed_samples import DAY, HARBOUR, MORNING, SITE, make_config, make_filed

GOLDEN = Path(__file__).parent / "golden"
CONFIG = make_config()

PICTURE = "https://img.harbour.example/lamp.webp?w=640&h=400"
NOTES = [
    make_filed(
        1,
        title="Fog & lamps <1> ]]> &#123;",
        content="<p>Ships wait. ]]> &lt;b&gt; 雾 🌫</p>",
        summary="Ships wait < fog & lamps",
        categories=(("News", "Ports"), ("Weather",)),
        tags=("fog & mist", "Weather"),
        authors=("Mara Lind <mara@harbour.example>", "Jo Tan"),
        link="https://harbour.example/雾/lamps?a=1&b=|",
    ),
    make_filed(2, image=PICTURE, content=f'<p><img src="{PICTURE.replace("&", "&amp;")}" alt=""> The lamp.</p>'),
    make_filed(3, image="https://img.harbour.example/夜.PNG", summary="", updated=DAY + timedelta(days=9)),
    make_filed(
        4, MORNING, title="清晨的读书会", content="", summary="窗边的灯亮着。", categories=(("新媒体", "晨读", "早"),)
    ),
    make_filed(5, MORNING, language="en", link="ftp://files.example/note", published=DAY, updated=DAY),
    make_filed(6, MORNING, published=DAY, updated=DAY),
]

DAILY = [make_filed(number, categories=(("News",),)) for number in range(1, 6)]
SEARCH = Heading("search", "雾 – Quiet Reading", "Articles about 雾", query="q=%E9%9B%BE")


def feed_of(path: str, *filed: Filed, before: Cursor | None = None, **config: Any) -> Feed:
    library = FakeLibrary(filed)
    scope = find_scope(library, path)
    assert scope is not None
    return select(library, scope, make_config(**config) if config else CONFIG, before)


def parse(document: bytes) -> Any:
    parsed = feedparser.parse(document)
    assert not parsed.bozo, parsed.bozo_exception
    return parsed


CASES = {
    "mixed": lambda: feed_of("latest", *NOTES),
    "source": lambda: feed_of("sources/harbour-light", *NOTES),
    "category": lambda: feed_of("categories/新媒体/晨读", *NOTES, ttl="2 hours"),
    "empty": lambda: feed_of("latest"),
    "paged": lambda: feed_of("latest", *NOTES, limit=2),
    "page": lambda: feed_of("categories/News", *DAILY, before=DAILY[4].cursor, limit=2),
    "last_page": lambda: feed_of("sources/晨读", *NOTES, before=NOTES[5].cursor, limit=2),
    "search": lambda: assemble(SEARCH, [NOTES[3]], CONFIG, before=NOTES[5].cursor, more=True),
}


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("case", CASES)
def test_golden(case: str, suffix: str, update_golden: bool) -> None:
    made = FORMATS[suffix].render(CASES[case]())
    file = GOLDEN / f"{case}.{suffix}"
    if update_golden:
        file.write_bytes(made)
    assert made.decode() == file.read_bytes().decode()


@pytest.mark.parametrize("suffix", ["rss", "atom"])
@pytest.mark.parametrize("case", CASES)
def test_a_parser_reads_what_was_meant(case: str, suffix: str) -> None:
    feed = CASES[case]()
    parsed = parse(FORMATS[suffix].render(feed))
    assert parsed.feed.title == feed.title
    assert parsed.feed.link == feed.home
    links = {link.rel: link.href for link in parsed.feed.links if link.rel != "alternate"}
    assert links.pop("self") == feed.self_url(suffix)
    assert links.pop("next", None) == feed.next_url(suffix)
    assert links.pop("first", None) == (feed.url(suffix) if feed.before else None)
    assert not links
    assert parsed.feed.updated_parsed == feed.updated.utctimetuple()
    assert [entry.id for entry in parsed.entries] == [item.urn for item in feed.articles]
    for entry, item in zip(parsed.entries, feed.articles, strict=True):
        assert entry.title == item.title
        assert entry.link == item.url
        assert entry.published_parsed == item.published.utctimetuple()
        assert [author.name for author in entry.authors] == list(item.authors)
        assert [tag.term for tag in entry.get("tags", [])] == [term for term, _ in item.labels]


def test_atom_marks_summaries_as_text_and_content_as_html() -> None:
    entry = parse(FORMATS["atom"].render(feed_of("latest", NOTES[0]))).entries[0]
    assert entry.summary == "Ships wait < fog & lamps"
    assert entry.summary_detail.type == "text/plain"
    assert entry.content[0].type == "text/html"
    assert entry.content[0].value == NOTES[0].article.content


def test_atom_declares_a_summary_that_looks_like_html() -> None:
    filed = make_filed(1, summary="What </p> & <p> do")
    entry = parse(FORMATS["atom"].render(feed_of("latest", filed))).entries[0]
    assert entry.summary_detail.type == "text/html"
    assert entry.summary == "What &lt;/p&gt; &amp; &lt;p&gt; do"


def test_rss_carries_the_summary_as_html_and_the_whole_body() -> None:
    entry = parse(FORMATS["rss"].render(feed_of("latest", NOTES[0]))).entries[0]
    assert entry.summary == "Ships wait &lt; fog &amp; lamps"
    assert entry.content[0].value == NOTES[0].article.content


def test_rss_without_summary_has_the_body_as_description() -> None:
    filed = make_filed(1, summary="", content="<p>Whole</p>")
    entry = parse(FORMATS["rss"].render(feed_of("latest", filed))).entries[0]
    assert entry.summary == "<p>Whole</p>"


def test_json_feed_is_whole() -> None:
    document = json.loads(FORMATS["json"].render(feed_of("latest", *NOTES)))
    assert document["version"] == "https://jsonfeed.org/version/1.1"
    assert document["home_page_url"] == f"{SITE}/"
    assert document["feed_url"] == f"{SITE}/latest.json"
    by_title = {item["title"]: item for item in document["items"]}
    note = by_title["Fog & lamps <1> ]]> &#123;"]
    assert note["content_html"] == NOTES[0].article.content
    assert note["tags"] == ["News/Ports", "Weather", "fog & mist"]
    assert note["authors"] == [{"name": "Mara Lind"}, {"name": "Jo Tan"}]
    assert by_title["Note 3"]["date_modified"] == "2024-05-11T09:30:00Z"
    assert all(item["content_html"] and item["id"].startswith("urn:uuid:") for item in document["items"])


def test_an_item_has_one_id_everywhere() -> None:
    ids = set()
    for path in ("latest", "sources/harbour-light", "categories/News", "categories/News/Ports"):
        feed = feed_of(path, NOTES[0])
        ids |= {parse(FORMATS[suffix].render(feed)).entries[0].id for suffix in ("rss", "atom")}
        ids.add(json.loads(FORMATS["json"].render(feed))["items"][0]["id"])
    assert ids == {f"urn:uuid:{NOTES[0].id}"}


def test_ids_survive_a_move_of_the_site() -> None:
    here, there = (feed_of("latest", *NOTES, url=url) for url in ("https://a.example", "http://b.example/x"))
    assert here.urn == there.urn
    assert [item.urn for item in here.articles] == [item.urn for item in there.articles]
    assert feed_of("sources/harbour-light", *NOTES).urn != here.urn


def test_atom_entries_never_share_an_update_time() -> None:
    filed = [make_filed(number, published=DAY, updated=DAY) for number in range(200)]
    entries = parse(FORMATS["atom"].render(feed_of("latest", *filed, limit=200))).entries
    assert len({entry.updated for entry in entries}) == 200
    assert {entry.updated_parsed for entry in entries} == {DAY.utctimetuple()}


def test_an_atom_entry_has_the_same_times_in_every_feed() -> None:
    alone = parse(FORMATS["atom"].render(feed_of("sources/晨读", *NOTES))).entries
    together = {entry.id: entry for entry in parse(FORMATS["atom"].render(feed_of("latest", *NOTES))).entries}
    assert [(entry.updated, entry.published) for entry in alone] == [
        (together[entry.id].updated, together[entry.id].published) for entry in alone
    ]


def test_a_picture_is_an_enclosure_only_where_the_body_lacks_it() -> None:
    entries = parse(FORMATS["rss"].render(feed_of("latest", *NOTES))).entries
    enclosures = {entry.title: [(e.href, e.type, e.length) for e in entry.enclosures] for entry in entries}
    assert enclosures["Note 2"] == []
    assert enclosures["Note 3"] == [("https://img.harbour.example/%E5%A4%9C.PNG", "image/png", "0")]
    thumbnails = {entry.title: [t["url"] for t in entry.get("media_thumbnail", [])] for entry in entries}
    assert thumbnails["Note 2"] == [PICTURE]


@pytest.mark.parametrize(
    ("ttl", "minutes", "period", "frequency"),
    [("1 minute", "1", "hourly", "60"), ("45 minutes", "45", "hourly", "1"), ("6 hours", "360", "daily", "4")],
)
def test_rss_tells_how_often_to_come(ttl: str, minutes: str, period: str, frequency: str) -> None:
    parsed = parse(FORMATS["rss"].render(feed_of("latest", ttl=ttl)))
    assert (parsed.feed.ttl, parsed.feed.sy_updateperiod, parsed.feed.sy_updatefrequency) == (
        minutes,
        period,
        frequency,
    )


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_order_of_arrival_leaves_no_trace(suffix: str) -> None:
    scope = find_scope(FakeLibrary(NOTES), "latest")
    assert scope is not None
    render = FORMATS[suffix].render
    forward = render(compose(scope, NOTES, CONFIG))
    assert forward == render(compose(scope, NOTES[::-1], CONFIG)) == render(compose(scope, NOTES, CONFIG))


@pytest.mark.parametrize("suffix", FORMATS)
def test_rendering_leaves_the_locale_alone(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: object) -> str:
        pytest.fail("a renderer changed the locale, which the whole process shares")

    feed = feed_of("latest", *NOTES)
    monkeypatch.setattr(locale, "setlocale", forbidden)
    assert FORMATS[suffix].render(feed)


@pytest.mark.parametrize("bad", ["\x00", "\x0b", "\x1b", "\ufffe", "\uffff", "\ud800"])
@pytest.mark.parametrize("spoil", ["title", "summary", "content", "authors", "tags", "categories", "source"])
def test_an_article_that_xml_cannot_hold_is_left_out(bad: str, spoil: str) -> None:
    text = f"spoilt {bad}"
    values: dict[str, Any] = {"authors": (text,), "tags": (text,), "categories": ((text,),)}
    if spoil == "source":
        spoilt = make_filed(2, Source("spoilt", text))
    else:
        spoilt = make_filed(2, **{spoil: values.get(spoil, text)})
    good = make_filed(1)
    scope = find_scope(FakeLibrary([good]), "latest")
    assert scope is not None
    feed = compose(scope, [good, spoilt], CONFIG)
    assert [item.id for item in feed.articles] == [good.id]
    assert feed.updated == good.changed
    for form in FORMATS.values():
        assert form.render(feed)


def test_a_source_whose_name_xml_cannot_hold_still_has_feeds() -> None:
    library = FakeLibrary()
    library.add_source(Source("bell", "Bell\x07 & Co"))
    scope = find_scope(library, "sources/bell")
    assert scope is not None
    feed = select(library, scope, CONFIG)
    for suffix in ("rss", "atom"):
        assert parse(FORMATS[suffix].render(feed)).feed.title == "Bell & Co"


legal_text = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters=[*map(chr, range(32)), "\ufffe", "\uffff"]),
    max_size=60,
)
awkward = st.sampled_from(
    [
        "&",
        "&amp;",
        "<b>",
        "</title>",
        "]]>",
        "<![CDATA[",
        "&#123;",
        "\u2028",
        "🌫️",
        "👩‍👩‍👧",
        "目次",
        "é",
        "'",
        '"',
        "<!--",
        "%s",
    ]
)
texts = (
    st.lists(st.one_of(legal_text, awkward), min_size=1, max_size=6).map("".join).filter(lambda text: text.strip())
)


@given(title=texts, content=texts, tag=texts, author=texts)
def test_any_text_survives(title: str, content: str, tag: str, author: str) -> None:
    filed = make_filed(1, title=title, content=content, tags=(tag,), authors=(author,))
    feed = feed_of("latest", filed)
    item = feed.articles[0]
    rss = etree.fromstring(FORMATS["rss"].render(feed)).find("channel/item")
    atom = etree.fromstring(FORMATS["atom"].render(feed)).find("{*}entry")
    document = json.loads(FORMATS["json"].render(feed))["items"][0]
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert rss.findtext("title") == atom.findtext("{*}title") == document["title"] == title.strip()
    assert rss.findtext(encoded) == atom.findtext("{*}content") == document["content_html"] == content.strip()
    terms = [term for term, _ in item.labels]
    assert [element.text for element in rss.findall("category")] == document.get("tags", []) == terms
    assert [name.text for name in atom.findall("{*}author/{*}name")] == list(item.authors)


@pytest.mark.parametrize("source", [HARBOUR, Source("x", "R & D <b>")])
def test_a_source_names_its_feed(source: Source) -> None:
    for suffix in ("rss", "atom"):
        parsed = parse(FORMATS[suffix].render(feed_of(f"sources/{source.slug}", make_filed(1, source))))
        assert parsed.feed.title == source.title


def test_a_feed_may_have_a_query_in_its_addresses() -> None:
    feed = assemble(SEARCH, NOTES[:1], CONFIG)
    assert feed.url("atom") == feed.self_url("atom") == f"{SITE}/search.atom?q=%E9%9B%BE"
    assert feed.home == f"{SITE}/search?q=%E9%9B%BE"
    assert feed.next_url("atom") is None
    assert feed.urn != assemble(replace(SEARCH, query="q=x"), NOTES[:1], CONFIG).urn
    behind = assemble(SEARCH, NOTES[:1], CONFIG, before=NOTES[1].cursor, more=True)
    assert behind.urn == feed.urn
    assert behind.url("atom") == feed.url("atom")
    assert behind.self_url("atom") == f"{SITE}/older/{to_token(NOTES[1].cursor)}/search.atom?q=%E9%9B%BE"
    assert behind.next_url("atom") == f"{SITE}/older/{to_token(NOTES[0].cursor)}/search.atom?q=%E9%9B%BE"


def test_all_pages_of_a_feed_are_one_feed() -> None:
    document, page = CASES["paged"](), feed_of("latest", *NOTES, before=NOTES[3].cursor, limit=2)
    assert (page.urn, page.title, page.home) == (document.urn, document.title, document.home)
    shown = [json.loads(FORMATS["json"].render(feed)) for feed in (document, page)]
    assert shown[0]["feed_url"] == shown[1]["feed_url"] == f"{SITE}/latest.json"
    assert shown[0]["next_url"] == f"{SITE}/older/{document.next}/latest.json"
    assert shown[1]["next_url"] == f"{SITE}/older/{page.next}/latest.json"


def test_a_custom_feed_is_called_what_the_config_says() -> None:
    scope = replace(NOTHING_YET, kind=ScopeKind.CUSTOM, path="feeds/stars", title="Stars", names=("Stars",))
    feed = compose(scope, NOTES, CONFIG)
    assert (feed.title, feed.author, feed.page) == ("Stars", "Quiet Reading", f"{SITE}/feeds/stars")
    assert feed.description == "The newest articles of Stars, from Quiet Reading"
    assert feed.home == feed.page
