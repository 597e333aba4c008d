"""Rendered files on their way to the disk: compressed and written by threads, renamed in order."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

from ..representation import Representation
from . import layout
from .files import Folder, Prepared, UnusableNameError
from .manifest import Manifest, Record

THREADS = 4  # compressing and writing need no interpreter lock
AT_ONCE = 8  # files between rendering and renaming: what is in memory


class Writer:
    """Writes files into a folder and keeps a record of each. `notices` tell which could not be written."""

    def __init__(self, folder: Folder, manifest: Manifest) -> None:
        self.written = 0
        self.notices: list[str] = []
        self._folder = folder
        self._manifest = manifest
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="export")
        self._under_way: deque[tuple[str, str, Record, Future[tuple[list[Prepared], dict[str, int]]]]] = deque()

    def begin(self, section: str, path: str, record: Record, made: Representation) -> None:
        """Write a file of a section sooner or later. `record` lacks its compressed forms. Raises ExportError, perhaps
        for an earlier one."""
        if layout.is_too_long(path):
            self.notices.append(f"{path} is left out: a part of its name is longer than 255 bytes")
            return
        self._under_way.append((section, path, record, self._pool.submit(self._prepare, path, made)))
        while len(self._under_way) > AT_ONCE:
            self._finish_one()

    def finish(self) -> None:
        """Return when all that was begun is there. Raises ExportError."""
        while self._under_way:
            self._finish_one()

    def close(self) -> None:
        """Let go of what is not finished."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _prepare(self, path: str, made: Representation) -> tuple[list[Prepared], dict[str, int]]:
        variants = {
            layout.VARIANTS[coding]: made.encoded(coding) for coding in made.codings if coding in layout.VARIANTS
        }
        prepared = self._folder.prepare(path, {"": made.body, **variants})
        return prepared, {suffix: len(body) for suffix, body in variants.items()}

    def _finish_one(self) -> None:
        section, path, record, future = self._under_way.popleft()
        try:
            prepared, variants = future.result()
            self._folder.place(path, prepared)
        except UnusableNameError as error:
            self.notices.append(f"left out: {error}")
        else:
            self._manifest.put(section, path, record._replace(variants=variants, second=self._folder.second(path)))
            self.written += 1
