"""What the sample set promises: articles of several sources, each of the upstream's quirks in some file."""

import re
from collections import Counter
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
import yaml

from aggregator.sources import Beside, DiskFolder, Shelf

SEEDS = Path(__file__).parent.parent / "seeds"
UPSTREAM = sorted(SEEDS.glob("*/*/*/*.md"))
RAW = {path: path.read_bytes() for path in UPSTREAM}
TWICE = "一台旧望远镜，让山村小学看见土星环"  # in two channels, on purpose

# quirk: (how it looks in the bytes' text, in how many files it must be)
QUIRKS = {
    "dead image proxy": (r'src="https://cors\.zfour\.workers\.dev/\?http://', 2),
    "lazy, data-original": (r'class="lazy[^>]*data-original="http', 2),
    "lazy, a picture beside the article": (r'class="lazy[^>]*data-original="\.\./pictures/', 3),
    "lazy, other attributes": (r'<img data-(lazy-)?src="', 2),
    "srcset": (r'srcset="', 1),
    "noscript copy": (r"<noscript><img ", 2),
    "picture beside the article": (r'<img [^>]*src="(\.\./)?pictures/', 10),
    "placeholder": (r"headimg: 'https://picsum\.photos/400/300\?random=\d+'", 3),
    "escaped braces in the title": (r"title: .*&#123;.*&#125;", 1),
    "style block": (r"<style>[^<]*&#123;[^<]*&#125;", 2),
    "sanitized title": (r"title: .*_", 3),
    "title with entities": (r"title: .*&amp;", 1),
    "title in double quotes": (r'title: "[^"]*\'[^"]*"\r?\n', 1),
    "title with both quotes": (r'title: "[^"\n]*"[^"\n]+""', 1),
    "empty onclick": (r" onclick>", 3),
    "empty paragraphs": (r"<p></p><p></p>", 2),
    "protocol-relative": (r'(href|src)="//', 3),
    "relative link": (r'href="(/|\.\./)\w', 3),
    "tracking pixel": (r'width="1" height="1"', 2),
    "iframe": (r"<iframe ", 2),
    "thumbnail only, two categories": (r"categories: \n( - .+\n){2}author: (.+\n){3}thumbnail", 1),
    "dash before the channel": (r"\n - — ", 2),
    "channel that is no YAML": (r"\n - @", 1),
    "channel that is a number": (r"\n - \d+\n", 1),
    "naive date": (r"\ndate: 2026-\d\d-\d\d \d\d:\d\d:\d\d\r?\n", 3),
    "CRLF": (r"\r\n---\r\n", 1),
    "BOM": (r"^\ufeff\n---\n", 1),
}


def text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030")


def field(name: str, raw: bytes) -> str:
    match = re.search(rf"^{name}: (.+?)\r?$", text(raw), re.MULTILINE)
    assert match, name
    return match[1]


def parses(raw: bytes) -> bool:
    try:
        return isinstance(yaml.safe_load(text(raw).split("---")[1]), dict)
    except yaml.YAMLError:
        return False


def test_enough_of_everything() -> None:
    assert len(UPSTREAM) >= 16
    assert len({field("author", raw) for raw in RAW.values()}) >= 4
    assert len({path.relative_to(SEEDS).parts[0] for path in UPSTREAM}) >= 3


@pytest.mark.parametrize("quirk", QUIRKS)
def test_quirk_is_present(quirk: str) -> None:
    pattern, least = QUIRKS[quirk]
    assert sum(bool(re.search(pattern, text(raw))) for raw in RAW.values()) >= least


def test_one_file_is_gb18030_and_two_are_broken_yaml() -> None:
    assert sum(text(raw).encode() != raw for raw in RAW.values()) == 1
    assert sum(not parses(raw) for raw in RAW.values()) == 2


def test_shape_is_the_upstreams() -> None:
    for path, raw in RAW.items():
        plain = text(raw).removeprefix("\ufeff").replace("\r\n", "\n")
        assert re.fullmatch(r"\n---\n[^{}]+\n---\n\n<div>   \n[^{}]+  \n</div>\n {12}", plain), path


def test_titles_are_distinct_but_for_the_one_in_two_channels() -> None:
    titles = Counter(field("title", raw).strip("'\"") for raw in RAW.values())
    assert {title for title, count in titles.items() if count > 1} == {TWICE}
    bodies = {raw.partition(b"<div>")[2] for path, raw in RAW.items() if path.stem == TWICE}
    assert len(bodies) == 1


def test_dates_are_not_in_the_future() -> None:
    for raw in RAW.values():
        date = field("date", raw)
        naive = date[0].isdigit()
        when = datetime.fromisoformat(f"{date}Z") if naive else parsedate_to_datetime(date)
        assert datetime(2026, 10, 30, tzinfo=UTC) < when < datetime(2026, 11, 20, tzinfo=UTC)


def test_two_ordinary_blogs() -> None:
    blogs = {path: path.read_text(encoding="utf-8") for path in SEEDS.glob("h*-blog/**/*.md")}
    assert Counter(path.relative_to(SEEDS).parts[0] for path in blogs) == {"hexo-blog": 4, "hugo-blog": 4}
    assert sum("\ndraft: true\n" in post for post in blogs.values()) == 1
    assert Counter(post[:3] for post in blogs.values()) == {"---": 6, "+++": 1, "{\n ": 1}
    assert sum(path.name == "index.md" for path in blogs) == 1  # a folder with its pictures
    assert sum("{% asset_img " in post for post in blogs.values()) == 1


def test_every_picture_is_small_and_beside_an_article_that_shows_it() -> None:
    files = DiskFolder(SEEDS).files().files
    pictures = {file.path: file.size for file in files if not file.path.endswith(".md")}
    assert len(pictures) >= 20
    assert {Path(path).suffix for path in pictures} == {".webp", ".png", ".jpg"}
    assert max(pictures.values()) < 30_000
    assert sum(file.size for file in files) < 600_000
    shown: dict[str, int | None] = {}
    for article in SEEDS.rglob("*.md"):
        beside = Beside(Shelf("", files), article.relative_to(SEEDS).as_posix(), {})
        for reference in re.findall(r"(?<![\w./-])[\w.][\w./-]*\.(?:webp|png|jpg)\b", text(article.read_bytes())):
            assert beside.address(reference), (article, reference)
        shown |= beside.named
    assert shown == pictures
