"""Answers to those who poll feeds."""

from collections.abc import Collection

from flask import request
from werkzeug.exceptions import Gone, NotFound
from werkzeug.wrappers import Response

from aggregator.models import Cursor

from .http import Delta, respond
from .paging import from_token
from .publisher import Publisher
from .render import Format


def feed_answer(publisher: Publisher, path: str, form: Format, before: Cursor | None = None) -> Response:
    """The answer to a request for a scope's feed, or for the older page of it that begins at a place.

    Raises NotFound when there is no such scope, and Gone when it was taken away for good.
    """
    scope = publisher.find(path)
    if scope is None:
        raise Gone if publisher.gone(path) else NotFound
    if before is not None:
        return respond(request, publisher.page(scope, form, before))
    feed = publisher.feed(scope, form)

    def delta(tags: Collection[str]) -> Delta | None:
        return publisher.delta(scope, form, feed, tags)

    return respond(request, feed, delta)


def place(token: str) -> Cursor:
    """The place that an older page's address names. Raises NotFound for what is no token of ours."""
    before = from_token(token)
    if before is None:
        raise NotFound
    return before
