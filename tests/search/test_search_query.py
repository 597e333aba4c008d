"""What people type, as a value."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.store.search.query import MAX_PREFIXES, MAX_QUERY, MAX_TERMS, MAX_TOKENS, Token, parse

# The query → the patterns of its terms; an excluded one has a minus.
QUERIES = {
    "": [],
    " \t\u3000": [],
    "，。！": [],
    "👍 *** -": [],
    '"': [],
    '-""': [],
    "River": [" river "],
    "Café ＡＩ": [" cafe ", " ai "],
    "人工智能": ["人工智能"],
    "人工 智能": ["人工", "智能"],
    "人工\u3000智能": ["人工", "智能"],
    "北京，上海、广州": ["北京", "上海", "广州"],
    "36氪 AI": [" 36 氪", " ai "],
    "e-mail": [" e mail "],
    "don’t": [" don t "],
    "2026-10-03": [" 2026 10 03 "],
    '"two words" three': [" two words ", " three "],
    '"never closed': [" never closed "],
    '"人工 智能"': ["人工 智能"],
    "“量子”计算": ["量子", "计算"],
    'cat"dog mouse"': [" cat ", " dog mouse "],
    "mill -river": [" mill ", "- river "],
    "mill －河流": [" mill ", "-河流"],
    'mill -"old river"': [" mill ", "- old river "],
    "--mill": ["- mill "],
    "harb*": [" harb"],
    "ha* 人工*": [" ha ", "人工"],
    "new-harb*": [" new harb"],
    "mill MILL Mill": [" mill "],
    "cats AND dogs OR NOT(mice)": [" cats ", " and ", " dogs ", " or ", " not mice "],
    "title:word ^word {x}": [" title word ", " word ", " x "],
    "a\x00b\ud800c\ufffed": [" a ", " b ", " c ", " d "],
    "co\u00adoperate": [" cooperate "],
    "';--": [],
    "'); DROP TABLE articles; --": [" drop ", " table ", " articles "],
}


@pytest.mark.parametrize(("text", "expected"), QUERIES.items())
def test_terms(text: str, expected: list[str]) -> None:
    assert ["-" * term.excluded + term.pattern for term in parse(text).terms] == expected


@pytest.mark.parametrize("text", ["", "-river", '-"a b" -c', "？"])
def test_a_query_needs_something_to_look_for(text: str) -> None:
    assert not parse(text)


def test_the_text_shows_what_was_understood() -> None:
    assert parse("  人工\t 智能，  -“old  one” 👍 ").text == '人工 智能 -"old one"'


def test_queries_are_bounded() -> None:
    many = parse(" ".join(f"w{number}" for number in range(1000)))
    assert len(many.terms) == MAX_TERMS
    assert len(many.text.split()) == MAX_TERMS
    assert len(parse("字" * 10**6).text) == MAX_QUERY
    assert len(parse("\ufdfa" * 10**6).terms[0].runs) <= MAX_QUERY  # one character that is folded to eighteen
    assert len(parse("".join(map(chr, range(0x4E00, 0x4E00 + 150)))).plan.wanted) == MAX_TOKENS


def test_what_one_token_tells_is_left_to_the_index() -> None:
    plan = parse("人工 river harb* 猫 -芯片 -mill -犬 -foo* -人工智能").plan
    assert set(plan.wanted) == {Token("人工"), Token("river"), Token("harb", True), Token("猫", True)}
    assert plan.unwanted == (Token("芯片"), Token("mill"))
    assert plan.present == ()
    assert plan.absent == ("犬", " foo", "人工智能")


def test_the_rest_is_compared_with_the_texts() -> None:
    plan = parse("人工智能 哈哈哈 e-mail " + "x" * 70).plan
    assert plan.present == ("人工智能", "哈哈哈", " e mail ", f" {'x' * 70} ")
    singles = parse("一 二 三 四").plan
    assert len(singles.wanted) == MAX_PREFIXES
    assert singles.present == ("三", "四")


@given(st.text())
def test_any_text_is_a_query_that_reads_back(text: str) -> None:
    query = parse(text)
    again = parse(query.text)
    assert again.text == query.text
    assert again.terms == query.terms
    assert bool(query) == bool(query.plan.wanted)
    query.text.encode()
