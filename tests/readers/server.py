"""The real command as a process, for readers to read from."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: str, folder: Path, base: str) -> Iterator[None]:
    """`aggregator run` or `aggregator serve` on the config.yaml of a folder, from when it is ready."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "aggregator", command], cwd=folder, env=ENVIRONMENT, stdout=output, stderr=output
        )
    try:
        deadline = time.monotonic() + 30
        while not answers(f"{base}/readyz"):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(address: str) -> bool:
    try:
        return fetch(address) is not None
    except OSError:
        return False


def fetch(address: str) -> bytes:
    with urllib.request.urlopen(address, timeout=10) as response:
        body: bytes = response.read()
        return body


def feed_address(base: str, path: str, suffix: str) -> str:
    return f"{base}/{quote(path)}.{suffix}"
