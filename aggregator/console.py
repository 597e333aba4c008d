"""How commands speak on a terminal: tables, progress, log lines."""

import logging
import sys
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

from .config import Config, CustomFeed
from .ingest import Progress, ScanReport

COLUMNS = ("new", "updated", "unchanged", "removed", "problems")
SHOWN = 20  # problems that `status` prints; the rest is in its JSON


def start_logging(level: int = logging.INFO) -> None:
    """One line an event, on standard error, in UTC."""
    formatter = logging.Formatter("%(asctime)sZ %(levelname)-7s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    # These say at every run of a job that it ran.
    for name in ("apscheduler", "watchfiles", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A progress bar on a terminal, nothing in a pipe."""
    bar = None if not sys.stderr.isatty() else click.progressbar(length=1, label=label, file=sys.stderr)

    def show(done: int, total: int) -> None:
        if bar is not None:
            bar.length = total
            bar.update(done - bar.pos)

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; Chinese characters are two columns wide. Numbers stand to the right."""
    cells = [list(header), *[[str(cell) for cell in row] for row in rows]]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    right = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    lines = ["  ".join(_padded(*cell) for cell in zip(row, widths, right, strict=True)).rstrip() for row in cells]
    return "\n".join(lines)


def counts_table(counts: Mapping[str, Mapping[str, int]]) -> str:
    """What an ingest did, a line a source."""
    return table(("source", *COLUMNS), [(slug, *(count[name] for name in COLUMNS)) for slug, count in counts.items()])


def notes(report: ScanReport) -> Iterator[str]:
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


def config_summary(config: Config) -> str:
    """What a good config watches."""
    rows = [(source.title, source.path, _rule(source), _rhythm(source)) for source in config.sources]
    parts = [
        f"{config.file} is right. It publishes {config.site.url}/ from:",
        table(("source", "folder", "takes", "scanned"), rows),
    ]
    if config.feeds.custom:
        feeds = [(feed.title, f"/feeds/{feed.slug}", _feed_rules(feed)) for feed in config.feeds.custom]
        parts.append(table(("custom feed", "address", "holds"), feeds))
    return "\n\n".join(parts)


def _rule(source: Any) -> str:
    parts = [f"{name}: {' | '.join(values)}" for name, values in source.match.items()]
    parts += [f"a source per {source.split_by}"] if source.split_by else []
    return ", ".join(parts or ["all files"]) + ("" if source.enabled else " (switched off)")


def _feed_rules(feed: CustomFeed) -> str:
    rules = {
        "sources": " or ".join(feed.sources or ()),
        "categories": " or ".join("/".join(names) for names in feed.categories or ()),
        "authors": " or ".join(feed.authors or ()),
        "include": feed.include,
        "exclude": feed.exclude,
    }
    return ", ".join(f"{name}: {values}" for name, values in rules.items() if values)


def _rhythm(source: Any) -> str:
    return f"cron {source.cron}" if source.cron else f"every {source.every.total_seconds():g} s"


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


def problems_found(number: int) -> str:
    """How many problems, in words."""
    return "1 problem found." if number == 1 else f"{number} problems found."


def _problem(item: Mapping[str, Any]) -> str:
    place = f"{item['folder']}/{item['path']}" + (f":{item['line']}" if item["line"] else "")
    field = f" {item['field']}:" if item["field"] else ""
    return f"  {place}:{field} {item['message']}"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
