"""One scan of a folder, or of a few of its files: files → entries → articles → one transaction a batch → report.

    files() ─▶ which changed? ─▶ Reader ─▶ Reading ─▶ Filing ─▶ Batch ─▶ ScanReport
               FileRow           bytes, Entry,        identity  the store's
                                 Owner, Article                 transaction

What cannot be used becomes a Problem kept with its file, and the others go on.
"""

import logging
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TypeVar

from .delays import Delays
from .errors import ScanStoppedError, SourceError, WalkNeededError
from .filing import Filing, Tally
from .models import Seen
from .overlap import Neighbours
from .pool import MANY, Found, read_in_processes
from .reading import Reader, Reading
from .report import DELAYS, Counts, ScanReport, log_problems
from .routing import Router
from .sifting import Sifted, sift
from .sources import DiskFolder, FileStat, Glance, Listing, Shelf, media_type
from .store import FileRow, Outcome, Store
from .vanished import Vanished

log = logging.getLogger(__name__)

TASK = 50  # files that such a process reads at a time
BATCH = 200  # files in one transaction; bounds memory, and how long other writers wait
FEW = BATCH  # files that are looked at without walking through the folder

Item = TypeVar("Item")

Clock = Callable[[], datetime]  # the time, aware, in UTC
Progress = Callable[[int, int], None]  # files done, files to do


