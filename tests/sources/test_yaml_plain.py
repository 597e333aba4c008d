"""Front matter that is plainly written is read without PyYAML, and nothing of what comes out may tell."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator.sources.yaml_fields import Reading
from aggregator.sources.yaml_plain import MAX_LENGTH, plain_fields

VALUES = (
    [
        "a",
        "文字 b",
        "12:60",
        "http://a.example/?b=1#c",
        "null",
        "NULL",
        "true",
        "0x1",
        "2022-02-05",
        "a 'b' \"c\"",
        "é",
    ]
    + [
        "'a'",
        "'it''s'",
        "''",
        '""',
        '"a"',
        "'a: b #c'",
        '"\\u0041"',
        "'a' b",
        "'a",
        '"a',
        "'a'b",
        "a:",
        "a: b",
        "a #b",
    ]
    + [
        "a#b",
        "a\tb",
        "a  ",
        "#a",
        "&a b",
        "*a",
        "!a b",
        "[a, b]",
        "{a: b}",
        "| ",
        ">",
        "- a",
        "? a",
        "~",
        "-a",
        "@a",
        "%a",
    ]
    + ["`a", "a\u3000", "\xa0a", "\u2028", "\U0001f600", "“a”", "：", "a\x85b", ",a", "a, b]", "a: ", "x" * 1200]
)
KEYS = [
    "title",
    "Title",
    "tags",
    "date",
    "a-b",
    "_x",
    "y",
    "null",
    "x y",
    "'q'",
    "<<",
    "标题",
    "author",
    "k" * 120,
    "1",
]
LINES = st.one_of(
    st.builds(
        "{}:{}{}{}".format,
        st.sampled_from(KEYS),
        st.sampled_from([" "] * 8 + ["", "  ", "\t"]),
        st.sampled_from(VALUES) | st.text(max_size=8),
        st.sampled_from(["", "", "", " ", "  ", " # c"]),
    ),
    st.builds("{}:{}".format, st.sampled_from(KEYS), st.sampled_from(["", "", " "])),
    st.builds(
        "{}-{}{}".format,
        st.sampled_from(["", " ", " ", "  "]),
        st.sampled_from([" ", " ", "  ", ""]),
        st.sampled_from(VALUES),
    ),
    st.sampled_from(["", "", " ", "# c", "---", "...", " a: b", "a", "%YAML 1.1", "\t", "-", "- "]),
)


def by_pyyaml(text: str) -> object:
    """What PyYAML reads, with what it found to complain about."""
    reading = Reading(text)
    try:
        return reading.load(text, 1), reading.problems
    except yaml.YAMLError:
        return None


@given(st.lists(LINES, max_size=6).map("\n".join))
def test_plain_front_matter_has_the_fields_that_pyyaml_reads(text: str) -> None:
    fields = plain_fields(text)
    assert fields is None or (fields, []) == by_pyyaml(text)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("text", ["title: {}\n", "tags:\n - a\n - {}\ntitle: b", "tags:\n- {}\n- b"])
def test_a_plain_value_is_what_pyyaml_reads(text: str, value: str) -> None:
    fields = plain_fields(text.format(value))
    assert fields is None or (fields, []) == by_pyyaml(text.format(value))


def test_what_articles_begin_with_is_plain() -> None:
    text = "title: 'It''s'\ncategories: \n - 新媒体\n - ZAKER\n\ndate: Sat, 05 Feb 2022 20:22:00 GMT\nlink: \"https://a.example/\"\nempty:\n"
    assert plain_fields(text) == {
        "title": "It's",
        "categories": ["新媒体", "ZAKER"],
        "date": "Sat, 05 Feb 2022 20:22:00 GMT",
        "link": "https://a.example/",
        "empty": "",
    }


def test_what_is_long_is_left_to_pyyaml() -> None:
    assert plain_fields("a: b\n" + "\n" * (MAX_LENGTH - 5))
    assert plain_fields("a: b\n" + "\n" * (MAX_LENGTH - 4)) is None
