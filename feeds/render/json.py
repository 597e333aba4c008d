"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import json
from datetime import UTC, datetime
from typing import Any

from ..feed import Feed, Item


def render_json(feed: Feed) -> bytes:
    """The feed as JSON Feed 1.1, UTF-8. Members that would be empty are left out.

    All pages of a feed have one `feed_url`: it is the feed's identifier.
    """
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.url("json"),
        "description": feed.description,
        "authors": [{"name": feed.author}],
        "language": feed.language,
        "next_url": feed.next_url("json"),
        "items": [_item(item, feed) for item in feed.articles],
    }
    document = {name: value for name, value in document.items() if value is not None}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _item(item: Item, feed: Feed) -> dict[str, Any]:
    members = {
        "id": item.urn,
        "url": item.url,
        "title": item.title,
        "content_html": item.content,
        "summary": item.summary,
        "image": item.image,
        "date_published": _rfc3339(item.published),
        "date_modified": _rfc3339(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": [term for term, _ in item.labels],
        "language": item.language if item.language != feed.language else "",
    }
    return {name: value for name, value in members.items() if value or name == "content_html"}


def _rfc3339(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
