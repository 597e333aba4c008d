"""What a service does about an edit of its config: put it in force, and tell the log and operators about it."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from .. import metrics
from ..outages import Outage
from .changes import describe
from .follower import POLL, Follower
from .keeper import Keeper, Refused, Same, Taken, Verdict
from .reading import Loaded

log = logging.getLogger(__name__)

RETRY_LOOKS = int(5 / POLL)  # looks after which a notice is given again to a store that did not take it

PutInForce = Callable[[Loaded], None]
Tell = Callable[[str, Sequence[str]], None]  # the notices of a place, in place of those before; may raise


class LiveConfig:
    """Follows the config file of a service from `start()` to `stop()`.

    `put_in_force` is called with each good edit. `tell(place, messages)` keeps notices for operators: what is wrong
    in the file, at the place `config <file name>`, and at the place `aggregator <command>` what needs a restart.
    `fixed` are the options that cannot change in a running service (see keeper).
    """

    def __init__(
        self,
        command: str,
        start: Loaded,
        environ: Mapping[str, str],
        fixed: Collection[str],
        put_in_force: PutInForce,
        tell: Tell = lambda *_: None,
    ) -> None:
        self._file = start.config.file
        self._put_in_force = put_in_force
        self._notices = _Notices(tell)
        self._problems_at, self._restart_at = f"config {self._file.name}", f"aggregator {command}"
        self._follower = Follower(self._file, Keeper(start, environ, fixed), self._act, self._notices.retry)

    def start(self) -> None:
        """Begin to follow. A config that came through a pipe is not followed, since it cannot be read again."""
        self._clear()
        if self._file.is_file():
            self._follower.start()

    def look_now(self) -> None:
        """Look at the file now, and take it as it is. Safe in a signal handler."""
        self._follower.look_now()

    def stop(self) -> None:
        """Stop; what was told of this service's run is no longer said."""
        self._follower.stop()
        self._clear()

    def _clear(self) -> None:
        self._notices.say(self._problems_at)
        self._notices.say(self._restart_at)

    def _act(self, verdict: Verdict) -> None:
        match verdict:
            case Refused(problems):
                log.error("%s was changed, but cannot be used; what was in force stays in force", self._file)
                self._say(self._problems_at, problems, logging.ERROR)
                metrics.reloaded(ok=False)
            case Same(mended):
                log.info("%s %s; nothing changes", self._file, "is good again" if mended else "was saved")
                self._notices.say(self._problems_at)
            case Taken():
                self._take(verdict)

    def _take(self, taken: Taken) -> None:
        if taken.now.config != taken.before:
            log.info("%s is in force: %s", self._file, describe(taken.before, taken.now.config))
            self._put_in_force(taken.now)
            metrics.reloaded(ok=True)
        self._notices.say(self._problems_at)
        self._say(self._restart_at, taken.restart, logging.WARNING)

    def _say(self, place: str, problems: Sequence[object], level: int) -> None:
        messages = tuple(map(str, problems))
        for message in messages:
            log.log(level, "%s", message)
        self._notices.say(place, messages)


class _Notices:
    """Notices on their way to the store: one that it does not take is given to it again, later."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._told: dict[str, Sequence[str]] = {}
        self._owed: dict[str, Sequence[str]] = {}
        self._looks = 0
        self._outage = Outage(
            log, "the store does not take a notice for operators; it is tried again", "it takes notices again"
        )

    def say(self, place: str, messages: Sequence[str] = ()) -> None:
        """Let these be the notices of a place."""
        self._owed.pop(place, None)
        if self._told.get(place) != messages:
            self._owed[place] = messages
            self._deliver()

    def retry(self) -> None:
        """Called at every look."""
        self._looks += bool(self._owed)
        if self._looks >= RETRY_LOOKS:
            self._deliver()

    def _deliver(self) -> None:
        self._looks = 0
        for place, messages in list(self._owed.items()):
            try:
                self._tell(place, messages)
            except Exception as error:
                self._outage.begins(error)
                return
            self._outage.ends()
            self._told[place] = self._owed.pop(place)
