"""HTML pages: values → text, through the templates, in the language of the request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, render_template
from jinja2 import BytecodeCache, StrictUndefined
from jinja2.bccache import Bucket

from aggregator.config import Site
from aggregator.models import Scope, ScopeKind

from . import assets
from .directory import Directory, Publisher
from .feed import Feed, Item
from .i18n import LANGUAGES, PARAMETER, gettext, language
from .paging import older
from .preview import Preview, news_article, of_article
from .readers import READERS, desktop
from .render import FORMATS
from .selection import EVERYTHING
from .typeset import typeset
from .urls import Urls

FEW_CATEGORIES = 8  # so many may lie open on the front page
# What pages may do, wherever they come from: run nothing but our own script.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src http: https: data:; "
    "media-src http: https:; base-uri 'none'; form-action 'self'"
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a page offers to subscribe to: a title, and the address of its feeds without their suffix."""

    title: str
    page: str

    def url(self, suffix: str) -> str:
        """The address of one of the feeds."""
        return f"{self.page}.{suffix}"


@dataclass(frozen=True, slots=True)
class Around:
    """What an article's page shows of others: before and after it in its source, the same one in other sources."""

    before: Item | None = None
    after: Item | None = None
    versions: tuple[Item, ...] = ()


class _Compiled(BytecodeCache):
    """Templates, compiled once for all apps of this process: every edit of the config makes a new app."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template's code, if it was compiled before."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code."""
        self._codes[bucket.key, bucket.checksum] = bucket.code


_compiled = _Compiled()


def set_up_templates(app: Flask) -> None:
    """Have an app read our templates as they are written."""
    app.jinja_env.bytecode_cache = _compiled
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


class Pages:
    """The pages of one site. `static`: they are files, with no service behind them that could search, or speak
    another language."""

    def __init__(self, site: Site, urls: Urls, *, static: bool = False) -> None:
        self._urls = urls
        self._site = site.title
        self._everything = Subscription(site.title, urls.page(EVERYTHING))
        self._failures: dict[tuple[int, str], str] = {}
        self._common = {
            "site": site.title,
            "language": site.language,
            "local": urls.local,
            "older": older,
            "asset": self._asset,
            "formats": tuple(FORMATS.values()),
            "everything": self._everything,
            "readers": READERS,
            "desktop": desktop,
            "interfaces": tuple(LANGUAGES.values()),
            "static": static,
            "policy": POLICY,
        }

    def index(self, feed: Feed, directory: Directory, size: int) -> str:
        """The front page: what is published, with the newest articles. `size` counts all articles."""
        nodes = directory.tree()
        return self.render(
            "index.html",
            canonical=f"{self._urls.base}/",
            preview=self._preview(self._site),
            feed=feed,
            size=size,
            publishers=directory.publishers,
            liveliest=directory.liveliest,
            custom=directory.custom,
            nodes=nodes,
            open=sum(1 + len(node.children) for node in nodes) <= FEW_CATEGORIES,
        )

    def scope(self, scope: Scope, feed: Feed, directory: Directory, inside: Iterable[Publisher] = ()) -> str:
        """The page of a source, a category, a custom feed, or everything; or an older page of it.

        `inside` are the sources of a category. An older page shows its articles and nothing that changes as others
        arrive.
        """
        is_category = scope.kind is ScopeKind.CATEGORY
        name = scope.title or gettext("All articles")
        return self.render(
            "scope.html",
            Subscription(feed.title, feed.page),
            canonical=self._urls.page(older(feed.before, scope.path)) if feed.before else feed.page,
            preview=self._preview(feed.title),
            name=name,
            scope=scope,
            feed=feed,
            publishers=directory.publishers,
            publisher=directory.publishers.get(scope.path),
            inside=inside,
            above=directory.trail(scope.names)[:-1] if is_category else (),
            nodes=directory.tree(scope) if is_category else (),
        )

    def article(self, item: Item, directory: Directory, around: Around) -> str:
        """The page of one article, its permalink."""
        source = directory.publishers.get(f"sources/{item.source.slug}")
        return self.render(
            "article.html",
            Subscription(source.scope.title, self._urls.page(source.scope.path)) if source else None,
            canonical=item.permalink,
            preview=of_article(item),
            data=news_article(item),
            item=item,
            content=typeset(item.content, gettext("Picture")),
            around=around,
            publishers=directory.publishers,
            trails=[trail for path in item.categories if (trail := directory.trail(path))],
        )

    def moved(self, scope: Scope) -> str:
        """The page at the former address of a scope, for hosts that cannot redirect."""
        return render_template(
            "moved.html",
            policy=POLICY,
            address=self._urls.page(scope.path),
            place=self._urls.local(scope.path),
            scope=scope,
            language=self._common["language"],
        )

    def error(self, status: int, suggestions: Iterable[Scope] = (), sought: str = "") -> str:
        """The page for a request that failed; with what may have been meant, and the words to search for.

        Without these it is made once, since it costs more than what was refused.
        """
        found = tuple(suggestions)
        if found or sought:
            return self.render("error.html", status=status, suggestions=found, sought=sought)
        key = status, language().locale
        if key not in self._failures:
            self._failures[key] = self.render("error.html", status=status, suggestions=(), sought="")
        return self._failures[key]

    def render(
        self,
        template: str,
        subscription: Subscription | None = None,
        query: Mapping[str, str] | None = None,
        **values: object,
    ) -> str:
        """A page from a template that extends base.html.

        `subscription` is what it offers, everything if it is None. `query` stands behind `?` in the page's address,
        and is kept where the reader switches the language. A template needs `canonical`, unless it fills that block.
        """
        values = {"preview": None} | self._common | values

        def switch(locale: str) -> str:
            return "?" + urlencode({**(query or {}), PARAMETER: locale})

        return render_template(
            template, subscription=subscription or self._everything, interface=language(), switch=switch, **values
        )

    def _preview(self, title: str) -> Preview:
        return Preview(title, gettext("The newest articles of %(title)s") % {"title": title})

    def _asset(self, name: str) -> str:
        """Where a static file is, with a mark of its content, so that a new version is fetched at once."""
        return f"{self._urls.local(f'static/{name}')}?v={assets.FILES[name].etag()[:8]}"
