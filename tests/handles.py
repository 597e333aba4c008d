"""A process that may open only so many files more."""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


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


def open_pipes() -> int:
    """How many ends of pipes this process has open."""
    ends = 0
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # that of the listing itself is closed
            ends += str(file.readlink()).startswith("pipe:")
    return ends
