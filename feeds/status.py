"""How the service does, for its operator.

    /status        a page, with graphs drawn here: no script
    /status.json   the same for programs; see aggregator.status

Both are read from the store at most once a second in each process, whoever asks, and kept by nobody.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from threading import Lock
from typing import Any

from flask import Blueprint, Response, request
from markupsafe import Markup, escape

from aggregator.config import Config
from aggregator.status import FolderStatus, SourceStatus, State, Status, age, as_json, read_status
from aggregator.store import Notice, ProblemGroup, Store

from . import graphs
from .drawing import Graph, Monogram, graph, monogram
from .http import respond
from .i18n import day, gettext, language
from .pages import Pages
from .representation import HTML, Header, Representation

PATH = "status"
JSON = "application/json"
FRESH = timedelta(seconds=1)
ROWS = 24  # sources that are shown at once; the others unfold
MOST_ROWS = 250  # sources, and folders, on the page at all
FEW = 8  # folders without a graph that need not be folded away
GROUPS = 40  # kinds of problem on the page
OVERDUE = timedelta(minutes=1)
STEPS = 3  # parts between the marks below a time

HEADERS: tuple[Header, ...] = (
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Robots-Tag", "noindex"),
)

_QUOTED = re.compile("`([^`]+)`")
_RANK = {state: rank for rank, state in enumerate(State)}


@dataclass(frozen=True, slots=True)
class Row:
    """A source in the table."""

    source: SourceStatus
    icon: Monogram
    graph: Graph


@dataclass(frozen=True, slots=True)
class FolderCard:
    """A folder with the graph of its runs since `start`, whose scale counts in `unit`."""

    folder: FolderStatus
    graph: graphs.RunGraph | None
    unit: str
    start: datetime | None


class StatusPages:
    """The status in its two forms."""

    def __init__(self, store: Store, config: Config, pages: Pages, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._config = config
        self._pages = pages
        self._clock = clock
        self._lock = Lock()
        self._read: Status | None = None
        self._made: dict[str, Representation] = {}

    def page(self) -> Representation:
        """The page, in the language of the request."""
        return self._kept(language().locale, self._page)

    def json(self) -> Representation:
        """The JSON."""
        return self._kept("", lambda status: Representation(_json(status), JSON, headers=HEADERS))

    def _kept(self, form: str, make: Callable[[Status], Representation]) -> Representation:
        with self._lock:
            now = self._clock()
            if self._read is None or not timedelta() <= now - self._read.time < FRESH:
                self._read, self._made = read_status(self._store, self._config, now, public=True), {}
            if form not in self._made:
                self._made[form] = make(self._read)
            return self._made[form]

    def _page(self, status: Status) -> Representation:
        text = self._pages.render(PATH + ".html", **_shown(status))
        return Representation(text.encode(), HTML, headers=HEADERS)


def status_routes(
    store: Store, config: Config, pages: Pages, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Blueprint:
    """The addresses that this module's docstring lists."""
    found = StatusPages(store, config, pages, clock)
    routes = Blueprint(PATH, __name__)
    routes.add_app_template_filter(code, "code")

    @routes.get(f"/{PATH}")
    def page() -> Response:
        return _answer(found.page())

    @routes.get(f"/{PATH}.json")
    def as_data() -> Response:
        return _answer(found.json())

    return routes


def _answer(representation: Representation) -> Response:
    return respond(request, representation)


def _json(status: Status) -> bytes:
    return (json.dumps(as_json(status), ensure_ascii=False) + "\n").encode("utf-8", "replace")


def code(text: str) -> Markup:
    """A text with what stands in backquotes set as code."""
    return Markup(_QUOTED.sub(r"<code>\1</code>", str(escape(text))))  # noqa: S704 (it is escaped)


def _shown(status: Status) -> dict[str, Any]:
    """What the template shows."""
    rows = [_row(source) for source in sorted(status.sources, key=_worst_first)]
    daily = [sum(counts) for counts in zip(*(source.days for source in status.sources), strict=True)]
    titles = {source.slug: source.title for source in status.sources}
    cards = [_card(folder) for folder in status.folders]
    shown = status.problems[:GROUPS]
    return {
        "status": status,
        "rows": rows[:ROWS],
        "more_rows": rows[ROWS:MOST_ROWS],
        "rows_left_out": len(rows[MOST_ROWS:]),
        "daily": graphs.bar_graph(daily),
        "daily_total": sum(daily),
        "day_counts": tuple(zip(status.days, daily, strict=False)),
        "trend": graphs.curve(status.trend.values) if status.trend else None,
        "cards": [card for card in cards if card.graph],
        "other_folders": [card.folder for card in cards if not card.graph],
        "FEW": FEW,
        "MOST_ROWS": MOST_ROWS,
        "anchors": {slug: f"problems-{place}" for place, (slug, _) in enumerate(_by_source(shown), 1)},
        "problems": [(slug, titles.get(slug, slug), groups) for slug, groups in _by_source(shown)],
        "groups_left_out": status.totals.problem_groups - len(shown),
        "graphs": graphs,
        "when": lambda moment: relative(moment, status.time),
        "overdue": lambda moment: status.time - moment >= OVERDUE,
        "clock": lambda moment: absolute(moment, status.time),
        "day_of": lambda found: day(datetime.combine(found, time(), UTC)),
        "took": took,
        "number": lambda value: f"{value:,}",
        "span": lambda start: _span(start, status.time),
        "days_ago": _days_ago,
        "state_names": state_names(),
        "notices": _notices(status),
    }


