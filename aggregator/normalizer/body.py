"""Steps for the body: from what the file holds to safe HTML, and what is taken from it."""

import html
import re

from aggregator.normalizer.bounds import bounded
from aggregator.normalizer.draft import Draft
from aggregator.normalizer.fields import ADDRESS_KEYS, texts
from aggregator.normalizer.formats import is_html
from aggregator.normalizer.front import SUMMARY_LIMIT
from aggregator.normalizer.html import reads_as_written
from aggregator.normalizer.plain import PlainHtml
from aggregator.normalizer.rewrite import rewrite
from aggregator.normalizer.sanitize import sanitize
from aggregator.normalizer.text import beginning_of, legal, plain_text, shorten, unescape

_MORE = re.compile(r"<!--\s*more\b[^<>]{0,200}?-->|<a id=[\"']more[\"']>\s*</a>", re.IGNORECASE)
_IMAGE = re.compile(r'<img (?:[^"<>]*"[^"]*")*?[^"<>]*?\bsrc="(https?:[^"]+)"')
_ROUNDS = 4
_LARGE = 64 * 1024  # characters; to settle each detail of more takes too long
_LONGEST = 9_000_000  # bytes; readers whose parser is libxml2 refuse a whole feed for a text of more than 10,000,000


def take_body(draft: Draft) -> Draft:
    """Take the body as it is, but for the characters that no feed may carry."""
    body = draft.entry.body
    return draft.but(content=body if draft.entry.printable else legal(body))


def excerpt(draft: Draft) -> Draft:
    """Take the text before `<!-- more -->` as the summary, where no field gives one."""
    more = None if draft.summary else _MORE.search(draft.content)
    if more is None:
        return draft
    as_html = is_html(draft.content, draft.entry.path, draft.options.format)
    before = draft.content[: more.start()]
    text = plain_text(sanitize(before if as_html else _from_markdown(before)[0]))
    return draft.but(summary=shorten(text, SUMMARY_LIMIT))


def to_hypertext(draft: Draft) -> Draft:
    """Make HTML of a body in Markdown; one in HTML stays as it is."""
    if is_html(draft.content, draft.entry.path, draft.options.format):
        return draft
    content, loss = _from_markdown(draft.content)
    return _with_loss(draft.but(content=content), loss)


def _from_markdown(text: str) -> tuple[str, str]:
    from aggregator.normalizer.markdown import to_html  # its library takes 10 ms to load, and HTML does without

    return to_html(text)


def restructure(draft: Draft) -> Draft:
    """Bring the HTML to its normal structure: real images, absolute addresses, links for frames, nothing empty."""
    content, loss = bounded(draft.content)
    is_entrys = content is draft.entry.body
    rewritten = rewrite(content, draft.addresses, printable=is_entrys and draft.entry.printable)
    return _with_loss(draft.but(content=rewritten), loss)


def make_safe(draft: Draft) -> Draft:
    """Sanitize the HTML by an allow-list; where that moves anything, restructure and sanitize again."""
    content, safe = draft.content, sanitize(draft.content)
    for _ in range(1 if len(safe) > _LARGE else _ROUNDS):
        if safe == content and (isinstance(content, PlainHtml) or reads_as_written(safe)):
            break
        content = rewrite(safe, draft.addresses)
        safe = sanitize(content)
    return _readable(draft.but(content=safe))


def _readable(draft: Draft) -> Draft:
    """Leave of a text that is too long for a feed what is not."""
    if len(draft.content) * 4 <= _LONGEST or len(written := draft.content.encode()) <= _LONGEST:
        return draft
    draft = draft.but(content=sanitize(written[:_LONGEST].decode(errors="ignore")))
    return _with_loss(draft, f"as HTML it has {len(written):,} bytes; what comes behind {_LONGEST:,} was left out")


def summarize(draft: Draft) -> Draft:
    """Take the beginning of the text as the summary, where there is none yet."""
    return draft if draft.summary else draft.but(summary=beginning_of(draft.content))


def image(draft: Draft) -> Draft:
    """Take the article's image from the front matter, else the first of the body; no placeholder."""
    for _, value in draft.given.get("image", ()):
        for written in texts(value, ADDRESS_KEYS):
            if "/" in written or "." in written:
                address = draft.addresses.picture(unescape(written))
                if address and not address.startswith("data:"):
                    return draft.but(image=address)
    first = _IMAGE.search(draft.content)
    return draft.but(image=html.unescape(first[1])) if first else draft


def _with_loss(draft: Draft, loss: str) -> Draft:
    return draft.with_problem("body", f"{loss}; simplify the body if that matters") if loss else draft
