"""The configuration as values: every option with its type, its default as a user would write it, and what it is for.

The descriptions and examples here are what `docs/configuration.md` and the problems' remedies say.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationInfo, field_validator

from ..slugs import assign
from . import fields
from .crontab import Crontab, parse_cron
from .document import Location, Mark
from .naming import find_source, source_index
from .urls import parse_store

ARTICLE_FILES = ("*.md", "*.markdown", "*.mdown", "*.html", "*.htm", "*.txt")


class _Options(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)


def _option(default: Any, description: str, example: str) -> Any:
    return Field(default, description=description, examples=[example])


class Site(_Options):
    """What subscribers see of the service as a whole."""

    title: fields.Title = _option("Articles", "The name of the site and of the feed of everything.", "My reading")
    url: fields.BaseUrl = _option(
        "http://127.0.0.1:8000",
        "The address under which subscribers reach the service; all links in feeds begin with it. "
        "A path is allowed, for a service behind a proxy.",
        "https://feeds.example.com/news",
    )
    language: fields.Language = _option(
        "en", "The language of the site, as a BCP 47 tag; it holds for sources that name none.", "zh-CN"
    )


class Server(_Options):
    """The web server."""

    host: fields.Host = _option("127.0.0.1", "The address to listen on; `0.0.0.0` is every network.", "0.0.0.0")  # noqa: S104 (an example in the docs)
    port: int = Field(default=8000, ge=1, le=65535, description="The TCP port to listen on.", examples=["8080"])
    workers: int = Field(default=2, ge=1, le=64, description="How many processes answer requests.", examples=["4"])
    trusted_proxies: fields.Networks = _option(
        (),
        "Addresses or networks of proxies in front: from these, `X-Forwarded-For` is believed, so that each client "
        "has its own share of searches.",
        "[127.0.0.1, 10.0.0.0/8]",
    )


class CustomFeed(_Options):
    """A feed of what fits its rules: rules of different kinds must all fit, of the values of one kind any."""

    slug: fields.Slug = Field(description="The feed's place in URLs, `/feeds/<slug>`.", examples=["stars"])
    title: fields.Title = Field(description="The feed's title.", examples=["星空与望远镜"])
    sources: fields.Names | None = _option(None, "Slugs or titles of sources.", "[zaker, Field Notes]")
    categories: fields.CategoryPaths | None = _option(
        None, "Category paths; each means the category with all below it.", "[新媒体/ZAKER, 科技]"
    )
    include: fields.Pattern | None = _option(
        None, "A regular expression that the title or the text has to fit somewhere.", '"telescopes?"'
    )
    exclude: fields.Pattern | None = _option(
        None, "A regular expression that neither the title nor the text may fit.", '"广告"'
    )
    authors: fields.Names | None = _option(
        None, "Names of authors, as the articles give them, in upper or lower case.", "[ZAKER, Ada Byron]"
    )
    aliases: fields.Slugs = _option((), "Slugs that this feed had before.", "[astronomy]")


class Feeds(_Options):
    """What all feeds have in common, and the feeds beside those of sources and categories."""

    limit: int = Field(default=50, ge=1, le=1000, description="How many articles a feed holds.", examples=["100"])
    ttl: fields.Duration = _option(
        "15 minutes", "How long a feed reader or cache may keep a feed before it asks again.", "1 hour"
    )
    custom: tuple[CustomFeed, ...] = _option(
        (), "Feeds that you put together yourself.", "[{slug: stars, title: Stars, include: telescope}]"
    )
    category_slugs: fields.CategorySlugs = _option(
        {}, "What stands for the names of categories in addresses, by name.", "{新媒体: new-media}"
    )


class Publish(_Options):
    """The site as static files, which follow every change; for a static web server."""

    dir: fields.FolderPath | None = _option(
        None, "The folder to write the site into as static files; relative to the config file.", "public"
    )
    only: fields.Exported = _option("all", "What is written: `all`, or only `feeds` without pages.", "feeds")
    _folder: Path | None = PrivateAttr(None)

    def model_post_init(self, context: Any, /) -> None:  # noqa: D102 (pydantic's)
        if self.dir is not None:
            self._folder = Path(os.path.normpath(_base_folder(context) / self.dir))

    @property
    def folder(self) -> Path | None:
        """The folder to write into, absolute; None when nothing is exported."""
        return self._folder


class SourceOptions(_Options):
    """The options of a source that `defaults` may set for all of them."""

    include: Annotated[fields.Globs, fields.NotEmpty] = Field(
        default=ARTICLE_FILES,
        description="Which files of the folder are articles: patterns as in .gitignore.",
        examples=['["*.md", "posts/*.html"]'],
    )
    exclude: fields.Globs = _option(
        (), "Which of these files are left out: patterns as in .gitignore.", '[drafts/, "*-old.md"]'
    )
    language: fields.Language | None = _option(None, "The language of the articles that name none.", "en-GB")
    timezone: fields.Timezone = _option(
        "UTC", "The time zone of dates that are written without one, and of `cron`.", "Asia/Shanghai"
    )
    every: fields.Interval = _option(
        "5 minutes", "How often the folder is scanned. A change that is noticed earlier hastens the scan.", "1 hour"
    )
    cron: fields.Cron | None = _option(
        None,
        "When the folder is scanned, in place of `every`: five cron fields, in the source's time zone.",
        '"30 6 * * mon-fri"',
    )
    format: fields.Format = _option(
        "auto", "What the bodies are written in: `html`, `markdown`, or `auto` to tell by file and text.", "markdown"
    )
    categories: fields.Categories = _option(
        "path",
        "What a list of categories means: `path`, one category inside the other, or `flat`, several categories.",
        "flat",
    )
    image_proxies: fields.UrlPrefixes = _option(
        (),
        "Beginnings of image addresses that stand before the real address, besides the known ones.",
        '["https://proxy.example.com/?url="]',
    )
    placeholders: fields.UrlGlobs = _option(
        (),
        "Addresses of images that only fill a place, besides the known ones; `*` stands for any text.",
        '["https://cdn.example.com/blank*.gif"]',
    )
    on_delete: fields.OnDelete = _option(
        "keep", "What becomes of an article whose file vanishes: `keep` it, or `remove` it from the feeds.", "remove"
    )
    on_remove: fields.OnRemove = _option(
        "keep",
        "What becomes of the source's feeds when its item is taken out of this file: `keep` them, or have them "
        "answer that they are `gone`.",
        "gone",
    )
    retain: fields.Retain | None = _option(
        None,
        "How long articles are kept: for a time, or so many of the newest; without it, for ever.",
        "90 days",
    )
    enabled: bool = _option(True, "Whether the folder is scanned. Filed articles stay published either way.", "false")
    max_size: fields.Size = _option(
        "5 MiB", "Larger files are not read, but reported. KB is 1000 bytes, KiB 1024.", "500 KB"
    )

    @property
    def tzinfo(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.timezone)

    @property
    def crontab(self) -> Crontab | None:
        """The times of `cron`, None where `every` counts."""
        return None if self.cron is None else parse_cron(self.cron)


class SourceConfig(SourceOptions):
    """A publisher, or with `split_by` a folder in which many are told apart by a front matter field.

    `folder` is absolute: `path` from the config file's folder. Symbolic links in it are not resolved.
    """

    title: fields.Title = Field(
        description="The publisher's name. With `split_by`, only the operator sees it.", examples=["ZAKER"]
    )
    path: fields.FolderPath = Field(
        description="The folder of the article files, subfolders included; relative to the config file.",
        examples=["seeds"],
    )
    slug: fields.Slug | None = _option(None, "The source's place in URLs; else it is made from the title.", "zaker")
    aliases: fields.Slugs = _option(
        (), "Slugs that this source had before: its articles and subscribers move along.", "[zaker-news]"
    )
    match: fields.Match = _option(
        {}, "Front matter fields and the values (one, or a list) that mark this source's files.", "{author: ZAKER}"
    )
    split_by: fields.FieldName | None = _option(
        None, "A front matter field; each value found in it becomes a source with that title.", "author"
    )
    link: fields.Link | None = _option(
        None, "The publisher's home page; relative links in articles start from it.", "https://www.myzaker.com/"
    )
    _folder: Path = PrivateAttr(Path())

    def model_post_init(self, context: Any, /) -> None:  # noqa: D102 (pydantic's)
        self._folder = Path(os.path.normpath(_base_folder(context) / self.path))

    @property
    def folder(self) -> Path:
        """The folder to scan."""
        return self._folder

    @property
    def recipe(self) -> str:
        """64 hexadecimal digits that change with every option that decides which files are taken and how."""
        ignored = _NOT_IN_RECIPE | ({"retain"} if self.retain is None else set())
        text = json.dumps(self.model_dump(mode="json", exclude=ignored), sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode("ascii")).hexdigest()


# Everything else of a source counts: an option that is added later is in the recipe until it is named here. `retain`
# does since articles that a longer one covers come back when their files are read.
_NOT_IN_RECIPE = {"every", "cron", "on_delete", "on_remove"}


class Config(_Options):
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
        return parse_store(value, _base_folder(info.context)) if isinstance(value, str) else value

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


def _base_folder(context: Any) -> Path:
    """The folder that relative paths count from: the config file's own, symbolic links not resolved."""
    return Path(context["file"]).absolute().parent if context else Path.cwd()
