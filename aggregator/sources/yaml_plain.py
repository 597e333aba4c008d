"""Front matter that is plainly written, read without a parser: a field on each line, or a list of texts below it.

Most front matter is, and reading it so takes a tenth of the time. In doubt it is not plain, and PyYAML reads it; both
give the same fields, as the tests show.
"""

import re
from functools import lru_cache

from aggregator.models import FieldValue
from aggregator.sources.values import Fields, key_of

MAX_LENGTH = 10_000  # characters; with fewer no bound on values is reached
NULLS = frozenset({"", "~", "null", "Null", "NULL"})

# A name and a colon, or a dash, with a scalar in single quotes, in double quotes or in none.
_SCALAR = r"""'(?:[^'\n]++|'')*+'|"[^"\\\n]*+"|[0-9A-Za-z_\x80-\U0010FFFF].*+"""
_LINE = re.compile(rf"(?:([A-Za-z_][A-Za-z0-9_-]{{0,99}}+):|( *+-)(?= ++[^ ]))(?: ++({_SCALAR}))?+ *+")
_SHORT = 60  # characters of a line that many files may have in common


def plain_fields(text: str) -> Fields | None:
    """Return the fields of front matter that is plainly written, None for another."""
    lines = [line for line in text.split("\n") if line]
    if len(text) > MAX_LENGTH or not "".join(lines).isprintable():
        return None
    fields: Fields = {}
    items: list[FieldValue] | None = None  # of the field that has no value on its own line
    key = indent = ""
    for line in lines:
        name, dash, written, value = _known_parts(line) if len(line) < _SHORT else _parts(line)
        if value is None:
            return None
        if name:
            key, indent = key_of(name), ""
            if key in fields or name in NULLS:
                return None
            fields[key] = value
            items = None if written else []
        elif items is None or dash != (indent or dash):
            return None
        else:
            items += [value] if value else []
            fields[key], indent = items, dash
    return fields or None


def _parts(line: str) -> tuple[str, str, str, str | None]:
    """Return a field's name or an item's dash, what is written behind it, and what that means: None if not plain."""
    found = _LINE.fullmatch(line)
    if found is None:
        return "", "", "", None
    name, dash, written = found.groups("")
    return name, dash, written, _value(written)


_known_parts = lru_cache(maxsize=4096)(_parts)


def _value(written: str) -> str | None:
    """Return what a scalar means, None where that is not plain."""
    if written[:1] == "'":
        return written[1:-1].replace("''", "'")
    if written[:1] == '"':
        return written[1:-1]
    if ": " in written or " #" in written or written.endswith(":"):
        return None
    value = written.rstrip(" ")
    return "" if value in NULLS else value
