"""Custom feeds: which of them an article belongs to. Pure."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from .config import Config, CustomFeed, Pattern
from .models import Subject
from .normalizer import plain_text

VERSION = 1  # of the meaning of the rules; when it grows, all custom feeds are built anew
LONGEST = 200_000  # characters of a text that are searched; bounds the time that an expression can take


class _Texts:
    """An article's texts, each made when a rule asks for it."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject

    @cached_property
    def body(self) -> str:
        return plain_text(self._subject.content)[:LONGEST]

    def fit(self, pattern: Pattern) -> bool:
        """Whether the expression is found in the title or the text."""
        return pattern.found_in(self._subject.title) or pattern.found_in(self.body)


@dataclass(frozen=True)
class Definition:
    """The rules of one custom feed, ready to be asked. None means that there is no such rule.

    `sources` are slugs of the config's sources; `found` are names (case-folded) of sources that the config does not
    name, since they are found by `split_by`. `categories` are paths, their names joined by `/`. `authors` are
    case-folded.
    """

    slug: str
    title: str
    sources: frozenset[str] | None
    found: frozenset[str]
    categories: frozenset[str] | None
    authors: frozenset[str] | None
    include: str | None
    exclude: str | None

    @cached_property
    def digest(self) -> str:
        """64 hexadecimal digits that change when the feed should hold other articles."""
        sets = (self.sources, self.found, self.categories, self.authors)
        rules = [None if values is None else sorted(values) for values in sets]
        text = json.dumps([VERSION, *rules, self.include, self.exclude])
        return hashlib.sha256(text.encode("ascii")).hexdigest()

    def holds(self, subject: Subject, texts: _Texts) -> bool:
        """Whether an article fits every rule; those that cost least are asked first."""
        return (
            self._fits_source(subject)
            and self._fits_category(subject)
            and (self.authors is None or any(name.casefold() in self.authors for name in subject.authors))
            and (self._included is None or texts.fit(self._included))
            and (self._excluded is None or not texts.fit(self._excluded))
        )

    def _fits_source(self, subject: Subject) -> bool:
        names = {subject.source.slug.casefold(), subject.source.title.casefold()}
        return self.sources is None or subject.source.slug in self.sources or not names.isdisjoint(self.found)

    def _fits_category(self, subject: Subject) -> bool:
        nodes = ("/".join(path[:depth]) for path in subject.categories for depth in range(1, len(path) + 1))
        return self.categories is None or any(node in self.categories for node in nodes)

    @cached_property
    def _included(self) -> Pattern | None:
        return None if self.include is None else Pattern(self.include)

    @cached_property
    def _excluded(self) -> Pattern | None:
        return None if self.exclude is None else Pattern(self.exclude)


class CustomFeeds:
    """The custom feeds of a config, and its slugs of categories by name."""

    def __init__(
        self, definitions: Iterable[Definition], category_slugs: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        self.definitions = {definition.slug: definition for definition in definitions}
        self.category_slugs = category_slugs

    @classmethod
    def of(cls, config: Config) -> "CustomFeeds":
        """Those that a config defines."""
        return cls((_definition(feed, config) for feed in config.feeds.custom), config.feeds.category_slugs)

    def only(self, slugs: Collection[str]) -> "CustomFeeds":
        """Some of them."""
        return CustomFeeds((self.definitions[slug] for slug in slugs), self.category_slugs)

    @property
    def slugs(self) -> Collection[str]:
        """All that there are."""
        return self.definitions.keys()

    @property
    def read_texts(self) -> bool:
        """Whether any of them looks at the text of articles."""
        return any(one.include is not None or one.exclude is not None for one in self.definitions.values())

    def holding(self, subject: Subject) -> Collection[str]:
        """The slugs of those that an article belongs to."""
        texts = _Texts(subject)
        return [slug for slug, definition in self.definitions.items() if definition.holds(subject, texts)]


def _definition(feed: CustomFeed, config: Config) -> Definition:
    named = {name: config.source_slug(name) for name in feed.sources or ()}
    return Definition(
        slug=feed.slug,
        title=feed.title,
        sources=None if feed.sources is None else frozenset(slug for slug in named.values() if slug),
        found=frozenset(name.casefold() for name, slug in named.items() if slug is None),
        categories=None if feed.categories is None else frozenset(map("/".join, feed.categories)),
        authors=None if feed.authors is None else frozenset(name.casefold() for name in feed.authors),
        include=feed.include,
        exclude=feed.exclude,
    )
