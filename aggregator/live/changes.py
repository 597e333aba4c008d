"""What an edit of the config changed, in one line for the log. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from ..config import Config, CustomFeed, SourceConfig

_GROUPS = ("site", "server", "feeds", "publish", "defaults")
SHOWN = 12  # names in one list; an edit can add a thousand sources

Fields = Iterable[tuple[str, object]]  # the options of a group by name, as iterating over a model gives them


def describe(before: Config, now: Config) -> str:
    """Such as `sources added: zaker; sources changed: river (every); site changed: title`; "" for no change."""
    parts = [*_named("sources", _sources(before), _sources(now)), *_named("feeds", _custom(before), _custom(now))]
    if not any(part.startswith("sources") for part in parts) and before.sources != now.sources:
        parts.append("the order of the sources")
    groups = {group: _in(group, before, now) for group in _GROUPS}
    return "; ".join([*parts, *(f"{group} changed: {names}" for group, names in groups.items() if names)])


def _named(
    kind: str,
    before: Mapping[str, SourceConfig] | Mapping[str, CustomFeed],
    now: Mapping[str, SourceConfig] | Mapping[str, CustomFeed],
) -> list[str]:
    """What became of things that have slugs."""
    lost = before.keys() - now.keys()
    renamed = {alias: slug for slug, item in now.items() for alias in item.aliases if alias in lost}
    both = [slug for slug in now if slug in before]
    changes = {slug: names for slug in both if (names := _differing(before[slug], now[slug]))}
    lists = {
        "added": [slug for slug in now if slug not in before and slug not in renamed.values()],
        "removed": [slug for slug in before if slug not in now and slug not in renamed],
        "renamed": [f"{old} to {new}" for old, new in renamed.items()],
        "changed": [f"{slug} ({', '.join(names)})" for slug, names in changes.items()],
    }
    return [f"{kind} {what}: {_some(names)}" for what, names in lists.items() if names]


def _in(group: str, before: Config, now: Config) -> str:
    names = _differing(getattr(before, group), getattr(now, group))
    return _some([name for name in names if name != "custom"])


def _differing(before: Fields, now: Fields) -> list[str]:
    known = dict(before)
    return [name for name, value in now if known[name] != value]


def _some(names: Sequence[str]) -> str:
    more = [f"and {len(names) - SHOWN} more"] if len(names) > SHOWN else []
    return ", ".join([*names[:SHOWN], *more])


def _sources(config: Config) -> dict[str, SourceConfig]:
    return dict(zip(config.slugs, config.sources, strict=True))


def _custom(config: Config) -> dict[str, CustomFeed]:
    return {feed.slug: feed for feed in config.feeds.custom}
