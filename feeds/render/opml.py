"""OPML 2.0 (http://opml.org/spec2.opml): a list of feeds that readers import as subscriptions."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from ..feed import Feed

OPML = "text/x-opml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Group:
    """Feeds under one heading; readers make a folder or a tag of it."""

    title: str
    feeds: tuple[Feed, ...]


def render_opml(title: str, groups: Iterable[Group]) -> bytes:
    """The list as OPML 2.0, UTF-8.

    `groups` must not be empty, for a list must not be. It names no date of its own: the same feeds
    give the same bytes, whatever was published in them since.
    """
    root = ET.Element("opml", version="2.0")
    head = ET.SubElement(root, "head")
    ET.SubElement(head, "title").text = title
    body = ET.SubElement(root, "body")
    for group in groups:
        outline = ET.SubElement(body, "outline", text=group.title)
        for feed in group.feeds:
            ET.SubElement(outline, "outline", _subscription(feed))
    ET.indent(root, " ")
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def _subscription(feed: Feed) -> dict[str, str]:
    return {
        "type": "rss",  # the specification's word for any feed; so the RSS address stands with it
        "text": feed.title,
        "title": feed.title,
        "xmlUrl": feed.url("rss"),
        "htmlUrl": feed.home,
        "language": feed.language,
    }
