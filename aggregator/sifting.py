"""Which files of a folder a scan must look at closely. Most scans find nothing new, so this costs little a file."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from .models import Seen
from .sources import SIGNATURE, FileStat, Met


@dataclass(slots=True)
class Sifted:
    """The files of a listing that sources take. `changed` must be read.

    `same` are how the others were last seen, but for those that are `unsure`: they are what they were, and may mean
    something else now (see Reader.changed).
    """

    changed: list[FileStat] = field(default_factory=list)
    unsure: list[FileStat] = field(default_factory=list)
    same: list[Seen] = field(default_factory=list)


def sift(met: Iterable[Met], seen: Mapping[str, Seen], fits: Callable[[str], bool]) -> Sifted:
    """Compare the files of a listing with how they were last `seen`, by path.

    `fits` tells whether a source takes a file; it is not asked about those that were taken by the rules of now.
    """
    sifted = Sifted()
    same = sifted.same.append
    for file in met:
        old = seen.get(file[0])
        is_as_it_was = old is not None and old[1] == SIGNATURE % file[2:]
        if old is not None and is_as_it_was and old[2]:
            same(old)
        elif fits(file[0]):
            (sifted.unsure if is_as_it_was else sifted.changed).append(FileStat(*file))
    return sifted
