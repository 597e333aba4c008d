"""How things went lately, for `status`: articles a day, runs, problems over time.

A fixed number of queries, whatever the store holds: what there may be thousands of is counted by the database.
Problems, which are grouped with the words that differ left out, are in store.problem_groups.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from ..models import ScopeKind
from .activity import DAY, DAYS, daily
from .engine import answering
from .ledger import RUNS_KEPT
from .patience import READING, within
from .problem_groups import ProblemGroup, problem_groups
from .pulse import refuse_away
from .schema import folders, members, problems, runs, scopes
from .times import SECOND, from_us, to_us

STRETCHES = 60  # parts that a folder's runs are shown in
POINTS = 60  # of problems over time
QUIET = (0,) * DAYS  # days without an article
CHARTED = 12  # folders with a history of their runs; the slowest and those that fail come first

# What changes whenever a problem comes, goes, or gets another source.
_PROBLEMS = (
    sa.select(problems.c.source, sa.func.count(), sa.func.max(problems.c.id), sa.func.max(problems.c.since))
    .group_by(problems.c.source)
    .order_by(problems.c.source)
)


@dataclass(frozen=True, slots=True)
class Run:
    """A scan of a folder that ended. `counts` is by source slug (see ingest.Counts), empty where it failed."""

    started: datetime
    seconds: float
    counts: Mapping[str, Mapping[str, int]]
    error: str


@dataclass(frozen=True, slots=True)
class Volume:
    """How much a source publishes: its articles of the last 24 hours, when the last arrived, and on each of the last
    DAYS days (UTC), the oldest first."""

    new: int = 0
    last: datetime | None = None
    days: tuple[int, ...] = QUIET


@dataclass(frozen=True, slots=True)
class Stretch:
    """A folder's runs in one part of the time: how many, how many failed, how long they took on average and at most,
    in seconds."""

    runs: int
    failed: int
    mean: float
    longest: float


@dataclass(frozen=True, slots=True)
class RunTimes:
    """A folder's runs in STRETCHES equal parts of the time since `start`; None where there was none."""

    start: datetime
    stretches: tuple[Stretch | None, ...]


@dataclass(frozen=True, slots=True)
class Trend:
    """Open problems of all watched folders at the end of each of POINTS equal parts of the time since `start`."""

    start: datetime
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Past:
    """All of it at one moment. `volumes` is by source path, what concerns runs by folder; `good_runs` are the last
    that did not fail."""

    volumes: Mapping[str, Volume]
    last_runs: Mapping[str, Run]
    good_runs: Mapping[str, Run]
    run_times: Mapping[str, RunTimes]
    trend: Trend | None
    problem_groups: tuple[ProblemGroup, ...]


class History:
    """Reads how things went."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._grouped: tuple[object, tuple[ProblemGroup, ...]] = (), ()  # of no problems

    def read(self, now: datetime, watched: Collection[str] | None = None) -> Past:
        """What is known at `now`, of DAYS days at most. Raises StoreError when the database does not answer.

        `watched` are the folders whose problems count, None for all: where nothing is scanned, nothing is mended.
        """
        moment = to_us(now)
        refuse_away(self._engine)
        with answering(), within(READING), self._engine.begin() as connection:
            numbers = _numbers(connection, watched)
            last, good = _latest_runs(connection)
            return Past(
                _volumes(connection, moment),
                last,
                good,
                _run_times(connection, moment, sorted(last, key=lambda path: _interest(last[path]))[:CHARTED]),
                _trend(connection, moment, numbers),
                self._problem_groups(connection, numbers),
            )

    def _problem_groups(self, connection: Connection, numbers: Collection[int]) -> tuple[ProblemGroup, ...]:
        """Put together anew only when problems came or went: ten thousand of them take a tenth of a second."""
        state = numbers, tuple(map(tuple, connection.execute(_PROBLEMS)))
        known, groups = self._grouped
        if state != known:
            groups = problem_groups(connection, numbers)
            self._grouped = state, groups
        return groups


def _numbers(connection: Connection, paths: Collection[str] | None) -> frozenset[int]:
    """The folders at these paths, or all."""
    rows = connection.execute(sa.select(folders.c.id, folders.c.path))
    return frozenset(row.id for row in rows if paths is None or row.path in paths)


def _volumes(connection: Connection, now: int) -> dict[str, Volume]:
    own = members.c.scope == scopes.c.id
    newest = sa.select(sa.func.max(members.c.arrived)).where(own).scalar_subquery()
    recent = sa.select(sa.func.count()).where(own, members.c.arrived > now - DAY).scalar_subquery()
    query = sa.select(scopes.c.path, recent.label("new"), newest.label("last")).where(
        scopes.c.kind == ScopeKind.SOURCE
    )
    days = daily(connection, now // DAY)
    return {
        row.path: Volume(row.new, None if row.last is None else from_us(row.last), days.get(row.path, QUIET))
        for row in connection.execute(query)
    }


def _latest_runs(connection: Connection) -> tuple[dict[str, Run], dict[str, Run]]:
    """Each folder's last run, and its last good one."""
    last, good = (sa.func.max(number) for number in (runs.c.id, sa.case((runs.c.error == "", runs.c.id))))
    wanted = sa.union_all(*(sa.select(number).group_by(runs.c.folder) for number in (last, good)))
    query = sa.select(runs, folders.c.path).join(folders).where(runs.c.id.in_(wanted)).order_by(runs.c.id)
    found = [(row.path, _run(row)) for row in connection.execute(query)]
    return dict(found), {path: run for path, run in found if not run.error}


