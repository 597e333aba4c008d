"""Which source a file belongs to: the first of the config whose folder, globs and `match` fit. Pure.

And which custom feeds its article goes to: `Router.feeds`.
"""

import hashlib
import html
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property, lru_cache
from pathlib import Path

from .composition import composed
from .config import Config, SourceConfig
from .custom import CustomFeeds
from .models import FieldValue, Sent
from .normalizer import VERSION, Options
from .overlap import Neighbours, find_overlaps, lie
from .slugs import slugify
from .sources import FarShelf, FileStat, Globs, Shelf, media_key, media_type

MAX_REMEMBERED = 1000  # owners
SHORT = 100  # characters of a name that is remembered


@dataclass(frozen=True, slots=True)
class Owner(Sent):
    """The source that a file belongs to. `fixed` tells that its slug is the config's own, not an author's.

    `config` is the item that took the file; `slug`, `title`, `link` and `language` are the source's, which another
    item may have named.
    """

    config: SourceConfig
    slug: str
    title: str
    link: str
    language: str
    fixed: bool


@dataclass(frozen=True)
class _Route:
    """One item of the config, ready to be asked."""

    config: SourceConfig
    slug: str

    @cached_property
    def folder(self) -> Path:
        return self.config.folder

    @cached_property
    def globs(self) -> Globs:
        return Globs(self.config.include, self.config.exclude)

    @cached_property
    def options(self) -> Options:
        config = self.config
        return Options(
            timezone=config.tzinfo,
            link=config.link or "",
            language=config.language,
            format=config.format,
            categories=config.categories,
            image_proxies=config.image_proxies,
            placeholders=config.placeholders,
        )

    @cached_property
    def text_recipe(self) -> str:
        """A hash of all that decides what text a file has."""
        return hashlib.sha256(f"{VERSION} {self.options!r}".encode()).hexdigest()[:16]


