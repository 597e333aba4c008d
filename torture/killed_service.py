"""`aggregator run` killed again and again, while its config is edited, its folders change and a subscriber polls."""

import os
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from torture.generations import CONFIG, TITLE, Site, rows
from torture.killings import digests
from torture.running import Service
from torture.subscribers import Item, parse

if TYPE_CHECKING:
    from torture.crash import Crash

BEGINNING = 4.0  # seconds at most until one is killed that need not have begun to answer
EDITING = 1.5  # seconds at most, from the first answer on, until one is killed whose config is edited all the time
READY = 60.0  # in which all has to be published, or a first answer to come
FORMS = "json", "atom", "rss"
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
        self.seen: dict[str, Item] = {}  # what was served last under which id
        self.answers = 0

    def round(self) -> None:
        """Generation by generation, each with a kill in its midst; then one that lives."""
        for number in range(self.crash.kills_of_service):
            self._edit(number)
            with self._living(number) as process:
                self._meet_its_end(process, number)
        for folder in self.temporary.iterdir():
            os.utime(folder, (time.time() - 3600,) * 2)
        last = self.crash.kills_of_service
        self._edit(last)
        with self._living(last) as process:
            self._go_on(process, READY, self._poll)
            self._edit(last + EDITED)
            self._go_on(process, READY, lambda: self._poll() and self._is_published())
            process.terminate()
            process.wait()
        self._judge()

    def _edit(self, number: int) -> None:
        self.service.save(self._config(number))

    def _config(self, number: int) -> str:
        return f"site: {{url: '{self.service.base}', title: Edition {number}}}\n{PUBLISH}{REST}"

    @contextmanager
    def _living(self, number: int) -> Iterator["subprocess.Popen[bytes]"]:
        """A life that begins while the crawlers write; killed at the end of the block."""
        with (self.site.root / "log").open("ab") as log:
            process = subprocess.Popen(
                self.service._words("run"), cwd=self.site.root, env=self.service._env(), stdout=log, stderr=log
            )
        try:
            self.site.write(number)
            yield process
        finally:
            process.kill()
            process.wait()

    def _meet_its_end(self, process: "subprocess.Popen[bytes]", number: int) -> None:
        """Every third one is killed at its beginning, the others while their config is edited."""
        random, phase = self.crash.random, "before the first answer"
        if number % 3 == 0:
            if self._go_on(process, random.uniform(0, BEGINNING), self._poll):
                phase = "answering"
        elif self._go_on(process, READY, self._poll):
            phase = "following edits of the config"
            end = random.uniform(0, EDITING)
            edits = iter(range(number + EDITED, number + 2 * EDITED))
            self._go_on(process, end, lambda: self._poll() and self._edit_in_place(next(edits)))
        if process.poll() is not None:
            self.crash.wrong("services that did not start", self.service.log[-500:])
        self.crash.report.figure("kills survived", 1)
        self.crash.phases[f"run: {phase}"] += 1

    def _edit_in_place(self, number: int) -> bool:
        """Save the config as an editor does that writes into the file: for a moment there is half of it."""
        text = self.service.head() + self._config(number)
        file = self.site.root / "config.yaml"
        file.write_text(text[: self.crash.random.randrange(len(text))], encoding="utf-8")
        time.sleep(self.crash.random.choice((0, 0.3)))  # the file is looked at every 0.25 s
        file.write_text(text, encoding="utf-8")
        return False

    def _go_on(self, process: "subprocess.Popen[bytes]", seconds: float, done: Callable[[], bool]) -> bool:
        """Let time pass until something is true; whether it became that in so many seconds."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and process.poll() is None:
            if done():
                return True
            time.sleep(0.02)
        return False

    def _poll(self) -> bool:
        """Whether it answers; each answer is whole, and an article keeps its guid."""
        form = self.crash.random.choice(FORMS)
        try:
            with urllib.request.urlopen(f"{self.service.base}/latest.{form}", timeout=5) as answer:
                body = answer.read()
        except OSError:
            return False
        self.answers += 1
        try:
            items = parse(body, form).items
        except Exception as error:
            self.crash.wrong("half-written files", f"answered: {error} {body[-100:]!r}")
            return True
        for item in items:
            self._meet(item)
        return True

    def _meet(self, item: Item) -> None:
        before = self.seen.setdefault(item.guid.removeprefix("urn:uuid:"), item)
        if before.number != item.number:
            self.crash.wrong("ids changed", f"{before} is {item} now")
        elif before.version > item.version:
            self.crash.wrong("articles torn", f"{before} went back to {item}")
        self.seen[item.guid.removeprefix("urn:uuid:")] = item

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
