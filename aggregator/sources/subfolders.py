"""The folders that a walk goes through, for who listens to each of them."""

import os
from typing import NamedTuple

from aggregator.sources.walk import HIDDEN, PASSED_OVER_FOLDERS


class Subfolders(NamedTuple):
    """A folder and all below it, as paths.

    `mixed`: among them are others, which are not for listening: what the walk passes over, links, and those whose
    names are not UTF-8.
    """

    paths: list[str]
    mixed: bool


def subfolders(root: str) -> Subfolders:
    """Find them. Those that cannot be listed are left out."""
    found, pending, mixed = [], [root], False
    while pending:
        folder = pending.pop()
        try:
            with os.scandir(folder) as entries:
                met = [*entries]
        except OSError:
            continue  # scans tell of it
        found.append(folder)
        for entry in met:
            if entry.is_dir(follow_symlinks=False) and _is_heard(entry.name):
                pending.append(entry.path)
            elif not entry.is_file(follow_symlinks=False) and os.path.isdir(entry.path):  # noqa: PTH112 (a link's end)
                mixed = True
    return Subfolders(found, mixed)


def _is_heard(name: str) -> bool:
    if name.startswith(HIDDEN) or name in PASSED_OVER_FOLDERS:
        return False
    return name.isascii() or not any("\ud800" <= character <= "\udfff" for character in name)
