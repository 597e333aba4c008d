"""What a scan did, as a value; the problems that it met, as lines of the log."""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from .models import Problem

log = logging.getLogger(__name__)

DELAYS = 1000  # in one report


@dataclass(slots=True)
class Counts:
    """What a scan did to one source's articles; `problems` are those that are open after it."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0
    problems: int = 0


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The result of one scan.

    `counts` is by source slug. `unsettled` files were still being written, and wait for the next scan. `unmatched`
    files fit no source. `busy`: another process was scanning the folder, so nothing was done. `error` is why the
    folder could not be scanned, "" when it was. `vanished`: it could be at an earlier time, so a crawler may just
    be writing it anew. `delays`: how many seconds it took from the time of a file to the commit of its new or updated
    article, for DELAYS of them at most, and none of a source's first import.

    `linked`: some of the folder's files are links to others, so events do not name all that changes. `part`: only a
    few files were looked at (see `scan_files`), and the counts are of these; or none, where `whole_needed`.
    """

    folder: str
    counts: dict[str, Counts] = field(default_factory=dict)
    unsettled: int = 0
    unmatched: int = 0
    busy: bool = False
    error: str = ""
    vanished: bool = False
    delays: tuple[float, ...] = ()
    linked: bool = False
    part: bool = False
    whole_needed: bool = False

    def changes(self) -> str:
        """What it did, in words: `zaker 3 new, 1 updated`; "" when nothing changed."""
        parts = []
        for slug, count in self.counts.items():
            done = [f"{n} {name}" for name in ("new", "updated", "removed") if (n := getattr(count, name))]
            parts += [f"{slug} {', '.join(done)}"] if done else []
        return "; ".join(parts)


def log_problems(folder: str, path: str, source: str, problems: Iterable[Problem]) -> None:
    """Tell of what was met in a file; `folder` and `source` (a slug, or "") are names."""
    for problem in problems:
        where = {"source": source, "folder": folder, "file": path, "field": problem.field, "line": problem.line}
        log.warning("%s", problem.message, extra=where)
