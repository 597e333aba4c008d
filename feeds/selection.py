"""Which articles a feed holds, and everything a renderer needs to know of them.

    Scope ─ Library.window ─▶ [Filed] ─ compose ─▶ Feed ─▶ render
                     Heading, [Filed] ─ assemble ──┘

No clock: the same articles make the same Feed.
"""

import html
import logging
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Protocol

from aggregator.config import Config, parse_language
from aggregator.models import Cursor, Filed, Scope, ScopeKind

from .feed import LONG_AGO, Feed, Heading, Item, with_query
from .paging import length, to_token
from .rhythm import max_age
from .urls import Urls, absolute_media, to_uri

log = logging.getLogger(__name__)

EVERYTHING = "latest"
# The scope of an empty store, which has none of its own yet.
NOTHING_YET = Scope(
    id=0,
    kind=ScopeKind.ALL,
    path=EVERYTHING,
    title="",
    names=(),
    parent=None,
    revision=0,
    size=0,
    changed=LONG_AGO,
)

# XML 1.0, section 2.2. Those that are not: a class of all that are takes 4 ms to compile.
_LEGAL = re.compile("(?:[ -\ud7ff]++|[\t\n\r\ue000-\ufffd]++)*+")  # most texts: told in half the time
_XML_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
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


def find_scope(library: Library, path: str) -> Scope | None:
    """The scope at a path; everything is there even before the first article."""
    return library.scope(path) or (NOTHING_YET if path == EVERYTHING else None)


def select(library: Library, scope: Scope, config: Config, before: Cursor | None = None) -> Feed:
    """The feed of a scope: its newest articles by arrival, as many as the config says; or the page of what arrived
    before a place, which ends where `paging` says. One article more is asked for, to know whether there is a page
    behind."""
    limit = config.feeds.limit
    window = library.window(scope, limit + 1, before)
    end = length([filed.id for filed in window], limit) if before else limit
    return compose(scope, window[:end], config, before=before, more=len(window) > end)


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

    An older page changes by edits and withdrawals only, so it may be kept for as long as the config allows. Its date
    is that of its articles: a withdrawal elsewhere leaves its bytes alone.
    """
    urls = Urls(config.site.url)
    kept = sorted(filter(publishable, window), key=lambda filed: filed.id)
    kept.sort(key=lambda filed: filed.published, reverse=True)
    return Feed(
        path=head.path,
        title=head.title,
        description=head.description,
        author=head.author or config.site.title,
        site=urls,
        home=head.home or with_query(urls.page(head.path), head.query),
        language=head.language or language_tag(config.site.language),
        updated=_updated(kept, head.changed, None if before else head.withdrawn),
        ttl=config.feeds.ttl,
        max_age=config.feeds.ttl if before else max_age(kept, config.feeds.ttl),
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
        if not _LEGAL.fullmatch(text) and (bad := _XML_ILLEGAL.search(text)):
            known = {"source": filed.source.slug}
            log.warning("article %s left out: XML forbids its U+%04X", filed.id, ord(bad[0]), extra=known)
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


@lru_cache(1000)
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


def _updated(window: list[Filed], changed: datetime, withdrawn: datetime | None) -> datetime:
    """When the feed's content last changed: an edit of an article outside the window is none, a withdrawal is one."""
    if not window:
        return changed
    changes = [filed.changed for filed in window]
    return max(changes if withdrawn is None else [*changes, withdrawn])


def _byline(author: str) -> str:
    """A person's name without the e-mail address in brackets behind it."""
    return _EMAIL.sub("", author).strip() or author.strip(" <>")


def _shows(content: str, image: str) -> bool:
    return image in content or html.escape(image) in content
