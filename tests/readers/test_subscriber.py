"""What a subscriber with lemon24's reader sees while a crawler deletes and rewrites its folder every hour."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from reader import EntryUpdateStatus, Reader, make_reader

from tests.readers.server import feed_address, free_port, running
from tests.support import Place, article

REWRITES = 20
FEEDS = ("latest.rss", "latest.atom", "latest.json", "sources/zaker.atom", "categories/新媒体/ZAKER.rss")
CONFIG = """
site: {{title: News, url: "{base}", language: zh-CN}}
server: {{port: {port}, workers: 1}}
feeds: {{limit: 20}}
sources:
  - {{title: ZAKER, path: articles}}
"""
NEW, MODIFIED = EntryUpdateStatus.NEW, EntryUpdateStatus.MODIFIED


def text(number: int, edition: str = "first") -> str:
    sentences = (f"Line {line} of story {number} tells of boat {number * line} on the canal." for line in range(1, 9))
    return f"<p>{' '.join(sentences)}</p>\n<p>This is the {edition} edition.</p>"


@dataclass
class Crawler:
    """Deletes its folder and writes the whole channel anew at each run.

    A story whose feed told no date gets that of the run, and every story, having no picture, gets a random one.
    """

    place: Place
    stories: dict[int, str] = field(default_factory=dict)
    dates: dict[int, str] = field(default_factory=dict)
    dice: random.Random = field(default_factory=lambda: random.Random(7))

    def run(self) -> None:
        self.place.later(hours=1)
        self.place.empty()
        for number, body in self.stories.items():
            date = self.dates.get(number, f"{self.place.now:%Y-%m-%d %H:%M:%S}")
            picture = f"'https://picsum.photos/400/300?random={self.dice.randrange(10_000)}'"
            file = article(f"Story {number}", body, date, headimg=picture, author="ZAKER", thumbnail=picture)
            file = file.replace("headimg:", "categories: \n - 新媒体\n - ZAKER\n - source\nheadimg:", 1)
            self.place.write(f"articles/新媒体/ZAKER/source/Story {number}.md", file)
        self.place.scan()


@dataclass
class Subscriber:
    """Has read all that came; `news` are the entries of the last update, by what happened to them."""

    reader: Reader
    news: Counter[tuple[str, EntryUpdateStatus]] = field(default_factory=Counter)

    def update(self) -> dict[str, EntryUpdateStatus]:
        """Look what is new. The same must have happened in all feeds; it is told by title."""
        self.news.clear()
        for result in self.reader.update_feeds_iter(scheduled=False):
            assert not isinstance(result.value, Exception), result
        assert set(self.news.values()) <= {len(FEEDS)}
        seen = dict(self.news.keys())
        assert len(seen) == len(self.news)
        return seen

    def unread(self) -> set[str]:
        return {entry.title or "" for entry in self.reader.get_entries(read=False)}

    def read_all(self) -> None:
        for entry in self.reader.get_entries(read=False):
            self.reader.mark_entry_as_read(entry)


@pytest.fixture
def crawler(tmp_path: Path) -> Iterator[Crawler]:
    """Twelve stories, half of them without date, published by the real server."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    place = Place(tmp_path, CONFIG.format(base=base, port=port))
    made = Crawler(place)
    for number in range(12):
        made.stories[number] = text(number)
        if number % 2:
            made.dates[number] = f"Thu, {number + 1:02} Nov 2026 08:30:00 GMT"
    made.run()
    with running("serve", tmp_path, base):
        yield made
    place.store.close()


@pytest.fixture
def subscriber(crawler: Crawler) -> Iterator[Subscriber]:
    reader = make_reader(":memory:")
    subscribed = Subscriber(reader)

    def note(reader: Reader, entry: object, status: EntryUpdateStatus) -> None:
        subscribed.news[entry.title, status] += 1  # type: ignore[attr-defined]

    reader.after_entry_update_hooks.append(note)
    for feed in FEEDS:
        path, _, suffix = feed.rpartition(".")
        reader.add_feed(feed_address(crawler.place.config.site.url, path, suffix))
    assert set(subscribed.update().values()) == {NEW}
    assert len(subscribed.unread()) == 12
    subscribed.read_all()
    yield subscribed
    reader.close()


def test_rewrites_are_no_news_and_only_news_is_unread(crawler: Crawler, subscriber: Subscriber) -> None:
    """Every fourth run brings a story and drops the oldest, as a channel does."""
    for run in range(1, REWRITES + 1):
        fresh = {}
        if run % 4 == 0:
            number = 100 + run
            crawler.stories.pop(min(crawler.stories))
            crawler.stories[number] = text(number)
            fresh = {f"Story {number}": NEW}
        crawler.run()
        assert subscriber.update() == fresh
        assert subscriber.unread() == set(fresh)
        subscriber.read_all()
    ids = [{entry.id for entry in subscriber.reader.get_entries(feed=feed)} for feed in subscriber.reader.get_feeds()]
    assert ids == [ids[0]] * len(FEEDS)  # an article has one id in all feeds, and none twice
    assert len(ids[0]) == 12 + REWRITES // 4
    assert subscriber.reader.get_entry_counts().total == len(ids[0]) * len(FEEDS)


def test_an_edit_updates_its_one_entry_which_stays_read(crawler: Crawler, subscriber: Subscriber) -> None:
    crawler.stories[4] = text(4, edition="second")
    crawler.run()
    assert subscriber.update() == {"Story 4": MODIFIED}
    assert subscriber.unread() == set()
    edited = [entry for entry in subscriber.reader.get_entries() if entry.title == "Story 4"]
    assert len({entry.id for entry in edited}) == 1
    assert len(edited) == len(FEEDS)
    assert all("second edition" in entry.content[0].value for entry in edited)
    crawler.run()
    assert subscriber.update() == {}


def test_a_late_find_is_new_with_its_own_date(crawler: Crawler, subscriber: Subscriber) -> None:
    crawler.stories[50], crawler.dates[50] = text(50), "Fri, 02 Oct 2026 06:00:00 GMT"
    crawler.run()
    assert subscriber.update() == {"Story 50": NEW}
    found = list(subscriber.reader.get_entries(read=False))
    assert [entry.published for entry in found] == [datetime(2026, 10, 2, 6, tzinfo=UTC)] * len(FEEDS)
