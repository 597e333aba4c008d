"""Addresses: what this service publishes under, and safe ASCII forms of addresses that come from articles."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from aggregator.sources import KEY_LENGTH, MEDIA_HOST

# RFC 3986: reserved and unreserved characters, without the brackets that only an IPv6 host may hold.
_SAFE = "/?:@!$&'()*+,;=-._~%"
# What most addresses look like, which are in order as they are: told in a tenth of the time.
_PART = r"(?:[\w/:@!$&'()*+,;=.~-]++|%[0-9A-Fa-f]{2})"
_IN_ORDER = re.compile(
    rf"https?://[a-z0-9._-]++(?::[1-9][0-9]{{0,3}})?/{_PART}*+(?:\?{_PART}++)?(?:#{_PART}++)?", re.ASCII
)
_MEDIA = re.compile(re.escape(MEDIA_HOST) + f"(?=[0-9a-f]{{{KEY_LENGTH}}}/)")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Urls:
    """The addresses of one site. `base` is `site.url`: absolute, no slash at its end, perhaps with a path prefix.

    Routes stay at the root: with a prefix, the proxy in front strips it before the request comes here. Nothing is
    ever taken from the request's Host.
    """

    base: str

    def page(self, path: str) -> str:
        """The address of a scope's page from its path (decoded, no slash in front)."""
        return f"{self.base}/{quote(path)}"

    def article(self, article_id: str) -> str:
        """The permalink of an article."""
        return f"{self.base}/articles/{article_id}"

    def local(self, path: str) -> str:
        """The same place for a page of this site: without scheme and host, so that every host name it is seen
        under serves its own links and styles."""
        return f"{urlsplit(self.base).path}/{quote(path)}"


def absolute_media(text: str, base: str) -> str:
    """An article's text or address in which its media files are at `base`, the site's address without a slash."""
    return _MEDIA.sub(lambda _: f"{base}/media/", text) if MEDIA_HOST in text else text


def to_uri(address: str | None) -> str | None:
    """An absolute http(s) address in ASCII (RFC 3986); None when it is none.

    International host names are encoded (IDNA), other characters percent-encoded, user names dropped.
    """
    if not address:
        return None
    return address if _IN_ORDER.fullmatch(address) else _put_in_order(address)


def _put_in_order(address: str) -> str | None:
    try:
        parts = urlsplit(address.strip())
        host = _host(parts.hostname or "")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host:
        return None
    path, query, fragment = (_escape(part) for part in (parts.path, parts.query, parts.fragment))
    return f"{parts.scheme}://{host}{port}{path or '/'}{query and '?' + query}{fragment and '#' + fragment}"


def _host(name: str) -> str:
    if ":" in name:
        return f"[{name}]"
    ascii_name = name if name.isascii() else name.encode("idna").decode("ascii")
    return quote(ascii_name, safe="%")


def _escape(part: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=_SAFE)
