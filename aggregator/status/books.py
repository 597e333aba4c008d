"""What follows from the config and the store's books: which source does well, which does not, and why."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import PurePath
from urllib.parse import quote

from ..config import Config, SourceConfig
from ..models import Scope
from ..store import Example, FolderState, Past, ProblemGroup, Run, Volume
from .values import FeedStatus, FolderStatus, LastRun, SourceStatus, State

MAX_GROUPS = 200  # of problems that are told apart; what is left out is counted
LEAST_GRACE = timedelta(minutes=1)
ELSEWHERE = "…/"  # stands for the folders above one that the public is not told


def names(config: Config) -> dict[str, str]:
    """Folders of the config, absolute → as they are named in the store: as the first source writes them."""
    found: dict[str, str] = {}
    for source in config.sources:
        found.setdefault(str(source.folder), source.path)
    return found


def watching(config: Config) -> dict[str, list[SourceConfig]]:
    """Folder, as the store names it → the sources of the config that watch it, those that are switched off left
    out."""
    named = names(config)
    found: dict[str, list[SourceConfig]] = {name: [] for name in named.values()}
    for source in config.sources:
        if source.enabled:
            found[named[str(source.folder)]].append(source)
    return found


@dataclass(frozen=True)
class Books:
    """All that was read, and what follows from it. Pure."""

    config: Config | None
    past: Past
    known: Mapping[str, FolderState]
    now: datetime
    public: bool = field(kw_only=True)

    @cached_property
    def _items(self) -> list[tuple[str, SourceConfig]]:
        """The config's sources by slug."""
        return list(zip(self.config.slugs, self.config.sources, strict=True)) if self.config else []

    @cached_property
    def _names(self) -> dict[str, str]:
        return names(self.config) if self.config else {}

    @cached_property
    def _watched(self) -> dict[str, list[SourceConfig]]:
        return watching(self.config) if self.config else {}

    @cached_property
    def _held(self) -> dict[str, str]:
        """Slug → the folder whose last good scan found files of that source."""
        return {slug: folder for folder, run in self.past.good_runs.items() for slug in run.counts}

    @cached_property
    def _split(self) -> set[str]:
        """The folders whose files are told apart by a field."""
        return {self._names[str(source.folder)] for _, source in self._items if source.split_by}

    @cached_property
    def _counted(self) -> Counter[str]:
        """Problems by source."""
        counts: Counter[str] = Counter()
        for group in self.past.problem_groups:
            counts[group.source] += group.count
        return counts

    def sources(self, scopes: Iterable[Scope]) -> Iterable[SourceStatus]:
        """Those of the config in its order, then the others that the store has, by title."""
        found = {scope.path.removeprefix("sources/"): scope for scope in scopes}
        for slug, item in self._items:
            scope = None if item.split_by else found.pop(slug, None)
            yield self._source(slug, item.title, scope, item, self._names[str(item.folder)])
        for slug, scope in sorted(found.items(), key=lambda pair: (pair[1].gone, pair[1].title.casefold(), pair[0])):
            yield self._source(slug, scope.title, scope, None, self._folder_of(slug))

    def feed(self, scope: Scope) -> FeedStatus:
        """A custom feed."""
        slug = scope.path.removeprefix("feeds/")
        return FeedStatus(slug, scope.title, self._page(scope), scope.size, scope.changed, scope.gone)

    def folders(self) -> Iterable[FolderStatus]:
        """All folders, by path."""
        for name in sorted(self._watched.keys() | self.known.keys()):
            known = self.known.get(name)
            run = self.past.last_runs.get(name)
            yield FolderStatus(
                path=self._shown(name),
                state=self._folder_state(name),
                scanned=known.scanned if known else None,
                failures=known.failures if known else 0,
                error=self._error(name),
                last_run=self._last_run(run, run.counts) if run else None,
                next_run=self._next_run(name),
                history=self.past.run_times.get(name),
            )

    def problems(self) -> Iterable[ProblemGroup]:
        """The groups of most problems."""
        for group in self.past.problem_groups[:MAX_GROUPS]:
            yield replace(group, examples=tuple(self._example(one) for one in group.examples))

    def _source(
        self, slug: str, title: str, scope: Scope | None, item: SourceConfig | None, folder: str | None
    ) -> SourceStatus:
        volume = self.past.volumes.get(scope.path, Volume()) if scope else Volume()
        state = self._source_state(slug, scope, item, folder)
        active = folder is not None and state not in (State.OFF, State.GONE)
        run = self.past.last_runs.get(folder) if folder and active else None
        return SourceStatus(
            slug=slug,
            title=title,
            page=self._page(scope) if scope else None,
            state=state,
            error=self._error(folder) if folder and state is State.FAILING else "",
            gone=scope.gone if scope else False,
            split_by=item.split_by if item else None,
            folder=self._shown(folder) if folder else None,
            articles=scope.size if scope else 0,
            new=volume.new,
            problems=self._counted[slug],
            last_article=volume.last,
            last_run=self._last_run(run, [slug]) if run else None,
            next_run=self._next_run(folder) if folder and active else None,
            days=volume.days,
        )

    def _source_state(self, slug: str, scope: Scope | None, item: SourceConfig | None, folder: str | None) -> State:
        if scope is not None and scope.gone:
            return State.GONE
        if item is not None and not item.enabled:
            return State.OFF
        if folder is None:
            return State.OK if self._split or not self.config else State.GONE
        if (state := self._folder_state(folder)) is not State.OK:
            return state
        if self._counted[slug]:
            return State.PROBLEMS
        if item is None or item.split_by or (scope is not None and scope.size):
            return State.OK
        return State.EMPTY if self._held.get(slug) == folder else State.WAITING

    def _folder_state(self, name: str) -> State:
        known = self.known.get(name)
        if self.config and name not in self._watched:
            return State.GONE
        if self.config and not self._watched[name]:
            return State.OFF
        if known is None or (known.scanned is None and not known.failures):
            return State.WAITING
        if known.failures:
            return State.FAILING
        due = self._next_run(name)
        is_late = self.config and due and self.now - due > max(2 * self._every(name), LEAST_GRACE)
        return State.LATE if is_late else State.OK

    def _every(self, name: str) -> timedelta:
        return min((source.every for source in self._watched.get(name, ())), default=timedelta())

    def _next_run(self, name: str) -> datetime | None:
        """When it is scanned next; where no watcher wrote that down, the last scan tells."""
        known, sources = self.known.get(name), self._watched.get(name, [])
        if known is not None and known.planned is not None and (sources or not self.config):
            return known.planned
        run = self.past.last_runs.get(name)
        if run is None or not sources or any(source.cron for source in sources):
            return None
        return run.started + self._every(name)

    def _folder_of(self, slug: str) -> str | None:
        """The folder of a source that the config does not name itself."""
        folder = self._held.get(slug)
        if folder is not None and (folder in self._split or not self.config):
            return folder
        return next(iter(self._split)) if len(self._split) == 1 else None

    def _last_run(self, run: Run, slugs: Iterable[str]) -> LastRun:
        counts = [run.counts.get(slug, {}) for slug in slugs]
        done = {name: sum(count.get(name, 0) for count in counts) for name in ("new", "updated", "removed")}
        return LastRun(run.started, run.seconds, **done, error=self._plainly(run.error))

    def _error(self, name: str) -> str:
        known = self.known.get(name)
        return self._plainly(known.error) if known else ""

    def _plainly(self, error: str) -> str:
        """An error with folders as the config writes them."""
        inner_first = sorted(self._names.items(), reverse=True) if error else ()
        for folder, name in inner_first:
            error = error.replace(folder, self._shown(name))
        return error

    def _shown(self, name: str) -> str:
        path = PurePath(name)
        outside = path.is_absolute() or ".." in path.parts
        return f"{ELSEWHERE}{path.name}" if self.public and outside else name

    def _example(self, example: Example) -> Example:
        return replace(example, folder=self._shown(example.folder))

    def _page(self, scope: Scope) -> str | None:
        base = self.config.site.url if self.config else ""
        return None if scope.gone else f"{base}/{quote(scope.path)}"
