"""`aggregator init` at a blog: what its own settings say is taken over."""

from pathlib import Path

import pytest

from aggregator.config import Config
from aggregator.starter.blog import blog_around, blog_at
from aggregator.store import Outcome
from tests.starter.starter_folders import post, published, started, write

HEXO = """\
# Hexo Configuration
title: "潮汐 & 灯塔: notes"
language:
  - zh-CN
  - en
timezone: 'Asia/Shanghai'

url: https://tide.example/blog
root: /blog/
source_dir: source
"""
JEKYLL = """\
---
title: >-
  Pier and
  Harbour
url: "https://pier.example"
baseurl: /notes/
lang: en_GB
timezone: Europe/London
"""
HUGO = """\
baseURL = 'https://fell.example/'
languageCode = 'de-at'
title = 'Von Fels zu Fels'
timeZone = 'Europe/Vienna'
[params]
  title = 'not this one'
"""


def facts(config: Config) -> tuple[object, ...]:
    (source,) = config.sources
    return source.title, source.path, source.link, config.site.language, source.timezone, source.categories


def test_hexo(tmp_path: Path) -> None:
    files = {
        "source/_posts/a.md": post("灯塔亮了", author="Ada"),
        "source/_posts/2026/b.md": post("涨潮", author="Bo"),
    }
    aside = {
        "source/about/index.md": post("About"),
        "themes/x/README.md": "# x",
        "scaffolds/post.md": post("{{ title }}"),
    }
    write(tmp_path / "blog", {"_config.yml": HEXO, **files, **aside})
    config = started(tmp_path / "blog", at=tmp_path)
    expected = (
        "潮汐 & 灯塔: notes",
        "blog/source/_posts",
        "https://tide.example/blog/",
        "zh-CN",
        "Asia/Shanghai",
        "path",
    )
    assert facts(config) == expected
    assert config.site.title == "潮汐 & 灯塔: notes"
    assert published(config) == ({Outcome.ARTICLE: 2}, {"潮汐 & 灯塔: notes": 2})


def test_hexos_addresses_of_categories(tmp_path: Path) -> None:
    mapped = """\
category_map:
  新媒体: new-media
  Days Out: days out
  River: new-media   # taken
  $USD: dollar
  "yes": 'a/b'
  deep: {not: a text}
  Unused: unused
  empty:
"""
    posts = {"source/_posts/a.md": post("灯塔亮了", categories="[新媒体, [Days Out]]")}
    write(tmp_path / "blog", {"_config.yml": HEXO + mapped, **posts})
    slugs = started(tmp_path / "blog", at=tmp_path).feeds.category_slugs
    assert slugs == {"新媒体": "new-media", "Days Out": "days-out", "$usd": "dollar", "unused": "unused"}


@pytest.mark.parametrize("folder", ["blog", "blog/source", "blog/source/_posts", "blog/source/_posts/2026"])
def test_a_blog_is_found_from_any_of_its_folders(folder: str, tmp_path: Path) -> None:
    write(tmp_path / "blog", {"_config.yml": HEXO, "source/_posts/2026/b.md": post("涨潮")})
    (source,) = started(tmp_path / folder, at=tmp_path).sources
    assert source.link == "https://tide.example/blog/"
    assert source.path == max(folder, "blog/source/_posts")


def test_jekyll(tmp_path: Path) -> None:
    write(tmp_path / "site", {"_config.yml": JEKYLL, "_posts/2026-02-05-a.md": post("A day", categories="[a, b]")})
    config = started(tmp_path / "site/_posts", at=tmp_path)
    expected = ("Pier and Harbour", "site/_posts", "https://pier.example/notes/", "en", "Europe/London", "flat")
    assert facts(config) == expected
    assert config.sources[0].language == "en-GB"
    assert published(config)[0] == {Outcome.ARTICLE: 1}


