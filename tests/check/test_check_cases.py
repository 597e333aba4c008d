"""What `aggregator check` finds: each `cases/NAME.yaml` is a config and files, `cases/NAME.txt` what is told."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from aggregator.check import Report, check_config, report_json, report_text
from aggregator.check.look import MOST
from aggregator.config import load_config

CASES = Path(__file__).parent / "cases"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ENVIRON = {"SECRET": "hunter2"}
NAMES = sorted(file.stem for file in CASES.glob("*.yaml"))


def make(folder: Path, case: Mapping[str, Any]) -> None:
    """The config and the files of a case: each a text, or front matter as a group, or `null` for an empty folder."""
    (folder / "config.yaml").write_text(case["config"], encoding="utf-8")
    for name, content in case["files"].items():
        file = folder / name
        if content is None:
            file.mkdir(parents=True)
            continue
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            front = yaml.safe_dump({"date": "2026-11-01", **content}, allow_unicode=True)
            content = f"---\n{front}---\n<p>Text.</p>\n"
        file.write_text(content, encoding="utf-8")
        os.utime(file, (NOW.timestamp() - 60,) * 2)


def report_of(name: str, folder: Path) -> Report:
    case = yaml.safe_load((CASES / f"{name}.yaml").read_text(encoding="utf-8"))
    make(folder, case)
    config = load_config(Path("config.yaml"), ENVIRON)
    return check_config(config, NOW, lambda done, total: None, case.get("most", MOST))


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, update_golden: bool) -> None:
    monkeypatch.chdir(tmp_path)
    report = report_of(name, tmp_path)
    text = f"{report_text(report)}\n" + "".join(f"\nProblem: {problem}" for problem in report.problems)
    text = text.rstrip().replace(str(tmp_path), "HERE") + "\n"
    golden = CASES / f"{name}.txt"
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert "hunter2" not in "".join(map(str, (*report.problems, *report.notes)))
    assert text.replace("\n", "").isprintable()


def test_json_says_what_the_text_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    data = report_json(report_of("good", tmp_path))
    assert data["ok"] is True
    assert [(one["slug"], one["files"], one["drafts"]) for one in data["sources"]] == [
        ("zaker", 2, 0),
        ("notes", 1, 1),
        ("ada", 1, 0),
    ]
    assert data["sources"][0]["newest"] == {"title": "Second", "date": "2026-11-19T20:30:00Z"}
    assert data["categories"][0] == {
        "title": "Media",
        "url": "http://127.0.0.1:8000/categories/Media.atom",
        "files": 2,
    }
    assert [one["files"] for one in data["feeds"]] == [1, None]


def test_problems_are_in_the_json_with_all_their_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (problem,) = report_json(report_of("match-near", tmp_path))["problems"][:1]
    assert problem["key"] == "sources[0].match.author"
    assert problem["line"] == 4
    assert problem["value"] == "ZAKKER"
    assert problem["text"] == f'config.yaml:4: sources[0].match.author: "ZAKKER" {problem["message"]}'
