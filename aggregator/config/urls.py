"""Web addresses and the store's address, checked and brought to one form."""

import ipaddress
import os
import re
from pathlib import Path
from urllib.parse import SplitResult, quote, urlsplit

_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?")
_NOT_ESCAPED_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_UNLIKE_IN_IDNA_2003 = re.compile("[ßς\u200c\u200d]")  # Python's codec would name another host
_EXAMPLE = 'such as "https://example.com/"'

_SQLITE = "sqlite:///"
_POSTGRES = "postgresql+psycopg://"
_POSTGRES_FORM = re.compile(
    re.escape(_POSTGRES) + r"(?:[^:/?#@\s]*(?::(?:[^@\s]| )*)?@)?(?:\[[0-9a-fA-F:.]+\]|[^:/?#@\s]*)(?::\d{1,5})?"
    r"/[^/?#\s]+(?:\?\S*)?"
)
_OTHER_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+\w+)?:")


def parse_link(text: str) -> str:
    """An absolute http or https URL, all ASCII: the host in its IDNA form, the rest percent-encoded.

    Raises ValueError for anything else, a user name or password included.
    """
    parts = _split(text)
    path = _encoded(parts.path, "/") or "/"
    query = f"?{_encoded(parts.query, '/?')}" if parts.query else ""
    fragment = f"#{_encoded(parts.fragment, '/?')}" if parts.fragment else ""
    return f"{parts.scheme}://{parts.netloc}{path}{query}{fragment}"


def parse_base_url(text: str) -> str:
    """The address under which this service is reached, without slash at its end; a path in front is allowed.

    Raises ValueError, also for a query or a fragment.
    """
    parts = _split(text)
    if "?" in text or "#" in text:
        raise ValueError('cannot have a "?" or "#" part; write the address of the start page alone')
    return f"{parts.scheme}://{parts.netloc}{_encoded(parts.path, '/').rstrip('/')}"


def parse_url_prefix(text: str) -> str:
    """The beginning of http or https URLs, host included, as it was written. Raises ValueError."""
    _split(text)
    return text


def parse_store(text: str, folder: Path) -> str:
    """A SQLAlchemy URL; a relative SQLite path counts from `folder`. Raises ValueError."""
    if text.startswith(_SQLITE):
        return _sqlite(text.removeprefix(_SQLITE), folder)
    if text.startswith(_POSTGRES):
        if _POSTGRES_FORM.fullmatch(text):
            return text
        raise ValueError(
            'is not a PostgreSQL address; write "postgresql+psycopg://user:password@host/database", '
            "with @ / : in the password as %40 %2F %3A"
        )
    if _OTHER_POSTGRES.match(text):
        raise ValueError('cannot be used as it is; begin a PostgreSQL address with "postgresql+psycopg://"')
    if text.startswith("sqlite:"):
        raise ValueError(
            'is not the address of a file; write three slashes and a path, as in "sqlite:///var/feeds.db"'
        )
    raise ValueError(
        'is not a store; write "sqlite:///var/aggregator.db" for a file, '
        'or "postgresql+psycopg://user:password@host/database"'
    )


def _sqlite(database: str, folder: Path) -> str:
    path, mark, query = database.partition("?")
    if not path or path.endswith("/") or path.startswith((":memory:", "file:")):
        raise ValueError(
            "does not name a file, which the watching and the serving process can share; "
            'write a path, as in "sqlite:///var/aggregator.db"'
        )
    return f"{_SQLITE}{Path(os.path.normpath(folder / path)).as_posix()}{mark}{query}"


def _split(text: str) -> SplitResult:
    """A web URL in its parts, scheme and host in lower case and ASCII."""
    if any(char.isspace() or char in '\\<>"' for char in text):
        raise ValueError(
            r'is not a web address: it holds a space or one of \ < > "; write the address as a browser shows it'
        )
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise ValueError(f"is not a web address: its host or port is wrong; write it in full, {_EXAMPLE}") from None
    if parts.scheme not in ("http", "https"):
        raise ValueError(f"is not a web address; begin it with http:// or https://, {_EXAMPLE}")
    if "@" in parts.netloc:
        raise ValueError(
            "holds a user name or password, which subscribers would see; remove what stands before the @"
        )
    host = _host(parts.hostname or "")
    return parts._replace(netloc=host if port is None else f"{host}:{port}")


def _host(host: str) -> str:
    try:
        if ":" in host:
            return f"[{ipaddress.IPv6Address(host)}]"
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:  # UnicodeError is one
        name = ""
    if _UNLIKE_IN_IDNA_2003.search(host):
        raise ValueError("has a host name with letters that are not safe to convert; write it in its xn--… form")
    if not _HOST.fullmatch(name.lower()):
        raise ValueError(f"has no host name, or a wrong one; write the address in full, {_EXAMPLE}")
    return name.lower()


def _encoded(text: str, also_safe: str) -> str:
    return quote(_NOT_ESCAPED_PERCENT.sub("%25", text), safe="%:@!$&'()*+,;=~-._" + also_safe)
