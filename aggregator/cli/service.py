"""`run`, `watch`, `serve`: what goes on until it is stopped."""

import logging
import signal
import threading
from pathlib import Path

from .. import console
from .base import command, load, now, open_store

log = logging.getLogger(__name__)


@command
def run(file: Path) -> None:
    """Watch and serve: the main job. Ctrl-C or SIGTERM stops it cleanly."""
    from feeds.server import serve as serve_feeds

    from ..watcher import Watcher

    config = load(file)
    console.start_logging()
    watcher = Watcher(config, open_store(config), now)
    log.info("publishing %s: open %s/ (Ctrl-C stops)", config.site.title, config.site.url)
    watcher.start()
    try:
        serve_feeds(config)
    finally:
        watcher.stop()
        log.info("stopped")


@command
def watch(file: Path) -> None:
    """Watch the folders and file articles, without a web server. `serve` may run elsewhere on the same store."""
    from ..watcher import Watcher

    config = load(file)
    console.start_logging()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    watcher = Watcher(config, open_store(config), now)
    watcher.start()
    log.info("watching the folders of %s", config.file)
    stop.wait()
    watcher.stop()
    log.info("stopped")


@command
def serve(file: Path) -> None:
    """Publish what is in the store, without watching. `watch` may run elsewhere on the same store."""
    from feeds.server import serve as serve_feeds

    config = load(file)
    console.start_logging()
    open_store(config).close()  # bring the schema up to date before the workers start
    log.info("publishing %s: open %s/ (Ctrl-C stops)", config.site.title, config.site.url)
    serve_feeds(config)
    log.info("stopped")
