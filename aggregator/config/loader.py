"""Config file → Config, or all of its problems at once.

bytes ─ text ─ YAML nodes ─▶ Document ─ defaults into sources ─▶ pydantic ─▶ Config
                   └── syntax ──┴── values, rules ──────────────────┴──────▶ ConfigError
"""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from ..errors import ConfigError
from .document import Document, Value, read_document
from .messages import note_all
from .models import Config
from .problem import ConfigProblem
from .rules import check_rules
from .sources import SourceOptions
from .syntax import SyntaxProblem

MAX_BYTES = 16 * 1024 * 1024


def load_config(file: Path, environ: Mapping[str, str]) -> Config:
    """Read and check a config file; `environ` is what `${NAME}` is taken from.

    Raises ConfigError with every problem that was found, in the order of lines. No folder is looked at: see
    `check_folders`.
    """
    return parse_config(read_config(file), file, environ)


def parse_config(text: str, file: Path, environ: Mapping[str, str]) -> Config:
    """The same for a text that is at hand; relative paths count from the folder of `file`. Raises ConfigError."""
    try:
        document = read_document(text, file, environ)
    except SyntaxProblem as error:
        raise ConfigError((ConfigProblem(file, error.line, "", None, error.message),)) from error
    check_rules(document)
    config = _validate(document)
    if config is None or document.problems:
        by_line = sorted(document.problems, key=lambda problem: problem.line or 0)
        raise ConfigError(tuple(by_line))
    return config


def _validate(document: Document) -> Config | None:
    context = {"file": document.file, "marks": document.marks}
    try:
        return Config.model_validate(_with_defaults(document), context=context)
    except ValidationError as error:
        note_all(error, document)
        return None


def _with_defaults(document: Document) -> dict[str, Value]:
    """The values, each source with the defaults that it does not give itself; wrong defaults stay where they are."""
    defaults, sources = document.values.get("defaults"), document.values.get("sources")
    if not isinstance(defaults, dict) or not isinstance(sources, list):
        return document.values
    good = _good_defaults(defaults)
    merged = [_merged(good, source) if isinstance(source, dict) else source for source in sources]
    return {**document.values, "sources": merged}


def _good_defaults(defaults: dict[str, Value]) -> dict[str, Value]:
    try:
        SourceOptions.model_validate(defaults)
    except ValidationError as error:
        wrong = {detail["loc"][0] for detail in error.errors() if detail["loc"]}
        return {name: value for name, value in defaults.items() if name not in wrong}
    return defaults


def _merged(defaults: dict[str, Value], source: dict[str, Value]) -> dict[str, Value]:
    schedule = {"every", "cron"} if {"every", "cron"} & source.keys() else set()
    return {name: value for name, value in defaults.items() if name not in schedule} | source


def read_config(file: Path) -> str:
    """The text of a config file. Raises ConfigError."""
    try:
        with file.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise _unreadable(file, "is larger than 16 MiB; name a config file")
        return data.decode("utf-8-sig")
    except FileNotFoundError as error:
        raise _unreadable(
            file,
            "does not exist; `aggregator init DIR` writes one, or name another with --config or AGGREGATOR_CONFIG",
        ) from error
    except IsADirectoryError as error:
        raise _unreadable(file, "is a folder; name the config file in it") from error
    except PermissionError as error:
        raise _unreadable(file, "may not be read by this user; change its permissions") from error
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _unreadable(file, "is not UTF-8 text from this line on; save the file as UTF-8", line) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not one a file can have"
        raise _unreadable(file, f"cannot be read ({reason}); name another with --config") from error


def _unreadable(file: Path, message: str, line: int | None = None) -> ConfigError:
    return ConfigError((ConfigProblem(file, line, "", None, message),))
