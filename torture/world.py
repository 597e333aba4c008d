"""A small world for the soak: crawlers that write articles into folders, hour by hour, and what is true about them.

The world knows which articles there are, in which version, and who should see them. It never looks into the store.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Any

ZERO = timedelta()
WINDOW = 12  # stories that a channel's folder holds
_SOUNDS = tuple(f"{a}{b}" for a in "bdfglmnprstz" for b in "aeiou")


STATES = "draft", "drafted", "hidden", "withdrawn", "retired", "archived"


@dataclass(slots=True, eq=False, repr=False)
class Story:
    """An article. `version` counts its author's edits, `told` is the one that was filed last, None before.

    The other fields are as the service should know them. `came`, `back`, `since` are numbers of events: when it was
    first there for subscribers, when it was there again, and when anything last happened to it.
    """

    number: int
    channel: "Channel"
    title: str
    sentences: list[str]
    written: datetime
    version: int = 0
    draft: bool = False
    told: int | None = None
    drafted: bool = False
    hidden: bool = False
    withdrawn: bool = False
    retired: bool = False
    archived: bool = False  # it came with its source's first import, so it stands where its date says
    away: int = 0  # whole scans in a row that lacked it
    came: int = 0
    back: int = 0
    since: int = 0

    @property
    def is_public(self) -> bool:
        """Whether subscribers should find it."""
        return self.told is not None and not (self.drafted or self.hidden or self.withdrawn or self.retired)

    @property
    def mark(self) -> str:
        """Stands in its text, for us to find."""
        return f"mark-{self.number}-{self.version}."

    def __repr__(self) -> str:
        states = " ".join(f"{name}={getattr(self, name)}" for name in ("version", "told", "came", "back", "since"))
        states += "".join(f" {name}" for name in STATES if getattr(self, name))
        return f"<{self.channel.source}: {self.number} {states}>"

    def edit(self, random: Random) -> None:
        """A real edit: another version."""
        self.version += 1
        self.sentences[random.randrange(len(self.sentences))] = sentence(random)
        if random.random() < 0.2 and not self.channel.moves:
            self.title = f"{self.title.partition(' (')[0]} (corrected {self.version})"


def sentence(random: Random) -> str:
    """Nine words that mean nothing."""
    words = ("".join(random.choices(_SOUNDS, k=random.randint(2, 4))) for _ in range(9))
    return " ".join(words).capitalize() + "."


Name = Callable[[Story, int], str]
Front = Callable[[Story], dict[str, str]]


@dataclass(slots=True, eq=False)
class Channel:
    """What one crawler writes into one folder, newest first: files called `name`, with `front` in their front matter.

    `drifts`: their dates are those of the run. `moves`: a story changes its place with every other one that comes,
    so it is only known by its text. `removes` and `keeps` are `on_delete: remove` and `retain` of its source.
    """

    source: str
    folder: str
    name: Name
    front: Front
    drifts: bool = False
    moves: bool = False
    removes: bool = False
    keeps: timedelta | None = None
    stories: list[Story] = field(default_factory=list)  # all, oldest first
    shown: list[Story] = field(default_factory=list)  # those in the folder
    imported: bool = False

    def files(self, now: datetime, random: Random) -> Iterator[tuple[Story, str, str]]:
        """Story, path, text of all that it writes in a run, in the upstream format; placeholders and drifting dates
        are others at each run."""
        for place, story in enumerate(self.shown):
            yield story, f"{self.folder}/{self.name(story, place)}", self._text(story, now, random)

    def _text(self, story: Story, now: datetime, random: Random) -> str:
        date = f"{now:%Y-%m-%d %H:%M:%S}" if self.drifts else format_datetime(story.written, usegmt=True)
        picture = f"https://picsum.photos/400/300?random={random.randrange(10_000)}"
        front = {"title": f"'{story.title}'", "author": self.source, "headimg": f"'{picture}'", **self.front(story)}
        front |= {"date": date, "thumbnail": f"'{picture}'"} | ({"draft": "true"} if story.draft else {})
        lines = ["", "---", *(f"{name}: {value}" for name, value in front.items()), "---", ""]
        body = "".join(f"<p>{text}</p>\n" for text in [*story.sentences, story.mark])
        return "\n".join([*lines, "<div>   ", f"{body}  ", "</div>", "            "])


def channels() -> list[Channel]:
    """The crawlers, each with its own bad habits."""
    by_number: Name = lambda story, _: f"{story.number}.md"  # noqa: E731
    return [
        Channel("Wire", "hub/wire", lambda _, place: f"{place:02}.txt", _in("News", "Wire", "source"), moves=True),
        Channel("Daily", "hub/daily", by_number, _in("News"), drifts=True),
        Channel("Brief", "hub/brief", by_number, _named, keeps=timedelta(days=2)),
        Channel("Ann", "hub/letters", by_number, _in("Letters")),
        Channel("Board", "board", by_number, _linked, removes=True),
        Channel("Extra", "extra", by_number, _in("News", "Extra")),
    ]


def _in(*names: str) -> Front:
    return lambda _: {"categories": f"[{', '.join(names)}]"}


def _linked(story: Story) -> dict[str, str]:
    return {"categories": "[Notices]", "link": f"https://board.example/{story.number}"}


def _named(story: Story) -> dict[str, str]:
    return {"categories": "[News, Brief]", "guid": f"brief-{story.number}"}


class World:
    """All channels, and what the service should make of them. `event` counts what subscribers can see of it."""

    def __init__(self, random: Random, now: datetime) -> None:
        self.random = random
        self.now = now
        self.channels = channels()
        self.stories: dict[int, Story] = {}
        self.event = 0
        self.edits = 0

    def of(self, source: str) -> Iterable[Story]:
        """The stories of a source, or all."""
        return self.stories.values() if not source else self.channel(source).stories

    def channel(self, source: str) -> Channel:
        """The crawler of a source."""
        return next(channel for channel in self.channels if channel.source == source)

    def hour(self, *, quiet: bool) -> None:
        """An hour passes for the authors. In a quiet one they do nothing."""
        self.now += timedelta(hours=1)
        for channel in () if quiet else self.channels:
            for _ in range(self.random.choice((0, 0, 1, 1, 2))):
                self._write(channel)
            if channel.shown and self.random.random() < 0.25:
                self.random.choice(channel.shown).edit(self.random)
            self._bring_back(channel)
            self._take_away(channel)
            del channel.shown[WINDOW:]

    def _write(self, channel: Channel) -> None:
        number = len(self.stories) + 1
        written = self.now.replace(microsecond=0) - timedelta(seconds=self.random.randrange(3600))
        if channel.moves and channel.stories:
            written = max(written, channel.stories[-1].written + timedelta(seconds=1))
        title = f"{sentence(self.random)[:40].strip()} {number}"
        story = Story(number, channel, title, [sentence(self.random) for _ in range(12)], written)
        self.stories[number] = story
        channel.stories.append(story)
        channel.shown.insert(0, story)

    def _bring_back(self, channel: Channel) -> None:
        """A story of long ago is on the front page once more, perhaps edited."""
        gone = [story for story in channel.stories[-60:] if story not in channel.shown]
        if gone and not channel.moves and self.random.random() < 0.08:
            story = self.random.choice(gone)
            if self.random.random() < 0.5:
                story.edit(self.random)
            channel.shown.insert(self.random.randrange(len(channel.shown) + 1), story)

    def _take_away(self, channel: Channel) -> None:
        if channel.removes and len(channel.shown) > 3 and self.random.random() < 0.2:
            channel.shown.pop(self.random.randrange(len(channel.shown)))
        if channel.drifts and channel.shown and self.random.random() < 0.15:
            story = self.random.choice(channel.shown)
            story.draft = not story.draft

    def scanned(self, channel: Channel, present: Collection[Story], *, counts_missing: bool) -> None:
        """A scan of the channel's folder has ended, in which these stories were whole."""
        for story in present:
            if story.draft:
                self._change(story, drafted=True)
            else:
                first = {"archived": not channel.imported} if story.told is None else {}
                self._change(story, told=story.version, drafted=False, withdrawn=False, away=0, **first)
        if channel.removes and counts_missing:
            for story in channel.stories:
                if story not in present and story.told is not None:
                    self._change(story, away=story.away + 1, withdrawn=story.withdrawn or story.away >= 1)
        channel.imported = channel.imported or any(story.told is not None for story in channel.stories)

    def retire(self, now: datetime) -> None:
        """What is older than its source keeps goes."""
        for channel in self.channels:
            for story in channel.stories if channel.keeps else ():
                # One that the operator has hidden stays that.
                if story.told is not None and not story.hidden and story.written < now - (channel.keeps or ZERO):
                    self._change(story, retired=True)

    def hide(self, story: Story, *, hidden: bool) -> None:
        """An operator takes a story down, or puts it back."""
        self._change(story, hidden=hidden)

    def _change(self, story: Story, **values: Any) -> None:
        before = story.is_public, story.told
        for name, value in values.items():
            setattr(story, name, value)
        now = story.is_public, story.told
        if now == before or not (before[0] or now[0]):
            return
        self.event += 1
        self.edits += before[0] and now[0]
        story.since = self.event
        if not story.came:
            story.came = self.event
        elif now[0] and not before[0]:
            story.back = self.event
