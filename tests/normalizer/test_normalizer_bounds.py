"""What is made to hurt: no crash, no lost text, no long time, and bounds that are told."""

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Entry
from aggregator.normalizer import Normalized, Options, normalize, plain_text
from aggregator.normalizer.tags import TEXT, tokens

NOW = datetime(2026, 11, 20, tzinfo=UTC)
SECONDS = 5.0  # it takes one at most; a machine may be busy
DEEP = 100_000

NESTED = {
    "div": "<div>" * DEEP + "END",
    "div closed": "<div>" * DEEP + "END" + "</div>" * DEEP,
    "span": "<span>" * DEEP + "END",
    "b": "<b>" * DEEP + "END",
    "font": "<font color=red>" * DEEP + "END",
    "formatting around paragraphs": "<b>" * 10_000 + "<p>" * 10_000 + "END",
    "links never closed": "".join(f'<p><a href="https://e.example/{number}">' for number in range(10_000)) + "END",
    "lists": "<ul><li>" * 20_000 + "END",
    "tables": "<table><tr><td>" * 10_000 + "END",
    "quotations": "<blockquote>" * 20_000 + "END",
    "void to browsers only": "<wbr>" * 5_000 + "END",
    "breaks in formatting": "<br><tt>" * 3_000 + "END",
    "noscript": "<noscript>" * 20_000 + "END",
    "pictures": "<picture>" * 5_000 + "END",
    "formulas": "<math><mi>" * 10_000 + "END",
}
FLAT = {
    "less than": "<" * 5_000_000,
    "ampersands": "&" * 5_000_000,
    "open tags": "<a " * 1_000_000,
    "open quotes": '<a ="' * 500_000,
    "closed nowhere": "<p =\">' " * 300_000,
    "comments": "<!--" * 500_000,
    "declarations": "<!x>" * 500_000,
    "sections": "<![CDATA[" * 300_000,
    "end tags": "</x>" * 500_000,
    "raw text": "<title>" * 300_000,
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(200_000)) + ">",
    "paragraphs": "<p>湖面很静。</p>" * 100_000,
    "breaks": "<br>\t" * 100_000 + "x",
    "images": '<img src="https://e.example/a.jpg">' * 20_000,
    "text": "湖面很静。" * 300_000,
    "candidates": '<img srcset="' + "a.jpg 1x, " * 300_000 + '">',
}
MARKDOWN = {
    "brackets": "[" * 200_000,
    "quotes in quotes": "> " * 50_000 + "x",
    "emphasis": "*a _b " * 100_000,
    "lists": "- a\n" * 100_000,
    "tables": "|a|b|\n|-|-|\n" * 50_000,
    "references": '[a]: /b "' + "t" * 100_000 + '"\n\n' + "[a] " * 7_000,
    "template tags": "{% " * 500_000,
    "hidden template tags": "{% code %}" * 50_000 + "{% endcode",
    "lines": "\n" * 1_000_000,
    "rows that lack cells": "|a" * 5000 + "|\n" + "|-" * 5000 + "|\n" + "x\n" * 5000,
}


def normal(body: str, wanted: str = "html") -> Normalized:
    options = Options(timezone=UTC, format="markdown" if wanted == "markdown" else "html")
    started = time.process_time()
    made = normalize(Entry("a.md", {"title": "x", "date": "2022-02-05"}, body, NOW), options, NOW)
    assert time.process_time() - started < SECONDS
    return made


@pytest.mark.parametrize("body", NESTED.values(), ids=NESTED)
def test_depth_loses_no_text(body: str) -> None:
    assert plain_text(normal(body).article.content).endswith("END")


@pytest.mark.parametrize("body", FLAT.values(), ids=FLAT)
def test_size_takes_no_time(body: str) -> None:
    assert len(normal(body).article.content) < 2 * len(body) + 1000


@pytest.mark.parametrize("body", MARKDOWN.values(), ids=MARKDOWN)
def test_markdown_takes_no_time(body: str) -> None:
    assert len(normal(body, "markdown").article.content) < 8 * len(body) + 1000


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<div>" * 201 + "x", "nested deeper than 200"),
        ("<p>x</p>" * 20_000, "more than 16000 tags"),
        ("&amp;" * 300_000, "more than 200000 times"),
        ("calm *water*\n" * 10_000, ""),
    ],
)
def test_what_was_taken_away_is_told(body: str, told: str) -> None:
    assert [told in problem.message for problem in normal(body).problems if problem.field == "body"] == [True] * bool(
        told
    )


def test_references_repeat_no_more_than_there_is_text() -> None:
    made = normal('[a]: https://e.example/ "' + "t" * 60_000 + '"\n\n[a] [b][a] ![c][a]', "markdown")
    assert made.article.content.count("<a ") == 1
    assert made.article.content.endswith("[b][a] ![c][a]</p>")
    assert ["references repeat more than" in problem.message for problem in made.problems] == [True]
    assert not normal('[a]: https://e.example/ "' + "t" * 30_000 + '"\n\n[a] [a] [a]', "markdown").problems


def test_a_long_address_is_not_repeated_by_links_within_the_page() -> None:
    fields = {"title": "x", "date": "2022-02-05", "link": "https://e.example/" + "a/" * 4000}
    entry = Entry("a.html", fields, '<p id="b"><a href="#b">c</a></p>', NOW)
    assert normalize(entry, Options(timezone=UTC), NOW).article.content == "<p>c</p>"


def test_a_text_that_no_reader_of_feeds_would_take_is_cut() -> None:
    made = normal("<p>BEGIN</p><p><b>" + "湖" * 3_100_000 + "</b></p>")
    assert made.article.content.startswith("<p>BEGIN</p>")
    assert made.article.content.endswith("湖</b></p>")
    assert 8_900_000 < len(made.article.content.encode()) < 9_100_000
    assert ["was left out" in problem.message for problem in made.problems] == [True]


def test_two_hundred_levels_are_kept() -> None:
    assert not normal("<blockquote>" * 200 + "x" + "</blockquote>" * 200).problems


def test_a_parser_of_html_agrees_on_what_is_text() -> None:
    html = "a<b c='>'>d</b>e<!-- <i> -->f<script>if (a<b) {}</script>g<textarea><p>h</textarea>i <1 j"
    assert "".join(text for kind, text, _, _ in tokens(html) if kind is TEXT) == ("adefg&lt;p>hi &lt;1 j")


NAMES = "p div span b i a em table tr td th tbody ul ol li dl dt dd h1 h2 pre code blockquote ruby rt font center"
TAGS = [tag for name in NAMES.split() for tag in (f"<{name}>", f"</{name}>")]
PIECES = st.sampled_from(
    [*TAGS, "<br>", "<wbr>", "<img src=x>", "</body>", " ", "<!-- c -->", "<a href='https://e.example/'>"]
    + ['<p title="a > b">', "WORD", "WORD", "WORD"]
)


@given(st.lists(PIECES, max_size=40), st.sampled_from([1, 1, 1, 8]))
def test_no_word_is_lost(pieces: list[str], times: int) -> None:
    numbered = [f"w{place}w" if piece == "WORD" else piece for place, piece in enumerate(pieces * times)]
    shown = plain_text(normal("".join(numbered)).article.content)
    assert [word for word in numbered if word.startswith("w") and word not in shown] == []
