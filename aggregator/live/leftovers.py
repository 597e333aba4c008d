"""Temporary folders of services that were killed. Those of living ones are locked, by whoever made them."""

import fcntl
import os
import shutil
import tempfile
import time
from contextlib import suppress
from pathlib import Path

PREFIX = "aggregator-"
MADE = 60  # seconds after which a folder must have been locked by who made it
_OURS = ("aggregator-metrics-", "aggregator-restore-")  # others with this prefix are known by what is in them
IN_FORCE = "in-force.json"


def sweep() -> None:
    """Remove what services of this user have left behind. What cannot be removed stays."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with suppress(OSError):
            if _is_ours(folder) and not _is_locked(folder):
                shutil.rmtree(folder)


def _is_ours(folder: Path) -> bool:
    status = folder.lstat()
    named = folder.name.startswith(_OURS) or (folder / IN_FORCE).exists()
    settled = time.time() - status.st_mtime > MADE
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == os.getuid() and settled and named


def _is_locked(folder: Path) -> bool:
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)
