"""The HTML that a feed may carry, and what the elements are to a parser. Tables only.

Elements are those that the W3C feed validator accepts, without forms, frames, scripts, foreign content (SVG, MathML),
what only makes sense with a style sheet (`span`, `font`), and what its parser does not know (`main`, `hgroup`).
"""

from collections.abc import Set


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


BLOCKS = _names(
    """address article aside audio blockquote body caption center col colgroup dd details dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html li main menu nav ol p pre section summary
    table tbody td tfoot th thead tr ul video"""
)
PHRASES = _names(
    """a abbr acronym b bdi big cite code del dfn em font i ins kbd mark q rp rt ruby s samp small span strike
    strong sub sup time tt u var"""
)
# Elements that hold paragraphs.
CONTAINERS = _names("article aside blockquote center dd details div figure li main section td th body")
VOIDS = _names("area base br col embed hr img input link meta param source track wbr")
HEADINGS = _names("h1 h2 h3 h4 h5 h6")
EMPTIABLE = _names("td th tr tbody thead tfoot table colgroup audio video")  # may stay without content

ALLOWED = (BLOCKS | PHRASES | {"br", "img"}) - _names("body html main hgroup form fieldset dir font span")
# Elements whose text is not for reading.
UNREAD = _names("script style template title head svg noembed noframes datalist")

# In the order in which they are written. `src` of an image comes last: the validator's search for `src=` would take
# one in a text before it for the address.
ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "*": ("dir", "lang", "style"),
    "a": ("href", "title"),
    "abbr": ("title",),
    "audio": ("src", "controls"),
    "col": ("span",),
    "colgroup": ("span",),
    "del": ("datetime",),
    "details": ("open",),
    "img": ("alt", "title", "width", "height", "referrerpolicy", "src"),
    "ins": ("datetime",),
    "li": ("value",),
    "ol": ("start", "reversed", "type"),
    "td": ("colspan", "rowspan", "align", "valign"),
    "th": ("colspan", "rowspan", "align", "valign", "scope"),
    "time": ("datetime",),
    "tr": ("align", "valign"),
    "video": ("src", "poster", "controls", "width", "height"),
}

# Where web pages keep the address of an image that their script loads later; the most trustworthy first. Weak ones
# hold other addresses on some pages, so `src` comes before them where it shows something.
LAZY = (
    "data-original",
    "data-src",
    "data-lazy-src",
    "data-actualsrc",
    "data-echo",
    "data-lazy",
    "data-original-src",
    "data-lazyload",
)
LAZY_SETS = ("data-srcset", "data-lazy-srcset")
WEAK_LAZY = ("zoomfile", "file", "data-url")
# Attributes that mean something on the way to the normal form, besides those that stay.
USEFUL = frozenset({*LAZY, *LAZY_SETS, *WEAK_LAZY, "srcset", "data-width", "data-height"}) | {
    "align",
    "alttext",
    "data",
    "encoding",
    "name",
    "value",
}

KNOWN = BLOCKS | PHRASES | VOIDS | UNREAD | _names("button canvas iframe label math noscript object picture")

# What plain HTML is made of (see plain.py).
LEAVES = frozenset({"br", "col", "embed", "hr", "img", "source", "wbr"})
_IN_LINE = PHRASES | {"br", "embed", "font", "iframe", "img", "noscript", "picture", "span", "wbr"}
_STRUCTURES = frozenset(
    {"article", "aside", "audio", "blockquote", "center", "details", "div", "figcaption", "figure", "footer"}
    | {"header", "main", "nav", "section", "summary", "video"}
)
_FLOW = _IN_LINE | _STRUCTURES | HEADINGS | {"dl", "hr", "ol", "p", "pre", "table", "ul"}
_ROWS = frozenset({"tr"})
# Element → the elements that may stand in it directly. Fewer than HTML allows, and none that a parser would move.
HOLDS: dict[str, Set[str]] = {
    **dict.fromkeys(_IN_LINE - LEAVES, _IN_LINE),
    **dict.fromkeys(HEADINGS | {"p", "pre", "dt", "caption"}, _IN_LINE),
    **dict.fromkeys(_STRUCTURES | {"body", "noscript", "li", "dd", "td", "th"}, _FLOW),
    **dict.fromkeys(("audio", "picture", "video"), _FLOW | {"source"}),
    "a": _IN_LINE - {"a"},
    "iframe": frozenset(),
    "ul": frozenset({"li"}),
    "ol": frozenset({"li"}),
    "dl": frozenset({"dt", "dd"}),
    "table": frozenset({"caption", "colgroup", "thead", "tbody", "tfoot", "tr"}),
    "colgroup": frozenset({"col"}),
    **dict.fromkeys(("thead", "tbody", "tfoot"), _ROWS),
    "tr": frozenset({"td", "th"}),
}
