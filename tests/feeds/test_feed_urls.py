"""Addresses: what comes from articles is made safe, what names a page is looked at first."""

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds import urls
from feeds.paths import clean, split
from feeds.urls import Urls, to_uri


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("https://a.example/x?y=1&z=2#part", "https://a.example/x?y=1&z=2#part"),
        (" http://a.example ", "http://a.example/"),
        ("HTTP://A.Example/X", "http://a.example/X"),
        ("https://a.example:8443/", "https://a.example:8443/"),
        ("https://例え.jp/雾?q=é", "https://xn--r8jz45g.jp/%E9%9B%BE?q=%C3%A9"),
        ('https://a.example/a b|c[d]{e}"<>^`\\', "https://a.example/a%20b%7Cc%5Bd%5D%7Be%7D%22%3C%3E%5E%60%5C"),
        ("https://a.example/%E9%9B%BE%2F100%", "https://a.example/%E9%9B%BE%2F100%25"),
        ("https://user:secret@a.example/x", "https://a.example/x"),
        ("https://[2001:db8::1]:80/x", "https://[2001:db8::1]:80/x"),
        ("mailto:me@a.example", None),
        ("javascript:alert(1)", None),
        ("data:image/png;base64,AAAA", None),
        ("//a.example/x", None),
        ("/x", None),
        ("https://", None),
        ("https:///x", None),
        ("https://a..example/", "https://a..example/"),
        ("https://é..example/", None),
        ("https://[bad/", None),
        ("https://a.example:99999/", None),
        ("https://a.example:x/", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses_from_articles(address: str | None, expected: str | None) -> None:
    assert to_uri(address) == expected


@given(st.text(max_size=40))
def test_any_address_is_ascii_and_whole_or_none(text: str) -> None:
    for address in (text, f"http://{text}", f"http://a.example/{text}"):
        uri = to_uri(address)
        if uri is not None:
            assert uri.isascii()
            assert uri.isprintable()
            assert " " not in uri
            assert urlsplit(uri).hostname
            assert to_uri(uri) == uri


@given(st.from_regex(urls._IN_ORDER, fullmatch=True))
def test_what_is_taken_for_in_order_is(address: str) -> None:
    assert urls._put_in_order(address) == address


def test_pages_of_the_site_have_ascii_addresses() -> None:
    site = Urls("https://feeds.example/reading")
    assert site.page("categories/新媒体/a b?") == (
        "https://feeds.example/reading/categories/%E6%96%B0%E5%AA%92%E4%BD%93/a%20b%3F"
    )
    assert site.local("sources/x") == "/reading/sources/x"
    assert Urls("http://127.0.0.1:8000").local("") == "/"


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "a//b", "a/../b", "a/./b", "a/", "a\x00b", "a\nb", "a\x7f", "a\ufffdb", "\ud800", "x" * 1001],
)
def test_paths_that_name_nothing(path: str) -> None:
    assert clean(path) is None


def test_a_path_is_brought_to_the_stores_form() -> None:
    assert clean("categories/Cafe\u0301") == "categories/Caf\u00e9"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("latest.rss", ("latest", "rss")),
        ("latest", ("latest", None)),
        ("sources/a.b.atom", ("sources/a.b", "atom")),
        ("sources/a.JSON", ("sources/a", "json")),
        ("categories/x.rss/y", ("categories/x.rss/y", None)),
        ("sources/.rss", ("sources/.rss", None)),
        (".rss", (".rss", None)),
        ("sources/a.xml", ("sources/a.xml", None)),
        ("sources/a.rss.atom", ("sources/a.rss", "atom")),
        ("rss", ("rss", None)),
    ],
)
def test_the_last_segment_tells_the_format(path: str, expected: tuple[str, str | None]) -> None:
    stem, form = split(path)
    assert (stem, form and form.suffix) == expected
