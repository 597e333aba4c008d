"""`check`: is the config right, and what does it watch?"""

from pathlib import Path
from typing import Any

import click

from .. import console
from ..config import Config, CustomFeed, check_folders
from ..errors import ConfigError, SourceError
from .base import command, load


@command
def check(file: Path) -> None:
    """Check the config and say what it watches; exit code 2 with every problem at once."""
    from ..routing import Router

    config = load(file)
    problems: tuple[object, ...] = check_folders(config)
    try:
        for folder in (router := Router(config)).folders():
            router.fits(folder, "article.md")
    except SourceError as error:  # a pattern of `include` or `exclude` that is none
        problems = (*problems, error)
    if problems:
        raise ConfigError(problems)
    click.echo(config_summary(config))


def config_summary(config: Config) -> str:
    """What a good config watches."""
    rows = [(source.title, source.path, _rule(source), _rhythm(source)) for source in config.sources]
    parts = [
        f"{config.file} is right. It publishes {config.site.url}/ from:",
        console.table(("source", "folder", "takes", "scanned"), rows),
    ]
    if config.feeds.custom:
        feeds = [(feed.title, f"/feeds/{feed.slug}", _feed_rules(feed)) for feed in config.feeds.custom]
        parts.append(console.table(("custom feed", "address", "holds"), feeds))
    return "\n\n".join(parts)


def _rule(source: Any) -> str:
    parts = [f"{name}: {' | '.join(values)}" for name, values in source.match.items()]
    parts += [f"a source per {source.split_by}"] if source.split_by else []
    return ", ".join(parts or ["all files"]) + ("" if source.enabled else " (switched off)")


def _feed_rules(feed: CustomFeed) -> str:
    rules = {
        "sources": " or ".join(feed.sources or ()),
        "categories": " or ".join("/".join(names) for names in feed.categories or ()),
        "authors": " or ".join(feed.authors or ()),
        "include": feed.include,
        "exclude": feed.exclude,
    }
    return ", ".join(f"{name}: {values}" for name, values in rules.items() if values)


def _rhythm(source: Any) -> str:
    return f"cron {source.cron}" if source.cron else f"every {source.every.total_seconds():g} s"
