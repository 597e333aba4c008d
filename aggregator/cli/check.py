"""`check`: is the config right, and what would it publish?"""

import json
from pathlib import Path

import click

from .. import console
from ..errors import ConfigError
from .base import DONE, WRONG_USE, command, load, now


@command
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def check(file: Path, as_json: bool) -> None:
    """Check the config, and say what it would publish.

    \b
    Every problem is told at once, with its line and what to do; the exit code is then 2.
    Notes are worth knowing, but nothing is wrong with the config. Nothing is written: the
    folders are looked at, but the store is not.

    \b
    Examples:
      aggregator check
      aggregator check --config /etc/aggregator/config.yaml
      aggregator check --json | jq '.sources[] | {title, files}'
    """
    from ..check import check_config, problems_json, report_json, report_text

    try:
        config = load(file)
    except ConfigError as error:
        if not as_json:
            raise
        click.echo(json.dumps(problems_json(error.problems), ensure_ascii=False, indent=2))
        raise click.exceptions.Exit(WRONG_USE) from error
    with console.progress("Looking at the folders") as progress:
        report = check_config(config, now(), progress)
    if as_json:
        click.echo(json.dumps(report_json(report), ensure_ascii=False, indent=2))
        raise click.exceptions.Exit(WRONG_USE if report.problems else DONE)
    click.echo(report_text(report))
    if report.problems:
        click.echo()
        raise ConfigError(report.problems)
