"""The look into the folders: lists them and reads the front matter of their files. The only I/O of `check`."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from pathlib import Path

from ..config import Config
from ..console import Progress
from ..errors import SourceError
from ..models import Entry, FieldValue, Problem
from ..normalizer import STEPS, Draft, is_draft
from ..routing import Owner, Router
from ..sources import DiskFolder, FileStat, Listing, parse_entry
from ..store import Outcome
from .seen import Folder, Front, Glance, Seen

MOST = 20_000  # files of a folder that are read; of more, so many from all parts of it
MANY_NAMES = 50  # field names of a file that are kept
LONG = 500  # characters of a field by which sources are told
BODY = "take_body"  # the first step of normalizing that is about the body


def look(config: Config, now: datetime, progress: Progress, most: int = MOST) -> Seen:
    """What is in the folders that sources watch; those that cannot be listed are left out (see `check_folders`).

    `now` (aware, UTC) caps dates. `progress` is told how many files were read, of how many.
    """
    return _Look(config, now, progress, most).seen()


class _Look:
    def __init__(self, config: Config, now: datetime, progress: Progress, most: int) -> None:
        self.router = Router(config)
        self.now = now
        self.progress = progress
        self.most = most
        # Front matter fields that tell whose a file is.
        self.telling = {name for source in config.sources for name in (*source.match, source.split_by or "")}
        self.steps = tuple(takewhile(lambda step: step.__name__ != BODY, STEPS))

    def seen(self) -> Seen:
        listings = dict(self._listings())
        wanted = {root: self._wanted(root, listing.files) for root, listing in listings.items()}
        plan = self._plan(wanted)
        folders = {
            root: Folder(
                self.router.name(root),
                tuple(file.path for file in listing.files),
                listing.problems,
                len(wanted[root]),
                sum(place not in plan for place in wanted[root]),
            )
            for root, listing in listings.items()
        }
        return Seen(folders, dict(self._read(plan)))

    def _listings(self) -> Iterator[tuple[Path, Listing]]:
        for root in self.router.folders():
            try:
                yield root, DiskFolder(root).files()
            except SourceError:
                continue

    def _wanted(self, root: Path, files: Sequence[FileStat]) -> dict[Path, FileStat]:
        return {root / file.path: file for file in files if self.router.fits(root, file.path)}

    def _plan(self, wanted: Mapping[Path, Mapping[Path, FileStat]]) -> dict[Path, tuple[Path, FileStat]]:
        """The files to read, by place, each with the watched folder in which it was met; outer folders come first."""
        plan: dict[Path, tuple[Path, FileStat]] = {}
        met: set[Path] = set()
        for root in sorted(wanted, key=lambda root: len(root.parts)):
            new = [place for place in wanted[root] if place not in met]
            met.update(new)
            plan |= {place: (root, wanted[root][place]) for place in _spread(new, self.most)}
        return plan

    def _read(self, plan: Mapping[Path, tuple[Path, FileStat]]) -> Iterator[tuple[Path, Glance]]:
        for done, (place, (root, file)) in enumerate(plan.items(), 1):
            data = DiskFolder(root).read(file, self.router.max_size(root, file.path))
            if isinstance(data, bytes):
                yield place, self._glance(root, file, data)
            elif isinstance(data, Problem):
                yield place, Glance(root, file.path, Outcome.PROBLEM, problems=(data,))
            self.progress(done, len(plan))

    def _glance(self, root: Path, file: FileStat, data: bytes) -> Glance:
        entry = parse_entry(file.path, data, file.modified)
        if isinstance(entry, Problem):
            return Glance(root, file.path, Outcome.PROBLEM, problems=(entry,))
        owner = self.router.owner(root, file.path, entry.fields)
        outcome = _outcome(entry, owner)
        front, problems = self._front(entry, owner) if owner and outcome is Outcome.ARTICLE else (None, ())
        return Glance(
            root,
            file.path,
            outcome,
            owner,
            front,
            {name: _short(value) for name, value in entry.fields.items() if name in self.telling},
            tuple(entry.fields)[:MANY_NAMES],
            problems,
        )

    def _front(self, entry: Entry, owner: Owner) -> tuple[Front, tuple[Problem, ...]]:
        draft = Draft(entry, self.router.options(owner), self.now)
        for step in self.steps:
            draft = step(draft)
        front = Front(draft.title, draft.date or self.now, draft.authors, draft.categories)
        return front, entry.problems + draft.problems


def _outcome(entry: Entry, owner: Owner | None) -> Outcome:
    if owner is None:
        return Outcome.UNMATCHED
    if not owner.config.enabled:
        return Outcome.DISABLED
    return Outcome.DRAFT if is_draft(entry) else Outcome.ARTICLE


def _spread(places: Sequence[Path], most: int) -> Sequence[Path]:
    """At most so many of the files, from all parts alike."""
    step = len(places) / most
    return places if step <= 1 else [places[int(index * step)] for index in range(most)]


def _short(value: FieldValue) -> FieldValue:
    """A value without what no `match` is written for, so that many files can be kept in mind."""
    if isinstance(value, str):
        return value[:LONG]
    return [_short(item) for item in value[:MANY_NAMES]] if isinstance(value, list) else value
