"""What `aggregator status` tells: sources, folders, problems, as plain values for JSON or a table."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from .models import ScopeKind
from .store import Store


def read_status(store: Store) -> dict[str, Any]:
    """The state of a store. Times are ISO 8601 in UTC."""
    ledger = store.ledger
    everything = store.scope("latest")
    problems = [_plain(asdict(problem)) for problem in ledger.problems()]
    return {
        "articles": everything.size if everything else 0,
        "sources": [
            {
                "slug": (slug := scope.path.removeprefix("sources/")),
                "title": scope.title,
                "articles": scope.size,
                "changed": scope.changed.isoformat(timespec="seconds"),
                "problems": sum(problem["source"] == slug for problem in problems),
                "gone": scope.gone,
            }
            for scope in store.scopes(ScopeKind.SOURCE)
        ],
        "feeds": [
            {
                "slug": scope.path.removeprefix("feeds/"),
                "title": scope.title,
                "articles": scope.size,
                "changed": scope.changed.isoformat(timespec="seconds"),
                "gone": scope.gone,
            }
            for scope in store.scopes(ScopeKind.CUSTOM)
        ],
        "folders": [_plain(asdict(folder)) for folder in ledger.folders()],
        "problems": problems,
    }


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat(timespec="seconds") if isinstance(value, datetime) else value
        for name, value in values.items()
    }
