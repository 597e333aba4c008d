"""Which articles a feed holds, and everything a renderer needs to know of them.

    Scope ─ Library.window ─▶ [Filed] ─ compose ─▶ Feed ─▶ render
                     Heading, [Filed] ─ assemble ──┘

`Feed` and `Item` are resolved: addresses are absolute ASCII, names and titles are never blank, so that renderers
only write. No clock: the same articles make the same Feed.
"""

import html
import logging
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from aggregator.config import Config, parse_language
from aggregator.models import CategoryPath, Cursor, Filed, Scope, ScopeKind, Source

from .media import absolute_media
from .paging import PARAMETER, to_token
from .rhythm import max_age
from .urls import Urls, to_uri

log = logging.getLogger(__name__)

EVERYTHING = "latest"
# The scope of an empty store, which has none of its own yet. A fixed date keeps the bytes the same.
NOTHING_YET = Scope(
    id=0,
    kind=ScopeKind.ALL,
    path=EVERYTHING,
    title="",
    names=(),
    parent=None,
    revision=0,
    size=0,
    changed=datetime(2000, 1, 1, tzinfo=UTC),
)

_FEED_IDS = uuid.UUID("6f1d7a52-3c5e-4b0e-9d54-8f5f3a1c2b77")
_XML_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2
_EMAIL = re.compile(r"\s*<[^<>\s]+@[^<>\s]+>")


class Library(Protocol):
    """What publishing asks of the store."""

    def revision(self) -> int:
        """A number that grows with every change of what is published."""

    def scope(self, path: str) -> Scope | None:
        """The scope at a path (see models.Scope), by one indexed query."""

    def scopes(self, kind: ScopeKind) -> list[Scope]:
        """All scopes of a kind, by path."""

    def window(self, scope: Scope, limit: int, before: Cursor | None = None) -> list[Filed]:
        """The scope's newest articles by arrival, newest first, with their bodies; with `before`, the newest of those
        that arrived before that place."""

    def article(self, id: str) -> Filed | None:  # noqa: A002 (the models' own word)
        """The article with this id; None when it is unknown or withdrawn."""

    def gone(self, path: str) -> bool:
        """Whether something was once at a path (a scope's, or `articles/<id>`) and was taken away for good."""

    def ready(self) -> bool:
        """Whether the store answers and a first scan was done."""


@dataclass(frozen=True, slots=True)
class Item:
    """An article as it is published. `url` is the original page where known, else `permalink`, our own page.

    `content` is never empty: where an article has no body, its summary or title stands in. `image` is the article's
    picture, `image_in_content` whether the content shows it. `language` is a BCP 47 tag, "" when it is not known.
    `changed` and `seq` are the store's (see models.Filed) and tell what is new since an earlier version of a feed.
    """

    id: str
    url: str
    permalink: str
    title: str
    content: str
    summary: str
    authors: tuple[str, ...]
    categories: tuple[CategoryPath, ...]
    tags: tuple[str, ...]
    image: str | None
    image_in_content: bool
    language: str
    published: datetime
    updated: datetime
    source: Source
    changed: datetime
    seq: int

    @property
    def urn(self) -> str:
        """The id in feeds: the same in every format and scope, whatever becomes of the site's address."""
        return f"urn:uuid:{self.id}"

    @property
    def labels(self) -> tuple[tuple[str, str], ...]:
        """(term, label) of every category and tag: the whole path and its last name; no term twice."""
        terms = {"/".join(path): path[-1] for path in self.categories if path}
        for tag in self.tags:
            terms.setdefault(tag, tag)
        return tuple((term, label) for term, label in terms.items() if label.strip())


