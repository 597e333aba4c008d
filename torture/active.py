"""An opinion of its own on what is harmless HTML: an HTML5 parser and lists that share nothing with the sanitizer."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

ELEMENTS = frozenset(
    """a abbr acronym address article aside audio b bdi big blockquote br caption center cite code col colgroup dd del
    details dfn div dl dt em figcaption figure footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li mark menu nav ol p
    pre q rp rt ruby s samp section small strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul
    var video wbr""".split()
)
ATTRIBUTES = frozenset(
    """align alt colspan controls datetime dir height href lang open poster referrerpolicy reversed rowspan scope span
    src start style title type valign value width""".split()
)
_AFTER = "the-end-of-the-article"
# No blank, quote, bracket or backslash in it, no user name before the host.
_WEB = re.compile(r"""https?://[^\s"'<>`\\@/?#]+([/?#][^\s"<>`\\]*)?""")
_ADDRESSES = {
    ("a", "href"): (_WEB, re.compile(r"""(mailto|tel):[^\s"<>`\\]*""")),
    ("img", "src"): (_WEB, re.compile(r"data:image/(png|gif|jpeg|webp|avif|bmp|x-icon);base64,[A-Za-z0-9+/=]+")),
    ("video", "src"): (_WEB,),
    ("audio", "src"): (_WEB,),
    ("video", "poster"): (_WEB,),
}
_NAMED_ADDRESSES = {"href", "src", "poster"}
_STYLE = re.compile(r"text-align:(left|right|center|justify|start|end)")
_FRAME = re.compile(
    r"<[/!?]*(html|head|body|frameset|doctype|xml|\[cdata)", re.IGNORECASE
)  # a parser drops or merges these
_ILLEGAL = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2; no bare CR


def active(html: str) -> list[str]:
    """What could run, load, or break out of its place in a text that is put into a page; nothing for what is safe.

    It is parsed, written by the parser, and parsed again: what only becomes active the second time counts as well.
    """
    found = [*_found(html)]
    again = LexborHTMLParser(f"<body>{html}").body
    found += [f"when written again: {what}" for what in _found(again.inner_html or "" if again else "")]
    return sorted(set(found))


def illegal(text: str) -> list[str]:
    """The characters of a text that XML forbids."""
    return [f"U+{ord(character):04X}" for character in sorted(set(_ILLEGAL.findall(text)))]


def markup_in(address: str) -> list[str]:
    """What is wrong with an address that is written beside an article: its link, its picture."""
    return [] if _WEB.fullmatch(address) else [f"address {address[:100]!r}"]


def _found(html: str) -> Iterator[str]:
    if match := _FRAME.search(html):
        yield f"{match[0]!r}"
    body = LexborHTMLParser(f"<body><div>{html}</div><u id={_AFTER}></u>").body
    if body is None:
        yield "the page's body is gone"
        return
    first, last = body.first_child, body.last_child
    if first is None or last is None or first.next != last or last.attributes.get("id") != _AFTER:
        yield "it does not stay within its element"
    for node in body.traverse(include_text=False):
        if node.tag in ("_comment", "-comment"):
            yield "a comment"
        elif node.tag != "body" and node.attributes.get("id") != _AFTER:
            yield from _of_node(node)


def _of_node(node: LexborNode) -> Iterator[str]:
    name = node.tag or ""
    if name not in ELEMENTS:
        yield f"<{name}>"
    for attribute, written in node.attributes.items():
        value = written or ""
        if attribute not in ATTRIBUTES:
            yield f"<{name} {attribute}>"
        if attribute == "style" and not _STYLE.fullmatch(value):
            yield f"<{name} style={value[:100]!r}>"
        allowed = _ADDRESSES.get((name, attribute))
        if attribute in _NAMED_ADDRESSES and not (allowed and any(one.fullmatch(value) for one in allowed)):
            yield f"<{name} {attribute}={value[:100]!r}>"
