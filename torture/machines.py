"""Machines of a service on one store: processes that can be killed as if the power went, and whoever asks them."""

import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from torture.running import _ROOT, family, free_port
from torture.subscribers import Item, Page, parse

TIMEOUT = 20.0
LAG = 1.0  # seconds by which one machine may be behind the other


@dataclass(frozen=True, slots=True)
class Answer:
    """What a machine said: 0 where it did not. `seconds` is how long that took."""

    status: int
    body: bytes
    etag: str
    seconds: float


@dataclass
class Machine:
    """`aggregator watch` or `serve`, by the beginning of its name, on a config of its own in a folder of all."""

    root: Path
    name: str
    config: str
    workers: int = 1
    port: int = field(default_factory=free_port)
    _process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        text = f"server: {{port: {self.port}, workers: {self.workers}}}\n{self.config}"
        (self.root / f"{self.name}.yaml").write_text(text, encoding="utf-8")

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What it wrote in all its lives."""
        file = self.root / f"{self.name}.log"
        return file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""

    def start(self) -> None:
        """Start it; returns at once."""
        words = [sys.executable, "-m", "aggregator", self.name.partition("-")[0], "--config", f"{self.name}.yaml"]
        with (self.root / f"{self.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                words, cwd=self.root, env={**os.environ, "PYTHONPATH": _ROOT}, stdout=log, stderr=log
            )

    def kill(self) -> None:
        """SIGKILL for the process and all that it started."""
        if self._process is not None and self.alive:
            for number in family(self._process.pid):
                os.kill(number, signal.SIGKILL)
            self._process.wait()

    def get(self, path: str, etag: str = "") -> Answer:
        """Ask it; a machine that does not answer is no exception."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        began = time.monotonic()
        try:
            connection.request("GET", quote(path, safe="/?=%"), headers={"If-None-Match": etag} if etag else {})
            response = connection.getresponse()
            body = response.read()
            return Answer(response.status, body, response.headers.get("ETag", ""), time.monotonic() - began)
        except (OSError, http.client.HTTPException):
            return Answer(0, b"", "", time.monotonic() - began)
        finally:
            connection.close()

    def ready(self) -> bool:
        """Whether it says that it is."""
        return self.get("/readyz").status == 200

    def pages(self, path: str) -> list[Page]:
        """A feed with all its older pages; ends where one does not come."""
        found = []
        while path:
            answer = self.get(path)
            if answer.status != 200:
                break
            found.append(parse(answer.body, urlsplit(path).path.rpartition(".")[2]))
            path = found[-1].next
        return found


class Asking(threading.Thread):
    """Asks again and again until it is ended."""

    pause = 0.1

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._ending = threading.Event()

    def run(self) -> None:
        """Ask."""
        while not self._ending.wait(self.pause):
            self.ask()

    def ask(self) -> None:
        """Once."""
        raise NotImplementedError

    def end(self) -> None:
        """Stop, and wait for the last answer."""
        self._ending.set()
        if self.is_alive():
            self.join()


class Prober(Asking):
    """A load balancer's question, and the slowest answer of all to it and to a feed. `refused`: /readyz said 503."""

    def __init__(self, machine: Machine) -> None:
        super().__init__()
        self._machine = machine
        self.slowest, self.answers, self.refused = 0.0, 0, 0

    def ask(self) -> None:
        """Once."""
        for path in ("/readyz", "/latest.atom", "/?lang=en"):
            answer = self._machine.get(path)
            self.slowest = max(self.slowest, answer.seconds)
            self.answers += answer.status != 0
            self.refused += path == "/readyz" and answer.status == 503


class Poller(Asking):
    """A subscriber behind a load balancer, which asks one machine, then the other. It reads on through older pages
    until it finds something that it knows; a poll that fails on the way did not happen. It is alarmed by whatever
    changes but for an edit, which is told by its date."""

    def __init__(self, machines: list[Machine]) -> None:
        super().__init__()
        self._machines = machines
        self._turn = 0
        self.items: dict[str, Item] = {}  # by guid
        self._edited: dict[str, float] = {}  # when it saw an edit
        self.seen: dict[int, float] = {}  # when it heard of a story, in seconds since 1970
        self.alarms: list[str] = []

    def ask(self) -> None:
        """Once."""
        self._turn += 1
        machine, path, found = self._machines[self._turn % len(self._machines)], "/latest.atom", list[Item]()
        while path:
            answer = machine.get(path)
            if answer.status != 200:
                return
            page = parse(answer.body, "atom")
            found += page.items
            path = page.next if all(item.guid not in self.items for item in page.items) else ""
        for item in found:
            self._meet(item)

    def _meet(self, item: Item) -> None:
        before, now = self.items.get(item.guid, item), time.time()
        if item.version < before.version and now - self._edited[item.guid] < LAG:
            return  # the other machine has not heard yet
        if item.version != before.version:
            self._edited[item.guid] = now
        self.items[item.guid] = item
        self.seen.setdefault(item.number, now)
        if before != item and not (item.version > before.version and item.dated > before.dated):
            self.alarms.append(f"{before} became {item}")
