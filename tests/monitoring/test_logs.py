"""Log lines: one an event, with where it belongs; nothing forged, nothing secret."""

import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aggregator import logs
from feeds import create_app
from tests.support import BODY, Place, article

log = logging.getLogger("aggregator.test")
ROOT = Path(__file__).parents[2]

Say = Callable[[], None]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Callable[..., list[str]]:
    """What is written to standard error while something is said."""

    def lines(say: Say, form: str = "text", level: str = "info") -> list[str]:
        with logs.logging_as(form, level):
            say()
        return capsys.readouterr().err.splitlines()

    return lines


def test_an_event_is_a_line_with_its_source_and_file(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(lambda: log.warning("the date is none", extra={"file": "a/b.md", "source": "zaker"}))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ WARNING source=zaker file=a/b.md the date is none", line)


def test_as_json_it_is_an_object(lines: Callable[..., list[str]]) -> None:
    where = {"file": "新/b.md", "source": "zaker", "line": 3, "folder": ""}
    (line,) = lines(lambda: log.warning("the date is none", extra=where), "json")
    event = json.loads(line)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event.pop("time"))
    assert event == {
        "level": "WARNING",
        "logger": "aggregator.test",
        "message": "the date is none",
        "source": "zaker",
        "file": "新/b.md",
        "line": 3,
    }
    assert "新" in line


