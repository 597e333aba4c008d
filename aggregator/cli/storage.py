"""`store copy`: from SQLite to PostgreSQL and back."""

import os
from contextlib import closing
from pathlib import Path

import click

from .. import console
from ..errors import AggregatorError
from .backup import articles_in_words
from .base import load, main, now, with_config

CONFIG = "config"  # stands for the config's store


@main.group()
def store() -> None:
    """Move a store to another place."""


@store.command()
@with_config
@click.argument("source", metavar="FROM")
@click.argument("target", metavar="TO")
@click.option("--force", is_flag=True, help="Replace what the store TO holds.")
def copy(file: Path, source: str, target: str, force: bool) -> None:
    """Copy all that one store holds into another.

    Every id is kept, and the two are compared at the end.

    FROM and TO are addresses of stores, or the word `config` for the store of the config file:

    \b
      aggregator store copy config 'postgresql+psycopg://feeds:${DB_PASSWORD}@db/feeds'
      aggregator store copy sqlite:///var/aggregator.db sqlite:////mnt/copy.db

    ${DB_PASSWORD} is taken from the environment; the quotes keep the password out of the list of processes. Services
    may go on with FROM; what they write from now on is not copied.
    """
    from ..store import Store, store_exists

    origin, place = _address("FROM", source, file), _address("TO", target, file)
    if origin == place:
        raise AggregatorError("FROM and TO are the same store; name another one to copy to")
    if not store_exists(origin):
        raise AggregatorError("FROM: there is no store at this address")
    with closing(Store(origin)) as from_store, closing(Store(place)) as to_store:
        with console.progress("Copying") as progress:
            copied = to_store.take_over(from_store, now(), progress, force=force)
        to_store.search.catch_up()
    click.echo(f"copied {articles_in_words(copied.articles)}; the copy was compared with the original")


def _address(name: str, text: str, file: Path) -> str:
    """The SQLAlchemy URL that is meant. Raises AggregatorError, without the address: it may hold a password."""
    from ..config.environment import expand
    from ..config.urls import parse_store

    if text == CONFIG:
        return load(file).store
    try:
        return parse_store(expand(text, os.environ), Path.cwd())
    except ValueError as error:
        raise AggregatorError(f"{name} {error}") from error
