"""HTML that is plainly written is read without BeautifulSoup, and nothing of what comes out may tell."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Entry
from aggregator.normalizer import Normalized, Options, formats, normalize, text, urls
from aggregator.normalizer.html import reads_as_written, soup_tree
from aggregator.normalizer.layout import join_texts
from aggregator.normalizer.markup import HOLDS, VOIDS
from aggregator.normalizer.nodes import Element
from aggregator.normalizer.plain import MAX_DEPTH, MAX_TAGS, PlainHtml, plain_tree
from aggregator.normalizer.rewrite import REWRITES, rewrite
from aggregator.normalizer.sanitize import _is_safe, is_settled, sanitize
from aggregator.normalizer.tree import Tree
from aggregator.normalizer.urls import Addresses, absolute
from aggregator.sources import parse_entry

HERE = Path(__file__).parent
FILES = [
    *sorted(path for path in (HERE / "cases").iterdir() if path.suffix != ".json"),
    *sorted((HERE.parents[1] / "seeds").rglob("*.md")),
]
VECTORS = (HERE / "vectors.txt").read_text(encoding="utf-8").splitlines()
NOW = datetime(2026, 11, 20, tzinfo=UTC)
OPTIONS = Options(timezone=UTC, link="https://source.example/")

TEXTS = (
    [
        "a",
        "文字。",
        " ",
        "\n",
        "  \n ",
        "\xa0",
        "\u3000",
        ">",
        '"',
        "'",
        "=",
        "--",
        "&amp;",
        "&nbsp;",
        "&lt;p&gt;",
        "& b",
    ]
    + ["&#160;", "&#8212;", "&#65;", "&#128512;", "&#128;", "&#0;", "&#x41;", "&copy", "&copy=", "&lang;", "&notin;"]
    + ["x&y=1", "&&amp;b=", "&eacute;", "&apos;", "&AMP;", "\U0001f600", "<!--c-->", "<!-- more -->", "<!---->"]
    + [
        "长的文字。" * 12,
        " some words" * 5,
        "\n" + "long " * 9,
        'a "quote" ' * 5,
        "Q & A " * 8,
        "\n " * 25,
        "\u3000" * 50,
    ]
    + ["<!-- a > b -->", "<!--a--b-->", "<!-->", "<!DOCTYPE html>", "<![CDATA[x]]>", "<?x?>", "< b", "</p>", "<svg>"]
)
VALUES = [
    "",
    "x",
    "//h.example/a.jpg",
    "https://h.example/?a=1&b=2",
    "&lt;p&gt;",
    "&copy=1",
    "a\nb",
    "é",
    "1",
    "640",
    "/x",
] + ["&nbsp;", "&#8212;", "&x;", " x ", "1 & 2", "&&amp;b=", "a/b.png", "text-align:center", "javascript:x", "a>b"]
NAMES = ["src", "href", "data-src", "data-original", "srcset", "class", "style", "onclick", "Alt", "width", "title"]
ATTRIBUTES = st.builds(
    str.format,
    st.sampled_from(
        [' {0}="{1}"'] * 6 + [" {0}='{1}'", " {0}", '\n{0}="{1}"', '{0}="{1}"', " {0}={1}", ' {0} = "{1}"']
    ),
    st.sampled_from([*NAMES, "xml:lang", "@x"]),
    st.sampled_from(VALUES),
)


@st.composite
def fragments(draw: st.DrawFn, parent: str = "body", depth: int = 3) -> str:
    """HTML that is plain, or nearly."""
    written = ""
    for _ in range(draw(st.integers(0, 4))):
        if depth == 0 or not HOLDS[parent] or draw(st.integers(0, 9)) < 4:
            written += draw(st.sampled_from(TEXTS[:12] * 3 + TEXTS))
            continue
        name = draw(st.sampled_from(sorted(HOLDS[parent] if draw(st.integers(0, 19)) else HOLDS)))
        attributes = "".join(draw(st.lists(ATTRIBUTES, max_size=2)))
        if name in VOIDS:
            written += f"<{name}{attributes}{draw(st.sampled_from(['', '/', ' /']))}>"
        else:
            end = f"</{name}>" if draw(st.integers(0, 49)) else ""
            written += f"<{name}{attributes}>{draw(fragments(name, depth - 1))}{end}"
    return written


def shape(element: Element) -> list[Any]:
    """All that is in an element."""
    return [
        (node.name, dict(node.attrs), shape(node)) if isinstance(node, Element) else str(node)
        for node in element.contents
    ]


def written_out(tree: Tree) -> tuple[Any, str]:
    """A tree as its shape and as HTML."""
    return shape(tree.root), tree.serialize(lambda _: False).html


@contextmanager
def long_way() -> Iterator[None]:
    """All documents are read by BeautifulSoup, and all signs of Markdown looked for."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("aggregator.normalizer.rewrite.plain_tree", lambda _html: None)
        patch.setattr("aggregator.normalizer.sanitize._is_safe", lambda _html: False)
        patch.setattr("aggregator.normalizer.formats._may_have_mark", lambda _body: True)
        patch.setattr("aggregator.normalizer.text.is_printable", lambda _text: False)
        yield


