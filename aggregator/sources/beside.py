"""What an article's relative references name: the media files that lie beside it in its folder. No I/O of its own."""

import posixpath
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import unquote

from aggregator.models import Problem
from aggregator.sources.media import MAX_MEDIA, is_media, media_address, media_type
from aggregator.sources.walk import FileStat

MAX_REMEMBERED = 500  # files of one article

_LONGEST = 2000  # characters of a reference; no path is that long
_NO_PART = re.compile(r"[\t\n\r]")  # dropped from addresses, as the URL Standard has it
_NOT_RELATIVE = re.compile(r"[/\\]|[A-Za-z][A-Za-z0-9+.-]*:")

# Media files that an article names: path → size in bytes, None for one that is missed.
Named = Mapping[str, int | None]


def places(article: str, reference: str) -> tuple[str, ...]:
    """Where below the folder a reference in the article at a path may mean a media file, the likeliest place first.

    Beside the article, then in the folder with the article's own name (Hexo's asset folder). Nothing for a reference
    that is not relative, leads out of the folder, or is not to a media file.
    """
    if reference.startswith(("https://", "http://")):  # as most are
        return ()
    written = _NO_PART.sub("", reference).strip()
    if not written or len(written) > _LONGEST or _NOT_RELATIVE.match(written):
        return ()
    path = _path(written)
    if path.startswith("/") or path.endswith("/"):
        return ()
    folder, name = posixpath.split(article)
    homes = (folder, posixpath.join(folder, name.rpartition(".")[0] or name))
    # What leads out of the folder keeps the `..` in front, and is no media file.
    found = (posixpath.normpath(posixpath.join(home, path)) for home in homes)
    return tuple(dict.fromkeys(place for place in found if is_media(place)))


def _path(written: str) -> str:
    """The path of a relative address, without query and fragment; `C#.png` is a name that nobody encoded."""
    address = written.partition("?")[0]
    path, _, _ = address.partition("#")
    return unquote(path if media_type(path) else address).replace("\\", "/")


class Shelf:
    """The media files of a folder. Letters are the same however they are composed (Unicode NFC)."""

    def __init__(self, key: str, files: Iterable[FileStat]) -> None:
        self.key = key
        self._files = {_composed(file.path): file for file in files if is_media(file.name)}

    def at(self, place: str) -> FileStat | None:
        """The file at a place."""
        return self._files.get(_composed(place))

    def find(self, place: str) -> FileStat | None:
        """The file at a place, if it may be published."""
        file = self.at(place)
        return file if file is not None and file.size <= MAX_MEDIA else None

    def too_large(self, place: str) -> FileStat | None:
        """The file at a place, if it is too large to be published."""
        file = self.at(place)
        return file if file is not None and file.size > MAX_MEDIA else None

    def supplies(self, named: Named) -> bool:
        """Whether a file that was missed is there now."""
        return bool(named) and any(size is None and self.find(place) for place, size in named.items())


class FarShelf(Shelf):
    """The media files of a folder that nobody listed: `look` finds a file at a path, when it is asked for.

    A name that is neither composed nor decomposed throughout is found by a listing only.
    """

    def __init__(self, key: str, look: Callable[[str], FileStat | None]) -> None:
        super().__init__(key, ())
        self._look = look

    def at(self, place: str) -> FileStat | None:
        """The file at a place."""
        if not is_media(place):
            return None
        names = dict.fromkeys((place, _composed(place), unicodedata.normalize("NFD", place)))
        return next((file for name in names if (file := self._look(name))), None)


class Beside:
    """The media files that one article names: found, or missed.

    `remembered` is what the article named before. A file that was found then counts as found although it is gone: a
    crawler deletes its folder and writes it anew, and that is no change of an article.
    """

    def __init__(self, shelf: Shelf, article: str, remembered: Named) -> None:
        self._shelf = shelf
        self._article = article
        self._found_before = {_composed(path): (path, size) for path, size in remembered.items() if size is not None}
        self._named: dict[str, int | None] = {}
        self._too_large: dict[str, int] = {}

    @property
    def named(self) -> dict[str, int | None]:
        """Path → size of each file that was found; None for each place where one was missed."""
        return dict(sorted(self._named.items())[:MAX_REMEMBERED])

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The files that are there, but too large."""
        return tuple(
            Problem(
                f"{path} has {size:,} bytes, more than the {MAX_MEDIA:,} allowed, and is not published: make it "
                "smaller, or give the address of another place that has it",
                "body",
            )
            for path, size in sorted(self._too_large.items())
        )

    def address(self, reference: str) -> str | None:
        """The address of the media file that a reference in this article names; None when there is none."""
        found = self._find(places(self._article, reference))
        return media_address(self._shelf.key, found[0]) if found else None

    def version(self, reference: str) -> str | None:
        """An address that is the same for the same file wherever it and the article lie, to compare articles by."""
        where = places(self._article, reference)
        if not where:
            return None
        path, size = self._find(where) or (where[0], 0)
        return media_address(f"{size}", posixpath.basename(path))

    def _find(self, where: tuple[str, ...]) -> tuple[str, int] | None:
        for place in where:
            if file := self._shelf.find(place):
                self._named[file.path] = file.size
                return file.path, file.size
            if file := self._shelf.too_large(place):
                self._too_large[file.path] = file.size
        for place in where:
            if before := self._found_before.get(_composed(place)):
                self._named[before[0]] = before[1]
                return before
        self._named.update(dict.fromkeys(where))
        return None


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)
