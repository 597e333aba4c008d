"""What a status is made of. The names of the values are the keys of the JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from ..store import Notice, ProblemGroup, RunTimes, Trend


class State(StrEnum):
    """How a source or a folder does; the worst comes first."""

    FAILING = "failing"  # the last scan failed
    LATE = "late"  # the next scan should have begun long ago
    PROBLEMS = "problems"  # it is scanned, and something is wrong in its files
    EMPTY = "empty"  # it is scanned, and no file is its own
    WAITING = "waiting"  # the first scan is not done yet
    OK = "ok"
    OFF = "off"  # `enabled: false`
    GONE = "gone"  # the config names it no more


TROUBLE = frozenset({State.FAILING, State.LATE, State.PROBLEMS})


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last scan, and what it did to a source's articles (for a folder: to those of all sources)."""

    started: datetime
    seconds: float
    new: int = 0
    updated: int = 0
    removed: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """A source of the config, or one that only the store knows.

    `page` is its address, None where it has none: nothing was published, or its feeds answer 410 (`gone`). With
    `split_by` it is no source itself but an item of the config that stands for several, which follow. `new` are the
    articles of the last 24 hours, `days` those of each of the last 30 days (UTC), the oldest first.
    """

    slug: str
    title: str
    page: str | None
    state: State
    error: str
    gone: bool
    split_by: str | None
    folder: str | None
    articles: int
    new: int
    problems: int
    last_article: datetime | None
    last_run: LastRun | None
    next_run: datetime | None
    days: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """A custom feed."""

    slug: str
    title: str
    page: str | None
    articles: int
    changed: datetime
    gone: bool


@dataclass(frozen=True, slots=True)
class FolderStatus:
    """A folder that is scanned, or once was. `failures` are failed scans in a row; `history` is None for folders that
    are like many others."""

    path: str
    state: State
    scanned: datetime | None
    failures: int
    error: str
    last_run: LastRun | None
    next_run: datetime | None
    history: RunTimes | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers of the whole store. `problem_groups` counts those that are not listed too."""

    articles: int
    new: int
    sources: int
    problems: int
    problem_groups: int
    states: Mapping[State, int]


@dataclass(frozen=True)
class Status:
    """The state of the service at `time`. `ready`: a first scan of every folder was done.

    `config` is the config file's name. `days` are those that sources count their articles on; `articles` is the
    number of all.
    """

    time: datetime
    version: str
    config: str
    ready: bool
    notices: tuple[Notice, ...]
    articles: int
    totals: Totals
    sources: tuple[SourceStatus, ...]
    feeds: tuple[FeedStatus, ...]
    folders: tuple[FolderStatus, ...]
    problems: tuple[ProblemGroup, ...]
    days: tuple[date, ...]
    trend: Trend | None