@pytest.mark.parametrize("name", ["hugo.toml", "config.toml", "config/_default/hugo.toml"])
def test_hugo(name: str, tmp_path: Path) -> None:
    write(tmp_path / "site", {name: HUGO, "content/posts/a.md": post("Ein Tag"), "content/_index.md": post("Home")})
    config = started(tmp_path / "site", at=tmp_path)
    expected = ("Von Fels zu Fels", "site/content", "https://fell.example/", "en", "Europe/Vienna", "flat")
    assert facts(config) == expected
    assert config.sources[0].language == "de-AT"
    assert published(config)[0] == {Outcome.ARTICLE: 2}


def test_settings_as_the_generator_made_them_say_nothing(tmp_path: Path) -> None:
    unchanged = "title: Hexo\nurl: http://example.com\ntimezone: ''\nlanguage: xx_yy_zz\nsource_dir: ../../../etc\n"
    write(tmp_path / "my pages", {"_config.yml": unchanged, "source/_posts/a.md": post("涨潮")})
    config = started(tmp_path / "my pages", at=tmp_path)
    assert facts(config) == ("My pages", "my pages", None, "zh-CN", "UTC", "path")


@pytest.mark.parametrize(
    "settings",
    ["", "- a list\n", "title: [x\n", "\0\1", "title: &a [*a]\nurl: javascript:alert(1)\ntimezone: Beijing\n"],
)
def test_settings_that_say_nothing_of_use(settings: str, tmp_path: Path) -> None:
    write(tmp_path / "in", {"_config.yml": settings, "_posts/a.md": post("A")})
    config = started(tmp_path / "in", at=tmp_path)
    assert (config.sources[0].link, config.sources[0].timezone) == (None, "UTC")
    assert published(config)[0] == {Outcome.ARTICLE: 1}


def test_other_programs_settings_are_no_blog(tmp_path: Path) -> None:
    write(tmp_path, {"config.yaml": "site: {title: x}\nsources: []\n", "config.toml": "title = 'x'\n"})
    assert blog_at(tmp_path) is None
    write(tmp_path / "home", {"_config.yml": HEXO, "x/y/z/a.md": post("A")})
    assert blog_around(tmp_path / "home/x/y/z") is None


def test_a_folder_of_blogs_and_more(tmp_path: Path) -> None:
    write(tmp_path / "all/one", {"hugo.toml": HUGO, "content/a.md": post("A"), "README.md": "# no article"})
    write(tmp_path / "all/two", {"hugo.toml": HUGO, "content/b.md": post("B")})
    config = started(tmp_path / "all", at=tmp_path)
    assert [(source.title, source.path) for source in config.sources] == [
        ("Von Fels zu Fels", "all/one/content"),
        ("Von Fels zu Fels 2", "all/two/content"),
    ]
    write(tmp_path / "all", {"three/c.md": post("C", author="Cleo"), "three/d.md": post("D")})
    (tmp_path / "config.yaml").unlink()
    config = started(tmp_path / "all", at=tmp_path)
    assert published(config)[1] == {
        "Von Fels zu Fels": 1,
        "Von Fels zu Fels 2": 1,
        "Cleo": 1,
        "Everything else": 1,
    }


def test_a_crawler_that_writes_into_a_blog_is_many_sources(tmp_path: Path) -> None:
    def crawled(number: int, source: str) -> str:
        return post(f"Item {number}", author=source, categories=f"[News, {source}, top]")

    names = [f"Source {number}" for number in range(12)]
    posts = {f"source/_posts/News/{name}/top/{n}.md": crawled(n, name) for n, name in enumerate(names)}
    write(tmp_path / "blog", {"_config.yml": HEXO, **posts})
    config = started(tmp_path / "blog", at=tmp_path)
    assert [(source.split_by, source.link, source.timezone) for source in config.sources] == [
        ("author", None, "Asia/Shanghai")
    ]
    assert set(published(config)[1]) == set(names)
