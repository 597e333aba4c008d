"""From files to feeds: everything from nothing, and one file more; beside Hugo."""

import http.client
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit

from benchmarks.corpus import write_corpus
from benchmarks.figures import Figure
from benchmarks.hugo import Hugo
from benchmarks.service import configure, peak_memory, python, service

FILES, MANY = 10_000, 100_000
RUNS, ONE_MORE_RUNS, GROWING_RUNS = 3, 7, 21
CHANNEL = "分类0/来源0/频道0"


def building(root: Path) -> Iterator[Figure]:
    """The figures of building."""
    articles = root / "articles"
    address = configure(root)
    write_corpus(articles, FILES)
    hugo = Hugo(root / "hugo", articles)
    ours, peers, peer_peaks = [], [], []
    for _ in range(RUNS):
        ours.append(_cold(root, python))
        seconds, peak = hugo.build()
        peers.append(seconds)
        peer_peaks.append(peak)
    peaks = [_cold(root, peak_memory) for _ in range(RUNS)]
    feeds = len(list((root / "public").rglob("*.*")))
    assert feeds == hugo.feeds()
    note = f"{FILES:,} files of 5.5 KB, {feeds} feed documents; ours also sanitizes, and keeps a store"
    yield Figure("cold build", "s", ours, "≤1.0", peers, f"Hugo, {note}", least="≤1.5")
    note = f"Hugo takes {statistics.median(peer_peaks):.0f} MiB"
    yield Figure("memory of it, all processes", "MiB", peaks, "≤400", (), note)
    few = list(one_more(root, address, FILES))
    files = [articles / CHANNEL / f"文章_{FILES + 100 * number}.md" for number in range(RUNS)]
    rebuilds = []
    for file in files:
        hugo.add(file)
        rebuilds.append(hugo.build(clean=False)[0])
    yield Figure("one more file, to the served feed", "s", few, "≤0.1", rebuilds, "Hugo's build after one more file")


def _cold(root: Path, run: Callable[[str, Path], float]) -> float:
    """Build from nothing: what `run` measures. What an earlier build left is removed before, as Hugo's is."""
    for name in ("var", "public"):
        shutil.rmtree(root / name, ignore_errors=True)
    return run("benchmarks.cold", root)


def growing(root: Path) -> Iterator[Figure]:
    """One file more, where there are few files already and many: both services run, and take turns."""
    with ExitStack() as services:
        places = [services.enter_context(_adding(*_filled(root / str(number), number))) for number in (FILES, MANY)]
        taken = [[add() for add in places] for _ in range(GROWING_RUNS)]
    few, many = zip(*taken, strict=True)
    yield Figure(f"one more file, among {MANY:,}", "s", many, "≤1.3", few, f"our own, among {FILES:,}")


def _filled(root: Path, number: int) -> tuple[Path, str, int]:
    address = configure(root)
    write_corpus(root / "articles", number)
    return root, address, number


def one_more(root: Path, address: str, number: int) -> Iterator[float]:
    """How long each of some files takes; see _adding."""
    with _adding(root, address, number) as add:
        for _ in range(ONE_MORE_RUNS):
            yield add()


@contextmanager
def _adding(root: Path, address: str, number: int) -> Iterator[Callable[[], float]]:
    """Run the service; yields what adds a file to the `number` that are there, and returns the seconds from its close
    to its article in the Atom feed that is served.

    All is filed and can be searched before. The first file only shows that the scan at the start is over; it is not
    counted.
    """
    spare = root / "spare"
    write_corpus(spare, (GROWING_RUNS + 1) * 100, start=number)
    python("aggregator", "ingest", "--config", root / "config.yaml")
    numbers = count(number, 100)
    with service(root, address, "run"):

        def add() -> float:
            time.sleep(1)  # it is an event of its own
            connection = http.client.HTTPConnection(urlsplit(address).netloc)
            connection.connect()
            place = Path(CHANNEL) / f"文章_{(new := next(numbers))}.md"
            (root / "articles" / place).write_bytes((spare / place).read_bytes())
            start = time.perf_counter()
            _wait_for(connection, f"第{new}篇".encode())
            taken = time.perf_counter() - start
            connection.close()
            return taken

        add()
        yield add


def _wait_for(connection: http.client.HTTPConnection, title: bytes) -> None:
    place = f"/categories/{quote(CHANNEL)}.atom"
    while True:
        connection.request("GET", place)
        if title in connection.getresponse().read():
            return
        time.sleep(0.002)
