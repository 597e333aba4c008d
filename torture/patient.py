"""A service to which faults are done, a subscriber who never stops asking, an operator who looks at the status."""

import glob
import html
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.support import article
from torture.generations import opened
from torture.report import Report
from torture.running import FailedError, Service
from torture.subscribers import parse
from torture.world import sentence

# So that rights are rights for root too. Without events and with a clock of our own, where a fault asks for that.
MEEK = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search")
DEAF = (
    "unshare",
    "--user",
    "--map-root-user",
    "sh",
    "-c",
    'echo 0 > /proc/sys/user/max_inotify_instances; exec "$@"',
    "-",
)
SOURCES = """store: "sqlite:///var/aggregator.db?timeout=5"
feeds: {limit: 5}
sources:
  - {title: River, path: river, every: 1 second}
  - {title: Board, path: board, every: 1 second, on_delete: remove}
"""
PATIENCE = 20.0  # seconds for what has to come
POLL = 0.05  # seconds between questions
_TAG = re.compile("<[^>]+>")


def fake_clock() -> str:
    """The library that tells processes another time; "" where it is not installed."""
    return next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), "")


class Patient(Service):
    """`aggregator run`, started through other commands (`through`)."""

    through: tuple[str, ...] = ()

    def _words(self, *words: str) -> list[str]:
        return [*self.through, *super()._words(*words)]


class Ward:
    """A running patient: its main process, and the titles of all that was ever put into its folders (`dropped`)."""

    process = 0

    def __init__(self, patient: Patient, report: Report) -> None:
        self.patient, self.report, self.root = patient, report, patient.root
        self.store = self.root / "var/aggregator.db"
        self.random = report.random("faults")
        self.dropped: set[str] = set()
        self.subscriber = _Subscriber(self)

    def drop(self, folder: str = "river") -> str:
        """Put an article into a folder; its title."""
        title = f"{sentence(self.random)[:30].strip()} {len(self.dropped)}"
        body = "".join(f"<p>{sentence(self.random)}</p>" for _ in range(40))
        self.patient.write(f"{folder}/{len(self.dropped)}.md", article(title, body, "2022-02-05 20:22:00 +0800"))
        self.dropped.add(title)
        return title

    def get(self, path: str) -> tuple[int, bytes]:
        """An answer; 0 where there was none."""
        try:
            with urllib.request.urlopen(self.patient.base + path, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError as error:
            return 0, str(error).encode()

    def titles(self, path: str = "/latest.json") -> list[str]:
        """What subscribers see."""
        code, body = self.get(path)
        return [item["title"] for item in json.loads(body)["items"]] if code == 200 else []

    def all_titles(self) -> list[str]:
        """What subscribers can see on all pages."""
        titles, path = list[str](), "/latest.json"
        while path:
            code, body = self.get(path)
            if code != 200:
                return []
            found = json.loads(body)
            titles += [item["title"] for item in found["items"]]
            path = urlsplit(found.get("next_url", "")).path
        return titles

    def told(self) -> str:
        """All that is wrong, as the status tells it."""
        code, body = self.get("/status.json")
        if code != 200:
            return f"{code}"
        status: dict[str, Any] = json.loads(body)
        found = [f"{notice['place']}: {notice['message']}" for notice in status["notices"]]
        found += [
            f"{folder['path']}: {folder['state']} {folder['error']}"
            for folder in status["folders"]
            if folder["state"] not in ("ok", "off")
        ]
        return "\n".join([*found, *(group["message"] for group in status["problems"])])

    def page(self) -> str:
        """The words of the status page."""
        code, body = self.get("/status?lang=en")
        return html.unescape(_TAG.sub("", body.decode())) if code == 200 else f"{code}"

    def printed(self) -> str:
        """What `aggregator status` prints."""
        try:
            return self.patient.command("status")
        except FailedError as error:
            return str(error)

    def wait(self, what: str, true: Callable[[], bool], seconds: float = PATIENCE) -> float:
        """Wait until something is true; how long that took. What does not happen is a broken promise."""
        began = time.monotonic()
        while not true():
            if time.monotonic() - began > seconds:
                self.report.breaks(what, f"not within {seconds:.0f} s; the status tells: {self.told()!r}")
                break
            time.sleep(POLL)
        return time.monotonic() - began

    def has(self, title: str) -> bool:
        """Whether subscribers can see an article. What came with many others need not be on the first page."""
        return title in self.titles() or title in self.all_titles()

    def look_at_all(self) -> None:
        """Everything that was ever dropped is there, once."""
        self.wait("every article", lambda: self.dropped <= set(self.all_titles()))
        titles = self.all_titles()
        self.report.figure("articles lost", len(self.dropped - set(titles)))
        self.report.figure("duplicates", len(titles) - len(set(titles)))
        with opened(self.store):
            pass


class _Subscriber(threading.Thread):
    """Polls all the time: every answer has to be whole, and an article that stays must stay as it is."""

    def __init__(self, ward: Ward) -> None:
        super().__init__(daemon=True)
        self._ward, self._end = ward, threading.Event()
        self.answers, self.failures = 0, list[str]()
        self.updated: dict[str, str] = {}

    def run(self) -> None:
        """Poll until the end."""
        while not self._end.wait(POLL):
            code, body = self._ward.get("/latest.atom")
            self.answers += 1
            try:
                self._judge({item.guid: item.dated for item in parse(body, "atom").items})
            except Exception as error:
                self.failures.append(f"{code} {error} {body[:100]!r}")

    def _judge(self, found: dict[str, str]) -> None:
        if not found:
            self.failures.append("an empty feed")
        for guid in found.keys() & self.updated.keys():
            if found[guid] != self.updated[guid]:
                self._ward.report.figure("false alarms to subscribers", 1)
        self.updated |= found

    def end(self) -> None:
        """Stop polling."""
        self._end.set()
        self.join()
