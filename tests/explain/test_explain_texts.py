"""What is said of a file: each of `cases` gives exactly the text of `cases/expected`."""

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from aggregator.config import load_config
from aggregator.errors import AggregatorError
from aggregator.explain import explain_json, explain_text
from tests.explain.explain_cases import EXPECTED, FILES, NOW, copied


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("cases"))


@click.command()
@click.argument("article", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True)
def explain(article: Path, as_json: bool) -> None:
    config = load_config(Path("config.yaml"), {})
    click.echo((explain_json if as_json else explain_text)(config, article, NOW))


@pytest.mark.parametrize("file", FILES)
def test_case(file: str, cases: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(cases)
    result = CliRunner().invoke(explain, [file], catch_exceptions=False)
    golden = EXPECTED / f"{file.replace('/', '-').removesuffix('.md')}.txt"
    if update_golden:
        golden.write_text(result.output, encoding="utf-8")
    assert result.output == golden.read_text(encoding="utf-8")
    assert not (cases / "var").exists()


@pytest.mark.parametrize("file", FILES)
def test_the_json_says_the_same(file: str, cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cases)
    data = json.loads(CliRunner().invoke(explain, [file, "--json"], catch_exceptions=False).output)
    text = CliRunner().invoke(explain, [file], catch_exceptions=False).output
    assert data["verdict"] in text
    for problem in data["problems"]:
        assert problem["message"] in text
    for feed in data["feeds"]:
        assert feed["urls"]["rss"] in text
    if data["article"]:
        assert data["article"]["title"] in text
        assert data["store"]["id"] in data["page"]


def test_colors_are_for_terminals(cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cases)
    plain = CliRunner().invoke(explain, ["crawled/lazy.md"]).output
    colored = CliRunner().invoke(explain, ["crawled/lazy.md"], color=True).output
    assert "\x1b" not in plain
    assert click.unstyle(colored) == plain
    assert colored != plain


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing.md", "missing.md: there is no such file; relative names count from the current folder"),
        ("crawled", "crawled: it is a folder; name a file in it"),
        ("crawled/lazy.md/x", "crawled/lazy.md/x: it cannot be read (Not a directory)"),
        ("/dev/null", "/dev/null: it is no regular file"),
        ("x" * 300, "it cannot be read (File name too long)"),
    ],
)
def test_a_file_that_cannot_be_read(name: str, message: str, cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cases)
    with pytest.raises(AggregatorError, match=re.escape(message)):
        explain_text(load_config(Path("config.yaml"), {}), Path(name), NOW)
