"""Nothing active survives, whatever a body holds; and what comes out is its own normal form."""

from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Article, Entry
from aggregator.normalizer import Options, normalize
from aggregator.normalizer.sanitize import sanitize

NOW = datetime(2026, 11, 20, tzinfo=UTC)
VECTORS = (Path(__file__).parent / "vectors.txt").read_text(encoding="utf-8").splitlines()
FORBIDDEN = frozenset(
    ["applet", "area", "base", "body", "button", "dialog", "embed", "form", "frame", "frameset", "head", "html"]
    + ["iframe", "input", "isindex", "keygen", "link", "map", "math", "meta", "noscript", "object", "option"]
    + ["plaintext", "portal", "script", "select", "slot", "style", "svg", "template", "textarea", "title", "xmp"]
)
URLS = frozenset({"href", "src", "cite", "poster", "srcset", "background", "action", "formaction", "xlink:href"})


def article(body: str, title: str = "A title", path: str = "a.html") -> Article:
    entry = Entry(path, {"title": title, "date": "2022-02-05"}, body, NOW)
    return normalize(entry, Options(timezone=UTC, link="https://source.example/"), NOW).article


class Watchman(HTMLParser):
    """Finds what must not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in FORBIDDEN:
            self.found.append(tag)
        for name, value in attrs:
            scheme = urlsplit((value or "").strip()).scheme.lower()
            if name.startswith("on") or name in {"id", "name", "class", "srcdoc", "target"}:
                self.found.append(f"{tag} {name}")
            if name in URLS and scheme not in {"http", "https", "mailto", "tel"}:
                picture = tag == "img" and (value or "").startswith("data:image/") and "svg" not in (value or "")[:20]
                self.found += [] if picture else [f"{tag} {name}={value}"]
            if name == "style" and not (value or "").startswith("text-align:"):
                self.found.append(f"{tag} style={value}")

    def handle_comment(self, data: str) -> None:
        self.found.append("comment")


def active(html: str) -> list[str]:
    watchman = Watchman()
    watchman.feed(html)
    watchman.close()
    return watchman.found


def test_the_watchman_sees() -> None:
    assert active('<p onclick="x"><a href="javascript:x">x</a><!-- c --><p style="color:red">') != []


@pytest.mark.parametrize("path", ["a.html", "a.md"])
@pytest.mark.parametrize("vector", VECTORS)
def test_no_vector_survives(vector: str, path: str) -> None:
    for body in (vector, f"<div><p>Before.</p>{vector}<p>After.</p></div>", f"Before *this*\n\n{vector}\n\nafter"):
        made = article(body, path=path)
        assert active(made.content) == []
        assert "<script" not in made.title


PIECES = (
    ["<p>", "</p>", "<div>", "</div>", "<table>", "<td>", "</table>", "<b>", "</b>", "<a href=/x>", "</a>"]
    + ["text ", "文字", "&nbsp;", "\n\n", "    ", "<br>", "<ul><li>", "<noscript>", "</noscript>", "<pre>", "</pre>"]
    + ['<img data-src="//h.example/a.jpg">', "&#1;", "]]>", "\x00", "\ud800", "\ufffe", "<style>", "<svg>", "<math>"]
)
FRAGMENTS = st.sampled_from(VECTORS + PIECES)
BODIES = st.lists(FRAGMENTS, max_size=8).map("".join) | st.text(max_size=200)


@given(BODIES, st.text(max_size=60))
def test_any_text_comes_out_safe_and_legal_in_xml(body: str, title: str) -> None:
    made = article(body, title)
    assert active(made.content) == []
    for text in (made.content, made.title, made.summary):
        ElementTree.fromstring(f"<x>{escape(text)}</x>")


@given(BODIES)
def test_normalizing_twice_is_normalizing_once(body: str) -> None:
    once = article(body)
    assert article(once.content).content == once.content


@pytest.mark.parametrize(
    ("policy", "stays"), [("no-referrer", True), ("unsafe-url", False), ("no-referrer-when-downgrade", False)]
)
def test_no_picture_tells_its_host_which_page_shows_it(policy: str, stays: bool) -> None:
    picture = f'<img referrerpolicy="{policy}" src="https://e.example/a.jpg">'
    assert (policy in sanitize(picture)) is stays
