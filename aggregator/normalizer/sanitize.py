"""The last step on every body: only allowed elements, attributes and addresses are left. The only place of nh3."""

from functools import lru_cache

import nh3

from aggregator.normalizer.attributes import attribute_value
from aggregator.normalizer.bounds import MAX_TOKENS, SMALL, bounded
from aggregator.normalizer.markup import ALLOWED, ATTRIBUTES, UNREAD
from aggregator.normalizer.plain import PlainHtml
from aggregator.normalizer.text import legal

_ROUNDS = 5
_MAX_TOKENS = 4 * MAX_TOKENS  # more than a document has that was within bounds before it was rewritten

_CLEANER = nh3.Cleaner(
    tags=set(ALLOWED),
    clean_content_tags=set(UNREAD),
    attributes={element: set(names) for element, names in ATTRIBUTES.items()},
    attribute_filter=attribute_value,
    url_schemes={"http", "https", "mailto", "tel", "data"},
    url_relative="deny",
    link_rel=None,
)


def sanitize(html: str) -> str:
    """Return safe HTML that stays as it is when it is sanitized again.

    Nothing in it can run, every address is absolute and percent-encoded, every character is legal in XML.
    """
    if not (isinstance(html, PlainHtml) and html.printable):
        html = legal(html)
    if isinstance(html, PlainHtml) and _is_safe(html):
        return str(html)
    for _ in range(_ROUNDS):
        clean = _CLEANER.clean(bounded(html, _MAX_TOKENS)[0])
        if clean == html:
            break
        html = legal(clean)  # characters were taken away, or elements moved: what that made is looked at anew
    return html


@lru_cache(maxsize=4096)
def is_settled(attribute: str) -> bool:
    """Tell whether the sanitizer leaves an attribute as it is, written with its element's name in front.

    It judges each attribute by itself, so one that many elements have need not be shown to it with each.
    """
    tag = f"<{attribute}>"
    return _CLEANER.clean(tag).startswith(tag)


def _is_safe(html: PlainHtml) -> bool:
    """Tell whether the sanitizer would leave HTML as it is, by its outline, for which it takes half as long."""
    is_small = len(html) <= SMALL and bounded(html.outline, _MAX_TOKENS)[0] is html.outline
    return is_small and _CLEANER.clean(html.outline) == html.outline
