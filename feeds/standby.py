"""What a process knows to be true, answered without asking the store: whether that is there or not.

    before a request   the representation that its path had at the store's present revision ─▶ 200 / 304
                       the same at the last revision that was heard of, where the store does not answer: with an Age
    after it           what the answer was made of, known from now on

So an outage is nothing special: what was true last is answered as ever (RFC 9111, section 4.2.4; RFC 5861, section 4)
with the time for which nobody could tell whether it still is (RFC 9111, section 5.1), and for no longer than other
caches may do so by our Cache-Control.

Nothing of an older revision is given then. It may hold an article that was hidden since; and processes that gave each
what they have would take articles back and bring them again.
"""

from weakref import WeakValueDictionary

from flask import Flask, Request, Response, request

from aggregator.errors import StoreError
from aggregator.store import Pulse

from .http import LASTING, MADE_OF, PROBES, STALE_IF_ERROR, respond, takes_deltas
from .i18n import PARAMETER, language, preferred, speaks
from .representation import Representation

HELD = 30  # seconds for which caches that know of no Age, such as nginx, may hold what may be true no more
_REVISION = "feeds.revision"  # in a request's environ: what the store had before the answer was made

_Kept = WeakValueDictionary[tuple[str, str], Representation]  # by path, and language if it has one


class Standby:
    """Representations by path, since the store had its present revision, as long as a cache keeps them anyway."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._true: tuple[int, _Kept] = -1, WeakValueDictionary()

    def serve(self, app: Flask) -> None:
        """Stand before an app's views, so that none waits for a store in vain."""

        @app.before_request
        def look() -> Response | None:
            if request.path in PROBES:
                return None
            try:
                revision = request.environ[_REVISION] = self._pulse()
            except StoreError:
                return self._stale(*self._pulse.last())
            return None if takes_deltas(request) else self._answer(revision)

        @app.after_request
        def keep(response: Response) -> Response:
            made, revision = request.environ.get(MADE_OF), request.environ.get(_REVISION)
            if made is not None and revision is not None and _is_plain(request):
                self._keep(revision, made)
            return response

    def _stale(self, revision: int, seconds: float) -> Response | None:
        response = self._answer(revision) if seconds <= STALE_IF_ERROR.total_seconds() else None
        if response is not None:
            response.headers["Age"] = str(int(seconds))
            response.cache_control.max_age = min(response.cache_control.max_age or 0, HELD)
            request.environ[LASTING] = False  # nobody here is to keep it
        return response

    def _answer(self, revision: int) -> Response | None:
        known, kept = self._true
        if revision != known or not _is_plain(request):
            return None
        found = kept.get((request.path, "")) or self._page(kept)
        return None if found is None else respond(request, found, (lambda _: None) if found.version else None)

    def _page(self, kept: _Kept) -> Representation | None:
        found = kept.get((request.path, preferred().locale))
        if found is not None:
            language()  # which says that the answer is in one
        return found

    def _keep(self, revision: int, made: Representation) -> None:
        if revision != self._true[0]:
            self._true = revision, WeakValueDictionary()
        known, kept = self._true
        if revision == known:
            kept[request.path, language().locale if speaks() else ""] = made


def _is_plain(asked: Request) -> bool:
    """Whether its path, and the language of whoever asks, say all of what a request is for."""
    return asked.method in ("GET", "HEAD") and asked.routing_exception is None and set(asked.args) <= {PARAMETER}
