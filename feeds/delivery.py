"""Answers to those who poll feeds."""

from collections.abc import Collection

from flask import redirect, request
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response

from aggregator.models import Cursor

from .http import Delta, respond
from .paging import PARAMETER, from_token, to_token
from .publisher import Publisher
from .render import Format


def feed_answer(publisher: Publisher, path: str, form: Format) -> Response:
    """The answer to a request for a scope's feed, or for an older page of it.

    A feed that was renamed is answered with its new address. Raises NotFound when there is no such scope or page, and
    Gone when the scope was taken away for good. Parameters that mean nothing are ignored.
    """
    before = _place(request.args.get(PARAMETER))
    if moved := publisher.moved(path, form):
        return redirect(f"{moved}?{PARAMETER}={to_token(before)}" if before else moved, 301)
    scope = publisher.find(path)
    if scope is None:
        raise Gone if publisher.gone(path) else NotFound
    if before is not None:
        return respond(request, publisher.page(scope, form, before))
    feed = publisher.feed(scope, form)

    def delta(tags: Collection[str]) -> Delta | None:
        return publisher.delta(scope, form, feed, tags)

    return respond(request, feed, delta)


def _place(token: str | None) -> Cursor | None:
    """The place that an address names, None where it names none. Raises NotFound for what is no token of ours."""
    if token is None:
        return None
    place = from_token(token)
    if place is None:
        raise NotFound
    return place
