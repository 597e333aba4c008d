"""The store of a config that is broken: what it holds can be shown all the same."""

import re
from collections.abc import Mapping
from pathlib import Path

from ..errors import ConfigError
from .document import read_document
from .environment import expand
from .models import Config
from .syntax import SyntaxProblem
from .urls import parse_store

_LINE = re.compile(r"""^store[ \t]*:[ \t]*(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s#]+)[ \t]*(?:#.*)?$""", re.MULTILINE)
_SQLITE = "sqlite:///"


def salvage_store(file: Path, environ: Mapping[str, str]) -> str | None:
    """The store's address in a config file that may be broken; the default one if the file names none.

    None when the file names a store that cannot be made out, or a SQLite file that is not there: nothing must be made
    anew for somebody who only wants to look.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig", "replace")
    except (OSError, ValueError):
        text = ""
    try:
        address = parse_store(_named(text, file, environ), file.absolute().parent)
    except ValueError:
        return None
    path = address.removeprefix(_SQLITE).partition("?")[0]
    return address if not address.startswith(_SQLITE) or Path(path).is_file() else None


def _named(text: str, file: Path, environ: Mapping[str, str]) -> str:
    """The store as the file names it, its variables replaced. Raises ValueError when it cannot be made out."""
    try:
        document = read_document(text, file, environ)
    except (SyntaxProblem, ConfigError):
        found = _LINE.search(text)
        return expand(found["value"].strip("\"'"), environ) if found else _default()
    if ("store",) in document.unusable:
        raise ValueError("its value is one of the problems")
    value = document.values.get("store", _default())
    if not isinstance(value, str):
        raise ValueError("it is not an address")
    return value


def _default() -> str:
    return str(Config.model_fields["store"].default)
