"""Commands as processes that are born within milliseconds, so that hundreds of them can be killed in a minute.

A process that has imported everything forks for each command (multiprocessing's fork server): what runs is the
command itself, in a process of its own with its own files and locks, and SIGKILL ends it like any other.
"""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

ROOT = Path(__file__).parents[1]
PRELOADED = [
    "aggregator.cli", "aggregator.once", "aggregator.store", "aggregator.store.engine", "aggregator.retention",
    "alembic.command", "alembic.config", "feeds.export", "feeds", "torture.nursery",
]  # fmt: skip
LOOK = 0.02  # seconds
PATIENCE = 60  # seconds for a command to end by itself


class Nursery:
    """Starts commands in a folder, with a folder of their own for temporary files."""

    def __init__(self, temporary: Path) -> None:
        self._temporary = temporary
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)

    def start(self, root: Path, *words: str) -> "Victim":
        """Begin `aggregator <words>` in a folder."""
        process = self._context.Process(target=_command, args=(words, str(root), str(self._temporary)), daemon=True)
        process.start()
        return Victim(process, root / "out", words)

    def run(self, root: Path, *words: str) -> tuple[str, float]:
        """Run a command to its end; what it printed, and how many seconds it took. Raises RuntimeError."""
        began = time.monotonic()
        victim = self.start(root, *words)
        return victim.finish(), time.monotonic() - began


class Victim:
    """A command under way."""

    def __init__(self, process: ForkServerProcess, out: Path, words: Sequence[str]) -> None:
        self._process, self._out, self._words = process, out, words

    def kill_after(self, seconds: float, look: Callable[[], None]) -> bool:
        """SIGKILL after a time, in which one looks again and again; False when it had ended before."""
        deadline = time.monotonic() + seconds
        while self._process.exitcode is None and (left := deadline - time.monotonic()) > 0:
            look()
            self._process.join(min(left, LOOK))
        alive = self._process.exitcode is None
        self._process.kill()
        self._process.join()
        return alive

    def finish(self) -> str:
        """Wait for its end; what it printed. Raises RuntimeError when it fails."""
        self._process.join(PATIENCE)
        if self._process.exitcode != 0:
            self._process.kill()
            told = self._out.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"{' '.join(self._words)}: exit code {self._process.exitcode}\n{told}")
        return self._out.read_text()


def _command(words: Sequence[str], root: str, temporary: str) -> None:
    """The new process's life."""
    os.chdir(root)
    out = os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(out, stream)
    sys.stdout = os.fdopen(1, "w", closefd=False)
    sys.stderr = os.fdopen(2, "w", closefd=False)
    os.environ["TMPDIR"] = temporary
    from aggregator.cli import main

    main(list(words), prog_name="aggregator")
