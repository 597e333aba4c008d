"""How programs find feeds and pages.

    /feeds.opml       the feeds of all sources by category, to be imported into a feed reader
    /robots.txt       what crawlers may read, and where the sitemap is
    /sitemap.xml      names the sitemaps
    /sitemap-0.xml    the pages that list articles: the front page, everything, each source and category
    /sitemap-<n>.xml  the pages of articles, a block of the store each

All stand at the root, since a sitemap may name only what is below its own folder.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol

from flask import Blueprint, Response, request
from werkzeug.exceptions import NotFound

from aggregator.config import Config
from aggregator.models import Scope, ScopeKind
from aggregator.store.census import Block

from .cache import Cache
from .feed import Feed
from .http import FEED_HEADERS, caching, respond
from .render.opml import OPML, Group, render_opml
from .render.sitemap import MAX_PAGES, SITEMAP, Page, render_sitemap, render_sitemap_index
from .representation import Representation
from .selection import EVERYTHING, NOTHING_YET, Library, compose, find_scope
from .urls import Urls

CACHE_BYTES = 16 * 2**20  # per process

_NUMBER = re.compile(r"0|[1-9][0-9]{0,8}")

# Headings for what no category heads: feeds that the site's owner put together, sources without category.
_HEADINGS = {"zh": ("专题", "未分类"), "en": ("Custom feeds", "Uncategorized")}


class Catalogue(Library, Protocol):
    """What discovery asks of the store; see store.census."""

    def publishers(self) -> set[tuple[int, int]]:
        """(top category, source), by scope id: in which categories the newest articles of a source are."""

    def blocks(self) -> list[int]:
        """The numbers of the blocks that hold a published article; the first is 1."""

    def block(self, number: int) -> Block | None:
        """A block's articles; None when it holds none."""


class Discovery:
    """The subscription list, robots.txt and sitemaps; kept by the store's revision, as pages are."""

    def __init__(self, library: Catalogue, config: Config) -> None:
        self._library = library
        self._config = config
        self._urls = Urls(config.site.url)
        self._cache = Cache(CACHE_BYTES, name="lists")
        self._headers = (caching(config.feeds.ttl), *FEED_HEADERS)

    def robots(self) -> Representation:
        """Crawlers may read all but searches, of which there is no end."""
        text = f"User-agent: *\nDisallow: {self._urls.local('search')}\nSitemap: {self._urls.page('sitemap.xml')}\n"
        return Representation(text.encode(), "text/plain; charset=utf-8", headers=self._headers)

    def subscriptions(self) -> Representation | None:
        """The OPML list."""
        return self._kept("opml", self._subscriptions)

    def sitemap_index(self) -> Representation | None:
        """The list of sitemaps."""
        return self._kept("index", self._sitemap_index)

    def sitemap(self, number: int) -> Representation | None:
        """A sitemap by its number; None where there is none."""
        return self._kept(number, lambda: self._articles(number) if number else self._lists())

    def _kept(self, key: str | int, make: Callable[[], Representation | None]) -> Representation | None:
        return self._cache.get(key, self._library.revision(), make)

    def _subscriptions(self) -> Representation:
        scopes = self._scopes()
        groups = subscription_groups(scopes, self._library.publishers(), self._config)
        return self._xml(render_opml(self._config.site.title, groups), OPML, _last_change(scopes))

    def _sitemap_index(self) -> Representation:
        addresses = [self._urls.page(f"sitemap-{number}.xml") for number in (0, *self._library.blocks())]
        return self._xml(render_sitemap_index(addresses), SITEMAP, _last_change(self._scopes()))

    def _lists(self) -> Representation:
        scopes = self._scopes()
        pages = [Page(f"{self._urls.base}/", _last_change(scopes))]
        pages += [Page(self._urls.page(scope.path), scope.changed) for scope in scopes if _is_shown(scope)]
        return self._xml(render_sitemap(pages[:MAX_PAGES]), SITEMAP, _last_change(scopes))

    def _articles(self, number: int) -> Representation | None:
        block = self._library.block(number)
        if block is None:
            return None
        pages = (Page(self._urls.article(article_id), updated) for article_id, updated in block.articles)
        return self._xml(render_sitemap(pages), SITEMAP, block.changed)

    def _scopes(self) -> list[Scope]:
        """Every scope, everything first, then in the order in which they came to be."""
        everything = find_scope(self._library, EVERYTHING) or NOTHING_YET
        others = [scope for kind in ScopeKind if kind is not ScopeKind.ALL for scope in self._library.scopes(kind)]
        return [everything, *sorted(others, key=lambda scope: scope.id)]

    def _xml(self, document: bytes, media_type: str, changed: datetime) -> Representation:
        return Representation(document, media_type, changed, self._headers)


def discovery_routes(library: Catalogue, config: Config) -> Blueprint:
    """The addresses that this module's docstring lists."""
    discovery = Discovery(library, config)
    routes = Blueprint("discovery", __name__)

    @routes.get("/feeds.opml")
    def subscriptions() -> Response:
        return _answer(discovery.subscriptions())

    @routes.get("/robots.txt")
    def robots() -> Response:
        return _answer(discovery.robots())

    @routes.get("/sitemap.xml")
    def sitemap_index() -> Response:
        return _answer(discovery.sitemap_index())

    @routes.get("/sitemap-<number>.xml")
    def sitemap(number: str) -> Response:
        return _answer(discovery.sitemap(int(number)) if _NUMBER.fullmatch(number) else None)

    return routes


def subscription_groups(
    scopes: Iterable[Scope], publishers: Iterable[tuple[int, int]], config: Config
) -> list[Group]:
    """What a reader can subscribe to, by heading: custom feeds, sources by top category, sources without one.

    A source that lately published in two top categories stands in both. What has no articles is left out; while
    nothing has, the feed of everything stands alone, since a list must not be empty.
    """
    shown: dict[ScopeKind, list[Scope]] = defaultdict(list)
    for scope in sorted(filter(_is_shown, scopes), key=lambda scope: (scope.title.casefold(), scope.path)):
        shown[scope.kind].append(scope)
    in_category: dict[int, set[int]] = defaultdict(set)
    for category, source in publishers:
        in_category[category].add(source)
    filed = {source for sources in in_category.values() for source in sources}
    custom, uncategorized = _HEADINGS["zh" if config.site.language.startswith("zh") else "en"]
    tops = [scope for scope in shown[ScopeKind.CATEGORY] if scope.id in in_category]
    sources = shown[ScopeKind.SOURCE]
    groups = [
        (custom, shown[ScopeKind.CUSTOM]),
        *((_feed(top, config).title, [one for one in sources if one.id in in_category[top.id]]) for top in tops),
        (uncategorized, [one for one in sources if one.id not in filed]),
    ]
    if not any(members for _, members in groups):
        groups = [(config.site.title, shown[ScopeKind.ALL])]
    return [Group(title, tuple(_feed(one, config) for one in members)) for title, members in groups if members]


def _feed(scope: Scope, config: Config) -> Feed:
    """A feed's head, with its names and addresses as the feed itself tells them."""
    return compose(scope, (), config)


def _answer(representation: Representation | None) -> Response:
    if representation is None:
        raise NotFound
    return respond(request, representation)


def _is_shown(scope: Scope) -> bool:
    return scope.kind is ScopeKind.ALL or scope.size > 0


def _last_change(scopes: Iterable[Scope]) -> datetime:
    return max(scope.changed for scope in scopes)
