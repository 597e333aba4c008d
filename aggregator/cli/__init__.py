"""The commands. This is where everything is put together: config, store, watcher, web server, clock.

Heavy libraries are imported by the commands that need them, so that `--help` and `check` answer at once.
"""

from . import check, explain, ingest, service, status
from .base import main

__all__ = ["check", "explain", "ingest", "main", "service", "status"]
