"""`python -m aggregator.pool`: the process that reads files for another; see aggregator.pool.worker.

It reads on from its standard input while it works, and writes its answers meanwhile, so that neither process ever waits
for the other to listen.
"""

import os
import pickle
import signal
import sys
import threading
from queue import SimpleQueue
from typing import IO, Any

from .. import logs
from ..reading import Reader


def main() -> None:
    """Read what comes in, task by task, until nobody wants anything more."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with its input
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get among the answers
    logs.start()
    tasks: SimpleQueue[Any] = SimpleQueue()
    answers: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_receive, args=(sys.stdin.buffer, tasks), daemon=True).start()
    threading.Thread(target=_send, args=(channel, answers), daemon=True).start()
    reader: Reader = tasks.get()
    answers.put(pickle.dumps(None))
    while True:
        now, files = tasks.get()
        answers.put(pickle.dumps([reader.read(file, old, now) for file, old in files], pickle.HIGHEST_PROTOCOL))


def _receive(stream: IO[bytes], tasks: "SimpleQueue[Any]") -> None:
    try:
        while True:
            tasks.put(pickle.load(stream))  # noqa: S301 (from the process that started this one)
    except (EOFError, pickle.UnpicklingError):
        os._exit(0)


def _send(stream: IO[bytes], answers: "SimpleQueue[bytes]") -> None:
    try:
        while True:
            stream.write(answers.get())
            stream.flush()
    except BrokenPipeError:
        os._exit(0)


if __name__ == "__main__":
    main()
