"""Which article is in a file: one we know, or a new one. Pure decisions; the rules are told in docs/design.md.

A subscriber must meet every article exactly once. So an article is known again by what it says of itself (guid,
link), by the place of its file, by its title and text at another place (another channel, a moved file), and an edit,
a new title, a new date or a new place by itself never makes a new one. But a place that is used again for another
text does, or that text would be lost.
"""

import hashlib
import unicodedata
import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

from .models import Article, DateKind, Problem
from .resemblance import FEW_WORDS, Trace, resemblance, title_resemblance, words
from .store import Known, from_us, to_us

NAMESPACE = uuid.UUID("3d7cb1f5-6a53-5d0f-9c39-0d1c0f2a6d4e")  # fixed for ever: every article's id stands on it

MAX_KEY = 400  # characters; longer ones are hashed, since an index entry has a limit
ALMOST_NOTHING = 0.2  # texts with a common title that share less are two articles
HALF = 0.5  # texts or titles that share this much are versions of one
CORRECTION = timedelta(days=1)  # a date this much earlier than before is a correction, not the drift of a clock


class Candidates(NamedTuple):
    """Stored articles of the same source that the file's article might be.

    `at_place` was last found in this very file; the others have the same explicit key, the same title and content,
    the same content, or the same title. `present` tells whether an article is in another file of the folder right
    now; `content` gives an article's stored HTML, or what is left of it; `taken` whether a key belongs to an article
    of this source.
    """

    at_place: Known | None
    by_key: tuple[Known, ...]
    by_content: tuple[Known, ...]
    by_body: tuple[Known, ...]
    by_title: tuple[Known, ...]
    present: Callable[[Known], bool]
    content: Callable[[Known], str | Trace]
    taken: Callable[[str], bool]


class Verdict(NamedTuple):
    """The article a file holds: `known` (None: a new one), with the key it is filed under."""

    known: Known | None
    key: str
    problems: tuple[Problem, ...] = ()


def stored_content(texts: Mapping[str, Any]) -> str | Trace:
    """The HTML of a stored article (see store.Facts.texts), or what is left of it."""
    return Trace.parse(texts["trace"]) if texts["trace"] else str(texts["content"])


def article_id(slug: str, key: str) -> str:
    """The id of an article: a UUID (version 5) of its source and key, so it is the same in any store.

    RFC 9562, section 5.5; the text that `uuid.uuid5` gives, without an object on the way there.
    """
    text = hashlib.sha1(NAMESPACE.bytes + f"{slug}\n{key}".encode(), usedforsecurity=False).hexdigest()
    variant = "89ab"[int(text[16], 16) & 3]
    return f"{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}"


def place_key(path: str) -> str:
    """The key of an article that says nothing of itself: the place of its file in the folder."""
    return bounded(f"place:{unicodedata.normalize('NFC', path)}")


def bounded(key: str) -> str:
    """A key of a length that every database can index."""
    return key if len(key) <= MAX_KEY else f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def identify(article: Article, path: str, candidates: Candidates) -> Verdict:
    """Decide which article the file at `path` holds."""
    if article.key:
        return _by_explicit_key(article, bounded(article.key), path, candidates)
    # Content goes before place: a crawler that numbers its files moves every article at every run.
    known = _same_content(article, candidates) or _at_place(article, candidates) or _moved(article, candidates)
    return Verdict(known, known.key) if known else Verdict(None, _free_place(article, path, candidates))


def _by_explicit_key(article: Article, key: str, path: str, candidates: Candidates) -> Verdict:
    for known in candidates.by_key:
        if key.startswith("link:") and _clash(article, known, candidates):
            problem = Problem(
                f'another article of this source, "{known.title}", has the same link; the link was not taken as this '
                "article's identity; give each article its own link, or an `id`",
                "link",
            )
            return Verdict(None, _free_place(article, path, candidates), (problem,))
        return Verdict(known, key)
    # The file, or the same text elsewhere, was known before it said who it is: it stays the article that it was.
    here = (candidates.at_place,) if candidates.at_place else ()
    for known in here + candidates.by_content:
        if not known.key.startswith("guid:") and not _replaced(article, known, candidates):
            return Verdict(known, key)
    return Verdict(None, key)


def _clash(article: Article, known: Known, candidates: Candidates) -> bool:
    """Two files with one link but nothing else in common: a crawler that writes its home page as every link."""
    return (
        candidates.present(known)
        and article.title != known.title
        and resemblance(article.content, candidates.content(known)) < ALMOST_NOTHING
    )


def _at_place(article: Article, candidates: Candidates) -> Known | None:
    known = candidates.at_place
    return None if known is None or _replaced(article, known, candidates) else known


def _replaced(article: Article, known: Known, candidates: Candidates) -> bool:
    """Whether a place was given to another article: a later date, and a text that shares almost nothing.

    With another title less is needed: texts that share less than half.
    """
    if article.content_hash == known.content_hash or not _later(article, known):
        return False
    content = candidates.content(known)
    if article.title == known.title:
        return resemblance(article.content, content) < ALMOST_NOTHING
    return resemblance(article.content, content, strict=True) < HALF


def _later(article: Article, known: Known) -> bool:
    return article.date > from_us(max(known.date, known.published))


def _same_content(article: Article, candidates: Candidates) -> Known | None:
    """The same title and content in another channel, or moved."""
    return next(
        (known for known in candidates.by_content if _says_enough(article) or not _dated(article, known)), None
    )


def _says_enough(article: Article) -> bool:
    """Whether a content is its article's own, not a mere empty frame that many articles share."""
    return len(words(article.content)) >= FEW_WORDS or "<img" in article.content


def _dated(article: Article, known: Known) -> bool:
    """Whether both have dates that can be trusted, and these differ."""
    trusted = DateKind.EXPLICIT is article.date_kind and DateKind.EXPLICIT is known.date_kind
    return trusted and article.date != from_us(known.date)


def _moved(article: Article, candidates: Candidates) -> Known | None:
    """An article whose files are gone and whose text or title turned up at another place, with the other edited."""
    for known in candidates.by_body:
        like = title_resemblance(article.title, known.title) >= HALF
        same_day = article.date_kind is DateKind.EXPLICIT and article.date == from_us(known.date)
        if (like or same_day) and _says_enough(article) and not candidates.present(known):
            return known
    for known in candidates.by_title:
        free = not (candidates.present(known) or _dated(article, known))
        if free and resemblance(article.content, candidates.content(known)) >= HALF:
            return known
    return None


def _free_place(article: Article, path: str, candidates: Candidates) -> str:
    """The place as key; a place that is used again counts together with the date of what it holds now."""
    key = place_key(path)
    if not candidates.taken(key):
        return key
    dated = place_key(f"{path}@{article.date:%Y-%m-%dT%H:%M:%SZ}")
    number, key = 1, dated
    while candidates.taken(key):
        number += 1
        key = f"{dated}~{number}"
    return key


def published_at(article: Article, known: Known) -> int:
    """When a known article was published (microseconds): fixed at first sight, but a date may be put right.

    A crawler's dates move forward at every rewrite (the time of its run, "3 hours ago"); so only a date that a file
    lacked before, or one that is earlier, is taken.
    """
    date, stored = article.date, from_us(known.published)
    explicit = article.date_kind is DateKind.EXPLICIT
    mended = explicit and known.date_kind is DateKind.FILE
    firmer = explicit and known.date_kind is not DateKind.EXPLICIT and date < stored
    corrected = article.date_kind is not DateKind.FILE and date <= stored - CORRECTION
    return to_us(date) if mended or firmer or corrected else known.published
