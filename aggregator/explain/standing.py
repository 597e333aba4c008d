"""What the store knows of the article in a file, or will after the next scan. The decision itself is identity's."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from ..alike import alike, load_alike
from ..identity import Candidates, Verdict, article_id, identify, stored_content
from ..models import Article, Problem, Scope
from ..reading import Reading
from ..retention import is_too_old
from ..routing import Owner
from ..store import FileRow, Held, Known, to_us
from ..store.lookup import Lookup

NO_STORE = "there is no store yet; the first scan files it as a new article with this id"
NEW = "it is not in the store yet; the next scan files it as a new article with this id"
FILED = "it is in the store"
EDITED = "it is in the store as it was before its last edit; the next scan takes the new text"
OTHER_RULES = (
    "it is in the store as other rules made it; the next scan makes it anew, which is no news to subscribers"
)
ELSEWHERE = "it is in the store already, from {files}; the next scan adds this file to it"
KEPT = "the store keeps what this file last held"
WITHDRAWN = "it was withdrawn and is in no feed"
BACK = "it was withdrawn; the next scan publishes it again"
HIDDEN = "it is hidden and in no feed, whatever its file says, until `aggregator articles unhide {id}`"
TOO_OLD = "it is not in the store yet, and the next scan does not publish it: it is older than `retain` keeps"
RETIRED = "it was retired, since it is older than `retain` keeps: its text has left the store, and it is in no feed"
REVIVED = "it was retired; the next scan publishes it again, since `retain` keeps it now"

_NOBODY = -1  # the number of a source that the store does not know


@dataclass(frozen=True, slots=True)
class Standing:
    """An article's identity; `state` says how the store knows it, `filed` whether it does.

    `slug` is the source's, as the store has it. `scopes` are the feeds that the article is in now. `away`: it is in
    none, and the next scan changes nothing about that.
    """

    id: str
    key: str
    state: str
    slug: str
    scopes: tuple[Scope, ...] = ()
    problems: tuple[Problem, ...] = ()
    filed: bool = False
    away: bool = False


def standing(
    lookup: Lookup | None,
    folder: str,
    reading: Reading,
    old: FileRow | None,
    present: Collection[str],
    now: datetime,
) -> Standing | None:
    """Which article the file holds; None when it holds none, and the store kept none from it.

    `folder` is as the config writes it; `old` is how the file was last seen; `present` are the files there now.
    """
    if lookup is None:
        return _first(reading, now)
    return _Search(lookup, folder, reading, old, present, now).standing()


def _first(reading: Reading, now: datetime) -> Standing | None:
    if reading.article is None or reading.owner is None:
        return None
    nothing = Candidates(None, (), (), (), (), lambda _: False, lambda _: "", lambda _: False)
    verdict = identify(reading.article, reading.row.path, nothing)
    return _new(reading.article, reading.owner, reading.owner.slug, verdict, NO_STORE, now)


def _new(article: Article, owner: Owner, slug: str, verdict: Verdict, state: str, now: datetime) -> Standing:
    """The standing of an article that no scan has met."""
    name, rule = article_id(slug, verdict.key), owner.config.retain
    old = rule is not None and is_too_old(rule, to_us(article.date), to_us(now))
    return Standing(name, verdict.key, TOO_OLD if old else state, slug, problems=verdict.problems, away=old)


@dataclass(frozen=True, slots=True)
class _Search:
    """The search for one file's article in the store, as a scan would make it."""

    lookup: Lookup
    folder: str
    reading: Reading
    old: FileRow | None
    present: Collection[str]
    now: datetime

    def standing(self) -> Standing | None:
        article, owner, path = self.reading.article, self.reading.owner, self.reading.row.path
        held = self._held()
        if article is None or owner is None:
            state = KEPT if held and held.live else WITHDRAWN
            return self._known(held, self.reading.blamed, self._held_back(held) or state) if held else None
        number, slug = self.lookup.source(owner.slug, owner.title, renames=owner.fixed)
        if held and self.old and self.old.content_hash == article.content_hash:
            return self._known(held, slug, self._state(held))
        verdict = identify(article, path, self._candidates(article, held, _NOBODY if number is None else number))
        if verdict.known is None:
            return _new(article, owner, slug, verdict, NEW, self.now)
        return self._known(verdict.known, slug, self._state(verdict.known))

    def _held(self) -> Known | None:
        """The article that was last found in this very file."""
        if self.old is None or self.old.seq is None:
            return None
        self.lookup.facts.load_seqs([self.old.seq])
        return self.lookup.facts.by_seq[self.old.seq]

    def _known(self, item: Known, slug: str, state: str) -> Standing:
        away = not item.is_published and state not in (BACK, REVIVED)
        return Standing(item.id, item.key, state, slug, tuple(self.lookup.feeds(item.seq)), filed=True, away=away)

    def _state(self, item: Known) -> str:
        old, article = self.old, self.reading.article
        same_bytes = old is not None and old.digest == self.reading.row.digest
        if item.held:
            return self._held_back(item)
        if not item.live:
            return WITHDRAWN if same_bytes else BACK
        if old is None or old.seq != item.seq:
            return ELSEWHERE.format(files=", ".join(sorted(self._others(item))) or "another folder")
        if article is not None and old.content_hash == article.content_hash:
            return FILED
        return OTHER_RULES if same_bytes else EDITED

    def _held_back(self, item: Known) -> str:
        """Why an article is in no feed though its source has it; "" when it is not kept back."""
        if item.held is not Held.RETIRED:
            return HIDDEN.format(id=item.id) if item.held else ""
        owner = self.reading.owner
        rule = owner.config.retain if owner else None
        kept = rule is None or (rule.age is not None and not is_too_old(rule, item.published, to_us(self.now)))
        return REVIVED if self.reading.article and kept else RETIRED

    def _candidates(self, article: Article, held: Known | None, source: int) -> Candidates:
        """The articles that this might be, found as a scan finds them."""
        facts = self.lookup.facts
        load_alike(facts, [(self.reading.row.path, article)])
        return Candidates(
            at_place=held,
            **alike(facts, source, article),
            present=lambda item: not self._others(item).isdisjoint(self.present),
            content=lambda item: stored_content(facts.texts(item.seq)),
            taken=lambda key: self._taken(source, key),
        )

    def _others(self, item: Known) -> set[str]:
        return self.lookup.holders(self.folder, item.seq) - {self.reading.row.path}

    def _taken(self, source: int, key: str) -> bool:
        self.lookup.facts.load("key", [key])
        return bool(self.lookup.facts.find("key", source, key))
