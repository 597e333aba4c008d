"""The options of sources: what each item of `sources` may say, and what `defaults` may say for all of them."""

import hashlib
import json
import os
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, PrivateAttr

from . import fields
from .crontab import Crontab, parse_cron
from .group import Options, base_folder, option

ARTICLE_FILES = ("*.md", "*.markdown", "*.mdown", "*.html", "*.htm", "*.txt")


class SourceOptions(Options):
    """The options of a source that `defaults` may set for all of them."""

    include: Annotated[fields.Globs, fields.NotEmpty] = Field(
        default=ARTICLE_FILES,
        description="Which files of the folder are articles: patterns as in .gitignore.",
        examples=['["*.md", "posts/*.html"]'],
    )
    exclude: fields.Globs = option(
        (), "Which of these files are left out: patterns as in .gitignore.", '[drafts/, "*-old.md"]'
    )
    language: fields.Language | None = option(None, "The language of the articles that name none.", "en-GB")
    timezone: fields.Timezone = option(
        "UTC", "The time zone of dates that are written without one, and of `cron`.", "Asia/Shanghai"
    )
    every: fields.Interval = option(
        "5 minutes", "How often the folder is scanned. A change that is noticed earlier hastens the scan.", "1 hour"
    )
    cron: fields.Cron | None = option(
        None,
        "When the folder is scanned, in place of `every`: five cron fields, in the source's time zone.",
        '"30 6 * * mon-fri"',
    )
    format: fields.Format = option(
        "auto", "What the bodies are written in: `html`, `markdown`, or `auto` to tell by file and text.", "markdown"
    )
    categories: fields.Categories = option(
        "path",
        "What a list of categories means: `path`, one category inside the other, or `flat`, several categories.",
        "flat",
    )
    image_proxies: fields.UrlPrefixes = option(
        (),
        "Beginnings of image addresses that stand before the real address, besides the known ones.",
        '["https://proxy.example.com/?url="]',
    )
    placeholders: fields.UrlGlobs = option(
        (),
        "Addresses of images that only fill a place, besides the known ones; `*` stands for any text.",
        '["https://cdn.example.com/blank*.gif"]',
    )
    on_delete: fields.OnDelete = option(
        "keep", "What becomes of an article whose file vanishes: `keep` it, or `remove` it from the feeds.", "remove"
    )
    on_remove: fields.OnRemove = option(
        "keep",
        "What becomes of the source's feeds when its item is taken out of this file: `keep` them, or have them "
        "answer that they are `gone`.",
        "gone",
    )
    retain: fields.Retain | None = option(
        None,
        "How long articles are kept: for a time, or so many of the newest; without it, for ever.",
        "90 days",
    )
    enabled: bool = option(True, "Whether the folder is scanned. Filed articles stay published either way.", "false")
    max_size: fields.Size = option(
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
    slug: fields.Slug | None = option(None, "The source's place in URLs; else it is made from the title.", "zaker")
    aliases: fields.Slugs = option(
        (), "Slugs that this source had before: its articles and subscribers move along.", "[zaker-news]"
    )
    match: fields.Match = option(
        {}, "Front matter fields and the values (one, or a list) that mark this source's files.", "{author: ZAKER}"
    )
    split_by: fields.FieldName | None = option(
        None, "A front matter field; each value found in it becomes a source with that title.", "author"
    )
    link: fields.Link | None = option(
        None, "The publisher's home page; relative links in articles start from it.", "https://www.myzaker.com/"
    )
    _folder: Path = PrivateAttr(Path())

    def model_post_init(self, context: Any, /) -> None:  # noqa: D102 (pydantic's)
        self._folder = Path(os.path.normpath(base_folder(context) / self.path))

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
