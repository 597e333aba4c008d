"""`aggregator status`: what it prints, and that it answers when the config is broken."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli import main
from aggregator.cli.status import SHOWN, status_text
from aggregator.models import Problem
from aggregator.status import as_json, read_status
from tests.support import BODY, Place, article

GOLDEN = Path(__file__).parent / "golden"


def expected(name: str, found: str, *, update: bool) -> str:
    file = GOLDEN / name
    if update:
        file.parent.mkdir(exist_ok=True)
        file.write_text(found, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def run(place: Place, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, ["status", "--config", str(place.root / "config.yaml"), *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_the_tables(month: Place, update_golden: bool) -> None:
    found = status_text(read_status(month.store, month.config, month.now)) + "\n"
    assert found == expected("status.txt", found, update=update_golden)


def test_the_json(month: Place, update_golden: bool) -> None:
    values = as_json(read_status(month.store, month.config, month.now)) | {"version": "0"}
    found = json.dumps(values, ensure_ascii=False, indent=1) + "\n"
    assert found == expected("status.json", found, update=update_golden)


def test_the_command_tells_a_good_store(place: Place) -> None:
    code, told, wrong = run(place)
    assert (code, wrong) == (0, "")
    assert "0 articles" in told
    assert "the first scan is not done yet" in told
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    code, told, _ = run(place, "--json")
    values = json.loads(told)
    assert (code, values["articles"], values["sources"][0]["slug"]) == (0, 1, "source")
    assert {"articles", "sources", "feeds", "folders", "problems"} <= values.keys()


def test_a_broken_config_is_told_and_the_store_all_the_same(place: Place) -> None:
    place.write("articles/a.md", article("A", BODY))
    place.scan()
    file = place.root / "config.yaml"
    text = file.read_text(encoding="utf-8").replace("path: articles", "path: articles, every: 5 minuts")
    file.write_text(text, encoding="utf-8")
    code, told, wrong = run(place)
    assert code == 2
    assert "5 minuts" in wrong
    assert "problem found" in wrong
    assert "1 article, " in told
    assert "source" in told


def test_a_config_that_does_not_even_name_a_store_is_told(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["status", "--config", str(tmp_path / "none.yaml")])
    assert (result.exit_code, result.stdout) == (2, "")
    assert "does not exist" in result.stderr


def test_a_terminal_does_not_obey_what_stands_in_files(place: Place) -> None:
    place.configure("sources: [{title: Source, path: articles, split_by: author}]")
    place.write("articles/a.md", article("A", BODY, author='"Ada\\u202e\\u200f"'))
    place.scan()
    with place.store.batch(place.store.ledger.folder("articles"), place.now) as batch:
        batch.keep_problems("a\x1b]0;x\x07.md", "source", [Problem("'\x1b[31m' is red")])
    place.store.ledger.notify("config", ["a\x1b[2Jb"], place.now)
    told = status_text(read_status(place.store, place.config, place.now))
    assert all(char.isprintable() or char == "\n" for char in told)
    assert "a\\u001b[2Jb" in told


def test_many_problems_are_grouped_and_cut(place: Place) -> None:
    with place.store.batch(place.store.ledger.folder("articles"), place.now) as batch:
        for number in range(SHOWN + 5):
            found = [Problem("there is none", f"field{number}"), Problem(f"'{number}' is no date", "date")]
            batch.keep_problems(f"{number:02}.md", "source", found)
    told = status_text(read_status(place.store, place.config, place.now))
    assert f"{2 * (SHOWN + 5)} problems found." in told
    assert f"{SHOWN + 5} × source: date: … is no date" in told
    assert told.count("date: ") == 1
    assert "… and 6 more kinds of problem: see --json" in told


@pytest.mark.parametrize("number", [1, 2])
def test_notices_come_first(place: Place, number: int) -> None:
    place.store.ledger.notify("config config.yaml", [f"line {line} is wrong" for line in range(number)], place.now)
    lines = status_text(read_status(place.store, place.config, place.now)).splitlines()
    assert lines[: number + 1] == ["! config config.yaml, 0 s ago:", *(f"  line {n} is wrong" for n in range(number))]
