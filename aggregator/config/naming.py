"""What must hold between names: no two share a slug, and custom feeds name sources that there are.

Like all rules, these look at the texts of the file, so that they are reported together with other problems.
"""

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..slugs import assign, slugify
from .document import Document, Location, Value

LISTED = 5  # sources that a message names, where none comes near


@dataclass(frozen=True, slots=True)
class _Item:
    """A source or a custom feed: `given` is its slug in the file, `slug` the one in use ("" when there is none)."""

    place: Location
    options: Mapping[str, Value]
    title: str
    given: str
    slug: str

    def values(self, option: str) -> Iterator[tuple[Location, str]]:
        """The texts of an option that takes one or more, each with its place."""
        value, place = self.options.get(option), (*self.place, option)
        if isinstance(value, str):
            yield place, _name(value)
        for index, text in enumerate(value if isinstance(value, list) else ()):
            if isinstance(text, str):
                yield (*place, index), _name(text)


def source_index(sources: Iterable[tuple[str, str, Iterable[str]]]) -> dict[str, str]:
    """(slug, title, aliases) of sources → the slug by each of these, case-folded. A slug goes before a title."""
    items = [(slug, title, tuple(aliases)) for slug, title, aliases in sources]
    index = {alias.casefold(): slug for slug, _, aliases in items for alias in aliases}
    index |= {title.casefold(): slug for slug, title, _ in items}
    return index | {slug.casefold(): slug for slug, _, _ in items}


def find_source(index: Mapping[str, str], name: str) -> str | None:
    """The slug of the source that a name means, by an index of `source_index`."""
    return index.get(name.casefold()) or index.get(slugify(name).casefold())


def check_names(document: Document) -> None:
    """Add a problem for each name that cannot stand beside another, and each that means no source."""
    sources = _sources(document)
    feeds = _feeds(document)
    for noun, items in (("source", sources), ("feed", feeds)):
        _check_slugs(document, items, noun)
        _check_aliases(document, items, noun)
    _check_titles(document, sources)
    _check_categories(document)
    if not any("split_by" in source.options for source in sources):
        _check_references(document, feeds, sources)


def _sources(document: Document) -> list[_Item]:
    found = list(groups(document.values.get("sources"), ("sources",)))
    names = [(_name(options.get("slug")), _name(options.get("title"))) for _, options in found]
    slugs = assign((given or None, title) for given, title in names)
    return [
        _Item(place, options, title, given, slug if given or title else "")
        for (place, options), (given, title), slug in zip(found, names, slugs, strict=True)
    ]


def _feeds(document: Document) -> list[_Item]:
    feeds = document.values.get("feeds")
    custom = feeds.get("custom") if isinstance(feeds, dict) else None
    return [
        _Item(place, options, _name(options.get("title")), slug := _name(options.get("slug")), slug)
        for place, options in groups(custom, ("feeds", "custom"))
    ]


def groups(items: Value, above: Location) -> Iterator[tuple[Location, dict[str, Value]]]:
    """The groups of options in a list at the place `above`, each with its own place."""
    for index, item in enumerate(items if isinstance(items, list) else ()):
        if isinstance(item, dict):
            yield (*above, index), item


def _check_slugs(document: Document, items: list[_Item], noun: str) -> None:
    first: dict[str, _Item] = {}
    for item in items:
        if slug := item.given.casefold():  # some file systems do not tell upper from lower case
            if slug in first:
                line = document.line((*first[slug].place, "slug"))
                message = f"is the slug of the {noun} in line {line} too; give each {noun} its own"
                document.problem((*item.place, "slug"), message)
            first.setdefault(slug, item)


def _check_titles(document: Document, sources: list[_Item]) -> None:
    first: dict[str, _Item] = {}
    for source in sources:
        if source.title and not source.given:
            if source.title in first:
                line = document.line((*first[source.title].place, "title"))
                message = f'is the title of the source in line {line} too; give it another title, or a "slug"'
                document.problem((*source.place, "title"), message)
            first.setdefault(source.title, source)


def _check_categories(document: Document) -> None:
    feeds = document.values.get("feeds")
    slugs = feeds.get("category_slugs") if isinstance(feeds, dict) else None
    first: dict[str, Location] = {}
    for name, slug in slugs.items() if isinstance(slugs, dict) else ():
        place = ("feeds", "category_slugs", name)
        if folded := _name(slug).casefold():
            if folded in first:
                line = document.line(first[folded])
                document.problem(place, f"is the slug of the category in line {line} too; give each category its own")
            first.setdefault(folded, place)


def _check_aliases(document: Document, items: list[_Item], noun: str) -> None:
    taken = {item.slug.casefold(): item for item in items if item.slug}
    seen: dict[str, Location] = {}
    for item in items:
        for place, alias in item.values("aliases"):
            other = taken.get(alias.casefold())
            if alias == item.slug:
                document.problem(place, f"is the slug that this {noun} has now; name those it had before")
            elif other is not None and other is not item:
                line = document.line((*other.place, "slug" if other.given else "title"))
                document.problem(
                    place,
                    f"is the slug of the {noun} in line {line}; remove it here, or give that {noun} another slug",
                )
            elif alias.casefold() in seen:
                line = document.line(seen[alias.casefold()])
                document.problem(place, f"is an alias in line {line} already; keep one of the two")
            seen.setdefault(alias.casefold(), place)


def _check_references(document: Document, feeds: list[_Item], sources: list[_Item]) -> None:
    index = source_index(
        (source.slug, source.title, [alias for _, alias in source.values("aliases")])
        for source in sources
        if source.slug
    )
    for place, name in (value for feed in feeds for value in feed.values("sources")):
        if index and name and find_source(index, name) is None:
            document.problem(place, f"is no source; {_remedy(name, list(_written(document, sources)))}")


def _remedy(name: str, known: list[str]) -> str:
    folded = {other.casefold(): other for other in known}
    if near := difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6):
        return f'did you mean "{folded[near[0]]}"?'
    more = ", …" if len(known) > LISTED else ""
    return f"write the slug or the title of one: {', '.join(known[:LISTED])}{more}"


def _written(document: Document, sources: list[_Item]) -> Iterator[str]:
    """The titles and slugs of sources as they stand in the file: what the environment puts in is not shown."""
    for option in ("title", "slug"):
        marks = (document.marks.get((*source.place, option)) for source in sources)
        yield from (_name(mark.written) for mark in marks if mark and mark.written)


def _name(value: Value) -> str:
    return unicodedata.normalize("NFC", " ".join(value.split())) if isinstance(value, str) else ""
