"""A password from the environment shows nowhere: not in what commands print or write, not in an answer."""

import os
import signal
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

import aggregator.cli.status  # the command's module, not the group's command
from aggregator.cli import main
from aggregator.config import load_config
from aggregator.live import InForce, load
from tests.readers.server import ENVIRONMENT, free_port
from tests.support import BODY, article
from tests.watcher.waiting import PATIENCE, eventually
from torture.running import family

assert aggregator.cli.status

CANARY = "kanarie-4711-vogel"
SOURCES = "sources: [{title: Source, path: articles}]\n"
ELSEWHERE = "postgresql+psycopg://feeds:${DB_PASSWORD}@"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of articles, in which temporary files are made too."""
    for name in ("articles", "tmp"):
        (tmp_path / name).mkdir()
    (tmp_path / "articles/a.md").write_text(article("A river", BODY), encoding="utf-8")
    (tmp_path / "articles/b.md").write_text("---\ndate: never\n---\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DB_PASSWORD", CANARY)
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    return tmp_path


def said(*words: str) -> tuple[int, str]:
    """The exit code of a command, and all that it says, with what went wrong inside."""
    if words[0] == "watch":  # a service, which changes its process for good
        command = [sys.executable, "-m", "aggregator", *words]
        done = subprocess.run(command, env={**os.environ, **ENVIRONMENT}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr
    result = CliRunner().invoke(main, words)
    inside = "" if isinstance(result.exception, SystemExit | None) else repr(result.exception)
    return result.exit_code, f"{result.output}{inside}"


def written(folder: Path) -> list[str]:
    """The files that hold the password."""
    return [str(file) for file in folder.rglob("*") if file.is_file() and CANARY.encode() in file.read_bytes()]


@contextmanager
def refusing() -> Iterator[int]:
    """A port at which a PostgreSQL server refuses every password."""
    words = b'SFATAL\0C28P01\0Mpassword authentication failed for user "feeds"\0\0'

    def serve(server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:  # it was closed
                return
            with connection:
                if len(connection.recv(1000)) == 8:  # it asks for encryption first
                    connection.sendall(b"N")
                    connection.recv(1000)
                connection.sendall(b"E" + (4 + len(words)).to_bytes(4, "big") + words)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=[server], daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("words", ["check", "ingest", "status", "status --json", "explain articles/a.md", "watch",
                                   "articles list", "backup backup.db", "export public"])  # fmt: skip
def test_a_command_that_the_database_refuses(folder: Path, words: str) -> None:
    with refusing() as port:
        (folder / "config.yaml").write_text(f"store: {ELSEWHERE}127.0.0.1:{port}/feeds\n{SOURCES}")
        code, text = said(*words.split())
    assert CANARY not in text
    assert written(folder) == []
    if words == "ingest":
        assert (code, "password authentication failed" in text) == (1, True)
        assert "postgresql+psycopg://feeds:***@127.0.0.1" in text


@pytest.mark.parametrize(
    "config",
    [
        f"store: {ELSEWHERE}127.0.0.1:1/feeds\n{SOURCES}",
        f"store: {ELSEWHERE}db.invalid/feeds\n{SOURCES}",
        f"store: postgresql+psycopg://feeds@127.0.0.1:1/feeds?password=${{DB_PASSWORD}}\n{SOURCES}",
        f"store: postgresql+psycopg://feeds@127.0.0.1:1/feeds?sslpassword=${{DB_PASSWORD}}\n{SOURCES}",
        f"store: {ELSEWHERE}127.0.0.1:99999999/feeds\n{SOURCES}",
        f"store: {ELSEWHERE}127.0.0.1\n{SOURCES}",
        f"store: postgresql+psycopg://feeds:p@/:${{DB_PASSWORD}}#@127.0.0.1:1/feeds\n{SOURCES}",
        f"store: postgres://feeds:${{DB_PASSWORD}}@127.0.0.1/feeds\n{SOURCES}",
        f"store: mysql://feeds:${{DB_PASSWORD}}@127.0.0.1/feeds\n{SOURCES}",
        f"store: ${{DB_PASSWORD}}\n{SOURCES}",
        f"stoer: {ELSEWHERE}127.0.0.1/feeds\n{SOURCES}",
        f"feeds: {{limit: '${{DB_PASSWORD}}'}}\n{SOURCES}",
        f"site: {{url: 'https://feeds:${{DB_PASSWORD}}@example.com'}}\n{SOURCES}",
        f"server: {{host: '${{DB_PASSWORD}}:80'}}\n{SOURCES}",
        f"defaults: {{timezone: '${{DB_PASSWORD}}'}}\n{SOURCES}",
        f"store: {ELSEWHERE}127.0.0.1/feeds\n{SOURCES}  broken: [\n",
        f"store: postgresql+psycopg://feeds:{CANARY}@127.0.0.1:1/feeds\n{SOURCES}",  # not from the environment
        f"store: mysql://feeds:{CANARY}@127.0.0.1/feeds\n{SOURCES}",
    ],
)
def test_a_config_that_is_wrong(folder: Path, config: str) -> None:
    (folder / "config.yaml").write_text(config)
    for words in ("check", "ingest"):
        code, text = said(words)
        assert CANARY not in text
        assert code != 0 or words == "check"
    (folder / "config.yaml").unlink()
    assert written(folder) == []


def test_the_repr_of_a_config(folder: Path) -> None:
    (folder / "config.yaml").write_text(f"store: {ELSEWHERE}127.0.0.1/feeds\n{SOURCES}")
    config = load_config(folder / "config.yaml", os.environ)
    assert CANARY in config.store
    assert CANARY not in f"{config} {config!r}"


def test_what_the_workers_read_is_their_user_s_alone(folder: Path) -> None:
    (folder / "config.yaml").write_text(f"store: {ELSEWHERE}127.0.0.1/feeds\n{SOURCES}")
    in_force = InForce(load(folder / "config.yaml", os.environ))
    assert CANARY in in_force.path.read_text()
    assert (in_force.path.stat().st_mode & 0o777, in_force.path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    in_force.close()
    assert written(folder) == []


@pytest.fixture
def store(database: str) -> str:
    """The address of a database as a config has it. The server of the tests takes any password."""
    url = sa.make_url(database)
    if url.password:
        pytest.skip("TEST_POSTGRES_URL names a server that asks for its own password")
    url = url.set(username=url.username or "postgres", password="PASSWORD")
    return url.render_as_string(hide_password=False).replace("PASSWORD", "${DB_PASSWORD}")


def test_a_whole_service(folder: Path, store: str) -> None:
    port = free_port()
    head = f"server: {{port: {port}, workers: 1}}\nsite: {{url: 'http://127.0.0.1:{port}'}}\n"
    config = folder / "config.yaml"
    config.write_text(f"store: {store}\n{head}{SOURCES}")
    environment = {**ENVIRONMENT, "DB_PASSWORD": CANARY, "TMPDIR": str(folder / "tmp")}
    command = [sys.executable, "-m", "aggregator", "run", "--log-level", "debug"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        eventually(lambda: answer(port, "/readyz").startswith("200"))
        paths = ("/", "/status", "/status.json", "/metrics", "/nothing", "/search?q=river", "/latest.atom")
        assert CANARY not in "".join(answer(port, path) for path in paths)
        titles = [Path(f"/proc/{one}/cmdline").read_bytes().decode() for one in family(process.pid)]
        assert CANARY not in "".join(titles)
        assert [Path(file).name for file in written(folder)] == ["in-force.json"]
        config.write_text(f"store: {store}x\n{head}sources:\n  - {{title: '${{DB_PASSWORD}}', pth: a}}\n")
        eventually(lambda: "pth" in answer(port, "/status"))
        assert CANARY not in answer(port, "/status") + answer(port, "/status.json") + answer(port, "/metrics")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    config.write_text(f"store: {store}\n{head}{SOURCES}")
    for words in ("status", "explain articles/a.md", "articles list", "backup backup.db", "export public",
                  "store copy config sqlite:///copy.db", "ingest --json"):  # fmt: skip
        code, text = said(*words.split())
        assert (code, CANARY in text) == (0, False), words
    assert written(folder) == []


def answer(port: int, path: str) -> str:
    """The status, the headers and the body."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as found:
            return f"{found.status} {found.headers} {found.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.headers} {error.read().decode()}"
    except OSError as error:
        return repr(error)
