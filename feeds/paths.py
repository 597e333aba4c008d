"""The paths of requests: what they name. They are hostile until looked at."""

import re
import unicodedata

from .render import FORMATS, Format

MAX_PATH = 1000  # characters; no scope has so long a path
MAX_TARGET = 8000  # bytes of path and query; what clients may count on (RFC 9110, section 4.1)

# Control characters name nothing, and databases choke on NUL. U+FFFD stands where the bytes were not UTF-8.
_NO_NAME = re.compile("[\x00-\x1f\x7f\ufffd\ud800-\udfff]")


def clean(path: str) -> str | None:
    """A decoded path without slash in front, as the store writes it (NFC); None when it can name nothing."""
    if len(path) > MAX_PATH or _NO_NAME.search(path):
        return None
    if any(segment in ("", ".", "..") for segment in path.split("/")):
        return None
    return unicodedata.normalize("NFC", path)


def split(path: str) -> tuple[str, Format | None]:
    """A clean path → (scope path, format); no format: its HTML page. Only the last segment can have a suffix."""
    stem, _, suffix = path.rpartition(".")
    if suffix.lower() not in FORMATS or not stem or stem.endswith("/"):
        return path, None
    return stem, FORMATS[suffix.lower()]
