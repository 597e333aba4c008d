"""How values are shown to a person: on one line, safe for a terminal, not too long. Pure."""

from datetime import datetime

from ..models import FieldValue
from ..printable import printable

LONG = 100  # characters of a value

_NOTHING = "nothing"
_ONE_LINE = str.maketrans("\n\r\t", "   ")


def safe(text: str) -> str:
    """A text on one line that no terminal obeys."""
    return printable(text.translate(_ONE_LINE))


def cut(text: str, length: int = LONG) -> str:
    """The text, or its beginning with `…`."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def quoted(text: str) -> str:
    """A text in quotes, cut."""
    return f"“{cut(safe(text[: LONG + 1]))}”"


def counted(number: int, noun: str) -> str:
    """A number of things: `1 byte`, `2,000 bytes`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


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
