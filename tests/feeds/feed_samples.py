"""Articles and configurations for tests of publishing. All texts are our own."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from aggregator.config import Config, parse_config
from aggregator.models import Article, DateKind, Filed, Source

HARBOUR = Source("harbour-light", "Harbour Light", "https://harbour.example/", "en")
MORNING = Source("晨读", "晨读", "", "zh-CN")
DAY = datetime(2024, 5, 2, 9, 30, tzinfo=UTC)
SITE = "https://feeds.example/reading"

_STORED = ("id", "published", "updated", "changed", "arrived", "seq")


def make_filed(number: int = 1, source: Source = HARBOUR, **fields: Any) -> Filed:
    """An article in the store. `fields` are those of Filed and of Article; a higher number is a later article."""
    published = fields.get("published", DAY + timedelta(hours=number))
    stored = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, f"{source.slug} {number}")),
        "published": published,
        "updated": published,
        "changed": published + timedelta(minutes=5),
        "arrived": int(published.timestamp() * 1_000_000),
        "seq": number,
    } | {name: fields.pop(name) for name in _STORED if name in fields}
    article = {
        "title": f"Note {number}",
        "content": f"<p>The text of note {number}.</p>",
        "summary": f"About note {number}.",
        "date": published,
        "date_kind": DateKind.EXPLICIT,
        "content_hash": f"{number:064}",
        "body_hash": f"{number:064}",
    } | fields
    return Filed(source=source, article=Article(**article), **stored)


def make_config(url: str = SITE, limit: int = 50, ttl: str = "15 minutes") -> Config:
    text = f"""
site: {{title: Quiet Reading, url: "{url}", language: zh-CN}}
feeds: {{limit: {limit}, ttl: {ttl}}}
sources:
  - {{title: Harbour Light, path: articles}}
"""
    return parse_config(text, Path("/srv/reading/config.yaml"), {})
