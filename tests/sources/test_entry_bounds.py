"""Files made to exhaust whoever reads them are refused, or cut to size, at once."""

import time
from datetime import UTC, datetime

import pytest

from aggregator.models import Entry, Problem
from aggregator.sources import parse_entry

MODIFIED = datetime(2022, 2, 6, tzinfo=UTC)
MIB = 1 << 20
SECONDS = 2.0  # far above what is taken on an idle machine, far below what a quadratic step would take


def laughs() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    return "\n".join(lines)


def fenced(text: str) -> str:
    return f"---\n{text}\n---\nbody"


def parsed(text: str) -> Entry | Problem:
    data = text.encode()
    start = time.process_time()
    result = parse_entry("a.md", data, MODIFIED)
    assert time.process_time() - start < SECONDS
    return result


REFUSED = {
    "billion laughs": (fenced(laughs()), "more than 10,000 values"),
    "many characters by aliases": (fenced(f"a: &a {'x' * 60_000}\nb: [{'*a, ' * 100}]"), "1,000,000 characters"),
    "recursive alias": (fenced("a: &a {b: [*a]}"), "refers to what it is part of"),
    "recursive merge": (fenced("a: &a {<<: *a}"), "refers to what it is part of"),
    "merge bomb": (fenced("a: &a {x: 1, y: 2}\nb: {" + "<<: *a, " * 9_000 + "}"), "more than 10,000 values"),
    "open brackets": (fenced("a: " + "[" * MIB), "nested more than 16"),
    "open braces": (fenced("a: " + "{" * MIB), "nested more than 16"),
    "nested items": (fenced("- " * MIB), "nested more than 16"),
    "nested keys": (fenced("? " * MIB), "nested more than 16"),
    "nested tables": (fenced("\n".join(" " * n + "a:" for n in range(1_500))), "nested more than 16"),
    "brackets in a broken list": (fenced("a: [@, " + "[" * 20_000 + "]" * 20_001), "nested more than 16"),
    "many fields": (fenced("a: b\n" * MIB), "more than 10,000 values"),
    "many broken fields": (fenced("a: @b\n" * MIB), "too many to repair"),
    "many directives": (fenced("%TAG !a! x\n" * (MIB // 4)), "too many to repair"),
    "many directives of a second document": (fenced("... # x\n" + "%TAG !a! x\n" * (MIB // 4)), "too many to repair"),
    "many lines that are not closed": ("---\ntitle: x\n" + "\n" * (4 * MIB) + "x", "more than 10,000 values"),
    "toml brackets": ("+++\na = " + "[" * 200_000 + "\n+++\n", "nested more than 16"),
    "toml nested tables": ("+++\n[" + ".".join("a" * 500) + "]\n+++\n", "nested more than 16"),
    "toml dotted key": ("+++\n" + "a." * 120_000 + "a = 1\n+++\n", "a line too long"),
    "toml size": ("+++\na = 1 " + "#" * MIB + "\n+++\n", "longer than"),
    "toml number": ("+++\na = " + "9" * 10_000 + "\n+++\n", "cannot be read"),
    "json brackets": ('{"a":' + "[" * (4 * MIB), "nested more than 16"),
    "json values": ('{"a":[' + "1," * MIB + "1]}", "more than 10,000 values"),
    "json not closed": ('{"a": "' + "x" * MIB, "cannot be read"),
}

CUT = {
    "text": fenced("a: " + "x" * (5 * MIB)),
    "quotes": fenced("a: " + '"' * (4 * MIB) + "x"),
    "open quote": fenced("a: '" + "x" * (4 * MIB)),
    "blanks": fenced("a: @" + " " * (4 * MIB) + "x"),
    "tabs": fenced("\t" * (4 * MIB) + "a: @" + "x" * 70_000),
    "colons": fenced("a: " + "b: " * MIB),
    "flow items": fenced("a: [@" + ", b" * MIB + "]"),
    "flow quotes": fenced("a: [@" + ", '" * MIB + "]"),
    "tag": fenced("a: !" + "%" * (4 * MIB)),
    "block": fenced("a: |\n" + " x\n" * MIB),
    "json number": '{"a":' + "9" * (4 * MIB) + "}",
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    text, message = REFUSED[name]
    result = parsed(text)
    assert isinstance(result, Problem)
    assert message in result.message


@pytest.mark.parametrize("name", CUT)
def test_a_text_that_is_too_long_is_dropped_with_a_problem(name: str) -> None:
    result = parsed(CUT[name])
    assert isinstance(result, Entry)
    assert not result.fields["a"]
    assert any("was dropped" in problem.message and problem.field == "a" for problem in result.problems)


@pytest.mark.parametrize("inner", ["<div>", "<p", "&#123;", "---\n", "\r\n", "</div>"])
def test_long_bodies_are_quick(inner: str) -> None:
    body = "<div>" + inner * (2 * MIB // len(inner)) + "</div>"
    result = parsed(f"---\ntitle: x\n---\n{body}")
    assert isinstance(result, Entry)
    assert len(result.body) > 10


def test_ten_thousand_values_are_allowed() -> None:
    result = parsed(fenced("tags: [" + "a, " * 9_990 + "]"))
    assert isinstance(result, Entry)
    assert len(result.fields["tags"]) == 9_990


def test_sixteen_levels_are_allowed() -> None:
    result = parsed(fenced("x: " + "[" * 15 + "a" + "]" * 15))
    assert isinstance(result, Entry)


@pytest.mark.parametrize(
    "data", [b"\xff" * MIB, bytes(range(128, 256)) * 8_000, b"\x00\x01" * MIB, b"\xd6\xd0" * MIB]
)
def test_any_encoding_is_told_quickly(data: bytes) -> None:
    start = time.process_time()
    assert isinstance(parse_entry("a.md", data, MODIFIED), Problem)
    assert time.process_time() - start < SECONDS
