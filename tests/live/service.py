"""`aggregator run` as a process, with all that an operator looks at: answers, log, notices, the schedule."""

import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from aggregator.store import Store
from tests.readers.server import ENVIRONMENT, free_port
from tests.support import article
from tests.watcher.waiting import PATIENCE, eventually, promised

STAMP = re.compile(r"^\S+Z [A-Z]+ +", re.MULTILINE)  # the time and the level before each line of a log


class Running:
    """A service in a folder of its own, started by `start`. `config` is what follows its address in the config."""

    def __init__(self, root: Path, config: str, command: str = "run") -> None:
        self.root, self.port = root, free_port()
        self.log_file = root / "log"
        self.save(config)
        with self.log_file.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "aggregator", command], cwd=root, env=ENVIRONMENT, stdout=output, stderr=output
            )
        eventually(lambda: self.status("/readyz") == 200, else_show=self.log)
        self.store = Store(f"sqlite:///{root}/var/aggregator.db")

    def save(self, config: str) -> None:
        """Save a config as editors do: a new file in the old one's place."""
        head = f"site: {{url: 'http://127.0.0.1:{self.port}'}}\nserver: {{port: {self.port}, workers: 2}}\n"
        self.save_as_is((head + config).encode())

    def save_as_is(self, text: bytes) -> None:
        (self.root / "new").write_bytes(text)
        (self.root / "new").rename(self.root / "config.yaml")

    def drop(self, place: str, title: str, body: str = "<p>Water flows.</p>") -> None:
        """Put an article into a folder."""
        file = self.root / place
        file.parent.mkdir(exist_ok=True)
        file.write_text(article(title, body), encoding="utf-8")

    def get(self, path: str, *, follow: bool = False) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            body = response.read()
            if follow and response.status == 301:
                return self.get(urlsplit(response.headers["Location"]).path)
            return response.status, body
        finally:
            connection.close()

    def status(self, path: str) -> int:
        """0 while nobody listens."""
        assert self.process.poll() is None, self.log()
        try:
            return self.get(path)[0]
        except OSError:
            return 0

    def page(self, path: str) -> bytes:
        """What is at a path; nothing while nobody answers."""
        return self.get(path)[1] if self.status(path) else b""

    def log(self) -> str:
        """The lines of the log, without time and level."""
        return STAMP.sub("", self.log_file.read_text(encoding="utf-8"))

    def notices(self) -> list[str]:
        return [notice.message for notice in self.store.ledger.notices()]

    def planned(self) -> dict[str, datetime | None]:
        """When folders are scanned next."""
        return {folder.path: folder.planned for folder in self.store.ledger.folders()}

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def workers(self) -> list[int]:
        """The process numbers of the web workers."""
        listed = subprocess.run(["ps", "-A", "-ww", "-o", "pid=,ppid=,args="], capture_output=True, text=True).stdout
        rows = [line.split(maxsplit=2) for line in listed.splitlines()]
        return [int(pid) for pid, parent, name in rows if int(parent) == self.process.pid and "spawn_main" in name]

    def stop(self) -> None:
        """Stop it as a service manager does."""
        self.store.close()
        started = time.monotonic()
        self.process.terminate()
        assert self.process.wait(timeout=PATIENCE) == 0, self.log()
        assert time.monotonic() - started < promised(5)
        assert "Traceback" not in self.log()

    def kill(self) -> None:
        if self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Subscriber(threading.Thread):
    """Polls addresses all the time, and notes every answer that is not what it should be; follows redirects."""

    def __init__(self, service: Running, paths: tuple[str, ...]) -> None:
        super().__init__(daemon=True)
        self._service, self._paths = service, paths
        self._end = threading.Event()
        self.answers, self.failures = 0, list[str]()

    def run(self) -> None:
        while not self._end.wait(0.02):
            for path in self._paths:
                try:
                    status, body = self._service.get(path, follow=True)
                except OSError as error:
                    status, body = 0, str(error).encode()
                self.answers += 1
                if status != 200:
                    self.failures.append(f"{path}: {status} {body[:200]!r}")

    def end(self) -> None:
        self._end.set()
        self.join()
