"""Differences and values as a person reads them: short, on one line, harmless."""

import pytest

from aggregator.explain.diff import IN_A_ROW, SHOWN, WIDTH, difference
from aggregator.explain.wording import LONG, plain, quoted_value, safe


def test_a_change_deep_in_a_long_line_is_seen() -> None:
    words = " ".join(f"word{number}" for number in range(200))
    lines = difference(f"<p>{words}</p>", f"<p>{words.replace('word150', 'WORD150')}</p>")
    assert len(lines) == 2
    assert all(len(line) <= WIDTH + 2 for line in lines)
    assert lines[0].startswith("- …")
    assert "word150" in lines[0]
    assert "WORD150" in lines[1]


def test_it_is_short_whatever_came() -> None:
    old = "".join(f"<p>{number}</p>" for number in range(5000))
    new = "".join(f"<li>{number}</li>" for number in range(5000))
    lines = difference(old, new)
    assert len(lines) <= SHOWN + 1
    assert f"- … and {3000 - IN_A_ROW:,} more" in lines


def test_what_stays_is_left_out() -> None:
    old = "".join(f"<p>{number}</p>" for number in range(40))
    new = old.replace("<p>7</p>", "").replace("<p>30</p>", "<p>thirty</p>")
    assert difference(old, new) == [
        "  <p>6</p>",
        "- <p>7</p>",
        "  <p>8</p>",
        "…",
        "  <p>29</p>",
        "- <p>30</p>",
        "+ <p>thirty</p>",
        "  <p>31</p>",
    ]


def test_only_white_space() -> None:
    assert difference("<p>a</p>\n\n<p>b</p>\n", "<p>a</p><p>b</p>") == ["… only white space is different"]


def test_no_terminal_is_given_orders() -> None:
    assert difference("a", "\x1b]0;x\x07\u202e") == ["- a", "+ \\u001b]0;x\\u0007\\u202e"]
    assert safe("family: 👨\u200d👩\u200d👧\n\u2066\udce9") == "family: 👨\u200d👩\u200d👧 \\u2066\\udce9"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "“x”"),
        ("x" * 200, "“" + "x" * (LONG - 1) + "…”"),
        (["a", ["b"]], "[“a”, [“b”]]"),
        ({"name": "A", "url": ""}, "{name: “A”, url: nothing}"),
        ("", "nothing"),
        (None, "nothing"),
    ],
)
def test_values_of_front_matter(value: object, text: str) -> None:
    assert quoted_value(value) == text  # type: ignore[arg-type]


def test_values_of_articles() -> None:
    assert plain((("新闻", "ZAKER"), ("科技",))) == "新闻 / ZAKER, 科技"
    assert plain(()) == plain(None) == plain("") == "nothing"
