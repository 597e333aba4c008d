"""Processes that read files: the handles of the one that started them.

They begin as one, which imports what they need and then forks the others. They are spoken to through pipes, so they
end when the process that started them does, however that ends.
"""

import fcntl
import os
import pickle
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

from ..models import FileRow
from .begin import end, fork, spawn

if TYPE_CHECKING:  # processes are begun before what reads is loaded here
    from ..reading import Reading
    from ..sources import FileStat

ROOM = 2**20  # bytes in a pipe; what Linux allows everybody

Files = Sequence[tuple["FileStat", FileRow | None]]  # each with how it was last seen
Found = list[tuple["FileStat", "Reading | None"]]


@dataclass(frozen=True, slots=True)
class Task:
    """Files to be read; `place` is that of the first among all files."""

    place: int
    files: Files

    def split(self) -> list["Task"]:
        """A task for each file."""
        return [Task(self.place + index, (file,)) for index, file in enumerate(self.files)]


class Team:
    """Processes begun together: `workers`."""

    def __init__(self, number: int, *, forked: bool = False) -> None:
        """Start so many. The first thing that each is to be sent is a pickled Reader. Raises OSError.

        `forked`: see pool.begin, which says when they may be.
        """
        pipes = _pipes(number)
        theirs = [end for tasks, answers in pipes for end in (tasks[0], answers[1])]
        self.workers = [
            Worker(Connection(tasks[1], readable=False), Connection(answers[0], writable=False))
            for tasks, answers in pipes
        ]
        try:
            self._process = fork(theirs) if forked else spawn(theirs)
        except OSError:
            self._close()
            raise
        finally:
            for descriptor in theirs:
                os.close(descriptor)

    def end(self) -> None:
        """End the processes, whatever they do."""
        end(self._process)
        self._close()

    def _close(self) -> None:
        for worker in self.workers:
            worker.leave()


class Worker:
    """A process that reads. `tasks` are those that it has in hand, the one under way first; `ready`: it has begun."""

    def __init__(self, tasks: Connection, answers: Connection) -> None:
        self._tasks = tasks
        self._answers = answers
        self.tasks: deque[Task] = deque()
        self.ready = False

    def fileno(self) -> int:
        """What to wait for."""
        return self._answers.fileno()

    def give(self, task: Task, now: datetime) -> None:
        """One more task."""
        self.tasks.append(task)
        self.send(pickle.dumps((now, task.files), pickle.HIGHEST_PROTOCOL))

    def take(self) -> tuple[int, Found] | None:
        """What a task found, by its place; None when it only tells that it is ready.

        Raises EOFError or OSError when the process has ended.
        """
        readings = pickle.loads(self._answers.recv_bytes())  # noqa: S301 (our own process)
        if readings is None:
            self.ready = True
            return None
        task = self.tasks.popleft()
        return task.place, [(file, reading) for (file, _), reading in zip(task.files, readings, strict=True)]

    def send(self, data: bytes) -> None:
        """Send it something pickled."""
        with suppress(BrokenPipeError):  # it has ended, as `take` will tell
            self._tasks.send_bytes(data)

    def leave(self) -> None:
        """Have no more to do with it: it ends by itself."""
        self._tasks.close()
        self._answers.close()


def _pipes(number: int) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """So many pairs of pipes, for tasks and for answers. Raises OSError, and then leaves none open."""
    found: list[tuple[int, int]] = []
    try:
        for _ in range(number):
            found.append(os.pipe())
            found.append(_wide_pipe())
    except OSError:
        for descriptor in (end for pipe in found for end in pipe):
            os.close(descriptor)
        raise
    return list(zip(found[::2], found[1::2], strict=True))


def _wide_pipe() -> tuple[int, int]:
    """A pipe that holds several answers, where the system has such, so that a worker seldom waits to be heard."""
    reading, writing = os.pipe()
    if hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # more than this user may have
            fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, ROOM)
    return reading, writing
