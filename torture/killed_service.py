"""`aggregator run` killed again and again, while its config is edited, its folders change and a subscriber polls."""

import os
import subprocess
import time
import urllib.request
from contextlib import suppress
from typing import TYPE_CHECKING

from torture.generations import CONFIG, TITLE, Site, rows
from torture.killings import digests
from torture.running import Service
from torture.subscribers import parse

if TYPE_CHECKING:
    from torture.crash import Crash

LONGEST = 4.0  # seconds until it is killed
READY = 60.0  # in which all has to be published
EDITED = 1000  # the title of the site after an edit
PUBLISH = "publish: {dir: published}\n"
REST = CONFIG.partition("\n")[2]


class Services:
    """What was answered stays; the last one, which nobody kills, publishes it all and tidies up."""

    def __init__(self, crash: "Crash") -> None:
        self.crash = crash
        self.site = Site(crash.root / "service")
        self.temporary = crash.root / "service-tmp"
        self.temporary.mkdir()
        self.service = Service(self.site.root, workers=1, environment={"TMPDIR": str(self.temporary)})
        self.seen: dict[str, str] = {}  # title by guid
        self.answers = 0

    def round(self) -> None:
        """Generation by generation, each with a kill in its midst; then one that lives."""
        for number in range(self.crash.kills_of_service):
            self._edit(number)
            self._live(number, self.crash.random.uniform(0.2, LONGEST))
        for folder in self.temporary.iterdir():
            os.utime(folder, (time.time() - 3600,) * 2)
        self._edit(self.crash.kills_of_service)
        self._live(self.crash.kills_of_service, None)
        self._judge()

    def _edit(self, number: int) -> None:
        self.service.save(f"site: {{url: '{self.service.base}', title: Edition {number}}}\n{PUBLISH}{REST}")

    def _live(self, number: int, seconds: float | None) -> None:
        """A life of so many seconds; None for one that ends when all is published."""
        with (self.site.root / "log").open("ab") as log:
            process = subprocess.Popen(
                self.service._words("run"), cwd=self.site.root, env=self.service._env(), stdout=log, stderr=log
            )
        try:
            end = time.monotonic() + (READY if seconds is None else seconds)
            self.site.write(number)
            answered = False
            while (
                time.monotonic() < end and process.poll() is None and not (seconds is None and self._is_published())
            ):
                if self._poll() and not answered:
                    self._edit(number + EDITED)
                    answered = True
                time.sleep(0.02)
            if process.poll() is not None:
                self.crash.wrong("services that did not start", self.service.log[-500:])
        finally:
            if seconds is None:
                process.terminate()
            else:
                process.kill()
                self.crash.report.figure("kills survived", 1)
                self.crash.phases[f"run: {'answering' if answered else 'before the first answer'}"] += 1
            process.wait()

    def _poll(self) -> bool:
        """Whether it answers; each answer is whole, and an article keeps its guid."""
        with suppress(OSError):
            with urllib.request.urlopen(f"{self.service.base}/latest.json", timeout=5) as answer:
                body = answer.read()
            self.answers += 1
            try:
                items = parse(body, "json").items
            except Exception as error:
                self.crash.wrong("half-written files", f"answered: {error} {body[-100:]!r}")
                return True
            self.seen |= {item.guid.removeprefix("urn:uuid:"): item.digest for item in items}
            return True
        return False

    def _is_published(self) -> bool:
        """Whether the newest generation was exported."""
        newest = self.site.root / "published/latest.json"
        return newest.exists() and f"Edition {self.crash.kills_of_service + EDITED}" in newest.read_text()

    def _judge(self) -> None:
        self.crash.report.figure("answers", self.answers)
        with self.crash.judged():
            found = rows(self.site.store)
        for id_ in self.seen.keys() - found.keys():
            self.crash.wrong("articles lost", f"it was served: {id_}")
        titles = [row[TITLE] for row in found.values()]
        if len(titles) != len(set(titles)):
            self.crash.wrong("duplicates", f"{len(titles)} have {len(set(titles))} titles")
        self._compare_exports()
        for file in self.temporary.iterdir():
            self.crash.wrong("files left behind", str(file))

    def _compare_exports(self) -> None:
        """What many lives have exported is, when it is complete, what one undisturbed export writes."""
        for folder in ("published", "reference"):
            self.crash.nursery.run(self.site.root, "export", folder)
        found = digests(self.site.root / "published")
        for path, digest in digests(self.site.root / "reference").items():
            if found.get(path) != digest:
                self.crash.wrong("half-written files", f"exported: {path}")
