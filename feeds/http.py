"""HTTP: validators, caching (RFC 9110, RFC 9111) and deltas (RFC 3229). The only place that knows of them.

render ─ bytes ─▶ Representation ─ respond ─▶ 200 (in the encoding the client likes best), 304, or 226 (what is new)
                                      ├─ kept by `Remembered`, which gives it again until something is published
                                      └─ known to `standby`, which gives it without asking the store
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any

from flask import Request, Response
from werkzeug.datastructures import Headers
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import http_date, parse_accept_header, quote_etag

from aggregator import metrics
from aggregator.errors import StoreError

from .representation import IDENTITY, Header, Representation, best_coding, negotiate

MAX_AGE = timedelta(minutes=5)
STALE_IF_ERROR = timedelta(days=1)  # an old feed is better than none while the service is down

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

UNTOLD_LENGTH = "HTTP_TRANSFER_ENCODING"  # in the environ of a request with a body in chunks
# Set in a request's environ: whether the answer is the same until something is published, and of what it was made.
LASTING = "feeds.lasting"
MADE_OF = "feeds.made_of"
# These tell how the service does now, so they are never answered from memory, and wait for no store that hangs.
PROBES = frozenset({"/healthz", "/readyz", "/metrics"})

REMEMBERED_BYTES = 64 * 2**20  # per process
MAX_CODINGS = 256  # spellings of Accept-Encoding that are known at once; clients send one of a dozen
MAX_HEADER = 200  # characters
MAX_CONDITION = 1000  # characters; of headers that say what a client has

_liked = lru_cache(MAX_CODINGS)(best_coding)

StartResponse = Callable[..., Any]
Wsgi = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


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
    coding = negotiate(request.accept_encodings, representation.codings)
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
    if coding != IDENTITY:
        response.headers["Content-Encoding"] = coding
    return response


def _im_used(request: Request, delta: Delta) -> Response:
    response = _ok(delta.document, negotiate(request.accept_encodings, delta.document.codings))
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


class Remembered:
    """A WSGI layer before an app, which gives what the app answered again as long as nothing was published since.

    Only what `respond` made is kept, and by all of a request that `respond` looks at: so it is byte for byte what the
    app would answer, in a tenth of the time. `revision` is asked at each request; where it fails, the app is asked.

    Requests are hostile: those with a query, a cookie or an endless header go past it, of those with a condition only
    304s are kept, and however a client writes what it accepts, there is one copy for each coding, so that nobody can
    fill it with copies. `max_bytes` bounds what is kept.

    How often an answer was given again is to be taken by `tally`: counting it at once would take longer than the
    answer. `on_first` is called when there is something to be taken for the first time.
    """

    def __init__(
        self,
        app: Wsgi,
        revision: Callable[[], int],
        max_bytes: int = REMEMBERED_BYTES,
        on_first: Callable[[], None] = lambda: None,
    ) -> None:
        self._app = app
        self._revision = revision
        self._on_first = on_first
        self._given: dict[tuple[_Asked, str], int] = {}
        self._room = max_bytes
        self._lock = Lock()
        self._answers: OrderedDict[_Asked, _Answer] = OrderedDict()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        asked = self._asked(environ)
        if asked is None:
            return self._app(environ, start_response)
        try:
            revision = self._revision()
        except StoreError:
            return self._app(environ, start_response)
        answer = self._answers.get(asked)
        if answer is None or answer.revision != revision:
            metrics.cached("answers", False)
            return self._ask(asked, revision, environ, start_response)
        given, what = self._given, (asked, answer.status)
        given[what] = given.get(what, 0) + 1
        start_response(answer.status, list(answer.headers))
        return list(answer.body)  # a list, since granian sends one at once, and streams all else

    def tally(self) -> Iterator[tuple[str, str, str, int]]:
        """Method, path, status and how often this was answered from memory, since it was last asked."""
        given, self._given = self._given, {}
        for (asked, status), times in given.items():
            yield asked[0], asked[1], status, times

    def _asked(self, environ: dict[str, Any]) -> "_Asked | None":
        """All of a request that its answer depends on; None for those that are not kept."""
        get = environ.get
        coding = get("HTTP_ACCEPT_ENCODING", "")
        if get("QUERY_STRING") or "HTTP_COOKIE" in environ or "HTTP_A_IM" in environ or UNTOLD_LENGTH in environ:
            return None
        if "HTTP_IF_MATCH" in environ or "HTTP_IF_UNMODIFIED_SINCE" in environ:
            return None
        if environ["PATH_INFO"] in PROBES:  # these must not wait for a store that hangs
            return None
        if len(coding) > MAX_HEADER:
            return None
        condition = get("HTTP_IF_NONE_MATCH"), get("HTTP_IF_MODIFIED_SINCE")
        if len(condition[0] or "") > MAX_CONDITION or len(condition[1] or "") > MAX_CONDITION:
            return None
        return environ["REQUEST_METHOD"], environ["PATH_INFO"], _liked(coding), *condition

    def _ask(
        self, asked: "_Asked", revision: int, environ: dict[str, Any], start_response: StartResponse
    ) -> Iterable[bytes]:
        told: list[tuple[str, list[Header]]] = []

        def listen(status: str, headers: list[Header], *rest: Any) -> Any:
            told.append((status, list(headers)))
            return start_response(status, headers, *rest)

        given = self._app(environ, listen)
        if environ.get(LASTING) is not True:
            return given
        try:
            body = list(given)
        finally:
            getattr(given, "close", lambda: None)()
        status, headers = told[-1]
        if not self._answers:
            self._on_first()
        if status.startswith("304") or asked[3:] == (None, None):
            self._keep(asked, _Answer(revision, status, tuple(headers), tuple(body)))
        return body

    def _keep(self, asked: "_Asked", answer: "_Answer") -> None:
        with self._lock:
            old = self._answers.pop(asked, None)
            self._room += old.cost if old else 0
            self._answers[asked] = answer
            self._room -= answer.cost
            while self._room < 0:
                self._room += self._answers.popitem(last=False)[1].cost


_Asked = tuple[str, str, str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Answer:
    """What an app answered while the store had a revision."""

    revision: int
    status: str
    headers: tuple[Header, ...]
    body: tuple[bytes, ...]

    @property
    def cost(self) -> int:
        """About what it takes in memory, in bytes."""
        return 2000 + sum(map(len, self.body))
