"""Files in the export folder. Each is whole at any time: it is written under another name and then renamed.

A file that takes another's place is on the disk before it does (fsync). One that is new is not waited for: nothing
leads to it yet, and should the machine stop now, its size tells the next export that it is not whole.
"""

import errno
import itertools
import os
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from aggregator.errors import ExportError

from .layout import MANIFEST, TEMPORARY, VARIANTS
from .manifest import Record

PUBLIC_FILE, PUBLIC_FOLDER = 0o644, 0o755  # a web server runs as another user, whatever the umask here
# What a name can be the reason of, when the rest of the folder is fine.
_NAME = (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file under a temporary name, and the name it is to have."""

    temporary: Path
    final: Path


class UnusableNameError(Exception):
    """The file system holds no file of this name."""


class Folder:
    """The export folder at `root`, which is there.

    `exact`: an export that was killed has perhaps put files there that its list does not know of. What it had just
    begun to make of a config, say, may be as large as what is to be there, when that config is taken back.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.exact = False
        self._numbers = itertools.count()

    def is_whole(self, path: str, record: Record) -> bool:
        """Whether a file and its compressed forms are there, each as it was written, as far as is seen."""
        sizes = {"": record.size, **record.variants}
        second = record.second if self.exact else None
        return all(_is_there(f"{self.root}/{path}{suffix}", size, second) for suffix, size in sizes.items())

    def second(self, path: str) -> int:
        """The time that a file tells of itself. Two versions of one never tell the same; see `_moment`."""
        with _telling(self.root / path):
            return int((self.root / path).stat().st_mtime)

    def prepare(self, path: str, bodies: Mapping[str, bytes]) -> list[Prepared]:
        """Write a file and its compressed forms (by suffix) under temporary names. Thread safe.

        Raises UnusableNameError, and ExportError when it cannot be written for another reason.
        """
        with _telling(self.root / path):
            moment = self._moment(self.root / path)
            prepared = []
            for suffix, body in bodies.items():
                final = self.root / f"{path}{suffix}"
                temporary = self._temporary(final)
                with temporary.open("wb") as file:
                    file.write(body)
                    _finish(file, moment, final)
                prepared.append(Prepared(temporary, final))
            return prepared

    def copy(self, path: str, source: BinaryIO) -> int:
        """Write a file with the bytes of an open one; returns how many. Raises as `prepare` does."""
        final = self.root / path
        with _telling(final):
            temporary = self._temporary(final)
            with temporary.open("wb") as file:
                shutil.copyfileobj(source, file, 2**20)
                size = file.tell()
                _finish(file, self._moment(final), final)
            temporary.replace(final)
        return size

    def place(self, path: str, prepared: list[Prepared]) -> None:
        """Give prepared files their names; compressed forms that there are no more go. Raises as `prepare` does."""
        with _telling(self.root / path):
            for one in prepared:
                one.temporary.replace(one.final)
            there = {one.final for one in prepared}
            for suffix in VARIANTS.values():
                if (variant := self.root / f"{path}{suffix}") not in there:
                    variant.unlink(missing_ok=True)

    def remove(self, path: str, record: Record) -> None:
        """Take a file away, with its compressed forms, and the folders that are empty then. Raises ExportError."""
        with _telling(self.root / path):
            for suffix in ("", *record.variants):
                with suppress(FileNotFoundError, NotADirectoryError):
                    (self.root / f"{path}{suffix}").unlink()
        for folder in (self.root / path).parents:
            if folder == self.root:
                break
            try:
                folder.rmdir()
            except OSError:  # it is not empty
                break

    def sweep(self) -> None:
        """Delete what an export left under temporary names when it ended before its time."""
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if name.startswith(TEMPORARY):
                    (Path(folder) / name).unlink(missing_ok=True)

    def foreign(self) -> Iterator[str]:
        """The names in the folder, hidden ones not counted, if no export has ever written there."""
        if not (self.root / MANIFEST).exists():
            yield from (name for name in sorted(os.listdir(self.root)) if not name.startswith("."))

    def _temporary(self, final: Path) -> Path:
        _make_folder(final.parent)
        return final.parent / f"{TEMPORARY}{next(self._numbers)}"

    def _moment(self, final: Path) -> float:
        """The time for a file that is written now. Two versions of one never have the same second, since that, with
        the size, is what web servers make an ETag of."""
        try:
            before = int(final.stat().st_mtime)
        except FileNotFoundError:
            return time.time()
        return max(time.time(), before + 1)


def _finish(file: BinaryIO, moment: float, final: Path) -> None:
    os.fchmod(file.fileno(), PUBLIC_FILE)
    file.flush()
    if final.exists():
        os.fsync(file.fileno())
    os.utime(file.fileno(), (moment, moment))


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        with suppress(FileExistsError):  # another thread was faster; what is no folder is noticed at once
            folder.mkdir()
            folder.chmod(PUBLIC_FOLDER)


def _is_there(file: str, size: int, second: int | None) -> bool:
    try:
        found = os.stat(file)  # noqa: PTH116 (all files of a site are looked at; a Path takes twice as long)
    except OSError:
        return False
    return found.st_size == size and (second is None or int(found.st_mtime) == second)


@contextmanager
def _telling(file: Path) -> Iterator[None]:
    """What goes wrong with a file, in words."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        if error.errno in _NAME:
            raise UnusableNameError(f"{file}: {reason}") from error
        raise ExportError(
            f"{file} cannot be written: {reason}; what was written before is whole, "
            "and the next export goes on from there"
        ) from error
