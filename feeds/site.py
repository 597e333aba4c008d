"""What the addresses of pages stand for: from the cache, or made from the store when that has changed."""

from collections.abc import Callable
from datetime import timedelta

from aggregator.config import Config

from .cache import Cache
from .directory import Directory
from .http import HTML, PAGE_HEADERS, Representation, caching
from .pages import Pages
from .selection import EVERYTHING, Library, find_scope, publish, publishable, select
from .urls import Urls

PAGE_BYTES = 32 * 2**20  # per process
PAGE_TTL = timedelta(minutes=1)


class Site:
    """Pages by address; None where there is nothing.

    A page shows what else there is, so it is kept by the store's revision. A revision is read before what it stands
    for, so that a change in between makes the next request render again, and never serves old content under a new
    revision.
    """

    def __init__(self, library: Library, config: Config) -> None:
        self.urls = Urls(config.site.url)
        self.pages = Pages(config.site, self.urls)
        self._library = library
        self._config = config
        self._pages = Cache(PAGE_BYTES)
        self._headers = (caching(PAGE_TTL), *PAGE_HEADERS)
        self._known: tuple[int, Directory] | None = None

    def ready(self) -> bool:
        """Whether the store answers and a first scan was done."""
        return self._library.ready()

    def directory(self) -> Directory:
        """What there is to subscribe to."""
        return self._directory(self._library.revision())

    def index(self) -> Representation | None:
        """The front page."""
        return self._page("", lambda directory: self._scope_page(EVERYTHING, directory, front=True))

    def scope_page(self, path: str) -> Representation | None:
        """The page of a source, a category, or everything."""
        return self._page(path, lambda directory: self._scope_page(path, directory))

    def article_page(self, article_id: str) -> Representation | None:
        """The page of an article."""
        return self._page(f"articles/{article_id}", lambda directory: self._article_page(article_id, directory))

    def _page(self, path: str, make: Callable[[Directory], str | None]) -> Representation | None:
        revision = self._library.revision()

        def represent() -> Representation | None:
            text = make(self._directory(revision))
            return None if text is None else Representation(text.encode(), HTML, headers=self._headers)

        return self._pages.get(path, revision, represent)

    def _scope_page(self, path: str, directory: Directory, *, front: bool = False) -> str | None:
        scope = find_scope(self._library, path)
        if scope is None:
            return None
        feed = select(self._library, scope, self._config)
        return self.pages.index(feed, directory) if front else self.pages.scope(scope, feed, directory)

    def _article_page(self, article_id: str, directory: Directory) -> str | None:
        filed = self._library.article(article_id)
        if filed is None or not publishable(filed):
            return None
        return self.pages.article(publish(filed, self.urls), directory)

    def _directory(self, revision: int) -> Directory:
        if self._known is None or self._known[0] != revision:
            self._known = revision, Directory.load(self._library)
        return self._known[1]
