"""Whole answers, given again before Flask is asked, as long as nothing was published since."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

from aggregator import metrics
from aggregator.errors import StoreError

from .http import LASTING, PROBES, UNTOLD_LENGTH, Header, StartResponse, Wsgi, best_coding

REMEMBERED_BYTES = 64 * 2**20  # per process
MAX_CODINGS = 256  # spellings of Accept-Encoding that are known at once; clients send one of a dozen
MAX_HEADER = 200  # characters
MAX_CONDITION = 1000  # characters; of headers that say what a client has

_liked = lru_cache(MAX_CODINGS)(best_coding)


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
