"""The settings of a Hexo, Hugo or Jekyll blog: found beside its posts, and read for what a source needs to know."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ..config import parse_language
from ..config.names import parse_slug, parse_timezone
from ..config.urls import parse_link
from ..models import FieldValue, Problem
from ..normalizer.fields import texts
from ..normalizer.front import language_tag
from ..sources import parse_entry

MAX_SETTINGS = 256 * 1024  # bytes
ABOVE = 4  # folders above the posts in which settings are looked for: content/posts/2026/…

_FILES = (
    *("_config.yml", "_config.yaml"),
    *("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config/_default/hugo.toml", "config/_default/config.toml"),
    *("config.toml", "config.yaml", "config.yml", "config.json"),
)
_HEXO_ONLY = frozenset({"source_dir", "public_dir", "tag_dir", "new_post_name", "default_layout", "skip_render"})
# What the generators put in for you to change.
_UNCHANGED_LINKS = frozenset({"http://example.com/", "http://yoursite.com/", "https://example.org/"})
_UNCHANGED_TITLES = frozenset({"Hexo", "My New Hugo Site", "My New Hugo Project", "Your awesome title"})
_DOCUMENT_MARK = re.compile(rb"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Blog:
    """What a blog's settings say. `posts` is its folder of articles; texts are "" where they say nothing of use.

    `settings` is the file that was read. `flat`: a list of categories means several categories, not a path.
    `category_map` holds what stands for the names of categories in addresses, by name in lower case.
    """

    generator: str
    root: Path
    settings: Path
    posts: Path
    title: str = ""
    link: str = ""
    timezone: str = ""
    language: str = ""
    flat: bool = False
    category_map: Mapping[str, str] = field(default_factory=dict)


def blog_around(folder: Path) -> Blog | None:
    """The blog that a folder is, is right below, or is a part of the posts of."""
    for root in (folder, *folder.parents[:ABOVE]):
        blog = blog_at(root)
        if blog and (root in (folder, folder.parent) or (blog.posts != root and _on_one_way(blog.posts, folder))):
            return blog
    return None


def _on_one_way(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def blog_at(root: Path) -> Blog | None:
    """The blog whose settings are in this very folder."""
    for name in _FILES:
        settings = root / name
        if settings.is_file() and (blog := _blog(settings, root, _read(settings))):
            return blog
    return None


def _read(settings: Path) -> Mapping[str, FieldValue]:
    """The settings, with lower-case keys and every value as text; nothing where they cannot be read.

    They are in the languages of front matter, so they are read by its reader, which is tolerant and bounded.
    """
    fence = {".toml": b"+++\n", ".json": b""}.get(settings.suffix, b"---\n")
    try:
        with settings.open("rb") as stream:
            data = stream.read(MAX_SETTINGS)
    except OSError:
        return {}
    if fence == b"---\n":
        data = _DOCUMENT_MARK.sub(b"", data)
    entry = parse_entry(settings.name, fence + data + b"\n" + fence, datetime(1970, 1, 1, tzinfo=UTC))
    return {} if isinstance(entry, Problem) else entry.fields


def _blog(settings: Path, root: Path, fields: Mapping[str, FieldValue]) -> Blog | None:
    if not settings.name.startswith("_"):
        # `config.yaml` is a name that many programs take, this one too.
        certain = settings.name.startswith("hugo") or settings.parent != root
        return _hugo(settings, root, fields) if certain or "baseurl" in fields else None
    if (root / "source" / "_posts").is_dir() or _HEXO_ONLY & fields.keys():
        return _hexo(settings, root, fields)
    return _jekyll(settings, root, fields)


def _hexo(settings: Path, root: Path, fields: Mapping[str, FieldValue]) -> Blog:
    return Blog(
        "Hexo",
        root,
        settings,
        _posts(root, f"{_text(fields, 'source_dir') or 'source'}/_posts"),
        _title(fields),
        _link(_text(fields, "url")),
        _timezone(_text(fields, "timezone")),
        _language(fields, "language", "lang"),
        category_map=dict(_category_map(fields)),
    )


def _category_map(fields: Mapping[str, FieldValue]) -> Iterator[tuple[str, str]]:
    """What can be a slug of it; Hexo makes hyphens of spaces."""
    written = fields.get("category_map")
    for name, place in written.items() if isinstance(written, dict) else ():
        try:
            slug = parse_slug("-".join(place.split())) if isinstance(place, str) else ""
        except ValueError:
            continue
        if name and slug:
            yield name, slug


def _jekyll(settings: Path, root: Path, fields: Mapping[str, FieldValue]) -> Blog:
    above = _text(fields, "collections_dir") or _text(fields, "source") or "."
    link = _text(fields, "url")
    return Blog(
        "Jekyll",
        root,
        settings,
        _posts(root, f"{above}/_posts"),
        _title(fields),
        _link(link and f"{link.rstrip('/')}/{_text(fields, 'baseurl').strip('/')}"),
        _timezone(_text(fields, "timezone")),
        _language(fields, "lang", "language", "locale"),
        flat=True,
    )


def _hugo(settings: Path, root: Path, fields: Mapping[str, FieldValue]) -> Blog:
    return Blog(
        "Hugo",
        root,
        settings,
        _posts(root, _text(fields, "contentdir") or "content"),
        _title(fields),
        _link(_text(fields, "baseurl")),
        _timezone(_text(fields, "timezone")),
        _language(fields, "languagecode", "locale", "defaultcontentlanguage"),
        flat=True,
    )


def _posts(root: Path, below: str) -> Path:
    """The folder of posts; the blog's own folder where there is none of that name, or it would lead out."""
    posts = root / below
    return posts if ".." not in posts.parts and root in posts.parents and posts.is_dir() else root


def _text(fields: Mapping[str, FieldValue], name: str) -> str:
    return next(iter(_texts(fields, name)), "")


def _texts(fields: Mapping[str, FieldValue], *names: str) -> Iterator[str]:
    return (text for name in names for text in texts(fields.get(name, "")) if text)


def _title(fields: Mapping[str, FieldValue]) -> str:
    title = " ".join(_text(fields, "title").split())
    return "" if title in _UNCHANGED_TITLES else title


def _link(written: str) -> str:
    if not written:
        return ""
    try:
        link = parse_link(written)
    except ValueError:
        return ""
    if link in _UNCHANGED_LINKS:
        return ""
    return link if link.endswith("/") else f"{link}/"  # relative links in articles count from below it


def _timezone(written: str) -> str:
    try:
        return parse_timezone(written) if written else ""
    except ValueError:
        return ""


def _language(fields: Mapping[str, FieldValue], *names: str) -> str:
    for written in _texts(fields, *names):
        try:
            return parse_language(language_tag(written) or "")
        except ValueError:
            continue
    return ""
