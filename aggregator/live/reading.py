"""A config together with the text that it was read from."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..config import Config, parse_config, read_config


@dataclass(frozen=True, slots=True)
class Loaded:
    """A config, and what stood in its file."""

    text: str
    config: Config


def load(file: Path, environ: Mapping[str, str]) -> Loaded:
    """Read and check a config file; `environ` is what `${NAME}` is taken from. Raises ConfigError."""
    text = read_config(file)
    return Loaded(text, parse_config(text, file, environ))
