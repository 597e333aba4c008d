"""Feed readers of several kinds for the soak: each remembers guids and what it saw of them, and is hard to please."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from lxml import etree
from werkzeug.test import TestResponse

from torture.report import Report
from torture.world import Story, World

TOLD = 3  # mistakes of a reader that are told in full
MARK = re.compile(r"mark-(\d+)-(\d+)\.")
_ATOM = "{http://www.w3.org/2005/Atom}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a feed: which story in which version it shows; `dated` is what tells readers of an edit."""

    guid: str
    number: int
    version: int
    dated: str
    digest: str


@dataclass(frozen=True, slots=True)
class Page:
    """A feed document. `next` is the path of the next older one, "" at the end."""

    items: tuple[Item, ...]
    next: str


def parse(body: bytes, form: str) -> Page:
    """Read a feed document. Raises what a parser raises."""
    if form == "json":
        found = json.loads(body)
        names = "id", "title", "content_html", "date_modified"
        items = tuple(_item(*(one.get(name, "") for name in names)) for one in found["items"])
        return Page(items, _path(found.get("next_url", "")))
    root = etree.fromstring(body)
    following = [link.get("href") for link in root.iter(f"{_ATOM}link") if link.get("rel") == "next"]
    return Page(tuple(_atom(root) if form == "atom" else _rss(root)), _path(following[0] if following else ""))


def _atom(root: etree._Element) -> Iterator[Item]:
    for entry in root.iter(f"{_ATOM}entry"):
        texts = (entry.findtext(f"{_ATOM}{name}") or "" for name in ("id", "title", "content", "updated"))
        yield _item(*texts)


def _rss(root: etree._Element) -> Iterator[Item]:
    for item in root.iter("item"):
        yield _item(item.findtext("guid") or "", item.findtext("title") or "", item.findtext(_CONTENT) or "", "")


def _item(guid: str, title: str, content: str, dated: str) -> Item:
    found = MARK.search(content)
    number, version = (int(found[1]), int(found[2])) if found else (0, 0)
    return Item(guid, number, version, dated, sha256(f"{title}\n{content}".encode()).hexdigest()[:8])


def _path(address: str) -> str:
    return urlsplit(address).path


@dataclass(slots=True, eq=False)
class Subscriber:
    """A reader of one feed, of a source or of all (""), that polls every so many hours.

    `takes_deltas`: it sends A-IM. One that does not know any item of a page goes on to the next.
    """

    source: str
    path: str
    form: str
    every: int
    takes_deltas: bool = False
    known: dict[str, Item] = field(default_factory=dict)  # by guid
    guids: dict[int, str] = field(default_factory=dict)
    etag: str = ""
    event: int = 0
    reload: int = 0
    wrongs: int = 0

    def poll(self, client: FlaskClient, world: World, reloads: int, report: Report) -> None:
        """Ask once, judge what came, and compare with what should have."""
        stories = world.of(self.source)
        may_change = reloads != self.reload or any(story.since > self.event for story in stories)
        answer = self._ask(client, f"{self.path}.{self.form}")
        report.figure("polls", 1)
        if answer.status_code == 304:
            report.figure("answers 304", 1)
        elif answer.status_code not in (200, 226):
            report.breaks("served", f"{self.path}.{self.form}: {answer.status}")
            return
        elif not may_change and self.etag:
            self._wrong(report, "false alarms to subscribers", f"it changed for nothing at {world.now}")
        else:
            report.figure("deltas", answer.status_code == 226)
            self._read(answer, client, world, report)
        self._look_for_lost(world, report)
        self.etag, self.event, self.reload = answer.headers.get("ETag", ""), world.event, reloads

    def _ask(self, client: FlaskClient, path: str) -> TestResponse:
        headers = {"If-None-Match": self.etag} if self.etag else {}
        answer = client.get(path, headers=headers | ({"A-IM": "feed"} if self.takes_deltas else {}))
        if answer.status_code == 301:
            self.path = _path(answer.headers["Location"]).rpartition(".")[0]
            return self._ask(client, f"{self.path}.{self.form}")
        return answer

    def _read(self, answer: TestResponse, client: FlaskClient, world: World, report: Report) -> None:
        page = parse(answer.data, self.form)
        strangers = self._meet(page, world, report)
        while page.next and strangers == len(page.items) and answer.status_code == 200:
            page = parse(client.get(page.next).data, self.form)
            strangers = self._meet(page, world, report)

    def _meet(self, page: Page, world: World, report: Report) -> int:
        """Take a page's items in; how many were not known."""
        strangers = 0
        for item in page.items:
            story, before = world.stories.get(item.number), self.known.get(item.guid)
            strangers += before is None
            for wrong in self._judge(item, story, before):
                self._wrong(report, wrong, f"{item} before: {before} {story} at {world.now}")
            if before is None:
                report.figure("articles seen", 1)
            elif before.version != item.version:
                report.figure("edits seen", 1)
            self.known[item.guid] = item
            self.guids.setdefault(item.number, item.guid)
        return strangers

    def _judge(self, item: Item, story: Story | None, before: Item | None) -> Iterator[str]:
        if story is None or not story.is_public:
            yield "articles that should not be there"
        elif item.version != story.told:
            yield "edits lost"
        if self.guids.get(item.number, item.guid) != item.guid:
            yield "duplicates"
        if before is not None and before.number != item.number:
            yield "duplicates"
        elif before is not None and before.version == item.version and _differ(before, item):
            yield "false alarms to subscribers"
        elif before is not None and before.version != item.version and item.dated and before.dated == item.dated:
            yield "edits lost"

    def _look_for_lost(self, world: World, report: Report) -> None:
        """What came since the last poll must be known now; what was in the archive, or away then, may be."""
        for story in world.of(self.source):
            news = story.since > self.event and story.is_public and not story.archived and not story.back
            if news and story.number not in self.guids:
                self._wrong(report, "articles lost", f"{story} at {world.now}")

    def compare(self, client: FlaskClient, world: World, report: Report) -> None:
        """One that was told of changes only must have the same as the whole feed shows."""
        for item in parse(client.get(f"{self.path}.{self.form}").data, self.form).items:
            if self.known.get(item.guid) != item:
                wrong = "edits lost" if item.guid in self.known else "articles lost"
                self._wrong(report, wrong, f"{item} known: {self.known.get(item.guid)} at {world.now}")

    def _wrong(self, report: Report, figure: str, how: str) -> None:
        """Count it, and tell of the first ones."""
        report.figure(figure, 1)
        self.wrongs += 1
        if self.wrongs <= TOLD:
            report.say(f"{figure}: {self.path}.{self.form}: {how}")


def _differ(before: Item, item: Item) -> bool:
    return (before.dated, before.digest) != (item.dated, item.digest)


def walk(client: FlaskClient, path: str, form: str) -> Iterator[Item]:
    """All items of a feed, page after page."""
    path = f"{path}.{form}"
    while path:
        page = parse(client.get(path).data, form)
        yield from page.items
        path = page.next
