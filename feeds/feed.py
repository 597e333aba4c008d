"""What is published, as values: a feed, what it says of itself, and its articles.

They are resolved: addresses are absolute ASCII, names and titles are never blank, so that renderers only write.
"""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from aggregator.models import CategoryPath, Source

from .paging import older
from .urls import Urls

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # the date of what never held anything: fixed, so that bytes stay

_FEED_IDS = uuid.UUID("6f1d7a52-3c5e-4b0e-9d54-8f5f3a1c2b77")


class Item(NamedTuple):
    """An article as it is published. `url` is the original page where known, else `permalink`, our own page.

    `content` is never empty: where an article has no body, its summary or title stands in. `image` is the article's
    picture, `image_in_content` whether the content shows it. `language` is a BCP 47 tag, "" when it is not known.
    `changed` and `seq` are the store's (see models.Filed) and tell what is new since an earlier version of a feed.
    """

    id: str
    url: str
    permalink: str
    title: str
    content: str
    summary: str
    authors: tuple[str, ...]
    categories: tuple[CategoryPath, ...]
    tags: tuple[str, ...]
    image: str | None
    image_in_content: bool
    language: str
    published: datetime
    updated: datetime
    source: Source
    changed: datetime
    seq: int

    @property
    def urn(self) -> str:
        """The id in feeds: the same in every format and scope, whatever becomes of the site's address."""
        return f"urn:uuid:{self.id}"

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """(term, label) of every category and tag: the whole path and its last name; no term twice."""
        terms = {"/".join(path): path[-1] for path in self.categories if path}
        for tag in self.tags:
            terms.setdefault(tag, tag)
        return tuple((term, label) for term, label in terms.items() if label.strip())


@dataclass(frozen=True, slots=True)
class Heading:
    """What a feed says of itself, whatever it holds. No text may be blank, or hold what XML cannot.

    `path` (as in models.Scope) and `query` (percent-encoded, without `?`) are its identity and make its addresses.
    `home` is the site that a reader calls its home, "" for its own page; `author` stands where an article names
    none, "" for the site; `language` is a BCP 47 tag, "" for the site's. `changed` is its date while it holds
    nothing; `withdrawn` is when an article last left it.
    """

    path: str
    title: str
    description: str
    query: str = ""
    home: str = ""
    author: str = ""
    language: str = ""
    changed: datetime = LONG_AGO
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's whole content, or one page of it.

    `path` (as in models.Scope) and `site`, the address of all of it, make its addresses; `query` (percent-encoded) is
    part of them. `home` is the site a reader calls its home. `updated` is when the content last changed; `articles`
    are sorted by publication, newest first. `max_age` is how long a cache may keep it, `ttl` what the config says.
    `before` is the token of an older page (see `paging`), "" for the feed document, which holds the newest articles;
    `next` is the token of the page behind this one, "" for the last.
    """

    path: str
    title: str
    description: str
    author: str
    site: Urls
    home: str
    language: str
    updated: datetime
    ttl: timedelta
    max_age: timedelta
    articles: tuple[Item, ...]
    query: str = ""
    before: str = ""
    next: str = ""

    @property
    def urn(self) -> str:
        """The feed's id: made without the site's address, so that it survives a change of that. Pages share it."""
        return f"urn:uuid:{uuid.uuid5(_FEED_IDS, with_query(self.path, self.query))}"

    @property
    def page(self) -> str:
        """The address of its HTML page, without query."""
        return self.site.page(self.path)

    def url(self, suffix: str) -> str:
        """The address of the feed in one of its formats."""
        return self._address(suffix, "")

    def self_url(self, suffix: str) -> str:
        """The address of this very document: the feed's, or an older page's."""
        return self._address(suffix, self.before)

    def next_url(self, suffix: str) -> str | None:
        """The address of the page with what arrived before these articles; None when nothing did."""
        return self._address(suffix, self.next) if self.next else None

    def _address(self, suffix: str, before: str) -> str:
        document = f"{self.path}.{suffix}"
        return with_query(self.site.page(older(before, document) if before else document), self.query)


def with_query(address: str, query: str) -> str:
    """An address with a query, which may be ""."""
    return f"{address}?{query}" if query else address
