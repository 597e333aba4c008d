"""The first filling of a store: the processes that will read its many files begin while the rest is being loaded."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .config import Config
from .pool import MANY, begun_early

_SQLITE = "sqlite:///"


@contextmanager
def first_filling(config: Config) -> Iterator[None]:
    """Let processes for reading begin now, where the block will surely need them. It loads and opens the store."""
    if _is_new(config.store) and any(_has_many_files(source.folder) for source in config.sources if source.enabled):
        with begun_early():
            yield
    else:
        yield


def _is_new(store: str) -> bool:
    """Whether there is no store yet, as far as can be told without opening it."""
    return store.startswith(_SQLITE) and not Path(store.removeprefix(_SQLITE).partition("?")[0]).exists()


def _has_many_files(folder: Path) -> bool:
    """Whether there are so many files below a folder that they will be read in processes. Links are not followed."""
    files, folders = 0, [os.fspath(folder)]
    while folders and files < MANY:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        files += 1
        except OSError:  # the scan will tell
            continue
    return files >= MANY
