"""Names in the rules of custom feeds that no file has. Notes only: articles in the store may have them. Pure."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ..config import Config
from ..models import CategoryPath
from .finding import Finding, files, finding, listed, nearest, written
from .seen import Front, Seen


def feed_findings(config: Config, seen: Seen) -> Iterator[Finding]:
    """A note for each source, category and author that a custom feed names and no file has now."""
    filed = [(glance.owner, glance.front) for glance in seen.glances.values() if glance.front and glance.owner]
    if not filed or not config.feeds.custom:
        return
    titles = Counter(owner.title for owner, _ in filed)
    authors = Counter(name for _, front in filed for name in front.authors)
    categories = Counter("/".join(node) for _, front in filed for node in nodes(front))
    slugs = {owner.slug.casefold() for owner, _ in filed}
    # Categories are compared as they are written, the names of people and sources in any case.
    sources = _Known("a source", titles, slugs | {title.casefold() for title in titles})
    people = _Known("an author", authors, {name.casefold() for name in authors})
    paths = _Known("a category", categories, set(categories))
    for index, feed in enumerate(config.feeds.custom):
        place = ("feeds", "custom", index)
        for position, name in enumerate(feed.sources or ()):
            if config.source_slug(name) is None and name.casefold() not in sources.found:
                yield _missing(config, (*place, "sources", position), name, sources)
        for position, path in enumerate(feed.categories or ()):
            if "/".join(path) not in paths.found:
                yield _missing(config, (*place, "categories", position), "/".join(path), paths)
        for position, name in enumerate(feed.authors or ()):
            if name.casefold() not in people.found:
                yield _missing(config, (*place, "authors", position), name, people)


@dataclass(frozen=True, slots=True)
class _Known:
    """What files have of a kind, with the number of files; `found` is what a name is looked for in."""

    noun: str
    counts: Mapping[str, int]
    found: Collection[str]


def _missing(config: Config, place: tuple[str | int, ...], name: str, known: _Known) -> Finding:
    near = nearest(name, known.counts)
    if near:
        remedy = f'did you mean "{near}" ({files(known.counts[near])})?'
    else:
        remedy = f"there is {listed(known.counts)}" if known.counts else "no file has any"
    named = "" if written(config, *place) or written(config, *place[:-1]) else f'"{name}" '
    return finding(config, place, f"{named}is {known.noun} that no file has now; {remedy}", serious=False)


def nodes(front: Front) -> Iterator[CategoryPath]:
    """Every category that an article is in: each of its paths, and what is above."""
    return iter(dict.fromkeys(path[:depth] for path in front.categories for depth in range(1, len(path) + 1)))
