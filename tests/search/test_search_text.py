"""What a word is: folding, runs and tokens, the text of HTML."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.search.text import MAX_TEXT, MAX_TOKEN, canonical, fold, plain_text, tokens

FOLDED = {
    "River": "river",
    "ＡＩ１２": "ai12",
    "Café": "cafe",
    "cafe\u0301": "cafe",
    "ÅNGSTRÖM": "angstrom",
    "Straße": "strasse",
    "Łódź": "lodz",
    "Søren Ærø": "soren aero",
    "đường": "duong",
    "İstanbul": "istanbul",
    "Ὀδυσσεύς": "οδυσσευσ",
    "ﬁne": "fine",
    "co\u00adoperate": "cooperate",
    "zero\u200bwidth": "zerowidth",
    # Marks that make another letter stay.
    "が": "が",
    "か\u3099": "が",
    "ｶﾞ": "ガ",
    "й": "й",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8": "한국",
    "हिन्दी": "हिन्दी",
}
CANONICAL = {
    "": "  ",
    "  ，。!? ": "  ",
    "The river, the MILL": " the river the mill ",
    "人工智能与芯片": " 人工智能与芯片 ",
    "人工智能，芯片。": " 人工智能 芯片 ",
    "36氪讯": " 36 氪讯 ",
    "36 氪讯": " 36 氪讯 ",
    "iPhone16发布AI": " iphone16 发布 ai ",
    "foo_bar-baz": " foo bar baz ",
    "don't": " don t ",
    "ビル・ゲイツ": " ビル ゲイツ ",
    "コンピューター": " コンピューター ",
    "「引用」": " 引用 ",
    "々〆〇": " 々〆〇 ",
    "한국은 좋다": " 한국은 좋다 ",
    "привет мир": " привет мир ",
    "हिन्दी में": " हिन्दी में ",
    "ภาษาไทย": " ภาษาไทย ",
    "𠮷野家": " 𠮷野家 ",
    "🚀 launch": " launch ",
    "\x00a\ud800b\x1f": " a b ",
}
TOKENS = {
    "river mill river": {"river", "mill"},
    "人工智能": {"人工", "工智", "智能", "能"},
    "猫": {"猫"},
    "36氪 AI": {"36", "氪", "ai"},
    "哈哈哈": {"哈哈", "哈"},
    "x" * 100: {"x" * MAX_TOKEN},
}
PLAIN = {
    "<p>One <b>bo</b>ld word.</p><p>Two</p>": "One bold word.\fTwo",
    "<p>人工<strong>智</strong>能</p>": "人工智能",
    "a<br>b": "a\fb",
    "<p>a &amp; b &lt;c&gt; &#x4eba;</p>": "a & b <c> 人",
    '<p>x<img alt="a > b" src="https://i.example/">y</p>': "x\fy",
    '<a title="in <b>" href="https://a.example/">link</a>ed': "linked",
    "<p>他说\n人工\n智能</p>": "他说人工智能",
    "<p>two\nlines</p>": "two lines",
    "<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp>字<rt>じ</rt></ruby>": "漢字",
    "1 < 2": "1 < 2",
    "": "",
    '<a href="never closed': "",
}


@pytest.mark.parametrize(("text", "expected"), FOLDED.items())
def test_folding_drops_what_a_search_does_not_tell_apart(text: str, expected: str) -> None:
    assert fold(text) == expected


@pytest.mark.parametrize(("text", "expected"), CANONICAL.items())
def test_runs(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(("text", "expected"), TOKENS.items())
def test_tokens(text: str, expected: set[str]) -> None:
    assert tokens(canonical(text)) == expected


@pytest.mark.parametrize(("content", "expected"), PLAIN.items())
def test_the_text_of_html(content: str, expected: str) -> None:
    assert plain_text(content) == expected


@given(st.text())
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
def test_tokens_hold_nothing_that_an_index_could_take_for_an_operator(text: str) -> None:
    for token in tokens(canonical(text)):
        assert token
        assert len(token) <= MAX_TOKEN
        assert not set(token) & set(" \t\n\x00\"'*:&|!()<>\\^+-{}")


def test_endless_texts_are_cut() -> None:
    assert len(canonical("字" * 10**6)) == MAX_TEXT + 2
    assert len(plain_text('<a "' * 10**6)) < 10**6
