"""What the addresses of feeds stand for: from the cache, or rendered from the store when their scope has changed."""

from collections.abc import Collection
from functools import lru_cache

from aggregator.config import Config
from aggregator.models import Cursor, Scope

from .cache import Cache
from .delta import frame, oldest, since, version_of
from .feed import Feed
from .http import FEED_HEADERS, Delta, caching
from .limits import OLDER, Limits, networks
from .render import Format
from .representation import Header, Representation
from .selection import Library, find_scope, select

FEED_BYTES = 64 * 2**20  # per process
# Older pages and deltas: clients can name as many as they like, so they must not push out what everybody reads.
OTHER_BYTES = 16 * 2**20
RECENT = 8  # feeds whose articles are at hand


class Publisher:
    """Feeds by scope.

    A feed is kept by its scope's own revision, so that changes elsewhere leave it alone. The revision is read before
    the articles, so that a change in between makes the next request render again, and never serves old content under
    a new revision.
    """

    def __init__(self, library: Library, config: Config) -> None:
        self._library = library
        self._config = config
        self._custom = {f"feeds/{custom.slug}": custom for custom in config.feeds.custom}
        # A feed's formats are asked for in turn, and hold the same.
        self._newest = lru_cache(RECENT)(lambda scope: select(library, scope, config))
        self._feeds = Cache(FEED_BYTES, name="feeds")
        self._others = Cache(OTHER_BYTES, name="older feeds")
        self._limits = Limits(networks(config.server.trusted_proxies))
        self._admit = self._limits.gate(OLDER)

    def find(self, path: str) -> Scope | None:
        """The scope whose feeds are published at a path; None when there is none, or none any more."""
        scope = find_scope(self._library, path)
        return None if scope is None or scope.gone else scope

    def gone(self, path: str) -> bool:
        """Whether a feed was once published at a path and was taken away for good."""
        return self._library.gone(path)

    def feed(self, scope: Scope, form: Format) -> Representation:
        """A scope's feed document: its newest articles."""

        def make() -> Representation:
            feed = self._newest(scope)
            version = str(version_of(feed, self._frame(scope)))
            return Representation(form.render(feed), form.media_type, feed.updated, _headers(feed), version)

        return self._feeds.get((scope.path, form.suffix), scope.revision, make)

    def page(self, scope: Scope, form: Format, before: Cursor) -> Representation:
        """An older page of a scope's feed: what arrived before a place.

        Nothing in it tells when an article left it, so its date for HTTP is that of the scope's last change.
        """

        def make() -> Representation:
            self._admit()
            feed = select(self._library, scope, self._config, before)
            return Representation(form.render(feed), form.media_type, scope.changed, _headers(feed))

        return self._others.get((scope.path, form.suffix, before), scope.revision, make)

    def delta(self, scope: Scope, form: Format, feed: Representation, tags: Collection[str]) -> Delta | None:
        """What is new in a scope's feed document since the oldest version of it that some ETags name.

        None when none names a version of this feed, or the new cannot be told, or this client asked for too many. It
        is kept by the tag of the document, and made after it: so it never lacks what belongs to that tag.
        """
        found = oldest(tags, self._frame(scope))
        if found is None:
            return None
        tag, base = found

        def make() -> Representation | None:
            if self._limits.wait(OLDER):
                return None
            new = since(self._newest(scope), base, scope.withdrawn)
            return None if new is None else Representation(form.render(new), form.media_type)

        document = self._others.get((scope.path, form.suffix, base), feed.etag(), make)
        return None if document is None else Delta(tag, document)

    def _frame(self, scope: Scope) -> str:
        return frame(scope.path, (self._config.feeds.limit, self._custom.get(scope.path)))


def _headers(feed: Feed) -> tuple[Header, ...]:
    return caching(feed.ttl, feed.max_age), *FEED_HEADERS
