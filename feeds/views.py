"""Routes: request → Representation → response.

    /                                              what is published
    /latest  /sources/<slug>  /categories/<a>/<b>…  /feeds/<slug>
                                                   a page; with .rss .atom .json a feed
    /older/<token>/latest …                        an older page of it (see paging)
    /articles/<id>                                 an article
    /healthz  /readyz                              for whoever runs the service

Pages take `?lang=` (see i18n). Parameters that mean nothing are ignored.

Routes stand at the root even where `site.url` has a path prefix: the proxy strips it. Addresses that go out are made
from `site.url`, never from the request's Host.
"""

import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Flask, Response, redirect, request
from werkzeug.exceptions import BadRequest, Gone, HTTPException, NotFound, RequestURITooLarge
from werkzeug.wrappers import Response as BaseResponse

from aggregator.config import Config
from aggregator.errors import OverloadError, StoreError
from aggregator.models import Cursor, Scope

from . import assets
from .delivery import feed_answer, place
from .http import OPEN, PREFLIGHT_HEADERS, UNTOLD_LENGTH, StartResponse, respond
from .i18n import speaks
from .limits import GUESSING, Limits, networks
from .outages import Outages
from .pages import POLICY
from .paging import OLDER, older, to_token
from .paths import MAX_TARGET, clean, split
from .publisher import Publisher
from .renames import Renames
from .representation import HTML, Representation
from .site import Site

log = logging.getLogger(__name__)

