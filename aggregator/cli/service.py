"""`run`, `watch`, `serve`: what goes on until it is stopped, and follows the config meanwhile."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import StoreAwayError
from .base import command, now, open_store, with_logging

if TYPE_CHECKING:
    from feeds.export import Follower

    from ..config import Config
    from ..jobs import AfterScan
    from ..live import LiveConfig, Loaded
    from ..store import Store

log = logging.getLogger(__name__)

SIGNALS = 0.5  # seconds in which `watch` follows a signal at the latest
AWAY = 1.0  # seconds after which a database that is away is tried again


@command
@with_logging("info")
def run(file: Path) -> None:
    """Watch and serve: the main job. Ctrl-C or SIGTERM stops it cleanly; SIGHUP looks at the config file at once."""
    from feeds.server import serve as serve_feeds

    from ..live import NEEDS_SERVER, NEEDS_STORE, InForce

    start = _start(file)
    with (
        closing(_open(start.config)) as store,
        closing(InForce(start)) as in_force,
        _watching(start.config, store) as follow,
    ):

        def put_in_force(loaded: "Loaded") -> None:
            in_force.write(loaded)
            follow(loaded.config)

        with _live("run", start, store, (*NEEDS_STORE, *NEEDS_SERVER), put_in_force) as live:
            serve_feeds(start.config, in_force.path, live.look_now)
    log.info("stopped")


@command
@with_logging("info")
def watch(file: Path) -> None:
    """Watch the folders and file articles, without a web server. `serve` may run elsewhere on the same store."""
    from ..live import NEEDS_STORE

    start = _start(file)
    stop = threading.Event()
    with closing(_open(start.config)) as store:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        with _watching(start.config, store) as follow:
            log.info("watching the folders of %s", start.config.file)
            with _live("watch", start, store, NEEDS_STORE, lambda loaded: follow(loaded.config)):
                # Handlers run in this thread, and another one may have got the signal: that would not wake this one.
                while not stop.wait(SIGNALS):
                    pass
    log.info("stopped")


@command
@with_logging("info")
def serve(file: Path) -> None:
    """Publish what is in the store, without watching. `watch` may run elsewhere on the same store."""
    from feeds.server import serve as serve_feeds

    from ..live import NEEDS_SERVER, NEEDS_STORE, InForce

    start = _start(file)
    with (
        closing(_open(start.config)) as store,
        closing(InForce(start)) as in_force,
        _live("serve", start, store, (*NEEDS_STORE, *NEEDS_SERVER), in_force.write) as live,
    ):
        serve_feeds(start.config, in_force.path, live.look_now)
    log.info("stopped")


def _start(file: Path) -> "Loaded":
    """What every service begins with: its config. Raises ConfigError."""
    from .. import metrics
    from ..live import load

    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is somebody to look at the file
    metrics.start()
    return load(file, os.environ)


def _open(config: "Config") -> "Store":
    """The store. A database that is away is waited for: its machine may take longer to start than this one."""
    told = False
    while True:
        try:
            store = open_store(config)
        except StoreAwayError as error:
            if not told:
                log.error("%s; it is tried again until it is there", error)
            told = True
            time.sleep(AWAY)
        else:
            if told:
                log.info("the store is there")
            return store


@contextmanager
def _watching(start: "Config", store: "Store") -> Iterator[Callable[["Config"], None]]:
    """Watch the folders of a config, and export what is published if it asks for that.

    Yields a function to be called with each config that takes its place.
    """
    from ..clocks import ClockWatch
    from ..status import Hindrances, describe
    from ..watcher import Watcher

    hindrances = Hindrances(start.store)
    clock = ClockWatch(lambda place, messages: store.ledger.notify(place, messages, now()))

    def tell(folder: str, error: Exception | None) -> None:
        hindrances.tell(f"folder {folder}", describe(error) if error else "", now())

    watcher = Watcher(start, store, now, lambda config: [_retiring(config, store)], tell)
    exporter = _exporter(start, store)

    def follow(config: "Config") -> None:
        nonlocal exporter
        watcher.follow(config)
        if exporter:
            exporter.stop()
        exporter = _exporter(config, store)

    watcher.start()
    clock.start()
    try:
        yield follow
    finally:
        clock.stop()
        if exporter:
            exporter.stop()
        watcher.stop()
        hindrances.close()


def _exporter(config: "Config", store: "Store") -> "Follower | None":
    """A running export, None where the config asks for none."""
    if config.publish.folder is None:
        return None
    from feeds.export import Follower

    exporter = Follower(config, store, now)
    exporter.start()
    return exporter


def _retiring(config: "Config", store: "Store") -> "AfterScan":
    """What is kept only for a time, or only so much of, goes after scans."""
    from ..retention import retire

    folders = {source.folder for source in config.sources if source.enabled}

    def task(stopped: Callable[[], bool]) -> None:
        for folder in folders:
            if not stopped():
                retire(store, config, folder, now(), stopped)

    return task


@contextmanager
def _live(
    name: str, start: "Loaded", store: "Store", fixed: Sequence[str], put_in_force: Callable[["Loaded"], None]
) -> Iterator["LiveConfig"]:
    """Follow the config for as long as a command runs."""
    from ..live import LiveConfig

    def tell(place: str, messages: Sequence[str]) -> None:
        store.ledger.notify(place, messages, now())

    live = LiveConfig(name, start, os.environ, fixed, put_in_force, tell)
    signal.signal(signal.SIGHUP, lambda *_: live.look_now())
    live.start()
    try:
        yield live
    finally:
        live.stop()
