"""The store's catalog follows the config: renamed, removed and returned sources, and custom feeds.

A step before the first scan. When nothing of this changed in the config it is a query or two; else

    config ─▶ names, titles, who is gone (one transaction) ─▶ members of new and changed feeds (chunk by chunk)

A step that was cut short is begun again at the next start.
"""

import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from .config import Config
from .custom import CustomFeeds
from .errors import ScanStoppedError
from .store import Catalog, Followed, Store

log = logging.getLogger(__name__)

VERSION = 1  # of this step; when it grows, it is done again
WAIT = 0.2  # seconds between looks at a lock that another process has

Clock = Callable[[], datetime]  # the time, aware, in UTC
Stopped = Callable[[], bool]


def sync(store: Store, config: Config, clock: Clock, stopped: Stopped = lambda: False) -> None:
    """Bring the store's sources and custom feeds to what the config says.

    `stopped` is asked now and then. Raises ScanStoppedError, and what the database raises.
    """
    feeds = CustomFeeds.of(config)
    wanted = Followed(_digest(config, feeds), _removable(config))
    # A process that still runs with the older config makes a renamed source anew.
    aliases = {f"sources/{alias}" for source in config.sources for alias in source.aliases}
    if store.followed() == wanted and not store.present(aliases):
        return
    with _alone(store, stopped):
        before = store.followed()
        if before == wanted and not store.present(aliases):
            return  # another process did it in the meantime
        with store.catalog(clock()) as catalog:
            stale = _follow(catalog, config, feeds, before)
            # Even if the building below is cut short, by the next edit, who is removable now goes when it is dropped.
            catalog.follow(Followed("", wanted.removable))
        _build(store, feeds.only(stale), clock, stopped)
        with store.catalog(clock()) as catalog:
            catalog.define({slug: feeds.definitions[slug].digest for slug in stale})
            catalog.follow(wanted)


def _follow(catalog: Catalog, config: Config, feeds: CustomFeeds, before: Followed) -> list[str]:
    """All but the members of feeds; returns the feeds that have to be built."""
    renamed = _rename(catalog, config)
    configured = set(config.slugs)
    for slug in sorted(before.removable - configured):
        if catalog.dismiss(f"sources/{slug}"):
            log.info("it is no longer in the config; its feeds are gone", extra={"source": slug})
    for slug, source in zip(config.slugs, config.sources, strict=True):
        catalog.describe(slug, source.title, source.link or "", source.language or config.site.language)
    catalog.place_categories(feeds.category_slugs)
    for slug in sorted(set(catalog.feeds()) - set(feeds.slugs)):
        catalog.dismiss(f"feeds/{slug}")
        log.info("it is no longer in the config; it is gone", extra={"feed": slug})
    stale = []
    for slug, definition in feeds.definitions.items():
        known = catalog.feed(slug, definition.title)
        if known != definition.digest or (renamed and definition.sources is not None):
            stale.append(slug)
    catalog.define(dict.fromkeys(stale, ""))
    return stale


def _rename(catalog: Catalog, config: Config) -> bool:
    """Move what the config knows by an older slug; whether a source was moved."""
    moved = False
    for slug, source in zip(config.slugs, config.sources, strict=True):
        for alias in source.aliases:
            if catalog.rename_source(alias, slug):
                log.info("it was %s; its articles and feeds moved along", alias, extra={"source": slug})
                moved = True
    for feed in config.feeds.custom:
        for alias in feed.aliases:
            catalog.rename(f"feeds/{alias}", f"feeds/{feed.slug}")
    return moved


def _build(store: Store, feeds: CustomFeeds, clock: Clock, stopped: Stopped) -> None:
    """Find the members of feeds among all articles."""
    after: int | None = 0 if feeds.definitions else None
    while after is not None:
        if stopped():
            raise ScanStoppedError("the building of custom feeds was stopped; the next start begins it again")
        after = store.build(feeds, after, clock())
    total = _size(store, "latest")
    for slug in feeds.slugs:
        if size := _size(store, f"feeds/{slug}"):
            log.info("it holds %d of %d articles", size, total, extra={"feed": slug})
        elif total:
            log.warning("it holds none of %d articles; are its rules right?", total, extra={"feed": slug})


def _size(store: Store, path: str) -> int:
    scope = store.scope(path)
    return scope.size if scope else 0


@contextmanager
def _alone(store: Store, stopped: Stopped) -> Iterator[None]:
    """Wait until no other process does this on the same store."""
    while not stopped():
        with store.lock("catalog") as held:
            if held:
                yield
                return
        time.sleep(WAIT)
    raise ScanStoppedError("stopped before the store could follow the config")


def _removable(config: Config) -> frozenset[str]:
    pairs = zip(config.slugs, config.sources, strict=True)
    return frozenset(slug for slug, source in pairs if source.on_remove == "gone")


def _digest(config: Config, feeds: CustomFeeds) -> str:
    """A hash of all that this step goes by."""
    sources = [
        (slug, source.aliases, source.title, source.link, source.language or config.site.language)
        for slug, source in zip(config.slugs, config.sources, strict=True)
    ]
    custom = [
        (feed.slug, feed.aliases, feed.title, feeds.definitions[feed.slug].digest) for feed in config.feeds.custom
    ]
    text = json.dumps([VERSION, sources, custom, sorted(feeds.category_slugs.items())])
    return hashlib.sha256(text.encode("ascii")).hexdigest()
