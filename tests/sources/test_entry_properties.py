"""What holds for any file."""

import string
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from aggregator.models import Entry, FieldValue, Problem
from aggregator.sources import is_whole, parse_entry

MODIFIED = datetime(2022, 2, 6, tzinfo=UTC)
CASES = Path(__file__).parent / "cases"
PIECES = [
    *(
        "---\n",
        "...\n",
        "+++\n",
        ";;;\n",
        "title",
        "categories:",
        "tags: ",
        "\n - ",
        ": ",
        ":",
        "：",
        "\n",
        "\n\n",
        "\n  ",
    ),
    *(
        "- ",
        "? ",
        "'",
        '"',
        '""',
        "[",
        "]",
        "{",
        "}",
        ",",
        "&a ",
        "*a",
        "!x ",
        "!!str ",
        "|",
        "> ",
        "#",
        " # ",
        "@",
        "%",
    ),
    *(
        "`",
        "\\",
        "\t",
        "<div>",
        "</div>",
        "<<: ",
        "null",
        "~",
        "&#123;",
        "\u2028",
        "\r",
        "\0",
        "\ufeff",
        "中文",
        "a",
        " ",
    ),
]


def parsed(data: bytes) -> Entry | Problem:
    return parse_entry("a.md", data, MODIFIED)


def assert_sound(result: Entry | Problem) -> None:
    if isinstance(result, Problem):
        assert result.message
    else:
        assert_sound_value(dict(result.fields), 0)
        assert result.body == result.body.strip()
        assert all(key == key.strip().lower() for key in result.fields)
        (str(result.fields) + result.body).encode()


def assert_sound_value(value: FieldValue, depth: int) -> None:
    assert depth <= 17
    if isinstance(value, dict):
        for key, item in value.items():
            assert isinstance(key, str)
            assert_sound_value(item, depth + 1)
    elif isinstance(value, list):
        assert all(value), "empty items are dropped"
        for item in value:
            assert_sound_value(item, depth + 1)
    else:
        assert isinstance(value, str)
        assert "\0" not in value


@given(st.binary(max_size=2000))
def test_any_bytes_give_an_entry_or_a_problem(data: bytes) -> None:
    assert_sound(parsed(data))


@given(st.text(max_size=500))
def test_any_front_matter_gives_an_entry_or_a_problem(text: str) -> None:
    assert_sound(parsed(f"---\n{text}\n---\nbody".encode("utf-8", "replace")))


@given(
    st.lists(st.sampled_from(PIECES), max_size=60).map("".join),
    st.sampled_from(["---\n", "---\ntitle: x\n", "+++\n", "{", ""]),
)
def test_any_mix_of_syntax_gives_an_entry_or_a_problem(text: str, start: str) -> None:
    assert_sound(parsed(f"{start}{text}\n---\nbody".encode()))


TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff\u2028\u2029&"))
KEY = st.text(string.ascii_lowercase + "_", min_size=1, max_size=10).map("x".__add__)
STRUCTURE = st.recursive(
    TEXT,
    lambda inner: st.one_of(
        st.lists(TEXT.filter(bool)),
        st.lists(st.lists(TEXT.filter(bool), min_size=1)),
        st.dictionaries(KEY, inner, max_size=4),
    ),
    max_leaves=20,
)


@given(st.dictionaries(KEY, TEXT, min_size=1))
def test_well_formed_front_matter_of_plain_texts_comes_out_as_it_went_in(fields: dict[str, str]) -> None:
    entry = parsed(f"---\n{yaml.safe_dump(fields, allow_unicode=True)}---\nbody".encode())
    assert isinstance(entry, Entry)
    assert (entry.fields, entry.body, entry.problems) == (fields, "body", ())


@given(st.dictionaries(KEY, STRUCTURE, min_size=1), st.sampled_from([True, False, None]))
def test_well_formed_front_matter_comes_out_as_yaml_says(fields: dict[str, FieldValue], flow: bool | None) -> None:
    text = yaml.safe_dump(fields, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    entry = parsed(f"---\n{text}---\nbody".encode())
    assert isinstance(entry, Entry)
    assert (entry.fields, entry.problems) == (fields, ())


@given(st.dictionaries(KEY, STRUCTURE, min_size=1))
def test_one_broken_field_leaves_the_others_alone(fields: dict[str, FieldValue]) -> None:
    text = yaml.safe_dump(fields, allow_unicode=True, sort_keys=False)
    entry = parsed(f"---\ntitle: @rain: [again\n{text}---\nbody".encode())
    assert isinstance(entry, Entry)
    assert entry.fields == {"title": "@rain: [again"} | fields
    assert entry.problems == ()


@pytest.mark.parametrize("name", ["upstream.md", "whole_html.md", "encoding_gb18030.bin", "encoding_utf16_le.bin"])
def test_no_part_of_a_file_is_taken_for_the_whole(name: str) -> None:
    data = (CASES / name).read_bytes()
    whole = parsed(data)
    assert isinstance(whole, Entry)
    assert is_whole(whole)
    for size in range(len(data)):
        part = parsed(data[:size])
        assert_sound(part)
        assert isinstance(part, Problem) or not is_whole(part) or part.body == whole.body


@pytest.mark.parametrize("case", sorted(CASES.glob("*.md")), ids=lambda path: path.stem)
def test_every_case_may_be_cut_anywhere(case: Path) -> None:
    data = case.read_bytes()
    for size in range(0, min(len(data), 1000), 3):
        assert_sound(parsed(data[:size]))
