"""Opening a file of a folder without being led astray.

What lies in a folder was put there by others and can change at any moment: between a look and the opening, a file can
become a FIFO that never answers, or a parent folder a link to `/etc`. So a file is judged by what was opened.
"""

import errno
import os
import stat
from enum import Enum
from typing import NamedTuple

from aggregator.sources.walk import inside

_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_LINK = frozenset({errno.ELOOP, errno.EMLINK})  # what O_NOFOLLOW says of a link


class Opened(NamedTuple):
    """An open regular file. `place` is where it really lies below the root; closing it is the caller's business."""

    descriptor: int
    status: os.stat_result
    place: str


class Refused(Enum):
    """Why a file was not opened although it is there."""

    LEADS_OUT = "leads out"  # a link in its path leads out of the root
    IRREGULAR = "irregular"  # it is no regular file, or was swapped while it was opened


def open_inside(root: str, name: str) -> Opened | Refused:
    """Open a regular file below `root`, which is a real path; `name` is relative to it. Raises OSError.

    A link in the file's own place counts when it leads to a regular file below the root. It never waits (not for a
    FIFO either).
    """
    path = f"{root}/{name}"
    descriptor = _open(path, root)
    if descriptor is None:
        return Refused.LEADS_OUT
    judged: Opened | Refused | None = None
    try:
        judged = _judge(descriptor, path, root)
    finally:
        if not isinstance(judged, Opened):
            os.close(descriptor)
    return judged


def _open(path: str, root: str) -> int | None:
    """Open a plain file, or what a link in its place leads to; None when that is outside the root."""
    try:
        return os.open(path, _OPEN_FLAGS)
    except OSError as error:
        if error.errno not in _LINK:
            raise
    target = os.path.realpath(path)
    return os.open(target, _OPEN_FLAGS) if inside(root, target) else None


def _place(descriptor: int, path: str) -> str:
    """Return the real path of an open file; Linux knows it, elsewhere each folder in its path is looked at."""
    try:
        return os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 (no Path for each file)
    except OSError:
        return os.path.realpath(path)


def _judge(descriptor: int, path: str, root: str) -> Opened | Refused:
    """Look after opening: whatever was swapped meanwhile, what is open is the file at this real path, or refused."""
    status = os.fstat(descriptor)
    real = _place(descriptor, path)
    if not inside(root, real):
        return Refused.IRREGULAR if inside(root, os.path.realpath(path)) else Refused.LEADS_OUT
    if not (os.path.samestat(os.lstat(real), status) and stat.S_ISREG(status.st_mode)):
        return Refused.IRREGULAR
    return Opened(descriptor, status, real.removeprefix(root).lstrip(os.sep))
