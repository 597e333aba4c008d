"""RSS 2.0 and Atom 1.0 (RFC 4287), written with feedgen. Nothing else imports feedgen or lxml.

    Feed ─ its head ─▶ feedgen ─▶ a document without entries ─┐
    Item ─ its texts ─▶ a form, which feedgen made once ─▶ entries ─┴─▶ the document

feedgen writes what it gets right. The rest goes through an extension of our own, `_Extra`: links with their types
(feedgen drops them), dates of RSS (feedgen formats them through `locale.setlocale`, which changes the whole process),
and the elements it does not know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator
from lxml import etree

from ..feed import Feed, Item
from .entries import AtomTexts, RssTexts, atom_texts, distinct_stamps, rfc822, rss_texts
from .forms import Form, Shape, escape_plain_text, marks, shape_of

GENERATOR = "Aggregator"  # without a version: an upgrade is no change of the feed

_ATOM = "http://www.w3.org/2005/Atom"
_DC = "http://purl.org/dc/elements/1.1/"
_MEDIA = "http://search.yahoo.com/mrss/"
_SY = "http://purl.org/rss/1.0/modules/syndication/"
_XML = "http://www.w3.org/XML/1998/namespace"

_FORMS = 200  # shapes of articles, of 2 to 20 KB each, that are at hand for each format


def render_rss(feed: Feed) -> bytes:
    """The feed as RSS 2.0, by the RSS Advisory Board's Best Practices Profile, UTF-8."""
    head, tail = _cut(_rss_head(feed).rss_str(pretty=True), b"  </channel>")
    entries = (rss_texts(item, _language(item, feed)) for item in feed.articles)
    return b"".join([head, *(_rss_form(shape_of(texts)).fill(texts) for texts in entries), tail])


