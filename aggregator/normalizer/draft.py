"""An article on its way to the normal form, and what the steps need to know."""

from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Literal, NamedTuple

from aggregator.models import Article, CategoryPath, DateKind, Entry, Problem
from aggregator.normalizer.fields import Given, given_in
from aggregator.normalizer.urls import Addresses, LookUp


@dataclass(frozen=True)
class Options:
    """What a source says about its files.

    `timezone` is where times without zone were written; `link` the source's home page, the base of relative links;
    `format` and `categories` tell how bodies and category lists are read; `image_proxies` are prefixes of dead image
    proxies and `placeholders` globs of pictures that mean nothing, both in addition to the built-in ones. `beside`
    looks for what relative references name beside the article; what it does not find counts from `link`.
    """

    timezone: tzinfo
    link: str = ""
    language: str | None = None
    format: Literal["auto", "html", "markdown"] = "auto"
    categories: Literal["path", "flat"] = "path"
    image_proxies: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    beside: LookUp | None = None

    def looking(self, beside: LookUp) -> "Options":
        """Return the options with another look beside the article; `dataclasses.replace` takes six times as long."""
        options = object.__new__(Options)
        options.__dict__.update(self.__dict__, beside=beside)
        return options


class Normalized(NamedTuple):
    """An article, and what was wrong with the file (without the problems that its `Entry` brought along)."""

    article: Article
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, init=False)
class Draft:
    """An article in the making. `content` is the body as it came, then HTML, at last safe HTML.

    `given` are the fields of the entry by what they may hold; `summary_given` tells that the summary stands there.
    What is not known yet is the class's attribute.
    """

    entry: Entry
    options: Options
    now: datetime
    given: Given
    title: str = ""
    link: str | None = None
    key: str | None = None
    authors: tuple[str, ...] = ()
    date: datetime | None = None
    date_kind: DateKind = DateKind.FILE
    revised: datetime | None = None
    categories: tuple[CategoryPath, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None
    content: str = ""
    summary: str = ""
    summary_given: bool = False
    image: str | None = None
    problems: tuple[Problem, ...] = ()

    def __init__(self, entry: Entry, options: Options, now: datetime) -> None:
        self.__dict__.update(entry=entry, options=options, now=now, given=given_in(entry.fields))

    def but(self, **changes: Any) -> "Draft":
        """Return the draft with other values for some fields; `dataclasses.replace` takes six times as long."""
        draft = object.__new__(Draft)
        draft.__dict__.update(self.__dict__, **changes)
        return draft

    def with_problem(self, field: str, message: str) -> "Draft":
        """Return the draft with one problem more."""
        return self.but(problems=(*self.problems, Problem(message, field)))

    @property
    def addresses(self) -> Addresses:
        """How addresses of this article are read; known in full once the link is."""
        bases = tuple(base for base in (self.options.link, self.link) if base)
        options = self.options
        return Addresses(bases, self.link or "", options.image_proxies, options.placeholders, options.beside)
