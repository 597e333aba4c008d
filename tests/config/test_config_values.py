"""Good configs: what each way of writing a value comes to."""

from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from aggregator.config import Config, SourceConfig, load_config, parse_config
from aggregator.config.quantities import parse_duration, parse_size
from aggregator.config.urls import parse_base_url, parse_link, parse_store
from aggregator.errors import ConfigError

ROOT = Path(__file__).parents[2]
FILE = Path("/etc/aggregator/config.yaml")


def config_of(text: str, **environ: str) -> Config:
    return parse_config(text, FILE, environ)


def source_of(options: str, **environ: str) -> SourceConfig:
    return config_of(f"sources:\n  - {{title: A, path: a, {options}}}\n", **environ).sources[0]


def test_the_defaults() -> None:
    config = config_of("sources:\n  - title: ZAKER\n    path: seeds\n")
    assert config.file == FILE
    assert (config.site.title, config.site.url, config.site.language) == ("Articles", "http://127.0.0.1:8000", "en")
    assert config.store == "sqlite:////etc/aggregator/var/aggregator.db"
    assert (config.server.host, config.server.port, config.server.workers) == ("127.0.0.1", 8000, 2)
    assert (config.feeds.limit, config.feeds.ttl, config.feeds.custom) == (50, timedelta(minutes=15), ())
    (source,) = config.sources
    assert source.folder == Path("/etc/aggregator/seeds")
    assert source.model_dump() == {
        "title": "ZAKER",
        "path": "seeds",
        "slug": None,
        "aliases": (),
        "match": {},
        "split_by": None,
        "link": None,
        "include": ("*.md", "*.markdown", "*.mdown", "*.html", "*.htm", "*.txt"),
        "exclude": (),
        "language": None,
        "timezone": "UTC",
        "every": timedelta(minutes=5),
        "cron": None,
        "format": "auto",
        "categories": "path",
        "image_proxies": (),
        "placeholders": (),
        "on_delete": "keep",
        "on_remove": "keep",
        "retain": None,
        "enabled": True,
        "max_size": 5 * 1024 * 1024,
    }


@pytest.mark.parametrize("title", ["2048", "no", "~x", "0x1F", "1e3", "2024-01-01", "12:30:45", "1_000", "=", ".inf"])
def test_text_stays_as_it_is_written(title: str) -> None:
    source = config_of(f"sources:\n  - title: {title}\n    path: a\n    match: {{author: [{title}]}}\n").sources[0]
    assert (source.title, source.match) == (title, {"author": (title,)})


@pytest.mark.parametrize(
    ("options", "name", "expected"),
    [
        ("aliases: old", "aliases", ("old",)),
        ("aliases: [旧名, cafe\u0301]", "aliases", ("旧名", "café")),
        ("on_remove: Gone", "on_remove", "gone"),
        ("enabled: no", "enabled", False),
        ("enabled: On", "enabled", True),
        ("enabled: 0", "enabled", False),
        ("enabled: ", "enabled", True),
        ("slug: null", "slug", None),
        ('slug: ""', "slug", None),
        ('slug: "null"', "slug", "null"),
        ("slug: 新闻", "slug", "新闻"),
        ("slug: cafe\u0301", "slug", "café"),
        ("slug: v2.news", "slug", "v2.news"),
        ("match: {Author: ZAKER}", "match", {"author": ("ZAKER",)}),
        ('match: {author: "  cafe\u0301  bar"}', "match", {"author": ("café bar",)}),
        ("match: {author: [A, 36]}", "match", {"author": ("A", "36")}),
        ("split_by: Author", "split_by", "author"),
        ('include: "*.md"', "include", ("*.md",)),
        ("exclude: []", "exclude", ()),
        ("exclude: [old/, '!old/new.md', '\\#x']", "exclude", ("old/", "!old/new.md", r"\#x")),
        ("format: Markdown", "format", "markdown"),
        ("language: zh-hans-cn", "language", "zh-Hans-CN"),
        ("language: ZH-cn", "language", "zh-CN"),
        ("language: es-419", "language", "es-419"),
        ("language: yue", "language", "yue"),
        ("language: de-ch-1996", "language", "de-CH-1996"),
        ("language: en-x-Twain", "language", "en-x-twain"),
        ("cron: 0  6 * * MON-Fri", "cron", "0 6 * * mon-fri"),
        ("every: 90", "every", timedelta(seconds=90)),
        ("max_size: 4096", "max_size", 4096),
        ('link: "https://例子.example/关于?a=b"', "link", "https://xn--fsqu00a.example/%E5%85%B3%E4%BA%8E?a=b"),
        ('image_proxies: "https://p.example/?"', "image_proxies", ("https://p.example/?",)),
    ],
)  # fmt: skip
def test_options_of_a_source(options: str, name: str, expected: object) -> None:
    assert getattr(source_of(options), name) == expected


