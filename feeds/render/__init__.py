"""Renderers: pure functions Feed → bytes, without a clock. The same Feed gives the same bytes at any time."""

from collections.abc import Callable
from dataclasses import dataclass

from ..feed import Feed
from .json import render_json
from .xml import render_atom, render_rss


@dataclass(frozen=True, slots=True)
class Format:
    """A format that feeds are published in. `suffix` tells it in URLs, without the dot."""

    suffix: str
    title: str
    media_type: str
    render: Callable[[Feed], bytes]

    @property
    def link_type(self) -> str:
        """The media type without parameters, as links name it."""
        return self.media_type.partition(";")[0]


FORMATS = {
    form.suffix: form
    for form in (
        Format("rss", "RSS", "application/rss+xml; charset=utf-8", render_rss),
        Format("atom", "Atom", "application/atom+xml; charset=utf-8", render_atom),
        Format("json", "JSON Feed", "application/feed+json", render_json),
    )
}
