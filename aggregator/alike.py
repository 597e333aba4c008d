"""The stored articles that one may be: what a scan asks identity about, and `explain` too."""

from collections.abc import Sequence
from itertools import chain
from typing import TypedDict

from .identity import place_key
from .models import Article
from .store import Facts, Known, title_hash


class Alike(TypedDict):
    """The stored articles of a source that an article looks like, by what they have in common."""

    by_key: tuple[Known, ...]
    by_content: tuple[Known, ...]
    by_body: tuple[Known, ...]
    by_title: tuple[Known, ...]


def load_alike(facts: Facts, found: Sequence[tuple[str, Article]]) -> None:
    """Bring in, by four queries, all that articles found at these places can look like."""
    facts.load("key", chain.from_iterable((place_key(path), article.key or "") for path, article in found))
    facts.load("content_hash", (article.content_hash for _, article in found))
    facts.load("body_hash", (article.body_hash for _, article in found))
    facts.load("title_hash", (title_hash(article.title) for _, article in found))


def alike(facts: Facts, source: int, article: Article) -> Alike:
    """The stored articles of a source that an article looks like. Everything must have been loaded."""
    return Alike(
        by_key=facts.find("key", source, article.key or ""),
        # One that another source lost is this one's: the config gave its folder to this source.
        by_content=facts.find("content_hash", source, article.content_hash) + facts.withdrawn(article.content_hash),
        by_body=facts.find("body_hash", source, article.body_hash),
        by_title=facts.find("title_hash", source, title_hash(article.title)),
    )