@dataclass(frozen=True, slots=True)
class Heading:
    """What a feed says of itself, whatever it holds. No text may be blank, or hold what XML cannot.

    `path` (as in models.Scope) and `query` (percent-encoded, without `?`) are its identity and make its addresses.
    `home` is the site that a reader calls its home, "" for its own page; `author` stands where an article names
    none, "" for the site; `language` is a BCP 47 tag, "" for the site's. `changed` is its date while it holds
    nothing; `withdrawn` is when an article last left it.
    """

    path: str
    title: str
    description: str
    query: str = ""
    home: str = ""
    author: str = ""
    language: str = ""
    changed: datetime = NOTHING_YET.changed
    withdrawn: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed's whole content, or one page of it.

    `page` is the address of its HTML page without query, `home` of the site a reader calls its home. `updated` is
    when the content last changed; `articles` are sorted by publication, newest first. `max_age` is how long a cache
    may keep it, `ttl` what the config says. `query` (percent-encoded) is part of all its addresses. `before` is the
    token of an older page (see `paging`), "" for the feed document, which holds the newest articles; `next` is the
    token of the page behind this one, "" for the last.
    """

    path: str
    title: str
    description: str
    author: str
    page: str
    home: str
    language: str
    updated: datetime
    ttl: timedelta
    max_age: timedelta
    articles: tuple[Item, ...]
    query: str = ""
    before: str = ""
    next: str = ""

    @property
    def urn(self) -> str:
        """The feed's id: made without the site's address, so that it survives a change of that. Pages share it."""
        return f"urn:uuid:{uuid.uuid5(_FEED_IDS, _with_query(self.path, self.query))}"

    def url(self, suffix: str) -> str:
        """The address of the feed in one of its formats."""
        return self._address(suffix, "")

    def self_url(self, suffix: str) -> str:
        """The address of this very document: the feed's, or an older page's."""
        return self._address(suffix, self.before)

    def next_url(self, suffix: str) -> str | None:
        """The address of the page with what arrived before these articles; None when nothing did."""
        return self._address(suffix, self.next) if self.next else None

    def _address(self, suffix: str, before: str) -> str:
        place = f"{PARAMETER}={before}" if before else ""
        return _with_query(f"{self.page}.{suffix}", "&".join(filter(None, (self.query, place))))


def find_scope(library: Library, path: str) -> Scope | None:
    """The scope at a path; everything is there even before the first article."""
    return library.scope(path) or (NOTHING_YET if path == EVERYTHING else None)


def select(library: Library, scope: Scope, config: Config, before: Cursor | None = None) -> Feed:
    """The feed of a scope: its newest articles by arrival, as many as the config says; or the page of what arrived
    before a place. One article more is asked for, to know whether there is a page behind."""
    limit = config.feeds.limit
    window = library.window(scope, limit + 1, before)
    return compose(scope, window[:limit], config, before=before, more=len(window) > limit)


def compose(
    scope: Scope, window: Sequence[Filed], config: Config, *, before: Cursor | None = None, more: bool = False
) -> Feed:
    """The feed of a scope with these articles; see `assemble`."""
    return assemble(heading(scope, config), window, config, before=before, more=more)


def assemble(
    head: Heading, window: Sequence[Filed], config: Config, *, before: Cursor | None = None, more: bool = False
) -> Feed:
    """A feed under a heading, with these articles.

    `before`: it is the page of what arrived before this place. `more`: there are articles that arrived before these.
    """
    urls = Urls(config.site.url)
    kept = sorted(filter(publishable, window), key=lambda filed: filed.id)
    kept.sort(key=lambda filed: filed.published, reverse=True)
    page = urls.page(head.path)
    return Feed(
        path=head.path,
        title=head.title,
        description=head.description,
        author=head.author or config.site.title,
        page=page,
        home=head.home or _with_query(page, head.query),
        language=head.language or language_tag(config.site.language),
        updated=_updated(head, kept),
        ttl=config.feeds.ttl,
        max_age=max_age(kept, config.feeds.ttl),
        articles=tuple(publish(filed, urls) for filed in kept),
        query=head.query,
        before=to_token(before) if before else "",
        next=to_token(min(filed.cursor for filed in window)) if more and window else "",
    )


def heading(scope: Scope, config: Config) -> Heading:
    """What the feed of a scope says of itself."""
    title, description = _names(scope, config.site.title)
    site = f"{Urls(config.site.url).base}/" if scope.kind is ScopeKind.ALL else ""
    return Heading(
        path=scope.path,
        title=title,
        description=description,
        home=to_uri(scope.link) or site,
        author=title if scope.kind is ScopeKind.SOURCE else "",
        language=language_tag(scope.language),
        changed=scope.changed,
        withdrawn=scope.withdrawn,
    )


def publishable(filed: Filed) -> bool:
    """Whether an XML document can hold the article. One that it cannot would break every feed it is in."""
    article = filed.article
    names = (*article.authors, *article.tags, *(name for path in article.categories for name in path))
    for text in (article.title, article.summary, article.content, filed.source.title, *names):
        if bad := _XML_ILLEGAL.search(text):
            log.warning("article %s is left out: it holds U+%04X, which XML forbids", filed.id, ord(bad[0]))
            return False
    return True


def publish(filed: Filed, urls: Urls) -> Item:
    """An article as feeds and pages show it."""
    article, source = filed.article, filed.source
    permalink = urls.article(filed.id)
    title, summary = article.title.strip() or "(untitled)", article.summary.strip()
    content = absolute_media(article.content.strip(), urls.base)
    image = to_uri(absolute_media(article.image or "", urls.base))
    return Item(
        id=filed.id,
        url=to_uri(article.link) or permalink,
        permalink=permalink,
        title=title,
        content=content or f"<p>{html.escape(summary or title)}</p>",
        summary=summary,
        authors=tuple(filter(None, map(_byline, article.authors))) or (source.title,),
        categories=article.categories,
        tags=article.tags,
        image=image,
        image_in_content=bool(article.image) and _shows(article.content, article.image or ""),
        language=language_tag(article.language) or language_tag(source.language),
        published=filed.published,
        updated=filed.updated,
        source=source,
        changed=filed.changed,
        seq=filed.seq,
    )


def language_tag(name: str | None) -> str:
    """A language in BCP 47 form (`zh_CN` → `zh-CN`), "" when it is none."""
    try:
        return parse_language((name or "").strip().replace("_", "-"))
    except ValueError:
        return ""


def _names(scope: Scope, site: str) -> tuple[str, str]:
    """A feed's title and description. A name that XML cannot hold loses what is illegal in it."""
    if scope.kind is ScopeKind.ALL:
        return site, f"The newest articles of all sources of {site}"
    name = " / ".join(scope.names) if scope.kind is ScopeKind.CATEGORY else scope.title
    title = _XML_ILLEGAL.sub("", name).strip() or scope.path
    return title, f"The newest articles of {title}, from {site}"


def _updated(head: Heading, window: list[Filed]) -> datetime:
    """When the feed's content last changed: an edit of an article outside the window is none, a withdrawal is one."""
    if not window:
        return head.changed
    changes = [filed.changed for filed in window]
    return max(changes if head.withdrawn is None else [*changes, head.withdrawn])


def _with_query(address: str, query: str) -> str:
    return f"{address}?{query}" if query else address


def _byline(author: str) -> str:
    """A person's name without the e-mail address in brackets behind it."""
    return _EMAIL.sub("", author).strip() or author.strip(" <>")


def _shows(content: str, image: str) -> bool:
    return image in content or html.escape(image) in content
