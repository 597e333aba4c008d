"""Answers to those who poll feeds."""

from flask import Response, request
from werkzeug.exceptions import NotFound

from .http import respond
from .publisher import Publisher
from .render import Format


def feed_answer(publisher: Publisher, path: str, form: Format) -> Response:
    """The answer to a request for a scope's feed. Raises NotFound when there is no such scope."""
    representation = publisher.feed(path, form)
    if representation is None:
        raise NotFound
    return respond(request, representation)
