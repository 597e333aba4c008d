"""Steps for the front matter, but for link, key and dates."""

import re
from pathlib import PurePosixPath

from aggregator.models import FieldValue
from aggregator.normalizer import names
from aggregator.normalizer.draft import Draft
from aggregator.normalizer.fields import first_text, texts
from aggregator.normalizer.text import FIELD_LIMIT, fold, readable, shorten

FILE_DATE = re.compile(r"^(\d{4}-\d{1,2}-\d{1,2})(?:-|$)")  # as in Jekyll's file names
SUMMARY_LIMIT = 1000  # characters of a summary that the author wrote

_FOLDER_FILES = frozenset({"index", "_index", "readme"})  # named by the folder they are in
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z]{4})?(-(?:[a-z]{2}|\d{3}))?(-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*")
_COUNTRIES = {"cn": "zh-CN", "jp": "ja"}  # often written for the language


def title(draft: Draft) -> Draft:
    """Take the title as plain text; a file without one is titled by its name."""
    for text in _texts(draft, "title"):
        if written := readable(text):
            return draft.but(title=written)
    draft = draft.but(title=_title_of_file(draft.entry.path))
    if draft.entry.body.strip():
        return draft.with_problem(
            "title", f"there is none, so the file's name serves: {draft.title!r}; write a title"
        )
    return draft.with_problem("", f"there is neither a title nor a text; it was taken as {draft.title!r}")


def authors(draft: Draft) -> Draft:
    """Take the people named as authors."""
    return draft.but(authors=names.authors(_value(draft, "authors")))


def categories(draft: Draft) -> Draft:
    """Take the category paths: a flat list is one path, or several names where the source says so."""
    return draft.but(categories=names.categories(_value(draft, "categories"), draft.options.categories == "flat"))


def tags(draft: Draft) -> Draft:
    """Take the tags of a list, or of a text with commas."""
    written = _value(draft, "tags")
    return draft.but(tags=names.tags(written)) if written else draft


def language(draft: Draft) -> Draft:
    """Take the language as a BCP 47 tag, else the source's."""
    for name, value in draft.given.get("language", ()):
        written = first_text(value)
        if tag := language_tag(written):
            return draft.but(language=tag)
        draft = draft.with_problem(
            name, f"{written[:80]!r} is no language tag, the source's serves; write one like zh-CN"
        )
    return draft.but(language=draft.options.language) if draft.options.language else draft


def summary(draft: Draft) -> Draft:
    """Take the summary that a field gives, as plain text."""
    for text in _texts(draft, "summary"):
        if written := readable(text, FIELD_LIMIT):
            return draft.but(summary=shorten(written, SUMMARY_LIMIT), summary_given=True)
    return draft


def language_tag(written: str) -> str | None:
    """Return a language tag as BCP 47 writes it (RFC 5646, section 2.1.1), None when it is none."""
    lower = re.split("[.@]", fold(written), maxsplit=1)[0].replace("_", "-").lower()
    if not _LANGUAGE.fullmatch(lower):
        return None
    first, *others = lower.split("-")
    if not others and first in _COUNTRIES:
        return _COUNTRIES[first]
    return "-".join([first, *(_subtag(part) for part in others)])


def _subtag(part: str) -> str:
    return part.upper() if len(part) == 2 else part.title() if len(part) == 4 and part.isalpha() else part


def _value(draft: Draft, what: str) -> FieldValue:
    found = draft.given.get(what)
    return found[0][1] if found else ""


def _texts(draft: Draft, what: str) -> list[str]:
    return [text for _, value in draft.given.get(what, ()) for text in texts(value)]


def _title_of_file(path: str) -> str:
    file = PurePosixPath(path)
    stem = file.parent.name if file.stem.lower() in _FOLDER_FILES and file.parent.name else file.stem
    return fold(FILE_DATE.sub("", stem))[:1000] or fold(stem) or "Untitled"
