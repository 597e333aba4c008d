"""Unicode's normal forms of what people write are the library's, and of millions of marks come soon."""

import time
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.composition import MAX_MARKS, composed

Form = Literal["NFC", "NFKC", "NFD"]
SECONDS = 1.0  # of the processor; sorting a million marks takes hours
FORMS = pytest.mark.parametrize("form", ["NFC", "NFKC", "NFD"])


@FORMS
@given(st.text(st.sampled_from("ae\u0301\u0316\u3099か가ᄀ\u1161😀 —ﷺ"), max_size=30))
def test_what_people_write_is_composed_as_the_standard_says(form: Form, text: str) -> None:
    for written in (text, f"{text} {'湖' * 8000} {text}"):
        assert composed(written, form) == unicodedata.normalize(form, written)


def test_thirty_marks_are_kept_on_each_letter_of_a_long_text() -> None:
    text = ("a" + "\u0316" * MAX_MARKS + "—" * 40) * 300
    assert composed(text) == unicodedata.normalize("NFC", text)
    assert composed(text + "\u0316" * 99).count("\u0316") == 301 * MAX_MARKS


@FORMS
def test_three_million_marks_on_a_letter_take_no_time(form: Form) -> None:
    began = time.process_time()
    assert len(composed("a" + "\u0301\u0316" * 1_500_000, form)) <= MAX_MARKS + 1
    assert time.process_time() - began < SECONDS
