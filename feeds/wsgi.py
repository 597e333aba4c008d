"""The app of one web worker process, for granian or any other WSGI server: `feeds.wsgi:create`."""

import os
import threading
import time
from pathlib import Path

from flask import Flask

from aggregator.config import load_config
from aggregator.store import Store

from . import create_app


def create() -> Flask:
    """Build the app from the config that AGGREGATOR_CONFIG names. Raises ConfigError and StoreError."""
    config = load_config(Path(os.environ.get("AGGREGATOR_CONFIG", "config.yaml")), os.environ)
    _end_with_parent()
    return create_app(config, Store(config.store))


def _end_with_parent() -> None:
    """End this worker when the server process that started it was killed: it would hold the port for ever."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(0)

    threading.Thread(target=watch, name="parent watch", daemon=True).start()
