"""`publish` in the config: an export after every change of what is published, whoever made it."""

import logging
import threading
from collections.abc import Callable
from datetime import datetime

from aggregator.config import Config
from aggregator.errors import AggregatorError, ExportStoppedError
from aggregator.store import Store

from .run import export

log = logging.getLogger(__name__)

EVERY = 1.0  # seconds between two looks at the store's revision
# A scan changes the store batch by batch: an export waits until nothing has changed for a look, but not for ever.
MOST_LOOKS = 10
RETRY = 30  # looks after a failure


class Follower:
    """Keeps the folder that `publish.dir` names up to date, in a thread of its own, until it is stopped.

    It begins when every folder was scanned once, so that a new store does not empty a full site. It asks for the
    store's revision, a small query, so it does not matter which process makes a change. Failures are logged, shown to
    the operator (see Ledger.notices) and tried again; they harm nothing else.
    """

    def __init__(self, config: Config, store: Store, clock: Callable[[], datetime], every: float = EVERY) -> None:
        self._publish = config.publish
        self._config = config
        self._store = store
        self._clock = clock
        self._every = every
        self._exported: int | None = None  # the revision
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, name="export", daemon=True)

    def start(self) -> None:
        """Begin; returns at once. Without `publish.dir` there is nothing to do."""
        if self._publish.folder is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop within a second or so; a file that is being written is finished."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _follow(self) -> None:
        while not self._stopping.wait(self._every):
            if not self._step():
                self._stopping.wait(self._every * RETRY)

    def _step(self) -> bool:
        """Export what changed, if anything did; False when that failed."""
        try:
            if self._is_due():
                self._tell(self._export())
        except ExportStoppedError:
            log.info("the export was stopped; the next one goes on from there")
        except AggregatorError as error:
            log.error("the export failed, and is tried again: %s", error)
            self._tell([str(error)])
            return False
        except Exception:
            log.exception("the export failed, and is tried again")
            self._tell([f"an export to {self._publish.folder} failed; the log tells why"])
            return False
        return True

    def _is_due(self) -> bool:
        """Whether something changed, and no more is changing just now."""
        revision = self._store.revision()
        if revision == self._exported or not self._store.ready():
            return False
        for _ in range(MOST_LOOKS):
            if self._stopping.wait(self._every):
                return False
            before, revision = revision, self._store.revision()
            if before == revision:
                break
        return True

    def _export(self) -> list[str]:
        """One export; what the operator should know of it."""
        assert self._publish.folder is not None
        revision = self._store.revision()
        report = export(
            self._config,
            self._store,
            self._publish.folder,
            self._clock(),
            pages=self._publish.only == "all",
            stopped=self._stopping.is_set,
        )
        self._exported = revision
        if report.written or report.removed:
            log.info("exported to %s: %d written, %d removed", self._publish.folder, report.written, report.removed)
        return report.notices

    def _tell(self, notices: list[str]) -> None:
        try:
            self._store.ledger.notify(f"export {self._publish.folder}", notices, self._clock())
        except Exception:
            log.exception("what is to be known of the export could not be kept")
