"""What becomes of one file, as a value: the same decisions as in a scan, but nothing is filed.

file ─ place ─▶ bytes ─▶ Intake, Owner, Reading ─▶ judged sources, effects of steps ─▶ Standing, feeds
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ..config import Config
from ..filing import takes_over
from ..models import Article, Entry, FieldValue, Problem
from ..normalizer import STEPS, Draft
from ..reading import Reading
from ..routing import Owner, Router
from ..sources.walk import clean_path
from ..store import FileRow, Outcome
from ..store.lookup import Lookup
from .choice import Judged, judge
from .feeds import Feed, coming_feeds, present_feeds
from .found import Met, PassedOver, meet, options, understand, why_no_article
from .intake import Intake, take_in
from .place import find_place, require_file, why_outside
from .standing import Standing, standing
from .steps import Effect, run_steps
from .wording import named, safe

OUTSIDE = "outside"  # it lies in no source's folder
PASSED_OVER = "passed over"  # a walk of the folder does not count it
MEDIA = "media"  # a picture or the like, which no source takes for an article


@dataclass(frozen=True, slots=True)
class Explanation:
    """What becomes of a file.

    `outcome` is one of store.Outcome's values, or OUTSIDE, PASSED_OVER or MEDIA; `verdict` says it in a sentence.
    `folder` is the source's, as the config writes it, and `path` the file's place in it. `owner` is the source that
    takes it, `sources` are the config's items that were asked, in order. `page` is the address of the article's own
    page.
    """

    file: Path
    outcome: str
    verdict: str
    folder: str = ""
    path: str = ""
    intake: Intake | None = None
    owner: Owner | None = None
    sources: tuple[Judged, ...] = ()
    effects: tuple[Effect, ...] = ()
    article: Article | None = None
    page: str = ""
    standing: Standing | None = None
    feeds: tuple[Feed, ...] = ()
    problems: tuple[Problem, ...] = ()


def explain(config: Config, file: Path, now: datetime, lookup: Lookup | None) -> Explanation:
    """What becomes of a file by a config, and by what the store knows (None: there is no store yet).

    Raises AggregatorError when the file is not there or cannot be read, SourceError when its folder cannot be listed.
    """
    require_file(file)
    place = find_place(config, file)
    if place is None:
        return Explanation(file, OUTSIDE, why_outside(config, file))
    router = Router(config)
    met = meet(config, router, place)
    if isinstance(met, PassedOver):
        folder, path = router.name(met.place.folder), clean_path(met.place.name)
        return Explanation(file, PASSED_OVER, f"Scans pass it over: {met.why}.", folder, path)
    if why := why_no_article(router, met):
        return Explanation(file, MEDIA, why, router.name(met.place.folder), met.stat.path)
    return _explained(file, config, router, met, now, lookup)


def _explained(
    file: Path, config: Config, router: Router, met: Met, now: datetime, lookup: Lookup | None
) -> Explanation:
    folder = router.name(met.place.folder)
    old = lookup.file(lookup.folders().get(folder), met.stat.path) if lookup else None
    reading, waits = understand(router, met, old, now)
    if lookup and takes_over(reading.row, old):
        old = _elsewhere(router, met, lookup) or old
    stands = standing(lookup, folder, reading, old, {found.path for found in met.listing.files}, now)
    fields = met.entry.fields if isinstance(met.entry, Entry) else None
    intake = take_in(met.data, met.entry) if met.data else None
    remedy = _remedy(folder, fields, fits=router.fits(met.place.folder, met.stat.path))
    return Explanation(
        file=file,
        outcome=reading.row.outcome.value,
        verdict=_verdict(reading, met.owner, remedy, waits=waits),
        folder=folder,
        path=met.stat.path,
        intake=intake,
        owner=met.owner,
        sources=judge(config, met.place.folder / met.stat.path, fields, met.owner),
        effects=_effects(met, router, reading, old, now),
        article=reading.article,
        page=f"{config.site.url}/articles/{stands.id}" if stands else "",
        standing=stands,
        feeds=tuple(_feeds(config, router, reading, stands, lookup)),
        problems=_problems(intake, reading, stands),
    )


def _verdict(reading: Reading, owner: Owner | None, remedy: str, *, waits: bool) -> str:
    source = named(owner.title, owner.slug) if owner else ""
    sentences = {
        Outcome.ARTICLE: f"It is an article of {source}.",
        Outcome.DRAFT: f"It is a draft of {source}, so it is not published: when it is ready, take out `draft: true` "
        "or `published: false`, or move it out of `_drafts`.",
        Outcome.DISABLED: f"It belongs to {source}, which is switched off: take out its `enabled: false`.",
        Outcome.UNMATCHED: f"No source takes it, so nothing becomes of it: {remedy}.",
        Outcome.PROBLEM: "Nothing can be made of it as it is; see the problem below.",
        Outcome.ELSEWHERE: f"It belongs to {source}, which watches another folder.",
    }
    wait = " It is still being written, so the next scan waits a moment for it." if waits else ""
    return sentences[reading.row.outcome] + wait


def _remedy(folder: str, fields: Mapping[str, FieldValue] | None, *, fits: bool) -> str:
    """What to do about a file that no source takes; `fits`: only `match` keeps it from one."""
    author = (fields or {}).get("author")
    if not fits or not isinstance(author, str) or not author:
        return "change one of those below so that it fits, or add one that does"
    name, path = (json.dumps(safe(text), ensure_ascii=False) for text in (author, folder))
    return f"add one under `sources:`, such as `- {{title: {name}, path: {path}, match: {{author: {name}}}}}`"


def _elsewhere(router: Router, met: Met, lookup: Lookup) -> FileRow | None:
    """The file with its article, as it was last seen from another folder; None when it was not."""
    folder, path = met.place.folder, met.stat.path
    overlaps = router.neighbours(folder, lookup.folders()).overlaps
    rows = (lookup.file(overlap.number, place) for overlap in overlaps for place in overlap.places([path]))
    return next((row._replace(path=path) for row in rows if row is not None and row.seq is not None), None)


def _effects(met: Met, router: Router, reading: Reading, old: FileRow | None, now: datetime) -> tuple[Effect, ...]:
    if reading.article is None or reading.owner is None or isinstance(met.entry, Problem):
        return ()
    return run_steps(Draft(met.entry, options(router, met, reading.owner, old), now), STEPS)


def _feeds(
    config: Config, router: Router, reading: Reading, stands: Standing | None, lookup: Lookup | None
) -> Iterable[Feed]:
    if stands is None:
        return
    yield from present_feeds(config, stands)
    if reading.article is not None and reading.owner is not None and not stands.away:
        yield from coming_feeds(config, router.feeds, reading.article, reading.owner, stands, lookup)


def _problems(intake: Intake | None, reading: Reading, stands: Standing | None) -> tuple[Problem, ...]:
    """All problems, each once, in the order of lines."""
    found = (*(intake.problems if intake else ()), *reading.problems, *(stands.problems if stands else ()))
    return tuple(sorted(dict.fromkeys(found), key=lambda problem: (problem.line is None, problem.line)))
