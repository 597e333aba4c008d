"""Pictures and other media files that lie beside the articles: from the sources' folders to HTTP (RFC 9110).

    /media/<key>/<path>    a file below a source's folder; the key stands for the folder (see aggregator.sources)

What is in a folder was put there by others, and so was the path: whatever may not be published is not there (404).
"""

import logging
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flask import Blueprint, Request, Response, request
from werkzeug.datastructures import Range
from werkzeug.exceptions import NotFound
from werkzeug.http import http_date, quote_etag

from aggregator.config import Config
from aggregator.sources import Globs, Opened, media_key, media_type, open_media

from .http import NotModified, is_met

log = logging.getLogger(__name__)

# A file may be replaced under its name, and one that was touched just now may still be written: nobody keeps it for
# longer than it has been as it is.
MIN_AGE = timedelta(minutes=1)
MAX_AGE = timedelta(days=1)

# While a file of more than one block is sent, its client holds one of the server's threads, however slow it is. So
# many may do so in one process; the other threads are for feeds, pages and pictures.
STREAMS = 2
RETRY_SECONDS = 10

_BLOCK = 2**20  # bytes in memory at once
_HEADERS = (
    ("Accept-Ranges", "bytes"),
    ("Access-Control-Allow-Origin", "*"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
    ("X-Content-Type-Options", "nosniff"),
)
# SVG can hold scripts: opened by itself, it runs none and is nobody.
_SVG_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox"


class Shelf(NamedTuple):
    """A folder whose media files are published, but for what each source that watches it excludes."""

    root: Path
    globs: list[Globs]

    def withholds(self, path: str) -> bool:
        """Whether a file is not published, whatever it is."""
        return not any(globs.fits(path) for globs in self.globs)


def media_routes(config: Config, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Blueprint:
    """The media files of all sources of a config, disabled ones too: their articles stay published."""
    routes = Blueprint("media", __name__)
    found = shelves(config)
    streams = threading.BoundedSemaphore(STREAMS)

    @routes.get("/media/<key>/<path:path>")
    def media(key: str, path: str) -> Response:
        opened = open_shelved(found.get(key), path)
        if opened is None:
            raise NotFound
        response = respond_file(request, opened, media_type(path) or "", clock())
        return _in_turn(response, streams) if request.method == "GET" else response

    return routes


def respond_file(request: Request, opened: Opened, media_type: str, now: datetime) -> Response:
    """The answer to a GET or HEAD of an open file, which is closed after it: 412, 304, 206, 416 or 200."""
    status = opened.status
    file = os.fdopen(opened.descriptor, "rb", buffering=0)
    etag = f"{status.st_size:x}-{status.st_mtime_ns:x}-{status.st_ino:x}"
    modified = _modified(status, now)
    response = _answer(request, file, status.st_size, etag, modified)
    response.call_on_close(file.close)
    response.set_etag(etag)
    response.headers.extend(_HEADERS)
    if response.status_code not in (412, 416):
        response.headers["Last-Modified"] = http_date(modified)
        response.headers["Cache-Control"] = f"public, max-age={lifetime(modified, now)}"
        response.headers["Content-Type"] = media_type
    if media_type == "image/svg+xml":
        response.headers["Content-Security-Policy"] = _SVG_POLICY
    return response


def _in_turn(response: Response, streams: threading.BoundedSemaphore) -> Response:
    """The response, or where it is large and too many large ones are under way, the request to come again."""
    if (response.content_length or 0) <= _BLOCK:
        return response
    if streams.acquire(blocking=False):
        response.call_on_close(streams.release)
        return response
    response.close()
    headers = {"Retry-After": f"{RETRY_SECONDS}", "Cache-Control": "no-store"}
    return Response("too many files are being sent; try again\n", 503, headers, content_type="text/plain")


def lifetime(modified: datetime, now: datetime) -> int:
    """How long (seconds) a cache may keep a file that was last changed at `modified`."""
    return int(min(max(now - modified, MIN_AGE), MAX_AGE).total_seconds())


def _modified(status: os.stat_result, now: datetime) -> datetime:
    """When a file was last changed, in whole seconds; not in the future, which HTTP forbids (section 8.8.2.1)."""
    seconds = min(max(int(status.st_mtime), 0), int(now.timestamp()))
    return datetime.fromtimestamp(seconds, UTC)


def shelves(config: Config) -> dict[str, Shelf]:
    """The folders of all sources, by their keys."""
    left_out: dict[Path, set[tuple[str, ...]]] = {}
    for source in config.sources:
        left_out.setdefault(source.folder, set()).add(source.exclude)
    return {
        media_key(source.path): Shelf(source.folder, [Globs((), exclude) for exclude in left_out[source.folder]])
        for source in config.sources
    }


def open_shelved(shelf: Shelf | None, path: str) -> Opened | None:
    """Open a file of a shelf; None when there is none that may be published. Closing it is the caller's business."""
    if shelf is None or shelf.withholds(path):
        return None
    try:
        return open_media(shelf.root, path)
    except PermissionError:
        where = {"folder": str(shelf.root), "file": path}
        log.warning("%s is not published: give the service's user the right to read it", path, extra=where)
        return None


def _answer(request: Request, file: BinaryIO, size: int, etag: str, modified: datetime) -> Response:
    if not is_met(request, [etag], modified):
        return Response(status=412, headers={"Cache-Control": "no-store"})
    if _is_held(request, etag, modified):
        return NotModified(status=304)
    wanted = _wanted(request, etag, modified)
    start, stop = _bounds(wanted, size) if wanted is not None else (0, size)
    if wanted is not None and start >= stop:
        return Response(status=416, headers={"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"})
    response = Response(_blocks(file, start, stop - start), status=200 if wanted is None else 206)
    response.content_length = stop - start
    if wanted is not None:
        response.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return response


def _is_held(request: Request, etag: str, modified: datetime) -> bool:
    """Whether the client has the file as it is (RFC 9110, section 13.2.2)."""
    if "If-None-Match" in request.headers:
        return request.if_none_match.contains_weak(etag)
    since = request.if_modified_since
    return since is not None and modified <= since


def _wanted(request: Request, etag: str, modified: datetime) -> Range | None:
    """The one range that is asked for, of this very version; None where the whole is the answer (section 14.2)."""
    wanted = request.range
    if request.method != "GET" or wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
        return None
    condition = request.headers.get("If-Range", "").strip()
    return wanted if condition in ("", quote_etag(etag)) or request.if_range.date == modified else None


def _bounds(wanted: Range, size: int) -> tuple[int, int]:
    """First byte, and the one after the last; an empty range where there is none of these bytes."""
    start, stop = wanted.ranges[0]
    return (max(start + size, 0) if start < 0 else start), size if stop is None else min(stop, size)


def _blocks(file: BinaryIO, start: int, length: int) -> Iterator[bytes]:
    """Part of a file; never more than was promised, however the file grows."""
    file.seek(start)
    while length > 0 and (block := file.read(min(_BLOCK, length))):
        yield block
        length -= len(block)
