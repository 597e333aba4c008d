"""What the documents list is what there is: commands, addresses, links."""

import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask

from aggregator.cli import main
from aggregator.config import load_config
from aggregator.metrics.table import TABLE
from aggregator.store import Store
from feeds import create_app
from feeds.render import FORMATS
from tests.docs.shell import DOCUMENTS
from tests.readers.server import ROOT

README = DOCUMENTS["README.md"].read_text(encoding="utf-8")
DESIGN = DOCUMENTS["design.md"].read_text(encoding="utf-8")
# What browsers, readers and crawlers come to by links, and nobody types.
FOLLOWED = {
    "/static/<name>", "/favicon.ico", "/favicon.svg", "/media/<key>/<path:path>", "/opensearch.xml",
    "/sitemap-<number>.xml", "/older/<token>/<path:path>", "/older/<token>/search.<any(rss, atom, json):suffix>",
}  # fmt: skip


def section(heading: str) -> str:
    found = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def first_cells(heading: str) -> list[str]:
    return [line.split("|")[1] for line in section(heading).splitlines() if line.startswith("| ")]


def test_the_readme_lists_every_command_and_no_other() -> None:
    listed = re.findall(r"`aggregator ([\w-]+)", "".join(first_cells("Commands")))

    assert sorted(listed) == sorted(main.commands)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The service as `make run` shows it."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(ROOT / "seeds", folder / "seeds")
    shutil.copy(ROOT / "config.yaml", folder)
    CliRunner().invoke(main, ["ingest", "--config", str(folder / "config.yaml")], catch_exceptions=False)
    config = load_config(folder / "config.yaml", {})
    store = Store(config.store)
    yield create_app(config, store)
    store.close()


def addresses(app: Flask) -> list[str]:
    """What the README's table of addresses names, with an article's id in the place of `<id>`."""
    found = re.findall(r"`(/[^`]*)`", section("Feeds").strip().partition("\n\n")[0])
    listed = app.test_client().get("/latest.json").get_json()["items"]
    return [path.replace("<id>", listed[0]["id"].removeprefix("urn:uuid:")).replace("…", "x") for path in found]


def test_every_address_in_the_readme_answers_in_every_format(app: Flask) -> None:
    client = app.test_client()
    listed = addresses(app)
    others = [path.replace(".atom", suffix) for path in listed if ".atom" in path
              for suffix in ("", *(f".{name}" for name in FORMATS))]  # fmt: skip

    statuses = {path: client.get(path).status_code for path in [*listed, *others]}
    assert statuses == dict.fromkeys(statuses, 200)


def test_the_readme_lists_every_address(app: Flask) -> None:
    routes = app.url_map.bind("127.0.0.1")
    listed = {routes.match(path.partition("?")[0], return_rule=True)[0].rule for path in ["/", *addresses(app)]}

    assert {rule.rule for rule in app.url_map.iter_rules()} - listed == FOLLOWED


def prose(file: Path) -> str:
    """A document without its code blocks."""
    return re.sub(r"```.*?```", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)


def anchors(file: Path) -> set[str]:
    """The anchors of a document's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", prose(file), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", [*DOCUMENTS.values(), ROOT / "CHANGELOG.md"], ids=lambda file: file.name)
def test_every_link_leads_somewhere(file: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", prose(file)):
        path, _, anchor = link.partition("#")
        if not re.match(r"[a-z]+:", link):
            target = (file.parent / path).resolve() if path else file
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


def test_the_metrics_to_alert_on_are_there() -> None:
    named = set(re.findall(r"`[^`]*?(aggregator_\w+)", prose(DOCUMENTS["operating.md"])))

    assert named
    assert named <= {metric.name for metric in TABLE}


def test_the_design_names_every_module() -> None:
    rows = re.findall(r"^\| (`(?:aggregator|feeds)/[^|]+) \|", DESIGN, re.MULTILINE)
    named = set()
    for first, *others in (re.findall("`([^`]+)`", row) for row in rows):
        package = first.partition("/")[0]
        named |= {first.rstrip("/"), *(f"{package}/{other.rstrip('/').removeprefix('feeds/')}" for other in others)}
    there = {
        f"{package}/{entry.name}"
        for package in ("aggregator", "feeds")
        for entry in (ROOT / package).iterdir()
        if not entry.name.startswith("__") and (entry.suffix == ".py" or (entry / "__init__.py").exists())
    }
    assert there - named == set()


def test_the_design_says_why_each_library_was_chosen() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = [*project["dependencies"], *project["optional-dependencies"]["postgres"]]
    names = {re.split(r"[\[<>=!]", one)[0] for one in needed}
    told = DESIGN.partition("## Dependencies")[2].lower()

    assert {name for name in names if name not in told} == set()
