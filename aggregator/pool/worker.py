"""A process that reads files: the handle of the one that started it.

It is a fresh interpreter, since a fork of a service with threads could hang. It is spoken to through its standard
input and output, so it ends when the process that started it does, however that ends.
"""

import fcntl
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.connection import Connection
from typing import IO

from ..models import FileRow
from ..reading import Reading
from ..sources import FileStat

ROOM = 2**20  # bytes in a pipe; what Linux allows everybody

Files = Sequence[tuple[FileStat, FileRow | None]]  # each with how it was last seen
Found = list[tuple[FileStat, Reading | None]]


@dataclass(frozen=True, slots=True)
class Task:
    """Files to be read; `place` is that of the first among all files."""

    place: int
    files: Files

    def split(self) -> list["Task"]:
        """A task for each file."""
        return [Task(self.place + index, (file,)) for index, file in enumerate(self.files)]


class Worker:
    """A process that reads. `tasks` are those that it has in hand, the one under way first; `ready`: it has begun."""

    def __init__(self, setup: bytes) -> None:
        """Start it with a pickled Reader. Raises OSError."""
        self._process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", __package__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            process_group=0,  # Ctrl-C is for the process that started it
        )
        self._input = Connection(_own(self._process.stdin), readable=False)
        _widen(self._process.stdout)
        self._output = Connection(_own(self._process.stdout), writable=False)
        self.tasks: deque[Task] = deque()
        self.ready = False
        self._send(setup)

    def fileno(self) -> int:
        """What to wait for."""
        return self._output.fileno()

    def give(self, task: Task, now: datetime) -> None:
        """One more task."""
        self.tasks.append(task)
        self._send(pickle.dumps((now, task.files), pickle.HIGHEST_PROTOCOL))

    def take(self) -> tuple[int, Found] | None:
        """What a task found, by its place; None when it only tells that it is ready.

        Raises EOFError or OSError when the process has ended.
        """
        readings = pickle.loads(self._output.recv_bytes())  # noqa: S301 (our own process)
        if readings is None:
            self.ready = True
            return None
        task = self.tasks.popleft()
        return task.place, [(file, reading) for (file, _), reading in zip(task.files, readings, strict=True)]

    def end(self) -> None:
        """End the process, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._input.close()
        self._output.close()

    def _send(self, data: bytes) -> None:
        with suppress(BrokenPipeError):  # it has ended, as `take` will tell
            self._input.send_bytes(data)


def _widen(pipe: IO[bytes] | None) -> None:
    """Let a pipe hold several answers, where the system can, so that a worker seldom waits for their being read."""
    if pipe and hasattr(fcntl, "F_SETPIPE_SZ"):
        with suppress(OSError):  # more than this user may have
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, ROOM)


def _own(pipe: IO[bytes] | None) -> int:
    """The descriptor of a pipe, as our own to close."""
    assert pipe
    with pipe:
        return os.dup(pipe.fileno())
