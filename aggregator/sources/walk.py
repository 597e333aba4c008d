"""The walk through a folder: which files are there, and which of them count.

It is called every few minutes on ten thousand files, so it works on os-level names and DirEntry, a few microseconds
a file: no pathlib, no second stat.
"""

import errno
import os
import re
import stat
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from typing import NamedTuple

from aggregator.errors import SourceError
from aggregator.models import Problem

# What is passed over without a word: names that programs give to things which are not, or not yet, an article.
HIDDEN = "."
PASSED_OVER_FOLDERS = frozenset({"node_modules"})
TEMPORARY_PREFIXES = (
    "~$",  # Office's lock files
    ".#",  # Emacs's lock files
)
TEMPORARY_SUFFIXES = (
    "~",  # backups of Emacs, vim, gedit
    *(".swp", ".swo", ".swn", ".swx", ".kate-swp"),  # editors' swap files
    *(".tmp", ".temp", "___jb_tmp___", "___jb_old___"),  # files about to be renamed
    *(".part", ".partial", ".crdownload", ".download", ".opdownload", ".filepart", ".!qb", ".!ut", ".aria2"),
    *(".bak", ".orig", ".rej", ".save"),  # what is left of an edit
    *(".lock", ".crswap"),
)

# What ends so is temporary only by its beginning.
PLAIN_SUFFIXES = (".md", ".html")
PLAIN_BUT = (HIDDEN, *TEMPORARY_PREFIXES)

_UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE_OF_BYTE_0 = 0xDC00  # Python keeps the undecodable byte N of a file name as this + N (PEP 383)


# Path, name, size, mtime_ns, inode: what makes a FileStat. Plain tuples, which are made in a third of the time and
# are of no interest to the garbage collector.
Met = tuple[str, str, int, int, int]

_LAST_SECOND = datetime.max.replace(microsecond=0, tzinfo=UTC).timestamp()

SIGNATURE = "%x-%x-%x"  # of the last three of these


class FileStat(NamedTuple):
    """A file as the walk met it.

    `path` is its place below the root, with `/`, in clean unicode: what is stored. `name` is the same as the system
    knows it, to open the file with. `size` is in bytes, `mtime_ns` in nanoseconds since 1970.
    """

    path: str
    name: str
    size: int
    mtime_ns: int
    inode: int

    @property
    def signature(self) -> str:
        """Equal for two stats of a file exactly when it was not touched in between."""
        return SIGNATURE % self[2:]

    @property
    def modified(self) -> datetime:
        """When it was last changed; of times that no calendar has, which some disks keep, the nearest since 1970."""
        return datetime.fromtimestamp(min(max(self.mtime_ns / 1e9, 0), _LAST_SECOND), UTC)


@dataclass(frozen=True)
class Listing:
    """The files of a folder (`met`, by path), and what could not be looked at (path → Problem).

    `linked`: some of the files are links to others.
    """

    met: Mapping[str, Met]
    problems: Mapping[str, Problem]
    linked: bool = False

    @cached_property
    def files(self) -> Sequence[FileStat]:
        """The files, sorted by path."""
        return [FileStat(*self.met[path]) for path in sorted(self.met)]


def is_temporary(name: str) -> bool:
    """Whether a file of this name is hidden, an editor's or a download's: none of our business."""
    if name.endswith(PLAIN_SUFFIXES):  # most are easily told
        return name.startswith(PLAIN_BUT)
    if name.startswith(HIDDEN) or name.startswith(TEMPORARY_PREFIXES) or name.lower().endswith(TEMPORARY_SUFFIXES):
        return True
    return name.startswith("#") and name.endswith("#")


def is_passed_over(path: str) -> bool:
    """Whether the walk never comes to a path below the root: it is hidden, or in a folder that is no content."""
    return any(part.startswith(HIDDEN) or part in PASSED_OVER_FOLDERS for part in path.split("/"))


