"""A case per rule and option of a source: an article file, and the article and problems that must come of it.

The front matter's `_about` says what the case is for, `_options` are the source's options, `_path` the file's place.
`--update-golden` writes the expectations anew; read the difference before it is kept.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.models import Entry
from aggregator.normalizer import Options, normalize
from aggregator.sources import parse_entry

CASES = sorted((Path(__file__).parent / "cases").glob("*.md"))
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
MODIFIED = datetime(2024, 5, 31, 8, tzinfo=UTC)


def options(written: dict[str, Any]) -> Options:
    lists = {name: tuple(value) for name, value in written.items() if isinstance(value, list)}
    return Options(**{**written, **lists, "timezone": ZoneInfo(written.get("timezone", "UTC"))})


def outcome(case: Path) -> dict[str, Any]:
    entry = parse_entry(f"posts/{case.name}", case.read_bytes(), MODIFIED)
    assert isinstance(entry, Entry)
    fields = dict(entry.fields)
    place, written = fields.pop("_path", entry.path), fields.pop("_options", {})
    assert isinstance(place, str)
    assert isinstance(written, dict)
    normal = normalize(Entry(place, fields, entry.body, MODIFIED), options(written), NOW)
    article = normal.article._asdict()
    del article["content_hash"], article["body_hash"]
    shown = {name: value for name, value in article.items() if value not in (None, (), "")}
    problems = [f"{problem.field}: {problem.message}" for problem in normal.problems]
    return {"about": fields["_about"], **shown, **({"problems": problems} if problems else {})}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, update_golden: bool) -> None:
    expected = case.with_suffix(".json")
    found = json.dumps(outcome(case), ensure_ascii=False, indent=1, default=str) + "\n"
    if update_golden:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_every_expectation_has_its_case() -> None:
    assert {path.stem for path in CASES[0].parent.glob("*.json")} == {case.stem for case in CASES}
