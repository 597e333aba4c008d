"""`explain FILE` and `init DIR`: for whoever adds a source."""

import os
from pathlib import Path

import click

from .base import command, load, main, now


@command
@click.argument("article", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def explain(file: Path, article: Path, as_json: bool) -> None:
    """Show what becomes of one article file, and why.

    Which source takes it, and what each step changes.
    """
    from ..explain import explain_json, explain_text

    text = (explain_json if as_json else explain_text)(load(file), article, now())
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
    from ..starter import ask_on_terminal, take_guesses, write_starter

    click.echo(write_starter(folders, file, take_guesses if yes else ask_on_terminal, force=force))
