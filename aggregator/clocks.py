"""A clock that jumps is told to operators: another one, which only ever goes on, gives it away."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

log = logging.getLogger(__name__)

PLACE = "clock"
LEAST = timedelta(seconds=30)  # what synchronization may set right without a word
TOLD_FOR = 3600.0  # seconds
LOOK = 1.0  # seconds
STEADY = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the first goes on while a machine sleeps

Tell = Callable[[str, Sequence[str]], None]  # the place, and what there is to say of it


class Jumps:
    """What is to be told, as time goes by: of the last jump, for TOLD_FOR seconds. Pure."""

    def __init__(self, now: datetime, steady: float) -> None:
        """`now` is the clock's time, `steady` the other one's, in seconds."""
        self._now, self._steady = now, steady
        self._jumped = steady
        self.message = ""

    def look(self, now: datetime, steady: float) -> bool:
        """Compare the clocks again; whether there is something else to tell now."""
        jump = now - self._now - timedelta(seconds=steady - self._steady)
        self._now, self._steady = now, steady
        if abs(jump) >= LEAST:
            self._jumped, self.message = steady, _words(jump)
            return True
        if self.message and steady - self._jumped >= TOLD_FOR:
            self.message = ""
            return True
        return False


def _words(jump: timedelta) -> str:
    way = "jumped forward" if jump > timedelta() else "was set back"
    return (
        f"this machine's clock {way} by {timedelta(seconds=round(abs(jump).total_seconds()))}: scans go on, nothing "
        "that is published changes its date, and what is new comes first as ever; see that the clock is right now, "
        "and is kept right (NTP)"
    )


class ClockWatch:
    """A thread that looks at the clock for as long as a service runs."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clock jumps", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End it."""
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        jumps, untold = Jumps(*_clocks()), True  # what a service before had to say is out of date
        while not self._ending.is_set():
            if untold:
                untold = not self._told(jumps.message)
            self._ending.wait(LOOK)
            if jumps.look(*_clocks()):
                untold = True
                if jumps.message:
                    log.warning("%s", jumps.message)

    def _told(self, message: str) -> bool:
        """Whether it could be kept; a store that is busy or away takes it later."""
        try:
            self._tell(PLACE, [message] if message else [])
        except Exception as error:
            log.debug("a jump of the clock could not be kept: %s", error)
            return False
        return True


def _clocks() -> tuple[datetime, float]:
    return datetime.now(UTC), time.clock_gettime(STEADY)
