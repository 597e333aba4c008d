"""Plain text: what is markup, what is not, where a text is cut."""

import pytest

from aggregator.normalizer import plain_text
from aggregator.normalizer.text import fold, legal, readable, shorten


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<b>Big</b> news", "Big news"),
        ("<a href='x'>one</a><br/>two", "one two"),
        ("<p>one</p><p>two</p>", "one two"),
        ("a < b and c > d", "a < b and c > d"),
        ("Vec<T> and List<a>", "Vec<T> and List<a>"),
        ("the <b> tag", "the <b> tag"),
        ("i <3 you", "i <3 you"),
        ("<script>alert(1)</script>x<!-- c -->", "x"),
        ("AT&T, R&D, &copy 2022", "AT&T, R&D, &copy 2022"),
        ("&#123;a&#125; &amp;#123;b&amp;#125;", "{a} {b}"),
        ("&lt;b&gt;bold&lt;/b&gt;", "<b>bold</b>"),
        ("&#150; &#xD800;&#x110000; &unknown;", "– &unknown;"),
        ("e\u0301te\u0301", "été"),
        ("one\r\n\ttwo\u3000three\xa0four", "one two three four"),
        ("a\u202eb\u200bc\ufeffd\u00ade", "abcde"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("   ", ""),
    ],
)
def test_a_title_reads_right(written: str, shown: str) -> None:
    assert readable(written) == shown


def test_a_title_has_a_hard_bound() -> None:
    assert len(readable("x" * 100_000)) == 1000


def test_illegal_characters_go() -> None:
    assert legal("a\x00b\x1fc\x7fd\x85e\x9ff\ud800g\ufffeh\ufffdi\ufdd0j\U0001ffffk\r\nl\rm") == "abcd efghijk\nl\nm"


def test_text_of_html() -> None:
    assert plain_text('<p>a <b>b</b>c</p><ul><li>d</li></ul>e<br>f <img alt="&gt;" src="x">&lt;g&gt;&nbsp;h') == (
        "a bc d e f <g> h"
    )


@pytest.mark.parametrize(
    ("text", "limit", "cut"),
    [
        ("short", 10, "short"),
        ("One two. Three four five", 14, "One two."),
        ("One two three four", 12, "One two…"),
        ("Version 3.14159 of it", 16, "Version 3.14159…"),
        ("湖面很静。渔船出港，岸上有人", 8, "湖面很静。"),
        ("湖面很静渔船出港岸上有人", 8, "湖面很静渔船出港…"),
        ("湖面很静渔船出，岸上有人", 8, "湖面很静渔船出…"),
        ("x" * 30, 10, "x" * 10 + "…"),
        ("aaaa e\u0301\u0301\u0301e", 7, "aaaa…"),
    ],
)
def test_a_summary_is_cut_where_a_reader_would(text: str, limit: int, cut: str) -> None:
    assert shorten(text, limit) == cut


def test_folding_is_stable() -> None:
    assert fold(fold(" a\u0301 \n b ")) == "á b"
