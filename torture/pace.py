"""How long something of a service takes, without the time for which other programs had the processors."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

NANO = 1e-9


class Pace:
    """Times what is asked of processes. Linux tells for each thread how long it ran, and was ready to run but did not.

    Where that is not told, times are as a clock has them.
    """

    def __init__(self, processes: Iterable[int]) -> None:
        self._tasks = [Path(f"/proc/{process}/task") for process in processes]
        self._began, self._before = time.monotonic(), self._read()

    def again(self) -> None:
        """Begin."""
        self._began, self._before = time.monotonic(), self._read()

    def took(self) -> tuple[float, float]:
        """Seconds since it began, and how many it would have been on a machine that does nothing else."""
        seconds = time.monotonic() - self._began
        spent = [
            (ran - ran_before, late - late_before)
            for (ran, late), (ran_before, late_before) in zip(self._read(), self._before, strict=True)
        ]
        return seconds, own(seconds, spent)

    def _read(self) -> list[tuple[float, float]]:
        return [_of_threads(tasks) for tasks in self._tasks]


def own(seconds: float, spent: Sequence[tuple[float, float]]) -> float:
    """How long it would have taken on a machine that does nothing else.

    `spent`: for how many seconds the threads of each process ran, and were ready to run but did not.
    """
    ran, late = (sum(each) for each in zip(*spent, strict=True))
    share = ran / (ran + late) if ran + late > 0 else 1.0
    # Threads may be late at the same time; one that waits for something else is not late.
    return min(seconds, max(seconds * share, seconds - max(late for _, late in spent)))


def _of_threads(tasks: Path) -> tuple[float, float]:
    """The seconds for which a process's threads ran, and for which they were ready to run, but did not."""
    ran = late = 0.0
    with suppress(OSError):
        for file in tasks.glob("*/schedstat"):
            with suppress(OSError):
                running, ready, _ = map(int, file.read_text().split())
                ran, late = ran + running * NANO, late + ready * NANO
    return ran, late
