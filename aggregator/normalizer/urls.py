"""Web addresses: absolute, ASCII, safe schemes only; dead proxies and placeholder images told apart. RFC 3986."""

import fnmatch
import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

# Prefixes of image proxies that are gone; the real address is what follows.
IMAGE_PROXIES = ("https://cors.zfour.workers.dev/?",)
# Pictures that are no picture of the article, and pictures that only count readers.
_BLANK = re.compile(
    r"""https?://(?:
        picsum\.photos/[^?]*\?(?:.*&)?random=
        | (?:via\.placeholder\.com|placehold\.(?:it|co)|dummyimage\.com)/
        | (?:[^/]*\.)?(?:doubleclick\.net|google-analytics\.com|scorecardresearch\.com|feedsportal\.com|cnzz\.com
            |mmstat\.com|hm\.baidu\.com|pixel\.wp\.com|stats\.wordpress\.com)/
        | feeds\.feedburner\.com/~(?:r|ff)/
        | www\.facebook\.com/tr\?
        | medium\.com/_/stat\?
        | [^?#]*/(?:blank|clear|empty|gr[ae]y|loading|lazy-?load(?:ing)?|lazy|none|pixel|placeholder|spacer
            |transparent|1x1)\.(?:gif|png|svg)(?:[?#]|$)
    )""",
    re.IGNORECASE | re.VERBOSE,
)

# What all of them have that have no picture's name, so that few addresses need a closer look.
_BLANK_HOSTS = (
    *("picsum.photos", "via.placeholder.com", "placehold.it", "placehold.co", "dummyimage.com", "doubleclick.net"),
    *("google-analytics.com", "scorecardresearch.com", "feedsportal.com", "cnzz.com", "mmstat.com", "hm.baidu.com"),
    *("pixel.wp.com", "stats.wordpress.com", "feeds.feedburner.com", "www.facebook.com", "medium.com"),
)

_LIMIT = 8192  # characters; a longer address is refused
_LONGEST_PAGE = 1000  # characters of an article's own address that links within it may each repeat
# An address that is in its normal form already; one with more signs has a host that needs no second look.
_PLAIN = re.compile(
    r"https?://(?:[a-z0-9][a-z0-9.-]*+(?:/[A-Za-z0-9/._~-]*+)?+"
    r"|[a-z0-9][a-z0-9.-]*+(?<![.-])/[A-Za-z0-9/._~:@!$&()*+,;=-]*+(?:\?[A-Za-z0-9/._~:@!$&()*+,;=?-]++)?+(?<!=))"
)
_SHORT = 200  # characters of an address that is looked at several times on its way, and remembered meanwhile
_SPACES = re.compile(r"[\t\n\r]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_WEB = re.compile(r"(https?):[/\\]*", re.IGNORECASE)
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\[[0-9a-f:.]+\]")
_ENCODED_START = re.compile(r"(?:https?:)?%2F%2F|https?%3A", re.IGNORECASE)
_START = re.compile(r"https?:|//", re.IGNORECASE)
_SAFE = "/%:@!$&()*+,;=~?"
_PICTURE = re.compile(
    r"data:image/(?:png|jpe?g|gif|webp|avif);base64,[A-Za-z0-9+/]{300,}={0,2}", re.IGNORECASE | re.ASCII
)


def absolute(written: str, bases: tuple[str, ...] = (), schemes: tuple[str, ...] = ("http", "https")) -> str | None:
    """Return the address as an absolute, percent-encoded ASCII URI, or None.

    A relative address is resolved against the first of `bases`; None without one, with another scheme than one of
    `schemes`, and where there is no usable host.
    """
    if _is_plain(written) if len(written) <= _SHORT else len(written) <= _LIMIT and _PLAIN.fullmatch(written):
        return written
    written = _SPACES.sub("", written).strip("\x00\x0b\x0c \u3000\xa0")
    if not written or len(written) > _LIMIT:
        return None
    try:
        return _absolute(written, bases, schemes)
    except ValueError:  # from urllib: brackets or a port that are none
        return None


@lru_cache(maxsize=500)
def _is_plain(written: str) -> bool:
    return _PLAIN.fullmatch(written) is not None


def _absolute(written: str, bases: tuple[str, ...], schemes: tuple[str, ...]) -> str | None:
    scheme = _SCHEME.match(written)
    if written.startswith(("//", "\\\\")):
        written = "https:" + written
    elif scheme and scheme[1].lower() not in {"http", "https"}:
        return _other(scheme[1].lower(), written[scheme.end() :]) if scheme[1].lower() in schemes else None
    elif not scheme:
        if not bases:
            return None
        written = urljoin(bases[0], written.replace("\\", "/"))
    return _web(_WEB.sub(lambda match: match[1].lower() + "://", written, count=1))


def _other(scheme: str, rest: str) -> str | None:
    """Return a `mailto:` or `tel:` address."""
    return f"{scheme}:{_encode(rest)}" if rest.strip() else None


def _web(address: str) -> str | None:
    """Return an http(s) address in its normal form; a user name and password in it are left out."""
    head, mark, query = address.partition("?")
    parts = urlsplit(head.replace("\\", "/") + mark + query)
    host = _host(parts.netloc.rpartition("@")[2], parts.port)
    if not host:
        return None
    return _closed(urlunsplit((parts.scheme, host, *(_encode(part) for part in parts[2:]))))


def _host(netloc: str, port: int | None) -> str | None:
    """Return host and port in ASCII; an international name in Punycode (RFC 3492)."""
    name = netloc.removesuffix(f":{port}").removesuffix(":").lower() if not netloc.endswith("]") else netloc.lower()
    name = unquote(name)
    if not name.isascii():
        name = name.encode("idna").decode("ascii") if len(name) < 254 else ""
    return (f"{name}:{port}" if port is not None else name) if _HOST.fullmatch(name) else None


def _encode(part: str) -> str:
    """Percent-encode what a URI may not hold; what is encoded already stays."""
    return quote(_BAD_PERCENT.sub("%25", part), safe=_SAFE, errors="replace")


def _closed(address: str) -> str:
    """Return an address that a regular expression for tags cannot take for an attribute.

    The feed validator looks for `src=` with one, and would read on behind an address that ends so.
    """
    return address + "#" if address.lower().endswith(("src=", "href=")) else address


def biggest(srcset: str) -> str:
    """Return the address with the highest width or density of a `srcset` value, "" when there is none."""
    candidates = [part.split() for part in re.split(r",\s+|,(?=https?:|//)", srcset[:_LIMIT]) if part.split()]
    return max(candidates, key=_width, default=[""])[0].rstrip(",")


def _width(candidate: list[str]) -> float:
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,3})?)[wx],?", candidate[1]) if len(candidate) > 1 else None
    return float(match[1]) if match else 1.0


