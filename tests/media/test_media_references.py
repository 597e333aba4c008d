"""What a relative reference in an article means, and which media files an article names."""

import unicodedata
from collections.abc import Mapping
from urllib.parse import quote

import pytest

from aggregator.sources import MAX_MEDIA, MEDIA_HOST, Beside, FileStat, Shelf, media_key, media_type
from aggregator.sources.beside import MAX_REMEMBERED, places
from aggregator.sources.media import MEDIA_TYPES, is_media

ARTICLE = "posts/2026/a day.out.md"

# reference in ARTICLE: where it may mean a file, the likeliest place first
REFERENCES = {
    "photo.jpg": ["posts/2026/photo.jpg", "posts/2026/a day.out/photo.jpg"],
    "./photo.jpg": ["posts/2026/photo.jpg", "posts/2026/a day.out/photo.jpg"],
    "a%20day.out/1.png": ["posts/2026/a day.out/1.png", "posts/2026/a day.out/a day.out/1.png"],
    "../photo.JPG": ["posts/photo.JPG", "posts/2026/photo.JPG"],
    "../../photo.jpg": ["photo.jpg", "posts/photo.jpg"],
    "x/../../pictures//photo.jpg": ["posts/pictures/photo.jpg", "posts/2026/pictures/photo.jpg"],
    " photo.jpg\n": ["posts/2026/photo.jpg", "posts/2026/a day.out/photo.jpg"],
    "pho\tto.jpg": ["posts/2026/photo.jpg", "posts/2026/a day.out/photo.jpg"],
    "img\\photo.jpg": ["posts/2026/img/photo.jpg", "posts/2026/a day.out/img/photo.jpg"],
    "img%5Cphoto.jpg": ["posts/2026/img/photo.jpg", "posts/2026/a day.out/img/photo.jpg"],
    "%E6%B9%96.webp": ["posts/2026/湖.webp", "posts/2026/a day.out/湖.webp"],
    "湖 光.webp": ["posts/2026/湖 光.webp", "posts/2026/a day.out/湖 光.webp"],
    "photo.jpg?v=2#top": ["posts/2026/photo.jpg", "posts/2026/a day.out/photo.jpg"],
    "C#.png": ["posts/2026/C#.png", "posts/2026/a day.out/C#.png"],
    "100%.png": ["posts/2026/100%.png", "posts/2026/a day.out/100%.png"],
    "12:30.png": ["posts/2026/12:30.png", "posts/2026/a day.out/12:30.png"],
    # out of the folder
    "../../../photo.jpg": ["photo.jpg"],  # of the asset folder, which is one deeper
    "../../../../photo.jpg": [],
    "%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/photo.jpg": [],
    "..\\..\\..\\..\\photo.jpg": [],
    "%2Fetc/photo.jpg": [],
    "%5C%5Chost/photo.jpg": [],
    # not relative
    "/photo.jpg": [],
    "\\photo.jpg": [],
    "//img.example/photo.jpg": [],
    "https://img.example/photo.jpg": [],
    "HTTP:photo.jpg": [],
    "file:photo.jpg": [],
    "data:image/png;base64,photo.png": [],
    "C:\\photo.jpg": [],
    # not to a media file
    "": [],
    "#top": [],
    "?photo.jpg": [],
    "page.html": [],
    "photo": [],
    "jpg": [],
    ".jpg": [],
    "photo.jpg/": [],
    "page.html?photo.jpg": [],
    "other.md": [],
    ".git/photo.jpg": [],
    "x/.hidden.jpg": [],
    "node_modules/photo.jpg": [],
    "pho%00to.jpg": [],
    "photo.jpg.part": [],
    "photo.jpg%0a": [],
    "photo.jpg%": [],
    "a/" * 2000 + "photo.jpg": [],
}


@pytest.mark.parametrize("reference", REFERENCES)
def test_where_a_reference_leads(reference: str) -> None:
    assert list(places(ARTICLE, reference)) == REFERENCES[reference]


def test_an_article_at_the_root_of_its_folder() -> None:
    assert places("day.md", "photo.jpg") == ("photo.jpg", "day/photo.jpg")
    assert places("day.md", "../photo.jpg") == ("photo.jpg",)
    assert places("no-suffix", "photo.jpg") == ("photo.jpg", "no-suffix/photo.jpg")


def test_types_are_told_by_the_name_and_none_can_run() -> None:
    assert media_type("a/b.WebP") == "image/webp"
    assert media_type("a.jpg/b") is None
    assert {kind.partition("/")[0] for kind in MEDIA_TYPES.values()} == {"image", "audio", "video", "application"}
    assert [kind for kind in MEDIA_TYPES.values() if kind.startswith("application/")] == ["application/pdf"]
    for extension in ("html", "htm", "js", "css", "xml", "json", "md", "txt", "yaml", "env", "zip", "svgz", "swf"):
        assert not is_media(f"a.{extension}")


