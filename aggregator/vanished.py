"""What follows from files that left their folder: their problems go; with `on_delete: remove`, their articles go."""

from collections.abc import Callable, Collection, Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .errors import SourceError
from .filing import Filing
from .models import GONE, Seen
from .report import log_problems
from .routing import Router
from .sources import Listing
from .store import Store

DOUBTFUL = 10  # files that vanish all at once are not withdrawn without another sign


@dataclass(frozen=True, slots=True)
class Vanished:
    """The files that vanished from a folder; `number` is that of the folder."""

    store: Store
    router: Router
    root: Path
    number: int
    clock: Callable[[], datetime]

    def doubt_emptiness(self, listing: Listing, seen: Mapping[str, Seen]) -> None:
        """A folder whose disk is not mounted looks like one that was emptied: raises SourceError where its articles
        would be withdrawn."""
        gone = 0 if listing.met else len(self.missing(seen, ()))
        if gone >= DOUBTFUL:
            raise SourceError(
                f"the folder {self.router.name(self.root)} is empty, where {gone} files were: is its disk mounted? "
                "Their articles stay published; if they are to go, put any other file into it"
            )

    def missing(self, seen: Mapping[str, Seen], present: Container[str]) -> list[str]:
        """The files that are not there, for the first time or the second, and whose articles go with them."""
        slugs = self.store.ledger.slugs()
        removing = {number for number, slug in slugs.items() if self.router.removes(self.root, slug)}
        if not removing:
            return []
        rows = seen.values()
        return [
            path
            for path, _, _, source, _, _, missing in rows
            if source in removing and missing < GONE and path not in present
        ]

    def settle(self, filing: Filing, listing: Listing, present: Container[str], missing: Collection[str]) -> None:
        """After a whole scan. `missing`: see the method; the problems of the listing are kept."""
        known = self.store.ledger.problem_paths(self.number)
        gone = [path for path in known if path not in present]
        if gone or missing or listing.problems:
            with self.store.batch(self.number, self.clock(), self.router.feeds) as batch:
                batch.drop_problems(gone)
                for path, problem in listing.problems.items():
                    blamed = self.router.blamed(self.root, path)
                    if path not in known:
                        log_problems(self.router.name(self.root), path, blamed, (problem,))
                    batch.keep_problems(path, blamed, (problem,))
                filing.miss(batch, [filing.files[path] for path in missing])

    def drop_problems(self, gone: Collection[str]) -> None:
        """The problems of these files go, and of what was below these folders."""
        if not gone:
            return
        places = frozenset(gone)
        known = self.store.ledger.problem_paths(self.number)
        lost = [path for path in known if not places.isdisjoint((path, *_above(path)))]
        if lost:
            with self.store.batch(self.number, self.clock(), self.router.feeds) as batch:
                batch.drop_problems(lost)


def _above(path: str) -> Iterator[str]:
    """The folders that a file lies in."""
    while path := path.rpartition("/")[0]:
        yield path
