"""An article's stored HTML → the HTML that our own page shows. Feeds carry it as it is stored.

The stored HTML is what the sanitizer wrote, so tags have one form: lower-case names, every value in double quotes.
Each is matched whole, so nothing inside a value is ever taken for a tag. What is changed is how it is shown:

- pictures load when they come into view, and tell nobody where they are shown; sound and film when they are played
- the page's policy forbids inline style, so an alignment becomes a class
- headings come below the page's own, and leave out no level
- what may be wider than the page scrolls by itself, by keyboard too
"""

import re
from collections.abc import Mapping

_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+="[^"]*")*)\s*>')
_HEADING = re.compile(r"<h([1-6])[ >]")
_STYLE = re.compile(r'\sstyle="(?:text-align:(left|right|center|justify|start|end))?[^"]*"')
_NO_ALT = re.compile(r'\salt="\s*"')
_NEAR = 40  # characters behind a picture that are looked at

_TOP = 2  # the level of an article's own top headings: the page's is 1
_AROUND = {"table": ('<div class="wide" tabindex="0">', "</div>")}
_ADDED = {
    "img": ('loading="lazy"', 'decoding="async"', 'referrerpolicy="no-referrer"', 'alt=""'),
    "video": ('preload="none"',),
    "audio": ('preload="none"',),
    "pre": ('tabindex="0"',),
}


def typeset(content: str, picture: str) -> str:
    """The HTML to show. `picture` (no markup) names a link that holds nothing but a picture without a text."""
    levels = _levels(content)
    return _TAG.sub(lambda tag: _shown(tag, levels, picture), content)


def _levels(content: str) -> dict[str, str]:
    """Headings as they are → as they are shown."""
    found = sorted(set(_HEADING.findall(content)))
    return {f"h{old}": f"h{min(_TOP + place, 6)}" for place, old in enumerate(found)}


def _shown(tag: re.Match[str], levels: Mapping[str, str], picture: str) -> str:
    closing, name, attributes = tag.groups()
    before, after = _AROUND.get(name, ("", ""))
    if closing:
        return f"</{levels.get(name, name)}>{after}"
    if name == "img":
        attributes = _picture(tag, _STYLE.sub("", attributes), picture)
    else:
        attributes = _STYLE.sub(_aligned, attributes)
    for added in _ADDED.get(name, ()):
        if f" {added.partition('=')[0]}=" not in attributes:
            attributes += f" {added}"
    return f"{before}<{levels.get(name, name)}{attributes}>"


def _aligned(style: re.Match[str]) -> str:
    return f' class="align-{style[1]}"' if style[1] else ""


def _picture(tag: re.Match[str], attributes: str, name: str) -> str:
    """The attributes of a picture: `name` is its text where it has none and fills a link, "inline" its class where it
    stands in a line of text."""
    html, start, end = tag.string, tag.start(), tag.end()
    before = html[max(html.rfind("<", 0, start), 0) : start].rstrip()
    after = html[end : end + _NEAR].lstrip()
    if (before and not before.endswith(">")) or (after and not after.startswith("<")):
        return f'{attributes} class="inline"'
    if before.startswith("<a ") and after.startswith("</a>"):
        named = _NO_ALT.sub("", attributes)
        return named if " alt=" in named else f'{named} alt="{name}"'
    return attributes
