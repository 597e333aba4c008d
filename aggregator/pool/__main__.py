"""`python -m aggregator.pool`: the process that reads files for another; see aggregator.pool.worker.

It reads on from its standard input while it works, so that the two never wait for each other to listen.
"""

import gc
import os
import pickle
import signal
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from .. import logs
from ..reading import Reader, Reading


def main() -> None:
    """Read what comes in, task by task, until nobody wants anything more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with its input
    answering = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    logs.start()
    tasks: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=_receive, args=(Connection(os.dup(0), writable=False), tasks), daemon=True).start()
    reader: Reader = tasks.get()
    gc.freeze()  # what is there now stays, and need not be looked through again and again
    with suppress(OSError):  # nobody listens any more
        _answer(answering, None)
        while True:
            now, files = tasks.get()
            _answer(answering, [reader.read(file, old, now) for file, old in files])


def _receive(connection: Connection, tasks: "SimpleQueue[Any]") -> None:
    try:
        while True:
            tasks.put(pickle.loads(connection.recv_bytes()))  # noqa: S301 (from the process that started this one)
    except (EOFError, OSError):
        os._exit(0)


def _answer(connection: Connection, found: list[Reading | None] | None) -> None:
    connection.send_bytes(pickle.dumps(found, pickle.HIGHEST_PROTOCOL))


if __name__ == "__main__":
    main()
