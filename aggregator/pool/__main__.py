"""`python -m aggregator.pool`: the process that reads files for another; see aggregator.pool.worker.

It reads on from its standard input while it works, and writes its answers meanwhile, so that neither process ever
waits for the other to listen.
"""

import os
import pickle
import signal
import threading
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from .. import logs
from ..reading import Reader


def main() -> None:
    """Read what comes in, task by task, until nobody wants anything more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with its input
    answering = Connection(os.dup(1), readable=False)
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    logs.start()
    tasks: SimpleQueue[Any] = SimpleQueue()
    answers: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(Connection(os.dup(0), writable=False), tasks), daemon=True).start()
    threading.Thread(target=_send, args=(answering, answers), daemon=True).start()
    reader: Reader = tasks.get()
    answers.put(pickle.dumps(None))
    while True:
        now, files = tasks.get()
        answers.put(pickle.dumps([reader.read(file, old, now) for file, old in files], pickle.HIGHEST_PROTOCOL))


def _receive(connection: Connection, tasks: "SimpleQueue[Any]") -> None:
    try:
        while True:
            tasks.put(pickle.loads(connection.recv_bytes()))  # noqa: S301 (from the process that started this one)
    except (EOFError, OSError):
        os._exit(0)


def _send(connection: Connection, answers: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            connection.send_bytes(answers.get())
    except OSError:
        os._exit(0)


if __name__ == "__main__":
    main()
