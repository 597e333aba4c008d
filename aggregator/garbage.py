"""When Python looks for cycles among the objects of a process: seldom, and not when it ends."""

import atexit
import gc

OBJECTS = 50_000  # more than before, at the next look; Python's own 700 are fewer than a batch or a feed makes


def collect_seldom() -> None:
    """For this process and those that are forked off it: nearly all that they make has no cycle.

    Filling a store takes a tenth less in the process that files. At the end nothing is looked at, which takes up to
    0.06 s; the memory goes with the process.
    """
    gc.set_threshold(OBJECTS)
    atexit.register(gc.freeze)
