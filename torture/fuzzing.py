"""A process that fuzzes (started by `files`), or shows again what it found: `python -m torture.fuzzing FILE…`.

It is guided by coverage: a file that takes a branch of ours that none before it took, or more often, joins the pool from which the
next ones are made, and is written to the folder `corpus`, with which a later run begins. One file of `SAMPLED` is traced
for that, since tracing takes several times as long as the work itself. A file is also judged by what it costs: one
second of the processor, and `MEMORY` bytes.
"""

import argparse
import hashlib
import json
import os
import re
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from torture.floods import floods
from torture.journey import Journey, Passed
from torture.mutation import ROOT, Mutator, samples

SECONDS = 1.0  # of the processor that a file may take
MEMORY = 256 * 2**20  # bytes that a file may take
ROOM = 1024 * 2**20  # bytes of addresses that the process may grow by, after which it gets no more
HANGS = 10  # seconds of the processor after which a file is given up
SAMPLED = 3
POOL = 5000  # files
_OURS = (str(ROOT / "aggregator"), str(ROOT / "feeds"))


class HangError(BaseException):
    """A file takes for ever."""


class Coverage:
    """Which branches of ours were taken, and how often (to a power of two): from which line to which in a function."""

    def __init__(self) -> None:
        self.seen: set[tuple[Any, int, int, int]] = set()
        self._taken: Counter[tuple[Any, int, int]] = Counter()
        self._ours: dict[Any, bool] = {}
        self._last: dict[FrameType, int] = {}

    def grows(self, work: Callable[[], Passed]) -> tuple[Passed, bool]:
        """Do some work; its result, and whether it reached anything new."""
        before = len(self.seen)
        sys.settrace(self._enter)
        try:
            done = work()
        finally:
            sys.settrace(None)
            self._last.clear()
        self.seen.update((*branch, count.bit_length()) for branch, count in self._taken.items())
        self._taken.clear()
        return done, len(self.seen) > before

    @property
    def branches(self) -> int:
        """How many branches were taken."""
        return len({branch[:3] for branch in self.seen})

    def _enter(self, frame: FrameType, event: str, _: object) -> Any:
        code = frame.f_code
        ours = self._ours.get(code)
        if ours is None:
            ours = self._ours[code] = code.co_filename.startswith(_OURS)
        return self._line if ours else None

    def _line(self, frame: FrameType, event: str, _: object) -> Any:
        if event == "line":
            self._taken[frame.f_code, self._last.get(frame, 0), frame.f_lineno] += 1
            self._last[frame] = frame.f_lineno
        elif event == "return":
            self._last.pop(frame, None)
        return self._line


