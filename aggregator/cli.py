"""The commands. This is where everything is put together: config, store, watcher, web server, clock.

Heavy libraries are imported by the commands that need them, so that `--help` and `check` answer at once.
"""

import json
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from . import console
from .config import Config, check_folders, load_config
from .errors import AggregatorError, ConfigError, SourceError

if TYPE_CHECKING:
    from .store import Store

log = logging.getLogger(__name__)

DONE, FAILED, WRONG_USE = 0, 1, 2  # exit codes


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
      aggregator check          is config.yaml right? what does it watch?
      aggregator run            watch and serve: the main job
    Then open http://127.0.0.1:8000/ and subscribe. To add a source, add one item
    under `sources:` in config.yaml (docs/configuration.md tells every option).

    \b
    Exit codes: 0 done (problems in article files are reported, not failures),
    1 failed, 2 wrong use or config.
    """


def _command(function: Callable[..., None]) -> click.Command:
    """A command that takes --config."""
    option = click.option(
        "--config",
        "file",
        type=click.Path(path_type=Path, dir_okay=False),
        envvar="AGGREGATOR_CONFIG",
        default="config.yaml",
        show_default=True,
        help="The config file; AGGREGATOR_CONFIG names it too.",
    )
    return main.command()(option(function))


def _load(file: Path) -> Config:
    return load_config(file, os.environ)


def _open(config: Config) -> "Store":
    from .store import Store

    return Store(config.store)


@_command
def run(file: Path) -> None:
    """Watch and serve: the main job. Ctrl-C or SIGTERM stops it cleanly."""
    from feeds.server import serve as serve_feeds

    from .watcher import Watcher

    config = _load(file)
    console.start_logging()
    watcher = Watcher(config, _open(config), now)
    log.info("publishing %s: open %s/ (Ctrl-C stops)", config.site.title, config.site.url)
    watcher.start()
    try:
        serve_feeds(config)
    finally:
        watcher.stop()
        log.info("stopped")


@_command
def watch(file: Path) -> None:
    """Watch the folders and file articles, without a web server. `serve` may run elsewhere on the same store."""
    from .watcher import Watcher

    config = _load(file)
    console.start_logging()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    watcher = Watcher(config, _open(config), now)
    watcher.start()
    log.info("watching the folders of %s", config.file)
    stop.wait()
    watcher.stop()
    log.info("stopped")


@_command
def serve(file: Path) -> None:
    """Publish what is in the store, without watching. `watch` may run elsewhere on the same store."""
    from feeds.server import serve as serve_feeds

    config = _load(file)
    console.start_logging()
    _open(config).close()  # bring the schema up to date before the workers start
    log.info("publishing %s: open %s/ (Ctrl-C stops)", config.site.title, config.site.url)
    serve_feeds(config)
    log.info("stopped")


@_command
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def ingest(file: Path, as_json: bool) -> None:
    """Scan every source once and exit.

    Files that are still being written are waited for, for a few seconds at most. A folder that was there before and
    is not now is reported and no failure: crawlers delete their folders to write them anew.
    """
    from .once import ingest_once

    config = _load(file)
    console.start_logging(logging.WARNING)
    with console.progress("Reading") as progress:
        reports = ingest_once(config, _open(config), now, progress)
    errors = {report.folder: report.error for report in reports if report.error}
    counts: dict[str, dict[str, int]] = {}
    for report in reports:
        counts |= {slug: asdict(count) for slug, count in report.counts.items()}
    if as_json:
        click.echo(json.dumps({"sources": counts, "errors": errors}, ensure_ascii=False))
    else:
        click.echo(console.counts_table(counts))
        for report in reports:
            for note in console.notes(report):
                click.echo(note, err=True)
    sys.exit(FAILED if any(report.error and not report.vanished for report in reports) else DONE)


@_command
def check(file: Path) -> None:
    """Check the config and say what it watches; exit code 2 with every problem at once."""
    from .routing import Router

    config = _load(file)
    problems: tuple[object, ...] = check_folders(config)
    try:
        for folder in (router := Router(config)).folders():
            router.fits(folder, "article.md")
    except SourceError as error:  # a pattern of `include` or `exclude` that is none
        problems = (*problems, error)
    if problems:
        raise ConfigError(problems)
    click.echo(console.config_summary(config))


@_command
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
def status(file: Path, as_json: bool) -> None:
    """Show sources, articles, last runs and problems."""
    from .status import read_status

    found = read_status(_open(_load(file)))
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else console.status_text(found))


@_command
@click.argument("article", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def explain(file: Path, article: Path, as_json: bool) -> None:
    """Show what becomes of one article file: which source takes it and why, and what each step changes."""
    from .explain import explain_json, explain_text

    text = (explain_json if as_json else explain_text)(_load(file), article, now())
    click.echo(text, color=False if os.environ.get("NO_COLOR") else None)


@main.command()
@click.argument(
    "folders",
    metavar="DIR...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--output",
    "--config",
    "file",
    type=click.Path(dir_okay=False, path_type=Path),
    envvar="AGGREGATOR_CONFIG",
    default="config.yaml",
    show_default=True,
    help="The config file to write.",
)
@click.option("--force", is_flag=True, help="Replace a config file that is there.")
@click.option("--yes", "-y", is_flag=True, help="Take the guesses, ask nothing.")
def init(folders: tuple[Path, ...], file: Path, force: bool, yes: bool) -> None:
    """Look at folders of articles and write a starter config for them."""
    from .starter import ask_on_terminal, take_guesses, write_starter

    click.echo(write_starter(folders, file, take_guesses if yes else ask_on_terminal, force=force))
