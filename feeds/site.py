"""What the addresses of pages stand for: from the cache, or made from the store when that has changed."""

from collections.abc import Callable, Iterable
from datetime import timedelta

from aggregator.config import Config
from aggregator.models import Cursor, Filed, Scope, ScopeKind

from .cache import Cache
from .directory import Directory, Publisher
from .feed import Item
from .http import caching
from .i18n import language
from .limits import OLDER, Limits, networks
from .pages import Around, Pages
from .representation import HTML, Representation
from .selection import EVERYTHING, Library, find_scope, publish, publishable, select
from .surroundings import surroundings
from .urls import Urls

PAGE_BYTES = 32 * 2**20  # per process
# Clients can name as many older pages as they like, which must not push out what everybody reads.
OLDER_BYTES = 8 * 2**20
PAGE_TTL = timedelta(minutes=1)
# Articles on a page; fewer where feeds hold fewer.
ON_FRONT = 20
ON_PAGE = 30


class Site:
    """Pages by address; None where there is nothing.

    A page shows what else there is, so it is kept by the store's revision, for each language of the interface. A
    revision is read before what it stands for, so that a change in between makes the next request render again, and
    never serves old content under a new revision. `static`: see Pages.
    """

    def __init__(self, library: Library, config: Config, *, static: bool = False) -> None:
        self.urls = Urls(config.site.url)
        self.pages = Pages(config.site, self.urls, static=static)
        self._library = library
        self._surroundings = surroundings(library)
        self._front, self._lists = (_with_limit(config, limit) for limit in (ON_FRONT, ON_PAGE))
        self._pages, self._older = Cache(PAGE_BYTES, name="pages"), Cache(OLDER_BYTES, name="older pages")
        self._admit = Limits(networks(config.server.trusted_proxies)).gate(OLDER)
        self._older_ttl = config.feeds.ttl  # they change by edits and withdrawals only
        self._known: tuple[int, Directory] | None = None

    def ready(self) -> bool:
        """Whether the store answers and a first scan was done."""
        return self._library.ready()

    def gone(self, path: str) -> bool:
        """Whether something was at a path that will not come back."""
        return self._library.gone(path)

    def directory(self) -> Directory:
        """What there is to subscribe to."""
        return self._directory(self._library.revision())

    def index(self) -> Representation | None:
        """The front page."""
        return self._page(("",), self._index)

    def scope_page(self, path: str, before: Cursor | None = None) -> Representation | None:
        """The page of a source, a category, a custom feed, or everything; or an older page: what arrived before a
        place."""
        kept, ttl = (self._older, self._older_ttl) if before else (self._pages, PAGE_TTL)
        return self._page((path, before), lambda directory: self._scope_page(path, before, directory), kept, ttl)

    def beside(self, scope: Scope) -> tuple[object, ...]:
        """What a scope's page shows beside its articles: values that are equal while all of it is."""
        directory = self.directory()
        return (
            directory.publishers.get(scope.path),
            self._sources_in(scope, directory),
            directory.tree(scope) if scope.kind is ScopeKind.CATEGORY else (),
        )

    def article_page(self, article_id: str) -> Representation | None:
        """The page of an article."""
        return self._page((article_id,), lambda directory: self._article_page(article_id, directory))

    def _page(
        self,
        key: tuple[object, ...],
        make: Callable[[Directory], str | None],
        kept: Cache | None = None,
        ttl: timedelta = PAGE_TTL,
    ) -> Representation | None:
        revision = self._library.revision()

        def represent() -> Representation | None:
            text = make(self._directory(revision))
            return None if text is None else Representation(text.encode(), HTML, headers=(caching(ttl),))

        return (kept or self._pages).get((language().locale, *key), revision, represent)

    def _index(self, directory: Directory) -> str | None:
        scope = find_scope(self._library, EVERYTHING)
        if scope is None:
            return None
        return self.pages.index(select(self._library, scope, self._front), directory, scope.size)

    def _scope_page(self, path: str, before: Cursor | None, directory: Directory) -> str | None:
        scope = find_scope(self._library, path)
        if scope is None or scope.gone:
            return None
        if before:
            self._admit()
        feed = select(self._library, scope, self._lists, before)
        if before and not feed.articles:
            return None
        return self.pages.scope(scope, feed, directory, () if before else self._sources_in(scope, directory))

    def _sources_in(self, scope: Scope, directory: Directory) -> list[Publisher]:
        """The sources of a category; those with the most articles in it first."""
        if scope.kind is not ScopeKind.CATEGORY:
            return []
        counts = self._surroundings.sources_in(scope)
        found = [publisher for path, publisher in directory.publishers.items() if path in counts]
        return sorted(found, key=lambda publisher: -counts[publisher.scope.path])

    def _article_page(self, article_id: str, directory: Directory) -> str | None:
        filed = self._library.article(article_id)
        if filed is None or not publishable(filed):
            return None
        before, after = self._surroundings.neighbours(filed)
        around = Around(self._item(before), self._item(after), tuple(self._items(self._surroundings.versions(filed))))
        return self.pages.article(publish(filed, self.urls), directory, around)

    def _items(self, found: Iterable[Filed]) -> list[Item]:
        return [publish(filed, self.urls) for filed in found if publishable(filed)]

    def _item(self, filed: Filed | None) -> Item | None:
        return next(iter(self._items([filed])), None) if filed else None

    def _directory(self, revision: int) -> Directory:
        if self._known is None or self._known[0] != revision:
            self._known = revision, Directory.load(self._library)
        return self._known[1]


def _with_limit(config: Config, limit: int) -> Config:
    """The config for pages that list fewer articles than feeds hold."""
    feeds = config.feeds.model_copy(update={"limit": min(limit, config.feeds.limit)})
    return config.model_copy(update={"feeds": feeds})
