"""Feeds that have another place now: subscribers of the old one are sent on, for good."""

from collections.abc import Mapping

from aggregator.config import Config


def renames(config: Config) -> Mapping[str, str]:
    """The paths of scopes under their former slugs (`aliases`) → their paths now.

    A slug that is in use again belongs to who uses it. A source that is split has no slug of its own, so none before.
    """
    sources = [
        (f"sources/{alias}", f"sources/{slug}")
        for source, slug in zip(config.sources, config.slugs, strict=True)
        if source.split_by is None
        for alias in source.aliases
    ]
    custom = [(f"feeds/{alias}", f"feeds/{feed.slug}") for feed in config.feeds.custom for alias in feed.aliases]
    moved = sources + custom
    in_use = {now for _, now in moved} | {f"sources/{slug}" for slug in config.slugs}
    in_use |= {f"feeds/{feed.slug}" for feed in config.feeds.custom}
    return {before: now for before, now in moved if before not in in_use}
