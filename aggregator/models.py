"""The values that travel through the pipeline: file → Entry → Article → Filed → Feed.

All are frozen; those that are made for every file are tuples, which takes a third of the time of dataclasses. Every
datetime is time zone aware, in UTC, unless said otherwise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Union

# What front matter holds, whatever its syntax: text as it was written (`2048`, `no`, `12:30` are text), lists and
# tables.
FieldValue = Union[str, list["FieldValue"], dict[str, "FieldValue"]]  # noqa: UP007 (recursive)

CategoryPath = tuple[str, ...]


class Sent:
    """A frozen dataclass with slots that goes to another process: pickled as the arguments that make it, which takes
    a third of the time of what dataclasses do."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[type["Sent"], tuple[object, ...]]:
        return type(self), tuple([getattr(self, name) for name in self.__slots__])


@dataclass(frozen=True, slots=True)
class Problem(Sent):
    """Bad input as a value. Its source and file are known to whoever keeps it.

    `message` says what is wrong, what was done instead, and what to do about it; `field` is the front matter key
    ("" for the file as a whole, "body" for the body); `line` counts from 1 in the file, None when unknown.
    """

    message: str
    field: str = ""
    line: int | None = None


class Entry(NamedTuple):
    """An article file as it was read: raw and partial.

    `path` is relative to the folder, with `/`. `fields` has lower-case keys. `body` is what follows the front
    matter, without leading and trailing white space. `modified` is the file's own time. `closed` tells that the front
    matter is; `printable`, that the body is known to have printable characters only.
    """

    path: str
    fields: Mapping[str, FieldValue]
    body: str
    modified: datetime
    closed: bool = True
    problems: tuple[Problem, ...] = ()
    printable: bool = False


class DateKind(StrEnum):
    """How far an article's date can be trusted."""

    EXPLICIT = "explicit"  # written with its zone or offset, or a mere day: the publication date
    NAIVE = "naive"  # local time without zone: an author's date, or the time of the crawler's run
    FILE = "file"  # none usable: the file's own time


class Article(NamedTuple):
    """The normal form of one article: complete, UTC, safe.

    `content` is sanitized HTML with absolute URLs only; `summary` and `title` are plain text (no markup, no
    entities); all texts are XML-legal. `key` is the explicit identity from the front matter, None where the file's
    place must serve. `date` is capped at the time of normalizing. `revised` is the front matter's own modification
    date. `content_hash` covers what a reader would call the article (title, content, summary, link, authors, image,
    language, tags), no dates and no category paths, and pictures beside the file by name and size, not by place;
    `body_hash` covers `content` alone.
    """

    title: str
    content: str
    summary: str
    date: datetime
    date_kind: DateKind
    content_hash: str
    body_hash: str
    key: str | None = None
    link: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[CategoryPath, ...] = ()
    tags: tuple[str, ...] = ()
    image: str | None = None
    language: str | None = None
    revised: datetime | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """Go to another process with a content that is not ASCII in UTF-16: that is a third of the work of UTF-8."""
        title, content, *others = self
        return _received, (title, content if content.isascii() else content.encode(*_UTF_16), *others)


_UTF_16 = ("utf-16-le", "surrogatepass")


def _received(title: str, content: str | bytes, *others: Any) -> Article:
    return Article(title, content if isinstance(content, str) else content.decode(*_UTF_16), *others)


class Outcome(StrEnum):
    """What became of a file when it was last read."""

    ARTICLE = "article"
    DRAFT = "draft"
    PROBLEM = "problem"  # nothing could be made of it; an earlier good version stays
    DISABLED = "disabled"  # its source is switched off
    ELSEWHERE = "elsewhere"  # it belongs to a source that watches another folder
    UNMATCHED = "unmatched"  # no source takes it


GONE = 2  # whole scans in a row that must lack a file before its article is withdrawn

_NO_MEDIA: Mapping[str, int | None] = {}


class FileRow(NamedTuple):
    """A file as it was last seen. `seq` is its article, `content_hash` that of the article it held.

    `recipe` tells the rules by which that was found out: Router.recipe, behind it an article's Router.text_recipe.

    `media` are the media files that it names beside it, with their size; None for those that were not there.
    """

    path: str
    signature: str
    digest: str
    recipe: str
    outcome: Outcome
    source: int | None = None
    seq: int | None = None
    content_hash: str = ""
    categories: tuple[CategoryPath, ...] = ()
    missing: int = 0
    media: Mapping[str, int | None] = _NO_MEDIA

    @property
    def text_recipe(self) -> str:
        """Of the rules, those that make the text."""
        return self.recipe[32:]


# A FileRow in short, as far as most scans ask: path, signature, whether it was read by the rules of now and lacked
# nothing, source, article, whether it fits no source (UNMATCHED), and how many whole scans in a row lacked it.
Seen = tuple[str, str, int, int | None, int | None, int, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher as a subscriber sees it. `slug` is its place in URLs; `link` its home page, "" when unknown."""

    slug: str
    title: str
    link: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What custom feeds judge an article by. `content` is its HTML ("" where no feed looks at texts)."""

    title: str
    content: str
    authors: tuple[str, ...]
    categories: tuple[CategoryPath, ...]
    source: Source


class Cursor(NamedTuple):
    """A place in the order of arrival; a later article's is greater. See Filed."""

    arrived: int
    seq: int


class Filed(NamedTuple):
    """An article in the store, with what was decided about it.

    `id` is a UUID (version 5), fixed for ever. `published` is fixed at first sight; `updated` moves with the
    content only; `changed` is when the store last changed this article's row, `arrived` its place in the order of
    arrival (microseconds since 1970, which select a feed's window). `seq` numbers articles in the order in which they
    were filed; it tells apart those that arrived together.
    """

    id: str
    source: Source
    article: Article
    published: datetime
    updated: datetime
    changed: datetime
    arrived: int = 0
    seq: int = 0

    @property
    def cursor(self) -> Cursor:
        """Its place in the order of arrival."""
        return Cursor(self.arrived, self.seq)


class ScopeKind(StrEnum):
    """What a scope is about."""

    ALL = "all"
    SOURCE = "source"
    CATEGORY = "category"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a feed is about, as the store knows it.

    `path` is its URL path without slash in front and without suffix, not percent-encoded: `latest`,
    `sources/zaker`, `categories/新媒体/ZAKER`, `feeds/stars`. `title` is the source's title, the category's own name
    or the custom feed's title ("" for everything). `names` is the category path by its real names. `revision` grows
    with every change of what the scope publishes; `changed` is when that last happened; `withdrawn` when it last
    changed in another way than through its articles: one left, a name is new. `size` counts articles. `gone`: the
    config took it away, so its feeds answer 410 and hold nothing.
    """

    id: int
    kind: ScopeKind
    path: str
    title: str
    names: CategoryPath
    parent: int | None
    revision: int
    size: int
    changed: datetime
    withdrawn: datetime | None = None
    link: str = ""
    language: str = ""
    gone: bool = False
