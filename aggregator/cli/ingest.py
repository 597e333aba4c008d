"""`ingest`: one pass over all sources."""

import json
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import console
from .base import DONE, FAILED, command, load, now, open_store, with_logging

if TYPE_CHECKING:
    from ..report import ScanReport

COLUMNS = ("new", "updated", "unchanged", "removed", "problems")


@command
@with_logging("warning")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def ingest(file: Path, as_json: bool) -> None:
    """Scan every source once and exit.

    Files that are still being written are waited for, for a few seconds at most. A folder that was there before and
    is not now is reported and no failure: crawlers delete their folders to write them anew.
    """
    from ..first import first_filling

    config = load(file)
    with first_filling(config):
        from ..once import ingest_once

        with closing(open_store(config)) as store, console.progress("Reading") as progress:
            reports = ingest_once(config, store, now, progress)
    errors = {report.folder: report.error for report in reports if report.error}
    counts: dict[str, dict[str, int]] = {}
    for report in reports:
        counts |= {slug: asdict(count) for slug, count in report.counts.items()}
    if as_json:
        click.echo(json.dumps({"sources": counts, "errors": errors}, ensure_ascii=False))
    else:
        click.echo(counts_table(counts))
        for report in reports:
            for note in notes(report):
                click.echo(note, err=True)
    sys.exit(FAILED if any(report.error and not report.vanished for report in reports) else DONE)


def counts_table(counts: Mapping[str, Mapping[str, int]]) -> str:
    """What an ingest did, a line a source."""
    rows = [(slug, *(count[name] for name in COLUMNS)) for slug, count in counts.items()]
    return console.table(("source", *COLUMNS), rows)


def notes(report: "ScanReport") -> Iterator[str]:
    """What an operator should know beside the counts of a scan."""
    if report.error:
        yield f"Error: {report.error}"
    if report.busy:
        yield f"{report.folder}: another process has been scanning it for a long time; nothing was done here"
    if report.unsettled:
        yield f"{report.folder}: {report.unsettled} files are still being written; the next run takes them"
    if report.unmatched:
        yield f"{report.folder}: {report.unmatched} files fit no source; add one for them under `sources:`"
    if any(count.problems for count in report.counts.values()):
        yield f"{report.folder}: there are problems; `aggregator status` shows them"
