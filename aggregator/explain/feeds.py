"""The feeds that an article is in, and those that the next scan puts it in. Addresses come from `site.url`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..config import Config
from ..models import Article, CategoryPath, Scope, ScopeKind, Source
from ..routing import Owner
from ..slugs import place
from ..store import Feeds, Subject
from ..store.lookup import Lookup
from ..store.scopes import CATEGORIES
from .standing import Standing

FORMATS = ("rss", "atom", "json")
_ORDER = (ScopeKind.ALL, ScopeKind.SOURCE, ScopeKind.CATEGORY, ScopeKind.CUSTOM)


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: what it is about, and its address by format. `holds`: the article is in it now, or only will be."""

    about: str
    path: str
    urls: Mapping[str, str]
    holds: bool


def present_feeds(config: Config, standing: Standing) -> list[Feed]:
    """The feeds that the article is in now."""
    scopes = sorted(standing.scopes, key=lambda scope: _ORDER.index(scope.kind))
    return [_feed(config, _about(scope), scope.path, holds=True) for scope in scopes]


def coming_feeds(
    config: Config, custom: Feeds, article: Article, owner: Owner, standing: Standing, lookup: Lookup | None
) -> list[Feed]:
    """The feeds that the next scan puts the article in, and that it is not in now. `custom` are the custom feeds."""
    now = {scope.path for scope in standing.scopes}
    subject = Subject(
        article.title, article.content, article.authors, article.categories, Source(standing.slug, owner.title)
    )
    titles = {feed.slug: feed.title for feed in config.feeds.custom}
    wanted = [("everything", "latest"), (f"source {owner.title}", f"sources/{standing.slug}")]
    wanted += [
        (f"category {' / '.join(names)}", _category(names, custom.category_slugs, lookup))
        for names in _nodes(article.categories)
    ]
    wanted += [(f"custom {titles[slug]}", f"feeds/{slug}") for slug in custom.holding(subject)]
    return [_feed(config, about, path, holds=False) for about, path in wanted if path not in now]


def _feed(config: Config, about: str, path: str, *, holds: bool) -> Feed:
    return Feed(about, path, {suffix: f"{config.site.url}/{quote(path)}.{suffix}" for suffix in FORMATS}, holds)


def _about(scope: Scope) -> str:
    if scope.kind is ScopeKind.ALL:
        return "everything"
    return f"{scope.kind} {' / '.join(scope.names) if scope.kind is ScopeKind.CATEGORY else scope.title}"


def _nodes(paths: tuple[CategoryPath, ...]) -> Iterator[CategoryPath]:
    """Every category that an article is in: each of its paths, and what is above."""
    nodes = (path[:depth] for path in paths for depth in range(1, len(path) + 1))
    return iter(dict.fromkeys(nodes))


def _category(names: CategoryPath, slugs: Mapping[str, str], lookup: Lookup | None) -> str:
    return (
        lookup.category(names, slugs) if lookup else "/".join([CATEGORIES, *(place(name, slugs) for name in names)])
    )
