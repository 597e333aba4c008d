"""Bounds for HTML that a parser would choke on: nesting, number of elements, formatting that never ends.

Parsers of HTML are quick on what people write and slow, or lossy, on what people make to hurt: libxml2 drops all
below 256 levels, and html5ever opens every unclosed formatting element again in each new block. Small documents
cannot grow that far and pass as they are. Others are brought, in one pass and before any tree is built, to a balanced
form: each element is closed where its parent ends, none is deeper than `MAX_DEPTH`, and at most `MAX_TOKENS` are
looked at.
"""

import re
from collections import Counter

from aggregator.normalizer.markup import ATTRIBUTES, BLOCKS, HEADINGS, PHRASES, USEFUL, VOIDS
from aggregator.normalizer.tags import START, TEXT, attributes, tokens, without_tags

MAX_DEPTH = 200
MAX_TOKENS = 20_000  # tags and texts
MAX_REFERENCES = 200_000  # `&`, `<` and `>` in the whole document
SMALL = 64 * 1024  # characters
_FEW = 120  # start tags
_REFERENCE = re.compile(r"&(?:#?[a-zA-Z0-9]{1,31};)?")

_KNOWN = USEFUL.union(*ATTRIBUTES.values())
_TABLE_PARTS = {  # element → where it may be
    "td": ("tr", "tbody", "thead", "tfoot", "table"),
    "th": ("tr", "tbody", "thead", "tfoot", "table"),
    "tr": ("tbody", "thead", "tfoot", "table"),
    "col": ("colgroup", "table"),
    **dict.fromkeys(("tbody", "thead", "tfoot", "caption", "colgroup"), ("table",)),
}
_ENDS = {  # start tag → elements that it ends, and elements behind which none is looked for
    "li": ({"li"}, {"ul", "ol", "menu"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "a": ({"a"}, set()),
    "rt": ({"rt", "rp"}, {"ruby"}),
    "rp": ({"rt", "rp"}, {"ruby"}),
    "option": ({"option"}, {"select"}),
    **dict.fromkeys(HEADINGS, (set(HEADINGS), set())),
}
_CELLS = frozenset({"table", "td", "th", "caption"})  # from within, nothing outside is ended


def bounded(html: str, max_tokens: int = MAX_TOKENS) -> tuple[str, str]:
    """Return the document within bounds, and what that cost ("" when nothing)."""
    is_small = len(html) <= SMALL and (html.count("<") <= _FEW or html.count("<") - html.count("</") <= _FEW)
    if is_small and html.count('"') % 2 == 0:  # else a quote may be open, which hides all that follows from a parser
        return html, ""
    return _Balancer(max_tokens).run(html)


class _Balancer:
    """Writes the document anew, tag by tag, each element closed where it must end."""

    def __init__(self, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        self.out: list[str] = []
        self.open: list[str] = []
        self.deep: Counter[str] = Counter()  # elements below the limit, which are not written
        self.loss = ""

    def run(self, html: str) -> tuple[str, str]:
        is_dense = sum(map(html.count, "&<>")) > MAX_REFERENCES
        begin = 0
        for count, (kind, value, written, end) in enumerate(tokens(html)):
            if count == self.max_tokens:
                self.close(0)
                rest = without_tags(html[begin:])
                self.out.append(self.thinned(rest) if is_dense else rest)
                self.loss = f"it has more than {self.max_tokens} tags and texts; the tags behind them were dropped"
                break
            if kind is TEXT:
                self.out.append(self.thinned(value) if is_dense else value)
            elif kind is START:
                self.start(value, written)
            else:
                self.end(value)
            begin = end
        self.close(0)
        return "".join(self.out), self.loss

    def thinned(self, text: str) -> str:
        """Drop the marks of a text that is made of them; a parser takes long over each."""
        if "&" in text or ">" in text:
            self.loss = f"it has more than {MAX_REFERENCES} times `&`, `<` and `>`; those in its text were dropped"
        return _REFERENCE.sub("", text).replace(">", "")

    def start(self, name: str, written: str) -> None:
        if not self.deep and not self.make_room(name):
            return
        if name in VOIDS:
            self.write(name, written)
        elif (
            self.deep or len(self.open) + self.open.count("table") >= MAX_DEPTH
        ):  # a parser adds a `tbody` to a table
            self.deep[name] += 1
            self.loss = f"elements are nested deeper than {MAX_DEPTH}; their tags were dropped, their text was kept"
        else:
            self.open.append(name)
            self.write(name, written)

    def is_full(self) -> bool:
        return len(self.open) + self.open.count("table") >= MAX_DEPTH  # a parser adds a `tbody` to a table

    def write(self, name: str, written: str) -> None:
        kept = ""
        for key, value in attributes(written).items():
            if key in _KNOWN:
                quoted = value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
                kept += f' {key}="{quoted}"' if len(quoted) - len(value) <= MAX_REFERENCES else ""
        self.out.append(f"<{name}{kept}>")

    def make_room(self, name: str) -> bool:
        """End what the start of `name` ends (HTML Living Standard, 13.1.2.4); False for a part of no table."""
        if name in _TABLE_PARTS:
            place = self.find(set(_TABLE_PARTS[name]), set())
            if place is None:
                return False
            self.close(place + 1)
        if name in _ENDS:
            ended, fences = _ENDS[name]
            self.close(self.find(ended, fences | _CELLS))
        if name in BLOCKS:
            self.close(self.find({"p"}, _CELLS))
        return True

    def end(self, name: str) -> None:
        """Close the element that an end tag belongs to; formatting never ends a block."""
        if name in self.deep:
            self.deep[name] -= 1
            if not self.deep[name]:
                del self.deep[name]
            return
        place = self.find({name}, {"table"} if name in _TABLE_PARTS else _CELLS - {name})
        if place is not None and not (name in PHRASES and not BLOCKS.isdisjoint(self.open[place:])):
            self.close(place)

    def find(self, names: set[str], fences: set[str] | frozenset[str]) -> int | None:
        """Return the place of the innermost open element of `names`, not looking beyond one of `fences`."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] in names:
                return place
            if self.open[place] in fences:
                return None
        return None

    def close(self, place: int | None) -> None:
        """Close all open elements from `place` on."""
        if place is None or place >= len(self.open):
            return
        self.out.extend(f"</{name}>" for name in reversed(self.open[place:]))
        del self.open[place:]
        self.deep.clear()
