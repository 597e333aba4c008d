"""What is wrong in a config file, as a value that reads well in one line."""

import re
from dataclasses import dataclass
from pathlib import Path

from ..printable import printable

SHOWN = 80  # characters of a value; a longer one is cut

_PASSWORD = re.compile(r":(?!//|\$\{\w*\}@)\S*@")  # but `:${NAME}@` says what to look at, and betrays nothing
_PASSWORD_PARAMETER = re.compile(r"(password=)[^&\s]*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ConfigProblem:
    """One thing to be put right. Its text: `config.yaml:12: sources[1].every: "5 minuts" is not a duration; write …`.

    `file` is the config file as it was named, `line` counts from 1 (None: the file as a whole), `key` is the path of
    the key with list items counted from 0 ("" for the file as a whole). `value` is what stands in the file, before
    `${NAME}` is replaced and without passwords; None where it would say nothing. `message` says what is wrong with
    it and what would be right.
    """

    file: Path
    line: int | None
    key: str
    value: str | None
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        key = f"{self.key}: " if self.key else ""
        value = f'"{_short(self.value)}" ' if self.value is not None else ""
        return printable(f"{place}: {key}{value}{self.message}")


def without_passwords(value: str) -> str:
    """The same text with the password of a URL or a connection parameter replaced by `***`."""
    return _PASSWORD_PARAMETER.sub(r"\1***", _PASSWORD.sub(":***@", value))


def _short(value: str) -> str:
    text = " ".join(value.split())
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
