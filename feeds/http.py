"""HTTP: validators, caching and content encodings (RFC 9110, RFC 9111). The only place that knows of them.

render ─ bytes ─▶ Representation ─ respond ─▶ 200 (in the encoding the client likes best) or 304
"""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import brotli
from flask import Request, Response
from werkzeug.datastructures import Accept, Headers
from werkzeug.http import http_date

Header = tuple[str, str]

HTML = "text/html; charset=utf-8"

MAX_AGE = timedelta(minutes=5)
MIN_COMPRESSED = 200  # bytes; below, the headers weigh more than what is saved

FEED_HEADERS: tuple[Header, ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified"),
    ("X-Content-Type-Options", "nosniff"),
)
_CONTENT_POLICY = (
    "default-src 'none'; img-src http: https: data:; media-src http: https:; style-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# A web page of another site that asks with If-None-Match has its browser ask for leave first.
PREFLIGHT_HEADERS: tuple[Header, ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since"),
)
PAGE_HEADERS: tuple[Header, ...] = (
    ("Content-Security-Policy", _CONTENT_POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
)

# Best first, where a client likes several equally. Each gives the same bytes for the same input.
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
_IDENTITY = "identity"


@dataclass(slots=True)
class Representation:
    """What a URL stands for at one moment: bytes, and the headers that go with them.

    `last_modified` is when the content last changed, None where that is not known (the ETag alone serves then).
    Compressed forms are made when first asked for, and kept.
    """

    body: bytes
    media_type: str
    last_modified: datetime | None = None
    headers: tuple[Header, ...] = ()
    _etag: str = field(init=False, repr=False)
    _encoded: dict[str, bytes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._etag = hashlib.sha256(self.body).hexdigest()[:32]

    def etag(self, coding: str = _IDENTITY) -> str:
        """The opaque tag of one encoding (strong: the encodings of one body have different bytes)."""
        return self._etag if coding == _IDENTITY else f"{self._etag}-{coding}"

    @property
    def codings(self) -> tuple[str, ...]:
        """The content codings it is there in, best first; the identity is always the last."""
        return (*(_ENCODERS if len(self.body) >= MIN_COMPRESSED else ()), _IDENTITY)

    def encoded(self, coding: str) -> bytes:
        """The bytes in a coding. Two threads may both make them: they make the same."""
        if coding == _IDENTITY:
            return self.body
        if coding not in self._encoded:
            self._encoded[coding] = _ENCODERS[coding](self.body)
        return self._encoded[coding]


def caching(ttl: timedelta) -> Header:
    """Cache-Control for what may change every `ttl`. A cache holds it for five minutes at most, so that a late
    article is not held back, and may serve it while it fetches anew."""
    max_age = min(ttl, MAX_AGE)
    return "Cache-Control", f"public, max-age={_seconds(max_age)}, stale-while-revalidate={_seconds(ttl)}"


def respond(request: Request, representation: Representation) -> Response:
    """The answer to a GET or HEAD: 304 where the client has what there is, else 200.

    Never 406: who accepts nothing that is there gets the identity, as RFC 9110 section 12.5.3 allows. Ranges are not
    served (section 14.2 lets them be ignored).
    """
    coding = _negotiate(request.accept_encodings, representation.codings)
    held = _held(request, representation, coding)
    response: Response
    if held is None:
        response = Response(representation.encoded(coding), content_type=representation.media_type)
        if coding != _IDENTITY:
            response.headers["Content-Encoding"] = coding
    else:
        response = _NotModified(status=304)
    response.set_etag(representation.etag(held or coding))
    if representation.last_modified is not None:
        response.headers["Last-Modified"] = _http_time(representation.last_modified)
    response.headers.extend(representation.headers)
    response.headers["Vary"] = "Accept-Encoding"
    return response


class _NotModified(Response):
    """A 304 that tells Last-Modified too. Werkzeug drops it; caches that know no ETag live by it."""

    def get_wsgi_headers(self, environ: dict[str, object]) -> Headers:
        headers = super().get_wsgi_headers(environ)
        if "Last-Modified" in self.headers:
            headers["Last-Modified"] = self.headers["Last-Modified"]
        return headers


def _negotiate(accepted: Accept, codings: tuple[str, ...]) -> str:
    """The coding with the highest weight (RFC 9110, section 12.5.3); the first of equals."""
    weights = {coding: accepted.quality(coding) for coding in codings}
    if not any(value.lower() in (_IDENTITY, "*") for value in accepted.values()):
        weights[_IDENTITY] = 0.0001  # not named: acceptable, after all that is
    best = max(codings, key=lambda coding: weights[coding])
    return best if weights[best] > 0 else _IDENTITY


def _held(request: Request, representation: Representation, coding: str) -> str | None:
    """The coding in which the client holds what there is (RFC 9110, section 13.2.2); None when it does not.

    If-None-Match wins over If-Modified-Since. Any coding's tag will do, weak or strong, and the 304 names the one
    that was sent, for that is the copy which the client's cache may go on using.
    """
    if "If-None-Match" in request.headers:
        tags = request.if_none_match
        for candidate in _from(coding, representation.codings):
            if tags.contains_weak(representation.etag(candidate)):
                return candidate
        return None
    since, modified = request.if_modified_since, representation.last_modified
    if since is not None and modified is not None and modified.replace(microsecond=0) <= since:
        return coding
    return None


def _from(first: str, codings: tuple[str, ...]) -> Iterator[str]:
    yield first
    yield from (coding for coding in codings if coding != first)


def _http_time(moment: datetime) -> str:
    return http_date(moment.astimezone(UTC))


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
