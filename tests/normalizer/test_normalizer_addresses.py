"""Addresses as they are written: the table in addresses.txt; what a picture is and what is none."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aggregator.normalizer.urls import Addresses, absolute, biggest

LINES = (Path(__file__).parent / "addresses.txt").read_text(encoding="utf-8").splitlines()[1:]
ROWS = [tuple(part.strip() for part in line.rsplit("| ", 1)) for line in LINES]
ADDRESSES = Addresses(bases=("https://blog.example.com/posts/",), placeholders=("*/no-cover-?.png",))


@pytest.mark.parametrize(("written", "address"), ROWS)
def test_address(written: str, address: str) -> None:
    assert ADDRESSES.web(written) == (None if address == "-" else address)


@pytest.mark.parametrize(
    "written",
    [
        "https://picsum.photos/400/300?random=1234",
        "http://picsum.photos/id/1?blur=2&random=1",
        "https://example.com/img/blank.gif",
        "https://example.com/lazyload.png?v=2",
        "https://example.com/no-cover-3.png",
        "https://stats.doubleclick.net/x",
        "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==",
        "data:image/svg+xml;base64," + "A" * 400,
    ],
)
def test_what_shows_nothing_is_no_picture(written: str) -> None:
    assert ADDRESSES.picture(written) is None


@pytest.mark.parametrize(
    "written",
    ["https://picsum.photos/id/237/200/300", "https://example.com/blanket.gif", "https://example.com/a.png"],
)
def test_what_looks_alike_is_a_picture(written: str) -> None:
    assert ADDRESSES.picture(written) == written


def test_the_biggest_of_a_set() -> None:
    assert biggest("a.jpg 400w, b.jpg 1200w, c.jpg 800w") == "b.jpg"
    assert biggest("https://e.example/c_fill,w_1/a.jpg 1x, https://e.example/c_fill,w_2/a.jpg 2x").endswith(
        "w_2/a.jpg"
    )
    assert biggest("a.jpg") == "a.jpg"
    assert biggest(" , ") == ""


@given(st.text(max_size=60) | st.text(max_size=40).map("https://example.com/".__add__))
def test_an_address_is_ascii_and_its_own_normal_form(written: str) -> None:
    address = absolute(written, ("https://blog.example.com/",))
    if address is not None:
        assert address.isascii()
        assert not set(address) & set(" \"'<>\\^`{|}")
        assert absolute(address) == address