def clean_path(name: str) -> str:
    """A file name as printable text: bytes that are not UTF-8, and control characters, as `\\x..` escapes."""
    return name if name.isprintable() else _UNCLEAN.sub(_escape, name)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - _SURROGATE_OF_BYTE_0 if code >= _SURROGATE_OF_BYTE_0 else code:02x}"


def inside(root: str, path: str) -> bool:
    """Whether a real path lies below a real root."""
    return path.startswith(root if root.endswith(os.sep) else root + os.sep)


def walk(root: str) -> Listing:
    """Lists every regular file below `root`, recursively.

    Links to folders are not followed; a link to a file counts when its target is a regular file below the real root.
    A subfolder that cannot be read is a Problem. Raises SourceError when the root itself cannot be listed.
    """
    this = _Walk(os.path.realpath(root))
    try:
        this.list("")
    except OSError as error:
        raise SourceError(f"cannot read the folder {clean_path(root)}: {_why(error)}") from error
    while this.pending:
        this.try_to_list(this.pending.pop())
    return Listing(this.met, this.problems, bool(this.links))


@dataclass(slots=True)
class _Walk:
    """One walk: what it has found so far, and the folders that it is yet to come to (with `/` at the end)."""

    real_root: str
    met: dict[str, Met] = field(default_factory=dict)
    problems: dict[str, Problem] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)

    def try_to_list(self, prefix: str) -> None:
        """List a subfolder, if that can be done."""
        try:
            self.list(prefix)
        except (FileNotFoundError, NotADirectoryError):
            pass  # removed or replaced since its parent was listed
        except OSError as error:
            path = clean_path(prefix[:-1])
            message = f"cannot list the folder {path} ({error.strerror}); its files were left out: {remedy(error)}"
            self.problems[path] = Problem(message)

    def list(self, prefix: str) -> None:
        """List one folder. Raises OSError.

        It is opened for that, so that the system finds its files in it without a way through all folders above.
        """
        folder = os.open(f"{self.real_root}/{prefix[:-1]}", os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            for entry in [*os.scandir(folder)]:
                name = entry.name
                try:
                    if entry.is_file(follow_symlinks=False):
                        if not is_temporary(name):
                            self._add(prefix + name, entry.stat(follow_symlinks=False))
                    elif entry.is_dir(follow_symlinks=False):
                        if not (name.startswith(HIDDEN) or name in PASSED_OVER_FOLDERS):
                            self.pending.append(f"{prefix}{name}/")
                    elif not is_temporary(name) and (status := self._of_link(entry, prefix)):
                        self._add(prefix + name, status)
                except OSError:
                    continue  # it vanished while we looked
        finally:
            os.close(folder)

    def _of_link(self, entry: os.DirEntry[str], prefix: str) -> os.stat_result | None:
        """The stat of what a link leads to when that is a regular file below the root."""
        if entry.is_symlink():
            target = os.path.realpath(f"{self.real_root}/{prefix}{entry.name}")
            if inside(self.real_root, target) and stat.S_ISREG((status := os.lstat(target)).st_mode):
                self.links.append(entry.name)
                return status
        return None

    def _add(self, name: str, status: os.stat_result) -> None:
        path = clean_path(name)
        if path in self.met:
            message = f"two files have names that read the same, {path}; one was left out: rename one"
            self.problems[path] = Problem(message)
            if self.met[path][1] < name:
                return
        self.met[path] = (path, name, status.st_size, status.st_mtime_ns, status.st_ino)


def _why(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such folder: create it, or correct the source's `path`"
    if isinstance(error, NotADirectoryError):
        return "it is not a folder: a source's `path` must name a folder"
    if isinstance(error, PermissionError):
        return "permission denied: give the service's user the right to list it"
    return f"{error.strerror}: {remedy(error)}"


def remedy(error: OSError) -> str:
    """What to do about a file or a folder that cannot be opened."""
    if isinstance(error, PermissionError):
        return "give the service's user the right to list it"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "raise the limit of open files (`LimitNOFILE=` in a systemd unit)"
    return "shorten its path" if error.errno == errno.ENAMETOOLONG else "see that the disk is mounted and sound"
