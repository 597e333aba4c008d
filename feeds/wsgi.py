"""The app of one web worker process, for granian or any other WSGI server: `feeds.wsgi:create`.

`aggregator run` and `serve` name the config in force in the environment. Under a foreign server, where that is not
set, each worker reads the file that AGGREGATOR_CONFIG names, and follows it by itself.
"""

import multiprocessing
import os
import signal
import threading
from pathlib import Path

from aggregator import logs
from aggregator.config import Config
from aggregator.live import load, read_in_force
from aggregator.store import Store

from . import create_app
from .connections import Bounded
from .live import App, LiveApp, follow_file, follow_service

CONFIG = "AGGREGATOR_CONFIG"  # the config file
IN_FORCE = "AGGREGATOR_IN_FORCE"  # the file that holds the config in force; see aggregator.live


def create() -> App:
    """Make the app of the config in force, which follows that from then on. Raises ConfigError and StoreError."""
    if in_force := os.environ.get(IN_FORCE):
        return _of_service(Path(in_force))
    start = load(Path(os.environ.get(CONFIG, "config.yaml")), os.environ)
    app = _app(start.config, Store(start.config.store))
    follow_file(app, start, os.environ)
    return app


def _of_service(path: Path) -> App:
    """The app of a worker of our own server."""
    logs.start()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # it is meant for the main process
    _end_with_parent()
    known = path.read_bytes()
    config = read_in_force(known, os.environ)
    # The main process has opened it. A worker that begins anew while a database is away has to begin all the same: a
    # server whose workers fail at their start ends.
    app = _app(config, Store(config.store, up_to_date=True))
    follow_service(app, path, known, os.environ)
    return Bounded(app)


def _app(config: Config, store: Store) -> LiveApp:
    """The app of a config, and then of others, on a store that stays open all along."""
    return LiveApp(lambda config: create_app(config, store), config)


def _end_with_parent() -> None:
    """End this worker when the server process that started it was killed: it would hold the port for ever.

    Also when that was killed already, while this one was still beginning.
    """
    parent = multiprocessing.parent_process()

    def watch() -> None:
        if parent is not None:
            parent.join()
            os._exit(0)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
