"""From readings to the store: which article each file holds, and what that changes. Decisions are identity's."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntEnum
from functools import cache
from itertools import chain

from .alike import alike, load_alike
from .identity import Candidates, Verdict, article_id, identify, published_at, stored_content
from .models import GONE, Article, CategoryPath
from .overlap import Neighbours
from .reading import Reading
from .resemblance import Trace
from .retention import covers
from .routing import Owner
from .store import Batch, FileRow, Held, Known, Outcome, SourceRow, title_hash, to_us, visible

Holding = Callable[[Iterable[int]], Mapping[str, FileRow]]  # articles → the files that were seen with them, by path

_OURS = (Outcome.ARTICLE, Outcome.DRAFT)  # what a file of this folder is, not one that another folder's source takes
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Change(IntEnum):
    """How a file's text compares with what was known, at a first look."""

    NONE = 0  # a file of the folder had it
    EDIT = 1  # another text under the title that the file had
    OTHER = 2


@dataclass(slots=True)
class Tally:
    """Which articles a scan brought, changed or withdrew, by source number."""

    new: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    updated: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    removed: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


class Filing:
    """The filing of one scan, over all its batches.

    `files` is how the folder's files were last seen; it is brought up to date. `present` are the files there now.
    Where these are some of the folder's files only, `holding` finds those that were seen with given articles.
    `neighbours` finds how the folder stands to the others; it is asked once, when that counts.
    `imported` are the sources whose first import this is.
    """

    def __init__(
        self,
        files: dict[str, FileRow],
        present: Container[str],
        neighbours: Callable[[], Neighbours],
        holding: Holding | None = None,
    ) -> None:
        self.files = files
        self.tally = Tally()
        self._present = present
        self._holding = holding
        self._neighbours = cache(neighbours)
        self._holders: dict[int, set[str]] = defaultdict(set)  # article → the files that hold it
        self._texts: set[str] = set()
        self._begun = False
        self.imported: set[int] = set()
        self._leaving: set[str] = set()  # files of the batch that are yet to be filed, and seem to hold another text

    def file(self, batch: Batch, readings: Sequence[Reading]) -> None:
        """File a batch of readings."""
        self._begin()
        self._load(batch, readings)
        order = {reading.row.path: self._order(batch, reading) for reading in readings}
        self._leaving = {path for path, (_, change, _) in order.items() if change is Change.OTHER}
        for reading in sorted(readings, key=lambda reading: order[reading.row.path]):
            self._leaving.discard(reading.row.path)
            old = self.files.get(reading.row.path)
            if reading.same and old is not None:
                self._keep(batch, old._replace(signature=reading.row.signature))
            elif reading.article is not None:
                self._file_article(batch, reading, reading.article, old)
            else:
                self._file_other(batch, reading, old)

    def miss(self, batch: Batch, rows: Iterable[FileRow]) -> None:
        """A whole scan lacked these files, and their sources withdraw what is gone, the second time in a row."""
        self._begin()
        held = set()
        for row in rows:
            self._keep(batch, row._replace(missing=row.missing + 1))
            held |= {row.seq} if row.seq is not None else set()
        gone = {seq for seq in held if all(self.files[path].missing >= GONE for path in self._holders[seq])}
        self._withdraw(batch, gone)

    def _order(self, batch: Batch, reading: Reading) -> tuple[bool, Change, datetime]:
        """Files we know come first, so that a new file with the same edit finds it made. Of those, the ones that are
        easily told: where every file has moved, an edited one is only known when the others are settled. Then older
        articles."""
        old, article = self.files.get(reading.row.path), reading.article
        if article is None:
            return old is None, Change.NONE, EPOCH
        return old is None, self._change(batch, old, article), article.date

    def _change(self, batch: Batch, old: FileRow | None, article: Article) -> Change:
        if article.content_hash in self._texts:
            return Change.NONE
        held = batch.facts.by_seq.get(old.seq) if old is not None and old.seq is not None else None
        same_title = held is not None and held.title_hash == title_hash(article.title)
        return Change.EDIT if same_title else Change.OTHER

    def _begin(self) -> None:
        """Not before something is to be filed: most scans find nothing."""
        if not self._begun:
            self._begun = True
            self._know(self.files.values())

    def _know(self, rows: Iterable[FileRow]) -> None:
        for row in rows:
            self._texts.add(row.content_hash)
            if row.seq is not None:
                self._holders[row.seq].add(row.path)

    def _find_holders(self, batch: Batch) -> None:
        """Bring in the other files of all articles that the batch may be about."""
        if self._holding is not None:
            found = self._holding(batch.facts.by_seq)
            others = {path: row for path, row in found.items() if path not in self.files}
            self.files |= others
            self._know(others.values())

    def _take_over(self, batch: Batch, readings: Sequence[Reading]) -> None:
        """Files that another folder had until now, when the config was another, bring their articles along."""
        rows = (reading.row for reading in readings)
        unknown = [row.path for row in rows if takes_over(row, self.files.get(row.path))]
        for overlap in self._neighbours().overlaps if unknown else ():
            places = overlap.places(unknown)
            taken = batch.take_files(overlap.number, places)
            found = {places[place]: row._replace(path=places[place]) for place, row in taken.items()}
            self.files |= found
            self._know(found.values())

    def _load(self, batch: Batch, readings: Sequence[Reading]) -> None:
        self._take_over(batch, readings)
        rows = (self.files.get(reading.row.path) for reading in readings)
        batch.facts.load_seqs(row.seq for row in rows if row is not None and row.seq is not None)
        found = [(reading.row.path, reading.article) for reading in readings if reading.article is not None]
        load_alike(batch.facts, found)
        self._find_holders(batch)

    def _file_article(self, batch: Batch, reading: Reading, article: Article, old: FileRow | None) -> None:
        assert reading.owner is not None
        owner = reading.owner
        source = batch.source(owner.slug, owner.title, owner.link, owner.language, renames=owner.fixed)
        if source.opened is None:
            self.imported.add(source.id)
        held = batch.facts.by_seq.get(old.seq) if old is not None and old.seq is not None else None
        if held is not None and held.source != source.id:
            held = batch.change(held, source=source.id)  # the config gives this file to another source now
            self.tally.updated[source.id].add(held.seq)
        if held is not None and old is not None and old.content_hash == article.content_hash:
            verdict = Verdict(held, held.key)
        else:
            verdict = identify(
                article, reading.row.path, self._candidates(batch, source.id, reading.row.path, article, held)
            )
        if verdict.known is None:
            item = self._add(batch, source, article, verdict.key, owner)
        else:
            item = self._update(batch, verdict, article, reading, old, source.id)
        categories, content_hash = article.categories, article.content_hash
        row = reading.row._replace(source=source.id, seq=item.seq, content_hash=content_hash, categories=categories)
        self._keep(batch, row)
        batch.keep_problems(reading.row.path, source.slug, reading.problems + verdict.problems)

    def _add(self, batch: Batch, source: SourceRow, article: Article, key: str, owner: Owner) -> Known:
        imported = source.id in self.imported
        item = batch.add(article, source.id, article_id(source.slug, key), key, imported=imported)
        if _knows_rule(owner) and not _keeps(batch, item, owner):
            return batch.retire(item, str(Trace.of(article.content)))  # an archive's, older than the source keeps
        self.tally.new[source.id].add(item.seq)
        return item

    def _update(
        self, batch: Batch, verdict: Verdict, article: Article, reading: Reading, old: FileRow | None, source: int
    ) -> Known:
        assert verdict.known is not None
        assert reading.owner is not None
        before, row = verdict.known, reading.row
        same_file = old if old is not None and old.seq == before.seq else None
        item = batch.change(
            before,
            source=source,
            key=verdict.key,
            live=True,
            published=published_at(article, before),
            categories=self._categories(before, article, row.path, same_file),
        )
        if item.held is Held.RETIRED:
            anew = old is not None and old.recipe != row.recipe
            item = _revive(batch, item, article, reading.owner, anew=anew)
        else:
            item = self._take_texts(batch, item, article, row, same_file)
        if visible(item) != visible(before) and item.seq not in self.tally.new[source]:
            self.tally.updated[source].add(item.seq)
        return item

    def _take_texts(
        self, batch: Batch, item: Known, article: Article, row: FileRow, same_file: FileRow | None
    ) -> Known:
        edited = article.content_hash != item.content_hash
        # What this very file last held is no news, even where another file has since changed the article.
        if edited and not (same_file and same_file.content_hash == article.content_hash):
            # Other rules make another text of the same file, and a picture that has come another of the same bytes:
            # that is no edit of the article.
            silent = same_file is not None and (
                same_file.text_recipe != row.text_recipe or same_file.digest == row.digest
            )
            item = batch.revise(item, article)
            return batch.change(item, updated=item.updated if silent else _updated(article, item, batch.time))
        if row.media and not self._held_elsewhere(item, row.path) and not batch.shows(item.seq, article):
            return batch.revise(item, article)  # the article has moved, and its pictures with it
        return item

    def _held_elsewhere(self, item: Known, path: str) -> bool:
        """Whether an article is in another file of the folder right now."""
        others = self._holders[item.seq] - self._leaving - {path}
        return any(other in self._present for other in others)

    def _categories(
        self, item: Known, article: Article, path: str, same_file: FileRow | None
    ) -> tuple[CategoryPath, ...]:
        """All category paths an article ever had, less those that this very file gave it and gives it no more."""
        others = [self.files[other].categories for other in self._holders[item.seq] if other != path]
        dropped = set(same_file.categories if same_file else ()) - set(chain.from_iterable(others))
        kept = tuple(path for path in item.categories if path in article.categories or path not in dropped)
        return tuple(dict.fromkeys(kept + article.categories))

    def _file_other(self, batch: Batch, reading: Reading, old: FileRow | None) -> None:
        """A file without an article of ours. The one it held stays, unless the file is a draft now. One that is
        another folder's waits for that folder's scan, which takes it over."""
        row = reading.row
        if old is not None:
            # With the rules that made the text it held: they tell whether its next text is an edit.
            held = {name: getattr(old, name) for name in ("source", "seq", "content_hash", "categories")}
            row = row._replace(recipe=row.recipe + old.text_recipe, **held)
        self._keep(batch, row)
        batch.keep_problems(row.path, reading.blamed, reading.problems)
        if row.outcome is Outcome.DRAFT and row.seq is not None:
            holders = (self.files[path] for path in self._holders[row.seq])
            if not any(holder.outcome is Outcome.ARTICLE for holder in holders):
                self._withdraw(batch, {row.seq})

    def _withdraw(self, batch: Batch, seqs: Collection[int]) -> None:
        """Withdraw articles that this folder has no more, but for those that another one has."""
        batch.facts.load_seqs(seqs)
        live = {seq for seq in seqs if batch.facts.by_seq[seq].live}
        for seq in live - batch.held_in(self._neighbours().watched, live) if live else ():
            item = batch.change(batch.facts.by_seq[seq], live=False)
            self.tally.removed[item.source].add(seq)

    def _keep(self, batch: Batch, row: FileRow) -> None:
        old = self.files.get(row.path)
        if old is not None and old.seq is not None:
            self._holders[old.seq].discard(row.path)
        if row.seq is not None:
            self._holders[row.seq].add(row.path)
        self.files[row.path] = row
        batch.keep_file(row, new=old is None)

    def _candidates(self, batch: Batch, source: int, path: str, article: Article, held: Known | None) -> Candidates:
        return Candidates(
            at_place=held,
            **alike(batch.facts, source, article),
            present=lambda item: self._held_elsewhere(item, path),
            content=lambda item: stored_content(batch.texts(item.seq)),
            taken=lambda key: batch.taken(source, key),
        )


