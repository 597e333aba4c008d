"""The steps from a raw entry to an article's normal form.

Each takes a draft and returns one, and touches nothing else; its name and the first line of its docstring say what it
does. Front matter comes first, then the body, then what is taken from both.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime

from aggregator.models import Article, Entry
from aggregator.normalizer import body, dating, front, identity
from aggregator.normalizer.draft import Draft, Normalized, Options
from aggregator.normalizer.fields import is_no, is_yes

# To be raised when the same input gives another article than before.
VERSION = 1

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_CONTENT = ',"content":""'  # in a title its quotes would be escaped

Step = Callable[[Draft], Draft]

STEPS: tuple[Step, ...] = (
    front.title,
    identity.link,
    identity.key,
    front.authors,
    dating.date,
    dating.revised,
    front.categories,
    front.tags,
    front.language,
    front.summary,
    body.take_body,
    body.excerpt,
    body.to_hypertext,
    body.restructure,
    body.make_safe,
    body.summarize,
    body.image,
)


def normalize(entry: Entry, options: Options, now: datetime) -> Normalized:
    """Return the article that an entry holds, whatever the entry looks like, and what was wrong with it.

    `now` (time zone aware) caps the dates. Equal arguments give equal results.
    """
    draft = Draft(entry, options, now)
    for step in STEPS:
        draft = step(draft)
    return Normalized(_article(draft), draft.problems)


def is_draft(entry: Entry) -> bool:
    """Tell whether an entry is not to be published: `draft: true`, `published: false`, Hexo's folder `_drafts`."""
    fields = entry.fields
    return is_yes(fields.get("draft")) or is_no(fields.get("published")) or _is_among_drafts(entry.path)


def _is_among_drafts(path: str) -> bool:
    return "_drafts" in path and "_drafts" in path.split("/")[:-1]


def _article(draft: Draft) -> Article:
    assert draft.date is not None  # the step `date` always finds one
    content_hash, body_hash = _hashes(draft)
    return Article(
        title=draft.title,
        content=draft.content,
        summary=draft.summary,
        date=draft.date,
        date_kind=draft.date_kind,
        content_hash=content_hash,
        body_hash=body_hash,
        key=draft.key,
        link=draft.link,
        authors=draft.authors,
        categories=draft.categories,
        tags=draft.tags,
        image=draft.image,
        language=draft.language,
        revised=draft.revised,
    )


def _hashes(draft: Draft) -> tuple[str, str]:
    """Return a hash of what makes another article of it when it changes, and one of its content alone."""
    content = draft.content.encode()
    before, mark, behind = _JSON.encode(_what_is_read(draft)).partition(_CONTENT)
    whole = b"".join((before.encode(), mark[:-1].encode(), _in_json(content), b'"', behind.encode()))
    return hashlib.sha256(whole).hexdigest(), hashlib.sha256(content).hexdigest()


def _what_is_read(draft: Draft) -> dict[str, object]:
    """Return what makes another article of it when it changes; in a fixed order, and without the content."""
    return {
        "title": draft.title,
        "content": "",
        "summary": draft.summary if draft.summary_given else None,
        "link": draft.link,
        "authors": draft.authors,
        "image": draft.image,
        "language": draft.language,
        "tags": draft.tags,
    }


def _in_json(text: bytes) -> bytes:
    """Return a text as it stands between quotes in JSON; it is legal, so it has only these signs to escape."""
    escaped = text.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
    return escaped.replace(b"\n", b"\\n").replace(b"\t", b"\\t")
