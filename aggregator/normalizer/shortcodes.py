"""Template tags in Markdown, of Hexo (`{% … %}`), Jekyll and Hugo (`{{< … >}}`): common ones become Markdown.

Of others only the marks are dropped; what stands between a tag and its end tag stays.
"""

import re
import shlex
from collections.abc import Callable

_TAG = re.compile(
    r"""\{%-?\s*+(?P<name>/?\w*+)(?P<words>(?:[^%\n]|%(?!\})){0,400}?)-?%\}
    | \{\{[<%]\s*+(?P<hugo>/?\s*+[\w-]*+)(?P<hugo_words>(?:[^>%\n]|[>%](?!\}\})){0,400}?)/?[>%]\}\}""",
    re.VERBOSE,
)
_VARIABLE = re.compile(r"\{\{-?\s*+(?:site|page|config|theme)\.[^{}\n]*+\}\}")
_IMAGE_FILE = re.compile(r"[/.]")
_LANGUAGE = re.compile(r"(?:lang:)?([A-Za-z][\w+#-]*)")
_CODE = {"codeblock", "code", "highlight"}
_CODE_OPTIONS = ("line", "first", "wrap", "mark")


def expand(markdown: str) -> str:
    """Return Markdown without template tags. Fenced code is not for this function."""
    if "{%" not in markdown and "{{" not in markdown:
        return markdown
    parts: list[str] = []
    at = 0
    code: list[str] | None = None  # the arguments of the code tag that is open
    for match in _TAG.finditer(markdown):
        name = (match["name"] if match["name"] is not None else match["hugo"]).replace(" ", "")
        words = (match["words"] or match["hugo_words"] or "").strip()
        before = markdown[at : match.start()]
        if code is None:
            code = _words(words) if name in _CODE else None
            parts += [_VARIABLE.sub("", before), _replacement(name, words)]
        elif name.removeprefix("end").removeprefix("/") in _CODE and name not in _CODE:
            parts.append(_fence(code, before))
            code = None
        else:
            continue
        at = match.end()
    return "".join(parts) + _VARIABLE.sub("", markdown[at:])


def _fence(options: list[str], code: str) -> str:
    words = [word for word in options if not word.startswith(_CODE_OPTIONS)]
    language = next((found[1] for word in words if (found := _LANGUAGE.fullmatch(word))), "")
    marks = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", code)), default=0))
    return f"\n{marks}{language}\n{code.strip(chr(10))}\n{marks}\n"


def _replacement(name: str, words: str) -> str:
    make = _KNOWN.get(name)
    return make(_words(words)) if make else ""


def _words(written: str) -> list[str]:
    """Return the arguments of a tag; quotes hold words together."""
    try:
        return shlex.split(written)
    except ValueError:  # a quote that is never closed
        return written.split()


def _named(words: list[str]) -> dict[str, str]:
    return dict(word.split("=", 1) for word in words if "=" in word)


def _image(words: list[str]) -> str:
    """`{% asset_img [class] path [width] [height] [title [alt]] %}`, `{% img … %}`."""
    place = next((number for number, word in enumerate(words) if _IMAGE_FILE.search(word)), None)
    if place is None:
        return ""
    title = " ".join(word for word in words[place + 1 :] if not word.isdecimal())
    return _picture(words[place], title)


def _figure(words: list[str]) -> str:
    """`{{< figure src="…" title="…" caption="…" alt="…" >}}`."""
    named = _named(words)
    return _picture(named.get("src", ""), named.get("caption") or named.get("title") or named.get("alt", ""))


def _picture(address: str, text: str) -> str:
    plain = re.sub(r"[\[\]\\\n]", " ", text).strip()
    return f"![{plain}](<{re.sub('[<>]', '', address)}>)" if address else ""


def _link(words: list[str]) -> str:
    """`{% link text address [external] [title] %}`."""
    place = next((number for number, word in enumerate(words) if re.match("https?://|/", word)), None)
    if place is None:
        return " ".join(words)
    text = " ".join(words[:place]) or words[place]
    return f"[{text}](<{words[place]}>)"


def _page(pattern: str) -> Callable[[list[str]], str]:
    """Return a maker of a link to a video's page from its id, which may be named `id`."""

    def make(words: list[str]) -> str:
        identity = _named(words).get("id") or next(iter(words), "")
        return f"<{pattern.format(identity)}>" if re.fullmatch(r"[\w-]+", identity) else ""

    return make


_KNOWN: dict[str, Callable[[list[str]], str]] = {
    "asset_img": _image,
    "bilibili": _page("https://www.bilibili.com/video/{}"),
    "figure": _figure,
    "img": _image,
    "image": _image,
    "link": _link,
    "vimeo": _page("https://vimeo.com/{}"),
    "youtube": _page("https://www.youtube.com/watch?v={}"),
}
