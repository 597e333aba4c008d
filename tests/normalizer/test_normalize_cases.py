"""A case per rule, option and quirk: an article file, and the article and problems that must come of it.

The front matter may say more: `_about` what the case is for, `_options` the source's options in place of OPTIONS,
`_path` the file's place. `--update-golden` writes the expectations anew; read the difference before it is kept.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aggregator.models import Entry
from aggregator.normalizer import Options, is_draft, normalize
from aggregator.sources import parse_entry

FOLDER = Path(__file__).parent / "cases"
CASES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".json")
OPTIONS = {"timezone": "Asia/Shanghai", "link": "https://river.example/news/"}
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
MODIFIED = datetime(2026, 11, 19, 8, tzinfo=UTC)


def options(written: dict[str, Any]) -> Options:
    lists = {name: tuple(value) for name, value in written.items() if isinstance(value, list)}
    return Options(**{**written, **lists, "timezone": ZoneInfo(written.get("timezone", "UTC"))})


def outcome(case: Path) -> dict[str, Any]:
    entry = parse_entry(f"posts/{case.name}", case.read_bytes(), MODIFIED)
    assert isinstance(entry, Entry)
    if is_draft(entry):
        return {"draft": True}
    fields = dict(entry.fields)
    about = {"about": fields.pop("_about")} if "_about" in fields else {}
    place, written = fields.pop("_path", entry.path), fields.pop("_options", OPTIONS)
    assert isinstance(place, str)
    assert isinstance(written, dict)
    normal = normalize(entry._replace(path=place, fields=fields), options(written), NOW)
    article = normal.article._asdict()
    del article["content_hash"], article["body_hash"]
    shown = {name: value for name, value in article.items() if value not in (None, (), "")}
    problems = [f"{problem.field}: {problem.message}" for problem in normal.problems]
    return {**about, **shown, **({"problems": problems} if problems else {})}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_case(case: Path, update_golden: bool) -> None:
    expected = case.with_suffix(".json")
    found = json.dumps(outcome(case), ensure_ascii=False, indent=1, default=str) + "\n"
    if update_golden:
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_every_expectation_has_its_case() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == {case.stem for case in CASES}
