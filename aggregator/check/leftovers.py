"""Files that come to nothing: no source takes them, or something is wrong with them. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..config import Config
from ..models import Problem
from ..sources import Globs, media_type
from ..store import Outcome
from .seen import Glance, Seen


@dataclass(frozen=True, slots=True)
class Left:
    """Files of a folder that no source takes: how many, one of them, and what tells them apart.

    `found` counts values by front matter field, of the fields that some `match` asks for ("" where a file has none).
    """

    folder: str
    number: int
    example: str
    found: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Bad:
    """A problem in a file, named as `aggregator explain` takes it. `lost`: nothing of the file can be published."""

    file: Path
    problem: Problem
    lost: bool


def unmatched(config: Config, seen: Seen) -> Iterator[Left]:
    """Files that a source's patterns take, but no `match`."""
    asked = dict.fromkeys(name for source in config.sources for name in source.match)
    for root, glances in seen.by_folder().items():
        left = [glance for glance in glances if glance.outcome is Outcome.UNMATCHED]
        if left:
            found = {name: Counter(_value(glance, name) for glance in left) for name in asked}
            yield Left(seen.folders[root].name, len(left), left[0].path, found)


def overlooked(config: Config, seen: Seen) -> Iterator[Left]:
    """Files that no `include` fits, pictures and the like left aside; what `exclude` leaves out is meant to be."""
    globs = [Globs(patterns) for patterns in {source.include for source in config.sources}]
    met: set[Path] = set()
    for root, folder in sorted(seen.folders.items()):
        others = [path for path in folder.paths if not media_type(path) and root / path not in met]
        met.update(root / path for path in others)
        left = [path for path in others if not any(one.fits(path) for one in globs)]
        if left:
            endings = Counter(PurePosixPath(path).suffix for path in left)
            yield Left(folder.name, len(left), left[0], {"": endings})


def bad_files(config: Config, seen: Seen) -> list[Bad]:
    """Problems in files, those first from which nothing can be published."""
    bad = []
    for root, glances in seen.by_folder().items():
        folder = seen.folders[root]
        place = config.file.parent / folder.name
        bad += [Bad(place / path, problem, lost=True) for path, problem in folder.problems.items()]
        for glance in glances:
            bad += [Bad(place / glance.path, problem, not glance.readable) for problem in glance.problems]
    return sorted(bad, key=lambda one: not one.lost)


def _value(glance: Glance, name: str) -> str:
    value = glance.fields.get(name)
    return value if isinstance(value, str) else ", ".join(map(str, value or ()))