@pytest.mark.parametrize(
    ("path", "written", "folder"),
    [
        ("./seeds/", "seeds", "/etc/aggregator/seeds"),
        ("seeds//a/./b", "seeds/a/b", "/etc/aggregator/seeds/a/b"),
        (".", ".", "/etc/aggregator"),
        ("../articles", "../articles", "/etc/articles"),
        ("/srv/articles/", "/srv/articles", "/srv/articles"),
        ("my articles", "my articles", "/etc/aggregator/my articles"),
        ("文章", "文章", "/etc/aggregator/文章"),
        ("${DATA}/x", "/data/x", "/data/x"),
    ],
)
def test_paths(path: str, written: str, folder: str) -> None:
    source = config_of(f"sources: [{{title: A, path: '{path}'}}]", DATA="/data").sources[0]
    assert (source.path, source.folder) == (written, Path(folder))


def test_a_path_counts_from_the_config_file_and_its_symbolic_link_is_kept(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "config.yaml").write_text("sources: [{title: A, path: link/a}]\n")
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "config.yaml").symlink_to(tmp_path / "real" / "config.yaml")
    (tmp_path / "etc" / "link").symlink_to(tmp_path)
    config = load_config(tmp_path / "etc" / "config.yaml", {})
    assert config.sources[0].folder == tmp_path / "etc" / "link" / "a"
    assert config.store == f"sqlite:///{tmp_path}/etc/var/aggregator.db"


def test_a_relative_config_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.yaml").write_text("\ufeffsources: [{title: A, path: a}]\r\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert load_config(Path("config.yaml"), {}).sources[0].folder == tmp_path / "a"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("30 seconds", 30),
        ("90s", 90),
        ("5 minutes", 300),
        ("5m", 300),
        ("1 hour", 3600),
        ("1h 30m", 5400),
        ("1h30m", 5400),
        ("2 Days, 1 hour", 176400),
        ("1.5 hours", 5400),
        ("1 week", 604800),
        ("0", 0),
        ("5 分钟", 300),
        ("1小时30分钟", 5400),
        ("２ 天", 172800),
        ("366 days", 366 * 86400),
    ],
)
def test_durations(text: str, seconds: int) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", " ", "m", "5 parsecs", "-5 m", "5m x", "5,5m", "1:30", "1e3", "∞", "9" * 400])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError):
        parse_duration(text)


@pytest.mark.parametrize(
    ("text", "size"),
    [("5 MiB", 5 << 20), ("500 KB", 500_000), ("500kib", 512_000), ("2M", 2 << 20), ("1 GiB", 1 << 30),
     ("1.5k", 1536), ("10 bytes", 10), ("7B", 7)],
)  # fmt: skip
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("HTTPS://Feeds.Example.COM/News//", "https://feeds.example.com/News"),
        ("https://例子.example", "https://xn--fsqu00a.example"),
        ("https://example.com/新闻/", "https://example.com/%E6%96%B0%E9%97%BB"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost", "http://localhost"),
    ],
)
def test_site_urls(text: str, url: str) -> None:
    assert parse_base_url(text) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://example.com", "https://example.com/"),
        ("https://example.com/a%20b/100%?q=%E4#x", "https://example.com/a%20b/100%25?q=%E4#x"),
    ],
)
def test_links(text: str, url: str) -> None:
    assert parse_link(text) == url
    assert parse_link(url) == url


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("sqlite:///var/a.db", "sqlite:////etc/x/var/a.db"),
        ("sqlite:///../a.db", "sqlite:////etc/a.db"),
        ("sqlite:////srv/a.db", "sqlite:////srv/a.db"),
        ("sqlite:///a.db?timeout=5", "sqlite:////etc/x/a.db?timeout=5"),
        *[(url, url) for url in ("postgresql+psycopg://u:p%40 w@h:5432/d", "postgresql+psycopg://h/d?sslmode=require",
                                 "postgresql+psycopg:///d", "postgresql+psycopg://u@[::1]:5432/d")],
    ],
)  # fmt: skip
def test_stores(text: str, url: str) -> None:
    assert parse_store(text, Path("/etc/x")) == url


def test_the_environment_is_put_in_once() -> None:
    config = config_of(
        "site: {title: '${A}, $$5 $x'}\nstore: 'postgresql+psycopg://u:${PW}@h/d'\nserver: {port: '${PORT}'}\n"
        "sources: [{title: A, path: a}]\n",
        A="${PW}",
        PW="p%40ss",
        PORT="8080\n",
    )
    assert config.site.title == "${PW}, $5 $x"
    assert config.store == "postgresql+psycopg://u:p%40ss@h/d"
    assert config.server.port == 8080
    assert "p%40ss" not in repr(config)


