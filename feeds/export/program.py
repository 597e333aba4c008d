"""Which program makes what is exported: another one may make other bytes of the same articles."""

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

_FEEDS = Path(__file__).parents[1]
_PARTS = ("*.py", "*.html", "*.xml", "*.mo", "*.css", "*.js", "*.svg")
_LIBRARIES = ("babel", "brotli", "feedgen", "jinja2", "lxml")  # whose versions can be seen in what is made


@cache
def program() -> str:
    """A digest of the publishing side as it runs here. (A version number would not do: an installation from a
    repository keeps its own for many commits.)"""
    found = hashlib.sha256(" ".join(version(library) for library in _LIBRARIES).encode())
    for file in sorted(file for pattern in _PARTS for file in _FEEDS.rglob(pattern)):
        found.update(file.read_bytes())
    return found.hexdigest()[:32]
