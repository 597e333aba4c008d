"""`python -m aggregator.pool TASKS ANSWERS …`: the processes that read files for another; see aggregator.pool.worker.

Each has two pipes, by their descriptors. It reads on from the one while it works, so that the two sides never wait
for each other to listen.
"""

import gc
import os
import pickle
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from .. import logs
from ..garbage import collect_seldom
from ..reading import Reader, Reading


def main(descriptors: Sequence[int]) -> None:
    """Read what comes in, task by task, until nobody wants anything more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with its input
    os.dup2(2, 1)  # whatever a library prints is no output of the command
    logs.start()
    collect_seldom()
    gc.freeze()  # what is there now stays: it need not be looked through again and again, and processes share it
    incoming, outgoing = _part(descriptors)
    tasks: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(Connection(incoming, writable=False), tasks), daemon=True).start()
    answers = Connection(outgoing, readable=False)
    reader: Reader = tasks.get()
    with suppress(OSError):  # nobody listens any more
        _answer(answers, None)
        while True:
            now, files = tasks.get()
            _answer(answers, [reader.read(file, old, now) for file, old in files])


def _part(descriptors: Sequence[int]) -> tuple[int, int]:
    """Become as many processes as there are pairs of pipes; this one's pair. It has no hold on the others'."""
    pairs = list(zip(descriptors[::2], descriptors[1::2], strict=True))
    mine = next((pair for pair in pairs[1:] if os.fork() == 0), pairs[0])
    for descriptor in {*descriptors} - {*mine}:
        os.close(descriptor)
    return mine


def _receive(connection: Connection, tasks: "SimpleQueue[Any]") -> None:
    try:
        while True:
            tasks.put(pickle.loads(connection.recv_bytes()))  # noqa: S301 (from the process that started this one)
    except (EOFError, OSError):
        os._exit(0)


def _answer(connection: Connection, found: list[Reading | None] | None) -> None:
    connection.send_bytes(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
