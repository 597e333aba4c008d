"""An explanation as data for programs. Times are ISO 8601 in UTC."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..models import Article
from ..sources.walk import clean_path
from .explanation import Explanation
from .standing import Standing


def as_data(found: Explanation) -> dict[str, Any]:
    """The same as the text says, as values of JSON."""
    return {
        "file": clean_path(str(found.file)),
        "outcome": found.outcome,
        "verdict": found.verdict,
        "folder": found.folder,
        "path": found.path,
        "read": asdict(found.intake) if found.intake else None,
        "source": {"slug": found.owner.slug, "title": found.owner.title} if found.owner else None,
        "sources": [asdict(one) for one in found.sources],
        "steps": [asdict(effect) for effect in found.effects],
        "article": _article(found.article) if found.article else None,
        "page": found.page or None,
        "store": _standing(found.standing) if found.standing else None,
        "feeds": [asdict(feed) for feed in found.feeds],
        "problems": [asdict(problem) for problem in found.problems],
    }


def _article(article: Article) -> dict[str, Any]:
    values = {name: _plain(value) for name, value in article._asdict().items() if name != "content"}
    return values | {"content_characters": len(article.content)}


def _plain(value: Any) -> Any:
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value


def _standing(standing: Standing) -> dict[str, Any]:
    return {"id": standing.id, "key": standing.key, "filed": standing.filed, "state": standing.state}
