"""From the bytes of an article file to an Entry."""

from dataclasses import replace
from datetime import datetime
from typing import cast

import frontmatter

from aggregator.models import Entry, Problem
from aggregator.sources.decode import NOT_TEXT, Decoded, decode, is_binary
from aggregator.sources.handlers import handler_for
from aggregator.sources.shape import is_enclosed
from aggregator.sources.values import Fields, RefusedError, finished, with_braces

_EMPTY = Problem("the file is empty: write the article, or remove the file")
_NO_FRONT_MATTER = Problem(
    "the file has no front matter: begin it with a line `---`, fields such as `title: …`, and a line `---`"
)


def parse_entry(path: str, data: bytes, modified: datetime) -> Entry | Problem:
    """Return what an article file holds, or why nothing of it can be used. Pure; never raises for any bytes.

    `path` and `modified` (time zone aware, UTC) are passed on. A clean repair is silent; where something had to be
    guessed or dropped, the Entry's `problems` say so.
    """
    decoded = decode(data)
    if isinstance(decoded, Problem):
        return decoded
    text = decoded.text.lstrip()
    if not text:
        return NOT_TEXT if is_binary(data) else _EMPTY
    line = decoded.text.count("\n", 0, len(decoded.text) - len(text)) + 1
    try:
        found = _entry(path, text, line, modified, decoded)
    except RefusedError as refused:
        found = refused.problem
    return NOT_TEXT if isinstance(found, Problem) and is_binary(data) else found


def _entry(path: str, text: str, line: int, modified: datetime, decoded: Decoded) -> Entry | Problem:
    """The Entry of a text that begins at this line of the file. Raises RefusedError."""
    handler = handler_for(text, line)
    if handler is None:
        return replace(_NO_FRONT_MATTER, line=line)
    loaded, body = frontmatter.parse(text, handler=handler)
    problems = [*([decoded.problem] if decoded.problem else []), *handler.problems]
    fields = cast("Fields", loaded)
    if not handler.finished:
        fields = finished(fields, problems)
    body = with_braces(body)
    return Entry(path, fields, body, modified, handler.closed, tuple(problems), decoded.printable)


def is_whole(entry: Entry) -> bool:
    """Whether the text is complete in shape, so that it can be taken without waiting for the writer to finish."""
    return entry.closed and is_enclosed(entry.body)
