"""The names under which front matter keeps things, in the order in which they are tried, and what stands there."""

from collections.abc import Iterator, Mapping, Sequence

from aggregator.models import FieldValue
from aggregator.normalizer.text import FIELD_LIMIT, legal

# Lower case; `-` in a file's name of a field is the same as `_`.
NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("title",),
    "identity": ("id", "guid", "uuid", "abbrlink"),
    "link": (
        "link", "url", "source_url", "original_url", "canonical", "canonical_url", "permalink", "external_url",
        "externalurl", "originalurl", "sourceurl", "source_link", "original_link", "origin_url",
    ),
    "authors": ("author", "authors", "creator", "creators", "dc:creator", "by", "byline", "writer"),
    "date": (
        "date", "published", "pubdate", "pub_date", "publishdate", "publish_date", "published_at", "publishedat",
        "date_published", "datepublished", "published_date", "created", "created_at", "createdat", "date_created",
        "creation_date", "posted", "issued", "timestamp", "dc:date",
    ),
    "revised": (
        "updated", "lastmod", "modified", "last_modified_at", "last_modified", "lastmodified", "date_modified",
        "datemodified", "modified_at", "updated_at", "updatedat", "date_updated", "last_updated", "update", "edited",
    ),
    "categories": ("categories", "category"),
    "tags": ("tags", "tag", "keywords"),
    "language": ("lang", "language", "locale"),
    "summary": ("summary", "description", "excerpt", "abstract", "subtitle", "desc"),
    "image": (
        "thumbnail", "headimg", "cover", "image", "banner", "featured_image", "featuredimage", "feature_image",
        "top_img", "index_img", "banner_img", "og_image", "cover_image", "coverimage", "header_image", "hero",
        "thumb", "img", "pic", "images", "photos", "photo",
    ),
}  # fmt: skip

_SPELLINGS = {
    what: tuple(dict.fromkeys(spelling for name in names for spelling in (name, name.replace("_", "-"))))
    for what, names in NAMES.items()
}
_MEANINGS = {spelling: what for what, spellings in _SPELLINGS.items() for spelling in spellings}
_RANKS = {spelling: rank for spellings in _SPELLINGS.values() for rank, spelling in enumerate(spellings)}
_NOTHING = frozenset({"", "~", "null"})
_YES = frozenset({"true", "yes", "on", "1", "y"})
_NO = frozenset({"false", "no", "off", "0", "n"})
NAME_KEYS = ("name", "title", "display_name", "nickname", "value")
ADDRESS_KEYS = ("url", "src", "image", "path", "href", "value")
_DEPTH = 3


# What may stand in front matter → the fields that may hold it, the best first, each with its name in the file.
Given = Mapping[str, Sequence[tuple[str, FieldValue]]]


def given_in(fields: Mapping[str, FieldValue]) -> Given:
    """Return the fields that hold something, by what that may be."""
    found: dict[str, list[tuple[str, FieldValue]]] = {}
    for name, value in fields.items():
        what = _MEANINGS.get(name)
        if what and value and not (isinstance(value, str) and value.strip().lower() in _NOTHING):
            found.setdefault(what, []).append((name, value))
    for several in found.values():
        if len(several) > 1:
            several.sort(key=_rank)
    return found


def _rank(field: tuple[str, FieldValue]) -> int:
    return _RANKS[field[0]]


def texts(value: FieldValue, keys: tuple[str, ...] = NAME_KEYS, depth: int = _DEPTH) -> Iterator[str]:
    """Yield the texts in a value: itself, the items of a list, what a table holds under the first of `keys`."""
    if isinstance(value, str):
        yield legal(value[:FIELD_LIMIT]).strip()
    elif depth and isinstance(value, list):
        for item in value[:FIELD_LIMIT]:
            yield from texts(item, keys, depth - 1)
    elif depth and isinstance(value, dict):
        yield from texts(next((value[key] for key in keys if value.get(key)), ""), keys, depth - 1)


def first_text(value: FieldValue) -> str:
    """Return the first of the texts in a value, "" when there is none."""
    return next(texts(value), "")


def is_yes(value: FieldValue | None) -> bool:
    """Tell whether a value is a word for true."""
    return isinstance(value, str) and value.strip().lower() in _YES


def is_no(value: FieldValue | None) -> bool:
    """Tell whether a value is a word for false."""
    return isinstance(value, str) and value.strip().lower() in _NO
