"""Long run: many days of hourly rewrites, edits, renames, reloads and pollers, at high speed with a clock of ours."""

import gc
import os
import tempfile
from ctypes import CDLL
from pathlib import Path
from random import Random

from flask.testing import FlaskClient

from aggregator.catalog import sync
from aggregator.errors import ConfigError
from aggregator.retention import retire
from aggregator.takedown import hide
from aggregator.takedown import unhide as show
from feeds import create_app
from tests.support import Place
from torture.report import Report
from torture.subscribers import Subscriber, walk
from torture.world import Channel, Story, World

LIMITS = 600, 1800
DAYS = 4, 60
GROWTH = 24, 48  # MB that the process may grow by after a quarter of the time: caches fill up, and no more
HANDLES = 4  # that SQLite keeps for the next one to open a file, while others have it open
NEVER = (
    "articles lost",
    "edits lost",
    "duplicates",
    "false alarms to subscribers",
    "articles that should not be there",
)

DOUBTED = "is its disk mounted?"  # of a folder that is empty all at once
FOLDERS = "hub", "board", "extra"
INNER = "hub/letters"  # watched by itself now and then
BROKEN = "sources:\n  - {title: Wire, path: hub, mach: {author: Wire}}\n"


def run(short: bool, report: Report) -> None:
    """Let days pass."""
    for name in NEVER:
        report.figure(name, 0, most=0)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        Soak(Path(folder), report.random("soak"), report).go(DAYS[0 if short else 1], GROWTH[0 if short else 1])


