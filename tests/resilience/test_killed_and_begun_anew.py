"""What killed services leave behind does not hinder those that come after them."""

import fcntl
import os
import socket
import tempfile
import threading
import time
from pathlib import Path

import pytest

from aggregator.config import parse_config
from aggregator.live import look, sweep
from feeds import server
from tests.handles import files_left
from torture.crash import NEVER, Crash
from torture.killings import Ingests
from torture.report import Report


def test_an_ingest_that_is_killed_again_and_again_loses_nothing(tmp_path: Path) -> None:
    report = Report(seed=int(time.time()))
    for name in NEVER:
        report.figure(name, 0, most=0)
    Ingests(Crash(tmp_path, report, services=0)).round()
    assert report.kept, report.table()


@pytest.mark.parametrize("name", ["aggregator-metrics-1", "aggregator-restore-1", "aggregator-1"])
def test_temporary_folders_of_killed_services_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dead, young, locked = (tmp_path / f"{name}{end}" for end in ("", "-young", "-locked"))
    foreign = tmp_path / "aggregator-of-somebody"
    for folder in (dead, young, locked, foreign):
        folder.mkdir()
        (folder / ("in-force.json" if folder is not foreign else "store.db")).touch()
    descriptor = os.open(locked, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    for folder in (dead, locked, foreign):
        os.utime(folder, (time.time() - 3600,) * 2)
    sweep()
    assert set(tmp_path.iterdir()) == {young, locked, foreign}
    os.close(descriptor)


def test_an_address_that_is_given_back_soon_is_waited_for() -> None:
    with socket.socket() as orphan:
        orphan.bind(("127.0.0.1", 0))
        orphan.listen()
        port = orphan.getsockname()[1]
        config = parse_config(f"server: {{port: {port}}}\nsources: [{{title: A, path: a}}]\n", Path("c.yaml"), {})
        threading.Timer(0.3, orphan.close).start()
        server._check_address(config.server.host, config.server.port)


def test_a_config_that_cannot_be_opened_for_want_of_handles_has_not_changed(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("sources: []\n")
    with files_left(0):
        seen = look(file)
    assert seen is None
    assert look(file) == "sources: []\n"
