"""`status`: how the service does: sources, folders, and what is wrong in which file."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..console import problems_found, table
from ..errors import ConfigError
from ..printable import printable
from .base import WRONG_USE, command, load, now

if TYPE_CHECKING:
    from ..config import Config
    from ..status import FolderStatus, LastRun, SourceStatus, Status
    from ..store import ProblemGroup

SHOWN = 20  # groups of problems that are printed; the rest is in the JSON
NAMED = 3  # files of each
OVERDUE = timedelta(minutes=1)


@command
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON; /status.json is the same.")
def status(file: Path, as_json: bool) -> None:
    """Show how the service does: sources, scans, problems.

    When the config is broken just now, its problems are printed on standard error, and what the store knows is shown
    all the same; the exit code is 2 then.
    """
    from ..config import salvage_store

    try:
        config = load(file)
    except ConfigError as error:
        url = salvage_store(file, os.environ)
        if url is None:
            raise
        click.echo(f"{error}\n{problems_found(len(error.problems))}", err=True)
        _print(None, url, as_json)
        sys.exit(WRONG_USE)
    _print(config, config.store, as_json)


def _print(config: "Config | None", url: str, as_json: bool) -> None:
    from .. import status
    from ..store import Store

    with closing(Store(url)) as store:
        found = status.read_status(store, config, now())
    text = json.dumps(status.as_json(found), ensure_ascii=False, indent=2) if as_json else status_text(found)
    click.echo(text)


def status_text(status: "Status") -> str:
    """The status as tables."""
    parts = [*_notices(status), _totals(status), *_tables(status)]
    if status.problems:
        parts.append("\n".join(_problems(status)))
    return printable("\n\n".join(parts), keep="\n")


def _notices(status: "Status") -> Iterator[str]:
    for place in dict.fromkeys(notice.place for notice in status.notices):
        found = [notice for notice in status.notices if notice.place == place]
        since = min(notice.since for notice in found)
        yield "\n".join([f"! {place}, {_ago(since, status.time)}:", *(f"  {notice.message}" for notice in found)])


def _totals(status: "Status") -> str:
    totals = status.totals
    parts = [_number(totals.articles, "article"), f"{totals.new} new in 24 h", _number(totals.sources, "source")]
    parts += [problems_found(totals.problems)[:-1]] if totals.problems else ["no problems"]
    return ", ".join(parts) + ("" if status.ready else "; the first scan is not done yet")


def _number(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _tables(status: "Status") -> Iterator[str]:
    time = status.time
    if status.sources:
        header = ("source", "state", "articles", "new", "problems", "last article", "last scan", "did", "next scan")
        yield table(header, [_source(source, time) for source in status.sources])
    if status.feeds:
        rows = [(feed.title, _address("feeds", feed.slug, gone=feed.gone), feed.articles) for feed in status.feeds]
        yield table(("custom feed", "feed", "articles"), rows)
    if status.folders:
        columns = ("folder", "state", "last scan", "took", "next scan", "error")
        yield table(columns, [_folder(folder, time) for folder in status.folders])
    else:
        yield "Nothing was scanned yet."


def _source(source: "SourceStatus", time: datetime) -> tuple[object, ...]:
    run = source.last_run
    return (
        source.title,
        "split by " + source.split_by if source.split_by and source.state == "ok" else source.state,
        source.articles,
        source.new,
        source.problems,
        _ago(source.last_article, time),
        _ago(run.started if run else None, time),
        _did(run),
        _coming(source.next_run, time),
    )


def _folder(folder: "FolderStatus", time: datetime) -> tuple[object, ...]:
    run = folder.last_run
    return (
        folder.path,
        folder.state,
        _ago(run.started if run else None, time),
        f"{run.seconds:.1f} s" if run else "-",
        _coming(folder.next_run, time),
        folder.error,
    )


def _did(run: "LastRun | None") -> str:
    if run is None:
        return "-"
    done = [f"{number} {name}" for name in ("new", "updated", "removed") if (number := getattr(run, name))]
    return "failed" if run.error else ", ".join(done) or "nothing new"


def _problems(status: "Status") -> Iterator[str]:
    yield problems_found(status.totals.problems)
    for group in status.problems[:SHOWN]:
        yield from _group(group)
    if (more := status.totals.problem_groups - SHOWN) > 0:
        yield f"  … and {more} more kinds of problem: see --json"


def _group(group: "ProblemGroup") -> Iterator[str]:
    field = f"{group.field}: " if group.field else ""
    yield f"  {group.count} × {group.source or 'no source'}: {field}{group.message}"
    for example in group.examples[:NAMED]:
        line = f":{example.line}" if example.line else ""
        yield f"      {example.folder}/{example.path}{line}"
    if (more := group.count - NAMED) > 0:
        yield f"      … and {more} more"


def _address(kind: str, slug: str, *, gone: bool) -> str:
    return f"/{kind}/{slug}" + (" (gone)" if gone else "")


def _ago(moment: datetime | None, time: datetime) -> str:
    return "-" if moment is None else f"{_age(moment, time)} ago"


def _coming(moment: datetime | None, time: datetime) -> str:
    if moment is None:
        return "-"
    if moment > time:
        return f"in {_age(moment, time)}"
    return "now" if time - moment < OVERDUE else f"overdue {_age(moment, time)}"


def _age(moment: datetime, time: datetime) -> str:
    from ..status import age

    number, unit = age(time - moment)
    return f"{number} {unit}"
