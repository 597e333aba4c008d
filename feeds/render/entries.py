"""What an article's elements hold, in RSS 2.0 and in Atom 1.0 (RFC 4287): texts of each kind, not yet escaped."""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from ..feed import Item

_IMAGE_TYPES = {
    "avif": "image/avif",
    "bmp": "image/bmp",
    "gif": "image/gif",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
# RSS readers expect an enclosure on a public host: a name with a dot.
_PUBLIC_HOST = re.compile(r"https?://([\w-]+\.)+[\w-]+(:\d+)?/", re.ASCII)
# Text about markup ("what </p> does"): validators take it for HTML that was not declared as such.
_END_TAG = re.compile(r"</\w+>")


class RssTexts(NamedTuple):
    """What an item holds, of each kind as many as there are: one, none where it may be left out, or more."""

    content: tuple[str]
    title: tuple[str]
    guid: tuple[str]
    link: tuple[str]
    description: tuple[str, ...]
    categories: tuple[str, ...]
    published: tuple[str]
    creators: tuple[str, ...]
    language: tuple[str, ...]
    enclosure: tuple[str, ...]
    enclosure_type: tuple[str, ...]
    thumbnail: tuple[str, ...]


def rss_texts(item: Item, language: str) -> RssTexts:
    """What an item holds. `language` is the article's where it is not its feed's, else ""."""
    image = _perhaps(item.image)
    enclosed = image if image and not item.image_in_content and _PUBLIC_HOST.match(image[0]) else ()
    return RssTexts(
        content=(item.content,),
        title=(item.title,),
        guid=(item.urn,),
        link=(item.url,),
        description=_perhaps(html.escape(item.summary, quote=False)),  # the element's text is HTML
        categories=tuple([term for term, _ in item.labels]),
        published=(rfc822(item.published),),
        creators=item.authors,
        language=_perhaps(language),
        enclosure=enclosed,
        enclosure_type=tuple(map(_image_type, enclosed)),
        thumbnail=image,
    )


class AtomTexts(NamedTuple):
    """What an entry holds, as `RssTexts` has it. A category has a term and a label."""

    content: tuple[str]
    language: tuple[str, ...]
    id: tuple[str]
    title: tuple[str]
    published: tuple[str]
    updated: tuple[str]
    authors: tuple[str, ...]
    summary: tuple[str, ...]
    html_summary: tuple[str, ...]
    terms: tuple[str, ...]
    labels: tuple[str, ...]
    link: tuple[str]
    enclosure: tuple[str, ...]
    enclosure_type: tuple[str, ...]
    thumbnail: tuple[str, ...]


def atom_texts(item: Item, language: str, updated: datetime) -> AtomTexts:
    """What an entry holds. `language` as in `rss_texts`; `updated` is its own time (see `distinct_stamps`)."""
    image = _perhaps(item.image)
    enclosed = () if item.image_in_content else image
    labels = item.labels
    is_html = bool(_END_TAG.search(item.summary))
    return AtomTexts(
        content=(item.content,),
        language=_perhaps(language),
        id=(item.urn,),
        title=(item.title,),
        published=(item.published.astimezone(UTC).isoformat(),),
        updated=(updated.isoformat(),),
        authors=item.authors,
        summary=() if is_html else _perhaps(item.summary),
        html_summary=(html.escape(item.summary, quote=False),) if is_html else (),
        terms=tuple([term for term, _ in labels]),
        labels=tuple([label for _, label in labels]),
        link=(item.url,),
        enclosure=enclosed,
        enclosure_type=tuple(map(_image_type, enclosed)),
        thumbnail=image,
    )


_Stamp = Callable[[datetime, str], datetime]


def distinct_stamps() -> _Stamp:
    """Times of one feed's entries, no two the same (RFC 4287 readers and validators want `updated` distinct).

    Only `updated` gets a fraction of a second; `published` is the store's to the second.
    """
    taken: set[datetime] = set()

    def stamp(moment: datetime, article_id: str) -> datetime:
        moment = _with_fraction(moment, article_id)
        while moment in taken:
            moment += timedelta(microseconds=1)
        taken.add(moment)
        return moment

    return stamp


def _with_fraction(moment: datetime, article_id: str) -> datetime:
    """The moment with a fraction of a second that belongs to the article, and so is the same in every feed.

    Articles of one day or one import share their time to the second.
    """
    return moment.astimezone(UTC).replace(microsecond=int(article_id.replace("-", ""), 16) % 1_000_000)


def rfc822(moment: datetime) -> str:
    """A time as RSS writes it (RFC 822, with four digits for the year), in UTC."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


def _perhaps(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


def _image_type(address: str) -> str:
    extension = urlsplit(address).path.rpartition(".")[2].lower()
    return _IMAGE_TYPES.get(extension, "image/jpeg")