def takes_over(row: FileRow, old: FileRow | None) -> bool:
    """Whether a file takes the article along that another folder's books have of it: these have none, or none that
    they still stand for."""
    return row.outcome in _OURS and (old is None or old.seq is None or old.outcome is Outcome.ELSEWHERE)


def _keeps(batch: Batch, item: Known, owner: Owner) -> bool:
    """Whether the rule of an article's source keeps it."""
    rule = owner.config.retain
    edge = batch.edge(item.source, rule.count) if rule and rule.count else None
    return rule is None or covers(rule, item, batch.time, edge)


def _knows_rule(owner: Owner) -> bool:
    """Whether the item that took the file has the source's rule: not for an author whom another item names."""
    return not (owner.fixed and owner.config.split_by) or owner.title == owner.config.title


def _revive(batch: Batch, item: Known, article: Article, owner: Owner, *, anew: bool) -> Known:
    """A retired article whose file was read again: it comes back when its source's rule now keeps it. No news.

    `anew`: the rules of the config have changed. A rule by count brings back nothing else, since there is room for
    some article whenever another is withdrawn.
    """
    rule = owner.config.retain
    kept = (anew or rule is None or rule.count is None) and _knows_rule(owner) and _keeps(batch, item, owner)
    if kept or article.content_hash != item.content_hash:
        item = batch.revise(item, article)
        item = batch.change(item, held=Held.NOT) if kept else batch.retire(item, str(Trace.of(article.content)))
    return item


def _updated(article: Article, item: Known, now: int) -> int:
    """When an edited article counts as updated (microseconds): as it says itself, else now; never back in time."""
    revised = to_us(article.revised) if article.revised else 0
    return revised if item.updated < revised <= now else max(item.updated, now)
