"""Generated article files in the upstream format, of a given number and size. The same arguments, the same bytes."""

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
COMMON = "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也"


def write_corpus(root: Path, files: int, sources: int = 40, channels: int = 100, start: int = 0) -> None:
    """Write `files` articles of about 5.5 KB below `root`, as category/source/channel/title.md; the first is number
    `start`."""
    for number in range(start, start + files):
        chance = random.Random(number)
        channel = number % channels
        source = channel % sources
        names = (f"分类{source % 5}", f"来源{source}", f"频道{channel}")
        folder = root.joinpath(*names)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"文章_{number}.md").write_text(_article(chance, number, names), encoding="utf-8")


def _article(chance: random.Random, number: int, names: tuple[str, ...]) -> str:
    image = f"http://img{_source_of(names)}.example/2026/{number}/{{}}.jpg"
    date = format_datetime(FIRST + timedelta(minutes=17 * number), usegmt=True)
    head = "".join(f"\n - {name}" for name in names)
    paragraphs = "".join(_paragraph(chance, number, index, image.format(index)) for index in range(8))
    return (
        f"\n---\ntitle: '第{number}篇：{words(chance, 14)}'\ncategories: {head}\n"
        f"headimg: 'https://cors.zfour.workers.dev/?{image.format(0)}'\nauthor: {names[1]}\ncomments: false\n"
        f"date: {date}\nthumbnail: 'https://cors.zfour.workers.dev/?{image.format(0)}'\n---\n\n"
        f"<div>   \n{paragraphs}  \n</div>\n            "
    )


def _source_of(names: tuple[str, ...]) -> str:
    """The number in a source's name."""
    return names[1].removeprefix("来源")


def _paragraph(chance: random.Random, number: int, index: int, image: str) -> str:
    picture = (
        f'<p></p><div class="img_box" id="id_imagebox_{index}" onclick><div class="content_img_div">'
        f'<img class="lazy" data-original="{image}" data-height="697" data-width="1000" '
        f'src="https://cors.zfour.workers.dev/?{image}" referrerpolicy="no-referrer"></div></div>'
    )
    text = f"<p>{number}.{index} {words(chance, 150)}。</p>"
    return text + picture if index % 3 == 0 else text


def words(chance: random.Random, number: int) -> str:
    """So many Chinese characters by chance."""
    return "".join(chance.choices(COMMON, k=number))
