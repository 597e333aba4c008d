"""Killed at any moment: commands get SIGKILL at random times, run again, and everything must be as if undisturbed.

What a generation's store and export have to be like is known from a run that nobody disturbed.
"""

import os
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from torture.copies import Copies
from torture.generations import DamageError, Rows, Site
from torture.killed_service import Services
from torture.killings import Backups, Exports, Ingests, Migrations, Restores
from torture.nursery import Nursery
from torture.report import Report

LIMITS = 600, 2400
SECONDS = 3.5, 120  # for each command
KILLS = 4  # before a command may end
SERVICES = 3, 40  # that are killed
NEVER = (
    "articles lost", "duplicates", "articles torn", "ids changed", "damaged stores", "half-written files",
    "files left behind", "wrong counts", "false alarms to subscribers", "services that did not start",
)  # fmt: skip
KNOWN = {
    "config.yaml", "river", "rest", "var", "out", "aggregator.db", "aggregator.db-wal", "aggregator.db-shm",
    "aggregator.db.locks",
}  # fmt: skip


def run(short: bool, report: Report) -> None:
    """Kill everything, one after the other."""
    for name in NEVER:
        report.figure(name, 0, most=0)
    with tempfile.TemporaryDirectory(prefix="crash-") as folder:
        form = 0 if short else 1
        Crash(Path(folder), report, SERVICES[form]).go(SECONDS[form])


class Crash:
    """The killing. A generation's articles are known from a site where nothing was disturbed."""

    def __init__(self, root: Path, report: Report, services: int) -> None:
        self.root, self.report, self.random = root, report, report.random("crash")
        self.kills_of_service = services
        self.temporary = root / "tmp"
        self.temporary.mkdir()
        self.nursery = Nursery(self.temporary)
        self.site, self.calm = Site(root / "site"), Site(root / "calm")
        self.states: list[Rows] = []
        self.backups: list[Path] = []
        self.lasts: dict[str, float] = defaultdict(lambda: 0.5)  # seconds that a command takes
        self.phases: Counter[str] = Counter()

    def go(self, seconds: float) -> None:
        """Kill each command for so long, and a generation at least."""
        for rounds in (Ingests, Backups, Restores, Migrations, Exports):
            self._again(rounds(self).round, seconds)
        copies = Copies(self)
        with copies.running():
            self._again(copies.round, seconds)
        Services(self).round()
        self._look_for_leftovers()
        for phase, number in sorted(self.phases.items()):
            self.report.figure(f"killed in {phase}", number)

    def _again(self, one: Callable[[], None], seconds: float) -> None:
        end = time.monotonic() + seconds
        while True:
            one()
            if time.monotonic() > end:
                return

    def generation(self) -> int:
        """Find out what the next generation is like when nothing is disturbed."""
        number = len(self.states)
        self.calm.write(number)
        self.nursery.run(self.calm.root, "ingest")
        self.backups.append(self.root / f"{number}.backup")
        self.nursery.run(self.calm.root, "backup", str(self.backups[-1]))
        self.states.append(self.calm.rows())
        return number

    def kill(
        self, root: Path, words: Sequence[str], phase: Callable[[], str], look: Callable[[], None] = lambda: None
    ) -> None:
        """Begin a command and kill it at a random moment, KILLS times unless it comes to its end.

        `look` all the while; `phase` judges what it left, and tells where it was.
        """
        for _ in range(KILLS):
            began = time.monotonic()
            victim = self.nursery.start(root, *words)
            alive = victim.kill_after(self.random.uniform(0, 1.1 * self.lasts[words[0]]), look)
            with self.judged():
                where = phase()
                if alive:
                    self.report.figure("kills survived", 1)
                    self.phases[f"{words[0]}: {where}"] += 1
            if not alive:
                self.lasts[words[0]] = 0.7 * self.lasts[words[0]] + 0.3 * (time.monotonic() - began)
                return

    def finish(self, root: Path, words: Sequence[str]) -> str:
        """Run a command to its end."""
        told, took = self.nursery.run(root, *words)
        self.lasts[words[0]] = 0.7 * self.lasts[words[0]] + 0.3 * took
        return told

    @contextmanager
    def judged(self) -> Iterator[None]:
        """Whatever is wrong within is reported."""
        try:
            yield
        except DamageError as error:
            self.wrong("damaged stores", str(error))

    def wrong(self, figure: str, how: str) -> None:
        """Report what must never be."""
        self.report.figure(figure, 1)
        self.report.say(f"{figure}: {how[:500]}")

    def compare(self, found: Rows, wanted: Rows, where: str) -> None:
        """Articles have to be just these."""
        for id_ in wanted.keys() - found.keys():
            self.wrong("articles lost", f"{where}: {wanted[id_]}")
        for id_ in found.keys() - wanted.keys():
            self.wrong("ids changed", f"{where}: {found[id_]}")
        for id_ in found.keys() & wanted.keys():
            if found[id_] != wanted[id_]:
                self.wrong("articles torn", f"{where}: {found[id_]} is not {wanted[id_]}")

    def _look_for_leftovers(self) -> None:
        """After the last command that ended well, nothing of those that were killed is there."""
        for folder in self.temporary.iterdir():
            os.utime(folder, (time.time() - 3600,) * 2)
        self.nursery.run(self.root / "restored", "restore", "--force", str(self.backups[0]))
        for file in self.temporary.iterdir():
            self.wrong("files left behind", str(file))
        for folder in (self.site.root, self.root / "restored", self.root / "migrated"):
            for file in [*folder.iterdir(), *(folder / "var").iterdir()]:
                if file.name not in KNOWN:
                    self.wrong("files left behind", str(file))
