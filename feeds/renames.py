"""Feeds that have another place now: subscribers of the old one are sent on, for good."""

from collections.abc import Iterator

from aggregator.config import Config
from aggregator.slugs import segment

CATEGORIES = "categories/"


class Renames:
    """Where scopes were under their former slugs (`aliases`), and categories under their names (`category_slugs`).

    A slug that is in use again belongs to who uses it. A source that is split has no slug of its own, so none before.
    """

    def __init__(self, config: Config) -> None:
        named = zip(config.sources, config.slugs, strict=True)
        sources = [
            (f"sources/{alias}", f"sources/{slug}")
            for source, slug in named
            if source.split_by is None
            for alias in source.aliases
        ]
        custom = [(f"feeds/{alias}", f"feeds/{feed.slug}") for feed in config.feeds.custom for alias in feed.aliases]
        in_use = {f"sources/{slug}" for slug in config.slugs} | {f"feeds/{feed.slug}" for feed in config.feeds.custom}
        self._moved = {before: now for before, now in sources + custom if before not in in_use}
        self._slugs = {segment(name): slug for name, slug in config.feeds.category_slugs.items()}
        self._names = {slug: name for name, slug in self._slugs.items()}

    def now(self, path: str) -> str | None:
        """Where what was at a path is now; None when it was not moved."""
        return self._moved.get(path) or _category(path, self._slugs)

    def before(self, path: str) -> Iterator[str]:
        """Where else people may look for what is at a path."""
        yield from (before for before, now in self._moved.items() if now == path)
        if by_name := _category(path, self._names):
            yield by_name


def _category(path: str, places: dict[str, str]) -> str | None:
    """A category's path with other places; None when it is the same, or none of a category."""
    if not places or not path.startswith(CATEGORIES):
        return None
    above, *names = path.split("/")
    other = "/".join([above, *(places.get(name, name) for name in names)])
    return None if other == path else other
