"""What must hold between options: two schedules in one place, and names that two sources share.

The rules look at the texts of the file, so that they are reported together with the problems of single values.
"""

import unicodedata
from collections.abc import Iterator

from .document import Document, Location, Value


def check_rules(document: Document) -> None:
    """Add a problem for each rule that is broken."""
    sources = list(_groups(document.values.get("sources")))
    places: list[tuple[Location, dict[str, Value]]] = [(("sources", index), source) for index, source in sources]
    if isinstance(defaults := document.values.get("defaults"), dict):
        places.insert(0, (("defaults",), defaults))
    for place, options in places:
        if "every" in options and "cron" in options:
            line = document.line((*place, "every"))
            document.problem((*place, "cron"), f'cannot stand beside "every" (line {line}); keep one of the two')
    _check_slugs(document, sources)
    _check_titles(document, sources)


def _groups(sources: Value) -> Iterator[tuple[int, dict[str, Value]]]:
    for index, source in enumerate(sources if isinstance(sources, list) else ()):
        if isinstance(source, dict):
            yield index, source


def _check_slugs(document: Document, sources: list[tuple[int, dict[str, Value]]]) -> None:
    first: dict[str, int] = {}
    for index, source in sources:
        if slug := _name(source.get("slug")).casefold():  # some file systems do not tell upper from lower case
            if slug in first:
                line = document.line(("sources", first[slug], "slug"))
                message = f"is the slug of the source in line {line} too; give each source its own"
                document.problem(("sources", index, "slug"), message)
            first.setdefault(slug, index)


def _check_titles(document: Document, sources: list[tuple[int, dict[str, Value]]]) -> None:
    first: dict[tuple[str, str], int] = {}
    for index, source in sources:
        title, slug = _name(source.get("title")), _name(source.get("slug"))
        if title and not slug:
            if (title, slug) in first:
                line = document.line(("sources", first[title, slug], "title"))
                message = f'is the title of the source in line {line} too; give it another title, or a "slug"'
                document.problem(("sources", index, "title"), message)
            first.setdefault((title, slug), index)


def _name(value: Value) -> str:
    return unicodedata.normalize("NFC", " ".join(value.split())) if isinstance(value, str) else ""
