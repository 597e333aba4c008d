"""A process that may open only so many files more."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def files_left(number: int) -> Iterator[None]:
    """This process can open so many files more, and then none (EMFILE)."""
    probes = [os.open(os.devnull, os.O_RDONLY) for _ in range(number + 1)]
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    for probe in probes:
        os.close(probe)
    resource.setrlimit(resource.RLIMIT_NOFILE, (probes[-1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def open_files() -> int:
    """How many this process has open."""
    return len(os.listdir("/proc/self/fd"))
