"""What was seen in the folders: values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..models import CategoryPath, FieldValue, Problem
from ..routing import Owner
from ..store import Outcome


@dataclass(frozen=True, slots=True)
class Front:
    """What an article's front matter comes to; texts are normalized."""

    title: str
    date: datetime
    authors: tuple[str, ...]
    categories: tuple[CategoryPath, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """A file that a source may take, as far as its front matter tells.

    `folder` is the watched folder in which it was met, `path` its place below. `fields` are those that sources are
    told by, `names` the names of all (both empty when the file cannot be read); `front` is there for an article.
    """

    folder: Path
    path: str
    outcome: Outcome
    owner: Owner | None = None
    front: Front | None = None
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def readable(self) -> bool:
        """Whether there is front matter to judge it by."""
        return self.outcome is not Outcome.PROBLEM


@dataclass(frozen=True, slots=True)
class Folder:
    """A watched folder: `name` as the config writes it, `paths` of all files in it, `problems` of the listing.

    `wanted` counts the files that some source's patterns take, `left_out` those of them that were not read, since
    there are too many.
    """

    name: str
    paths: tuple[str, ...]
    problems: Mapping[str, Problem]
    wanted: int
    left_out: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The folders that could be listed, and what was read in them, by place. A file of two folders is there once."""

    folders: Mapping[Path, Folder]
    glances: Mapping[Path, Glance]

    def by_folder(self) -> dict[Path, list[Glance]]:
        """What was read, by the watched folder in which it was met."""
        found: dict[Path, list[Glance]] = {root: [] for root in self.folders}
        for glance in self.glances.values():
            found[glance.folder].append(glance)
        return found
