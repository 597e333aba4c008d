"""RSS 2.0 and Atom 1.0 (RFC 4287), written with feedgen. Nothing else imports feedgen or lxml.

feedgen writes what it gets right. The rest goes through an extension of our own, `_Extra`: links with their types
(feedgen drops them), dates of RSS (feedgen formats them through `locale.setlocale`, which changes the whole process),
and the elements it does not know.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from ..feed import Feed, Item
from .fragments import Fragments, Marks, assemble

GENERATOR = "Aggregator"  # without a version: an upgrade is no change of the feed

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_SY = "http://purl.org/rss/1.0/modules/syndication/"
_XML = "http://www.w3.org/XML/1998/namespace"

_IMAGE_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
# RSS readers expect an enclosure on a public host: a name with a dot.
_PUBLIC_HOST = re.compile(r"https?://([\w-]+\.)+[\w-]+(:\d+)?/", re.ASCII)
# Text about markup ("what </p> does"): validators take it for HTML that was not declared as such.
_END_TAG = re.compile(r"</\w+>")
_PLAIN_TEXT = re.compile(rb"<(title|category|summary|name)(?: [^>]*)?>[^<]*</\1>")


# What is kept of articles, by all that their elements are made of.
_kept = Fragments()
_RSS = Marks(b"    <item>\n", b"    </item>\n", b"  </channel>\n")
_ATOM_MARKS = Marks(b"  <entry", b"  </entry>\n", b"</feed>")


def render_rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0, by the RSS Advisory Board's Best Practices Profile, UTF-8."""
    entries = [((_RSS, *_identity(item), _language(item, feed)), item) for item in feed.articles]
    return assemble(_kept, _RSS, entries, partial(_rss_document, feed))


