"""Several machines on one PostgreSQL: watchers and web replicas are killed one by one while articles come in."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from statistics import median

from aggregator.store import Store
from torture.machines import Machine, Poller, Prober
from torture.postgres import database
from torture.report import Report
from torture.subscribers import Item, parse

LIMITS = 600, 900
FILES, SECONDS, ROUNDS, PROBES = (1500, 9000), (6, 120), (1, 8), (10, 100)  # the short form, the long one
PATIENCE = 60.0  # seconds to wait for what must come

LOST, TWICE, ALARMS, STALE, DIFFERENT = NEVER = (
    "articles lost", "duplicates", "false alarms to subscribers", "articles that are stale",
    "answers that differ between replicas",
)  # fmt: skip
HEARD = 1000  # ms from a commit until all replicas serve what it brought
SLOW = 6  # seconds that any request may take, with the database there or not
FIRST = 12  # files of the first import, whose articles stand where their dates say
EDITED = 10  # every so manieth article is edited once, a while after it came
EVERY = 5  # seconds between scans

FOLDERS = "north", "south"
CONFIG = """
site: {title: Replicas, url: "http://feeds.example"}
store: %s
defaults: {every: %d seconds}
sources:
  - {title: North, path: north}
  - {title: South, path: south}
feeds: {custom: [{slug: third, title: Third, categories: [News/Part 3]}]}
"""


def run(short: bool, report: Report) -> None:
    """One failure of each kind in the short form, and many in the long one."""
    form = 0 if short else 1
    for name in NEVER:
        report.figure(name, 0, most=0)
    with tempfile.TemporaryDirectory(prefix="replicas-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        root.chmod(0o755)  # the server may run as another user
        with database(root) as (url, fail):
            drama = Drama(root, url, report, FILES[form], SECONDS[form])
            try:
                drama.begin()
                for _ in range(ROUNDS[form]):
                    drama.fail(fail, ROUNDS[form])
                drama.settle(PROBES[form])
                drama.judge()
            finally:
                drama.end()


class Drama:
    """Two watchers, two web replicas, a crawler that writes `files` in so many seconds, and a subscriber."""

    def __init__(self, root: Path, url: str, report: Report, files: int, seconds: float) -> None:
        self._root, self._url, self._report = root, url, report
        self._files, self._seconds = files, seconds
        self._random = report.random()
        self._watchers, self._replicas = (
            [Machine(root, f"{command}-{number}", CONFIG % (url, EVERY)) for number in (1, 2)]
            for command in ("watch", "serve")
        )
        self._poller = Poller(self._replicas)
        self._probers = [Prober(machine) for machine in self._replicas]
        self._crawler = threading.Thread(target=self._crawl, daemon=True)
        self._written: dict[int, float] = {}
        self._versions: dict[int, int] = {}
        self._store: Store | None = None

    def begin(self) -> None:
        """Start all machines at once on an empty database; then the crawler."""
        for number in range(1, FIRST + 1):
            self._write(number)
        for machine in (*self._watchers, *self._replicas):
            machine.start()
        for machine in self._replicas:
            self._until(machine.ready, f"{machine.name} is ready")
        self._store = Store(self._url)
        self._poller.start()
        self._until(lambda: len(self._poller.seen) == FIRST, "the first articles are seen")
        for prober in self._probers:
            prober.start()
        self._crawler.start()

    def fail(self, fail: Callable[[], None], rounds: int) -> None:
        """A watcher, a replica and the database fail, one after the other; then the machines come back."""
        pause = self._seconds / rounds / 5
        watcher, replica = self._random.choice(self._watchers), self._random.choice(self._replicas)
        for machine in (watcher, replica):
            time.sleep(pause)
            machine.kill()
            self._report.figure("kills survived", 1)
            if machine is watcher:
                self._see_takeover()
        time.sleep(pause)
        left = next(machine for machine in self._replicas if machine is not replica)
        began = time.monotonic()
        fail()
        self._report.figure("database failures survived", 1)
        self._until(left.ready, f"{left.name} is ready again")
        self._report.worst("until ready again, with the database's own time", time.monotonic() - began, "s")
        time.sleep(pause)
        watcher.start()
        replica.start()
        self._until(replica.ready, f"{replica.name} is ready again")

    def _see_takeover(self) -> None:
        """The watcher that is left scans the folders of the one that is gone, at the second of its turns at the latest."""
        began, scans = time.monotonic(), self._last_scans()
        self._until(lambda: all(self._last_scans()[name] > scans[name] for name in FOLDERS), "the other takes over")
        self._report.worst("until another watcher scans", time.monotonic() - began, "s", most=2 * EVERY)

    def _last_scans(self) -> dict[str, datetime]:
        ledger = self._open().ledger
        return {name: ledger.last_scan(name) or datetime.min.replace(tzinfo=UTC) for name in FOLDERS}

    def settle(self, probes: int) -> None:
        """Wait for what must come, and measure how soon a replica serves what a watcher committed."""
        self._crawler.join()
        self._until(lambda: self._size() == self._files, "every article is filed")
        self._until(lambda: len(self._poller.seen) == self._files, "every article is seen")
        self._until(self._is_up_to_date, "every edit is filed")
        self._poller.end()
        self._tell_slowest()
        times = [self._hear(number) for number in range(self._files + 1, self._files + 1 + probes)]
        for prober in self._probers:
            prober.end()
        # On a machine that has other work, any answer can take long.
        beyond = max(times) - 1000 * self._tell_slowest()
        self._report.worst("from commit to the answers of both replicas, median", median(times), "ms", most=HEARD)
        self._report.worst("from commit to the answers of both replicas, worst", max(times), "ms")
        self._report.worst("the same, beyond the slowest answer then", max(beyond, 0), "ms", most=HEARD)

    def _tell_slowest(self) -> float:
        """The seconds of the slowest answer since this was asked last."""
        slowest = max(prober.slowest for prober in self._probers)
        self._report.worst("slowest answer", slowest, "s", most=SLOW)
        for prober in self._probers:
            prober.slowest = 0.0
        return slowest

    def judge(self) -> None:
        """Compare what was written, filed, served and seen."""
        late = [moment - self._written[number] for number, moment in self._poller.seen.items()]
        self._report.figure("articles written", len(self._written))
        self._report.figure("articles edited", sum(self._versions.values()))
        self._report.worst("from file to subscriber, median", median(late), "s")
        self._report.worst("from file to subscriber, worst (kills and failures between)", max(late), "s")
        self._report.figure("answers", sum(prober.answers for prober in self._probers))
        self._report.figure("answers of /readyz: not ready", sum(prober.refused for prober in self._probers))
        guids = {guid: item.number for guid, item in self._poller.items.items()}
        for machine in self._replicas:
            for form in ("atom", "json", "rss"):
                self._judge_walk(machine, form, guids)
        self._count(ALARMS, len(self._poller.alarms), self._poller.alarms[:3])
        self._count(TWICE, len(guids) - len(set(guids.values())), "seen under two ids")
        self._compare()

    def _judge_walk(self, machine: Machine, form: str, seen: dict[str, int]) -> None:
        items = [item for page in machine.pages(f"/latest.{form}") for item in page.items]
        times = Counter(item.number for item in items)
        missing = self._written.keys() - times.keys()
        again = [number for number, count in times.items() if count > 1]
        other = [item for item in items if seen.get(item.guid, item.number) != item.number]
        stale = self._stale(items)
        self._count(LOST, len(missing), f"{machine.name} {form}: {sorted(missing)[:5]}")
        self._count(TWICE, len(again) + len(other), f"{machine.name} {form}: {again[:5]} {other[:5]}")
        self._count(STALE, len(stale), f"{machine.name} {form}: {stale[:5]}")

    def _stale(self, items: Iterable[Item]) -> list[Item]:
        return [item for item in items if item.version != self._versions[item.number]]

    def _is_up_to_date(self) -> bool:
        """Whether a replica shows every article as it was written last."""
        items = [item for page in self._replicas[0].pages("/latest.json") for item in page.items]
        return len(items) == self._files and not self._stale(items)

    def _compare(self) -> None:
        """Every feed in every format, and its second page, from both machines."""
        store = self._open()
        scopes = [scope.path for kind in ("all", "source", "category", "custom") for scope in store.scopes(kind)]
        paths = [f"/{path}.{form}" for path in scopes for form in ("atom", "json", "rss")]
        paths += [page[0].next for path in paths if (page := self._replicas[0].pages(path)[:1]) and page[0].next]
        paths += ["/", *(f"/{path}" for path in scopes)]
        for path in paths:
            one, other = (machine.get(path) for machine in self._replicas)
            same = one.status == other.status == 200 and (one.body, one.etag) == (other.body, other.etag)
            self._count(DIFFERENT, not same, f"{path}: {one.status} {one.etag}, {other.status} {other.etag}")
        self._report.figure("addresses compared", len(paths))

    def _hear(self, number: int) -> float:
        """Milliseconds between the commit of an article and the last replica's answer with it."""
        etags = [machine.get("/latest.atom").etag for machine in self._replicas]
        self._write(number)
        self._until(lambda: self._size() == number, "an article is filed", 0.0005)
        began = time.monotonic()
        for machine, etag in zip(self._replicas, etags, strict=True):
            self._until(partial(_serves, machine, number, etag), f"{machine.name} hears of it", 0.0005)
        return (time.monotonic() - began) * 1000

    def _crawl(self) -> None:
        """Write files at an even pace."""
        began, first = time.monotonic(), len(self._written)
        for number in range(first + 1, self._files + 1):
            self._write(number)
            if number % EDITED == 0 and number - EDITED > first:
                self._write(number - EDITED, 1)
            wait = began + self._seconds * (number - first) / (self._files - first) - time.monotonic()
            time.sleep(max(0, wait))

    def _write(self, number: int, version: int = 0) -> None:
        """An article file in the upstream format, complete in shape, as a crawler writes it."""
        path = self._root / FOLDERS[number % len(FOLDERS)] / f"{number:05}.md"
        path.parent.mkdir(exist_ok=True)
        random = Random(number)
        words = " ".join(f"w{random.randrange(10**6)}" for _ in range(120))
        front = (
            f"title: Story {number}\ndate: 2026-02-05 20:{number % 60:02}:00\ncategories: [News, Part {number % 7}]"
        )
        body = f"<div>   \n<p>{words}</p>\n<p>mark-{number}-{version}.</p>  \n</div>\n            "
        path.write_text(f"\n---\n{front}\n---\n\n{body}", encoding="utf-8")
        self._written.setdefault(number, time.time())
        self._versions[number] = version

    def _size(self) -> int:
        scope = self._open().scope("latest")
        return scope.size if scope else 0

    def _open(self) -> Store:
        if self._store is None:
            self._store = Store(self._url)
        return self._store

    def _count(self, figure: str, number: int, how: object) -> None:
        self._report.figure(figure, number)
        if number:
            self._report.say(f"{figure}: {how}")

    def _until(self, true: Callable[[], bool], what: str, pause: float = 0.05) -> None:
        """Wait until something is true. Raises TimeoutError, with the machines' logs."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            if time.monotonic() > deadline:
                logs = "\n".join(f"{one.name}:\n{one.log[-3000:]}" for one in (*self._watchers, *self._replicas))
                raise TimeoutError(f"waited {PATIENCE:g} s in vain until {what}\n{logs}")
            time.sleep(pause)

    def end(self) -> None:
        """Stop everything."""
        for one in (self._poller, *self._probers):
            one.end()
        for machine in (*self._watchers, *self._replicas):
            machine.kill()
        if self._store is not None:
            self._store.close()


def _serves(machine: Machine, number: int, etag: str) -> bool:
    """Whether an article is in a machine's feed, whose tag was another one before."""
    answer = machine.get("/latest.atom", etag)
    return answer.status == 200 and any(item.number == number for item in parse(answer.body, "atom").items)
