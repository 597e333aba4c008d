"""The service fetches nothing, whatever articles and clients name: so nobody can have it ask others (SSRF).

A sentry in every process notes what Python looks up or connects to. A trap, which all hostile addresses name, notices
what any library does by itself: parsers that load entities, style sheets, pictures.
"""

import ast
import json
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.readers.server import ENVIRONMENT, ROOT, free_port
from tests.watcher.waiting import PATIENCE, eventually

SENTRY = """
import json, os, sys

EVENTS = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request", "ftplib.connect",
          "http.client.connect", "smtplib.connect", "subprocess.Popen", "os.system", "webbrowser.open"}

def note(event, values):
    if event in EVENTS:
        with open(os.environ["SENTRY"], "a") as file:
            file.write(json.dumps([event, *map(repr, values)]) + "\\n")

sys.addaudithook(note)
with open(os.environ["SENTRY"], "a") as file:
    file.write(json.dumps(["began"]) + "\\n")
"""
ARTICLES = Path(__file__).parent / "fetching"  # TRAP is the address of the trap, HOST what is behind its scheme
PATHS = (
    "/{trap}",
    "/media/{key}/{trap}",
    "/latest?url={trap}&q={trap}",
    "/search?q={trap}",
    "/older/{trap}/latest.atom",
)
CLIENTS = {"import urllib.request", "import http.client", "import ftplib", "import smtplib", "import requests",
           "import httpx", "import aiohttp", "import urllib3", "import webbrowser", "import telnetlib"}  # fmt: skip


@pytest.fixture
def trap() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_nothing_is_fetched(tmp_path: Path, trap: socket.socket) -> None:
    port, host = free_port(), f"127.0.0.1:{trap.getsockname()[1]}"
    names = {"trap": f"http://{host}", "host": host}
    (tmp_path / "articles").mkdir()
    for file in ARTICLES.iterdir():
        text = file.read_text(encoding="utf-8").replace("TRAP", names["trap"]).replace("HOST", host)
        (tmp_path / "articles" / file.name).write_text(text, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        f"site: {{url: 'http://{host}'}}\nserver: {{port: {port}, workers: 1}}\npublish: {{dir: public}}\n"
        f"sources: [{{title: Source, path: articles, link: 'http://{host}/', image_proxies: ['http://{host}/?url=']}}]\n"
    )
    (tmp_path / "sentry").mkdir()
    (tmp_path / "sentry/sitecustomize.py").write_text(SENTRY)
    environment = {
        **ENVIRONMENT,
        "PYTHONPATH": f"{tmp_path / 'sentry'}:{ROOT}",
        "SENTRY": str(tmp_path / "noted"),
        "http_proxy": f"http://{host}",
    }
    with (tmp_path / "log").open("wb") as log:
        words = [sys.executable, "-m", "aggregator", "run"]
        service = subprocess.Popen(words, cwd=tmp_path, env=environment, stdout=log, stderr=log)
        try:
            eventually(lambda: status(port, "/readyz") == 200)
            for path in PATHS:
                address = quote(path.format(**names, key="0" * 12), safe="/?=&:")
                assert status(port, address, names["trap"]) in (200, 301, 404)
            eventually((tmp_path / "public/latest.atom").exists)
        finally:
            service.terminate()
            service.wait(20)
    assert "5 new" in (tmp_path / "log").read_text()
    with pytest.raises(BlockingIOError):
        trap.accept()
    noted = [json.loads(line) for line in (tmp_path / "noted").read_text().splitlines()]
    assert noted.count(["began"]) >= 2, "the service and its worker"
    assert [one for one in noted if one != ["began"] and not is_ours(one, port)] == []


def is_ours(noted: list[str], port: int) -> bool:
    """The service looks up its own address, to see whether it is free, and begins its workers."""
    event, *values = noted
    return event == "socket.getaddrinfo" and values[:2] == ["'127.0.0.1'", str(port)]


def status(port: int, path: str, host: str = "x") -> int:
    headers = {"Host": host.removeprefix("http://"), "Referer": host, "X-Forwarded-Host": host, "Origin": host}
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.build_opener(Staying()).open(request, timeout=PATIENCE) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


class Staying(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


@pytest.mark.parametrize("package", ["aggregator", "feeds"])
def test_no_http_client_is_imported(package: str) -> None:
    for file in (ROOT / package).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            found = {f"import {name}" for name in (module, *names, *(f"{module}.{name}" for name in names))}
            assert not found & CLIENTS, file
