"""The real service: a watcher and two workers are one, for metrics and for logs."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.monitoring.exposition import Figures, figure, labels_of, read
from tests.readers.server import ENVIRONMENT, answers, fetch, free_port
from tests.support import BODY, article
from tests.watcher.waiting import PATIENCE, eventually

CONFIG = """
site: {{url: "http://127.0.0.1:{port}"}}
store: sqlite:///var/aggregator.db
server: {{port: {port}, workers: 2}}
sources: [{{title: Source, path: articles}}]
"""


class Service:
    """`aggregator run` on a folder with one article."""

    def __init__(self, root: Path) -> None:
        self.root = root
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        (root / "articles").mkdir()
        (root / "articles" / "a.md").write_text(article("A", BODY), encoding="utf-8")
        (root / "config.yaml").write_text(CONFIG.format(port=port), encoding="utf-8")
        with (root / "log").open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aggregator", "run", "--log-format", "json", "--log-level", "debug"],
                cwd=root,
                env={**ENVIRONMENT, "TMPDIR": str(root)},
                stdout=output,
                stderr=output,
            )
        self.until(lambda: answers(f"{self.base}/readyz"))

    def until(self, happens: Callable[[], object]) -> None:
        eventually(lambda: self.process.poll() is not None or self.try_(happens), else_show=self.log)
        assert self.process.poll() is None, self.log()

    def try_(self, happens: Callable[[], object]) -> object:
        try:
            return happens()
        except OSError:  # a killed worker had the connection
            return False

    def figures(self) -> Figures:
        return read(fetch(f"{self.base}/metrics").decode())

    def requests(self) -> float:
        """How many were answered with the feed of everything, says whichever worker is asked."""
        labels = {"route": "/latest.atom", "method": "GET", "status": "200"}
        return figure(self.figures(), "aggregator_http_requests_total", **labels)

    def workers(self) -> list[int]:
        (folder,) = self.root.glob("aggregator-metrics-*")
        pids = [int(file.read_text().split()[0]) for file in folder.glob("*.alive")]
        return sorted(pid for pid in pids if pid != self.process.pid)

    def log(self) -> str:
        return (self.root / "log").read_text(encoding="utf-8")


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    made = Service(tmp_path)
    try:
        yield made
    finally:
        made.process.terminate()
        made.process.wait(timeout=PATIENCE)


def test_all_processes_are_one_service(service: Service) -> None:
    service.until(lambda: figure(service.figures(), "aggregator_processes") == 3)
    for _ in range(20):
        fetch(f"{service.base}/latest.atom")
    assert [service.requests() for _ in range(10)] == [20] * 10
    figures = service.figures()
    assert figure(figures, "aggregator_runs_total", folder="articles", result="done") >= 1
    assert figure(figures, "aggregator_article_changes_total", source="source", change="new") == 1
    assert figure(figures, "aggregator_file_to_feed_seconds_count") == 0
    assert "unnamed" not in labels_of(figures, "aggregator_cache_requests_total", "cache")

    (service.root / "articles" / "b.md").write_text(article("B", BODY + "<p>More.</p>"), encoding="utf-8")
    service.until(lambda: figure(service.figures(), "aggregator_file_to_feed_seconds_count") == 1)
    assert 0 < figure(service.figures(), "aggregator_file_to_feed_seconds_sum") < 10

    before = service.workers()
    os.kill(before[0], signal.SIGKILL)
    service.until(lambda: service.requests() == 20 and before[0] not in service.workers())
    assert service.requests() == 20

    events = [json.loads(line) for line in service.log().splitlines()]
    assert {event["logger"] for event in events} >= {"feeds.server", "feeds.metrics", "_granian"}
    service.process.terminate()
    assert service.process.wait(timeout=PATIENCE) == 0
    assert not list(service.root.glob("aggregator-metrics-*"))
