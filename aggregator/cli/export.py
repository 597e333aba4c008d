"""`export`: the whole site as static files."""

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import console
from .base import command, load, now, open_store, with_logging

if TYPE_CHECKING:
    from feeds.export import Report

    from ..config import Config


def _address(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    from ..config.urls import parse_base_url

    try:
        return None if value is None else parse_base_url(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} {error}", context, parameter) from error


@command
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--only", type=click.Choice(["all", "feeds"]), help="Leave the pages out; else as `publish.only` says.")
@click.option("--base-url", callback=_address, help="Where the site will be, in place of `site.url`.")
@click.option("--force", is_flag=True, help="Write into a folder that holds other files; those stay.")
@with_logging("warning")
def export(file: Path, folder: Path, only: str | None, base_url: str | None, force: bool) -> None:
    """Write the whole site, pages and feeds, as static files into DIR.

    What is there already and has not changed is not touched, so that the next export takes as long as there is news.
    What it writes is what is in the store: `aggregator ingest` files new articles first.
    """
    from feeds.export import export as write

    config = _at(load(file), base_url)
    pages = (only or config.publish.only) == "all"
    with closing(open_store(config)) as store, console.progress("Exporting") as progress:
        report = write(config, store, folder, now(), pages=pages, force=force, progress=progress)
    click.echo(summary(report, folder))
    for notice in report.notices:
        click.echo(notice, err=True)


def summary(report: "Report", folder: Path) -> str:
    """What an export did, in a line."""
    return f"{folder}: {report.written} files written, {report.removed} removed, {report.total} in all"


def _at(config: "Config", url: str | None) -> "Config":
    if url is None:
        return config
    return config.model_copy(update={"site": config.site.model_copy(update={"url": url})})