class Router:
    """The sources of a config, as folders to scan and owners of files."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._routes = [_Route(source, slug) for source, slug in zip(config.sources, config.slugs, strict=True)]
        self._by_slug = {alias: route for route in self._routes for alias in route.config.aliases}
        self._by_slug |= {route.slug: route for route in self._routes}
        self._by_config = {id(route.config): route for route in self._routes}
        self._remembered = lru_cache(maxsize=MAX_REMEMBERED)(self._owner)
        self._language = config.site.language
        self._relations: dict[Path, list[tuple[_Route, str, str]]] = {}

    def __reduce__(self) -> tuple[type["Router"], tuple[Config]]:
        """Another process makes its own (see pickle)."""
        return Router, (self._config,)

    @cached_property
    def feeds(self) -> CustomFeeds:
        """The custom feeds that articles are given to."""
        return CustomFeeds.of(self._config)

    def folders(self) -> dict[Path, list[SourceConfig]]:
        """What to scan: every folder with the enabled sources that watch it, in the order of the config."""
        found: dict[Path, list[SourceConfig]] = {}
        for route in self._routes:
            if route.config.enabled:
                found.setdefault(route.config.folder, []).append(route.config)
        return found

    def name(self, folder: Path) -> str:
        """A folder as the config writes it."""
        return next(route.config.path for route in self._routes if route.config.folder == folder)

    def neighbours(self, folder: Path, known: Mapping[str, int]) -> Neighbours:
        """How a folder stands to the others that the store knows: {name: number}."""
        others = {name: number for name, number in known.items() if name != self.name(folder)}
        watched = [others[name] for name in map(self.name, self.folders()) if name in others]
        return Neighbours(find_overlaps(folder, self._config.file.absolute().parent, others), watched)

    def shelf(self, folder: Path, files: Iterable[FileStat]) -> Shelf:
        """The media files of a folder, but for those that every source that watches it excludes."""
        fits = self._publishes(folder)
        media = (file for file in files if media_type(file.path) and fits(file.path))
        return Shelf(media_key(self.name(folder)), media)

    def far_shelf(self, folder: Path, look: Callable[[str], FileStat | None]) -> FarShelf:
        """The same, without a listing of the folder: `look` finds a file at a path."""
        fits = self._publishes(folder)
        return FarShelf(media_key(self.name(folder)), lambda path: look(path) if fits(path) else None)

    def slugs(self, folder: Path) -> list[str]:
        """The configured sources that watch a folder, but those that stand for one source per author."""
        return [
            route.slug
            for route in self._routes
            if route.config.folder == folder and route.config.enabled and not route.config.split_by
        ]

    def max_size(self, folder: Path, path: str) -> int:
        """How many bytes a file at this place may have, by the most generous source that takes it."""
        return max((route.config.max_size for route in self._fitting(folder, path)), default=0)

    def fits(self, folder: Path, path: str) -> bool:
        """Whether any source's globs take a file at this place, so that it is worth reading."""
        return next(self._fitting(folder, path), None) is not None

    def owner(self, folder: Path, path: str, fields: Mapping[str, FieldValue]) -> Owner | None:
        """The source that a file with this front matter belongs to; None when no source takes it."""
        for route in self._fitting(folder, path):
            if all(_matches(fields.get(name, ""), wanted) for name, wanted in route.config.match.items()):
                return self._named(route, fields)
        return None

    def blamed(self, folder: Path, path: str) -> str:
        """The slug to show a problem under, for a file or folder that cannot be read: "" when none comes near."""
        owner = self.owner(folder, path, {})
        near = (route.slug for route, _, below in self._near(folder) if path.startswith(below))
        return owner.slug if owner else next(near, "")

    def options(self, owner: Owner) -> Options:
        """How the files of an owner are normalized."""
        return self._by_config[id(owner.config)].options

    def watches(self, owner: Owner, folder: Path) -> bool:
        """Whether the item that took a file watches this very folder, not one above or below it."""
        return self._by_config[id(owner.config)].folder == folder

    def removes(self, folder: Path, slug: str) -> bool:
        """Whether a file that vanished from a folder withdraws an article of this source."""
        near = [route for route, _, _ in self._near(folder)]
        configured = [route for route in near if route.slug == slug] or [r for r in near if r.config.split_by]
        return any(route.config.on_delete == "remove" for route in configured[:1])

    def recipe(self, folder: Path) -> str:
        """A hash of all that decides what becomes of a folder's files; when it changes, they are read again."""
        parts = [str(VERSION)]
        parts += [f"{route.slug} {route.config.recipe}" for route, _, _ in self._near(folder)]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]

    def text_recipe(self, owner: Owner) -> str:
        """A hash of all that decides what text a file of an owner has; when it changes, another text is no edit."""
        return self._by_config[id(owner.config)].text_recipe

    def _publishes(self, folder: Path) -> Callable[[str], bool]:
        """Whether a media file at a path of a folder may be published."""
        left_out = {route.config.exclude for route in self._routes if route.config.folder == folder}
        globs = [Globs((), exclude) for exclude in left_out]
        return lambda path: any(glob.fits(path) for glob in globs)

    def _fitting(self, folder: Path, path: str) -> Iterator[_Route]:
        for route, above, below in self._near(folder):
            if path.startswith(below) and route.globs.fits(above + path.removeprefix(below)):
                yield route

    def _near(self, folder: Path) -> list[tuple[_Route, str, str]]:
        """The routes that can take files of a folder: each with how its own folder lies, above or below it."""
        if folder not in self._relations:
            self._relations[folder] = [
                (route, *lies) for route in self._routes if (lies := lie(route.config.folder, folder)) is not None
            ]
        return self._relations[folder]

    def _named(self, route: _Route, fields: Mapping[str, FieldValue]) -> Owner:
        name = route.config.split_by
        found = next(iter(names_in(fields.get(name, ""))), "") if name else ""
        return self._remembered(route.slug, found) if len(found) < SHORT else self._owner(route.slug, found)

    def _owner(self, route: str, author: str) -> Owner:
        """The owner of the files that the item of this slug takes and that name this author ("" for none)."""
        config = self._by_slug[route].config
        slug = slugify(author) if author else route
        # An author whose name is, or was, a configured source's is that source.
        named = self._by_slug.get(slug)
        if named is None:
            return Owner(config, slug, author, config.link or "", self._language_of(config), fixed=False)
        own = named.config
        return Owner(config, named.slug, own.title, own.link or "", self._language_of(own), fixed=True)

    def _language_of(self, config: SourceConfig) -> str:
        return config.language or self._language


def _matches(value: FieldValue, wanted: tuple[str, ...]) -> bool:
    texts = names_in(value)
    return any(text == pattern or fnmatchcase(text, pattern) for text in texts for pattern in wanted)


def names_in(value: FieldValue) -> list[str]:
    """The names in a field, as sources are matched by them: itself, its items, or its `name`."""
    if isinstance(value, str):
        text = composed(" ".join(html.unescape(value).split()))
        return [text] if text else []
    if isinstance(value, dict):
        return names_in(value.get("name", ""))
    return [text for item in value for text in names_in(item)]
