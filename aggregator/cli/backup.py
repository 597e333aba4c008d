"""`backup`, `restore`: a store as one file, and back."""

from contextlib import closing
from pathlib import Path

import click

from .. import console
from .base import command, load, now, open_store

STORE_FILE = click.Path(dir_okay=False, path_type=Path)


@command
@click.argument("target", metavar="FILE", type=STORE_FILE)
@click.option("--force", is_flag=True, help="Replace a file that is there.")
def backup(file: Path, target: Path, force: bool) -> None:
    """Write all that the store holds into one FILE.

    The service may go on meanwhile. The file is a SQLite store, whatever kind the config's store is of, and gets its
    name when it is whole. What search keeps is left out, since it is made anew.
    """
    with closing(open_store(load(file))) as store, console.progress("Writing") as progress:
        copied = store.back_up(target, progress, force=force)
    click.echo(f"{target}: {articles_in_words(copied.articles)}, {_size(copied.size)}")


@command
@click.argument("source", metavar="FILE", type=STORE_FILE)
@click.option("--force", is_flag=True, help="Replace what the store holds.")
def restore(file: Path, source: Path, force: bool) -> None:
    """Bring the store to what a backup FILE holds.

    The backup may be of an older version. The service may go on: it publishes the old content until the new is there,
    and scans wait meanwhile. All ids stay as they are in the backup. What was filed after it is gone, but for
    articles whose files are still there.
    """
    from ..catalog import sync
    from ..live import sweep

    sweep()
    config = load(file)
    with closing(open_store(config)) as store:
        with console.progress("Restoring") as progress:
            copied = store.restore(source, {item.path for item in config.sources}, now(), progress, force=force)
        sync(store, config, now)
        store.search.catch_up()
    click.echo(f"restored {articles_in_words(copied.articles)} from {source}")


def articles_in_words(number: int) -> str:
    """So many articles."""
    return f"{number:,} {'article' if number == 1 else 'articles'}"


def _size(size: int) -> str:
    """Bytes in a unit that fits."""
    for power, unit in ((3, "GB"), (2, "MB"), (1, "kB")):
        if size >= 1000**power:
            return f"{size / 1000**power:.1f} {unit}"
    return f"{size} bytes"