def both_ways(entry: Entry, options: Options = OPTIONS) -> tuple[Normalized, Normalized]:
    with long_way():
        by_soup = normalize(entry._replace(printable=False), options, NOW)
    return normalize(entry, options, NOW), by_soup


PLAIN = (
    '<div>   \n<p></p><div class="img_box" onclick><img class="lazy" data-original="http://a.example/1.jpg"></div>\n</div>',
    '<p style="text-align:center">a<br>b<br/>c &amp; d</p><!-- more --><ul>\n<li>x</li></ul>',
    '<table><tr><td>1</td></tr></table><pre> \n </pre><noscript><img src="/a.png"></noscript>',
    "<p>loose <b>text</b></p> in between",
)
NOT_PLAIN = ("<p>a", "a</p>", "<p><div></div></p>", "<a><a></a></a>", "<p>&copy</p>", "<p id=x>a</p>", "<x>a</x>")


def test_what_is_plain_is_told() -> None:
    assert all(plain_tree(html) for html in PLAIN)
    assert not any(plain_tree(html) for html in NOT_PLAIN)


@pytest.mark.parametrize("parent", sorted(HOLDS))
def test_no_parser_moves_what_an_element_may_hold(parent: str) -> None:
    for child in sorted(HOLDS[parent] - {"embed", "source", "wbr"}):  # these are void to HTML, but not to libxml2
        inner = f"<{child}>" if child in VOIDS else f"<{child}>x</{child}>"
        assert reads_as_written(inner if parent == "body" else f"<{parent}>{inner}</{parent}>")


@given(fragments())
def test_a_plain_document_has_the_tree_that_beautiful_soup_makes_of_it(html: str) -> None:
    if tree := plain_tree(text.legal(html)):
        assert shape(tree.root) == shape(soup_tree(text.legal(html)).root)


@given(fragments())
def test_any_body_makes_the_same_article_both_ways(html: str) -> None:
    quick, by_soup = both_ways(Entry("a.md", {"title": "A title"}, html, NOW))
    assert quick == by_soup


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_file_makes_the_same_article_both_ways(path: Path) -> None:
    entry = parse_entry(f"posts/{path.name}", path.read_bytes(), NOW)
    assert isinstance(entry, Entry)
    quick, by_soup = both_ways(entry)
    assert quick == by_soup


@pytest.mark.parametrize("vector", VECTORS)
def test_each_vector_makes_the_same_article_both_ways(vector: str) -> None:
    for body in (vector, f"<div><p>Before.</p>{vector}<p>After.</p></div>"):
        quick, by_soup = both_ways(Entry("a.html", {"title": "A title"}, body, NOW))
        assert quick == by_soup


@given(fragments())
def test_html_that_is_called_plain_reads_as_it_is_written(html: str) -> None:
    rewritten = rewrite(html, Addresses())
    assert not isinstance(rewritten, PlainHtml) or reads_as_written(rewritten)