def _rss_head(feed: Feed) -> Any:
    generator = _rss_generator(feed.title, feed.home, feed.description)
    generator.language(feed.language)
    minutes = max(1, round(feed.ttl / timedelta(minutes=1)))
    generator.ttl(minutes)
    extra: _Extra = generator.extra
    for rel, address in _places(feed, "rss"):
        extra.add(f"{{{_ATOM}}}link", href=address, rel=rel, type="application/rss+xml")
    extra.add("lastBuildDate", rfc822(feed.updated))
    if feed.articles:
        extra.add("pubDate", rfc822(feed.articles[0].published))
    period, length = ("hourly", 60) if minutes <= 60 else ("daily", 24 * 60)
    extra.add(f"{{{_SY}}}updatePeriod", period)
    extra.add(f"{{{_SY}}}updateFrequency", str(max(1, length // minutes)))
    return generator


def _rss_generator(title: str, home: str, description: str) -> Any:
    generator = _generator(title, description, {"dc": _DC, "media": _MEDIA, "sy": _SY})
    generator.link(href=home)
    # feedgen would write the time of now, and through the locale; `_Extra` writes the real one.
    generator._FeedGenerator__rss_lastBuildDate = None
    return generator


@lru_cache(_FORMS)
def _rss_form(shape: Shape) -> Form:
    generator = _rss_generator("-", "-", "-")
    _rss_item(RssTexts(*marks(shape)), generator.add_entry())  # type: ignore[arg-type]
    return _form(generator.rss_str(pretty=True), b"    <item>", b"  </channel>")


def _rss_item(texts: RssTexts, entry: FeedEntry) -> None:
    entry.title(*texts.title)
    entry.guid(*texts.guid, permalink=False)
    entry.link(href=texts.link[0], rel="alternate")
    entry.description(*texts.description)
    entry.content(*texts.content)
    entry.category([{"term": term} for term in texts.categories])
    extra: _Extra = entry.extra
    extra.add("pubDate", *texts.published)
    for name in texts.creators:
        extra.add(f"{{{_DC}}}creator", name)
    for language in texts.language:
        extra.add(f"{{{_DC}}}language", language)
    for address, media_type in zip(texts.enclosure, texts.enclosure_type, strict=True):
        entry.enclosure(address, length=0, type=media_type)
    for address in texts.thumbnail:
        extra.add(f"{{{_MEDIA}}}thumbnail", url=address)


def render_atom(feed: Feed) -> bytes:
    """The feed as Atom 1.0, UTF-8."""
    head, tail = _cut(_atom_head(feed).atom_str(pretty=True), b"</feed>")
    stamp = distinct_stamps()
    entries = (atom_texts(item, _language(item, feed), stamp(item.updated, item.id)) for item in feed.articles)
    return b"".join([head, *(_atom_form(shape_of(texts)).fill(texts) for texts in entries), tail])


def _atom_head(feed: Feed) -> Any:
    generator = _atom_generator(feed.urn, feed.title, feed.description)
    generator.language(feed.language)
    generator.updated(feed.updated)
    generator.author(name=feed.author)
    extra: _Extra = generator.extra
    extra.add("link", rel="alternate", type="text/html", href=feed.home)
    for rel, address in _places(feed, "atom"):
        extra.add("link", rel=rel, type="application/atom+xml", href=address)
    return generator


def _atom_generator(urn: str, title: str, description: str) -> Any:
    generator = _generator(title, description, {"media": _MEDIA})
    generator.id(urn)
    return generator


@lru_cache(_FORMS)
def _atom_form(shape: Shape) -> Form:
    generator = _atom_generator("-", "-", "-")
    _atom_entry(AtomTexts(*marks(shape)), generator.add_entry())  # type: ignore[arg-type]
    return _form(generator.atom_str(pretty=True), b"  <entry", b"</feed>")


def _atom_entry(texts: AtomTexts, entry: FeedEntry) -> None:
    entry.id(*texts.id)
    entry.title(*texts.title)
    entry.published(datetime.fromisoformat(*texts.published))
    entry.updated(datetime.fromisoformat(*texts.updated))
    entry.author([{"name": name} for name in texts.authors])
    entry.content(*texts.content, type="html")
    for summary in texts.summary:
        entry.summary(summary, type="text")
    for summary in texts.html_summary:
        entry.summary(summary, type="html")
    entry.category([{"term": term, "label": label} for term, label in zip(texts.terms, texts.labels, strict=True)])
    extra: _Extra = entry.extra
    extra.add("link", rel="alternate", type="text/html", href=texts.link[0])
    for language in texts.language:
        extra.attributes[f"{{{_XML}}}lang"] = language
    for address, media_type in zip(texts.enclosure, texts.enclosure_type, strict=True):
        extra.add("link", rel="enclosure", type=media_type, href=address)
    for address in texts.thumbnail:
        extra.add(f"{{{_MEDIA}}}thumbnail", url=address)


def _language(item: Item, feed: Feed) -> str:
    """The language of an article where it is not its feed's, else ""."""
    return "" if item.language == feed.language else item.language


def _cut(document: bytes, end: bytes) -> tuple[bytes, bytes]:
    """A document without entries, cut where they belong. No text has an end tag, since `<` is always escaped."""
    document = escape_plain_text(document)
    place = document.rindex(end)
    return document[:place], document[place:]


def _form(document: bytes, begin: bytes, end: bytes) -> Form:
    return Form(document[document.index(begin) : document.rindex(end)])


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


def _generator(title: str, description: str, namespaces: Mapping[str, str]) -> Any:
    generator = FeedGenerator()
    generator.register_extension("extra", lambda: _Extra(namespaces), _Extra)
    generator.title(title)
    generator.description(description)
    generator.generator(GENERATOR)
    return generator


def _places(feed: Feed, suffix: str) -> Iterator[tuple[str, str]]:
    """Where this document is, and where the others of the feed are (RFC 5005, section 3)."""
    yield "self", feed.self_url(suffix)
    if feed.before:
        yield "first", feed.url(suffix)
    if address := feed.next_url(suffix):
        yield "next", address
