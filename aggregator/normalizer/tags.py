"""HTML as a row of tags and texts, without a tree: linear in time, and no text is lost for a missing `>` or quote."""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from functools import cache

from aggregator.normalizer.markup import VOIDS

# A quote that is never closed ends with its tag, else the rest of the document would be lost.
_TAG = re.compile(r"""<(/?)([a-zA-Z][^\s/><]*+)((?:[^"'>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+|["'])*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]++)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|["']?+([^\s"'>]++)))?+""")
_UNQUOTED_VALUE = re.compile(r"""=\s*+[^\s"'=<>`]*$""")
_STRAY = re.compile(r"(?:<(?![a-zA-Z/!?])[^<]*+)++")
_BOGUS = re.compile(r"<(?:[!?]|/(?![a-zA-Z]))[^>]*+>")
_ANY_TAGS = re.compile(r"(?:<(?:/?[a-zA-Z]|!)[^<>]*+>\s*+)++")
_FAILURES = 16  # tags that never end, each of which costs a look at the rest of the document

# Elements that hold text, whatever it looks like (HTML Living Standard, 13.2.5.2 to 5.4), and if it is for reading.
_RAW = {
    "iframe": False,
    "noembed": False,
    "noframes": False,
    "plaintext": True,
    "script": False,
    "style": False,
    "textarea": True,
    "title": False,
    "xmp": True,
}


class Kind(Enum):
    """What a token is."""

    TEXT = "text"
    START = "start"
    END = "end"


TEXT, START, END = Kind  # to look a member up takes as long as to make a token

# A piece of HTML: its kind; the text (as HTML) or the name; attributes as they are written; its end.
Token = tuple[Kind, str, str, int]


def tokens(html: str) -> Iterator[Token]:
    """Yield the tags and texts of `html`; comments, and elements whose text is not for reading, are left out."""
    return _Tokenizer(html).run()


def first_name(html: str) -> str:
    """Return the name of the element whose start tag `html` begins with, "" when it begins with none."""
    tag = _TAG.match(html)
    return tag[2].lower() if tag and not tag[1] else ""


def attributes(written: str, limit: int = 60) -> dict[str, str]:
    """Return at most `limit` attributes of a tag by lower-case name, the first of equal names, values as HTML."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written):
        if len(found) >= limit:
            break
        found.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
    return found


def is_of_value(written: str) -> bool:
    """Tell whether a slash after these attributes belongs to the last value: `<a href=http://example.com/>`."""
    return bool(_UNQUOTED_VALUE.search(written))


def escape(text: str) -> str:
    """Return HTML text in which no `<` begins a tag."""
    return text.replace("<", "&lt;")


def without_tags(html: str) -> str:
    """Return the text of a document that has too many tags to look at each, as HTML."""
    return escape(_ANY_TAGS.sub("\n", html))


class _Tokenizer:
    def __init__(self, html: str) -> None:
        self.html = html
        self.last_end = html.rfind(">")
        self.last_comment = html.rfind("-->")
        self.failures = 0
        self.unclosed: set[str] = set()

    def run(self) -> Iterator[Token]:
        at = 0
        while (start := self.html.find("<", at)) >= 0:
            if start > at:
                yield (TEXT, self.html[at:start], "", start)
            if start > self.last_end or self.failures > _FAILURES:
                at = start
                break
            tag = _TAG.match(self.html, start)
            for token in self.tag(tag) if tag else self.no_tag(start):
                at = token[3]
                yield token
        if at < len(self.html):
            yield (TEXT, without_tags(self.html[at:]), "", len(self.html))

    def no_tag(self, start: int) -> Iterable[Token]:
        """Return what begins with a `<` that begins no tag; at least one token, whose end is behind `start`."""
        if stray := _STRAY.match(self.html, start):
            return [(TEXT, escape(stray[0]), "", stray.end())]
        if (end := self.comment(start)) is not None:
            return [(TEXT, "", "", end)]
        self.failures += 1
        return [(TEXT, "&lt;", "", start + 1)]

    def comment(self, start: int) -> int | None:
        if self.html.startswith("<!--", start) and start + 4 <= self.last_comment:
            return self.html.index("-->", start + 4) + 3
        bogus = _BOGUS.match(self.html, start)
        return bogus.end() if bogus else None

    def tag(self, tag: re.Match[str]) -> Iterable[Token]:
        slash, name, attributes = tag.groups()
        name, end = name.lower(), tag.end()
        if slash:
            return ((END, name, "", end),)
        if attributes.endswith("/") and name != "p" and not is_of_value(attributes[:-1]):
            begin = (START, name, attributes[:-1], end)
            return (begin,) if name in VOIDS else (begin, (END, name, "", end))
        return self.raw(name, tag) if name in _RAW else ((START, name, attributes, end),)

    def raw(self, name: str, tag: re.Match[str]) -> Iterator[Token]:
        """Yield an element whose content is text; its end tag is found later, where nothing is open for it."""
        start = tag.end()
        close = None if name in self.unclosed else _end_tag(name).search(self.html, start)
        if close is None and name not in {"script", "style", "plaintext"}:
            self.unclosed.add(name)
        end = close.start() if close else start if name in self.unclosed else len(self.html)
        if name == "iframe":
            yield (START, name, tag[3], end)
            yield (END, name, "", end)
        else:
            yield (TEXT, escape(self.html[start:end]) if _RAW[name] else "", "", end)


@cache
def _end_tag(name: str) -> re.Pattern[str]:
    return re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE | re.ASCII)
