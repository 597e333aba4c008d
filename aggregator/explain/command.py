"""`aggregator explain FILE`, as text or as JSON."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ..config import Config
from ..errors import StoreError
from ..sources import MEDIA_HOST
from ..store.lookup import look_up
from .data import as_data
from .explanation import Explanation, explain
from .text import as_text


def explain_text(config: Config, file: Path, now: datetime) -> str:
    """What becomes of a file, to be read; see `explanation.explain` for what is raised.

    It has terminal styles in it, which click.echo takes out where the output is no terminal.
    """
    return _published(as_text(explained(config, file, now)), config)


def explain_json(config: Config, file: Path, now: datetime) -> str:
    """The same as JSON."""
    text = json.dumps(as_data(explained(config, file, now)), ensure_ascii=False, indent=2)
    text = text.encode("utf-8", "backslashreplace").decode()  # file names that are not UTF-8, as JSON escapes
    return _published(text, config)


def explained(config: Config, file: Path, now: datetime) -> Explanation:
    """What becomes of a file, with what the config's store knows; one that cannot be read is no obstacle."""
    try:
        with look_up(config.store) as lookup:
            return explain(config, file, now, lookup)
    except StoreError as error:
        found = explain(config, file, now, None)
        stands = found.standing and replace(found.standing, state=f"{error}; if it is a new article, it gets this id")
        return replace(found, standing=stands)


def _published(text: str, config: Config) -> str:
    """A text in which files beside the article have the addresses under which they are published."""
    return text.replace(MEDIA_HOST, f"{config.site.url}/media/")
