"""What there is to write, section by section, in an order in which nothing is there before what it leads to:

    fixed files ─ articles, by source ─ older pages, by scope ─ feeds ─ list pages ─ lists of everything

Everything is made by what answers requests, so it is the same to the byte. Nothing is made before it is asked for: a
section tells what it would be made of (its basis), and so does each file in it.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial

from aggregator.config import Config
from aggregator.models import Cursor, Scope, ScopeKind, Source
from aggregator.store.snapshot import Snapshot

from .. import assets
from ..discovery import Discovery
from ..feed import LONG_AGO, Feed
from ..paging import from_token, older, to_token
from ..renames import Renames
from ..render import FORMATS
from ..representation import HTML, Representation
from ..selection import EVERYTHING, find_scope, heading, select
from ..site import ON_PAGE, Site
from . import layout
from .manifest import Record
from .older import OlderPage, older_pages, place_of

KEPT = (
    24 * 60 * 60
)  # seconds for which an older page that nothing leads to is kept, for who is in the midst of a walk

_FIXED = "program and config"  # the basis of what only these change; when they do, all is made again

Known = Mapping[str, Record]  # the files of a section that are there, by path
Related = tuple[str, str, int, int]  # see Snapshot.related


@dataclass(frozen=True, slots=True)
class Output:
    """A file to be written. `make` gives what is in it, None when there is nothing; `since` is as in Record."""

    path: str
    basis: str
    make: Callable[[], Representation | None]
    since: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """Files that are made of the same things. `weight` is about how many; `shows_media`: they show between them all
    the media files that are to be there."""

    name: str
    basis: str
    outputs: Callable[[Known], Iterator[Output]]
    weight: int = 1
    shows_media: bool = False


class Contents:
    """What a site holds at one moment. `now` is in seconds since 1970."""

    def __init__(self, library: Snapshot, config: Config, site: Site, now: int) -> None:
        self._library = library
        self._config = config
        self._site = site
        self._now = now
        self._discovery = Discovery(library, config)
        self._renames = Renames(config)

    @cached_property
    def scopes(self) -> list[Scope]:
        """What feeds are about, everything first."""
        everything = find_scope(self._library, EVERYTHING)
        others = [scope for kind in ScopeKind if kind is not ScopeKind.ALL for scope in self._library.scopes(kind)]
        return [scope for scope in (everything, *others) if scope and not scope.gone]

    def _former(self, scope: Scope) -> list[str]:
        """Where else people may look for a scope."""
        return [path for path in self._renames.before(scope.path) if path not in self._paths]

    @cached_property
    def _paths(self) -> frozenset[str]:
        return frozenset(scope.path for scope in self.scopes)

    @property
    def pathless_sources(self) -> list[str]:
        """The sources that have no page, so that their names lead nowhere, on any page."""
        return [scope.path for scope in self._library.scopes(ScopeKind.SOURCE) if scope.gone]

    def sections(self, *, pages: bool) -> list[Section]:
        """All there is, with pages or without."""
        feeds = [self._feeds(scope, shows_media=not pages and scope.path == EVERYTHING) for scope in self.scopes]
        older_feeds = [
            self._older_feeds(scope, shows_media=not pages and scope.path == EVERYTHING) for scope in self.scopes
        ]
        if not pages:
            return [*older_feeds, *feeds, Section("lists", self._revision, self._subscriptions)]
        return [
            Section("fixed", _FIXED, self._fixed, len(assets.FILES)),
            *self._articles(),
            *older_feeds,
            *(self._older_lists(scope) for scope in self.scopes),
            *feeds,
            Section("pages", self._revision, self._pages, len(self.scopes)),
            Section("lists", self._revision, self._lists),
        ]

    @cached_property
    def _revision(self) -> str:
        return str(self._library.revision())

    def _fixed(self, _: Known) -> Iterator[Output]:
        yield Output(layout.NO_JEKYLL, _FIXED, lambda: Representation(b"", "text/plain"))
        yield Output("robots.txt", _FIXED, self._discovery.robots)
        yield Output("favicon.svg", _FIXED, lambda: assets.FILES[assets.ICON])
        for name, file in assets.FILES.items():
            yield Output(f"static/{name}", _FIXED, partial(_same, file))
        yield Output(layout.NOT_FOUND, _FIXED, lambda: _html(self._site.pages.error(404)))

    def _articles(self) -> Iterator[Section]:
        """The pages of articles. Each shows the articles before and after it in its source, and the same one in other
        sources. Those of sources that are gone stay."""
        related = self._library.related()
        for source in self._library.scopes(ScopeKind.SOURCE):
            others = related.get(source.id, [])
            basis = digest(_basis(source), others, self._revision if source.gone else "")
            outputs = partial(self._of_source, source, others)
            yield Section(f"articles/{source.path}", basis, outputs, source.size, shows_media=True)

    def _of_source(self, source: Scope, related: Sequence[Related], _: Known) -> Iterator[Output]:
        same: dict[str, list[object]] = defaultdict(list)
        for article, other, elsewhere, changed in related:
            same[article].append((other, self._sources[elsewhere], changed))
        rows = self._library.by_publication(source)
        for index, row in enumerate(rows):
            around = [(near.id, near.changed) for near in rows[max(index - 1, 0) : index + 2]]
            basis = digest(self._sources[source.id], around, same.get(row.id))
            yield Output(layout.page(f"articles/{row.id}"), basis, partial(self._site.article_page, row.id))

    def _older_feeds(self, scope: Scope, *, shows_media: bool) -> Section:
        limit = self._config.feeds.limit

        def outputs(known: Known) -> Iterator[Output]:
            for page, basis in self._older_pages(scope, limit, known):
                feed = cache(partial(select, self._library, scope, self._config, page.before))
                for suffix in FORMATS:
                    path = older(to_token(page.before), f"{scope.path}.{suffix}")
                    yield Output(path, basis, _rendering(feed, suffix), page.since)

        weight = 2 * len(FORMATS) * max(scope.size - limit, 0) // limit
        return Section(f"older feeds/{scope.path}", _basis(scope), outputs, weight, shows_media)

    def _older_lists(self, scope: Scope) -> Section:
        limit = min(ON_PAGE, self._config.feeds.limit)

        def outputs(known: Known) -> Iterator[Output]:
            for page, basis in self._older_pages(scope, limit, known):
                path = layout.page(older(to_token(page.before), scope.path))
                yield Output(path, basis, partial(self._site.scope_page, scope.path, page.before), page.since)

        return Section(f"older pages/{scope.path}", _basis(scope), outputs, 2 * max(scope.size - limit, 0) // limit)

    def _older_pages(self, scope: Scope, limit: int, known: Known) -> Iterator[tuple[OlderPage, str]]:
        """The older pages of a scope, each with the basis of what is in it."""
        rows = self._library.members(scope)
        head = replace(heading(scope, self._config), changed=LONG_AGO, withdrawn=None)
        for page in older_pages(rows, limit, self._lingering(known)):
            inside = [(row.seq, row.changed, self._sources[row.source]) for row in rows[page.begin : page.end]]
            onward = place_of(rows[page.end - 1]) if page.end < len(rows) else None
            yield page, digest(head, scope.link, inside, onward)

    def _lingering(self, known: Known) -> dict[Cursor, int]:
        """The places of older pages that are there, with the time since when nothing leads to them."""
        found: dict[Cursor, int] = {}
        for path, record in known.items():
            since = self._now if record.since is None else record.since
            before = from_token(path.split("/")[1])
            if before is not None and since > self._now - KEPT:
                found[before] = since
        return found

    @cached_property
    def _sources(self) -> dict[int, Source]:
        return self._library.sources()

    def _feeds(self, scope: Scope, *, shows_media: bool) -> Section:
        """A scope's feeds. They are at its former addresses too, for hosts that cannot redirect."""

        def outputs(_: Known) -> Iterator[Output]:
            feed = cache(partial(select, self._library, scope, self._config))
            for path in (scope.path, *self._former(scope)):
                for suffix in FORMATS:
                    yield Output(f"{path}.{suffix}", _basis(scope), _rendering(feed, suffix))

        return Section(f"feeds/{scope.path}", _basis(scope), outputs, len(FORMATS), shows_media)

    def _pages(self, _: Known) -> Iterator[Output]:
        for scope in self.scopes:
            basis = digest(_basis(scope), self._site.beside(scope))
            yield Output(layout.page(scope.path), basis, partial(self._site.scope_page, scope.path))
            for former in self._former(scope):
                yield Output(layout.page(former), digest(scope.title), partial(self._moved, scope))

    def _moved(self, scope: Scope) -> Representation:
        return _html(self._site.pages.moved(scope))

    def _lists(self, known: Known) -> Iterator[Output]:
        yield from self._subscriptions(known)
        for number in (0, *self._library.blocks()):
            yield Output(f"sitemap-{number}.xml", self._revision, partial(self._discovery.sitemap, number))
        yield Output("sitemap.xml", self._revision, self._discovery.sitemap_index)
        yield Output(layout.FRONT, self._revision, self._site.index)

    def _subscriptions(self, _: Known) -> Iterator[Output]:
        yield Output("feeds.opml", self._revision, self._discovery.subscriptions)


def digest(*values: object) -> str:
    """What stands for values: other values, another digest."""
    return hashlib.sha256(repr(values).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _basis(scope: Scope) -> str:
    """What a scope's feeds are made of. The time tells apart two stores that counted alike."""
    return digest(scope.revision, scope.changed)


def _rendering(feed: Callable[[], Feed], suffix: str) -> Callable[[], Representation]:
    form = FORMATS[suffix]
    return lambda: Representation(form.render(feed()), form.media_type)


def _same(representation: Representation) -> Representation:
    return representation


def _html(text: str) -> Representation:
    return Representation(text.encode(), HTML)
