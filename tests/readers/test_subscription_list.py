"""Readers import /feeds.opml, and what they are subscribed to then is what there is."""

import base64
import io
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from reader import make_reader

from aggregator.models import ScopeKind
from aggregator.store.census import Census
from aggregator.store.engine import open_engine
from feeds.discovery import discovery_routes
from tests.readers.conftest import Samples
from tests.watcher.waiting import PATIENCE


@pytest.fixture(scope="module")
def opml(samples: Samples) -> bytes:
    engine = open_engine(samples.config.store)
    app = Flask(__name__)
    app.register_blueprint(discovery_routes(Census(engine), samples.config))
    document = app.test_client().get("/feeds.opml").data
    engine.dispose()
    return document


@pytest.fixture(scope="module")
def subscriptions(samples: Samples) -> dict[str, str]:
    """Title by address of every source's and custom feed."""
    kinds = (ScopeKind.SOURCE, ScopeKind.CUSTOM)
    scopes = [scope for kind in kinds for scope in samples.store.scopes(kind) if scope.size]
    return {samples.address(scope, "rss"): scope.title for scope in scopes}


def test_reader_imports_it(opml: bytes, subscriptions: dict[str, str]) -> None:
    reader = make_reader(":memory:")
    reader.import_feeds(io.BytesIO(opml))
    assert {feed.url for feed in reader.get_feeds()} == subscriptions.keys()
    reader.update_feeds()
    assert {feed.url: feed.title for feed in reader.get_feeds()} == subscriptions
    assert all(feed.last_exception is None for feed in reader.get_feeds())
    reader.close()


def test_newsboat_imports_it_with_categories_as_tags(
    samples: Samples, opml: bytes, subscriptions: dict[str, str], newsboat: str, tmp_path: Path
) -> None:
    (tmp_path / "feeds.opml").write_bytes(opml)
    (tmp_path / "config").touch()
    command = [newsboat, "-u", "urls", "-c", "cache.db", "-C", "config", "-i", "feeds.opml"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=PATIENCE)
    lines = [shlex.split(line) for line in (tmp_path / "urls").read_text(encoding="utf-8").splitlines()]
    tags: dict[str, set[str]] = {}
    for address, *labels in lines:
        tags.setdefault(address, set()).update(labels)
    assert tags.keys() == subscriptions.keys()
    assert "新闻" in tags[f"{samples.base}/sources/riverside.rss"]


def test_feedsmith_reads_it(
    opml: bytes, subscriptions: dict[str, str], node: Callable[[list[str]], list[dict[str, Any]]]
) -> None:
    (found,) = node([f"data:text/x-opml;base64,{base64.b64encode(opml).decode()}"])
    feeds = [feed for group in found["list"]["body"]["outlines"] for feed in group["outlines"]]
    assert {feed["type"] for feed in feeds} == {"rss"}
    assert {feed["xmlUrl"]: feed["title"] for feed in feeds} == subscriptions
    assert all(feed["htmlUrl"] and feed["language"] for feed in feeds)
