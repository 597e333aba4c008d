"""One file per quirk: `cases/<name>.md` (or .bin) goes in, `cases/<name>.json` must come out."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from aggregator.models import Entry, Problem
from aggregator.sources import is_whole, parse_entry

CASES = sorted(path for path in (Path(__file__).parent / "cases").iterdir() if path.suffix != ".json")
MODIFIED = datetime(2022, 2, 6, 8, 0, tzinfo=UTC)


def as_json(result: Entry | Problem) -> dict[str, Any]:
    if isinstance(result, Problem):
        return {"problem": problem_as_json(result)}
    problems = [problem_as_json(problem) for problem in result.problems]
    return {"fields": result.fields, "body": result.body, "whole": is_whole(result), "problems": problems}


def problem_as_json(problem: Problem) -> dict[str, Any]:
    return {"message": problem.message, "field": problem.field, "line": problem.line}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_case(case: Path, update_golden: bool) -> None:
    result = as_json(parse_entry("a/b.md", case.read_bytes(), MODIFIED))
    expected = case.with_suffix(".json")
    if update_golden:
        expected.write_text(json.dumps(result, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    assert result == json.loads(expected.read_text(encoding="utf-8"))


def test_every_expectation_has_its_file() -> None:
    expected = {path.stem for path in (Path(__file__).parent / "cases").glob("*.json")}
    assert expected == {path.stem for path in CASES}
    assert len(CASES) > 100


def test_path_and_time_are_passed_on() -> None:
    entry = parse_entry("a/b.md", b"---\ntitle: x\n---\n", MODIFIED)
    assert isinstance(entry, Entry)
    assert (entry.path, entry.modified) == ("a/b.md", MODIFIED)