# A relative reference in an article → the absolute address of what it names, None where it names nothing.
LookUp = Callable[[str], str | None]


class Addresses(NamedTuple):
    """How the addresses of one article are read.

    `bases` are what relative ones are resolved against (the first is used), `page` is the article's own address,
    `proxies` (prefixes) and `placeholders` (globs over the whole address) are added to the built-in ones. `beside`
    gives the address of a file that a relative reference names, None where it names none.
    """

    bases: tuple[str, ...] = ()
    page: str = ""
    proxies: tuple[str, ...] = ()
    placeholders: tuple[str, ...] = ()
    beside: LookUp | None = None

    def web(self, written: str) -> str | None:
        """Return the http(s) address behind `written`, without proxies, or None."""
        return self._resolve(written, ("http", "https"))

    def media(self, written: str) -> str | None:
        """Return the address of a file beside the article, else the http(s) address behind `written`, or None."""
        return self._near(written) or self.web(written)

    def link(self, written: str) -> str | None:
        """Return the target of a link: http(s), `mailto:` or `tel:`, or None."""
        if written.lstrip().startswith("#"):
            return absolute(written, (self.page,)) if 0 < len(self.page) <= _LONGEST_PAGE else None
        return self._near(written) or self._resolve(written, ("http", "https", "mailto", "tel"))

    def picture(self, written: str) -> str | None:
        """Return the address of an image that shows something: http(s) or real image data, or None."""
        if written[:5].lower() == "data:":
            return data_picture(written)
        address = self.media(written)
        if address is None or _is_blank(address):
            return None
        return None if self.placeholders and _globs(self.placeholders).fullmatch(address) else address

    def _near(self, written: str) -> str | None:
        """Return the address of a file beside the article, None where `written` names none, as few do."""
        if self.beside is None or written.startswith(("https://", "http://")):
            return None
        return self.beside(written)

    def _resolve(self, written: str, schemes: tuple[str, ...]) -> str | None:
        address = absolute(written, self.bases, schemes)
        while address and (target := self._behind_proxy(address)):
            address = absolute(target)
        return address

    def _behind_proxy(self, address: str) -> str | None:
        prefixes = _prefixes(self.proxies)
        if not address.startswith(prefixes):
            return None
        return _target(address[len(next(filter(address.startswith, prefixes))) :])


def _is_blank(address: str) -> bool:
    """Tell whether an address in its normal form is one of no picture."""
    lower = address.lower()
    may_be = ".gif" in lower or ".png" in lower or ".svg" in lower or lower.split("/", 3)[2].endswith(_BLANK_HOSTS)
    return may_be and _BLANK.match(address) is not None


@lru_cache(maxsize=64)
def _prefixes(proxies: tuple[str, ...]) -> tuple[str, ...]:
    """Return the prefixes of all proxies, the built-in ones first, with either scheme."""
    bare = [proxy.partition("://")[2] or proxy for proxy in (*IMAGE_PROXIES, *proxies)]
    return tuple(scheme + prefix for prefix in bare for scheme in ("https://", "http://"))


def _target(rest: str) -> str | None:
    """Return the address that follows a proxy's prefix, as it is or percent-encoded."""
    if _ENCODED_START.match(rest):
        rest = unquote(rest.partition("&")[0])
    return rest if _START.match(rest) else None


def data_picture(written: str) -> str | None:
    """Return image data as a `data:` URI when it is big enough to show something (RFC 2397), else None."""
    data = "".join(written.split())
    return data if _PICTURE.fullmatch(data) else None


@lru_cache(maxsize=64)
def _globs(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(fnmatch.translate(glob) for glob in globs), re.IGNORECASE)
