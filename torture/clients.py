"""Hostile clients of the real server, while another one goes on to read: bounded memory and time, and never a 500.

Slow ones hold thousands of connections from the beginning to the end, each in its own way. Meanwhile come requests that
no honest client sends (tests/security/requests.txt) and floods of those that each are work of their own.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from aggregator.models import Cursor
from feeds.connections import CONNECTIONS, UNFETCHED
from feeds.paging import to_token
from torture.bystander import Bystander
from torture.flooding import abandon, flood
from torture.pace import Pace
from torture.raw import Answer, ask, get, hostile
from torture.report import Report
from torture.running import Service, family
from torture.slow import KINDS, Slow

LIMITS = 600, 1800
ARTICLES = 400
PARAGRAPHS = 40
SEARCHES = 10_000
OTHERS = 1000, 4000  # requests of each other flood
ABANDONED = 3000
SILENT = -1  # in the place of a status

# What the service promises here.
WAIT = 5.0  # seconds that any client waits for an answer at most, on a machine that does nothing else
SMALL = UNFETCHED // CONNECTIONS  # bytes of an answer that everybody gets at any time
PATIENCE = 75  # seconds after which no slow client holds a connection; see feeds.connections.STALLED
SPARE = 40  # handles that are nobody's: of files, and of the other client
GROWTH = 250  # MB that a worker may take more than after its first answers: see feeds.connections.UNFETCHED

_HEAD = "sources: [{title: Source, slug: source, path: articles}]\nfeeds: {limit: 200}\n"
_GZIP = "Accept-Encoding: gzip"
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class Flood:
    """Requests by number, of which each is work of its own, and the statuses that may answer them."""

    name: str
    request: Callable[[int], bytes]
    statuses: frozenset[int]


def run(short: bool, report: Report) -> None:
    """See the module."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder), _HEAD)
        for number in range(ARTICLES):
            service.write(f"articles/{number}.md", _article(number))
        service.ingest()
        with service.running() as process, Bystander(service.port, process) as other:
            requests = Requests(service.port, Pace(family(process)), report)
            _attack(service, other, requests, short, report)
        report.worst("longest wait of another client", round(max(other.waits), 2), "s")
        report.worst("the same, without what other programs took", round(max(other.own), 2), "s", WAIT)
        report.figure("answers to it", len(other.waits))
        report.figure("failed answers to it", len(other.failures), most=0)
        report.worst("memory a worker took", round(other.growth / 1e6), "MB", GROWTH)
        report.figure("tracebacks in the log", service.log.count("Traceback"), most=0)
        for failure in other.failures[:5]:
            report.breaks("others are served", failure)


def _attack(service: Service, other: Bystander, requests: "Requests", short: bool, report: Report) -> None:
    requests.send()
    with Slow(service.port, 300 if short else _many(service)) as slow:
        requests.send(besieged=True)
        for one in _floods():
            times = SEARCHES if one.name == "search feeds" else OTHERS[0 if short else 1]
            began = time.monotonic()
            answers = flood(service.port, (one.request(number) for number in range(times)))
            report.say(f"{one.name}: {dict(answers)} in {time.monotonic() - began:.1f} s")
            report.figure("requests of floods", times)
            report.figure("other answers to floods than there should be", 0, most=0)
            for status in answers.keys() - one.statuses:
                report.figure("other answers to floods than there should be", answers[status], most=0)
                report.breaks("floods are answered as they should", f"{one.name}: {status}")
        abandon(service.port, (get(f"/sources/sourec{number}") for number in range(ABANDONED)))
        report.figure("requests that nobody waited for", ABANDONED)
        slow.give_up()
        report.figure("slow connections", slow.opened)
        report.figure("connections that slow clients keep", _kept(other), most=SPARE)


def _many(service: Service) -> int:
    """Slow clients of each kind, who take nearly all connections that the workers hold: who has all keeps others out."""
    return CONNECTIONS * service.workers * 7 // 8 // KINDS


def _kept(other: Bystander) -> int:
    """How many connections are left some time after slow clients ceased to come again."""
    deadline = time.monotonic() + PATIENCE
    while (kept := other.connections) > SPARE and time.monotonic() < deadline:
        time.sleep(1)
    return max(kept, 0)


