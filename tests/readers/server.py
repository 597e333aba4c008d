"""The real command as a process, for readers to read from."""

import os
import random
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from tests.watcher.waiting import PATIENCE, eventually

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def free_port() -> int:
    """A port on which nobody listens, below those that the system gives to connections, so none takes it."""
    while True:
        port = random.randrange(12_000, 32_000)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


@contextmanager
def running(command: str, folder: Path, base: str) -> Iterator[None]:
    """`aggregator run` or `aggregator serve` on the config.yaml of a folder, from when it is ready."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", command], cwd=folder, env=ENVIRONMENT, stdout=output, stderr=output
        )
    try:
        eventually(lambda: process.poll() is not None or answers(f"{base}/readyz"), else_show=log.read_text)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(address: str) -> bool:
    try:
        return fetch(address) is not None
    except OSError:
        return False


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=PATIENCE) as response:
        body: bytes = response.read()
        return body


def feed_address(base: str, path: str, suffix: str) -> str:
    return f"{base}/{quote(path)}.{suffix}"