class Soak:
    """A service, its world and its subscribers. A step is an hour."""

    def __init__(self, root: Path, random: Random, report: Report) -> None:
        self.random, self.report = random, report
        self.site = {"title": "Soak", "limit": "20", "wire": "Wire", "daily": "Daily", "extra": "", "letters": ""}
        self.place = Place(root, _config(self.site))
        self.world = World(random, self.place.now)
        self.reloads = 0
        self.written: dict[Channel, set[Story]] = {}  # what is in the folders now
        self.client = self._reload()
        self.subscribers = [
            Subscriber("", "/latest", "atom", 1),
            Subscriber("", "/latest", "json", 1, takes_deltas=True),
            Subscriber("", "/latest", "atom", 3, takes_deltas=True),
            Subscriber("", "/latest", "rss", 7),
            Subscriber("", "/latest", "json", 24),
            Subscriber("Wire", "/sources/wire", "atom", 2),
            Subscriber("Wire", "/categories/News/Wire", "rss", 5),
            Subscriber("Brief", "/sources/brief", "json", 1),
            Subscriber("Board", "/sources/board", "atom", 1, takes_deltas=True),
            Subscriber("Ann", "/sources/ann", "rss", 4),
        ]
        self.hidden: list[Story] = []

    def go(self, days: int, growth: float) -> None:
        """Let so many days pass; memory may grow by so many MB in all but the first quarter."""
        memory, handles = [], []
        for hour in range(days * 24):
            self._hour(hour)
            if hour % 24 == 23:
                self._look_at_all()
                memory.append(_memory())
                handles.append(len(os.listdir("/proc/self/fd")))
        base = max(days // 4 - 1, 0)
        self.report.figure("simulated days", days)
        self.report.figure("articles written", len(self.world.stories))
        self.report.figure("edits filed", self.world.edits)
        self.report.figure("config reloads", self.reloads)
        self.report.figure("memory", memory[-1], "MB")
        self.report.figure("memory grown after a quarter", max(memory[base:]) - memory[base], "MB", most=growth)
        self.report.figure("file handles grown", max(handles[base:]) - handles[base], most=HANDLES)
        self.place.store.close()

    def _hour(self, hour: int) -> None:
        self.world.hour(quiet=hour % 3 == 2)
        self.place.now = self.world.now
        if hour % 6 == 5:
            self._edit_config()
        self._crawl()
        self._hide_some()
        for one in self.subscribers:
            if hour % one.every == 0 and any(story.came for story in self.world.of(one.source)):
                one.poll(self.client, self.world, self.reloads, self.report)
                if one.takes_deltas:
                    one.compare(self.client, self.world, self.report)

    def _crawl(self) -> None:
        """The crawlers delete their folders and write them anew; scans come in the midst of it and after it."""
        self.written = {}
        for folder in FOLDERS:
            found = [channel for channel in self.world.channels if channel.folder.partition("/")[0] == folder]
            self.place.empty(folder)
            if self.random.random() < 0.04:
                (self.place.root / folder).rmdir()  # the crawler failed
                continue
            self.written |= {channel: set() for channel in found}
            for channel in found:
                if self.random.random() >= 0.04:  # else this one failed
                    self._write(channel, self.written[channel])
        self._scan(counts_missing=True)
        retire_all(self.place)
        self.world.retire(self.place.now)
        self.place.store.search.catch_up()

    def _write(self, channel: Channel, written: set[Story]) -> None:
        files = list(channel.files(self.place.now, self.random))
        half = self.random.randrange(len(files)) if files and self.random.random() < 0.1 else None
        for number, (story, path, text) in enumerate(files):
            if number == half:
                self.place.write(path, text[: len(text) * 2 // 3], age=0)  # it is being written
                self._scan(counts_missing=False)
            self.place.write(path, text)
            written.add(story)

    def _scan(self, *, counts_missing: bool) -> None:
        reports = self.place.reports(counts_missing=counts_missing)
        self.report.figure("scans", len(reports))
        for report in reports:
            folder = self.place.root / report.folder
            doubted = DOUBTED in report.error and not any(file.is_file() for file in folder.rglob("*"))
            if bool(report.error) == (folder.is_dir() and not doubted):
                self.report.breaks("a scan tells whether it could scan", f"{report.folder}: {report.error}")
        watched = {report.folder for report in reports if not report.error}
        for channel, stories in self.written.items():
            if channel.folder.partition("/")[0] in watched:
                self.world.scanned(channel, stories, counts_missing=counts_missing)

    def _edit_config(self) -> None:
        """An operator edits the config, now and then with a mistake."""
        edits = [
            {"title": self.random.choice(("Soak", "Long run", "Days"))},
            {"limit": self.random.choice(("20", "25", "30"))},
            {"wire": "Wire" if self.site["wire"] == "Wire Service" else "Wire Service"},
            {"daily": "Daily" if self.site["daily"] == "Everyday" else "Everyday"},
            {"extra": "" if self.site["extra"] else "yes"},
            {"letters": "" if self.site["letters"] else "yes"},
        ]
        edit = self.random.choice(edits)
        if self.random.random() < 0.2:
            try:
                self.place.configure(BROKEN)
            except ConfigError:
                pass
            else:
                self.report.breaks("a broken config changes nothing", "it was taken")
            return
        self.site |= edit
        if "extra" in edit:
            self.world.channel("Extra").imported = False
        self.client = self._reload()
        self._scan(counts_missing=True)  # as the watcher does

    def _reload(self) -> FlaskClient:
        self.reloads += 1
        gone = [folder for folder in map(self.place.root.joinpath, (INNER, *FOLDERS)) if not folder.exists()]
        self.place.configure(_config(self.site))
        for folder in gone if self.written else ():
            if folder.exists():
                folder.rmdir()  # Place made it
        sync(self.place.store, self.place.config, lambda: self.place.now)
        return create_app(self.place.config, self.place.store).test_client()

    def _hide_some(self) -> None:
        if self.random.random() < 0.1:
            story = self.random.choice([story for story in self.world.stories.values() if story.is_public][-40:])
            if story.number in self.subscribers[0].guids:
                self._held(story, hidden=True)
                self.hidden.append(story)
        elif self.hidden and self.random.random() < 0.1:
            self._held(self.hidden.pop(), hidden=False)

    def _held(self, story: Story, *, hidden: bool) -> None:
        change = hide if hidden else show
        guid = self.subscribers[0].guids[story.number]
        found = self.place.store.register.by_id(guid.removeprefix("urn:uuid:"))
        change(self.place.store, self.place.config, [entry.seq for entry in found], self.place.now)
        self.world.hide(story, hidden=hidden)

    def _look_at_all(self) -> None:
        """Every article that ever appeared is reachable through paging, once, in every form."""
        wanted = {story.number for story in self.world.stories.values() if story.is_public}
        form = self.random.choice(("atom", "rss", "json"))
        met = [item.number for item in walk(self.client, "/latest", form)]
        self.report.figure("duplicates", len(met) - len(set(met)))
        self.report.figure("articles lost", len(wanted - set(met)))
        self.report.figure("articles that should not be there", len(set(met) - wanted))
        for number in (wanted ^ set(met)) if wanted != set(met) else ():
            self.report.say(f"on pages or not: {self.world.stories[number]}")


def retire_all(place: Place) -> None:
    """What follows scans: what is kept only for a time goes."""
    for folder in place.router.folders():
        retire(place.store, place.config, folder, place.now)


def _memory() -> float:
    """What this process has in memory, in MB, without what it could give back."""
    gc.collect()
    CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def _config(site: dict[str, str]) -> str:
    former = {"Wire": "wire-service", "Wire Service": "wire"}[site["wire"]]
    extra = "  - {title: Extra, path: extra}\n" if site["extra"] else ""
    letters = f"  - {{title: Ann, path: {INNER}, language: fr}}\n" if site["letters"] else ""
    return (
        f"site: {{title: {site['title']}, url: 'http://soak.example'}}\nfeeds: {{limit: {site['limit']}}}\nsources:\n"
        f"{letters}"
        f"  - {{title: {site['wire']}, path: hub, match: {{author: Wire}}, aliases: [{former}]}}\n"
        f"  - {{title: {site['daily']}, path: hub, match: {{author: Daily}}}}\n"
        "  - {title: Brief, path: hub, match: {author: Brief}, retain: 2 days}\n"
        "  - {title: Rest, path: hub, split_by: author}\n"
        "  - {title: Board, path: board, on_delete: remove}\n" + extra
    )
