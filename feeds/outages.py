"""What many requests meet is one event in the log: told at the first of them, then once a minute while it lasts."""

import logging
import threading
import time
from collections.abc import Callable

from aggregator.errors import StoreAwayError

log = logging.getLogger(__name__)

AGAIN = 60.0  # seconds between two lines about the same


class Outages:
    """What requests met in this process, by kind of failure. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._told: dict[type[Exception], float] = {}
        self._untold: dict[type[Exception], int] = {}

    def tell(self, what: str, error: Exception, *, traceback: bool = False) -> None:
        """Log that a request failed, unless another one that failed so was logged within AGAIN seconds, or the store
        is away, which has its own lines."""
        if isinstance(error, StoreAwayError):
            return
        kind, now = type(error), self._clock()
        with self._lock:
            if kind in self._told and now - self._told[kind] < AGAIN:
                self._untold[kind] = self._untold.get(kind, 0) + 1
                return
            self._told[kind] = now
            others = self._untold.pop(kind, 0)
        since = f" (so did {others} others since this was last told)" if others else ""
        log.error("%s: %s%s", what, error, since, exc_info=error if traceback else None)
