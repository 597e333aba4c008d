"""The walk through a folder: which files are there, and which of them count.

It is called every few minutes on ten thousand files, so it works on os-level names and DirEntry, a few microseconds
a file: no pathlib, no second stat.
"""

import errno
import os
import re
import stat
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

_UNCLEAN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_SURROGATE_OF_BYTE_0 = 0xDC00  # Python keeps the undecodable byte N of a file name as this + N (PEP 383)


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
        return f"{self.size:x}-{self.mtime_ns:x}-{self.inode:x}"


class Listing(NamedTuple):
    """The files of a folder, sorted by path, and what could not be looked at (path → Problem).

    `linked`: some of the files are links to others.
    """

    files: list[FileStat]
    problems: dict[str, Problem]
    linked: bool = False


def is_temporary(name: str) -> bool:
    """Whether a file of this name is hidden, an editor's or a download's: none of our business."""
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
    """Lists every regular file below `root`, recursively, sorted by path.

    Links to folders are not followed; a link to a file counts when its target is a regular file below the real root.
    A subfolder that cannot be read is a Problem. Raises SourceError when the root itself cannot be listed.
    """
    found: dict[str, FileStat] = {}
    problems: dict[str, Problem] = {}
    links: list[str] = []
    real = os.path.realpath(root)
    pending = [("", _entries_of_root(root, real))]
    while pending:
        prefix, entries = pending.pop()
        for entry in entries:
            name = prefix + entry.name
            try:
                if entry.is_dir(follow_symlinks=False):
                    if not (entry.name.startswith(HIDDEN) or entry.name in PASSED_OVER_FOLDERS):
                        pending.append((name + "/", _entries(entry, name, problems)))
                elif not is_temporary(entry.name) and (status := _status(entry, real, links)):
                    _add(found, problems, name, status)
            except OSError:
                continue  # it vanished while we looked
    return Listing([found[path] for path in sorted(found)], problems, bool(links))


def _entries_of_root(root: str, real: str) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(real))
    except FileNotFoundError:
        why = "there is no such folder: create it, or correct the source's `path`"
    except NotADirectoryError:
        why = "it is not a folder: a source's `path` must name a folder"
    except PermissionError:
        why = "permission denied: give the service's user the right to list it"
    except OSError as error:
        why = f"{error.strerror}: {_remedy(error)}"
    raise SourceError(f"cannot read the folder {clean_path(root)}: {why}")


def _entries(folder: os.DirEntry[str], name: str, problems: dict[str, Problem]) -> list[os.DirEntry[str]]:
    try:
        return list(os.scandir(folder.path))
    except (FileNotFoundError, NotADirectoryError):
        return []  # removed or replaced since its parent was listed
    except OSError as error:
        path = clean_path(name)
        message = f"cannot list the folder {path} ({error.strerror}); its files were left out: {_remedy(error)}"
        problems[path] = Problem(message)
        return []


def _remedy(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "give the service's user the right to list it"
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return "raise the limit of open files (`LimitNOFILE=` in a systemd unit)"
    return "shorten its path" if error.errno == errno.ENAMETOOLONG else "see that the disk is mounted and sound"


def _status(entry: os.DirEntry[str], real_root: str, links: list[str]) -> os.stat_result | None:
    """The stat of a regular file, or of what a link leads to when that is a regular file below the root.

    `links` is told of such a link.
    """
    if entry.is_file(follow_symlinks=False):
        return entry.stat(follow_symlinks=False)
    if entry.is_symlink():
        target = os.path.realpath(entry.path)
        if inside(real_root, target) and stat.S_ISREG((status := os.lstat(target)).st_mode):
            links.append(entry.name)
            return status
    return None


def _add(found: dict[str, FileStat], problems: dict[str, Problem], name: str, status: os.stat_result) -> None:
    path = clean_path(name)
    if path in found:
        problems[path] = Problem(f"two files have names that read the same, {path}; one was left out: rename one")
        if found[path].name < name:
            return
    found[path] = FileStat(path, name, status.st_size, status.st_mtime_ns, status.st_ino)
