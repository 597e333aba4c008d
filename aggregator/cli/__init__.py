"""The commands. This is where everything is put together: config, store, watcher, web server, clock.

Heavy libraries are imported by the commands that need them, so that `--help` and `check` answer at once.
"""

from . import articles, backup, check, explain, export, ingest, service, status, storage
from .base import main

__all__ = ["articles", "backup", "check", "explain", "export", "ingest", "main", "service", "status", "storage"]
