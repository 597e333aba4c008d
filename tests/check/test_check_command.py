"""`aggregator check` as it is run: exit codes, what goes where, nothing written, a bar on terminals only."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from aggregator.cli import main

CONFIG = """\
store: sqlite:///var/articles.db
publish: {dir: public}
sources:
  - {title: ZAKER, path: seeds, match: {author: ZAKER}}
"""
ARTICLE = "---\ntitle: One\nauthor: ZAKER\ndate: 2026-11-01\n---\n<p>Text.</p>\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A config and one article, in the current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("AGGREGATOR_CONFIG", raising=False)
    (tmp_path / "config.yaml").write_text(CONFIG)
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "one.md").write_text(ARTICLE)
    return tmp_path


def check(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["check", *arguments])


def test_a_good_config(place: Path) -> None:
    result = check()
    assert result.exit_code == 0
    assert result.stdout.startswith("config.yaml is right.")
    assert "http://127.0.0.1:8000/sources/zaker.atom" in result.stdout
    assert result.stderr == ""


def test_problems_come_last_and_on_standard_error(place: Path) -> None:
    (place / "config.yaml").write_text(CONFIG.replace("author: ZAKER", "author: ZAKKER"))
    result = check()
    assert result.exit_code == 2
    assert "is right" not in result.stdout
    assert result.stderr == (
        'config.yaml:4: sources[0].match.author: "ZAKKER" is the "author" of no file of seeds; '
        'did you mean "ZAKER" (1 file)?\n1 problem found.\n'
    )


def test_notes_are_no_failure(place: Path) -> None:
    (place / "seeds" / "one.md").unlink()
    result = check()
    assert result.exit_code == 0
    assert "Note: config.yaml:4: sources[0].path:" in result.stdout


@pytest.mark.parametrize("broken", ["sources: []", "sources: [{title: A, path: seeds, exclude: '[z-a]'}]", "a: ["])
def test_json_is_json_whatever_is_wrong(place: Path, broken: str) -> None:
    (place / "config.yaml").write_text(broken)
    result = check("--json")
    assert result.exit_code == 2
    data = json.loads(result.stdout)
    assert data["ok"] is False
    assert data["problems"][0]["line"] == 1


def test_json_of_a_good_config(place: Path) -> None:
    result = check("--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["sources"][0]["files"] == 1


def test_nothing_is_written_and_no_store_is_made(place: Path) -> None:
    before = {file: file.stat().st_mtime_ns for file in place.rglob("*")}
    assert check().exit_code == 0
    assert check("--json").exit_code == 0
    assert {file: file.stat().st_mtime_ns for file in place.rglob("*")} == before


def run(place: Path, stderr: int) -> str:
    command = [sys.executable, "-m", "aggregator", "check"]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TERM": "xterm"}
    done = subprocess.run(command, cwd=place, env=environment, stdout=subprocess.PIPE, stderr=stderr, check=True)
    return done.stdout.decode()


def test_a_terminal_shows_a_bar_and_a_pipe_does_not(place: Path) -> None:
    ours, theirs = pty.openpty()
    try:
        printed = run(place, theirs)
        shown = os.read(ours, 10_000).decode()
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Looking at the folders" in shown
    assert "100%" in shown
    assert "Looking at" not in printed
    assert run(place, subprocess.STDOUT) == printed
