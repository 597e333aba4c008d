"""Folders that lie inside one another, so that one file can be met from two of them. Pure.

With an item put into the config, or taken out, files pass from one folder to another though nobody has touched them;
their articles must go along, or subscribers would meet them again as new ones.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple


class Overlap(NamedTuple):
    """Another folder that shares files with one: it lies above it, below it, or is the same by another name.

    `number` is the store's. A file's path in it begins with `above` in place of `below`.
    """

    number: int
    above: str
    below: str

    def places(self, paths: Iterable[str]) -> dict[str, str]:
        """Where the files at these paths of the one folder lie in the other: {path there: path here}."""
        start = len(self.below)
        return {self.above + path[start:]: path for path in paths if path.startswith(self.below)}


class Neighbours(NamedTuple):
    """The other folders that share files with one, and the numbers of all others that are watched."""

    overlaps: Sequence[Overlap] = ()
    watched: Sequence[int] = ()


def lie(other: Path, folder: Path) -> tuple[str, str] | None:
    """How another folder lies to one: what stands before a path there, and in place of what; None: apart."""
    if other in folder.parents:
        return f"{folder.relative_to(other).as_posix()}/", ""
    if folder in other.parents:
        return "", f"{other.relative_to(folder).as_posix()}/"
    return ("", "") if other == folder else None


def find_overlaps(folder: Path, base: Path, others: Mapping[str, int]) -> list[Overlap]:
    """Those of some other folders, {name: number}, that share files with one. Names count from `base`."""
    places = ((Path(os.path.normpath(base / name)), number) for name, number in others.items())
    return [Overlap(number, *lies) for place, number in places if (lies := lie(place, folder)) is not None]
