"""Attributes in their normal form: which ones stay on an element, and with what value."""

import re
from collections.abc import Callable, Mapping

from aggregator.normalizer.markup import ATTRIBUTES
from aggregator.normalizer.urls import absolute, data_picture

# Without those by which a picture's host would be told which page shows it.
_REFERRER_POLICIES = (
    "no-referrer origin origin-when-cross-origin same-origin strict-origin strict-origin-when-cross-origin"
)
_ALIGN = re.compile(
    r"(?:^|;)\s*text-align\s*:\s*(left|right|center|justify|start|end)\s*(?=;|!|$)", re.IGNORECASE | re.ASCII
)


def normal_attributes(element: str, written: Mapping[str, str]) -> dict[str, str]:
    """Return the attributes that stay on an element, in their fixed order, with their normal values."""
    kept: dict[str, str] = {}
    if _NAMES.get(element, _ALWAYS).isdisjoint(written):
        return kept
    for name, value_of in _NORMAL.get(element, _NORMAL["*"]).items():
        if name in written and (value := value_of(written[name])) is not None:
            kept[name] = value
    return kept


def attribute_value(element: str, name: str, value: str) -> str | None:
    """Return the value in its normal form, or None where the attribute must go."""
    values = _IMAGE_VALUES if element == "img" else _VALUES
    normal = values.get(name)  # the sanitizer also asks about attributes of elements that it takes away
    return normal(value) if normal else None


def _one_of(words: str) -> Callable[[str], str | None]:
    allowed = frozenset(words.split())
    return lambda value: value if value in allowed else None


def _like(pattern: str) -> Callable[[str], str | None]:
    allowed = re.compile(pattern)
    return lambda value: value if allowed.fullmatch(value) else None


def _at_most(limit: int) -> Callable[[str], str | None]:
    def normal(value: str) -> str | None:
        is_number = len(value) < 10 and value.isdigit() and value.isascii()
        return value if is_number and 0 < int(value) <= limit else None

    return normal


def _style(value: str) -> str | None:
    """Keep the alignment of text, the only style that carries meaning without a style sheet."""
    found = _ALIGN.findall(value)
    return f"text-align:{found[-1].lower()}" if found else None


def _link(value: str) -> str | None:
    return absolute(value, schemes=("http", "https", "mailto", "tel"))


def _picture(value: str) -> str | None:
    return data_picture(value) if value[:5] == "data:" else absolute(value)


def _present(_value: str) -> str:
    return ""


_VALUES: dict[str, Callable[[str], str | None]] = {
    "align": _one_of("left right center justify"),
    "alt": str,
    "colspan": _at_most(1000),
    "controls": _present,
    "datetime": _like(r"[0-9TZPWDHMSYz:+. -]{1,40}"),
    "dir": _one_of("ltr rtl auto"),
    "height": _at_most(10_000),
    "href": _link,
    "lang": _like("[a-zA-Z]{2,3}(?:-[a-zA-Z0-9]{2,8}){0,3}"),
    "open": _present,
    "poster": absolute,
    "referrerpolicy": _one_of(_REFERRER_POLICIES),
    "reversed": _present,
    "rowspan": _at_most(1000),
    "scope": _one_of("row col rowgroup colgroup"),
    "span": _at_most(1000),
    "src": absolute,
    "start": _like("-?[0-9]{1,9}"),
    "style": _style,
    "title": str,
    "type": _like("[1aAiI]"),
    "valign": _one_of("top middle bottom baseline"),
    "value": _like("-?[0-9]{1,9}"),
    "width": _at_most(10_000),
}
_IMAGE_VALUES = {**_VALUES, "src": _picture}
# Element → the names of its attributes, in the order in which they are written, with what makes their values normal.
_NORMAL = {
    element: {name: (_IMAGE_VALUES if element == "img" else _VALUES)[name] for name in ATTRIBUTES["*"] + names}
    for element, names in ATTRIBUTES.items()
}
_NAMES = {element: frozenset(normal) for element, normal in _NORMAL.items()}
_ALWAYS = _NAMES["*"]
