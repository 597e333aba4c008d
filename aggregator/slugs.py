"""Names in URLs. Letters of every script stay; two names that would collide get distinct, stable slugs."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

FEED_SUFFIXES = (".rss", ".atom", ".json", ".html")
MAX_SEGMENT = 64  # characters; a static export makes file names of it, which hold 255 bytes

_NOT_WORD = re.compile(r"[\W_]+")
_NOT_SEGMENT = re.compile(r"[\x00-\x1f\x7f/\\]+")


def mark(name: str) -> str:
    """Four hexadecimal digits that tell one name from another."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:4]


def slugify(title: str) -> str:
    """A source's slug from its title: `Harbour Light` → `harbour-light`, `36氪` stays."""
    words = _NOT_WORD.sub("-", unicodedata.normalize("NFKC", title).lower()).strip("-")
    slug = unicodedata.normalize("NFC", words)
    return _shorten(slug, title) if slug else f"source-{mark(title)}"


def segment(name: str) -> str:
    """A category's place in a URL path: its name, without what a path or a feed's suffix would make of it.

    Leading dots go too, since `.` and `..` mean folders and web servers hide `.x`.
    """
    text = _NOT_SEGMENT.sub("-", unicodedata.normalize("NFC", name)).strip()
    text = text.lstrip(".") or "-"
    for suffix in FEED_SUFFIXES:
        if text.lower().endswith(suffix):
            text = f"{text[: -len(suffix)]}-{suffix[1:]}"
    return _shorten(text, name)


def place(name: str, slugs: Mapping[str, str]) -> str:
    """A category's place in a URL path: the slug that the config gives its name, else `segment`."""
    return slugs.get(name) or segment(name)


def distinct(slug: str, name: str) -> str:
    """The slug of a name whose own slug belongs to another name."""
    return f"{slug}-{mark(name)}"


def assign(wanted: Iterable[tuple[str | None, str]]) -> tuple[str, ...]:
    """Slugs for (configured slug or None, title) in order: configured ones first come, the rest from titles."""
    items = list(wanted)
    taken = {slug for slug, _ in items if slug}
    slugs = []
    for given, title in items:
        slug = given or slugify(title)
        if not given and slug in taken:
            slug = distinct(slug, title)
        taken.add(slug)
        slugs.append(slug)
    return tuple(slugs)


def _shorten(text: str, name: str) -> str:
    return text if len(text) <= MAX_SEGMENT else f"{text[: MAX_SEGMENT - 5].rstrip('-. ')}-{mark(name)}"
