"""The media files that exported articles show, copied with the guards of `feeds.media`.

What is exported stays: a picture that its crawler deleted is there as long as an article shows it. What the config
excludes goes.
"""

import os
import re
from collections.abc import Iterable
from urllib.parse import unquote

from aggregator.config import Config

from ..media import open_shelved, shelves
from .files import Folder, UnusableNameError
from .manifest import Manifest, Record

_NAMED = rb"/media/([0-9a-f]{12}/[A-Za-z0-9_.~/%-]+)"  # the key of a folder, and a path as `quote` writes it


class Media:
    """The media files in an export folder."""

    SECTION = "media"

    def __init__(self, config: Config, folder: Folder, manifest: Manifest) -> None:
        self._shelves = shelves(config)
        self._named = re.compile(re.escape(config.site.url.encode()) + _NAMED)
        self._folder = folder
        self._manifest = manifest
        self._known = manifest.outputs(self.SECTION)
        self._looked_at: set[str] = set()
        self._unusable: list[str] = []
        self.written = 0

    def refresh(self) -> None:
        """Take new versions of the files that are there. Raises ExportError."""
        self._manifest.begin(self.SECTION)
        self._see_to([path.removeprefix(f"{self.SECTION}/") for path in self._known])
        self._manifest.finish(self.SECTION, "", ())

    def provide(self, document: bytes) -> tuple[str, ...]:
        """See to it that the media files that a document shows are there: their paths below `media/`. Raises
        ExportError."""
        names = tuple(sorted({unquote(name.decode("ascii")) for name in self._named.findall(document)}))
        self._see_to(names)
        return names

    def retain(self) -> None:
        """Let those be gone that nothing shows any more, or that the config excludes."""
        wanted = {f"{self.SECTION}/{name}" for name in self._manifest.media()}
        gone = [path for path in self._known if path not in wanted or self._is_withheld(path)]
        self._manifest.begin(self.SECTION)
        self._manifest.finish(self.SECTION, "", gone)

    def notices(self) -> list[str]:
        """What the operator should know."""
        missing = sorted(self._manifest.media() - {path.removeprefix(f"{self.SECTION}/") for path in self._known})
        if not missing:
            return self._unusable
        example = missing[0].partition("/")[2]
        text = f"{len(missing)} media files that articles show are not in their folders, such as {example}"
        return [*self._unusable, text]

    def _see_to(self, names: Iterable[str]) -> None:
        for name in names:
            if name not in self._looked_at:
                self._looked_at.add(name)
                try:
                    self._copy(name)
                except UnusableNameError as error:
                    self._unusable.append(f"left out: {error}")

    def _copy(self, name: str) -> None:
        path = f"{self.SECTION}/{name}"
        record = self._known.get(path)
        if record and record.basis == self._signature(name) and self._folder.is_whole(path, record):
            return
        key, _, place = name.partition("/")
        opened = open_shelved(self._shelves.get(key), place)
        if opened is None:
            return
        with os.fdopen(opened.descriptor, "rb") as source:
            size = self._folder.copy(path, source)
        self._known[path] = Record(_signature(opened.status), "", size, {}, second=self._folder.second(path))
        self._manifest.put(self.SECTION, path, self._known[path])
        self.written += 1

    def _signature(self, name: str) -> str:
        """The signature of the file that seems to be there. It says nothing of whether that may be published."""
        key, _, place = name.partition("/")
        try:
            return _signature((self._shelves[key].root / place).stat())
        except (KeyError, OSError, ValueError):
            return ""

    def _is_withheld(self, path: str) -> bool:
        _, key, place = path.split("/", 2)
        return key in self._shelves and self._shelves[key].withholds(place)


def _signature(status: os.stat_result) -> str:
    return f"{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ino:x}"
