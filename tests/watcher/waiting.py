"""Waiting for what other threads and processes do."""

import time
from collections.abc import Callable


def eventually(true: Callable[[], bool], seconds: float = 10, else_show: Callable[[], object] = str) -> None:
    """Wait until something is true; a failure tells what `else_show` gives."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s {else_show()}"
        time.sleep(0.02)
