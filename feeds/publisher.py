"""What the addresses of feeds stand for: from the cache, or rendered from the store when their scope has changed."""

from aggregator.config import Config

from .cache import Cache
from .http import FEED_HEADERS, Representation, caching
from .render import Format
from .selection import Library, find_scope, select

FEED_BYTES = 64 * 2**20  # per process


class Publisher:
    """Feeds by address; None where there is nothing.

    A feed is kept by its scope's own revision, so that changes elsewhere leave it alone. The revision is read before
    the articles, so that a change in between makes the next request render again, and never serves old content under
    a new revision.
    """

    def __init__(self, library: Library, config: Config) -> None:
        self._library = library
        self._config = config
        self._feeds = Cache(FEED_BYTES)
        self._headers = (caching(config.feeds.ttl), *FEED_HEADERS)

    def feed(self, path: str, form: Format) -> Representation | None:
        """A scope's feed in one format."""
        scope = find_scope(self._library, path)
        if scope is None:
            return None

        def make() -> Representation:
            feed = select(self._library, scope, self._config)
            return Representation(form.render(feed), form.media_type, feed.updated, self._headers)

        return self._feeds.get((path, form.suffix), scope.revision, make)