@given(fragments())
def test_html_is_as_safe_as_its_outline(html: str) -> None:
    rewritten = rewrite(html, Addresses())
    if isinstance(rewritten, PlainHtml) and _is_safe(rewritten):
        assert sanitize(str(rewritten)) == rewritten


def test_the_outline_leaves_out_what_the_sanitizer_has_seen_already_and_nothing_else() -> None:
    long = "A text that is longer than what an outline holds of one. " * 2
    paragraphs = f"<p>{long.strip()}</p>" * 3
    pictures = '<img width="5" height="5 px" alt="" src="https://a.example/a.png"><p style="color:red">b</p>'
    tree = plain_tree(f"<div>{paragraphs}</div><div>{pictures}</div><ul><li>a</li></ul><ul><li>b</li></ul>")
    assert tree is not None
    assert tree.serialize(is_settled).outline == (
        '<div><p>x</p></div><img height="5 px" src="https://a.example/a.png"><p style="color:red">b</p>'
        "<ul><li>a</li></ul><ul><li>b</li></ul>"
    )


@given(st.sampled_from(["A", '"', ',"content":""', "\\", "b,"]), fragments())
def test_an_article_has_the_hash_of_its_json(title: str, html: str) -> None:
    article = normalize(
        Entry("a.md", {"title": title + "x", "tags": ["t"]}, html + '\\ "\t', NOW), OPTIONS, NOW
    ).article
    read = ["title", "content", "summary", "link", "authors", "image", "language", "tags"]
    values = {name: None if name == "summary" else getattr(article, name) for name in read}
    written = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    assert article.content_hash == hashlib.sha256(written.encode()).hexdigest()


@given(fragments())
def test_a_tree_knows_its_elements_and_which_of_them_have_changed(html: str) -> None:
    tree = plain_tree(text.legal(html)) or soup_tree(html)
    for change in REWRITES:
        change(tree, Addresses())
        assert tree.elements() == [node for node in tree.root.descendants if isinstance(node, Element)]
        assert all(node.parent is element for element in (tree.root, *tree.elements()) for node in element.contents)
    before = written_out(tree)
    tree.root.touched = True
    for element in tree.elements():
        element.touched = True
    join_texts(tree, Addresses())
    assert written_out(tree) == before


def test_what_is_too_large_or_too_deep_is_left_to_beautiful_soup() -> None:
    assert plain_tree("<br>" * MAX_TAGS)
    assert not plain_tree("<br>" * (MAX_TAGS + 1))
    assert plain_tree("<div>" * MAX_DEPTH + "</div>" * MAX_DEPTH)
    assert not plain_tree("<div>" * (MAX_DEPTH + 1) + "</div>" * (MAX_DEPTH + 1))


MARKDOWN = [
    "# a",
    "- a",
    "1. a",
    "```",
    "**a**",
    "`a`",
    "[a](b)",
    "| a |\n|---|",
    "> a",
    "\n\n",
    "\n",
    " ",
    "a",
    "<p>",
    "</p>",
]
LINES = st.lists(st.sampled_from([*MARKDOWN, "<div>", "</div>", "<b>", "</b>", "<br>", "---", "*"]), max_size=8)


@given(LINES)
def test_a_quick_look_tells_html_from_markdown_as_a_long_one_does(pieces: list[str]) -> None:
    body = "<div>" + "".join(pieces)
    quick = formats.is_html(body, "a.md")
    with long_way():
        assert quick == formats.is_html(body, "a.md")


def test_no_character_that_must_go_is_taken_for_printable() -> None:
    everything = map(chr, range(0x110000))
    assert [
        char for char in everything if text.is_printable(char) and (char == "\r" or text._UNFIT.match(char))
    ] == []


@given(
    st.from_regex(urls._PLAIN, fullmatch=True)
    | st.from_regex(r"https?://[a-z.-]{1,5}/[a-z=#?%/.]{0,9}", fullmatch=True)
)
def test_an_address_in_its_normal_form_is_taken_as_it_is(written: str) -> None:
    if re.match("https?://[a-z0-9.-]*[a-z0-9]/", written):
        assert absolute(written) == urls._absolute(written, (), ("http", "https"))
