"""Pictures and other media files in a source's folder: which may be published, under what address, and opening them.

In an article the address of such a file is `https://media.invalid/<key>/<path>`: an absolute address like any other
to all that reads it, on a host that never exists (RFC 2606). Whoever publishes the article puts the site's own in its
place, so that the site may move. `<key>` stands for the folder and tells nothing of it.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from aggregator.sources.guard import Opened, open_inside
from aggregator.sources.walk import HIDDEN, PASSED_OVER_FOLDERS, clean_path, is_temporary

MEDIA_HOST = "https://media.invalid/"
KEY_LENGTH = 12  # hexadecimal digits
MAX_MEDIA = 100 * 2**20  # bytes; what is larger wants a server of its own


def _types(media_type: str, extensions: str) -> Iterable[tuple[str, str]]:
    return ((extension, media_type) for extension in extensions.split())


# Extension → media type: what browsers show or play. Nothing that could run in the site's name but SVG, which is
# served without that right.
MEDIA_TYPES = dict(
    (
        *_types("image/png", "png"),
        *_types("image/jpeg", "jpg jpeg jpe jfif"),
        *_types("image/gif", "gif"),
        *_types("image/webp", "webp"),
        *_types("image/avif", "avif"),
        *_types("image/apng", "apng"),
        *_types("image/svg+xml", "svg"),
        *_types("image/bmp", "bmp"),
        *_types("image/vnd.microsoft.icon", "ico"),
        *_types("audio/mpeg", "mp3"),
        *_types("audio/mp4", "m4a"),
        *_types("audio/aac", "aac"),
        *_types("audio/ogg", "ogg oga opus"),
        *_types("audio/wav", "wav"),
        *_types("audio/flac", "flac"),
        *_types("audio/webm", "weba"),
        *_types("video/mp4", "mp4 m4v"),
        *_types("video/webm", "webm"),
        *_types("video/ogg", "ogv"),
        *_types("video/quicktime", "mov"),
        *_types("application/pdf", "pdf"),
    )
)


def media_type(path: str) -> str | None:
    """The media type of a file by its name; None when files of that name are not published."""
    stem, _, extension = path.rpartition(".")
    return MEDIA_TYPES.get(extension.lower()) if stem else None


def is_media(path: str) -> bool:
    """Whether a file at this place below a source's folder may be published.

    `path` has `/` between its parts, and may be hostile: one that leads up, or nowhere, is none.
    """
    *folders, name = path.split("/")
    if media_type(name) is None or is_temporary(name) or clean_path(path) != path:
        return False
    return all(part and part not in PASSED_OVER_FOLDERS and not part.startswith(HIDDEN) for part in folders)


def media_key(folder: str) -> str:
    """The key that stands in addresses for a folder, given as the config writes it."""
    return hashlib.sha256(folder.encode()).hexdigest()[:KEY_LENGTH]


def media_address(key: str, path: str) -> str:
    """The address of a media file in an article: ASCII, and without any character that HTML would escape."""
    return f"{MEDIA_HOST}{key}/{quote(path)}"


def open_media(root: Path, path: str) -> Opened | None:
    """Open a media file below a source's folder; None when there is none that may be published.

    Hidden files, links that lead out, and files over MAX_MEDIA are not. Closing it is the caller's business. Raises
    PermissionError where the service may not read it.
    """
    if not is_media(path):
        return None
    try:
        opened = open_inside(os.path.realpath(root), path)
    except PermissionError:
        raise
    except OSError:  # there is none, or it is no file, or the name is too long
        return None
    if not isinstance(opened, Opened):
        return None
    # A link must not give a media file's name to another.
    if opened.status.st_size > MAX_MEDIA or not is_media(opened.place):
        os.close(opened.descriptor)
        return None
    return opened