RETRY_SECONDS = 30
TOLD = {"Allow", "Retry-After"}  # of the headers of an error
GONE_SECONDS = 60  # an article may come back
MAX_SOUGHT = 60  # characters
# What a browser is told of every answer, and lets nothing of it do: to tell nobody where its readers are, to take it
# for what it says it is. Of pages, whatever opens them, and of what is not meant to be shown by itself.
_EVERYWHERE = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
PAGE_HEADERS = {
    **_EVERYWHERE,
    "Content-Security-Policy": f"{POLICY}; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "browsing-topics=(), camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
DATA_HEADERS = {**_EVERYWHERE, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
# A policy for pages keeps browsers from playing a film, or showing a document, that was opened by itself.
_SHOWN = ("image/", "audio/", "video/", "application/pdf")

_ARTICLE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def content_routes(site: Site, publisher: Publisher, moved: Renames) -> Blueprint:
    """What people and feed readers ask for. `moved` tells the scopes that have another path now."""
    routes = Blueprint("content", __name__)

    @routes.get("/")
    def index() -> Response:
        return _answer(site.index())

    @routes.get("/articles/<article_id>")
    def article(article_id: str) -> Response:
        if not _ARTICLE_ID.fullmatch(article_id):
            raise NotFound
        return _page(site, f"articles/{article_id}", site.article_page(article_id))

    @routes.get("/<path:path>")
    @routes.get(f"/{OLDER}/<token>/<path:path>")
    def scope(path: str, token: str | None = None) -> BaseResponse:
        before = None if token is None else place(token)
        name = clean(path.rstrip("/"))
        if name is None:
            raise NotFound
        name, form = split(name)
        ending = "" if form is None else f".{form.suffix}"
        # Right after an edit of the config a renamed scope is still at its old place.
        moved_to = moved.now(name)
        renamed = moved_to is not None and publisher.find(name) is None
        if renamed or not path.endswith(ending) or path.endswith("/"):
            # It has another name now, or the suffix is in capitals, or a slash is too much.
            return redirect(_address(site, (moved_to if moved_to and renamed else name) + ending, before), 301)
        if form is not None:
            return feed_answer(publisher, name, form, before)
        return _page(site, name, site.scope_page(name, before))

    @routes.get("/static/<name>")
    def static_file(name: str) -> Response:
        return _answer(assets.FILES.get(name))

    @routes.get("/favicon.ico")
    @routes.get("/favicon.svg")
    def favicon() -> Response:
        return _answer(assets.FILES[assets.ICON])

    return routes


def health_routes(site: Site, outages: Outages) -> Blueprint:
    """What a service manager or load balancer asks for."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> Response:
        return _plain(200, "ok")

    @routes.get("/readyz")
    def ready() -> Response:
        try:
            scanned = site.ready()
        except Exception as error:  # whatever a store may raise, the answer is the same
            outages.tell("the store does not answer", error, traceback=not isinstance(error, StoreError))
            return _plain(503, "not ready: the store does not answer; see the log")
        return _plain(200, "ready") if scanned else _plain(503, "not ready: the first scan is not done yet")

    return routes


def handle_errors(app: Flask, site: Site, config: Config, outages: Outages) -> None:
    """Failed requests get a page without internals; what went wrong goes to the log.

    What passes by itself (a store that is away, overload) is left to `outages`. A client that asks for much that is
    not there is no longer told what it may have meant.
    """
    limits = Limits(networks(config.server.trusted_proxies))

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> BaseResponse:
        name = (clean(request.path.strip("/")) or "") if error.code == 404 and not limits.wait(GUESSING) else ""
        page = site.pages.error(error.code or 500, _suggestions(site, name), _sought(name))
        response = _failed(error.code or 500, page)
        response.headers.extend(header for header in error.get_headers() if header[0] in TOLD)
        return response

    @app.errorhandler(OverloadError)
    @app.errorhandler(StoreError)
    def unavailable(error: StoreError | OverloadError) -> BaseResponse:
        outages.tell(f"{request.method} {request.path!r} failed", error)
        response = _failed(503, site.pages.error(503))
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response

    @app.errorhandler(Exception)
    def broken(error: Exception) -> BaseResponse:
        log.error("%s %r failed", request.method, request.path, exc_info=error)
        return _failed(500, site.pages.error(500))


def refuse_absurd_requests(app: Flask) -> None:
    """Refuse what no honest client sends here.

    An address longer than any of ours gets 414: nobody need read ten thousand parameters. A body whose length is not
    told gets 400: where its end is, is what request smuggling is about (RFC 9112, section 11.2). So does a host where
    a path should be (section 3.2.3), which Werkzeug would redirect to the host that the request names.
    """

    @app.before_request
    def refuse() -> None:
        if not request.environ.get("PATH_INFO"):
            raise BadRequest
        if len(request.environ.get("PATH_INFO", "")) + len(request.environ.get("QUERY_STRING", "")) > MAX_TARGET:
            raise RequestURITooLarge
        if UNTOLD_LENGTH in request.environ and request.routing_exception is None:
            raise BadRequest


def ignore_upgrades(app: Flask) -> None:
    """Answer who asks for another protocol in this one (RFC 9110, section 7.8); Werkzeug would refuse WebSockets."""
    inner = app.wsgi_app

    def answer(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        environ.pop("HTTP_UPGRADE", None)
        return inner(environ, start_response)

    app.wsgi_app = answer  # type: ignore[method-assign]  # Flask's own way


def finish_answers(app: Flask) -> None:
    """Headers that belong to every answer, to every page, and to every answer to a browser that asks for leave.

    Pages of other sites, such as feed readers', may see refusals and redirects too: a feed that is gone, or moved.
    """

    @app.after_request
    def finish(response: Response) -> Response:
        shown = (response.mimetype or "").startswith(_SHOWN)
        for name, value in (PAGE_HEADERS if speaks() else _EVERYWHERE if shown else DATA_HEADERS).items():
            response.headers.setdefault(name, value)
        if response.status_code >= 300 and response.status_code != 304:
            for name, value in OPEN:
                response.headers.setdefault(name, value)
        if UNTOLD_LENGTH in request.environ or request.content_length:
            response.headers["Connection"] = "close"  # nobody reads the body, so what follows is not to be believed
        if request.method == "OPTIONS":
            response.headers.extend(PREFLIGHT_HEADERS)
        return response


def _address(site: Site, path: str, before: Cursor | None) -> str:
    """Where a page or feed is, for a redirect: an older page stays one, a search keeps its words."""
    words = request.args.get("q")
    query = f"?q={quote(words, safe='')}" if words is not None and split(path)[0] == "search" else ""
    return site.urls.local(older(to_token(before), path) if before else path) + query


def _suggestions(site: Site, name: str) -> tuple[Scope, ...]:
    """What may have been meant by an address that is none; nothing while the store does not answer."""
    try:
        return site.directory().nearest(name) if name else ()
    except StoreError:
        return ()


def _sought(name: str) -> str:
    """The words in the last part of an address."""
    last = split(name)[0].rpartition("/")[2]
    return "" if _ARTICLE_ID.fullmatch(last) else " ".join(re.findall(r"[^\W_]+", last))[:MAX_SOUGHT]


def _page(site: Site, path: str, representation: Representation | None) -> Response:
    if representation is None and site.gone(path):
        raise Gone
    return _answer(representation)


def _answer(representation: Representation | None) -> Response:
    if representation is None:
        raise NotFound
    return respond(request, representation)


def _failed(status: int, page: str) -> Response:
    # A cache that may not keep a 410 would go on with the copy that it has, when it is to serve stale ones.
    kept = f"public, max-age={GONE_SECONDS}" if status == Gone.code else "no-store"
    return Response(page, status, [("Cache-Control", kept)], content_type=HTML)


def _plain(status: int, text: str) -> Response:
    return Response(f"{text}\n", status, {"Cache-Control": "no-store"}, content_type="text/plain; charset=utf-8")
