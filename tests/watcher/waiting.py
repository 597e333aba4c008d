"""Waiting for what other threads and processes do."""

import os
import time
from collections.abc import Callable

PATIENCE = 120.0  # seconds; only a failure takes so long, and a machine may be busy with other things


def eventually(true: Callable[[], object], seconds: float = PATIENCE, else_show: Callable[[], object] = str) -> None:
    """Wait until something is true; a failure tells what `else_show` gives."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"it did not happen within {seconds:.1f} s {else_show()}"
        time.sleep(0.02)


def promised(seconds: float) -> float:
    """What a promise of so many seconds, made of a machine with little else to do, comes to on this one as it is."""
    return seconds * (1 + os.getloadavg()[0] / (os.cpu_count() or 1))
