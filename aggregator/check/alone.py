"""One source asked as if the config had no other, so that order does not count. Pure: the router decides."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from ..config import Config, Feeds, SourceConfig
from ..routing import Router, names_in
from ..sources import Globs
from .seen import Folder, Glance, Seen


class Alone:
    """A source by itself."""

    def __init__(self, config: Config, source: SourceConfig) -> None:
        self._config = config
        self._source = source
        self._router = cache(self._make_router)
        self._decided: dict[object, bool] = {}

    def fits(self, glance: Glance, names: Collection[str]) -> bool:
        """Whether a file that the source's patterns take has what its `match` wants of these fields."""
        key = tuple((name, repr(glance.fields.get(name))) for name in names)  # many files are alike in them
        if key not in self._decided:
            path = (glance.folder / glance.path).relative_to(self._source.folder).as_posix()
            owner = self._router(tuple(names)).owner(self._source.folder, path, glance.fields)
            self._decided[key] = owner is not None
        return self._decided[key]

    def _make_router(self, names: Sequence[str]) -> Router:
        asked = self._source.model_copy(update={"match": {name: self._source.match[name] for name in names}})
        return Router(self._config.model_copy(update={"sources": (asked,), "feeds": Feeds()}))


class Near:
    """The files in a folder that the patterns of a source take, whatever other sources do.

    `number` counts all; some were not read, as they are being written, or too many.
    """

    def __init__(self, number: int, glances: Sequence[Glance]) -> None:
        self.number = number
        self.glances = glances
        self.readable = [glance for glance in glances if glance.readable]
        self._values: dict[str, Counter[str]] = {}

    def values(self, name: str) -> Mapping[str, int]:
        """What a front matter field says, with the number of files that say it."""
        if name not in self._values:
            fields = (glance.fields.get(name, "") for glance in self.readable)
            self._values[name] = Counter(text for value in fields for text in dict.fromkeys(names_in(value)))
        return self._values[name]

    def names(self) -> Mapping[str, int]:
        """The front matter fields that there are, with the number of files that have them."""
        return Counter(name for glance in self.readable for name in glance.names)


class Reach:
    """What the patterns of sources take. Sources of a folder mostly have the same ones, so it is found once."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._known: dict[object, Near] = {}

    def of(self, source: SourceConfig, folder: Folder) -> Near:
        """What a source's patterns take in its folder."""
        key = (source.folder, source.include, source.exclude)
        if key not in self._known:
            globs = Globs(source.include, source.exclude)
            places = [source.folder / path for path in folder.paths if globs.fits(path)]
            glances = self._seen.glances
            self._known[key] = Near(len(places), [glances[place] for place in places if place in glances])
        return self._known[key]
