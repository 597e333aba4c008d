"""Reading many files at once, in processes of their own: `python -m aggregator.pool` is one of them.

    chunks ─▶ tasks ─▶ worker ─▶ readings ─▶ in the order of the chunks
                       worker

Reading is pure, so it can be done anywhere. A worker is a fresh interpreter: the service has threads, and a fork of it
could hang. It speaks through its standard input and output, so it ends when the process that started it does, however
that ends. A file that makes a worker crash costs that file only.
"""

import logging
import os
import pickle
import select
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from queue import SimpleQueue
from types import TracebackType
from typing import IO, Any

from .errors import ScanStoppedError
from .models import Problem
from .reading import Reader, Reading
from .sources import FileStat
from .store import FileRow, Outcome

log = logging.getLogger(__name__)

DEPTH = 3  # tasks that a worker has in hand, so that it never waits for the next one
AHEAD = 16  # tasks that may be done before an earlier one is; bounds memory
LOOK = 0.2  # seconds between looks at whether to stop

CRASHED = "the file could not be read: it ended the reading process; look at it, and report it as our fault"

Files = Sequence[tuple[FileStat, FileRow | None]]  # each with how it was last seen
Found = list[tuple[FileStat, Reading | None]]


class BrokenPoolError(Exception):
    """No worker can be had."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_in_processes(
    reader: Reader, chunks: Sequence[Files], clock: Callable[[], datetime], stopped: Callable[[], bool]
) -> Iterator[Found]:
    """Read chunks of files in as many processes as there are processors; yields what was found, in order.

    A file that ends its process is a Problem. Without processes the files are read here. Raises ScanStoppedError
    within a second of a request to stop.
    """
    done = 0
    try:
        with _Pool(reader, chunks, clock, stopped) as pool:
            for found in pool.run():
                yield found
                done += len(found)
    except (BrokenPoolError, OSError):
        log.exception("files cannot be read in processes of their own; they are read in this one")
        files = [file for chunk in chunks for file in chunk][done:]
        for file, old in files:
            yield [(file, reader.read(file, old, clock()))]


@dataclass(frozen=True, slots=True)
class _Task:
    """Files to be read; `place` is that of the first among all files."""

    place: int
    files: Files

    def split(self) -> list["_Task"]:
        return [_Task(self.place + index, (file,)) for index, file in enumerate(self.files)]


class _Worker:
    """A process that reads. `tasks` are those that it has in hand, the one under way first."""

    def __init__(self, setup: bytes) -> None:
        # In a group of its own: Ctrl-C is for the process that started it.
        self._process = subprocess.Popen(
            [sys.executable, "-m", __spec__.name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            process_group=0,
        )
        assert self._process.stdin
        assert self._process.stdout
        self._input, self._output = self._process.stdin, self._process.stdout
        self.tasks: deque[_Task] = deque()
        self.ready = False  # whether it has begun to read
        self._send(setup)

    def fileno(self) -> int:
        """What to wait for."""
        return self._output.fileno()

    def give(self, task: _Task, now: datetime) -> None:
        """One more task."""
        self.tasks.append(task)
        self._send(pickle.dumps((now, task.files), pickle.HIGHEST_PROTOCOL))

    def take(self) -> tuple[_Task, Found] | None:
        """A task that is done; raises EOFError when the process has ended."""
        readings = pickle.load(self._output)  # noqa: S301 (our own process)
        if readings is None:
            self.ready = True
            return None
        task = self.tasks.popleft()
        return task, [(file, reading) for (file, _), reading in zip(task.files, readings, strict=True)]

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        for stream in (self._input, self._output):
            try:
                stream.close()
            except OSError:  # what was still to be sent
                continue

    def _send(self, data: bytes) -> None:
        try:
            self._input.write(data)
            self._input.flush()
        except BrokenPipeError:  # it has ended; `take` tells
            pass


@dataclass
class _Pool:
    """The reading of chunks of files by workers."""

    reader: Reader
    chunks: Sequence[Files]
    clock: Callable[[], datetime]
    stopped: Callable[[], bool]
    _workers: list[_Worker] = field(default_factory=list)

    def __enter__(self) -> "_Pool":
        self._setup = pickle.dumps(self.reader, pickle.HIGHEST_PROTOCOL)
        places = [0]
        for chunk in self.chunks:
            places.append(places[-1] + len(chunk))
        self._waiting = deque(_Task(place, chunk) for place, chunk in zip(places, self.chunks, strict=False))
        self._done: dict[int, Found] = {}
        for _ in range(min(processors(), len(self.chunks))):
            self._workers.append(_Worker(self._setup))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.end()

    def run(self) -> Iterator[Found]:
        """What was found, in order."""
        place, total = 0, sum(map(len, self.chunks))
        while place < total:
            self._hand_out(place)
            self._collect()
            while place in self._done:
                found = self._done.pop(place)
                place += len(found)
                yield found

    def _hand_out(self, place: int) -> None:
        """See that every worker has enough to do. What is wanted next, at `place`, is never held back."""
        for _ in range(DEPTH):
            for worker in self._workers:
                wanted = self._waiting and (len(self._done) < AHEAD or self._waiting[0].place == place)
                if wanted and len(worker.tasks) < DEPTH:
                    worker.give(self._waiting.popleft(), self.clock())

    def _collect(self) -> None:
        busy = [worker for worker in self._workers if worker.tasks]
        ready: list[_Worker] = []
        while not ready:
            if self.stopped():
                raise ScanStoppedError(f"the scan of {self.reader.root} was stopped")
            ready, _, _ = select.select(busy, [], [], LOOK)
        for worker in ready:
            try:
                answer = worker.take()
            except (EOFError, pickle.UnpicklingError):
                self._replace(worker)
                continue
            if answer is not None:
                task, found = answer
                self._done[task.place] = found

    def _replace(self, worker: _Worker) -> None:
        """Put another worker in the place of one that ended, and see to it that the file which did that is found."""
        worker.end()
        if not worker.ready:
            raise BrokenPoolError("a process for reading files ended before it had begun")
        suspect, *others = worker.tasks
        if len(suspect.files) > 1:
            others = [*suspect.split(), *others]
        else:
            ((file, _),) = suspect.files
            self._done[suspect.place] = [(file, _crashed(self.reader, file))]
        self._waiting.extendleft(reversed(others))
        self._workers[self._workers.index(worker)] = _Worker(self._setup)


def _crashed(reader: Reader, file: FileStat) -> Reading:
    row = FileRow(file.path, file.signature, "", reader.recipe, Outcome.PROBLEM)
    return Reading(row, problems=(Problem(CRASHED),), blamed=reader.router.blamed(reader.root, file.path))


def main() -> None:
    """Read what comes in at standard input, task by task, and send what was found to standard output."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with its input
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not get into the answers
    logs.start()
    tasks: SimpleQueue[Any] = SimpleQueue()
    answers: SimpleQueue[bytes] = SimpleQueue()
    for target, stream, queue in ((_receive, sys.stdin.buffer, tasks), (_send, channel, answers)):
        threading.Thread(target=target, args=(stream, queue), daemon=True).start()
    reader: Reader = tasks.get()
    answers.put(pickle.dumps(None))
    while True:
        now, files = tasks.get()
        answers.put(pickle.dumps([reader.read(file, old, now) for file, old in files], pickle.HIGHEST_PROTOCOL))


def _receive(stream: IO[bytes], tasks: "SimpleQueue[Any]") -> None:
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 (from the process that started this one)
    except EOFError:
        os._exit(0)  # nobody wants anything more


def _send(stream: IO[bytes], answers: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            stream.write(answers.get())
            stream.flush()
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
