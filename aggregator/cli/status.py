"""`status`: sources, articles, last runs and problems."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..console import problems_found, table
from .base import command, load, open_store

SHOWN = 20  # problems that are printed; the rest is in the JSON


@command
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
def status(file: Path, as_json: bool) -> None:
    """Show sources, articles, last runs and problems."""
    from ..status import read_status

    found = read_status(open_store(load(file)))
    click.echo(json.dumps(found, ensure_ascii=False, indent=2) if as_json else status_text(found))


def status_text(status: Mapping[str, Any]) -> str:
    """The status as tables."""
    sources = [
        (item["title"], _address("sources", item), item["articles"], item["problems"]) for item in status["sources"]
    ]
    feeds = [(item["title"], _address("feeds", item), item["articles"]) for item in status["feeds"]]
    folders = [(item["path"], item["scanned"] or "never", item["error"] or "ok") for item in status["folders"]]
    parts = [f"{status['articles']} articles"]
    if sources:
        parts.append(table(("source", "feed", "articles", "problems"), sources))
    if feeds:
        parts.append(table(("custom feed", "feed", "articles"), feeds))
    parts.append(table(("folder", "last scan", "state"), folders) if folders else "Nothing was scanned yet.")
    problems = status["problems"]
    if problems:
        lines = [_problem(item) for item in problems[:SHOWN]]
        more = [f"… and {len(problems) - SHOWN} more: see --json"] if len(problems) > SHOWN else []
        parts.append("\n".join([problems_found(len(problems)), *lines, *more]))
    return "\n\n".join(parts)


def _address(kind: str, item: Mapping[str, Any]) -> str:
    return f"/{kind}/{item['slug']}" + (" (gone)" if item["gone"] else "")


def _problem(item: Mapping[str, Any]) -> str:
    place = f"{item['folder']}/{item['path']}" + (f":{item['line']}" if item["line"] else "")
    field = f" {item['field']}:" if item["field"] else ""
    return f"  {place}:{field} {item['message']}"
