"""The import rule: imports go down only, siblings are strangers, each library lives in one place."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# What a part may import of our own, besides itself. `aggregator.cli` puts everything together.
ALLOWED: dict[str, set[str]] = {
    "aggregator.models": set(),
    "aggregator.errors": set(),
    "aggregator.outages": set(),
    "aggregator.garbage": set(),
    "aggregator.characters": set(),
    "aggregator.composition": set(),
    "aggregator.slugs": set(),
    "aggregator.printable": set(),
    "aggregator.clocks": set(),
    "aggregator.config": {"models", "errors", "printable", "slugs"},
    "aggregator.sources": {"characters", "models", "errors"},
    "aggregator.normalizer": {"characters", "composition", "models", "errors"},
    "aggregator.store": {"composition", "models", "errors", "outages", "slugs"},
    "aggregator.resemblance": set(),
    "aggregator.identity": {"models", "resemblance", "store"},
    "aggregator.custom": {"config", "models", "normalizer"},
    "aggregator.catalog": {"config", "custom", "errors", "store"},
    "aggregator.overlap": set(),
    "aggregator.routing": {"composition", "config", "custom", "models", "normalizer", "overlap", "slugs", "sources"},
    "aggregator.reading": {"errors", "models", "normalizer", "routing", "sources"},
    "aggregator.retention": {"config", "custom", "models", "resemblance", "store"},
    "aggregator.alike": {"identity", "models", "store"},
    "aggregator.filing": {"alike", "identity", "models", "overlap", "reading", "resemblance", "retention", "routing"}
    | {"store"},
    "aggregator.pool": {"errors", "garbage", "logs", "models", "reading", "sources"},
    "aggregator.first": {"config", "pool"},
    "aggregator.report": {"models"},
    "aggregator.sifting": {"models", "sources"},
    "aggregator.delays": {"filing", "reading", "routing", "sources", "store"},
    "aggregator.ingest": {"delays", "errors", "filing", "models", "overlap", "pool", "reading", "report", "routing"}
    | {"sifting", "sources", "store", "vanished"},
    "aggregator.vanished": {"errors", "filing", "models", "report", "routing", "sources", "store"},
    "aggregator.events": {"sources"},
    "aggregator.jobs": {"errors", "ingest", "outages", "reading", "report", "store"},
    "aggregator.live": {"config", "errors", "metrics", "outages"},
    "aggregator.schedule": {"config"},
    "aggregator.watcher": {"catalog", "config", "errors", "events", "ingest", "jobs", "metrics", "outages", "report"}
    | {"routing", "schedule", "store"},
    "aggregator.once": {"catalog", "config", "ingest", "reading", "report", "retention", "routing", "store"},
    "aggregator.check": {"config", "console", "custom", "errors", "models", "normalizer", "printable", "routing"}
    | {"slugs", "sources", "store"},
    "aggregator.explain": {
        "alike",
        "config",
        "errors",
        "filing",
        "identity",
        "models",
        "normalizer",
        "printable",
        "reading",
    }
    | {"retention", "routing", "slugs", "sources", "store"},
    "aggregator.starter": {"config", "errors", "models", "normalizer", "routing", "sources"},
    "aggregator.status": {"config", "models", "store"},
    "aggregator.takedown": {"config", "custom", "store"},
    "aggregator.console": set(),
    "aggregator.logs": set(),
    "aggregator.metrics": {"errors", "models", "outages", "report", "store"},
}

# What the publishing side may import of the other one.
PUBLISHING = {"config", "errors", "live", "logs", "metrics", "models", "slugs", "status", "store"}
# A picture is opened with the same guards as an article; its address stands for one of a source's folder.
OPENING = {place: {"sources"} for place in ("feeds/media.py", "feeds/export/media.py", "feeds/urls.py")}

# Where a library may be imported: one place each.
# What fetches from other hosts.
FETCHING = ("urllib.request", "http.client", "ftplib", "smtplib", "requests", "httpx", "urllib3", "aiohttp", "pycurl")

HOMES: dict[str, str | tuple[str, ...]] = {
    "alembic": "aggregator/store/",
    "apscheduler": ("aggregator/schedule.py", "aggregator/watcher.py"),
    "brotli": "feeds/representation.py",
    "babel": "feeds/i18n.py",
    "bs4": "aggregator/normalizer/soup.py",
    "charset_normalizer": "aggregator/sources/decode.py",
    "click": "aggregator/",
    "dateutil": "aggregator/normalizer/",
    "feedgen": "feeds/render/xml.py",
    "flask": "feeds/",
    "flask_babel": "feeds/i18n.py",
    "frontmatter": "aggregator/sources/",
    "granian": "feeds/server.py",
    "lxml": ("aggregator/normalizer/html.py", "feeds/render/xml.py"),  # the engine of bs4, and of feedgen
    "markdown_it": "aggregator/normalizer/markdown.py",
    "nh3": "aggregator/normalizer/sanitize.py",
    "pathspec": "aggregator/sources/globs.py",
    "prometheus_client": "aggregator/metrics/",
    "psycopg": "aggregator/store/patience.py",
    "pydantic": "aggregator/config/",
    "re2": "aggregator/config/patterns.py",
    "sqlalchemy": "aggregator/store/",
    "watchfiles": "aggregator/events.py",
}


def imports(file: Path) -> Iterator[str]:
    """The full names of all modules that a file imports."""
    package = ".".join(file.relative_to(ROOT).with_suffix("").parts[:-1])
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level > 1 else package
            base = f"{above}." if node.level else ""
            packages = node.module in (None, "aggregator")
            yield from (
                [".".join(filter(None, (base.rstrip("."), node.module, alias.name))) for alias in node.names]
                if packages
                else [f"{base}{node.module}"]
            )


FILES = [file for package in ("aggregator", "feeds") for file in sorted((ROOT / package).rglob("*.py"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_go_down_only(file: Path) -> None:
    place = file.relative_to(ROOT).as_posix()
    own = ".".join(file.relative_to(ROOT).with_suffix("").parts[:2])
    for name in imports(file):
        library = name.split(".")[0]
        assert not name.startswith(FETCHING), f"{place} imports {name}: nothing that an article names is ever fetched"
        if library in HOMES:
            assert place.startswith(HOMES[library]), f"{place} imports {name}"
        if place.startswith("aggregator/") and library == "feeds":
            assert place.startswith("aggregator/cli/"), f"{place} imports {name}"
        if library == "aggregator" and place.startswith("feeds/"):
            assert name.split(".")[1] in PUBLISHING | OPENING.get(place, set()), f"{place}: {name}"
        if library == "aggregator" and own in ALLOWED and not name.startswith(own):
            part = [*name.split("."), ""][1]
            assert part in ALLOWED[own], f"{place} imports {name}"


def test_every_part_has_its_rule() -> None:
    parts = {
        ".".join(file.relative_to(ROOT).with_suffix("").parts[:2]) for file in FILES if "aggregator" in file.parts
    }
    assert parts - set(ALLOWED) <= {"aggregator.__init__", "aggregator.__main__", "aggregator.cli"}


@pytest.mark.parametrize(
    ("loaded", "spared"),
    [
        ("aggregator.cli", {"pydantic", "sqlalchemy", "flask"}),
        ("aggregator.pool.__main__", {"sqlalchemy", "flask", "bs4", "markdown_it", "charset_normalizer", "dateutil"}),
        ("aggregator.config, aggregator.first", {"sqlalchemy", "nh3", "markdown_it", "frontmatter", "dateutil"}),
        ("feeds.render, feeds.selection", {"flask", "jinja2", "prometheus_client", "bs4", "alembic"}),
    ],
)
def test_nothing_is_loaded_that_is_not_needed(loaded: str, spared: set[str]) -> None:
    told = subprocess.run([sys.executable, "-c", f"import {loaded}, sys; print(*sys.modules)"], capture_output=True)
    assert told.stdout
    assert not spared & {name.split(".")[0] for name in told.stdout.decode().split()}
