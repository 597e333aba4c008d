"""Pages of a feed (RFC 5005, section 3): where one ends, as an opaque word in addresses, `?before=<token>`.

A page is what arrived before a place in the order of arrival. That place stays where it is while articles arrive or
are withdrawn, so whoever follows `next` meets every article once. The word tells no more than anybody may ask for,
and is looked at before use: clients may send anything.
"""

import re
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode

from aggregator.models import Cursor

PARAMETER = "before"

_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}", re.ASCII)
_LAYOUT = struct.Struct(">qq")


def to_token(cursor: Cursor) -> str:
    """A place as 22 characters that need no escaping in addresses and XML."""
    return urlsafe_b64encode(_LAYOUT.pack(*cursor)).decode("ascii").rstrip("=")


def from_token(text: str) -> Cursor | None:
    """The place that a token names; None when it is none. Every place has one spelling."""
    if not _TOKEN.fullmatch(text):
        return None
    cursor = Cursor(*_LAYOUT.unpack(urlsafe_b64decode(f"{text}==")))
    return cursor if to_token(cursor) == text else None
