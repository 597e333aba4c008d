"""How late articles are published: from the time of a file to the commit of what it brings or changes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from .filing import Filing
from .reading import Reading
from .routing import Owner
from .sources import FileStat
from .store import Batch


class Delays:
    """How late a batch publishes the articles that it brings or changes, counted from the times of their files.

    Made before the batch is filed: a file that is the same as ever, and was read by other rules, is late in nothing.
    """

    def __init__(self, filing: Filing, found: Sequence[tuple[FileStat, Reading]]) -> None:
        self._filing = filing
        self._found = [(file, reading.owner) for file, reading in found if reading.owner and reading.article]
        self._found = [(file, owner) for file, owner in self._found if self._is_touched(file)]

    def leave_out_imports(self, batch: Batch) -> None:
        """Leave out the sources that are imported now: their files may be as old as they like."""
        self._found = [(file, owner) for file, owner in self._found if _is_open(batch, owner)]

    def at(self, committed: datetime, known: Mapping[int, float]) -> Iterator[tuple[int, float]]:
        """Article number and seconds, for those that are not known yet."""
        for file, _ in self._found:
            row = self._filing.files[file.path]
            if row.seq is None or row.source is None or row.seq in known:
                continue
            if any(row.seq in seqs[row.source] for seqs in (self._filing.tally.new, self._filing.tally.updated)):
                yield row.seq, max(committed.timestamp() - file.mtime_ns / 1e9, 0)

    def _is_touched(self, file: FileStat) -> bool:
        old = self._filing.files.get(file.path)
        return old is None or old.signature != file.signature


def _is_open(batch: Batch, owner: Owner) -> bool:
    """Whether a source's first import is over."""
    source = batch.source(owner.slug, owner.title, owner.link, owner.language, renames=owner.fixed)
    return source.opened is not None
