"""Reading many files at once, in processes of their own.

    chunks ─▶ tasks ─▶ worker ─▶ readings ─▶ in the order of the chunks
                       worker

Reading is pure, so it can be done anywhere. A file that makes a worker crash costs that file only.
"""

import logging
import os
import pickle
import select
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import accumulate
from types import TracebackType
from typing import TYPE_CHECKING

from ..errors import ScanStoppedError
from ..models import Problem
from .begin import has_one_thread
from .worker import Files, Found, Task, Team, Worker

if TYPE_CHECKING:
    from ..reading import Reader

__all__ = ["MANY", "Found", "begun_early", "read_in_processes"]

log = logging.getLogger(__name__)

MANY = 500  # files: from so many on it takes longer to read them than to start processes for that
DEPTH = 5  # tasks that a worker has in hand: for as long as a commit takes, it goes on; so many answers fit its pipe
AHEAD = 16  # tasks that may be done before an earlier one is; bounds memory
LOOK = 0.2  # seconds between looks at whether to stop

CRASHED = "the file could not be read: it ended the process that read it, which is our fault; please report it"

Clock = Callable[[], datetime]
Stopped = Callable[[], bool]


_early: list[Team] = []  # begun, and waiting for somebody to take it


class BrokenPoolError(Exception):
    """No worker can be had."""


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def begun_early() -> Iterator[None]:
    """Let processes begin that will surely be needed: who first reads in processes within the block has them.

    No store may be open yet.
    """
    try:
        team = Team(processors(), forked=has_one_thread())
    except OSError:
        yield  # whoever needs them will tell why there are none
        return
    _early.append(team)
    try:
        yield
    finally:
        if team in _early:
            _early.remove(team)
            team.end()


def read_in_processes(reader: "Reader", chunks: Sequence[Files], clock: Clock, stopped: Stopped) -> Iterator[Found]:
    """Read chunks of files in as many processes as there are processors; yields what was found, in their order.

    A file that ends its process is a Problem. Where no process can be had, the files are read in this one. Raises
    ScanStoppedError within a second of a request to stop.
    """
    done = 0
    try:
        with _Pool(reader, chunks, clock, stopped) as pool:
            for found in pool.run():
                done += len(found)
                yield found
    except (BrokenPoolError, OSError):
        log.exception("files cannot be read in processes of their own; they are read in this one, which takes longer")
        for file, old in [file for chunk in chunks for file in chunk][done:]:
            if stopped():
                raise ScanStoppedError(f"the scan of {reader.root} was stopped") from None
            yield [(file, reader.read(file, old, clock()))]


class _Pool:
    """Workers, and the tasks that are waiting for one."""

    def __init__(self, reader: "Reader", chunks: Sequence[Files], clock: Clock, stopped: Stopped) -> None:
        self._reader, self._clock, self._stopped = reader, clock, stopped
        self._setup = pickle.dumps(reader, pickle.HIGHEST_PROTOCOL)
        places = accumulate(map(len, chunks), initial=0)
        self._waiting = deque(Task(place, files) for place, files in zip(places, chunks, strict=False))
        self._total = sum(map(len, chunks))
        self._done: dict[int, Found] = {}  # by place
        self._teams: list[Team] = []
        self._workers: list[Worker] = []

    def __enter__(self) -> "_Pool":
        self._workers = self._set_up(_early.pop() if _early else Team(min(processors(), len(self._waiting))))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for team in self._teams:
            team.end()

    def _set_up(self, team: Team) -> list[Worker]:
        self._teams.append(team)
        for worker in team.workers:
            worker.send(self._setup)
        return team.workers

    def run(self) -> Iterator[Found]:
        """What was found, in order."""
        place = 0
        while place < self._total:
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
                    worker.give(self._waiting.popleft(), self._clock())

    def _collect(self) -> None:
        """Wait for answers."""
        busy = [worker for worker in self._workers if worker.tasks]
        ready: list[Worker] = []
        while not ready:
            if self._stopped():
                raise ScanStoppedError(f"the scan of {self._reader.root} was stopped")
            ready, _, _ = select.select(busy, [], [], 0 if self._help() else LOOK)
        for worker in ready:
            try:
                answer = worker.take()
            except (EOFError, OSError):
                self._replace(worker)
            else:
                self._done.update([answer] if answer else [])

    def _help(self) -> bool:
        """Read a task here while no process has begun, which takes as long as hundreds of files; whether that was."""
        if any(worker.ready for worker in self._workers) or not self._waiting or len(self._done) >= AHEAD:
            return False
        task, now = self._waiting.popleft(), self._clock()
        self._done[task.place] = [(file, self._reader.read(file, old, now)) for file, old in task.files]
        return True

    def _replace(self, worker: Worker) -> None:
        """Put another worker in the place of one that ended, and see to it that the file which did that is found."""
        worker.leave()
        if not worker.ready:
            raise BrokenPoolError("a process for reading files ended before it had begun")
        suspect, *tasks = worker.tasks
        if len(suspect.files) > 1:
            tasks = [*suspect.split(), *tasks]
        else:
            ((file, _),) = suspect.files
            self._done[suspect.place] = [(file, self._reader.bad(file, Problem(CRASHED)))]
        self._waiting.extendleft(reversed(tasks))
        (self._workers[self._workers.index(worker)],) = self._set_up(Team(1))