def _worst_first(source: SourceStatus) -> tuple[int, int, int, str]:
    return _RANK[source.state], -sum(source.days), -source.articles, source.title.casefold()


def _row(source: SourceStatus) -> Row:
    return Row(source, monogram(source.title, f"sources/{source.slug}"), graph(source.days))


def _card(folder: FolderStatus) -> FolderCard:
    if folder.history is None:
        return FolderCard(folder, None, "", None)
    longest = max(part.longest for part in folder.history.stretches if part)
    seconds, unit = _unit(longest)
    return FolderCard(folder, graphs.run_graph(folder.history.stretches, seconds), unit, folder.history.start)


def _by_source(groups: Sequence[ProblemGroup]) -> Iterable[tuple[str, list[ProblemGroup]]]:
    """Groups by source; the source with the most numerous one first."""
    order = {group.source: place for place, group in reversed(list(enumerate(groups)))}
    ordered = sorted(groups, key=lambda group: order[group.source])
    return [(slug, list(found)) for slug, found in groupby(ordered, key=lambda group: group.source)]


def _notices(status: Status) -> Mapping[str, list[Notice]]:
    found: dict[str, list[Notice]] = {}
    for notice in status.notices:
        found.setdefault(notice.place, []).append(notice)
    return found


def state_names() -> Mapping[State, str]:
    """What the states are called."""
    return {
        State.OK: gettext("Works"),
        State.PROBLEMS: gettext("Problems in files"),
        State.FAILING: gettext("Scan fails"),
        State.LATE: gettext("Late"),
        State.EMPTY: gettext("No file fits"),
        State.WAITING: gettext("Waiting for its first scan"),
        State.OFF: gettext("Switched off"),
        State.GONE: gettext("Not in the config"),
    }


def relative(moment: datetime, now: datetime) -> str:
    """How long ago a moment was, or how soon it comes."""
    text = _length(*age(moment - now))
    return (gettext("in %(time)s") if moment > now else gettext("%(time)s ago")) % {"time": text}


def absolute(moment: datetime, now: datetime) -> str:
    """A moment as a clock shows it; with its day where that is another one."""
    return f"{moment:%H:%M:%S}" if moment.date() == now.date() else f"{moment:%m-%d %H:%M}"


def took(seconds: float) -> str:
    """How long something took."""
    size, unit = _unit(seconds)
    value = seconds / size
    digits = 0 if value >= 10 or size < 1 else 1 if value >= 1 else 2
    return f"{value:.{digits}f} {unit}"


def _unit(seconds: float) -> tuple[float, str]:
    """The unit that suits a length, as its number of seconds and its sign."""
    if seconds < 0.1:
        return 0.001, gettext("ms")
    if seconds >= 2 * 3600:
        return 3600, gettext("h")
    return (60, gettext("min")) if seconds >= 2 * 60 else (1, gettext("s"))


def _length(number: int, unit: str) -> str:
    units = {"s": gettext("s"), "min": gettext("min"), "h": gettext("h"), "d": gettext("d")}
    return f"{number} {units[unit]}"


def _span(start: datetime, end: datetime) -> list[tuple[float, str]]:
    """The marks below a time: (per cent, words)."""
    marks = [(step * 100 / STEPS, start + (end - start) * step / STEPS) for step in range(STEPS)]
    return [*((round(x, 1), relative(moment, end)) for x, moment in marks), (100, gettext("now"))]


def _days_ago(days: Sequence[date]) -> list[tuple[float, str]]:
    """The marks below days: one each week, counted from the last."""
    last, width = len(days) - 1, 100 / len(days)
    marks = [(round((place + 0.5) * width, 1), _length(last - place, "d")) for place in range(last - 7, -1, -7)]
    ago = [(x, gettext("%(time)s ago") % {"time": text}) for x, text in reversed(marks)]
    return [*ago, (round(100 - width / 2, 1), gettext("today"))]
