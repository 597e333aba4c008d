"""Every promise in SECURITY.md names the tests that hold it, and these are there."""

import re

import pytest

from tests.readers.server import ROOT
from torture.__main__ import PARTS

TEXT = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = re.findall(
    r"^\| (?!Promise \||Who \|)(.+?) \| (.+) \|$", TEXT.partition("## What is promised")[2], re.MULTILINE
)
NAMED = sorted(set(re.findall(r"`((?:tests|torture|docs)/[^`]+)`", TEXT)))


@pytest.mark.parametrize("path", NAMED)
def test_what_it_names_is_there(path: str) -> None:
    assert (ROOT / path).is_file()


def test_every_promise_has_a_test() -> None:
    assert len(PROMISES) > 20
    assert [promise for promise, tests in PROMISES if not re.match("`(tests|torture)/", tests)] == []


def test_every_part_of_the_torture_holds_a_promise() -> None:
    assert [part for part in PARTS if f"torture/{part}.py" not in NAMED] == []
