"""Metrics: /metrics, and the counting of requests.

Requests are counted under the routes of this site, of which there are a few dozen, and never under the paths that
clients send. At debug level the log has a line for each of them, with its path.
"""

import logging
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Flask, Response, current_app, request

from aggregator import metrics
from aggregator.config import Config
from aggregator.store import Store

from .http import Remembered
from .limits import METRICS, Limits, networks
from .render import FORMATS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

OTHER = "other"  # the route of all that is none of ours
OPENMETRICS = "application/openmetrics-text"

_OLDER = "/older/"
_SCOPES = {"sources": "/sources/<slug>", "feeds": "/feeds/<slug>", "categories": "/categories/<path>"}
_VARIABLE = re.compile(r"<(?:[^<>]*:)?(\w+)>")


class Routes:
    """Paths → the templates of their routes. `rules` are those of the app's URL map; new ones are known by it."""

    def __init__(self, rules: Iterable[str]) -> None:
        self._fixed = {rule for rule in rules if "<" not in rule} | {"/latest"}
        self._fixed |= {f"/{name}.{suffix}" for name in ("latest", "search") for suffix in FORMATS}
        self._templates = dict(_SCOPES)
        for rule in rules:
            first, _, rest = rule[1:].partition("/")
            if rest and "<" not in first and not rule.startswith(_OLDER):
                self._templates.setdefault(first, _VARIABLE.sub(r"<\1>", rule))

    def find(self, path: str) -> str:
        """The route of a path, as WSGI has it (PATH_INFO): `/sources/<slug>.atom`, "other"."""
        if path in self._fixed:
            return path
        if path.startswith(_OLDER):
            _, slash, rest = path[len(_OLDER) :].partition("/")
            return f"{_OLDER}<token>{found}" if slash and (found := self._newest(f"/{rest}")) != OTHER else OTHER
        return self._newest(path)

    def _newest(self, path: str) -> str:
        first, _, rest = path[1:].partition("/")
        if not first:
            return OTHER
        if not rest:
            fixed = f"/{first}".lower()  # a slash at the end, and a suffix in capitals, are redirected
            numbered = fixed.startswith("/sitemap-") and fixed.endswith(".xml")
            return fixed if fixed in self._fixed else "/sitemap-<number>.xml" if numbered else OTHER
        template = self._templates.get(first, OTHER)
        suffix = rest.rpartition(".")[2].lower() if first in _SCOPES else ""
        return f"{template}.{suffix}" if suffix in FORMATS else template


def metrics_routes(store: Store | None, config: Config) -> Blueprint:
    """The address that Prometheus reads."""
    routes = Blueprint("metrics", __name__)
    admit = Limits(networks(config.server.trusted_proxies)).gate(METRICS)

    @routes.get("/metrics")
    def exposition() -> Response:
        admit()
        if isinstance(app := current_app._get_current_object(), CountedFlask):  # type: ignore[attr-defined]
            app.count_remembered()
        body, media_type = metrics.exposition(store, openmetrics=_wants_openmetrics())
        headers = {"Cache-Control": "no-store", "Vary": "Accept", "X-Content-Type-Options": "nosniff"}
        return Response(body, 200, headers, content_type=media_type)

    return routes


class CountedFlask(Flask):
    """Flask whose answers are counted, whatever layers stand before the app: each costs 3 µs.

    `remember` puts `Remembered` before all of that. What it gives again is counted once a second, by a thread.
    """

    _front: Remembered | None = None

    @cached_property
    def _route(self) -> Callable[[str], str]:
        return Routes([rule.rule for rule in self.url_map.iter_rules()]).find

    def remember(self, revision: Callable[[], int]) -> None:
        """Give answers again until the store has another revision; not where the log is to tell of every request."""
        if log.isEnabledFor(logging.DEBUG):
            return
        self._front = Remembered(self._counted, revision, on_first=self._count_often)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """See PEP 3333."""
        return (self._front or self._counted)(environ, start_response)

    def _counted(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        began = time.perf_counter()
        status = 500  # of one that fails before it says anything

        def start(line: str, headers: list[tuple[str, str]], error: Any = None) -> Callable[[bytes], object]:
            nonlocal status
            status = int(line[:3])
            return start_response(line, headers, error)

        try:
            return self.wsgi_app(environ, start)
        finally:
            seconds = time.perf_counter() - began
            route, method = self._route(environ.get("PATH_INFO", "")), environ["REQUEST_METHOD"]
            metrics.answered(route, method, status, seconds)
            if log.isEnabledFor(logging.DEBUG):
                fields = {"method": method, "route": route, "status": status, "ms": round(1000 * seconds, 3)}
                log.debug("answered", extra={**fields, "path": _decoded(environ.get("PATH_INFO", ""))})

    def count_remembered(self) -> None:
        """Count what was answered from memory until now."""
        for method, path, status, times in self._front.tally() if self._front else ():
            metrics.repeated(self._route(path), method, int(status[:3]), times)

    def _count_often(self) -> None:
        """Count every second, in a thread that ends with the app."""
        app = weakref.ref(self)

        def count() -> None:
            while (found := app()) is not None:
                found.count_remembered()
                del found
                time.sleep(1)

        threading.Thread(target=count, name="request counts", daemon=True).start()


def _decoded(path: str) -> str:
    """A path as WSGI has it, in proper characters."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def _wants_openmetrics() -> bool:
    """Whether a client likes it better than the older text format."""
    liked = (value.partition(";")[0].strip() for value, quality in request.accept_mimetypes if quality > 0)
    return next((value for value in liked if value in (OPENMETRICS, "text/plain")), "") == OPENMETRICS
