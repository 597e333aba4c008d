"""Plain text: what is XML-legal, what an entity means, what is markup, where to cut."""

import html
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from aggregator.characters import is_printable
from aggregator.composition import composed
from aggregator.normalizer.markup import BLOCKS, PHRASES

# Legal in XML 1.0 (section 2.2) is more than what passes a feed validator: C1 controls, U+FFFD and noncharacters
# are named there as bad characters, so they go as well.
_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}-{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
_SPACES = re.compile("[\x0b\x0c\x85]")
_UNFIT = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffd-\uffff{_NONCHARACTERS}]")
# Zero width and direction-changing characters: unseen, they make names that look alike differ, or turn text round.
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069]")

_ENTITY = re.compile(r"&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,7}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_UNREAD = re.compile(r"<(script|style)\b[^<>]*>|<!--", re.IGNORECASE | re.ASCII)  # not `<ſcript>`
_UNREAD_ENDS = {
    "script": re.compile(r"</script\s*>", re.IGNORECASE | re.ASCII),
    "style": re.compile(r"</style\s*>", re.IGNORECASE | re.ASCII),
    "": re.compile("-->"),
}
_END_TAG = re.compile(r"</([a-zA-Z][a-zA-Z0-9]*)\s*>")
_LONE_TAG = re.compile(r"<(br|hr|wbr|img)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_REST_OF_TAG = r"""(?:[^">]++|"[^"]*+")*+>"""
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9]*" + _REST_OF_TAG)
_BLOCK_TAG = re.compile(rf"</?(?:{'|'.join(sorted(BLOCKS | {'br'}))})(?![a-zA-Z0-9])")
_SPACED_TAG = re.compile(_BLOCK_TAG.pattern + _REST_OF_TAG)

_CUT_REFERENCE = re.compile(r"&[^&;]{0,40}\Z")
# It begins with one set of characters, which is what the regular expression engine is quick to look for.
_SENTENCE_END = re.compile(r"[.。！？；!?…](?:(?<=\.)(?=\s)|(?<!\.)[。！？；!?…]*+[」』”’）)\"']*+)")
_JOINERS = frozenset("\u200d\ufe0e\ufe0f")
Made = TypeVar("Made")
OfText = Callable[[str], Made]
_REMEMBERED = 4096
FIELD_LIMIT = 20_000  # characters of one front matter text that are looked at


def remembering(limit: int) -> Callable[[OfText[Made]], OfText[Made]]:
    """Have a function remember what it made of short texts (characters), which many articles have in common."""

    def decorate(read: OfText[Made]) -> OfText[Made]:
        remembered = lru_cache(maxsize=_REMEMBERED)(read)
        return lambda text: remembered(text) if len(text) <= limit else read(text)

    return decorate


def legal(text: str) -> str:
    r"""Return `text` without the characters that no feed may carry, lines ended by `\n` alone."""
    if is_printable(text):
        return text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNFIT.sub("", _SPACES.sub(" ", text)) if _UNFIT.search(text) else text


def unescape(text: str) -> str:
    """Decode character references that end in `;`, also those that were escaped again."""
    for _ in range(3 if "&" in text else 0):
        decoded = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
        if decoded == text:
            break
        text = decoded
    return text


def fold(text: str) -> str:
    """Return `text` as one line in NFC: runs of white space are one space, nothing invisible is left."""
    seen = text if is_printable(text) else _INVISIBLE.sub("", legal(text))
    return composed(" ".join(seen.split()))


def strip_markup(text: str) -> str:
    """Take away tags of HTML elements that are closed again; `a < b`, `Vec<T>` and a lone `<b>` are text."""
    if "<" not in text:
        return text
    text = _LONE_TAG.sub(lambda match: " " if match[1].lower() in {"br", "hr"} else "", _without_unread(text))
    closed = {name.lower() for name in _END_TAG.findall(text)} & (BLOCKS | PHRASES)
    if not closed:
        return text
    names = "|".join(sorted(closed))
    pattern = rf"</?({names})(?:\s[^<>]*)?/?>"
    return re.sub(pattern, lambda match: " " if match[1].lower() in BLOCKS else "", text, flags=re.IGNORECASE)


def _without_unread(text: str) -> str:
    """Take away scripts, style sheets and comments that are closed, looking for no end where none comes any more."""
    last = {
        kind: max((end.start() for end in ends.finditer(text)), default=-1) for kind, ends in _UNREAD_ENDS.items()
    }
    parts: list[str] = []
    at = 0
    for mark in _UNREAD.finditer(text):
        kind = (mark[1] or "").lower()
        if at <= mark.start() and mark.end() <= last[kind] and (end := _UNREAD_ENDS[kind].search(text, mark.end())):
            parts.append(text[at : mark.start()])
            at = end.end()
    return "".join([*parts, text[at:]])


def readable(text: str, limit: int = 1000) -> str:
    """Return a front matter text as a person reads it: one line of at most `limit` characters, no markup."""
    return fold(unescape(strip_markup(legal(text[:FIELD_LIMIT]))))[:limit].strip()


def plain_text(html_text: str) -> str:
    """Return the text of sanitized HTML as one line; block elements are set apart by a space."""
    return fold(html.unescape(_without_tags(html_text)))


def _without_tags(html_text: str) -> str:
    return _TAG.sub("", _SPACED_TAG.sub(" ", html_text))


def beginning_of(html_text: str, limit: int = 200) -> str:
    """Return what `shorten` makes of the text of sanitized HTML; no more of it is read than must be."""
    length = 2 * limit
    while block := _BLOCK_TAG.search(html_text, length):
        text = _begun(html_text[: block.start()], limit)
        if len(text) > limit:  # what follows a block's tag follows a space, and changes nothing before it
            return shorten(text, limit)
        length = 2 * block.start() + 1
    return shorten(_begun(html_text, limit), limit)


def _begun(html_text: str, limit: int) -> str:
    """Return the plain text; of one that is much longer than `limit` only a beginning, longer than twice that."""
    escaped = _without_tags(html_text)
    text = fold(html.unescape(_CUT_REFERENCE.sub("", escaped[: 50 * limit])))
    return text if len(text) > 2 * limit or len(escaped) <= 50 * limit else fold(html.unescape(escaped))


def shorten(text: str, limit: int = 200) -> str:
    """Return a beginning of `text` of at most about `limit` characters: whole sentences, else words and `…`."""
    if len(text) <= limit:
        return text
    sentence = max((match.end() for match in _SENTENCE_END.finditer(text, limit // 2, limit)), default=0)
    if sentence:
        return text[:sentence]
    return text[: _word_end(text, limit)].rstrip(" ，、：；,;:-—") + "…"


def _word_end(text: str, limit: int) -> int:
    """Return a place at or before `limit` that is inside no word and no composed character."""
    end = limit
    while end > limit // 2 and _is_inside(text, end):
        end -= 1
    return end if end > limit // 2 else limit


def _is_inside(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after) or after in _JOINERS or before == "\u200d":
        return True
    return _is_of_word(before) and _is_of_word(after)


def _is_of_word(char: str) -> bool:
    return char.isalnum() and not "\u2e80" <= char <= "\uffdc" and ord(char) < 0x20000
