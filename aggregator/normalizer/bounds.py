"""Bounds for HTML that a parser would choke on: nesting, number of elements, formatting that never ends.

Parsers of HTML are quick on what people write and slow, or lossy, on what people make to hurt: libxml2 drops all
below 256 levels, and html5ever opens every unclosed formatting element again in each new block. Small documents
cannot grow that far and pass as they are. Others are brought, in one pass and before any tree is built, to a balanced
form: each element is closed where its parent ends, none is deeper than `MAX_DEPTH`, and of the tags and texts so many
are looked at as do not take more time than `MAX_TOKENS` plain ones.
"""

import re
from collections import Counter
from collections.abc import Mapping

from aggregator.normalizer.markup import ATTRIBUTES, BLOCKS, HEADINGS, PHRASES, USEFUL, VOIDS
from aggregator.normalizer.tags import START, TEXT, attributes, tokens, without_tags

MAX_DEPTH = 200
MAX_TOKENS = 16_000  # tags and texts, some of which count as several
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
# As how many tags an element counts that leads somewhere: its address is brought to its normal form several times.
_COSTS = {"a": 2, "img": 3, "source": 3, **dict.fromkeys(("audio", "embed", "frame", "iframe", "object", "video"), 6)}
_COSTLY_LENGTH = 64  # characters of such an element's attributes that count as one tag more
_CELLS = frozenset({"table", "td", "th", "caption"})  # from within, nothing outside is ended


def bounded(html: str, max_tokens: int = 0) -> tuple[str, str]:
    """Return the document within bounds, and what that cost ("" when nothing).

    `max_tokens` is for one that was within bounds already: so many, and each counts as one.
    """
    is_small = len(html) <= SMALL and (html.count("<") <= _FEW or html.count("<") - html.count("</") <= _FEW)
    if is_small and html.count('"') % 2 == 0:  # else a quote may be open, which hides all that follows from a parser
        return html, ""
    return (_Balancer(max_tokens, {}) if max_tokens else _Balancer(MAX_TOKENS, _COSTS)).run(html)


class _Balancer:
    """Writes the document anew, tag by tag, each element closed where it must end."""

    def __init__(self, max_tokens: int, costs: Mapping[str, int]) -> None:
        self.max_tokens = max_tokens
        self.costs = costs
        self.out: list[str] = []
        self.open: list[str] = []
        self.deep: Counter[str] = Counter()  # elements below the limit, which are not written
        self.references = 0  # in values of attributes
        self.loss = ""

    def run(self, html: str) -> tuple[str, str]:
        is_dense = sum(map(html.count, "&<>")) > MAX_REFERENCES
        begin = spent = 0
        for kind, value, written, end in tokens(html):
            if spent >= self.max_tokens:
                self.close(0)
                rest = without_tags(html[begin:])
                self.out.append(self.thinned(rest) if is_dense else rest)
                self.loss = self.too_many()
                break
            spent += 1
            if kind is TEXT:
                self.out.append(self.thinned(value) if is_dense else value)
            elif kind is START:
                spent += self.cost(value, written)
                self.start(value, written)
            else:
                self.end(value)
            begin = end
        self.close(0)
        return "".join(self.out), self.loss

    def cost(self, name: str, written: str) -> int:
        """Return as how many more tags than one a start tag counts."""
        return self.costs[name] - 1 + len(written) // _COSTLY_LENGTH if name in self.costs else 0

    def too_many(self) -> str:
        counting = "(a link counts as 2, a picture as 3, a player as 6, long addresses as more)"
        what = f"tags and texts {counting}" if self.costs else "tags and texts"
        return f"it has more than {self.max_tokens} {what}; the tags behind them were dropped, their text was kept"

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
        elif self.deep or self.is_full():
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
            if key in _KNOWN and self.may_hold(value):
                quoted = value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
                kept += f' {key}="{quoted}"'
        self.out.append(f"<{name}{kept}>")

    def may_hold(self, value: str) -> bool:
        """Tell whether the values of attributes, with this one, are within bounds."""
        self.references += sum(map(value.count, '&<>"'))
        if self.references > MAX_REFERENCES:
            self.loss = (
                f"its attributes have more than {MAX_REFERENCES} times `&`, `<`, `>` and quotes; others were dropped"
            )
        return self.references <= MAX_REFERENCES

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
