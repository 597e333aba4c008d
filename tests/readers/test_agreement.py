"""Feed readers that people use see in our feeds what the store holds: every article, scope and format."""

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import struct_time
from typing import Any

import feedparser
import pytest
from reader import Entry, Reader, make_reader

from tests.readers.agreement import Seen, disagreements, moment, stored
from tests.readers.conftest import Samples
from tests.readers.server import fetch

FORMATS = ("rss", "atom", "json")

# What a reader does not tell, and why. Where it does tell, it must agree, in these fields too.
ONE_DATE = {"updated": "RSS 2.0 has one date for an item"}
CLEANED = {"content": "it shows a cleaned form of the HTML, its own"}
NO_TERMS = {"terms": "it keeps no categories"}
PARTLY = {"authors": "it keeps one of several", "image": "it shows those in the content and enclosures"}  # see below
UNTOLD: dict[tuple[str, str], dict[str, str]] = {
    ("feedparser", "rss"): ONE_DATE | CLEANED,
    ("feedparser", "atom"): CLEANED,
    ("feedsmith", "rss"): ONE_DATE,
    ("feedsmith", "atom"): {},
    ("feedsmith", "json"): {},
    ("rss-parser", "rss"): ONE_DATE,
    ("rss-parser", "atom"): {},
    ("reader", "rss"): ONE_DATE | CLEANED | NO_TERMS | PARTLY,
    ("reader", "atom"): CLEANED | NO_TERMS | PARTLY,
    ("reader", "json"): NO_TERMS | {"image": "it knows attachments, not the item's image"},
}


def compare(samples: Samples, reader: str, suffix: str, read: Callable[[str], Iterator[Seen]]) -> None:
    """Every feed of one format: `read` gives what the reader sees at an address."""
    lines, articles, images = [], set(), set()
    for scope in samples.scopes():
        wanted = [stored(filed, samples.base) for filed in samples.window(scope)]
        found = disagreements(read(samples.address(scope, suffix)), wanted, UNTOLD[reader, suffix])
        lines += [f"{scope.path}.{suffix}: {line}" for line in found]
        articles |= {one.id for one in wanted}
        images |= {one.image for one in wanted if one.image}
    assert lines == []
    for image in images:
        assert not image.startswith(samples.base) or fetch(image)
    assert len(articles) == samples.store.scope("latest").size >= 30


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_feedparser(samples: Samples, suffix: str) -> None:
    def read(address: str) -> Iterator[Seen]:
        parsed = feedparser.parse(fetch(address))
        assert not parsed.bozo
        return map(by_feedparser, parsed.entries)

    compare(samples, "feedparser", suffix, read)


def by_feedparser(entry: Any) -> Seen:
    return Seen(
        id=entry.id,
        title=entry.title,
        link=entry.link,
        published=clock(entry.published_parsed),
        updated=clock(entry.updated_parsed) if "updated_parsed" in entry else None,
        authors=tuple(author.name for author in entry.authors),
        terms=tuple(tag.term for tag in entry.get("tags", ())),
        image=entry.media_thumbnail[0]["url"] if "media_thumbnail" in entry else None,
    )


def clock(utc: struct_time) -> datetime:
    return datetime.fromtimestamp(calendar.timegm(utc), UTC)


@pytest.fixture(scope="module")
def library(samples: Samples) -> Iterator[Reader]:
    """lemon24's reader, subscribed to everything in every format, after its first update."""
    reader = make_reader(":memory:")
    for scope in samples.scopes():
        for suffix in FORMATS:
            reader.add_feed(samples.address(scope, suffix))
    for result in reader.update_feeds_iter():
        assert not isinstance(result.value, Exception), (result.url, result.value)
    yield reader
    reader.close()


@pytest.mark.parametrize("suffix", FORMATS)
def test_reader(samples: Samples, library: Reader, suffix: str) -> None:
    compare(samples, "reader", suffix, lambda address: map(by_reader, library.get_entries(feed=address)))


@pytest.mark.parametrize("suffix", ["rss", "atom"])
def test_reader_shows_one_author_and_the_picture(samples: Samples, library: Reader, suffix: str) -> None:
    for scope in samples.scopes():
        wanted = {one.id: one for one in (stored(filed, samples.base) for filed in samples.window(scope))}
        for entry in library.get_entries(feed=samples.address(scope, suffix)):
            (author,) = entry.authors
            assert author.name in (wanted[entry.id].authors or ())
            pictures = [content.value for content in entry.content] + [one.href for one in entry.enclosures]
            assert (wanted[entry.id].image or "") in "\n".join(pictures)


def by_reader(entry: Entry) -> Seen:
    is_json = entry.feed.version == "json11"
    return Seen(
        id=entry.id,
        title=entry.title or "",
        link=entry.link or "",
        published=entry.published,
        updated=entry.updated and entry.updated.replace(microsecond=0),
        authors=tuple(author.name or "" for author in entry.authors) if is_json else None,
        terms=None,
        image=None,
        content=entry.content[0].value if is_json else None,
    )


@pytest.fixture(scope="module")
def javascript(samples: Samples, node: Callable[[list[str]], list[dict[str, Any]]]) -> dict[tuple[str, str], Any]:
    """What feedsmith and rss-parser see, by parser and address."""
    found = node([samples.address(scope, suffix) for scope in samples.scopes() for suffix in FORMATS])
    return {(one["parser"], one["address"]): one for one in found}


@pytest.mark.parametrize(("parser", "suffix"), [key for key in UNTOLD if key[0] in ("feedsmith", "rss-parser")])
def test_javascript(samples: Samples, javascript: dict[tuple[str, str], Any], parser: str, suffix: str) -> None:
    def read(address: str) -> Iterator[Seen]:
        assert javascript[parser, address]["format"] == suffix
        return map(by_javascript, javascript[parser, address]["items"])

    compare(samples, parser, suffix, read)


def by_javascript(item: dict[str, Any]) -> Seen:
    lists = {"authors": tuple(item["authors"]), "terms": tuple(item["terms"])}
    return Seen(**{**item, **lists, "published": moment(item["published"]), "updated": moment(item["updated"])})


def test_a_parser_that_takes_the_first_link_for_the_feeds_own_is_right(
    samples: Samples, javascript: dict[tuple[str, str], Any]
) -> None:
    for scope in samples.scopes():
        for suffix in ("rss", "atom"):
            address = samples.address(scope, suffix)
            assert javascript["rss-parser", address]["self"] == address
