"""A web worker ends with its service, also when that is killed while the worker is still beginning."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.readers.server import ENVIRONMENT, free_port
from tests.watcher.waiting import eventually


def workers_in(folder: Path) -> list[int]:
    """The processes that work in a folder."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder and b"spawn_main" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:  # it ended just now
            continue
    return found


def test_a_service_that_is_killed_at_its_start_leaves_no_worker(tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "config.yaml").write_text(
        f"server: {{port: {free_port()}}}\nsources: [{{title: A, path: articles}}]\n"
    )
    command = [sys.executable, "-m", "aggregator", "run"]
    service = subprocess.Popen(
        command, cwd=tmp_path, env={**ENVIRONMENT, "TMPDIR": str(tmp_path)}, stderr=subprocess.DEVNULL
    )
    eventually(lambda: bool(workers_in(tmp_path)))
    time.sleep(0.02)  # it has not yet asked who its parent is
    os.kill(service.pid, signal.SIGKILL)
    service.wait()
    eventually(lambda: not workers_in(tmp_path))
