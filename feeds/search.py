"""Searching: a page for people, and feeds of what is found.

    /search?q=…                  the best articles first; &page=2 shows more of them
    /search.rss  .atom  .json    the newest first; /older/<token>/search.rss?q=… as of any feed (see paging)
    /opensearch.xml              tells browsers and feed readers of it (OpenSearch 1.1)

What a query means is in aggregator.store.search.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, render_template, request
from werkzeug.exceptions import NotFound

from aggregator.config import Config
from aggregator.models import Cursor, Filed
from aggregator.store.search import MAX_HITS, Found, Query, Window, parse
from aggregator.store.search.excerpt import Fragment, excerpt, mark
from aggregator.store.search.text import plain_text

from .cache import Cache
from .delivery import place
from .feed import Heading, Item
from .http import FEED_HEADERS, caching, respond
from .i18n import default_locale, language
from .limits import SEARCH, Limits, networks
from .pages import Subscription
from .paging import OLDER, to_token
from .render import FORMATS, Format
from .representation import HTML, Representation
from .selection import assemble, publish, publishable
from .site import PAGE_TTL, Site

PATH = "search"
OPENSEARCH = "application/opensearchdescription+xml"
ON_PAGE = 30  # articles
EXCERPT = 200  # characters
# There is no end of queries, so what is kept of them is bounded apart from what everybody reads. In each process.
PAGE_BYTES = FEED_BYTES = 8 * 2**20

_TITLES = {"zh": "搜索：{}", "en": "Search: {}"}
_NOTHING_ASKED = "nothing is searched for: put a word into the address, as in /search.atom?q=word\n"


class Searching(Protocol):
    """What is asked of the store; see store.search."""

    def revision(self) -> tuple[int, int]:
        """Two numbers, one of which grows with every change of what searches find."""

    def edited(self) -> datetime:
        """When a text that is in no result any more was last changed or withdrawn."""

    def find(self, query: Query, limit: int, offset: int = 0) -> Found:
        """The best hits, behind the first `offset`."""

    def newest(self, query: Query, limit: int, before: Cursor | None = None) -> Window:
        """The newest hits by arrival, before a place."""


@dataclass(frozen=True, slots=True)
class Result:
    """An article that was found: its title, and some of its text around the first hit."""

    item: Item
    title: tuple[Fragment, ...]
    text: tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class SearchFeeds(Subscription):
    """The feeds of a search; `query` is percent-encoded."""

    query: str

    def url(self, suffix: str) -> str:
        """The address of one of them."""
        return f"{self.page}.{suffix}?{self.query}"


class Searches:
    """The answers to queries, kept by the revisions of the store and its index.

    A revision is read before what it stands for: see Publisher.
    """

    def __init__(self, search: Searching, config: Config, site: Site) -> None:
        self._search = search
        self._config = config
        self._site = site
        self._title = _TITLES[default_locale(config.site.language)]
        self._admit = Limits(networks(config.server.trusted_proxies)).gate(SEARCH)
        self._pages = Cache(PAGE_BYTES, name="search pages")
        self._feeds = Cache(FEED_BYTES, name="search feeds")

    def page(self, query: Query, number: int) -> Representation | None:
        """A page of results, or how to search; None behind the last page."""

        def make() -> Representation | None:
            if query:
                self._admit()
            text = self._results(query, number) if query else self._help(query)
            return None if text is None else Representation(text.encode(), HTML, headers=(caching(PAGE_TTL),))

        return self._pages.get((language().locale, query.text, number), self._search.revision(), make)

    def feed(self, query: Query, form: Format, before: Cursor | None) -> Representation:
        """The feed of what a query finds, or the page of it that arrived before a place."""

        def make() -> Representation:
            self._admit()
            edited = self._search.edited()  # before what it stands for
            window = self._search.newest(query, self._config.feeds.limit, before)
            feed = assemble(self._heading(query), window.articles, self._config, before=before)
            feed = replace(feed, next=to_token(window.next) if window.next else "")
            headers = (caching(feed.ttl, feed.max_age), *FEED_HEADERS)
            return Representation(form.render(feed), form.media_type, max(feed.updated, edited), headers)

        return self._feeds.get((query.text, form.suffix, before), self._search.revision(), make)

    def description(self) -> Representation:
        """The OpenSearch description."""
        text = render_template(
            "opensearch.xml", site=self._config.site, urls=self._site.urls, formats=FORMATS.values()
        )
        headers = (caching(self._config.feeds.ttl), *FEED_HEADERS)
        return Representation(text.encode(), OPENSEARCH, headers=headers)

    def _results(self, query: Query, number: int) -> str | None:
        found = self._search.find(query, ON_PAGE, ON_PAGE * (number - 1))
        if number > 1 and not found.articles:
            return None
        feeds = SearchFeeds(f"“{query.text}”", self._site.urls.page(PATH), _encoded(query))
        return self._site.pages.render(
            "search.html",
            feeds,
            {"q": query.text, "page": str(number)} if number > 1 else {"q": query.text},
            sought=query.text,
            address=f"{self._site.urls.local(PATH)}?{_encoded(query)}",
            number=number,
            first=ON_PAGE * (number - 1) + 1,
            found=found,
            results=tuple(self._shown(query, found.articles)),
            is_last=number * ON_PAGE >= found.total,
            publishers=self._site.directory().publishers,
        )

    def _help(self, query: Query) -> str:
        return self._site.pages.render("search.html", sought=query.text, found=None)

    def _shown(self, query: Query, articles: list[Filed]) -> Iterator[Result]:
        patterns = [term.pattern for term in query.wanted]
        for filed in filter(publishable, articles):
            item = publish(filed, self._site.urls)
            yield Result(item, mark(item.title, patterns), excerpt(plain_text(item.content), patterns, EXCERPT))

    def _heading(self, query: Query) -> Heading:
        site = self._config.site.title
        return Heading(
            path=PATH,
            title=f"{self._title.format(query.text)} – {site}",
            description=f"The newest articles of {site} with: {query.text}",
            query=_encoded(query),
        )


def search_routes(search: Searching, config: Config, site: Site) -> Blueprint:
    """The addresses that this module's docstring lists."""
    searches = Searches(search, config, site)
    routes = Blueprint("search", __name__)

    @routes.get(f"/{PATH}")
    def page() -> Response:
        representation = searches.page(parse(request.args.get("q", "")), _number(request.args.get("page", "1")))
        if representation is None:
            raise NotFound
        return respond(request, representation)

    suffixes = f"<any({', '.join(FORMATS)}):suffix>"

    @routes.get(f"/{PATH}.{suffixes}")
    @routes.get(f"/{OLDER}/<token>/{PATH}.{suffixes}")
    def feed(suffix: str, token: str | None = None) -> Response:
        before = None if token is None else place(token)
        query = parse(request.args.get("q", ""))
        if not query:
            headers = [("Cache-Control", "no-store"), *FEED_HEADERS]
            return Response(_NOTHING_ASKED, 400, headers, content_type="text/plain; charset=utf-8")
        return respond(request, searches.feed(query, FORMATS[suffix], before))

    @routes.get("/opensearch.xml")
    def description() -> Response:
        return respond(request, searches.description())

    return routes


def _encoded(query: Query) -> str:
    return urlencode({"q": query.text}, quote_via=quote)


def _number(text: str) -> int:
    """The number of a page of results. Raises NotFound for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_HITS)) and int(text)):
        raise NotFound
    return int(text)
