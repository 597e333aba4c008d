"""What fails for a while is two lines in the log: one when it begins, one when it is over, and none at each try."""

import logging
import threading
import time
from collections.abc import Callable


class Outage:
    """Something that others have to give, such as a store's answers, and whether it is missing.

    `began` and `over` are what the log is told, by `log`; `clock` gives seconds.
    """

    def __init__(
        self, log: logging.Logger, began: str, over: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._log, self._began, self._over, self._clock = log, began, over, clock
        self._lock = threading.Lock()
        self._since = 0.0
        self.reason = ""  # why it is missing now, "" while it is there

    def begins(self, error: Exception, *, expected: bool = True) -> None:
        """It is missing, or still is. What nobody expected is told with its traceback."""
        with self._lock:
            if self.reason:
                return
            told = getattr(error, "orig", None) or error  # what a database said, without the SQL that it was asked
            self.reason, self._since = " ".join(str(told).split()) or type(error).__name__, self._clock()
        self._log.error("%s: %s", self._began, self.reason, exc_info=None if expected else error)

    def ends(self) -> None:
        """It is there, or there again."""
        if not self.reason:
            return
        with self._lock:
            again, self.reason = bool(self.reason), ""
        if again:
            self._log.warning("%s, after %.0f s", self._over, self._clock() - self._since)

    def lasts(self) -> float:
        """For how many seconds it has been missing; 0 while it is there."""
        return self._clock() - self._since if self.reason else 0.0
