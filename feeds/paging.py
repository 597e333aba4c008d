"""Older pages of a feed (RFC 5005, section 3): where they are, and where each ends.

    /older/<token>/<path>.<suffix>    what arrived before a place in the order of arrival, which the token names

The place stays where it is while articles arrive or are withdrawn, so whoever follows `next` meets every article
once. It is part of the path, so that a folder of files can hold the pages. The token tells no more than anybody may
ask for, and is looked at before use: clients may send anything.
"""

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from aggregator.models import Cursor

OLDER = "older"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_LAYOUT = struct.Struct(">qq")


def older(token: str, path: str) -> str:
    """The path of the older page of what is at a path: of a scope, or of a feed with its suffix."""
    return f"{OLDER}/{token}/{path}"


def to_token(cursor: Cursor) -> str:
    """A place as 22 characters that need no escaping in addresses and XML."""
    return urlsafe_b64encode(_LAYOUT.pack(*cursor)).decode("ascii").rstrip("=")


def from_token(text: str) -> Cursor | None:
    """The place that a token names; None when it is none. Every place has one spelling."""
    if not _TOKEN.fullmatch(text):
        return None
    cursor = Cursor(*_LAYOUT.unpack(urlsafe_b64decode(f"{text}==")))
    return cursor if to_token(cursor) == text else None


def length(ids: Sequence[str], limit: int) -> int:
    """How many articles an older page holds, `limit` at most.

    `ids` are those of the articles behind its place, newest first: all of them, or at least `limit` + 1.

    A page ends at the article with the lowest id of those that may be its last, from the first quarter of `limit` on.
    Ids are hashes (UUID version 5), so that may be any of them, but it is the same one wherever a page begins nearby.
    So a walk that begins elsewhere, since articles arrived, soon comes to the pages of the walk before: their
    addresses and bytes stay.
    """
    if len(ids) <= limit:
        return len(ids)
    return 1 + min(range(limit // 4, limit), key=lambda place: ids[place])
