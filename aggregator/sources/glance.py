"""A glance at a few files of a folder: what the walk would find at their places, without walking.

File events name files; that a folder holds a hundred thousand others must not matter then. Each place is looked at by
the walk's rules, when it is asked for. Where only the walk itself can tell, WalkNeededError is raised.
"""

import errno
import os
import stat
from collections.abc import Iterable
from typing import NamedTuple

from aggregator.errors import WalkNeededError
from aggregator.sources.walk import FileStat, clean_path, is_passed_over, is_temporary

_NOT_THERE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG})
_REPLACED = "\ufffd"  # in names that are not UTF-8, as some systems tell them


class Glanced(NamedTuple):
    """What is at some places: `files` that the walk would list, and places (`gone`) where it would find none."""

    files: list[FileStat]
    gone: list[str]


class Glance:
    """Looks at single places below a folder. Each is looked at once, so that all questions get one answer."""

    def __init__(self, root: str) -> None:
        self._root = os.path.realpath(root)
        self._folders: dict[str, bool] = {}  # whether the walk comes there
        self._found: dict[str, os.stat_result | None] = {}

    def named(self, names: Iterable[str]) -> Glanced:
        """What is there now, of what an event named (paths relative to the folder).

        Raises WalkNeededError for a folder, since files may have come and gone with it, and for a file with several
        names (hard links), of which the event tells one.
        """
        self._reach("")
        found = Glanced([], [])
        for name in sorted(set(names)):
            if is_passed_over(name):
                continue
            status = self._look(name)
            if status is not None and (stat.S_ISDIR(status.st_mode) or status.st_nlink > 1):
                raise WalkNeededError(name)
            file = self.find(name)
            if file is not None:
                found.files.append(file)
            else:
                found.gone.append(name)
        return found

    def find(self, path: str) -> FileStat | None:
        """The file that the walk would list under a path, None where it would list none."""
        status = self._look(path)
        if status is None or not stat.S_ISREG(status.st_mode) or is_temporary(path.rpartition("/")[2]):
            return None
        return FileStat(path, path, status.st_size, status.st_mtime_ns, status.st_ino)

    def _look(self, path: str) -> os.stat_result | None:
        if path not in self._found:
            if _REPLACED in path or "\\x" in path or clean_path(path) != path:
                raise WalkNeededError(path)  # the name that we know is not the one that the system knows
            reached = self._reach(path.rpartition("/")[0])
            self._found[path] = self._status(path) if reached else None
        return self._found[path]

    def _reach(self, folder: str) -> bool:
        """Whether the walk comes to a folder: not through links, nor into what is passed over."""
        if folder not in self._folders:
            above = folder.rpartition("/")[0]
            self._folders[folder] = not (folder and not self._reach(above)) and self._is_listed(folder)
        return self._folders[folder]

    def _is_listed(self, folder: str) -> bool:
        if is_passed_over(folder):
            return False
        try:
            status = os.lstat(f"{self._root}/{folder}")
        except OSError as error:
            if error.errno in _NOT_THERE and folder:
                return False
            raise WalkNeededError(folder) from error  # it is to be reported, which the walk does
        if not stat.S_ISDIR(status.st_mode):
            return False
        if not os.access(f"{self._root}/{folder}", os.R_OK | os.X_OK):
            raise WalkNeededError(folder)
        return True

    def _status(self, path: str) -> os.stat_result | None:
        try:
            status = os.lstat(f"{self._root}/{path}")
        except OSError as error:
            if error.errno in _NOT_THERE:
                return None
            raise WalkNeededError(path) from error
        if stat.S_ISLNK(status.st_mode):
            raise WalkNeededError(path)
        return status