def scan(
    store: Store,
    router: Router,
    root: Path,
    clock: Clock,
    *,
    counts_missing: bool = True,
    progress: Progress | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> ScanReport:
    """Bring the store up to date with the folder `root`, one of `router.folders()`.

    `counts_missing`: whether a file that is not there counts as missing (`on_delete: remove`); not so for a scan
    that a file event asked for, which may come in the midst of a rewrite. A folder that cannot be scanned is
    reported, and kept in the store's books. `stopped` is asked before every batch. Raises ScanStoppedError, and what
    the database raises.
    """
    name = router.name(root)
    with store.lock(f"scan {name}") as held:
        if not held:
            return ScanReport(name, busy=True)
        started = clock()
        number = store.ledger.folder(name)
        this = _Scan(store, router, root, number, clock, progress, stopped)
        with this.failures_on_record(started):
            try:
                report = this.run(DiskFolder(root).files(), counts_missing=counts_missing)
            except SourceError as error:
                report = ScanReport(name, error=str(error), vanished=store.ledger.was_scanned(number))
        counts = {slug: asdict(count) for slug, count in report.counts.items()}
        store.ledger.record_run(number, started, clock(), counts, report.error)
        return report


def scan_files(store: Store, router: Router, root: Path, clock: Clock, names: Collection[str]) -> ScanReport:
    """Bring the store up to date with a few files of the folder `root`, whatever else is in it.

    `names` are the places below `root` that file events told of. What follows is what would follow from a whole scan
    at this moment; or nothing is done and `whole_needed` is set, where the folder was never scanned, too much has
    changed, or it takes a walk through the folder to tell what follows. Only a failure is entered in the books as a
    run. Raises what the database raises.
    """
    name = router.name(root)
    with store.lock(f"scan {name}") as held:
        if not held:
            return ScanReport(name, busy=True, part=True)
        started = clock()
        number = store.ledger.folder(name)
        if len(names) > FEW or not store.ledger.was_scanned(number):
            return ScanReport(name, part=True, whole_needed=True)
        this = _Scan(store, router, root, number, clock, None, lambda: False)
        try:
            with this.failures_on_record(started):
                return this.look(names)
        except WalkNeededError:
            return ScanReport(name, part=True, whole_needed=True)


@dataclass(slots=True)
class _Scan:
    """One scan under way."""

    store: Store
    router: Router
    root: Path
    number: int
    clock: Clock
    progress: Progress | None
    stopped: Callable[[], bool]
    delays: dict[int, float] = field(default_factory=dict)  # by article

    @property
    def vanished(self) -> Vanished:
        """What follows from files that are gone."""
        return Vanished(self.store, self.router, self.root, self.number, self.clock)

    @contextmanager
    def failures_on_record(self, started: datetime) -> Iterator[None]:
        """Enter in the books what ends the scan, and is no fault of the folder."""
        try:
            yield
        except (ScanStoppedError, WalkNeededError):
            raise
        except Exception as error:
            reason = f"the scan failed ({type(error).__name__}), which is not the folder's fault; see the log"
            with suppress(Exception):  # a store that cannot be written; the first error tells more than a second
                self.store.ledger.record_run(self.number, started, self.clock(), {}, reason)
            raise

    def run(self, listing: Listing, *, counts_missing: bool) -> ScanReport:
        """A whole scan. Most find nothing, so rows are made of files only where something is to be done."""
        seen = self.store.ledger.seen(self.number, self.router.recipe(self.root))
        self.vanished.doubt_emptiness(listing, seen)
        sifted = sift(listing.met.values(), seen, lambda path: self.router.fits(self.root, path))
        reader = self._reader(self.router.shelf(self.root, listing.files if sifted.changed or sifted.unsure else ()))
        self._settle_unsure(sifted, seen, reader)
        present = _Present(listing.met.get, self.router, self.root)
        missing = self.vanished.missing(seen, present) if counts_missing and not listing.problems else []
        known = self.store.ledger.files(self.number) if sifted.changed or missing else {}
        filing = Filing(known, present, self._neighbours)
        unsettled = self._take(filing, reader, sifted.changed)
        self.vanished.settle(filing, listing, present, missing)
        return self._report(filing, sifted, unsettled, linked=listing.linked)

    def look(self, names: Collection[str]) -> ScanReport:
        """A scan of a few files; raises WalkNeededError. Nothing here may grow with the folder."""
        glance, ledger = Glance(os.fspath(self.root)), self.store.ledger
        seen, shelf = glance.named(names), self.router.far_shelf(self.root, glance.find)
        paths = {file.path for file in seen.files} | self._supplied(shelf, seen.files)
        files = [file for path in paths if self.router.fits(self.root, path) and (file := glance.find(path))]
        filing = Filing(
            ledger.files_at(self.number, paths),
            _Present(glance.find, self.router, self.root),
            self._neighbours,
            lambda articles: ledger.files_with(self.number, articles),
        )
        reader = self._reader(shelf)
        changed = [file for file in files if reader.changed(file, filing.files.get(file.path))]
        unsettled = self._take(filing, reader, changed)
        self.vanished.drop_problems(seen.gone)
        if filing.imported:
            ledger.open_sources(self.number, self.clock())
        return self._part_report(filing, unsettled)

    def _neighbours(self) -> Neighbours:
        return self.router.neighbours(self.root, self.store.ledger.numbers())

    def _supplied(self, shelf: Shelf, found: Iterable[FileStat]) -> set[str]:
        """The files whose articles missed a picture that is there now, when one of these is a picture."""
        if not any(media_type(file.path) for file in found):
            return set()
        missed = self.store.ledger.missed_media(self.number)
        supplied = {path for path, media in missed.items() if shelf.supplies(media)}
        if len(supplied) > FEW:
            raise WalkNeededError(self.root)
        return supplied

    def _reader(self, shelf: Shelf) -> Reader:
        return Reader(DiskFolder(self.root), self.root, self.router, self.router.recipe(self.root), shelf)

    def _settle_unsure(self, sifted: Sifted, seen: Mapping[str, Seen], reader: Reader) -> None:
        """Files that are unsure have changed or are the same."""
        rows = self.store.ledger.files_at(self.number, [file.path for file in sifted.unsure])
        for file in sifted.unsure:
            if reader.changed(file, rows.get(file.path)):
                sifted.changed.append(file)
            else:
                sifted.same.append(seen[file.path])

    def _take(self, filing: Filing, reader: Reader, changed: Iterable[FileStat]) -> int:
        """Read and file what changed; the number of files that were not yet whole."""
        changed = sorted(changed)  # by path
        if filing.files:  # those that are known come first: see Filing
            changed.sort(key=lambda file: file.path not in filing.files)
        unsettled = done = 0
        for found in self._read(reader, [(file, filing.files.get(file.path)) for file in changed]):
            whole = [(file, reading) for file, reading in found if reading is not None]
            unsettled += len(found) - len(whole)
            self._file(filing, whole)
            done += len(found)
            if self.progress:
                self.progress(done, len(changed))
        return unsettled

    def _read(self, reader: Reader, files: Sequence[tuple[FileStat, FileRow | None]]) -> Iterator[Found]:
        """Read files, each with how it was last seen; yields what one transaction is to hold."""
        if len(files) >= MANY:
            tasks = list(_chunks(files, TASK))
            yield from _joined(read_in_processes(reader, tasks, self.clock, self.stopped), BATCH)
            return
        for chunk in _chunks(files, BATCH):
            if self.stopped():
                raise ScanStoppedError(f"the scan of {self.root} was stopped")
            now = self.clock()
            yield [(file, reader.read(file, old, now)) for file, old in chunk]

    def _file(self, filing: Filing, found: Sequence[tuple[FileStat, Reading]]) -> None:
        for file, reading in found:
            if reading.problems:
                log_problems(self.router.name(self.root), file.path, reading.blamed, reading.problems)
        if found:
            delays = Delays(filing, [file for file, reading in found if reading.article is not None])
            with self.store.batch(self.number, self.clock(), self.router.feeds) as batch:
                filing.file(batch, [reading for _, reading in found])
            self.delays.update(delays.at(self.clock(), self.delays))

    def _part_report(self, filing: Filing, unsettled: int) -> ScanReport:
        tally = filing.tally
        touched = tally.new.keys() | tally.updated.keys() | tally.removed.keys()
        slugs = self.store.ledger.slugs(touched) if touched else {}
        counts = {slug: _count(tally, source, set()) for source, slug in slugs.items()}
        delays = tuple(self.delays.values())
        return ScanReport(self.router.name(self.root), counts, unsettled, delays=delays, part=True)

    def _report(self, filing: Filing, sifted: Sifted, unsettled: int, *, linked: bool) -> ScanReport:
        """Count articles, not files: the same one in two channels is one."""
        slugs = self.store.ledger.slugs()
        held: dict[int, set[int]] = defaultdict(set)
        unmatched = 0
        for _, _, _, source, seq, nobodys, _ in sifted.same:
            if seq is not None and source is not None:
                held[source].add(seq)
            unmatched += nobodys
        for file in sifted.changed:
            row = filing.files.get(file.path)
            if row is not None and row.seq is not None and row.source is not None:
                held[row.source].add(row.seq)
            unmatched += row is not None and row.outcome is Outcome.UNMATCHED
        counts = {slug: Counts() for slug in self.router.slugs(self.root)}
        for source in held.keys() | filing.tally.removed.keys():
            counts[slugs[source]] = _count(filing.tally, source, held[source])
        for slug, number in self.store.ledger.problem_counts(self.number).items():
            counts.setdefault(slug, Counts()).problems = number
        delays = tuple(islice(self.delays.values(), DELAYS))
        return ScanReport(self.router.name(self.root), counts, unsettled, unmatched, delays=delays, linked=linked)


@dataclass(frozen=True, slots=True)
class _Present:
    """The files of a folder that are there now, and that a source takes; `find` finds one, whoever takes it."""

    find: Callable[[str], object]
    router: Router
    root: Path

    def __contains__(self, path: object) -> bool:
        return isinstance(path, str) and self.router.fits(self.root, path) and self.find(path) is not None


def _count(tally: Tally, source: int, held: set[int]) -> Counts:
    new, removed = tally.new[source], tally.removed[source]
    updated = tally.updated[source] - new
    return Counts(len(new), len(updated), len(held - new - updated - removed), len(removed))


def _chunks(files: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    return (files[start : start + size] for start in range(0, len(files), size))


def _joined(parts: Iterable[Found], size: int) -> Iterator[Found]:
    """Small lists put together to lists of about a size."""
    whole: Found = []
    for part in parts:
        whole += part
        if len(whole) >= size:
            yield whole
            whole = []
    if whole:
        yield whole
