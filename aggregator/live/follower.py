"""A thread that looks at a config file again and again.

Looking is what works everywhere: with editors that put a new file in the old one's place, symbolic links that are
turned (Kubernetes), network folders, and systems without file events.
"""

import errno
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from ..config import ConfigProblem, read_config
from ..errors import ConfigError
from .keeper import Keeper, Seen, Verdict

log = logging.getLogger(__name__)

POLL = 0.25  # seconds between looks
_TROUBLE = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EIO, errno.ESTALE})


def look(file: Path) -> Seen | None:
    """The text of a config file, or why it has none; None when the trouble is this process's or the disk's."""
    try:
        if file.exists() and not (file.is_file() or file.is_dir()):  # reading a pipe would wait for its writer
            return (ConfigProblem(file, None, "", None, "is not a file any more; write the config as a file"),)
        return read_config(file)
    except ConfigError as error:
        if getattr(error.__cause__, "errno", None) in _TROUBLE:
            return None
        return error.problems  # type: ignore[return-value]  # they are ConfigProblems, see there
    except OSError as error:
        if error.errno in _TROUBLE:
            return None
        return (ConfigProblem(file, None, "", None, f"cannot be looked at ({error.strerror}); see to its folder"),)


class Follower:
    """Looks at a file until it is stopped, and acts on what the keeper makes of it.

    `act(verdict)` is called in the follower's thread, one call after the other; `also` at every look.
    """

    def __init__(self, file: Path, keeper: Keeper, act: Callable[[Verdict], None], also: Callable[[], None]) -> None:
        self._file, self._keeper, self._act, self._also = file, keeper, act, also
        self._bell = threading.Event()
        self._asked = self._stopping = False
        self._thread = threading.Thread(target=self._run, name="config file", daemon=True)

    def start(self) -> None:
        """Begin to look; returns at once."""
        self._thread.start()

    def look_now(self) -> None:
        """Look at once, and take the file as it is: who asks knows that it is whole. Safe in a signal handler."""
        self._asked = True
        self._bell.set()

    def stop(self) -> None:
        """Stop, and wait until the last act is done."""
        self._stopping = True
        self._bell.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            self._bell.wait(POLL)
            self._bell.clear()
            asked, self._asked = self._asked, False
            if not self._stopping:
                self._look(at_once=asked)

    def _look(self, *, at_once: bool) -> None:
        """The thread's border: what goes wrong here must not end it."""
        try:
            seen = look(self._file)
            if seen is not None and (verdict := self._keeper.see(seen, at_once=at_once)):
                self._act(verdict)
            self._also()
        except Exception:
            log.exception("the config could not be followed, which is not its fault", extra={"file": str(self._file)})
