"""The config that is in force, written down for the web workers.

They never read `config.yaml` itself: it may be broken, or half saved, when a worker has to begin anew.
"""

import fcntl
import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from ..config import Config, parse_config
from ..errors import ServerError
from .leftovers import IN_FORCE, PREFIX, sweep
from .reading import Loaded


class InForce:
    """A file at `path` that always holds the config in force. Only this user can read it: it may hold a password."""

    def __init__(self, start: Loaded) -> None:
        """Raises ServerError when there is no place for it."""
        try:
            sweep()
            self._folder = tempfile.TemporaryDirectory(prefix=PREFIX)
            # systemd-tmpfiles leaves a locked folder alone, however old what is in it gets.
            self._lock = os.open(self._folder.name, os.O_RDONLY | os.O_CLOEXEC)
            fcntl.flock(self._lock, fcntl.LOCK_SH)
            self.path = Path(self._folder.name) / IN_FORCE
            self.write(start)
        except OSError as error:
            raise ServerError(
                f"no folder for temporary files can be written ({error.strerror or error}); "
                "name one that can in the environment variable TMPDIR"
            ) from error

    def write(self, loaded: Loaded) -> None:
        """Put another config in the place of the one before: whoever reads sees the one or the other."""
        new = self.path.with_suffix(".new")
        text = json.dumps({"file": str(loaded.config.file), "text": loaded.text, "store": loaded.config.store})
        new.parent.mkdir(0o700, exist_ok=True)  # somebody may have cleaned up among temporary files
        new.touch(0o600)
        new.write_text(text, encoding="utf-8")
        new.replace(self.path)

    def close(self) -> None:
        """Remove it."""
        os.close(self._lock)
        self._folder.cleanup()


def read_in_force(data: bytes, environ: Mapping[str, str]) -> Config:
    """The config of what such a file holds. Raises ConfigError, which tells that the environment is another one."""
    kept = json.loads(data)
    config = parse_config(kept["text"], Path(kept["file"]), environ)
    return config.model_copy(update={"store": kept["store"]})