def test_a_key_is_stable_and_tells_nothing() -> None:
    assert media_key("seeds") == "449220523aec"
    assert media_key("seeds") != media_key("./seeds")


def shelf(files: Mapping[str, int]) -> Shelf:
    return Shelf("0123456789ab", (FileStat(path, path, size, 0, 0) for path, size in files.items()))


def test_a_found_file_has_an_address_and_a_size() -> None:
    beside = Beside(shelf({"posts/湖 光.webp": 5, "posts/day.md": 9}), "posts/day.md", {})
    address = f"{MEDIA_HOST}0123456789ab/posts/%E6%B9%96%20%E5%85%89.webp"
    assert beside.address("湖 光.webp") == address
    assert beside.address("./%E6%B9%96%20光.webp?x") == address
    assert beside.address("day.md") is None
    assert beside.address("https://img.example/a.png") is None
    assert beside.named == {"posts/湖 光.webp": 5}
    assert beside.problems == ()


def test_an_address_has_no_character_that_html_or_a_url_would_change() -> None:
    name = "a&b<c>\"d'e?f#g%h[i]^`{|}~.png"
    beside = Beside(shelf({name: 1}), "day.md", {})
    address = beside.address(quote(name))
    assert address is not None
    assert set(address) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:/.%~")


def test_what_lies_beside_the_article_goes_before_the_asset_folder() -> None:
    both = {"posts/a.png": 1, "posts/day/a.png": 2}
    assert Beside(shelf(both), "posts/day.md", {}).address("a.png") == f"{MEDIA_HOST}0123456789ab/posts/a.png"
    only = Beside(shelf({"posts/day/a.png": 2}), "posts/day.md", {})
    assert only.address("a.png") == f"{MEDIA_HOST}0123456789ab/posts/day/a.png"
    assert only.named == {"posts/day/a.png": 2}


def test_letters_are_the_same_however_they_are_composed() -> None:
    on_disk, written = (unicodedata.normalize(form, "café.png") for form in ("NFD", "NFC"))
    beside = Beside(shelf({on_disk: 1}), "day.md", {})
    assert beside.address(written) == f"{MEDIA_HOST}0123456789ab/cafe%CC%81.png"
    assert Beside(shelf({}), "day.md", beside.named).address(written) == beside.address(written)


def test_a_missed_file_is_wanted_at_each_place_until_it_is_there() -> None:
    beside = Beside(shelf({}), "posts/day.md", {})
    assert beside.address("a.png") is None
    assert beside.named == {"posts/a.png": None, "posts/day/a.png": None}
    assert not shelf({"posts/b.png": 1}).supplies(beside.named)
    assert shelf({"posts/day/a.png": 1}).supplies(beside.named)
    assert not shelf({"posts/day/a.png": MAX_MEDIA + 1}).supplies(beside.named)
    assert not shelf({"posts/a.png": 1}).supplies({"posts/a.png": 1})


def test_a_file_that_was_found_once_stays_found() -> None:
    beside = Beside(shelf({}), "posts/day.md", {"posts/day/a.png": 7, "posts/b.png": None})
    assert beside.address("a.png") == f"{MEDIA_HOST}0123456789ab/posts/day/a.png"
    assert beside.address("b.png") is None
    assert beside.named == {"posts/b.png": None, "posts/day/a.png": 7, "posts/day/b.png": None}
    moved = Beside(shelf({"posts/a.png": 8}), "posts/day.md", {"posts/day/a.png": 7})
    assert moved.address("a.png") == f"{MEDIA_HOST}0123456789ab/posts/a.png"


def test_a_version_tells_files_apart_but_not_places() -> None:
    files = {"x/photo.jpg": 5, "y/photo.jpg": 5, "z/photo.jpg": 6, "y/day/asset.png": 1}
    versions = {folder: Beside(shelf(files), f"{folder}/day.md", {}).version("photo.jpg") for folder in "wxyz"}
    assert versions["x"] == versions["y"]
    assert len(set(versions.values())) == 3
    assert Beside(shelf(files), "x/day.md", {}).version("page.html") is None


def test_a_file_that_is_too_large_is_not_published_and_its_author_is_told() -> None:
    beside = Beside(shelf({"clip.mp4": MAX_MEDIA + 1}), "day.md", {})
    assert beside.address("clip.mp4") is None
    (problem,) = beside.problems
    assert problem.field == "body"
    assert problem.message.startswith("clip.mp4 has 104,857,601 bytes, more than the 104,857,600 allowed")


def test_what_is_remembered_is_bounded() -> None:
    beside = Beside(shelf({}), "day.md", {})
    for number in range(MAX_REMEMBERED):
        beside.address(f"{number}.png")
    assert len(beside.named) == MAX_REMEMBERED
