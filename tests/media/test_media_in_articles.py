"""Where an article can name a file beside it: front matter, images in all their forms, players, links."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from aggregator.models import Article, Entry
from aggregator.normalizer import Options, normalize
from aggregator.sources import Beside, FileStat, Shelf

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
AT = "https://media.invalid/0123456789ab/posts/"
FILES = (
    "a.png",
    "b c.webp",
    "湖.jpg",
    "clip.mp4",
    "talk.mp3",
    "paper.pdf",
    "day/asset.png",
    "loading.gif",
    "notes.md",
)
SHELF = Shelf("0123456789ab", [FileStat(f"posts/{name}", f"posts/{name}", 9, 0, 0) for name in FILES])
OPTIONS = Options(timezone=UTC, link="https://source.example/")


def article(body: str, options: Options = OPTIONS, **fields: str) -> Article:
    entry = Entry("posts/day.md", {"title": "Day", **fields}, body, NOW)
    return normalize(entry, replace(options, beside=Beside(SHELF, entry.path, {}).address), NOW).article


BODIES = {
    '<p><img src="a.png" alt="x" width="5" height="6"></p>': f'<img alt="x" width="5" height="6" src="{AT}a.png">',
    '<p><img src="./b%20c.webp?v=1"></p>': f'src="{AT}b%20c.webp"',
    '<p><img src="b c.webp"></p>': f'src="{AT}b%20c.webp"',
    '<p><img src="湖.jpg"></p>': f'src="{AT}%E6%B9%96.jpg"',
    '<p><img src="asset.png"></p>': f'src="{AT}day/asset.png"',
    '<p><img class="lazy" data-original="a.png" src="data:image/gif;base64,R0lG"></p>': f'src="{AT}a.png"',
    '<p><img data-src="a.png" src="loading.gif"></p>': f'src="{AT}a.png"',
    '<p><img data-src="../posts/a.png" src="/blank.gif"></p>': f'src="{AT}a.png"',
    '<p><img src="/blank.gif" srcset="a.png 100w, b%20c.webp 800w"></p>': f'src="{AT}b%20c.webp"',
    '<picture><source srcset="a.png 2x"><img></picture>': f'src="{AT}a.png"',
    '<p>x<noscript><img src="a.png"></noscript></p>': f'src="{AT}a.png"',
    '<video poster="a.png" src="clip.mp4"></video>': f'<video src="{AT}clip.mp4" poster="{AT}a.png" controls="">',
    '<video><source src="clip.mp4"></video>': f'<video src="{AT}clip.mp4"',
    '<audio><source src="talk.mp3"></audio>': f'<audio src="{AT}talk.mp3"',
    '<iframe src="paper.pdf" title="Paper"></iframe>': f'<a href="{AT}paper.pdf">Paper</a>',
    '<p><a href="paper.pdf#page=2">paper</a></p>': f'<a href="{AT}paper.pdf">paper</a>',
    '<p><a href="a.png"><img src="b%20c.webp"></a></p>': f'<a href="{AT}a.png"><img src="{AT}b%20c.webp"></a>',
    "![x](a.png)": f'<img alt="x" src="{AT}a.png">',
    "![x](<b c.webp> 'title')": f'src="{AT}b%20c.webp"',
    "![x](湖.jpg)": f'src="{AT}%E6%B9%96.jpg"',
    "{% asset_img asset.png x %}": f'<img alt="x" src="{AT}day/asset.png">',
    '{{< figure src="a.png" caption="x" >}}': f'src="{AT}a.png"',
    # what is not beside the article counts from the source's page, as ever
    '<p><img src="other.png"></p>': 'src="https://source.example/other.png"',
    '<p><img src="/a.png"></p>': 'src="https://source.example/a.png"',
    '<p><img src="//posts/a.png"></p>': 'src="https://posts/a.png"',
    '<p><img src="../../../../a.png"></p>': 'src="https://source.example/a.png"',
    '<p><a href="notes.md">x</a></p>': '<a href="https://source.example/notes.md">x</a>',
    '<p><a href="#a.png">x</a></p>': "x",
    '<p><img src="https://img.example/a.png"></p>': 'src="https://img.example/a.png"',
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body(body: str) -> None:
    assert BODIES[body] in article(body).content


@pytest.mark.parametrize("field", ["cover", "image", "thumbnail", "headimg", "featured_image"])
def test_the_picture_of_the_front_matter(field: str) -> None:
    assert article("<p>text</p>", **{field: "a.png"}).image == f"{AT}a.png"
    assert article("<p>text</p>", **{field: "other.png"}).image == "https://source.example/other.png"


def test_the_first_picture_of_the_body_is_the_article_s() -> None:
    assert article('<p><img src="b c.webp"></p>').image == f"{AT}b%20c.webp"


def test_no_source_page_is_needed() -> None:
    found = article('<p>x <img src="a.png"><img src="other.png"></p>', Options(timezone=UTC))
    assert found.content == f'<p>x <img src="{AT}a.png"></p>'


def test_a_link_of_the_front_matter_is_never_a_file() -> None:
    assert article("<p>text</p>", link="paper.pdf").link == "https://source.example/paper.pdf"