class Requests:
    """The requests that no honest client sends, to a port."""

    def __init__(self, port: int, pace: Pace, report: Report) -> None:
        self._port, self._pace, self._report = port, pace, report
        self._sizes: dict[str, int] = {}  # of the answers, in bytes
        report.figure("hostile requests answered wrongly", 0, most=0)
        report.figure("large answers refused meanwhile", 0)

    def send(self, *, besieged: bool = False) -> None:
        """Send each once. While many do not fetch their answers, one that is large may be refused."""
        for one in hostile():
            self._pace.again()
            answer = self._ask(one.raw)
            _, own = self._pace.took()
            self._report.worst("slowest answer to one, without what other programs took", round(own, 2), "s", WAIT)
            self._report.figure("hostile requests", 1)
            refused = besieged and self._sizes[one.title] > SMALL and _is_put_off(answer)
            self._report.figure("large answers refused meanwhile", refused)
            self._sizes[one.title] = len(answer.body)
            if not (refused or answer.status in one.statuses) or answer.more or b"Traceback" in answer.body:
                self._report.figure("hostile requests answered wrongly", 1)
                self._report.breaks(
                    "hostile requests are refused or do no harm",
                    f"{one.title}: {answer.status} {answer.body[:200]!r}",
                )

    def _ask(self, raw: bytes) -> Answer:
        try:
            return ask(self._port, raw)
        except OSError:  # nothing was said for a long time
            return Answer(SILENT, {}, b"")


def _is_put_off(answer: Answer) -> bool:
    return answer.status == 503 and "retry-after" in answer.headers


def _floods() -> Iterator[Flood]:
    """Limits tell clients on this machine not apart, so a flood of searches is refused after a while."""
    limited, missing, feeds = frozenset({200, 429}), frozenset({404}), frozenset({200})
    yield Flood("search feeds", lambda n: get(f"/search.atom?q=word{n}"), limited)
    yield Flood("searches with much in them", lambda n: get(f"/search?q=%22the%20river%22%20th*%20-w{n}"), limited)
    yield Flood("older pages", lambda n: get(f"/older/{_token(n)}/latest.rss", _GZIP), limited)
    yield Flood("what is not there", lambda n: get(f"/sources/sourec{n}"), missing)
    yield Flood("tags", lambda n: get("/latest.atom", _GZIP, f'If-None-Match: "{_hash(n)}{"x" * 900}"'), feeds)
    yield Flood(
        "deltas",
        lambda n: get("/latest.json", _GZIP, "A-IM: feed", f'If-None-Match: "{_hash(n)}.{n:x}.1.{_hash(n)[:8]}"'),
        feeds,
    )
    yield Flood("codings", lambda n: get("/latest", f"Accept-Encoding: gzip;q=0.{n}, x{n}"), feeds)
    yield Flood("parameters", lambda n: get(f"/?{'&'.join(f'{_hash(n + k)}=1' for k in range(150))}"), feeds)
    yield Flood("cookies", lambda n: get("/latest", f"Cookie: lang={n}; {_hash(n)}=1"), feeds)
    yield Flood("methods", lambda n: get("/latest").replace(b"GET", b"M%d" % n), frozenset({405}))
    yield Flood("metrics", lambda n: get(f"/metrics?{n}"), limited)
    yield Flood("pictures", lambda n: get(f"/media/{_hash(n)[:12]}/{n}.png"), missing)


def _article(number: int) -> str:
    text = f"<p>The river word{number} carries water past the mill and under bridge {number}.</p>" * PARAGRAPHS
    front = f"title: 'Story {number}'\ndate: 2022-02-{1 + number % 28:02} {number % 24:02}:00:00"
    return f"---\n{front}\ncategories: [News, Part {number % 9}]\n---\n<div>{text}</div>"


def _token(number: int) -> str:
    """A place in the order of arrival, after every article."""
    return to_token(Cursor(2**60 + number, number))


def _hash(number: int) -> str:
    return "".join(_HEX[(number * 2654435761 >> shift) & 15] for shift in range(0, 128, 4))