def _rss_document(feed: Feed, items: Iterable[Item]) -> bytes:
    generator = _generator(feed, {"dc": _DC, "media": _MEDIA, "sy": _SY})
    generator.link(href=feed.home)
    # feedgen would write the time of now, and through the locale; `_Extra` writes the real one.
    generator._FeedGenerator__rss_lastBuildDate = None
    minutes = max(1, round(feed.ttl / timedelta(minutes=1)))
    generator.ttl(minutes)
    extra: _Extra = generator.extra
    for rel, address in _places(feed, "rss"):
        extra.add(f"{{{_ATOM}}}link", href=address, rel=rel, type="application/rss+xml")
    extra.add("lastBuildDate", _rfc822(feed.updated))
    if feed.articles:
        extra.add("pubDate", _rfc822(feed.articles[0].published))
    period, length = ("hourly", 60) if minutes <= 60 else ("daily", 24 * 60)
    extra.add(f"{{{_SY}}}updatePeriod", period)
    extra.add(f"{{{_SY}}}updateFrequency", str(max(1, length // minutes)))
    for item in items:
        _rss_item(item, feed, generator.add_entry(order="append"))
    return _escape_plain_text(generator.rss_str(pretty=True))


def _rss_item(item: Item, feed: Feed, entry: FeedEntry) -> None:
    entry.title(item.title)
    entry.guid(item.urn, permalink=False)
    entry.link(href=item.url, rel="alternate")
    entry.description(html.escape(item.summary, quote=False))  # the element's text is HTML
    entry.content(item.content)
    entry.category([{"term": term} for term, _ in item.labels])
    extra: _Extra = entry.extra
    extra.add("pubDate", _rfc822(item.published))
    for name in item.authors:
        extra.add(f"{{{_DC}}}creator", name)
    if language := _language(item, feed):
        extra.add(f"{{{_DC}}}language", language)
    if item.image:
        if not item.image_in_content and _PUBLIC_HOST.match(item.image):
            entry.enclosure(item.image, length=0, type=_image_type(item.image))
        extra.add(f"{{{_MEDIA}}}thumbnail", url=item.image)


def render_atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0, UTF-8."""
    stamp = _distinct_stamps()
    stamped = [(item, stamp(item.updated, item.id)) for item in feed.articles]
    entries = [((_ATOM_MARKS, *_identity(item), _language(item, feed), time), (item, time)) for item, time in stamped]
    return assemble(_kept, _ATOM_MARKS, entries, partial(_atom_document, feed))


def _atom_document(feed: Feed, items: Iterable[tuple[Item, datetime]]) -> bytes:
    generator = _generator(feed, {"media": _MEDIA})
    generator.id(feed.urn)
    generator.updated(feed.updated)
    generator.author(name=feed.author)
    extra: _Extra = generator.extra
    extra.add("link", rel="alternate", type="text/html", href=feed.home)
    for rel, address in _places(feed, "atom"):
        extra.add("link", rel=rel, type="application/atom+xml", href=address)
    for item, updated in items:
        _atom_entry(item, feed, updated, generator.add_entry(order="append"))
    return _escape_plain_text(generator.atom_str(pretty=True))


def _atom_entry(item: Item, feed: Feed, updated: datetime, entry: FeedEntry) -> None:
    entry.id(item.urn)
    entry.title(item.title)
    entry.published(item.published.astimezone(UTC))
    entry.updated(updated)
    entry.author([{"name": name} for name in item.authors])
    entry.content(item.content, type="html")
    if item.summary and _END_TAG.search(item.summary):
        entry.summary(html.escape(item.summary, quote=False), type="html")
    elif item.summary:
        entry.summary(item.summary, type="text")
    entry.category([{"term": term, "label": label} for term, label in item.labels])
    extra: _Extra = entry.extra
    extra.add("link", rel="alternate", type="text/html", href=item.url)
    if language := _language(item, feed):
        extra.attributes[f"{{{_XML}}}lang"] = language
    if item.image:
        if not item.image_in_content:
            extra.add("link", rel="enclosure", type=_image_type(item.image), href=item.image)
        extra.add(f"{{{_MEDIA}}}thumbnail", url=item.image)


def _identity(item: Item) -> tuple[object, ...]:
    """What stands for an article in a process: its id and a keyed hash of all that is published of it."""
    return item.id, item.changed, hash(item)


def _language(item: Item, feed: Feed) -> str:
    """The language of an article where it is not its feed's, else ""."""
    return "" if item.language == feed.language else item.language


@dataclass(slots=True)
class _Extra:
    """A feedgen extension: elements written as they are, at the end of the feed's head or of the entry."""

    namespaces: Mapping[str, str] = field(default_factory=dict)
    attributes: dict[str | bytes, str | bytes] = field(default_factory=dict)
    elements: list[tuple[str, str | None, dict[str, str]]] = field(default_factory=list)

    def add(self, tag: str, text: str | None = None, /, **attributes: str) -> None:
        """Write an element (`tag` in lxml's notation)."""
        self.elements.append((tag, text, attributes))

    def extend_ns(self) -> dict[str, str]:
        """feedgen's hook: prefixes of the document."""
        return dict(self.namespaces)

    def extend_rss(self, root: etree._Element) -> None:
        """feedgen's hook: `root` is the document's, or an item."""
        channel = root.find("channel")
        self.extend_atom(root if channel is None else channel)

    def extend_atom(self, parent: etree._Element) -> None:
        """feedgen's hook: `parent` is the feed or an entry."""
        parent.attrib.update(self.attributes)
        for tag, text, attributes in self.elements:
            etree.SubElement(parent, tag, attributes).text = text


def _generator(feed: Feed, namespaces: Mapping[str, str]) -> Any:
    generator = FeedGenerator()
    generator.register_extension("extra", lambda: _Extra(namespaces), _Extra)
    generator.title(feed.title)
    generator.description(feed.description)
    generator.language(feed.language)
    generator.generator(GENERATOR)
    return generator


def _places(feed: Feed, suffix: str) -> Iterator[tuple[str, str]]:
    """Where this document is, and where the others of the feed are (RFC 5005, section 3)."""
    yield "self", feed.self_url(suffix)
    if feed.before:
        yield "first", feed.url(suffix)
    if address := feed.next_url(suffix):
        yield "next", address


_Stamp = Callable[[datetime, str], datetime]


def _distinct_stamps() -> _Stamp:
    """Times of one feed's entries, no two the same (RFC 4287 readers and validators want `updated` distinct).

    Only `updated` gets a fraction of a second; `published` is the store's to the second.
    """
    taken: set[datetime] = set()

    def stamp(moment: datetime, article_id: str) -> datetime:
        moment = _with_fraction(moment, article_id)
        while moment in taken:
            moment += timedelta(microseconds=1)
        taken.add(moment)
        return moment

    return stamp


def _with_fraction(moment: datetime, article_id: str) -> datetime:
    """The moment with a fraction of a second that belongs to the article, and so is the same in every feed.

    Articles of one day or one import share their time to the second.
    """
    return moment.astimezone(UTC).replace(microsecond=UUID(article_id).int % 1_000_000)


def _rfc822(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _image_type(address: str) -> str:
    extension = urlsplit(address).path.rpartition(".")[2].lower()
    return _IMAGE_TYPES.get(extension, "image/jpeg")


def _escape_plain_text(document: bytes) -> bytes:
    """Write `&` and `<` in plain text elements as the Best Practices Profile has it (`&#x26;`, `&#x3C;`).

    To a parser nothing changes; readers that search the raw text for HTML are not misled.
    """

    def escape(match: re.Match[bytes]) -> bytes:
        return match[0].replace(b"&amp;", b"&#x26;").replace(b"&lt;", b"&#x3C;")

    return _PLAIN_TEXT.sub(escape, document)
