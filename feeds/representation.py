"""What a URL stands for at one moment, and its content codings (RFC 9110, sections 8.4 and 12.5.3)."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import brotli
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

Header = tuple[str, str]

HTML = "text/html; charset=utf-8"
MIN_COMPRESSED = 200  # bytes; below, the headers weigh more than what is saved

# Best first, where a client likes several equally. Each gives the same bytes for the same input.
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
IDENTITY = "identity"


@dataclass(slots=True, weakref_slot=True)
class Representation:
    """What a URL stands for at one moment: bytes, and the headers that go with them.

    `last_modified` is when the content last changed, None where that is not known (the ETag alone serves then).
    `version` is a word that goes into the ETag, for a later request to say which version it was. Compressed forms are
    made when first asked for, and kept.
    """

    body: bytes
    media_type: str
    last_modified: datetime | None = None
    headers: tuple[Header, ...] = ()
    version: str = ""
    _etag: str = field(init=False, repr=False)
    _encoded: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        digest = hashlib.sha256(self.body).hexdigest()[:32]
        self._etag = f"{digest}.{self.version}" if self.version else digest

    def etag(self, coding: str = IDENTITY) -> str:
        """The opaque tag of one encoding (strong: the encodings of one body have different bytes)."""
        return self._etag if coding == IDENTITY else f"{self._etag}-{coding}"

    @property
    def codings(self) -> tuple[str, ...]:
        """The content codings it is there in, best first; the identity is always the last."""
        return (*(_ENCODERS if len(self.body) >= MIN_COMPRESSED else ()), IDENTITY)

    def encoded(self, coding: str) -> bytes:
        """The bytes in a coding. Two threads may both make them: they make the same."""
        if coding == IDENTITY:
            return self.body
        if coding not in self._encoded:
            self._encoded[coding] = _ENCODERS[coding](self.body)
        return self._encoded[coding]


def negotiate(accepted: Accept, codings: tuple[str, ...]) -> str:
    """The coding with the highest weight (RFC 9110, section 12.5.3); the first of equals."""
    weights = {coding: accepted.quality(coding) for coding in codings}
    if not any(value.lower() in (IDENTITY, "*") for value in accepted.values()):
        weights[IDENTITY] = 0.0001  # not named: acceptable, after all that is
    best = max(codings, key=lambda coding: weights[coding])
    return best if weights[best] > 0 else IDENTITY


def best_coding(accept_encoding: str) -> str:
    """The coding that a client gets of what is there in all; of what is there in one, it gets that anyway."""
    return negotiate(parse_accept_header(accept_encoding, Accept), (*_ENCODERS, IDENTITY))
