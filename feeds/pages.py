"""HTML pages: values → text, through the templates. All words that people read are in templates/texts.html."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template

from aggregator.config import Site
from aggregator.models import Scope, ScopeKind

from . import assets
from .directory import Directory
from .render import FORMATS
from .selection import EVERYTHING, Feed, Item
from .urls import Urls

NEWEST = 30  # articles on the front page


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a page offers to subscribe to: a title, and the address of its feeds without their suffix."""

    title: str
    page: str

    def url(self, suffix: str) -> str:
        """The address of one of the feeds."""
        return f"{self.page}.{suffix}"


class Pages:
    """The pages of one site."""

    def __init__(self, site: Site, urls: Urls) -> None:
        self._urls = urls
        self._everything = Subscription(site.title, urls.page(EVERYTHING))
        self._common = {
            "site": site.title,
            "language": site.language,
            "local": urls.local,
            "asset": self._asset,
            "formats": tuple(FORMATS.values()),
        }

    def index(self, feed: Feed, directory: Directory) -> str:
        """The front page: what is published, with the newest articles."""
        return self._page(
            "index.html",
            canonical=f"{self._urls.base}/",
            articles=feed.articles[:NEWEST],
            feed=feed,
            sources=directory.sources,
            nodes=directory.tree(),
        )

    def scope(self, scope: Scope, feed: Feed, directory: Directory) -> str:
        """The page of a source, a category, or everything."""
        is_category = scope.kind is ScopeKind.CATEGORY
        return self._page(
            "scope.html",
            Subscription(feed.title, feed.page),
            canonical=feed.page,
            scope=scope,
            feed=feed,
            above=directory.trail(scope.names)[:-1] if is_category else (),
            nodes=directory.tree(scope) if is_category else (),
        )

    def article(self, item: Item, directory: Directory) -> str:
        """The page of one article, its permalink."""
        source = f"sources/{item.source.slug}"
        return self._page(
            "article.html",
            Subscription(item.source.title, self._urls.page(source)),
            canonical=item.permalink,
            item=item,
            source=source,
            trails=[trail for path in item.categories if (trail := directory.trail(path))],
        )

    def error(self, status: int, suggestions: Iterable[Scope] = ()) -> str:
        """The page for a request that failed."""
        return self._page("error.html", status=status, suggestions=tuple(suggestions))

    def _asset(self, name: str) -> str:
        """Where a static file is, with a mark of its content, so that a new version is fetched at once."""
        return f"{self._urls.local(f'static/{name}')}?v={assets.FILES[name].etag()[:8]}"

    def _page(self, template: str, subscription: Subscription | None = None, **values: object) -> str:
        return render_template(template, subscription=subscription or self._everything, **self._common, **values)
