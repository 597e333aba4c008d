"""`${NAME}` in a value is taken from the environment; `$$` is a literal dollar sign."""

import re
from collections.abc import Mapping

_REFERENCE = re.compile(r"\$\$|\$\{(?P<name>[^{}]*)\}|(?P<open>\$\{)")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def expand(text: str, environ: Mapping[str, str]) -> str:
    """The text with its references replaced, each once: what a variable holds is not looked at again.

    Raises ValueError, in words that continue a sentence about the value, for a name that is not set or not a name.
    """
    return _REFERENCE.sub(lambda match: _replacement(match, environ), text)


def _replacement(match: re.Match[str], environ: Mapping[str, str]) -> str:
    if match.group() == "$$":
        return "$"
    if match["open"]:
        raise ValueError('has a "${" without its "}"; write ${NAME}, or $$ for a literal $')
    name = match["name"]
    if not _NAME.fullmatch(name):
        raise ValueError(
            "has a ${…} that is not the name of an environment variable; "
            "write ${NAME} with letters, digits and _ only, or $$ for a literal $"
        )
    if name not in environ:
        raise ValueError(
            f"needs the environment variable {name}, which is not set; set it, or write $$ for a literal $"
        )
    return environ[name]
