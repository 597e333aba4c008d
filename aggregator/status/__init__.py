"""The state of the whole service, as `aggregator status`, `/status` and `/status.json` tell it.

    config, store ─ read_status ─▶ Status ─ as_json ─▶ what programs read

The keys of the JSON are the names of the values (see values). Times are ISO 8601 in UTC, lengths of time are seconds;
what is not known, or does not apply, is null.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from importlib.metadata import version
from typing import Any

from ..config import Config
from ..models import ScopeKind
from ..store import READING, Notice, Past, Store, Volume, answering, within
from .books import Books, watching
from .disk import room
from .hindrance import Hindrances, describe, hindrances
from .values import TROUBLE, FeedStatus, FolderStatus, LastRun, SourceStatus, State, Status, Totals

__all__ = [
    "TROUBLE",
    "FeedStatus",
    "FolderStatus",
    "Hindrances",
    "LastRun",
    "SourceStatus",
    "State",
    "Status",
    "Totals",
    "age",
    "as_json",
    "describe",
    "read_status",
]


def read_status(store: Store, config: Config | None, now: datetime, *, public: bool = False) -> Status:
    """The status of a store, whose config is None where it cannot be read. Raises StoreError.

    `public`: anybody may read it, so of folders outside of the config's only the last name is told.
    """
    with answering(), within(READING):
        return _read(store, config, now, public=public)


def _read(store: Store, config: Config | None, now: datetime, *, public: bool) -> Status:
    watched = [name for name, sources in watching(config).items() if sources] if config else None
    past = store.history.read(now, watched)
    books = Books(config, past, {folder.path: folder for folder in store.ledger.folders()}, now, public=public)
    sources = tuple(books.sources(store.scopes(ScopeKind.SOURCE)))
    everything = store.scope("latest")
    articles = everything.size if everything else 0
    return Status(
        time=now,
        version=version("aggregator"),
        config=config.file.name if config else "",
        ready=store.ready(),
        notices=(*store.ledger.notices(), *_of_store(config, now)),
        articles=articles,
        totals=_totals(articles, sources, past),
        sources=sources,
        feeds=tuple(books.feed(scope) for scope in store.scopes(ScopeKind.CUSTOM)),
        folders=tuple(books.folders()),
        problems=tuple(books.problems()),
        days=tuple(now.date() - timedelta(days=ago) for ago in reversed(range(len(Volume().days)))),
        trend=past.trend,
    )


def as_json(status: Status) -> dict[str, Any]:
    """The status as what JSON has: texts, numbers, lists, tables."""
    found: dict[str, Any] = _plain(asdict(status))
    return found


def age(length: timedelta) -> tuple[int, str]:
    """A length of time in its largest unit: (4, "min"). Units are s, min, h and d."""
    seconds = abs(length.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return int(seconds // size), unit
    return int(seconds), "s"


def _of_store(config: Config | None, now: datetime) -> Iterable[Notice]:
    """What the store cannot hold: why it cannot be written."""
    return [*room(config.store, now), *hindrances(config.store)] if config else []


def _totals(articles: int, sources: Iterable[SourceStatus], past: Past) -> Totals:
    shown = [source for source in sources if not source.split_by]
    counts = Counter(source.state for source in shown)
    return Totals(
        articles=articles,
        new=sum(volume.new for volume in past.volumes.values()),
        sources=sum(source.state is not State.GONE for source in shown),
        problems=sum(group.count for group in past.problem_groups),
        problem_groups=len(past.problem_groups),
        states={state: counts[state] for state in State},
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return round(value, 3) if isinstance(value, float) else value
