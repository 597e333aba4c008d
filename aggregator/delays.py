"""How late articles are published: from the time of a file to the commit of what it brings or changes."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from .filing import Filing
from .sources import FileStat


class Delays:
    """How late a batch publishes the articles that it brings or changes, counted from the times of their files.

    Made before the batch is filed, of the files that hold articles: one that is the same as ever, and was read by
    other rules, is late in nothing.
    """

    def __init__(self, filing: Filing, found: Iterable[FileStat]) -> None:
        self._filing = filing
        self._found = [file for file in found if self._is_touched(file)]

    def at(self, committed: datetime, known: Mapping[int, float]) -> Iterator[tuple[int, float]]:
        """Article number and seconds, for those that are not known yet.

        Sources that are imported now are left out: their files may be as old as they like.
        """
        tally = self._filing.tally
        for file in self._found:
            row = self._filing.files[file.path]
            if row.seq is None or row.source is None or row.source in self._filing.imported or row.seq in known:
                continue
            if any(row.seq in seqs[row.source] for seqs in (tally.new, tally.updated)):
                yield row.seq, max(committed.timestamp() - file.mtime_ns / 1e9, 0)

    def _is_touched(self, file: FileStat) -> bool:
        old = self._filing.files.get(file.path)
        return old is None or old.signature != file.signature
