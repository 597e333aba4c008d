"""How values are shown to a person: on one line, safe for a terminal, not too long. Pure."""

from datetime import datetime

from ..models import FieldValue

LONG = 100  # characters of a value

_NOTHING = "nothing"
_JOINERS = frozenset("\u200c\u200d")  # within emoji and Indic words; they do no harm


def safe(text: str) -> str:
    """A text that no terminal obeys: control characters and marks that turn lines round are shown by their number."""
    return "".join(char if char.isprintable() or char in _JOINERS else _number(char) for char in text)


def _number(char: str) -> str:
    return " " if char in "\n\r\t" else f"\\u{ord(char):04x}"


def cut(text: str, length: int = LONG) -> str:
    """The text, or its beginning with `…`."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def quoted(text: str) -> str:
    """A text in quotes, cut."""
    return f"“{cut(safe(text))}”"


def named(title: str, slug: str) -> str:
    """A source by title and address."""
    return f"{quoted(title)} (/sources/{safe(slug)})"


def plain(value: object) -> str:
    """A value of an article in the making, as a person would write it."""
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} UTC"
    if isinstance(value, tuple):
        several = [" / ".join(item) if isinstance(item, tuple) else str(item) for item in value]
        return safe(", ".join(several)) or _NOTHING
    return safe(str(value)) if value not in (None, "") else _NOTHING


def quoted_value(value: FieldValue | None) -> str:
    """A front matter value: a text in quotes, the items of a list, the keys and values of a table."""
    if isinstance(value, list):
        return cut("[" + ", ".join(map(quoted_value, value)) + "]")
    if isinstance(value, dict):
        return cut("{" + ", ".join(f"{safe(name)}: {quoted_value(item)}" for name, item in value.items()) + "}")
    return quoted(value) if value else _NOTHING