class Fuzzer:
    """Files without end. `place` is a folder: for the file in work, and for those that broke something."""

    def __init__(self, seed: str, place: Path) -> None:
        (place / "corpus").mkdir(parents=True, exist_ok=True)
        self.journey = Journey(place)
        self.coverage = Coverage()
        self.random = Random(seed)
        self.pool = [*samples(), *(file.read_bytes() for file in sorted((place / "corpus").glob("*")))]
        self.mutator = Mutator(self.pool, self.random)
        self.place = place
        self.found: dict[str, str] = {}
        self.tried = self.articles = self.learned = 0
        self.slowest = 0.0
        self.largest = 0

    def run(self, seconds: float, step: int) -> None:
        """Try each `step`-th of the samples, as they are, and of the floods; then fuzz for so long (processor time)."""
        for data in self.pool[::step]:
            self.one("a.md", data, traced=True)
        for name, data in islice(floods(self.random.randrange(3)), self.random.randrange(step), None, step):
            self.one(name, data)
        end = time.process_time() + seconds
        while time.process_time() < end:
            self.one(self.mutator.name(), self.mutator.file())

    def one(self, name: str, data: bytes, *, traced: bool = False) -> None:
        """Try one file. `traced`: it is one to learn from."""
        self.tried += 1
        (self.place / "at-work").write_bytes(_recorded(name, data))  # what killed us is known to our parent
        option = self.random.choice((0, 0, 1, 2))
        before = forget_peak()
        if len(data) < 100_000 and (traced or self.tried % SAMPLED == 0):
            passed, grows = self.coverage.grows(lambda: tried(self.journey, name, data, option))
            if grows and not traced and len(data) < 20_000:
                self._learn(data)
        else:
            passed = tried(self.journey, name, data, option)
        self.largest = max(self.largest, taken := peak() - before)
        if taken > MEMORY:
            passed.broken.append(f"memory: {taken >> 20} MiB")
        if passed.seconds > self.slowest:
            passed = tried(self.journey, name, data, option)  # not traced, and not disturbed by what came before
        self.articles += passed.article is not None
        if passed.seconds > self.slowest:
            self.slowest = passed.seconds
            (self.place / "slowest").write_bytes(_recorded(name, data))
        if passed.seconds > SECONDS:
            passed.broken.append(f"slow: {passed.seconds:.2f} s of the processor")
        for what in passed.broken:
            self._keep(what, name, data)

    def _learn(self, data: bytes) -> None:
        """Put a file into the pool, and once that is full, in the place of another."""
        self.learned += 1
        if len(self.pool) < POOL:
            self.pool.append(data)
        else:
            self.pool[self.random.randrange(POOL)] = data
        (self.place / "corpus" / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)

    def _keep(self, what: str, name: str, data: bytes) -> None:
        kind = what.rstrip().rpartition("\n")[2] if what.startswith("crash") else what
        kind = "".join(kind.split("=")[:1])[:60]
        file = self.place / f"found-{len(self.found)}"
        if kind not in self.found and len(self.found) < 100:
            file.write_bytes(_recorded(name, data))
            self.found[kind] = f"{what}\n{file}"

    def told(self) -> dict[str, object]:
        return {
            "tried": self.tried, "articles": self.articles, "slowest": self.slowest, "branches": self.coverage.branches,
            "learned": self.learned, "memory": self.largest,
            "found": list(self.found.values()),
        }  # fmt: skip


def tried(journey: Journey, name: str, data: bytes, option: int) -> Passed:
    """What becomes of a file, within `HANGS` seconds of the processor."""
    try:
        with _watched():
            return journey.go(name, data, option)
    except HangError:
        return Passed(["hang"], HANGS)


@contextmanager
def _watched() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise HangError

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, HANGS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _recorded(name: str, data: bytes) -> bytes:
    return name.encode() + b"\n" + data


def forget_peak() -> int:
    """Begin to watch the memory of this process (RSS) anew; what it holds now, in bytes."""
    Path("/proc/self/clear_refs").write_text("5")
    return peak()


def peak() -> int:
    """The most memory (RSS) that this process had since then, in bytes."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def limit_memory() -> None:
    """Let this process grow by `ROOM` and no more: a file that needs more fails."""
    size = int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    resource.setrlimit(resource.RLIMIT_AS, (size + ROOM, size + ROOM))


def main(words: list[str]) -> None:
    """Fuzz and tell in JSON, or try files again that were recorded."""
    parser = argparse.ArgumentParser(prog="python -m torture.fuzzing", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seed", default="1")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--floods", type=int, default=20, metavar="N", help="try each Nth of them")
    parser.add_argument("--place", type=Path, default=Path("var/torture"))
    chosen = parser.parse_args(words)
    if chosen.files:
        show(chosen.files)
        return
    fuzzer = Fuzzer(chosen.seed, chosen.place)
    limit_memory()
    fuzzer.run(chosen.seconds, chosen.floods)
    print(json.dumps(fuzzer.told()))


def show(files: list[Path]) -> None:
    """Try recorded files again, in every way in which a source may read them."""
    with tempfile.TemporaryDirectory() as folder:
        journey = Journey(Path(folder))
        for file in files:
            name, _, data = file.read_bytes().partition(b"\n")
            for option in range(3):
                passed = tried(journey, name.decode(), data, option)
                print(f"{file} {option}: {passed.seconds:.3f} s", *passed.broken, sep="\n  ")
        journey.close()


if __name__ == "__main__":
    main(sys.argv[1:])
