"""A folder of article files: what is in it, and how a file is read."""

import errno
import os
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import Protocol

from aggregator.models import Problem
from aggregator.sources.guard import Opened, Refused, open_inside
from aggregator.sources.walk import FileStat, Listing, remedy, walk

_GONE = frozenset({errno.ENOENT, errno.ENOTDIR})
_REPLACED = frozenset({errno.ENXIO, errno.ENODEV, errno.EISDIR})  # by a socket, a device, a folder


class Unread(Enum):
    """Why a file was not read although nothing is wrong with it."""

    GONE = "gone"  # it vanished since the walk
    CHANGED = "changed"  # it is not, or no longer, what the walk saw: take it at the next scan


class Folder(Protocol):
    """Where article files come from."""

    def files(self) -> Listing:
        """List all files below the root; raises errors.SourceError when the root cannot be listed."""
        ...

    def read(self, file: FileStat, max_size: int) -> bytes | Problem | Unread:
        """Return the content of a file of the listing; `max_size` is in bytes."""
        ...


class DiskFolder:
    """A folder of the file system. The root itself may be a link; nothing leads out of it."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @cached_property
    def _real_root(self) -> str:
        return os.path.realpath(self.root)

    def files(self) -> Listing:
        """List all regular files below the root; raises errors.SourceError when the root cannot be listed."""
        return walk(os.fspath(self.root))

    def read(self, file: FileStat, max_size: int) -> bytes | Problem | Unread:
        """Return the content of a file of the listing; `max_size` is in bytes.

        It never waits (not for a FIFO either) and never reads what lies outside the root.
        """
        try:
            opened = open_inside(self._real_root, file.name)
            if isinstance(opened, Refused):
                return _leads_out(file) if opened is Refused.LEADS_OUT else Unread.CHANGED
            try:
                return _content(opened, file, max_size)
            finally:
                os.close(opened.descriptor)
        except OSError as error:
            return _failure(file, error)


def _content(opened: Opened, file: FileStat, max_size: int) -> bytes | Problem | Unread:
    descriptor, size = opened.descriptor, opened.status.st_size
    if not _is_of(opened.status, file):
        return Unread.CHANGED
    if size > max_size:
        return Problem(
            f"the file has {size:,} bytes, more than the {max_size:,} allowed, and was not read: "
            "shorten it, or raise the source's `max_size`"
        )
    data = _read_all(descriptor, size)
    if len(data) != size or not _is_of(os.fstat(descriptor), file):
        return Unread.CHANGED
    return data


def _read_all(descriptor: int, size: int) -> bytes:
    """Read the `size` bytes of a file; less or more of one that shrinks or grows."""
    data = os.read(descriptor, size + 1)
    while 0 < len(data) < size and (more := os.read(descriptor, size + 1 - len(data))):
        data += more
    return data


def _is_of(status: os.stat_result, file: FileStat) -> bool:
    """Whether a file is as the walk met it."""
    return (status.st_size, status.st_mtime_ns, status.st_ino) == (file.size, file.mtime_ns, file.inode)


def _leads_out(file: FileStat) -> Problem:
    return Problem(f"{file.path} leads out of the source's folder and was not read: put the file itself there")


def _failure(file: FileStat, error: OSError) -> Problem | Unread:
    if error.errno in _GONE:
        return Unread.GONE
    if error.errno in _REPLACED:
        return Unread.CHANGED
    if isinstance(error, PermissionError):
        return Problem(f"permission denied for {file.path}: give the service's user the right to read it")
    return Problem(f"cannot read {file.path} ({error.strerror}): {remedy(error)}; it is tried again")
