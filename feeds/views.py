"""Routes: request → Representation → response.

    /                                              what is published
    /latest  /sources/<slug>  /categories/<a>/<b>… a page; with .rss .atom .json a feed
    /articles/<id>                                 an article
    /healthz  /readyz                              for whoever runs the service

Routes stand at the root even where `site.url` has a path prefix: the proxy strips it. Addresses that go out are made
from `site.url`, never from the request's Host.
"""

import logging
import re

from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.wrappers import Response as BaseResponse

from aggregator.errors import StoreError

from . import assets
from .delivery import feed_answer
from .http import HTML, PAGE_HEADERS, PREFLIGHT_HEADERS, Representation, respond
from .paths import clean, split
from .publisher import Publisher
from .site import Site

log = logging.getLogger(__name__)

RETRY_SECONDS = 30

_ARTICLE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def content_routes(site: Site, publisher: Publisher) -> Blueprint:
    """What people and feed readers ask for."""
    routes = Blueprint("content", __name__)

    @routes.get("/")
    def index() -> Response:
        return _answer(site.index())

    @routes.get("/articles/<article_id>")
    def article(article_id: str) -> Response:
        return _answer(site.article_page(article_id) if _ARTICLE_ID.fullmatch(article_id) else None)

    @routes.get("/<path:path>")
    def scope(path: str) -> BaseResponse:
        name = clean(path.rstrip("/"))
        if name is None:
            raise NotFound
        name, form = split(name)
        ending = "" if form is None else f".{form.suffix}"
        if not path.endswith(ending) or path.endswith("/"):  # a suffix in capitals, or a slash too much
            return redirect(site.urls.local(name + ending), 301)
        return _answer(site.scope_page(name)) if form is None else feed_answer(publisher, name, form)

    @routes.get("/static/<name>")
    def static_file(name: str) -> Response:
        return _answer(assets.FILES.get(name))

    @routes.get("/favicon.ico")
    @routes.get("/favicon.svg")
    def favicon() -> Response:
        return _answer(assets.FILES[assets.ICON])

    return routes


def health_routes(site: Site) -> Blueprint:
    """What a service manager or load balancer asks for."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> Response:
        return _plain(200, "ok")

    @routes.get("/readyz")
    def ready() -> Response:
        try:
            scanned = site.ready()
        except Exception:  # whatever a store may raise, the answer is the same
            log.exception("the store does not answer")
            return _plain(503, "not ready: the store does not answer; see the log")
        return _plain(200, "ready") if scanned else _plain(503, "not ready: the first scan is not done yet")

    return routes


def handle_errors(app: Flask, site: Site) -> None:
    """Failed requests get a page without internals; what went wrong goes to the log."""

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> BaseResponse:
        path = clean(request.path.strip("/")) if error.code == 404 else None
        suggestions = site.directory().nearest(path) if path else ()
        response = _failed(error.code or 500, site.pages.error(error.code or 500, suggestions))
        response.headers.extend(header for header in error.get_headers() if header[0] == "Allow")
        return response

    @app.errorhandler(StoreError)
    def unavailable(error: StoreError) -> BaseResponse:
        log.error("%s %r failed: %s", request.method, request.path, error)
        response = _failed(503, site.pages.error(503))
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    @app.errorhandler(Exception)
    def broken(error: Exception) -> BaseResponse:
        log.error("%s %r failed", request.method, request.path, exc_info=error)
        return _failed(500, site.pages.error(500))

    @app.after_request
    def preflight(response: Response) -> Response:
        if request.method == "OPTIONS":
            response.headers.extend(PREFLIGHT_HEADERS)
        return response


def _answer(representation: Representation | None) -> Response:
    if representation is None:
        raise NotFound
    return respond(request, representation)


def _failed(status: int, page: str) -> Response:
    return Response(page, status, [*PAGE_HEADERS, ("Cache-Control", "no-store")], content_type=HTML)


def _plain(status: int, text: str) -> Response:
    headers = [("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff")]
    return Response(f"{text}\n", status, headers, content_type="text/plain; charset=utf-8")
