"""Every promise in SECURITY.md names the tests that hold it, and these are there."""

import re

import pytest

from tests.readers.server import ROOT
from torture.__main__ import PARTS
from torture.carriers import vectors

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = re.findall(
    r"^\| (?!Promise \||Who \|)(.+?) \| (.+) \|$", TEXT.partition("## What is promised")[2], re.MULTILINE
)
NAMED = sorted(set(re.findall(r"`((?:tests|torture|docs)/[^`]+)`", TEXT)))


@pytest.mark.parametrize("path", NAMED)
def test_what_it_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()
    if path.startswith("tests/"):
        assert re.search(r"^ *def test_", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("folder", ["replicas", "resilience"])
def test_what_holds_a_promise_is_named(folder: str) -> None:
    assert {f"tests/{folder}/{file.name}" for file in (ROOT / "tests" / folder).glob("test_*.py")} <= set(NAMED)


def test_the_hostile_texts_are_as_many_as_it_says() -> None:
    assert f"{len(vectors())} texts" in TEXT


def test_every_promise_has_a_test() -> None:
    assert len(PROMISES) > 20
    assert [promise for promise, tests in PROMISES if not re.match("`(tests|torture)/", tests)] == []


def test_every_part_of_the_torture_holds_a_promise() -> None:
    assert [part for part in PARTS if f"torture/{part}.py" not in NAMED] == []
