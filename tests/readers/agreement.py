"""What a reader saw of an article, and what it should have seen by the store. Both in the same words."""

import html
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from aggregator.models import Filed

MEDIA_HOST = "https://media.invalid/"


@dataclass(frozen=True)
class Seen:
    """An article as a reader shows it. None stands for what the reader does not tell.

    Dates are to the second. `terms` are categories, each as its whole path, and tags.
    """

    id: str
    title: str
    link: str
    published: datetime | None
    updated: datetime | None
    authors: tuple[str, ...] | None
    terms: tuple[str, ...] | None
    image: str | None
    content: str | None = None


def moment(text: str | None) -> datetime | None:
    """A date as feeds write it (RFC 3339 or RFC 822) to the second."""
    if text is None:
        return None
    parsed = datetime.fromisoformat(text) if text[:4].isdigit() else parsedate_to_datetime(text)
    return parsed.astimezone(UTC).replace(microsecond=0)


def stored(filed: Filed, site: str) -> Seen:
    """What the store holds.

    Some things are decided in publishing: an article without author is its source's, one without a page of its own
    elsewhere links to ours, one without text shows its title, and media files beside the articles, which are at
    MEDIA_HOST in the store, are at our site.
    """
    article = filed.article
    media = f"{site}/media/"
    return Seen(
        id=f"urn:uuid:{filed.id}",
        title=article.title,
        link=article.link or f"{site}/articles/{filed.id}",
        published=filed.published.replace(microsecond=0),
        updated=filed.updated.replace(microsecond=0),
        authors=article.authors or (filed.source.title,),
        terms=tuple(dict.fromkeys(["/".join(path) for path in article.categories] + list(article.tags))),
        image=article.image and article.image.replace(MEDIA_HOST, media),
        content=article.content.replace(MEDIA_HOST, media) or f"<p>{html.escape(article.title)}</p>",
    )


def disagreements(seen: Iterable[Seen], wanted: Iterable[Seen], untold: Iterable[str]) -> list[str]:
    """Where a reader differs from the store, one line each. `untold` names the fields in which None is accepted."""
    entries = list(seen)
    found = {one.id: one for one in entries}
    right = {one.id: one for one in wanted}
    lines = [f"{one}: missing" for one in right.keys() - found.keys()]
    lines += [f"{len(entries) - len(found)} entries too many: ids stand twice"] if len(found) < len(entries) else []
    lines += [f"{one}: not in the store" for one in found.keys() - right.keys()]
    for key in found.keys() & right.keys():
        for field in fields(Seen):
            value, true = getattr(found[key], field.name), getattr(right[key], field.name)
            if value != true and not (value is None and field.name in untold):
                lines.append(f"{key} {field.name}: {_short(value)} is not {_short(true)}")
    return lines


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 200 else f"{text[:200]}… ({len(text)} characters)"
