"""HTTP: validators, caching, content encodings (RFC 9110, RFC 9111) and deltas (RFC 3229). The only place that knows
of them.

render ─ bytes ─▶ Representation ─ respond ─▶ 200 (in the encoding the client likes best), 304, or 226 (what is new)
                                      ├─ kept by `remembered`, which gives it again until something is published
                                      └─ known to `standby`, which gives it without asking the store
"""

import gzip
import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import brotli
from flask import Request, Response
from werkzeug.datastructures import Accept, Headers
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import http_date, parse_accept_header, quote_etag

Header = tuple[str, str]

HTML = "text/html; charset=utf-8"

MAX_AGE = timedelta(minutes=5)
STALE_IF_ERROR = timedelta(days=1)  # an old feed is better than none while the service is down
MIN_COMPRESSED = 200  # bytes; below, the headers weigh more than what is saved

# Pages of other sites may read this: feed readers that live in a browser.
OPEN: tuple[Header, ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "ETag, Last-Modified, IM, Delta-Base, Retry-After"),
)
FEED_HEADERS: tuple[Header, ...] = (*OPEN, ("X-Content-Type-Options", "nosniff"))
# A web page of another site that asks with If-None-Match has its browser ask for leave first.
PREFLIGHT_HEADERS: tuple[Header, ...] = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS"),
    ("Access-Control-Allow-Headers", "If-None-Match, If-Modified-Since, A-IM"),
)

# Best first, where a client likes several equally. Each gives the same bytes for the same input.
_ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, mode=brotli.MODE_TEXT, quality=5),
    "gzip": lambda body: gzip.compress(body, compresslevel=6, mtime=0),
}
_IDENTITY = "identity"
UNTOLD_LENGTH = "HTTP_TRANSFER_ENCODING"  # in the environ of a request with a body in chunks
# Set in a request's environ: whether the answer is the same until something is published, and of what it was made.
LASTING = "feeds.lasting"
MADE_OF = "feeds.made_of"
# These tell how the service does now, so they are never answered from memory, and wait for no store that hangs.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

StartResponse = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


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


@dataclass(frozen=True, slots=True)
class Delta:
    """What is new since a version that the client holds: the tag it named for that, and the new as a document."""

    base: str
    document: Representation


DeltaMaker = Callable[[Collection[str]], Delta | None]


def caching(ttl: timedelta, max_age: timedelta = MAX_AGE) -> Header:
    """Cache-Control for what may change every `ttl`. A cache holds it for `max_age` at most, so that a late article
    is not held back; it may serve it for another `ttl` while it fetches anew, and for a day where that fails."""
    held = min(ttl, max_age)
    return "Cache-Control", (
        f"public, max-age={_seconds(held)}, stale-while-revalidate={_seconds(ttl)}, "
        f"stale-if-error={_seconds(STALE_IF_ERROR)}"
    )


def respond(request: Request, representation: Representation, delta: DeltaMaker | None = None) -> Response:
    """The answer to a GET or HEAD: 304 where the client has what there is, else 200.

    Never 406: who accepts nothing that is there gets the identity, as RFC 9110 section 12.5.3 allows. Ranges are not
    served (section 14.2 lets them be ignored).

    `delta` makes the new since one of the versions whose tags it is given, None where it cannot tell. Where there is
    one, clients that send `A-IM: feed` get it with 226 (RFC 3229, with the instance manipulation "feed": entries to
    be put to those that the client has). Raises PreconditionFailed.
    """
    if not is_met(request, map(representation.etag, representation.codings), representation.last_modified):
        raise PreconditionFailed
    lasting = request.environ[LASTING] = ("Cache-Control", "no-store") not in representation.headers
    request.environ[MADE_OF] = representation if lasting else None
    coding = _negotiate(request.accept_encodings, representation.codings)
    held = _held(request, representation, coding)
    if held is not None:
        response: Response = NotModified(status=304)
    elif delta is not None and takes_deltas(request) and (made := delta(_tags(request))):
        response = _im_used(request, made)
    else:
        response = _ok(representation, coding)
    response.set_etag(representation.etag(held or coding))
    if representation.last_modified is not None:
        response.headers["Last-Modified"] = _http_time(representation.last_modified)
    response.headers.extend(representation.headers)
    response.headers["Vary"] = "Accept-Encoding"
    if delta is not None:
        _separate(request, response)
    return response


def _ok(document: Representation, coding: str) -> Response:
    response = Response(document.encoded(coding), content_type=document.media_type)
    if coding != _IDENTITY:
        response.headers["Content-Encoding"] = coding
    return response


def _im_used(request: Request, delta: Delta) -> Response:
    response = _ok(delta.document, _negotiate(request.accept_encodings, delta.document.codings))
    response.status_code = 226
    response.headers["IM"] = "feed"
    response.headers["Delta-Base"] = quote_etag(delta.base)
    return response


def _separate(request: Request, response: Response) -> None:
    """Keep shared caches out of exchanges that may be deltas.

    A 226 fits only who holds its base, and caches that never heard of the status may store it all the same, so it is
    `no-store` (RFC 3229 has `im` to let a cache that knows better store it; none does). Nor may a cache store a 200
    for such a client: it would ask for a newer one with its own ETag and the client's `A-IM`, and hand on a delta to
    a version that the client never had. Other clients get from caches what they always got: hence `Vary`.
    """
    response.headers["Vary"] = "Accept-Encoding, A-IM"
    if response.status_code == 226:
        response.headers["Cache-Control"] = "no-store"
    elif takes_deltas(request):
        response.cache_control.public = False
        response.cache_control.private = True


def takes_deltas(request: Request) -> bool:
    """Whether a client would rather have what is new than all of a feed."""
    accepted = parse_accept_header(request.headers.get("A-IM", ""))
    return any(value.strip().lower() == "feed" and quality > 0 for value, quality in accepted)


def _tags(request: Request) -> Collection[str]:
    """The tags a client holds, as it sent them, strong and weak alike: entries are put together, not bytes."""
    return sorted(filter(None, request.if_none_match.as_set(include_weak=True)))  # `""` comes as None


class NotModified(Response):
    """A 304 that tells Last-Modified too. Werkzeug drops it; caches that know no ETag live by it."""

    def get_wsgi_headers(self, environ: dict[str, object]) -> Headers:
        """The headers that go out."""
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


def best_coding(accept_encoding: str) -> str:
    """The coding that a client gets of what is there in all; of what is there in one, it gets that anyway."""
    return _negotiate(parse_accept_header(accept_encoding, Accept), (*_ENCODERS, _IDENTITY))


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


def is_met(request: Request, tags: Iterable[str], modified: datetime | None) -> bool:
    """Whether a client wants what there is, or says nothing of it (RFC 9110, section 13.2.2); else the answer is 412.

    `tags` are those of what there is, `modified` is when it last changed; If-Unmodified-Since means nothing without.
    """
    if "If-Match" in request.headers:
        return any(map(request.if_match.contains, tags))
    until = request.if_unmodified_since
    return until is None or modified is None or modified.replace(microsecond=0) <= until


def _from(first: str, codings: tuple[str, ...]) -> Iterator[str]:
    yield first
    yield from (coding for coding in codings if coding != first)


def _http_time(moment: datetime) -> str:
    return http_date(moment.astimezone(UTC))


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())


def is_whole(environ: dict[str, Any], body: Iterable[bytes]) -> bool:
    """Whether all of an answer is in memory; a media file is read while it is sent."""
    return LASTING in environ or isinstance(body, list | tuple)
