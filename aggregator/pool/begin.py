"""How processes for reading begin: as a fresh interpreter, or as a fork of a command that has only just begun.

A fork has what is loaded already, which takes a fresh interpreter 0.1 s. But a fork of a process with threads could
hang, and one with an open store would share it; so it is for whoever knows that there is neither.
"""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import NoReturn, Protocol

ANY = 2**31 - 1  # no descriptor is as high


class Process(Protocol):
    """A process that was begun, the head of a group."""

    pid: int

    def wait(self) -> int:
        """Wait until it has ended."""
        ...


def has_one_thread() -> bool:
    """Whether this process has no thread but this one, Python's or a library's; False where that cannot be told."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except OSError:
        return False


def spawn(descriptors: Sequence[int]) -> Process:
    """Begin a fresh interpreter that gets these descriptors. Raises OSError."""
    return subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", __package__, *map(str, descriptors)],
        stdin=subprocess.DEVNULL,
        pass_fds=descriptors,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        process_group=0,  # Ctrl-C is for the process that started it
    )


def fork(descriptors: Sequence[int]) -> Process:
    """Begin a fork of this process, which must have no other thread. It gets these descriptors. Raises OSError."""
    from .__main__ import main  # whoever lets files be read elsewhere needs what reads as well: it is loaded once

    pid = os.fork()
    if pid == 0:
        _become_reader(main, descriptors)
    with suppress(OSError):  # it has done so itself, or has ended
        os.setpgid(pid, pid)
    return _Forked(pid)


def end(process: Process) -> None:
    """End a process and its group, whatever they do."""
    with suppress(OSError):  # nobody is there any more
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


class _Forked:
    def __init__(self, pid: int) -> None:
        self.pid = pid

    def wait(self) -> int:
        return os.waitpid(self.pid, 0)[1]


def _become_reader(main: Callable[[Sequence[int]], None], descriptors: Sequence[int]) -> NoReturn:
    """Never return into what was forked: its stack, its cleaning up and its output are the other process's."""
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for low, high in pairwise(sorted((2, *descriptors, ANY))):
            os.closerange(low + 1, high)
        main(descriptors)
    except BaseException:  # as an interpreter of its own would end
        traceback.print_exc()
    finally:
        os._exit(1)
