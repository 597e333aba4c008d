"""What would be published from the folders as they are. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from ..config import Config, SourceConfig
from ..custom import CustomFeeds
from ..models import CategoryPath, Source
from ..slugs import place
from ..store import Outcome, Subject
from .feeds import nodes
from .seen import Front, Glance, Seen

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60), ("second", 1))


@dataclass(frozen=True, slots=True)
class Watched:
    """An item of `sources:` with what it takes; `files` counts those it gets, `drafts` and the like included."""

    title: str
    path: str
    takes: str
    rhythm: str
    files: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class Published:
    """A source as subscribers see it. `files` hold an article each, but two channels may hold the same one."""

    slug: str
    title: str
    url: str
    files: int = 0
    drafts: int = 0
    newest: Front | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """A category, or a custom feed: `files` is None where only the texts tell."""

    title: str
    url: str
    files: int | None


@dataclass(frozen=True, slots=True)
class Outlook:
    """All of it."""

    watched: tuple[Watched, ...]
    published: tuple[Published, ...]
    categories: tuple[Counted, ...]
    custom: tuple[Counted, ...]


def outlook(config: Config, custom: CustomFeeds, seen: Seen) -> Outlook:
    """What the folders would give; `custom` are the config's custom feeds."""
    glances = seen.glances.values()
    return Outlook(
        watched=tuple(_watched(config, glances)),
        published=tuple(_published(config, glances)),
        categories=tuple(_categories(config, glances)),
        custom=tuple(_custom(config, custom, glances)),
    )


def _watched(config: Config, glances: Iterable[Glance]) -> Iterable[Watched]:
    counts = Counter(id(glance.owner.config) for glance in glances if glance.owner)
    for source in config.sources:
        yield Watched(source.title, source.path, takes(source), rhythm(source), counts[id(source)], source.enabled)


def takes(source: SourceConfig) -> str:
    """Which files of its folder a source takes, in words."""
    parts = [f"{name}: {' or '.join(values)}" for name, values in source.match.items()]
    if "include" in source.model_fields_set:
        parts.append(" or ".join(source.include))
    parts += [f"a source per {source.split_by}"] if source.split_by else []
    return ", ".join(parts or ["all articles"])


def rhythm(source: SourceConfig) -> str:
    """How often a source's folder is scanned, in words."""
    if source.cron:
        return f"cron {source.cron} ({source.timezone})"
    return f"every {_duration(source.every)}"


def _duration(every: timedelta) -> str:
    """`5 minutes`, `hour`, `1 hour 30 minutes`, `1.5 seconds`."""
    left, parts = every.total_seconds(), []
    for unit, seconds in _UNITS:
        number = left // seconds if seconds > 1 else round(left, 6)
        left -= number * seconds
        if number:
            parts.append((number, unit))
    if len(parts) == 1 and parts[0][0] == 1:
        return parts[0][1]
    return " ".join(f"{number:g} {unit}{'' if number == 1 else 's'}" for number, unit in parts)


def _published(config: Config, glances: Iterable[Glance]) -> Iterable[Published]:
    """The configured sources in their order, then those found, the largest first."""
    named = dict(zip(config.slugs, config.sources, strict=True))
    titles = {slug: source.title for slug, source in named.items()}
    found: dict[str, list[Glance]] = {
        slug: [] for slug, source in named.items() if source.enabled and not source.split_by
    }
    configured = len(found)
    for glance in glances:
        if glance.owner and glance.owner.config.enabled:
            found.setdefault(glance.owner.slug, []).append(glance)
            titles.setdefault(glance.owner.slug, glance.owner.title)
    rows = [_source(config, slug, titles[slug], several) for slug, several in found.items()]
    return [*rows[:configured], *sorted(rows[configured:], key=lambda row: -row.files)]


def _source(config: Config, slug: str, title: str, glances: Iterable[Glance]) -> Published:
    fronts = [glance.front for glance in glances if glance.front]
    return Published(
        slug,
        title,
        address(config, f"sources/{slug}"),
        len(fronts),
        sum(glance.outcome is Outcome.DRAFT for glance in glances),
        max(fronts, key=lambda front: front.date, default=None),
    )


def address(config: Config, path: str) -> str:
    """The address of a feed."""
    return f"{config.site.url}/{quote(path)}.atom"


def _categories(config: Config, glances: Iterable[Glance]) -> Iterable[Counted]:
    """Every category with its number of files, the largest first; below one another in the order of their names."""
    counts: Counter[CategoryPath] = Counter(
        node for glance in glances if glance.front for node in nodes(glance.front)
    )
    for names, number in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        path = "/".join(["categories", *(place(name, config.feeds.category_slugs) for name in names)])
        yield Counted(" / ".join(names), address(config, path), number)


def _custom(config: Config, custom: CustomFeeds, glances: Iterable[Glance]) -> Iterable[Counted]:
    """Custom feeds; those that look for words depend on texts, which are not read here."""
    by_front = custom.only([feed.slug for feed in config.feeds.custom if not (feed.include or feed.exclude)])
    counts: Counter[str] = Counter()
    if by_front.slugs:
        for glance in glances:
            if glance.front and glance.owner:
                counts.update(by_front.holding(_subject(glance.front, glance.owner.slug, glance.owner.title)))
    for feed in config.feeds.custom:
        number = counts[feed.slug] if feed.slug in by_front.slugs else None
        yield Counted(feed.title, address(config, f"feeds/{feed.slug}"), number)


def _subject(front: Front, slug: str, title: str) -> Subject:
    return Subject(front.title, "", front.authors, front.categories, Source(slug, title))
