"""What an article is known by: its original address and its key."""

import hashlib
import re

from aggregator.normalizer.draft import Draft
from aggregator.normalizer.fields import ADDRESS_KEYS, Given, is_no, is_yes, texts
from aggregator.normalizer.text import fold, unescape

_PATTERN = re.compile(r"(?:^|[/.-]):[a-z_]+")  # Jekyll's and Hexo's `/:year/:title/`
_STYLES = frozenset({"date", "pretty", "ordinal", "weekdate", "none"})
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)
_RELATIVE = re.compile(r"[^\s]*[/.][^\s]*")
_LONGEST = 500  # characters of an identity that are kept as they are


def link(draft: Draft) -> Draft:
    """Take the address of the original page from the front matter; a relative one counts from the source's page."""
    refused = ""
    for name, written in _addresses(draft.given):
        is_relative = not _SCHEME.match(written) and not written.startswith("//")
        address = draft.addresses.web(written) if not is_relative or draft.options.link else None
        if address:
            # The key of a relative address is what was written: the site may move.
            return draft.but(link=address, key=f"link:{written if is_relative else _place(address)}")
        if not is_relative and not refused:
            refused = name
    if refused:
        message = "it holds no http(s) address, so the article has no link; give the address of the original page"
        return draft.with_problem(refused, message)
    return draft


def key(draft: Draft) -> Draft:
    """Take the explicit identity from the front matter, as it was written; else the link serves."""
    for name, value in draft.given.get("identity", ()):
        if isinstance(value, str) and (identity := fold(value)):
            if len(identity) > _LONGEST:
                identity = hashlib.sha256(identity.encode()).hexdigest()
            return draft.but(key=f"{'abbrlink' if name == 'abbrlink' else 'guid'}:{identity}")
    return draft


def _addresses(given: Given) -> list[tuple[str, str]]:
    """Return what may be a link, with its field: no patterns, no words for a style."""
    written = [
        (name, unescape(text).strip()) for name, value in given.get("link", ()) for text in texts(value, ADDRESS_KEYS)
    ]
    return [(name, text) for name, text in written if text and not _is_setting(text)]


def _is_setting(text: str) -> bool:
    if text.lower() in _STYLES or is_yes(text) or is_no(text) or _PATTERN.search(text):
        return True
    return not _SCHEME.match(text) and not _RELATIVE.fullmatch(text)


def _place(address: str) -> str:
    """Return an address without what may change while the page stays: http or https, a slash at the end."""
    return address.partition("://")[2].rstrip("/")
