"""docs/configuration.md names every option with its default, an example and its meaning, as the models have them."""

import re
from pathlib import Path

import pytest

from aggregator.config import Option, load_config, options, parse_config

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
OPTIONS = list(options())
SHARED = {option.name for option in OPTIONS if option.group == "defaults"}
HEADINGS = {"": "Top level", "site": "`site`", "server": "`server`", "feeds": "`feeds`",
            "feeds.custom[]": "`feeds.custom`", "publish": "`publish`", "sources[]": "`sources`",
            "defaults": "Options that may also stand in `defaults`"}  # fmt: skip


def row(option: Option) -> str:
    default = "required" if option.required else f"`{option.default}`" if option.default else "–"
    return f"| `{option.name}` | {default} | `{option.example}` | {option.description} |"


def section(heading: str) -> str:
    found = re.search(rf"^##+ {re.escape(heading)}\n(.*?)(?=^##|\Z)", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def rows(heading: str) -> list[str]:
    return [line for line in section(heading).splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("group", HEADINGS)
def test_the_tables_have_a_row_for_every_option_and_no_other(group: str) -> None:
    wanted = [option for option in OPTIONS if option.group == group]
    if group == "sources[]":
        wanted = [option for option in wanted if option.name not in SHARED]
    assert rows(HEADINGS[group]) == [row(option) for option in wanted]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: f"{option.group}.{option.name}")
def test_every_example_is_valid(option: Option) -> None:
    line = f"{option.name}: {option.example}"
    own = {"title": "title: A", "path": "path: a"} | {option.name: line}
    feed = {"slug": "slug: a", "title": "title: A", "include": "include: a"} | {option.name: line}
    sources = "sources: [{title: ZAKER, path: a}, {title: Field Notes, path: a}]"
    text = {
        "": line if option.name == "sources" else f"{line}\n{sources}",
        "sources[]": "sources:\n  - " + "\n    ".join(own.values()),
        "feeds.custom[]": f"{sources}\nfeeds:\n  custom:\n  - " + "\n    ".join(feed.values()),
    }.get(option.group, f"{option.group}:\n  {line}\n{sources}")
    parse_config(text, Path("config.yaml"), {"DB_PASSWORD": "x"})


def test_the_examples_in_the_text_are_valid(tmp_path: Path) -> None:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)
    assert blocks
    for block in blocks:
        (tmp_path / "config.yaml").write_text(block, encoding="utf-8")
        load_config(tmp_path / "config.yaml", {})
