"""Disks that are small, empty or read-only, in the place of a folder. Without the right to mount, mere folders."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

DISK = 64  # MB, of the disk that fills up


@contextmanager
def disk(place: Path) -> Iterator[None]:
    """A small disk of its own; a mere folder where we may not mount one."""
    place.mkdir(parents=True)
    if can_mount():
        mount("-t", "tmpfs", "-o", f"size={DISK}m", "none", str(place))
    try:
        yield
    finally:
        if can_mount():
            uncover(place)


def cover(place: Path) -> None:
    """Something empty is in the place of a folder."""
    if can_mount():
        mount("-t", "tmpfs", "-o", "size=1m", "none", str(place))
    else:
        place.rename(place.with_name(f"{place.name}-covered"))
        place.mkdir()


def uncover(place: Path) -> None:
    """What a folder held is there again."""
    if can_mount():
        subprocess.run(["umount", "--lazy", str(place)], check=True)
    else:
        place.rmdir()
        place.with_name(f"{place.name}-covered").rename(place)


def mount(*words: str) -> None:
    """Run `mount`. Raises CalledProcessError."""
    subprocess.run(["mount", *words], check=True)


@cache
def can_mount() -> bool:
    """Whether we may mount a disk; root in a container may not."""
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", place], capture_output=True)
        if done.returncode == 0:
            subprocess.run(["umount", place], check=True)
    return done.returncode == 0
