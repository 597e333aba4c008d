"""From a file to what is to be filed: read, parse, find the owner, normalize. Nothing here touches the store."""

import hashlib
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from .errors import WalkNeededError
from .models import Article, Entry, FileRow, Outcome, Problem
from .normalizer import Normalized, Options, is_draft, normalize
from .routing import Owner, Router
from .sources import Beside, FileStat, Folder, Shelf, Unread, is_whole, parse_entry

log = logging.getLogger(__name__)

SETTLE = timedelta(seconds=1)  # a file that is not complete in shape is read when it was left alone for so long


class Reading(NamedTuple):
    """What was found in a file: `row` is how the file will be kept, `article` what it holds (outcome ARTICLE).

    `same` tells that the file was written again with the bytes it had. `blamed` is the slug that problems are shown
    under.
    """

    row: FileRow
    owner: Owner | None = None
    article: Article | None = None
    problems: tuple[Problem, ...] = ()
    blamed: str = ""
    same: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads the files of one folder. `recipe` tells by which rules (see Router.recipe).

    `shelf` are the media files that articles may name.
    """

    folder: Folder
    root: Path
    router: Router
    recipe: str
    shelf: Shelf

    def changed(self, file: FileStat, old: FileRow | None) -> bool:
        """Whether a file must be read: it is not what it was, or what it holds is to be understood anew."""
        return old is None or old.signature != file.signature or self._outdated(old)

    def read(self, file: FileStat, old: FileRow | None, now: datetime) -> Reading | None:
        """What a file holds now; None when it is gone or still being written, so that the next scan takes it."""
        data = self.folder.read(file, self.router.max_size(self.root, file.path))
        if isinstance(data, Unread):
            return None
        if isinstance(data, Problem):
            # Rights and disks are mended without a trace in the file's times: the next scan tries it again.
            bad = self.bad(file, data)
            return bad._replace(row=bad.row._replace(signature=""))
        digest = hashlib.sha256(data).hexdigest()
        if old is not None and old.digest == digest and not self._outdated(old):
            return Reading(self._row(file, digest, old.outcome), same=True)
        try:
            return self._understand(file, old, data, digest, now)
        except WalkNeededError:
            raise
        except Exception:
            # The job's border: one file that we cannot cope with must not stop the others.
            log.exception("it could not be processed", extra={"folder": str(self.root), "file": file.path})
            return self.bad(file, Problem("it could not be processed, which is our fault; see the log"), digest)

    def bad(self, file: FileStat, problem: Problem, digest: str = "", owner: Owner | None = None) -> Reading:
        """What is said of a file that cannot be used; `digest` is of its bytes, where they are known."""
        slug = owner.slug if owner else self.router.blamed(self.root, file.path)
        return Reading(self._row(file, digest, Outcome.PROBLEM), blamed=slug, problems=(problem,))

    def _outdated(self, old: FileRow) -> bool:
        """Whether the same bytes may mean something else now: by other rules, or with a picture that was missed."""
        return not old.recipe.startswith(self.recipe) or old.missing > 0 or self.shelf.supplies(old.media)

    def _understand(
        self, file: FileStat, old: FileRow | None, data: bytes, digest: str, now: datetime
    ) -> Reading | None:
        modified = file.modified
        settled = not timedelta(0) <= now - modified < SETTLE
        entry = parse_entry(file.path, data, modified)
        if not settled and (isinstance(entry, Problem) or not is_whole(entry)):
            return None
        if isinstance(entry, Problem):
            return self.bad(file, entry, digest)
        owner = self.router.owner(self.root, file.path, entry.fields)
        if owner is not None and len(data) > owner.config.max_size:
            problem = Problem(f"it has {len(data)} bytes, over the source's `max_size`")
            return self.bad(file, problem, digest, owner)
        outcome = self._outcome(entry, owner)
        if outcome is not Outcome.ARTICLE or owner is None:
            return Reading(self._row(file, digest, outcome), blamed=owner.slug if owner else "")
        beside = Beside(self.shelf, file.path, old.media if old else {})
        normal = _normalize(entry, self.router.options(owner), beside, now)
        recipe = self.recipe + self.router.text_recipe(owner)
        row = FileRow(file.path, file.signature, digest, recipe, outcome, media=beside.named)
        found = entry.problems + normal.problems + beside.problems
        return Reading(row, owner, normal.article, found, owner.slug)

    def _outcome(self, entry: Entry, owner: Owner | None) -> Outcome:
        if owner is None:
            return Outcome.UNMATCHED
        if not owner.config.enabled:
            return Outcome.DISABLED
        if not self.router.watches(owner, self.root):
            return Outcome.ELSEWHERE
        return Outcome.DRAFT if is_draft(entry) else Outcome.ARTICLE

    def _row(self, file: FileStat, digest: str, outcome: Outcome) -> FileRow:
        return FileRow(file.path, file.signature, digest, self.recipe, outcome)


def _normalize(entry: Entry, options: Options, beside: Beside, now: datetime) -> Normalized:
    """The normal form with the addresses of what lies beside the article, compared by what that is and not where.

    So an article is the same in two channels that have the picture each, and stays what it was when it moves.
    """
    normal = normalize(entry, options.looking(beside.address), now)
    if not beside.named:
        return normal
    alike = normalize(entry, options.looking(beside.version), now).article
    article = normal.article._replace(content_hash=alike.content_hash, body_hash=alike.body_hash)
    return normal._replace(article=article)