def _run(row: sa.Row[Any]) -> Run:
    return Run(from_us(row.started), (row.finished - row.started) / SECOND, row.counts, row.error)


def _interest(run: Run) -> tuple[bool, float]:
    return not run.error, -run.seconds


def _run_times(connection: Connection, now: int, paths: Collection[str]) -> dict[str, RunTimes]:
    """The history of these folders' runs, each from its oldest run on that is kept."""
    wanted = sa.select(folders.c.id).where(folders.c.path.in_(paths))
    lately = (runs.c.started > now - DAYS * DAY, runs.c.folder.in_(wanted))
    spans = (
        sa.select(runs.c.folder, sa.func.min(runs.c.started).label("start"))
        .where(*lately)
        .group_by(runs.c.folder)
        .subquery()
    )
    place = ((runs.c.started - spans.c.start) * STRETCHES // (now - spans.c.start + 1)).label("place")
    took = runs.c.finished - runs.c.started
    query = (
        sa.select(
            folders.c.path,
            spans.c.start,
            place,
            sa.func.count().label("number"),
            sa.func.count(sa.case((runs.c.error != "", 1))).label("failed"),
            sa.func.sum(took).label("total"),
            sa.func.max(took).label("longest"),
        )
        .select_from(runs.join(spans, spans.c.folder == runs.c.folder).join(folders, folders.c.id == runs.c.folder))
        .where(*lately, runs.c.started <= now)
        .group_by(folders.c.path, spans.c.start, "place")
    )
    found: dict[tuple[str, int], list[Stretch | None]] = defaultdict(lambda: [None] * STRETCHES)
    for row in connection.execute(query):
        mean = float(row.total) / row.number / SECOND
        found[row.path, row.start][row.place] = Stretch(row.number, row.failed, mean, row.longest / SECOND)
    return {path: RunTimes(from_us(start), tuple(stretches)) for (path, start), stretches in found.items()}


def _trend(connection: Connection, now: int, numbers: Collection[int]) -> Trend | None:
    first = sa.func.min(sa.case((runs.c.error == "", runs.c.started)))
    query = sa.select(runs.c.folder, sa.func.count().label("number"), first.label("first")).group_by(runs.c.folder)
    spans = [row for row in connection.execute(query) if row.first is not None and row.folder in numbers]
    if not spans:
        return None
    # Of these folders older runs were dropped, so what they had before is not known.
    cut = {row.folder: row.first for row in spans if row.number >= RUNS_KEPT}
    start = _start(now, [row.first for row in spans], cut.values())
    known = _problems_at(connection, now, start)
    totals = [0] * POINTS
    for row in spans:
        values = known.get(row.folder, {})
        value = values.get(-1, next(iter(values.values()), 0) if row.folder in cut else 0)
        for place in range(POINTS):
            value = values.get(place, value)
            totals[place] += value
    return Trend(from_us(start), tuple(totals))


def _start(now: int, firsts: Iterable[int], cut: Iterable[int]) -> int:
    """Where the curve begins: where the problems of all folders are known from. A folder that is scanned so often
    that its runs are soon dropped does not make it shorter than a day; its curve then begins level."""
    oldest = min(firsts)
    return max(oldest, now - DAYS * DAY, min(max(cut, default=oldest), now - DAY))


def _problems_at(connection: Connection, now: int, start: int) -> dict[int, dict[int, int]]:
    """Folder → part of the time → open problems after its last good run in it; part -1 is the time before."""
    place = sa.case(
        (runs.c.started < start, sa.literal(-1, sa.BigInteger)),
        else_=(runs.c.started - start) * POINTS // max(now - start + 1, 1),
    )
    latest = (
        sa.select(sa.func.max(runs.c.id).label("id"), place.label("place"))
        .where(runs.c.error == "", runs.c.started <= now)
        .group_by(runs.c.folder, "place")
        .subquery()
    )
    query = sa.select(runs.c.folder, runs.c.counts, latest.c.place).join(latest, latest.c.id == runs.c.id)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for row in connection.execute(query.order_by(latest.c.place)):
        found[row.folder][row.place] = sum(count.get("problems", 0) for count in row.counts.values())
    return found
