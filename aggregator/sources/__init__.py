"""Article files: finding them in a folder, reading them safely, and taking them apart into entries."""

from aggregator.sources.entry import parse_entry
from aggregator.sources.folder import DiskFolder, Folder, Unread
from aggregator.sources.globs import Globs
from aggregator.sources.walk import FileStat, Listing

__all__ = ["DiskFolder", "FileStat", "Folder", "Globs", "Listing", "Unread", "parse_entry"]
