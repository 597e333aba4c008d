"""The few files that pages need, held in memory: style, script and icon."""

from datetime import timedelta
from pathlib import Path

from .http import caching
from .representation import Representation

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
TTL = timedelta(days=1)
ICON = "icon.svg"

_HEADERS = (caching(TTL), ("X-Content-Type-Options", "nosniff"))

FILES = {
    file.name: Representation(file.read_bytes(), MEDIA_TYPES[file.suffix], headers=_HEADERS)
    for file in sorted(FOLDER.iterdir())
    if file.suffix in MEDIA_TYPES
}
