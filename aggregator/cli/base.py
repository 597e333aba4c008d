"""What all commands share: the group, `--config`, exit codes, the clock."""

import functools
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import console, logs
from ..errors import AggregatorError, ConfigError
from ..garbage import collect_seldom

if TYPE_CHECKING:
    from ..config import Config
    from ..store import Store

DONE, FAILED, WRONG_USE = 0, 1, 2  # exit codes

collect_seldom()


def now() -> datetime:
    """The clock of all commands."""
    return datetime.now(UTC)


class _Group(click.Group):
    """Errors raised on purpose are printed as they are, without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ConfigError as error:
            click.echo(f"{error}\n{console.problems_found(len(error.problems))}", err=True)
            ctx.exit(WRONG_USE)
        except AggregatorError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(FAILED)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="aggregator")
def main() -> None:
    """Watch folders of article files and publish them as RSS, Atom and JSON feeds.

    \b
    Start here:
      aggregator init DIR       write a config for a folder of articles
      aggregator check          is config.yaml right? what would it publish?
      aggregator run            watch and serve: the main job
    Then open http://127.0.0.1:8000/ and subscribe. To add a source, add one item
    under `sources:` in config.yaml (docs/configuration.md tells every option).

    \b
    Exit codes: 0 done (problems in article files are reported, not failures),
    1 failed, 2 wrong use or config.
    """


def command(function: Callable[..., None]) -> click.Command:
    """A command of `main` that takes --config."""
    return main.command()(with_config(function))


def with_config(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --config, as its argument `file`."""
    return click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="AGGREGATOR_CONFIG",
        default="config.yaml",
        show_default=True,
        help="The config file; AGGREGATOR_CONFIG names it too.",
    )(function)


def with_logging(level: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command --log-format and --log-level, and let it log so; `level` is what it logs from unless told."""

    def decorate(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def logged(*args: Any, log_format: str, log_level: str, **options: Any) -> None:
            with logs.logging_as(log_format, log_level):
                function(*args, **options)

        form = click.option(
            "--log-format",
            type=click.Choice(logs.FORMATS, case_sensitive=False),
            envvar=logs.FORMAT,
            default="text",
            show_default=True,
            help=f"How events are written to standard error; {logs.FORMAT} says it too.",
        )
        least = click.option(
            "--log-level",
            type=click.Choice(logs.LEVELS, case_sensitive=False),
            envvar=logs.LEVEL,
            default=level,
            show_default=True,
            help=f"The least that is worth a line; {logs.LEVEL} says it too. At debug every request has one.",
        )
        return form(least(logged))

    return decorate


def load(file: Path) -> "Config":
    """The config. Raises ConfigError."""
    from ..config import load_config

    return load_config(file, os.environ)


def open_store(config: "Config") -> "Store":
    """The config's store, its schema brought up to date. Raises StoreError."""
    from ..store import Store

    return Store(config.store)
