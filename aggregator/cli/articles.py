"""`articles`: look at single articles, and take one down."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from .. import console
from ..errors import AggregatorError
from .base import load, main, now, open_store, with_config

if TYPE_CHECKING:
    from ..config import Config
    from ..store import Store
    from ..store.register import Entered, Particulars

TITLE = 60  # characters of a title in a list
EXCERPT = 400  # characters of a text

_ID = re.compile(r"(?:urn:uuid:)?([0-9a-f-]+)", re.IGNORECASE)
_PERMALINK = re.compile(r"https?://[^?#]*/articles/([0-9a-f]{8}-[0-9a-f-]{27})(?:\.html)?(?:[?#].*)?", re.IGNORECASE)
_WEB = re.compile(r"https?://\S+", re.IGNORECASE)
_LEAST = 8  # characters of an id's beginning

_HOW = (
    "name an article by its id (`aggregator articles list` shows it; its first 8 characters are enough), its address "
    "on this site, or the link to its original page"
)


@main.group()
def articles() -> None:
    """List, show and hide articles.

    What is hidden leaves every feed and page at once. All this works while the service runs. An ARTICLE is named by
    its id, by 8 or more characters that its id begins with, by its address on this site, or by the link to its
    original page.
    """


@contextmanager
def _opened(file: Path) -> Iterator[tuple["Config", "Store"]]:
    config = load(file)
    with closing(open_store(config)) as store:
        yield config, store


def _since(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    """A date or time, in UTC where it says no zone, or how long ago that was."""
    from ..config.quantities import parse_duration

    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:
        pass
    try:
        return now() - parse_duration(text)
    except ValueError as error:
        raise click.BadParameter(f'"{text}" {error}; or a date, such as 2026-11-01') from error


@articles.command("list")
@with_config
@click.option("--source", metavar="SLUG", help="Only those of one source, by its slug, title or alias.")
@click.option("--since", metavar="TIME", callback=_since, help="Only those published since then: 2026-11-01, or 2d.")
@click.option("--hidden", is_flag=True, help="Only those that are hidden.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="How many at most.")
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def list_articles(
    file: Path, source: str | None, since: datetime | None, hidden: bool, limit: int, as_json: bool
) -> None:
    """List articles, the newest first by publication."""
    with _opened(file) as (config, store):
        slug = _slug(store, config, source) if source else ""
        found = store.register.newest(limit, source=slug, since=since, hidden=hidden)
    if as_json:
        click.echo(json.dumps([_data(config, item) for item in found], ensure_ascii=False, indent=2))
        return
    click.echo(_table(found) if found else "No article fits.")
    if len(found) == limit:
        click.echo(f"There may be more than these {limit}: see --limit.", err=True)


@articles.command()
@with_config
@click.argument("article")
@click.option("--json", "as_json", is_flag=True, help="Print the same as JSON.")
def show(file: Path, article: str, as_json: bool) -> None:
    """Show all about one article.

    Its state, dates, files, categories, feeds, problems and text.
    """
    with _opened(file) as (config, store):
        item = _find(store, article)
        more = store.register.particulars(item.seq)
    if as_json:
        click.echo(json.dumps(_data(config, item) | _more_data(config, more), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_text(config, item, more)))


@articles.command()
@with_config
@click.argument("article", nargs=-1, required=True)
def hide(file: Path, article: tuple[str, ...]) -> None:
    """Take articles out of every feed, page and search at once.

    Their addresses answer 410 Gone. They stay hidden whatever becomes of their files, until they are unhidden.
    """
    from ..takedown import hide as take_down

    with _opened(file) as (config, store):
        found = _find_all(store, article)
        hidden = take_down(store, config, found, now())
    for seq, item in found.items():
        _say("hidden" if seq in hidden else f"was {_of_old(item)} already", item)


@articles.command()
@with_config
@click.argument("article", nargs=-1, required=True)
def unhide(file: Path, article: tuple[str, ...]) -> None:
    """Put hidden articles back.

    They have the ids, dates and places that they had.
    """
    from ..takedown import unhide as put_back

    with _opened(file) as (config, store):
        found = _find_all(store, article)
        shown = put_back(store, config, found, now())
        after = _find_all(store, (item.id for item in found.values()))
    for seq, item in after.items():
        again = " again" if seq in shown and item.state == "published" else ""
        _say(_of_old(item) + again, item)


def _of_old(item: "Entered") -> str:
    reasons = {
        "withdrawn": "withdrawn by its source, as a draft or since its file is gone",
        "retired": "retired, since it is older than its source's `retain` keeps",
    }
    return reasons.get(item.state, str(item.state))


def _say(what: str, item: "Entered") -> None:
    click.echo(f"{item.id}  {_safe(item.title)}: {what}")


def _slug(store: "Store", config: "Config", name: str) -> str:
    """The slug of a source that has articles. Raises AggregatorError."""
    for slug in (config.source_slug(name), name):
        if slug and store.scope(f"sources/{slug}"):
            return slug
    raise AggregatorError(f'there is no article of a source "{name}"; `aggregator status` shows all sources')


def _find_all(store: "Store", wanted: Iterable[str]) -> dict[int, "Entered"]:
    """The articles by number; all of them are found before anything is done. Raises AggregatorError."""
    found = [_find(store, text) for text in wanted]
    return {item.seq: item for item in found}


def _find(store: "Store", text: str) -> "Entered":
    """The one article that is meant. Raises AggregatorError."""
    found = _candidates(store, text.strip())
    if not found:
        raise AggregatorError(f'there is no article "{text}"; {_HOW}')
    if len(found) > 1:
        lines = (f"  {item.id}  {item.source}  {_safe(item.title)}" for item in found)
        raise AggregatorError("\n".join([f'"{text}" may be any of these; give the whole id:', *lines]))
    return found[0]


def _candidates(store: "Store", text: str) -> list["Entered"]:
    if match := _PERMALINK.fullmatch(text) or _ID.fullmatch(text):
        beginning = match[1].lower()
        if len(beginning) < _LEAST:
            raise AggregatorError(f'"{text}" is too short: give at least {_LEAST} characters of the id')
        if found := store.register.by_id(beginning):
            return found
    if _WEB.fullmatch(text):
        return store.register.by_link({text, text.rstrip("/"), f"{text}/"})
    return []


def _table(found: Iterable["Entered"]) -> str:
    rows = [
        (item.id, f"{item.published:%Y-%m-%d %H:%M}", item.source, item.state, _cut(item.title)) for item in found
    ]
    return console.table(("id", "published (UTC)", "source", "state", "title"), rows)


def _text(config: "Config", item: "Entered", more: "Particulars") -> Iterator[str]:
    yield click.style(_safe(item.title), bold=True)
    facts = {
        "state": _of_old(item),
        "id": item.id,
        "page": _address(config, f"articles/{item.id}"),
        "link": item.link,
        "source": f"{item.source_title} (/sources/{item.source})",
        "published": _moment(item.published),
        "updated": _moment(item.updated),
        "arrived": _moment(item.arrived),
        "changed": _moment(item.changed),
        "known by": more.key,
        "authors": ", ".join(more.authors),
        "categories": ", ".join(map(" / ".join, more.categories)),
        "tags": ", ".join(more.tags),
    }
    yield from (f"  {name:<11} {_safe(value)}" for name, value in facts.items() if value)
    yield from _part("Files", (f"{folder}/{path} ({outcome})" for (folder, path), outcome in more.files.items()))
    yield from _part("Feeds", (_address(config, path) for path in more.feeds))
    yield from _part("Problems", map(_problem, more.problems))
    yield from _part("Text", filter(None, [_excerpt(more)]))


def _part(heading: str, lines: Iterable[str]) -> Iterator[str]:
    found = [f"  {_safe(line)}" for line in lines]
    if found:
        yield from ("", click.style(heading, bold=True), *found)


def _data(config: "Config", item: "Entered") -> dict[str, Any]:
    return {
        "id": item.id,
        "state": item.state,
        "title": item.title,
        "source": item.source,
        "source_title": item.source_title,
        "published": item.published.isoformat(),
        "updated": item.updated.isoformat(),
        "arrived": item.arrived.isoformat(),
        "changed": item.changed.isoformat(),
        "page": _address(config, f"articles/{item.id}"),
        "link": item.link,
    }


def _more_data(config: "Config", more: "Particulars") -> dict[str, Any]:
    return {
        "key": more.key,
        "authors": more.authors,
        "categories": more.categories,
        "tags": more.tags,
        "files": [
            {"folder": folder, "path": path, "outcome": outcome} for (folder, path), outcome in more.files.items()
        ],
        "feeds": [_address(config, path) for path in more.feeds],
        "problems": [
            {"folder": problem.folder, "path": problem.path, "line": problem.line, "message": problem.message}
            for problem in more.problems
        ],
        "text": _excerpt(more),
    }


def _address(config: "Config", path: str) -> str:
    return f"{config.site.url}/{quote(path)}"


def _excerpt(more: "Particulars") -> str:
    from ..explain.wording import cut
    from ..normalizer import plain_text

    return cut(" ".join(plain_text(more.content).split()), EXCERPT)


def _problem(problem: Any) -> str:
    line = f":{problem.line}" if problem.line else ""
    field = f" {problem.field}:" if problem.field else ""
    return f"{problem.folder}/{problem.path}{line}:{field} {problem.message}"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def _cut(text: str) -> str:
    from ..explain.wording import cut

    return cut(_safe(text), TITLE)


def _safe(text: str) -> str:
    from ..explain.wording import safe

    return safe(text)
