"""A service that has run for a month: sources that do well and sources that do not; articles, runs, problems."""

import itertools
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from aggregator.catalog import sync
from aggregator.ingest import scan
from aggregator.store import to_us
from aggregator.store.schema import runs
from tests.support import START, Place, article

CONFIG = """
site: {title: Quiet Reading, url: "http://127.0.0.1:8000", language: en}
feeds:
  custom:
    - {slug: ports, title: Ports, include: harbour}
sources:
  - {title: Harbour Light, path: harbour, link: "https://harbour.example/"}
  - {title: 拾光笔记, path: shiguang, every: 30 minutes, language: zh-CN}
  - {title: ZAKER, path: crawl, match: {author: ZAKER}, language: zh-CN}
  - {title: Tide Tables, path: crawl, match: {author: The tide office}}
  - {title: Everything else, path: crawl, split_by: author}
  - {title: Fog Signals, path: fog, every: 1 hour}
  - {title: Night Ferry, path: ferry, every: 10 minutes}
  - {title: Old Lighthouse, path: lighthouse, enabled: false}
"""
LATER = CONFIG.replace("  - {title: Old", "  - {title: Slow River, path: river, every: 1 day}\n  - {title: Old")

SUBJECTS = ("lamps", "tides", "ferries", "nets", "ropes", "gulls", "maps")
# Folder → (authors, articles on the busiest of seven days).
PUBLISHERS = {
    "harbour": (("Harbour Light",), 4),
    "shiguang": (("拾光",), 1),
    "crawl": (("ZAKER", "河岸观察", "36号实验室", "Pier & Post"), 3),
    "fog": (("Fog Signals",), 2),
    "ferry": (("Night Ferry",), 1),
    "lighthouse": (("Old Lighthouse",), 0),
}
RUNS = (
    ("harbour", "harbour-light", timedelta(hours=1.5), 0.3),
    ("crawl", "zaker", timedelta(hours=2), 4.0),
    ("shiguang", "拾光笔记", timedelta(hours=6), 0.05),
    ("fog", "fog-signals", timedelta(hours=3), 0.8),
    ("ferry", "night-ferry", timedelta(hours=12), 0.2),
)
DATES = ("soon", "last Tuesday", "20261332", "??", "before the storm", "tomorrow", "在昨天")


def lived(root: Path, now: datetime = START) -> Place:
    """The place a minute after the end of that month."""
    place = Place(root, CONFIG, now)
    for folder, (authors, busiest) in PUBLISHERS.items():
        for path, text in _articles(place, authors, busiest):
            place.write(f"{folder}/{path}", text)
    _spoil(place)
    for folder, slug, every, seconds in RUNS:
        _remember(place, folder, slug, every, seconds)
    place.scan()
    _fail(place)
    place.configure(LATER)
    sync(place.store, place.config, lambda: place.now)
    _plan(place)
    return place


def _articles(place: Place, authors: tuple[str, ...], busiest: int) -> Iterator[tuple[str, str]]:
    for which, author in enumerate(authors):
        for day in range(45):
            wave = (1 + math.sin(day * 1.7 + which)) / 2
            for number in range(round(busiest * wave * (0.2 if day % 7 in (2, 3) else 1))):
                moment = place.now - timedelta(days=day, hours=3 + 2 * number)
                title = f"{author} on {SUBJECTS[(day + number) % 7]}, {day}.{number}"
                body = f"<p>{title}: {'what the harbour told of it ' * 3}{day} {number} {author}.</p>"
                fields = {"author": f"'{author}'", "categories": "[Coast, News]"}
                yield (
                    f"{which}/{day:02}-{number}.md",
                    article(title, body, f"{moment:%Y-%m-%d %H:%M:%S} +0000", **fields),
                )


def _spoil(place: Place) -> None:
    """Files in which something is wrong."""
    for number, written in enumerate(DATES):
        text = article(f"A note without a day {number}", f"<p>Day {number} of no date at all.</p>", f"'{written}'")
        place.write(f"crawl/undated/{number}.md", text.replace("title:", "author: ZAKER\ntitle:", 1))
    place.write("crawl/empty <b>.md", "")
    place.write(
        "crawl/two languages.md", article("Two", "<p>Two of them.</p>", author="ZAKER", language="'Klingonish?'")
    )
    for number in range(3):
        place.write(f"harbour/plain/{number}.md", f"Only a text, number {number}, that says nothing of itself.\n")


def _fail(place: Place) -> None:
    """One folder cannot be read any more; others get news meanwhile."""
    (place.root / "fog").rename(place.root / "fog away")
    for minutes, news in ((1, ()), (2, ("harbour/0/new.md", "crawl/0/new.md", "crawl/2/new.md"))):
        place.later(minutes=minutes)
        for path in news:
            author = PUBLISHERS[path.split("/")[0]][0][int(path.split("/")[1])]
            text = article(f"News of {author}", f"<p>{author} has news.</p>", author=f"'{author}'", date=None)
            place.write(path, text.replace("---", f"---\ndate: {place.now:%Y-%m-%d %H:%M:%S} +0000", 1))
        for folder in place.router.folders():
            ticks = (place.now + timedelta(seconds=0.4 * tick) for tick in itertools.count())
            scan(place.store, place.router, folder, lambda ticks=ticks: next(ticks))  # type: ignore[misc]


def _remember(place: Place, folder: str, slug: str, every: timedelta, seconds: float) -> None:
    """The runs of a month, as the books have them."""
    rows = []
    for step in range(int(timedelta(days=29) / every), 0, -1):
        started = place.now - step * every
        took = seconds * (1 + 0.4 * math.sin(step / 5) + (6 if step % 97 == 11 else 0) + 0.1 * (step % 3))
        fails = folder == "crawl" and step % 131 == 40
        problems = {"crawl": max(0, round(12 + 9 * math.sin(step / 40) - (step < 30) * 3)), "harbour": 3}
        counts = {slug: {"new": 0, "updated": 0, "removed": 0, "problems": problems.get(folder, 0)}}
        rows.append(
            {
                "folder": place.store.ledger.folder(folder),
                "started": to_us(started),
                "finished": to_us(started + timedelta(seconds=took)),
                "counts": {} if fails else counts,
                "error": "cannot read the folder: the disk was away" if fails else "",
            }
        )
    with place.store._engine.begin() as connection:
        connection.execute(runs.insert(), rows)


def _plan(place: Place) -> None:
    place.later(seconds=40)
    now = place.now
    place.store.ledger.plan(
        {
            "harbour": now + timedelta(minutes=4, seconds=10),
            "crawl": now + timedelta(minutes=3),
            "shiguang": now + timedelta(minutes=26),
            "fog": now + timedelta(seconds=20),
            "ferry": now - timedelta(hours=3),
        }
    )
    wrong = [
        'config.yaml:12: sources[1].every: "5 minuts" is not a duration; write a number and a unit: "5 minutes"',
        'config.yaml:19: sources[3].pth: is no option; "path" is the nearest one',
    ]
    place.store.ledger.notify("config config.yaml", wrong, now - timedelta(minutes=2))