@pytest.mark.parametrize(
    "evil", ["\n", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[2J", "\u202e"]
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_nobody_forges_a_line(lines: Callable[..., list[str]], form: str, evil: str) -> None:
    forged = f"a.md{evil}2026-11-21T03:00:00Z ERROR forged"
    (line,) = lines(lambda: log.warning("in %s", forged, extra={"file": forged, "source": "x"}), form)
    assert line.isprintable()
    if form == "json":
        event = json.loads(line)
        assert (event["message"], event["file"]) == (f"in {forged}", forged)


def test_nobody_forges_a_field(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(lambda: log.warning("read", extra={"source": 'x" file=etc', "file": "a b.md source=y"}))
    assert line.endswith(r'WARNING source="x\" file=etc" file="a b.md source=y" read')


def test_halves_of_characters_can_be_written(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(lambda: log.warning("read", extra={"file": "a\udcff.md"}), "json")
    assert json.loads(line)["file"] == "a\udcff.md"


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(
    ("said", "logged"),
    [
        ("at postgresql+psycopg://ann:s3cret@db.example/x", "at postgresql+psycopg://ann:***@db.example/x"),
        ("at postgresql://ann:s3/cret@ret@db.example/x", "at postgresql://ann:***@db.example/x"),
        ("at https://:s3cret@example/", "at https://:***@example/"),
        ("host=db password=s3cret user=ann", "host=db password=*** user=ann"),
        ("?user=ann&password=s3cret&x=1", "?user=ann&password=***&x=1"),
        ("http://example:8080/@ann/b", "http://example:8080/@ann/b"),
        ("https://example/a:b@c", "https://example/a:b@c"),
        ("mail ann@example: hello", "mail ann@example: hello"),
    ],
)
def test_passwords_are_masked(lines: Callable[..., list[str]], form: str, said: str, logged: str) -> None:
    def fail() -> None:
        try:
            raise OSError(said)
        except OSError:
            log.exception("%s", said, extra={"folder": said})

    (line,) = lines(fail, form)
    assert "s3" not in line
    assert "ret@" not in line
    if form == "json":
        event = json.loads(line)
        assert (event["message"], event["folder"]) == (logged, logged)
        assert logged in event["error"]
        assert logged in event["traceback"]
    else:
        assert line.count(logged) == 3


def test_a_failure_is_one_line_with_where_and_why(lines: Callable[..., list[str]]) -> None:
    def fail() -> None:
        try:
            try:
                raise KeyError("x")
            except KeyError as error:
                raise ValueError("no\nnews") from error
        except ValueError:
            log.exception("failed")

    (line,) = lines(fail)
    told = r'failed error="ValueError: no\\nnews \(at test_logs.py:\d+ fail\); caused by KeyError: \'x\' \(at .*\)"'
    assert re.search(told, line)
    (line,) = lines(fail, "json")
    event = json.loads(line)
    assert event["error"] == "ValueError: no\nnews"
    assert event["traceback"].startswith("Traceback (most recent call last):\n")


def test_a_message_has_a_bounded_length(lines: Callable[..., list[str]]) -> None:
    (line,) = lines(lambda: log.warning("%s", "x" * 10**6))
    assert len(line) < 5000


def test_levels_are_for_our_own_events_and_libraries_are_heard_when_they_warn(
    lines: Callable[..., list[str]],
) -> None:
    def say() -> None:
        for logger in (log, logging.getLogger("feeds.test"), logging.getLogger("library")):
            for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
                logger.log(level, logger.name)

    assert len(lines(say, level="debug")) == 4 + 4 + 2
    assert len(lines(say, level="info")) == 3 + 3 + 2
    assert len(lines(say, level="warning")) == 2 + 2 + 2
    assert len(lines(say, level="error")) == 1 + 1 + 1


def test_workers_log_as_the_process_that_starts_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGGREGATOR_LOG_FORMAT", raising=False)
    say = "import logging; from aggregator import logs; logs.start(); logging.getLogger('aggregator').debug('here')"
    with logs.logging_as("json", "debug"):
        done = subprocess.run([sys.executable, "-c", say], capture_output=True, text=True, cwd=ROOT, check=True)
    assert json.loads(done.stderr)["message"] == "here"
    assert "AGGREGATOR_LOG_FORMAT" not in os.environ


def test_every_request_has_a_line_at_debug_level(tmp_path: Path, lines: Callable[..., list[str]]) -> None:
    place = Place(tmp_path)
    client = create_app(place.config, place.store).test_client()

    def ask() -> None:
        client.get("/sources/%E6%96%B0%0A.atom?x=1")

    (line,) = lines(ask, level="debug")
    told = r"DEBUG method=GET route=/sources/<slug>.atom path=/sources/新\\n.atom status=404 ms=[\d.]+ answered"
    assert re.search(told, line)
    assert lines(ask) == []


def test_a_problem_is_logged_once_and_again_when_its_file_changes(
    tmp_path: Path, lines: Callable[..., list[str]]
) -> None:
    place = Place(tmp_path)
    place.write("articles/bad.md", article("A", BODY, date="no day at all"))
    place.write("articles/broken.md", b"---\ntitle: [\n---\n\x00\x00")
    outside = tmp_path / "outside.md"
    outside.write_text("secret")
    (tmp_path / "articles" / "link.md").symlink_to(outside)
    first = lines(place.scan)
    assert all(re.search(r" WARNING source=source folder=articles file=\w+\.md ", line) for line in first)
    assert {re.search(r"file=(\w+)", line)[1] for line in first} >= {"bad", "broken"}  # type: ignore[index]
    place.later(minutes=5)
    assert lines(place.scan) == []
    place.write("articles/bad.md", article("B", BODY, date="no day at all"))
    again = lines(place.scan)
    assert again
    assert all("file=bad.md" in line for line in again)


def ingest(root: Path, *options: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "aggregator", "ingest", *options]
    known = {**os.environ, "PYTHONPATH": str(ROOT), **environ}
    return subprocess.run(command, cwd=root, env=known, capture_output=True, text=True, check=False)


def test_commands_take_the_format_from_options_or_the_environment(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.write("articles/bad.md", article("A", BODY, date="no day at all"))
    done = ingest(tmp_path, "--json", AGGREGATOR_LOG_FORMAT="json")
    events: list[dict[str, Any]] = [json.loads(line) for line in done.stderr.splitlines()]
    assert {(event["source"], event["file"], event["level"]) for event in events} == {("source", "bad.md", "WARNING")}
    assert json.loads(done.stdout)["sources"]["source"]["new"] == 1

    wrong = ingest(tmp_path, "--log-format", "xml")
    assert wrong.returncode == 2
    assert "'text', 'json'" in wrong.stderr
