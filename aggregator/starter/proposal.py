"""From what was found to what is proposed: which sources the starter config has. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..normalizer.text import fold
from .blog import Blog
from .language import language_of
from .survey import Survey

FEW = 10  # authors for whom each gets a source of its own
LONGEST = 100  # characters of a name; a longer one is something else
REST = "Everything else"

# Folders whose names say what lies in them, not whose it is.
_GENERIC = frozenset({"_posts", "posts", "post", "content", "source", "src", "blog", "docs"})
_GLOB = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Proposed:
    """One item of `sources:`. Texts are "" where the option is left out; `note` says what it stands on."""

    title: str
    folder: Path
    note: str
    author: str = ""
    split: bool = False
    endings: tuple[str, ...] = ()
    link: str = ""
    timezone: str = ""
    language: str = ""
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a starter config says. `articles`, `drafts`, `others` (no articles) and `zoneless` count the sample.

    `category_slugs` are names of categories, each with what stands for it in addresses.
    """

    title: str
    language: str
    sources: tuple[Proposed, ...]
    articles: int
    zoneless: int
    drafts: int = 0
    others: int = 0
    category_slugs: tuple[tuple[str, str], ...] = ()


def propose(found: Sequence[tuple[Survey, Blog | None]]) -> Proposal:
    """The sources for the folders that were looked at."""
    proposed = [source for look, blog in found for source in _sources(look, blog)]
    # A file belongs to the first source that it fits: inner folders come first, and what takes all the rest last.
    proposed.sort(key=lambda source: (-len(source.folder.parts), not source.author))
    titles = [title for look, _ in found for several in look.titles.values() for title in several]
    language = language_of(titles) or next((source.language for source in proposed if source.language), "en")
    sources = (replace(one, language="") if one.language == language else one for one in _distinct(proposed))
    return Proposal(
        title=_site_title(proposed, [look.folder for look, _ in found]),
        language=language,
        sources=tuple(sources),
        articles=sum(look.articles for look, _ in found),
        drafts=sum(look.drafts for look, _ in found),
        others=sum(look.others for look, _ in found),
        zoneless=sum(look.zoneless for look, blog in found if not (blog and blog.timezone)),
        category_slugs=tuple(_category_slugs(found)),
    )


def _category_slugs(found: Sequence[tuple[Survey, Blog | None]]) -> Iterator[tuple[str, str]]:
    """The blogs' own addresses of categories, no name and no slug twice; names are spelled as the articles do it."""
    names: set[str] = set()
    slugs: set[str] = set()
    for look, blog in found:
        spelled = {name.lower(): name for name in sorted(look.categories)}
        for key, slug in blog.category_map.items() if blog else ():
            name = fold(spelled.get(key, key))
            if len(name) <= LONGEST and name not in names and slug.casefold() not in slugs:
                yield name, slug
            names.add(name)
            slugs.add(slug.casefold())


def _sources(look: Survey, blog: Blog | None) -> list[Proposed]:
    if blog and look.publishers * 2 <= look.articles:
        return [_of_blog(look, blog)]
    common = Proposed("", look.folder, "", endings=look.endings)
    if blog:
        common = replace(common, timezone=blog.timezone, flat=blog.flat)
    if len(look.authors) == 1 and "" not in look.titles:
        author = look.authors[0][0]
        return [replace(common, title=_title(author), note=_all_by_one(look.articles))]
    if not look.authors:
        note = (
            f"{_articles(look.articles)}, none with an author" if look.articles else "there is no article in it yet"
        )
        return [replace(common, title=name_of(look.folder), note=note)]
    own = [_of_author(common, author, look) for author, _ in look.authors] if _few_and_clear(look) else []
    note = "one source for each author found, without an item for each"
    return [*own, replace(common, title=REST if own else name_of(look.folder), split=True, note=note)]


def _of_blog(look: Survey, blog: Blog) -> Proposed:
    titles = [title for several in look.titles.values() for title in several]
    return Proposed(
        title=_title(blog.title) or name_of(blog.root),
        folder=look.folder,
        note=f"a {blog.generator} blog of {_articles(look.articles)}; its {blog.settings.name} was read",
        endings=look.endings,
        link=blog.link,
        timezone=blog.timezone,
        language=blog.language or language_of(titles) or "",
        flat=blog.flat,
    )


def _of_author(common: Proposed, author: str, look: Survey) -> Proposed:
    titles = look.titles[author]
    return replace(
        common,
        title=_title(author),
        author=_GLOB.sub(r"[\g<0>]", author),
        language=language_of(titles) or "",
        note=_articles(len(titles)) + ("" if look.whole else " of the sample"),
    )


def _few_and_clear(look: Survey) -> bool:
    authors = [author for author, _ in look.authors]
    return len(authors) <= FEW and all(len(author) <= LONGEST for author in authors)


def _title(name: str) -> str:
    return fold(name)[:LONGEST].strip()


def name_of(folder: Path) -> str:
    """What to call the articles of a folder, by its name or, where that says nothing, by that of one above."""
    names = (_title(part) for part in reversed(folder.parts[1:]))
    name = next((name for name in names if name and name.lower() not in _GENERIC), "articles")
    return name[0].upper() + name[1:]


def _articles(number: int) -> str:
    return "1 article" if number == 1 else f"{number:,} articles"


def _all_by_one(number: int) -> str:
    return "one article, by this author" if number == 1 else f"all {_articles(number)} are by this author"


def _distinct(sources: Sequence[Proposed]) -> Iterator[Proposed]:
    """The sources, no two with one title."""
    taken: set[str] = set()
    for source in sources:
        title, number = source.title, 1
        while title in taken:
            number += 1
            title = f"{source.title} {number}"
        taken.add(title)
        yield replace(source, title=title)


def _site_title(sources: Sequence[Proposed], folders: Sequence[Path]) -> str:
    return sources[0].title if len(sources) == 1 else name_of(folders[0]) if len(folders) == 1 else "Articles"
