"""The configuration as values: every option with its type, its default as a user would write it, and what it is for.

The descriptions and examples here are what `docs/configuration.md` and the problems' remedies say.
"""

import hashlib
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, PrivateAttr, ValidationInfo, field_validator

from ..slugs import assign
from . import fields
from .document import Location, Mark
from .group import Options, base_folder, option
from .naming import find_source, source_index
from .sources import SourceConfig, SourceOptions
from .urls import parse_store


class Site(Options):
    """What subscribers see of the service as a whole."""

    title: fields.Title = option("Articles", "The name of the site and of the feed of everything.", "My reading")
    url: fields.BaseUrl = option(
        "http://127.0.0.1:8000",
        "The address under which subscribers reach the service; all links in feeds begin with it. "
        "A path is allowed, for a service behind a proxy.",
        "https://feeds.example.com/news",
    )
    language: fields.Language = option(
        "en", "The language of the site, as a BCP 47 tag; it holds for sources that name none.", "zh-CN"
    )


class Server(Options):
    """The web server."""

    host: fields.Host = option("127.0.0.1", "The address to listen on; `0.0.0.0` is every network.", "0.0.0.0")  # noqa: S104 (an example in the docs)
    port: int = Field(default=8000, ge=1, le=65535, description="The TCP port to listen on.", examples=["8080"])
    workers: int = Field(default=2, ge=1, le=64, description="How many processes answer requests.", examples=["4"])
    trusted_proxies: fields.Networks = option(
        (),
        "Addresses or networks of proxies in front: from these, `X-Forwarded-For` is believed, so that each client "
        "has its own share of searches.",
        "[127.0.0.1, 10.0.0.0/8]",
    )


class CustomFeed(Options):
    """A feed of what fits its rules: rules of different kinds must all fit, of the values of one kind any."""

    slug: fields.Slug = Field(description="The feed's place in URLs, `/feeds/<slug>`.", examples=["stars"])
    title: fields.Title = Field(description="The feed's title.", examples=["星空与望远镜"])
    sources: fields.Names | None = option(None, "Slugs or titles of sources.", "[zaker, Field Notes]")
    categories: fields.CategoryPaths | None = option(
        None, "Category paths; each means the category with all below it.", "[新媒体/ZAKER, 科技]"
    )
    include: fields.Pattern | None = option(
        None, "A regular expression that the title or the text has to fit somewhere.", '"telescopes?"'
    )
    exclude: fields.Pattern | None = option(
        None, "A regular expression that neither the title nor the text may fit.", '"广告"'
    )
    authors: fields.Names | None = option(
        None, "Names of authors, as the articles give them, in upper or lower case.", "[ZAKER, Ada Byron]"
    )
    aliases: fields.Slugs = option((), "Slugs that this feed had before.", "[astronomy]")


class Feeds(Options):
    """What all feeds have in common, and the feeds beside those of sources and categories."""

    limit: int = Field(default=50, ge=1, le=1000, description="How many articles a feed holds.", examples=["100"])
    ttl: fields.Duration = option(
        "15 minutes", "How long a feed reader or cache may keep a feed before it asks again.", "1 hour"
    )
    custom: tuple[CustomFeed, ...] = option(
        (), "Feeds that you put together yourself.", "[{slug: stars, title: Stars, include: telescope}]"
    )
    category_slugs: fields.CategorySlugs = option(
        {}, "What stands for the names of categories in addresses, by name.", "{新媒体: new-media}"
    )


class Publish(Options):
    """The site as static files, which follow every change; for a static web server."""

    dir: fields.FolderPath | None = option(
        None, "The folder to write the site into as static files; relative to the config file.", "public"
    )
    only: fields.Exported = option("all", "What is written: `all`, or only `feeds` without pages.", "feeds")
    _folder: Path | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:  # noqa: D102 (pydantic's)
        if self.dir is not None:
            self._folder = Path(os.path.normpath(base_folder(context) / self.dir))

    @property
    def folder(self) -> Path | None:
        """The folder to write into, absolute; None when nothing is exported."""
        return self._folder


class Config(Options):
    """A whole valid configuration. Where its options stand in the file does not count for equality."""

    site: Site = Field(
        default=Site(), description="What subscribers see of the service.", examples=["{title: My reading}"]
    )
    store: str = Field(
        default="sqlite:///var/aggregator.db",
        repr=False,  # it may hold a password
        description="Where articles are kept: a SQLite file, relative to the config file, or a PostgreSQL database.",
        examples=["postgresql+psycopg://feeds:${DB_PASSWORD}@db.example.com/feeds"],
    )
    server: Server = Field(default=Server(), description="The web server.", examples=["{port: 8080}"])
    feeds: Feeds = Field(default=Feeds(), description="What all feeds have in common.", examples=["{limit: 100}"])
    publish: Publish = Field(default=Publish(), description="The site as static files.", examples=["{dir: public}"])
    defaults: SourceOptions = Field(
        default=SourceOptions(),
        description="Options for all sources that do not give their own.",
        examples=["{every: 1 hour}"],
    )
    sources: Annotated[tuple[SourceConfig, ...], fields.NotEmpty] = Field(
        description="The sources, at least one. A file belongs to the first that it fits.",
        examples=["[{title: ZAKER, path: seeds}]"],
    )
    _file: Path = PrivateAttr(Path("config.yaml"))
    _marks: Mapping[Location, Mark] = PrivateAttr(default_factory=dict)

    @field_validator("store", mode="before")
    @classmethod
    def _store_address(cls, value: Any, info: ValidationInfo) -> Any:
        return parse_store(value, base_folder(info.context)) if isinstance(value, str) else value

    def model_post_init(self, context: Any, /) -> None:  # noqa: D102 (pydantic's)
        if context:
            self._file, self._marks = context["file"], context["marks"]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Config) and self._file == other._file and dict(self) == dict(other)

    @property
    def file(self) -> Path:
        """The config file, as it was named."""
        return self._file

    def mark(self, *location: str | int) -> Mark | None:
        """Where an option stands in the file, such as `("sources", 0, "path")`; None where it has its default."""
        return self._marks.get(location)

    @property
    def slugs(self) -> tuple[str, ...]:
        """The slug of each source, in order; those that are not configured are made from the titles."""
        return assign((source.slug, source.title) for source in self.sources)

    def source_slug(self, name: str) -> str | None:
        """The slug of the source that a slug, a title or an alias means; None when no item of the config is meant."""
        return find_source(self._index, name)

    @cached_property
    def _index(self) -> dict[str, str]:
        named = zip(self.slugs, self.sources, strict=True)
        return source_index((slug, source.title, source.aliases) for slug, source in named)

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that change when files would be routed or normalized in another way.

        All files must then be read again. What is published, when, and where it is kept has no part in it.
        """
        recipes = "\n".join(source.recipe for source in self.sources)
        return hashlib.sha256(recipes.encode("ascii")).hexdigest()