def test_defaults_hold_for_sources_that_do_not_say_otherwise() -> None:
    config = config_of(
        "defaults: {timezone: Asia/Shanghai, exclude: drafts/, cron: 0 6 * * *, on_delete: }\n"
        "sources:\n"
        "  - {title: A, path: a}\n"
        "  - {title: B, path: b, timezone: UTC, every: 1h, exclude: }\n"
        "  - {title: C, path: c, cron: 0 7 * * *, exclude: []}\n"
    )
    first, second, third = config.sources
    assert (first.timezone, first.tzinfo, first.exclude, first.cron, first.on_delete) == (
        "Asia/Shanghai", ZoneInfo("Asia/Shanghai"), ("drafts/",), "0 6 * * *", "keep"
    )  # fmt: skip
    assert (second.timezone, second.exclude, second.cron, second.every) == (
        "UTC",
        ("drafts/",),
        None,
        timedelta(hours=1),
    )
    assert (third.exclude, third.cron) == ((), "0 7 * * *")
    assert first.crontab is not None
    assert first.crontab.hour == (6,)
    assert second.crontab is None


def test_a_source_replaces_the_cron_of_the_defaults_and_the_every() -> None:
    config = config_of("defaults: {every: 1h}\nsources: [{title: A, path: a, cron: 0 6 * * *}, {title: B, path: b}]")
    assert [source.cron for source in config.sources] == ["0 6 * * *", None]
    assert config.sources[1].every == timedelta(hours=1)


def test_aliases_work() -> None:
    config = config_of("sources: [{title: A, path: a, exclude: &x [drafts/]}, {title: B, path: b, exclude: *x}]")
    assert config.sources[0].exclude == config.sources[1].exclude == ("drafts/",)


def test_the_same_title_with_different_slugs() -> None:
    config = config_of(
        "sources: [{title: A, path: a, slug: one}, {title: A, path: b, slug: two}, {title: A, path: c}]"
    )
    assert [source.slug for source in config.sources] == ["one", "two", None]


CUSTOM = """
feeds:
  custom:
    - slug: stars
      title: "  星空  与望远镜 "
      sources: zaker
      categories: [新媒体 / ZAKER, [AC/DC, live], 科技]
      include: 'café|\\bstars?\\b'
      exclude: ".*"
      authors: [Ada  Byron, 河岸]
      aliases: astronomy
sources:
  - {title: ZAKER News, slug: zaker-news, path: a, aliases: [zaker]}
  - {title: Field Notes, path: a}
"""


def test_a_custom_feed() -> None:
    config = config_of(CUSTOM)
    (feed,) = config.feeds.custom
    assert feed.model_dump() == {
        "slug": "stars",
        "title": "星空 与望远镜",
        "sources": ("zaker",),
        "categories": (("新媒体", "ZAKER"), ("AC/DC", "live"), ("科技",)),
        "include": r"café|\bstars?\b",
        "exclude": ".*",
        "authors": ("Ada Byron", "河岸"),
        "aliases": ("astronomy",),
    }


def test_a_source_is_meant_by_slug_title_or_alias() -> None:
    config = config_of(CUSTOM)
    names = ("zaker-news", "zaker news", "ZAKER", "FIELD NOTES", "field-notes", "Field  notes!", "nowhere")
    expected = ["zaker-news"] * 3 + ["field-notes"] * 3 + [None]
    assert [config.source_slug(name) for name in names] == expected
    assert config == config_of(CUSTOM)


def test_where_sources_are_found_in_files_a_custom_feed_may_name_any() -> None:
    config = config_of(
        "feeds: {custom: [{slug: a, title: A, sources: 河岸}]}\nsources: [{title: B, path: b, split_by: x}]"
    )
    assert config.feeds.custom[0].sources == ("河岸",)


def test_configs_are_equal_wherever_their_options_stand() -> None:
    text = "sources: [{title: A, path: a}]"
    config = config_of(text)
    assert config == config_of("# a comment\n\n" + text)
    assert config != config_of(text.replace("a}", "b}"))
    assert config != parse_config(text, Path("/elsewhere/config.yaml"), {})
    assert config.mark("sources", 0, "path").line == 1  # type: ignore[union-attr]
    assert config.mark("site") is None


def test_a_config_cannot_be_changed() -> None:
    config = config_of("sources: [{title: A, path: a}]")
    with pytest.raises(ValueError, match="frozen"):
        config.server.port = 1  # type: ignore[misc]


def test_folder_and_file_are_not_options() -> None:
    with pytest.raises(ConfigError) as caught:
        config_of("file: x\nsources: [{title: A, path: a, folder: b, _folder: c}]")
    assert [problem.key for problem in caught.value.problems] == ["file", "sources[0].folder", "sources[0]._folder"]


def test_the_config_that_comes_with_the_project() -> None:
    config = load_config(ROOT / "config.yaml", {})
    assert config.site.language == "zh-CN"
    assert [source.title for source in config.sources][-1] == "Everything else"
    assert config.sources[-1].split_by == "author"
    assert all(source.folder.is_relative_to(ROOT / "seeds") for source in config.sources)


def test_thousands_of_sources() -> None:
    items = "".join(f"  - {{title: S{number}, path: p{number}, match: {{author: A}}}}\n" for number in range(2000))
    assert len(config_of("defaults: {timezone: Asia/Shanghai}\nsources:\n" + items).sources) == 2000
