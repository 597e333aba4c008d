"""The real command on a real port: files in, feeds out, as a newcomer and a feed reader would meet it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import feedparser
import pytest
from click.testing import CliRunner, Result

from aggregator.cli import main
from tests.readers.server import free_port
from tests.support import BODY, article
from tests.watcher.waiting import PATIENCE, eventually, promised

ROOT = Path(__file__).parents[1]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}


def command(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "aggregator", *arguments], cwd=cwd, env=ENVIRONMENT, capture_output=True, text=True
    )


def typed(*arguments: str) -> Result:
    """The same in this process and in its folder, which takes no time to start; not for services, which change their
    process for good."""
    return CliRunner().invoke(main, arguments)


class Service:
    """`aggregator run` on a folder of its own."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        (root / "articles").mkdir()
        (root / "config.yaml").write_text(
            f"site: {{url: '{self.base}'}}\nserver: {{port: {self.port}}}\n"
            "sources:\n  - {title: Everything else, path: articles, split_by: author}\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", "run"], cwd=root, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True
        )

    def get(self, path: str, **headers: str) -> HTTPResponse:
        quoted = urllib.parse.quote(path)
        request = urllib.request.Request(f"{self.base}{quoted}", headers=headers)
        return urllib.request.urlopen(request, timeout=PATIENCE)

    def answers(self, path: str) -> bool:
        try:
            return self.get(path).status == 200
        except OSError:
            return False

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        _, errors = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, errors


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    started = Service(tmp_path)
    try:
        eventually(lambda: started.answers("/readyz"))
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.communicate()


def test_a_file_that_is_dropped_in_is_in_all_feeds_within_three_seconds(service: Service) -> None:
    image = '<p><img data-original="http://img.example/a.jpg" src="https://cors.zfour.workers.dev/?http://img.example/a.jpg"></p>'
    text = article("河边的书店", image + BODY, author="河岸").replace(
        "\n---\n\n", "\ncategories: \n - 新媒体\n - 河岸\n---\n\n"
    )
    (service.root / "articles" / "dropped.txt").write_text(text, encoding="utf-8")
    eventually(lambda: service.answers("/sources/河岸.atom"), promised(3))
    for scope in ("/latest", "/sources/河岸", "/categories/新媒体", "/categories/新媒体/河岸"):
        for suffix in (".rss", ".atom"):
            parsed = feedparser.parse(service.get(scope + suffix).read())
            assert not parsed.bozo
            (entry,) = parsed.entries
            assert (entry.title, entry.id[:9]) == ("河边的书店", "urn:uuid:")
            assert entry.published_parsed[:5] == (2022, 2, 5, 20, 22)
            assert "http://img.example/a.jpg" in entry.content[0].value
            assert "cors.zfour" not in entry.content[0].value
        (item,) = json.load(service.get(scope + ".json"))["items"]
        assert item["id"] == entry.id
    etag = service.get("/latest.atom").headers["ETag"]
    with pytest.raises(urllib.error.HTTPError) as unchanged:
        service.get("/latest.atom", **{"If-None-Match": etag})
    assert unchanged.value.code == 304
    unchanged.value.close()
    with pytest.raises(urllib.error.HTTPError) as missing:
        service.get("/sources/nobody.rss")
    assert missing.value.code == 404
    missing.value.close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_within_seconds(service: Service, number: signal.Signals) -> None:
    started = time.monotonic()
    code, errors = service.stop(number)
    assert (code, time.monotonic() - started < promised(5)) == (0, True)
    assert "stopped" in errors
    assert "Traceback" not in errors


def test_a_port_in_use_is_said(service: Service) -> None:
    second = command("serve", cwd=service.root)
    assert second.returncode == 1
    assert f"port {service.port}" in second.stderr
    assert "Traceback" not in second.stderr


def test_ingest_check_and_status(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "config.yaml").write_text("sources:\n  - {title: Source, path: articles}\n")
    (tmp_path / "articles/a.md").write_text(article("A", BODY))
    (tmp_path / "articles/b.md").write_text("---\ntitle: B\ndate: 2026-11-01\n---\n\nJust *written*.\n")
    (tmp_path / "articles/c.md").write_text("no front matter")
    assert "articles" in command("check", cwd=tmp_path).stdout
    first = json.loads(command("ingest", "--json", cwd=tmp_path).stdout)
    assert first["sources"] == {"source": {"new": 2, "updated": 0, "unchanged": 0, "removed": 0, "problems": 1}}
    second = command("ingest", cwd=tmp_path)
    assert (second.returncode, second.stdout.split()[-5:]) == (0, ["0", "0", "2", "0", "1"])
    monkeypatch.chdir(tmp_path)
    status = json.loads(typed("status", "--json").stdout)
    assert status["articles"] == 2
    (problem,) = status["problems"]
    assert (problem["examples"][0]["path"], problem["source"]) == ("c.md", "source")
    assert "c.md" in typed("status").stdout


def test_wrong_use_exits_with_2_and_failure_with_1(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("nonsense", cwd=tmp_path).returncode == 2
    missing = command("run", cwd=tmp_path)
    assert missing.returncode == 2
    assert "config.yaml" in missing.stderr
    (tmp_path / "config.yaml").write_text("sources:\n  - {title: Source, path: nowhere, evry: 1 hour}\n")
    wrong = typed("check")
    assert wrong.exit_code == 2
    assert "config.yaml:2" in wrong.stderr
    assert "every" in wrong.stderr
    (tmp_path / "config.yaml").write_text("sources:\n  - {title: Source, path: nowhere}\n")
    assert typed("check").exit_code == 2
    assert command("ingest", cwd=tmp_path).returncode == 1
    (tmp_path / "nowhere").mkdir()
    assert typed("ingest").exit_code == 0
    (tmp_path / "nowhere").rmdir()
    vanished = typed("ingest")
    assert (vanished.exit_code, "nowhere" in vanished.stderr) == (0, True)


@pytest.mark.parametrize("name", ["run", "ingest", "watch", "serve", "check", "status", "explain", "init"])
def test_every_command_explains_itself(name: str) -> None:
    shown = typed(name, "--help")
    assert shown.exit_code == 0
    assert "--config" in shown.stdout
