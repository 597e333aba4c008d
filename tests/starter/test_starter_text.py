"""The text of a starter config, and the questions before it is written."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aggregator.config import parse_config
from aggregator.starter import ask_on_terminal, command, write_starter
from aggregator.starter.document import starter_text
from aggregator.starter.language import language_of
from aggregator.starter.proposal import Proposal, Proposed
from tests.starter.starter_folders import post, write

GOLDEN = Path(__file__).parent / "starter.yaml"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    click.echo(write_starter([folder], Path("config.yaml"), ask_on_terminal))


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    dates = {"date": "2026-02-05 20:22:00"}
    write(tmp_path, {f"news/{n}.md": post(f"晨报 {n}", author="河岸: 观察", **dates) for n in range(3)})
    write(tmp_path, {"news/e.md": post("Evening", author="Harbour Light"), "news/x.mdx": post("Unsigned")})
    return tmp_path


def test_the_whole_text(at_home: Path, update_golden: bool) -> None:
    result = CliRunner().invoke(init, ["news"])
    assert result.exit_code == 0, result.output
    assert (
        result.output
        == """\
Wrote config.yaml with 3 sources:

  河岸: 观察: 3 articles
  Harbour Light: 1 article
  Everything else: one source for each author found, without an item for each

Next:
  aggregator check    what it would publish
  aggregator run      watch and serve; then open http://127.0.0.1:8000/
"""
    )
    text = (at_home / "config.yaml").read_text(encoding="utf-8")
    if update_golden:
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_person_is_asked(at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "is_terminal", lambda: True)
    answers = "\nfeeds.example\nhttp://10.0.0.7:8161/news/\n"
    result = CliRunner().invoke(init, ["news"], input=answers)
    assert result.exit_code == 0, result.output
    assert "Title of the site [News]: " in result.output
    assert "Address under which it is reached [http://127.0.0.1:8000]: " in result.output
    assert "begin it with http:// or https://" in result.output
    config = parse_config((at_home / "config.yaml").read_text(encoding="utf-8"), at_home / "config.yaml", {})
    assert (config.site.title, config.site.url) == ("News", "http://10.0.0.7:8161/news")
    assert (config.server.host, config.server.port) == ("0.0.0.0", 8161)


@pytest.mark.parametrize(
    ("url", "host", "port"),
    [
        ("http://127.0.0.1:8000", "127.0.0.1", 8000),
        ("http://localhost:9000", "127.0.0.1", 9000),
        ("http://[::1]:9000", "127.0.0.1", 9000),
        ("https://feeds.example.com/news", "127.0.0.1", 8000),
        ("https://feeds.example.com:8443", "127.0.0.1", 8000),
        ("http://feeds.example.com", "127.0.0.1", 8000),
        ("http://feeds.example.com:8080", "0.0.0.0", 8080),
    ],
)
def test_where_to_listen_follows_the_address(url: str, host: str, port: int) -> None:
    config = parse_config(starter_text(one("A"), "T", url, Path("/x")), Path("/x/config.yaml"), {})
    assert (config.site.url, config.server.host, config.server.port) == (url, host, port)


def one(title: str, **options: str) -> Proposal:
    return Proposal("T", "en", (Proposed(title, Path("/x/in"), "a note", **options),), 1, 0)  # type: ignore[arg-type]


TEXT = st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"), min_size=1)


@given(title=TEXT, author=TEXT)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_any_text_comes_through_quoting(title: str, author: str) -> None:
    title, author = " ".join(title.split()), " ".join(author.split())
    if not (title and author):
        return
    config = parse_config(
        starter_text(one(title, author=author), title, "http://a.example", Path("/x")), Path("/x/c"), {}
    )
    (source,) = config.sources
    plain = parse_config("site: {title: x}\nsources: [{title: A, path: in}]", Path("/x/c"), {})
    assert plain.site.model_copy(update={"title": config.site.title, "url": "http://a.example"}) == config.site
    assert source.title == config.site.title
    assert len(source.match["author"]) == 1


@pytest.mark.parametrize(
    ("titles", "language"),
    [
        (["iPhone 18 Pro Max 上手：电池更大了", "Plain English"], "zh-CN"),
        (["機車維修與電動車補助", "圖書館開門了"], "zh-TW"),
        (["図書館の新しい本", "東京都知事選挙", "駅前の店"], "ja"),
        (["도서관이 열렸다"], "ko"),
        (["Библиотека открыта"], "ru"),
        (["A Library Opens", "Der Leuchtturm"], "en"),
        (["2048", "…"], None),
        ([], None),
    ],
)
def test_the_language_of_titles(titles: list[str], language: str | None) -> None:
    assert language_of(titles) == language
