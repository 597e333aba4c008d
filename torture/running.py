"""The real service on a folder of articles: its own commands as processes, and what they take of memory."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

_ROOT = str(Path(__file__).parents[1])
STARTING = 60  # seconds


class FailedError(Exception):
    """A command of ours did not do what it should; the message holds its log."""


@dataclass
class Service:
    """`aggregator` on the config in a folder. `rest` follows the addresses, which are of this machine and free.

    `peak` is the most memory in bytes that any of its commands took, or a process that this began.
    """

    root: Path
    rest: str = ""
    workers: int = 2
    environment: Mapping[str, str] = field(default_factory=dict)
    port: int = field(default=0)
    peak: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.port = self.port or free_port()
        self.root.mkdir(parents=True, exist_ok=True)
        if self.rest:
            self.save(self.rest)

    @property
    def base(self) -> str:
        """The address of the site."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What all commands wrote."""
        file = self.root / "log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def save(self, rest: str) -> None:
        """Write the config, as an editor does."""
        site = "" if "site:" in rest else f"site: {{url: '{self.base}'}}\n"
        (self.root / "new").write_text(f"{self.head()}{site}{rest}", encoding="utf-8")
        (self.root / "new").rename(self.root / "config.yaml")

    def head(self) -> str:
        """What every config of it begins with."""
        return f"server: {{port: {self.port}, workers: {self.workers}}}\n"

    def write(self, path: str, text: str | bytes) -> None:
        """Write an article file, which was left alone for a minute."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        moment = time.time() - 60
        os.utime(file, (moment, moment))

    def command(self, *words: str) -> str:
        """Run a command to its end; what it printed. Raises FailedError."""
        with (self.root / "log").open("ab") as log:
            process = subprocess.Popen(
                self._words(*words), cwd=self.root, env=self._env(), stdout=subprocess.PIPE, stderr=log
            )
        assert process.stdout
        try:
            with process.stdout:
                said = process.stdout.read()
        except BaseException:
            process.kill()
            raise
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.peak = max(self.peak, usage.ru_maxrss * 1024)
        if process.returncode:
            raise FailedError(f"{' '.join(words)}: exit code {process.returncode}\n{self.log[-4000:]}")
        return said.decode()

    def ingest(self) -> dict[str, dict[str, int]]:
        """One pass over all sources: the counts by source."""
        sources: dict[str, dict[str, int]] = json.loads(self.command("ingest", "--json"))["sources"]
        return sources

    @contextmanager
    def running(self, name: str = "serve") -> Iterator[int]:
        """Run `serve`, `watch` or `run` until the block ends; yields its process id, when it is ready."""
        with (self.root / "log").open("ab") as log:
            process = subprocess.Popen(self._words(name), cwd=self.root, env=self._env(), stdout=log, stderr=log)
        try:
            if name != "watch":
                self._wait(process)
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGABRT)  # it tells where its threads are
                time.sleep(1)
                process.kill()
                process.wait()
                raise FailedError(f"{name} did not end within 20 s of SIGTERM:\n{self.log[-8000:]}") from None

    def _wait(self, process: "subprocess.Popen[bytes]") -> None:
        deadline = time.monotonic() + STARTING
        while time.monotonic() < deadline and process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.base}/readyz", timeout=5):
                    return
            except OSError:
                time.sleep(0.05)
        raise FailedError(f"it did not start:\n{self.log[-4000:]}")

    def _words(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "aggregator", *words]

    def _env(self) -> dict[str, str]:
        return {**os.environ, "PYTHONPATH": _ROOT, "PYTHONFAULTHANDLER": "1", **self.environment}


def free_port() -> int:
    """A TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def family(parent: int) -> list[int]:
    """A process with all that it started, and they."""
    found = [parent]
    for number in found:
        try:
            tasks = list(Path(f"/proc/{number}/task").iterdir())
            found += [int(child) for task in tasks for child in (task / "children").read_text().split()]
        except OSError:  # it ended just now
            continue
    return found


def memory(process: int) -> int:
    """The bytes that a process holds in memory of its own and of what it shares (RSS); 0 for one that ended."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def handles(process: int) -> int:
    """The files and sockets that a process has open."""
    try:
        return len(list(Path(f"/proc/{process}/fd").iterdir()))
    except OSError:
        return 0
