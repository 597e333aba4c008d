"""Markdown to HTML (CommonMark with tables, strikethrough and bare addresses). The only place of markdown_it."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from aggregator.normalizer.bounds import MAX_REFERENCES
from aggregator.normalizer.shortcodes import expand

# What the reader of Markdown takes time over: some 10 µs for each.
MAX_MARKS = 30_000
_MARKS = "[]*_~|`#<&!\\(>{\n"
_ITEM_MARK = re.compile(r"(?:[-+]|[0-9][.)])(?=[ \t\n])")  # several may begin a line: each is a list of its own
MAX_FILLED_CELLS = 10_000
MAX_PARAGRAPHS = 3_900  # of plain text: with more it would have too many tags (see bounds); the rest is one
MIN_REFERENCES = 100_000  # characters that the references of any document may repeat
LONG_ADDRESS = 10_000  # characters; see urls
_LINK_MARKS = 5  # as how many of them a bare address counts

_BLANK_LINES = re.compile(r"\n(?:[ \t]*+\n)++")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_CODE_SPAN = re.compile(r"`[^`\n]+`")
_HTML_CONTAINER = re.compile(
    r"<(/?)(?:article|aside|blockquote|center|details|div|dl|figure|main|ol|section|table|ul)(?=[\s>])", re.IGNORECASE
)
_BARE = re.compile(r"https?://[^\s<>\"'，。；：！？、（）【】《》「」『』“”‘’]+")
_TRAILING = ".,;:!?*_~]"
# What the rules in use begin or end with. markdown_it asks all rules about each of twice as many characters.
_BEGINNINGS = re.compile(r"[\n\\`*_~\[\]!<&]")


class _Markdown(MarkdownIt):
    """Leaves long addresses as they are: no address of the web is so long, and it takes 0.3 µs for each character."""

    def normalizeLink(self, url: str) -> str:  # noqa: N802 (its name there)
        return super().normalizeLink(url) if len(url) <= LONG_ADDRESS else url

    def normalizeLinkText(self, link: str) -> str:  # noqa: N802
        return super().normalizeLinkText(link) if len(link) <= LONG_ADDRESS else link


class _References(dict[str, dict[str, str]]):
    """The addresses and titles by name that a document's links refer to; together they give no more than `left`
    characters, or a short document could repeat a long title thousands of times. What refers to more stays text."""

    LOSS = "its references repeat more than it has text; those behind were left as they are written"

    def __init__(self, left: int) -> None:
        super().__init__()
        self.left = left

    def get(self, label: str, default: Any = None) -> Any:
        found = super().get(label)
        if found is None:
            return default
        self.left -= len(found["href"]) + len(found["title"])
        return found if self.left >= 0 else default


def to_html(markdown: str) -> tuple[str, str]:
    """Return the text as HTML, not yet safe, and what that cost ("" when nothing)."""
    if _marks(markdown) > MAX_MARKS:
        loss = f"it has more than {MAX_MARKS} marks of Markdown; it was taken as plain text"
        return _as_plain_text(markdown), loss
    expanded = "".join(text if is_code else expand(text) for text, is_code in _parts(markdown))
    references = _References(max(len(markdown), MIN_REFERENCES))
    html = _MARKDOWN.render(_outdented(expanded), {"references": references})
    return html, "" if references.left >= 0 else references.LOSS


def _marks(markdown: str) -> int:
    count = sum(map(markdown.count, _MARKS)) + _LINK_MARKS * markdown.count("://")
    return count if count > MAX_MARKS else count + len(_ITEM_MARK.findall(markdown))


def _as_plain_text(markdown: str) -> str:
    if sum(map(markdown.count, "&<>")) > MAX_REFERENCES:
        markdown = re.sub("[&<>]", "", markdown)
    escaped = markdown.replace("&", "&amp;").replace("<", "&lt;")
    paragraphs = _BLANK_LINES.split(escaped, MAX_PARAGRAPHS)
    return "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)


def _parts(markdown: str) -> Iterator[tuple[str, bool]]:
    """Yield the text in pieces, and whether each is fenced code (CommonMark 0.31, section 4.5)."""
    fence = ""
    part: list[str] = []
    for line in markdown.splitlines(keepends=True):
        mark = _FENCE.match(line)
        opens = bool(mark) and not fence
        closes = bool(mark and fence and mark[1].startswith(fence) and not line.strip(" \t\n" + fence[0]))
        if opens:
            yield "".join(part), False
            part = []
        part.append(line)
        if mark and opens:
            fence = mark[1]
        elif closes:
            yield "".join(part), True
            fence, part = "", []
    yield "".join(part), bool(fence)


def _outdented(markdown: str) -> str:
    """Take away the indentation inside HTML elements: there it does not mean code."""
    if "\n    " not in markdown and "\n\t" not in markdown:
        return markdown
    lines: list[str] = []
    depth = 0
    for text, is_code in _parts(markdown):
        for line in text.splitlines(keepends=True):
            lines.append(line.lstrip(" \t") if depth > 0 and not is_code else line)
            if not is_code and "<" in line:
                marks = _HTML_CONTAINER.findall(_CODE_SPAN.sub("", line))
                depth = max(0, depth + marks.count("") - marks.count("/"))
    return "".join(lines)


def _link_bare_addresses(state: StateCore) -> None:
    """Make links of web addresses in the text, as GitHub's Markdown and Hexo do."""
    for block in state.tokens:
        if block.type == "inline" and block.children and "://" in block.content:
            block.children = list(_with_links(block.children))


def _with_links(children: list[Token]) -> Iterator[Token]:
    inside = 0
    for token in children:
        opens = token.type == "link_open" or (token.type == "html_inline" and token.content[:2].lower() == "<a")
        closes = token.type == "link_close" or (token.type == "html_inline" and token.content[:3].lower() == "</a")
        inside += opens - closes
        if token.type == "text" and inside <= 0:
            yield from _linked(token.content)
        else:
            yield token


def _linked(text: str) -> Iterator[Token]:
    at = 0
    for match in _BARE.finditer(text):
        address = match[0].rstrip(_TRAILING)
        if address.endswith(")") and "(" not in address:
            address = address.rstrip(")" + _TRAILING)
        end = match.start() + len(address)
        yield Token("text", "", 0, content=text[at : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": address})
        yield Token("text", "", 0, content=address)
        yield Token("link_close", "a", -1)
        at = end
    yield Token("text", "", 0, content=text[at:])


def _markdown() -> MarkdownIt:
    # Cells that a table's rows lack and get, behind which the table ends: each takes 20 µs.
    vars(import_module("markdown_it.rules_block.table"))["MAX_AUTOCOMPLETED_CELLS"] = MAX_FILLED_CELLS
    markdown = _Markdown("commonmark", {"html": True}).enable(["table", "strikethrough"])
    markdown.inline.terminator_re = _BEGINNINGS
    markdown.core.ruler.push("bare_addresses", _link_bare_addresses)
    return markdown


_MARKDOWN = _markdown()
