"""Names of people, categories and tags, as lists of front matter hold them."""

import re
from collections.abc import Iterable

from aggregator.models import CategoryPath, FieldValue
from aggregator.normalizer.fields import texts
from aggregator.normalizer.text import FIELD_LIMIT, readable, remembering

MAX_LENGTH = 200  # characters of a name
MAX_DEPTH = 10  # names of a category path
MAX_COUNT = 50  # paths, tags, authors of an article

_LEADING_DASH = re.compile(r"^(?:[—–―]+\s*|-+\s+)+")
_PEOPLE_MARKS = re.compile(r"[、；;，]")
_TAG_MARKS = re.compile(r"[,，、;；]")
_ADDRESS = re.compile(r"\s*<?\b(?:mailto:)?[^\s<>()@]+@[^\s<>()@]+\b>?")
_NAME_OF_ADDRESS = re.compile(r"[^\s<>()@]+@[^\s<>()@]+\s*\((.+)\)")


def authors(value: FieldValue) -> tuple[str, ...]:
    """Return the people named in an author field, without e-mail addresses beside their names."""
    return _distinct(name for text in texts(value) for name in _people(text))


def tags(value: FieldValue) -> tuple[str, ...]:
    """Return the tags of a list, or of a text with commas between them."""
    if not value:
        return ()
    written = (readable(text, FIELD_LIMIT) for text in texts(value))
    parts = (part for text in written for part in (_TAG_MARKS.split(text) if isinstance(value, str) else [text]))
    return _distinct(_clean(part) for part in parts)


def categories(value: FieldValue, flat: bool) -> tuple[CategoryPath, ...]:
    """Return the category paths of an article, as Hexo reads them.

    A flat list is one path, or with `flat` as many paths as it has names; in a list that holds lists, each item is a
    path of its own.
    """
    items = value if isinstance(value, list) else [value]
    if flat or any(isinstance(item, list) for item in items):
        paths = [_path(item if isinstance(item, list) else [item]) for item in items[: 4 * MAX_COUNT]]
    else:
        paths = [_path(items)]
    return tuple(dict.fromkeys(path for path in paths if path))[:MAX_COUNT]


def _path(items: Iterable[FieldValue]) -> CategoryPath:
    names = [_category(item) if isinstance(item, str) else _name(_category_text(item)) for item in items]
    return tuple([name for name in names if name])[:MAX_DEPTH]


@remembering(100)
def _category(written: str) -> str:
    return _name(_category_text(written))


@remembering(100)
def _people(written: str) -> tuple[str, ...]:
    return tuple(map(_clean, _PEOPLE_MARKS.split(_one_person(readable(written)))))


def _name(text: str) -> str:
    return _clean(readable(text))


def _category_text(item: FieldValue) -> str:
    """Return the text of an item; `- A: B`, which YAML takes for a table, was meant as a text."""
    if isinstance(item, dict) and len(item) == 1:
        name, rest = next(iter(item.items()))
        if isinstance(rest, str) and name not in {"name", "title"}:
            return f"{name}: {rest}"
    return " ".join(texts(item))


def _one_person(text: str) -> str:
    """Return a person's name where an e-mail address stands with it; a lone address gives its first part."""
    if "@" not in text:
        return text
    if named := _NAME_OF_ADDRESS.search(text):
        return named[1]
    return _ADDRESS.sub("", text).strip(" \"'") or text.strip(" <>").removeprefix("mailto:").partition("@")[0]


def _clean(text: str) -> str:
    return _LEADING_DASH.sub("", text.strip())[:MAX_LENGTH].strip()


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))[:MAX_COUNT]
