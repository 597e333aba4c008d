"""Article files and what lies beside them: finding them in a folder, reading them safely, taking them apart."""

from aggregator.sources.beside import Beside, FarShelf, Named, Shelf
from aggregator.sources.entry import is_whole, parse_entry
from aggregator.sources.folder import DiskFolder, Folder, Unread
from aggregator.sources.glance import Glance
from aggregator.sources.globs import Globs
from aggregator.sources.guard import Opened
from aggregator.sources.media import (
    KEY_LENGTH,
    MAX_MEDIA,
    MEDIA_HOST,
    media_key,
    media_type,
    open_media,
)
from aggregator.sources.subfolders import subfolders
from aggregator.sources.walk import SIGNATURE, FileStat, Listing, Met

__all__ = [
    "KEY_LENGTH",
    "MAX_MEDIA",
    "MEDIA_HOST",
    "SIGNATURE",
    "Beside",
    "DiskFolder",
    "FarShelf",
    "FileStat",
    "Folder",
    "Glance",
    "Globs",
    "Listing",
    "Met",
    "Named",
    "Opened",
    "Shelf",
    "Unread",
    "is_whole",
    "media_key",
    "media_type",
    "open_media",
    "parse_entry",
    "subfolders",
]
