"""The app of a web worker follows the config: a new app takes the old one's place between two requests.

It is whole before it gets its first request, and requests under way end in the app in which they began. A config of
which no app can be made changes nothing.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from werkzeug.test import Client

from aggregator.config import Config
from aggregator.live import NEEDS_STORE, POLL, LiveConfig, Loaded, read_in_force

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)

# Asked for before a new app gets its first request: templates are compiled, and what most want is made.
WARM = ("/", "/latest.atom")


class App(Protocol):
    """A WSGI application, such as Flask's."""

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse", /) -> Iterable[bytes]:
        """Answer a request."""


Build = Callable[[Config], App]


class LiveApp:
    """A WSGI application that hands each request to the app of the config in force."""

    def __init__(self, build: Build, config: Config) -> None:
        self._build = build
        self._app = build(config)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request."""
        return self._app(environ, start_response)

    def follow(self, config: Config) -> None:
        """Go by another config from now on; by the one before if no app can be made of this one."""
        try:
            app = self._build(config)
            for path in WARM:
                Client(app).get(path).close()
            self._app = app
        except Exception:
            log.exception("the new config could not be put in force in this process; the one before it stays")


def follow_service(app: LiveApp, path: Path, known: bytes, environ: Mapping[str, str]) -> threading.Event:
    """Let an app follow the file that the main process of its service keeps (see aggregator.live), in a thread.

    `known` is what was in it when the app was made. The thread ends when the returned event is set.
    """
    end = threading.Event()

    def follow() -> None:
        last = known
        while not end.wait(POLL):
            try:
                now = path.read_bytes()
            except OSError:  # the service is about to end
                continue
            if now != last:
                last = now
                _follow(app, now, environ)

    threading.Thread(target=follow, name="config in force", daemon=True).start()
    return end


def follow_file(app: LiveApp, start: Loaded, environ: Mapping[str, str]) -> LiveConfig:
    """Let an app under a foreign WSGI server, which has no main process of ours, follow the config file by itself.

    What is wrong in the file is in the log only, since publishing never writes to the store.
    """

    def put_in_force(loaded: Loaded) -> None:
        app.follow(loaded.config)

    live = LiveConfig("serve", start, environ, NEEDS_STORE, put_in_force)
    live.start()
    return live


def _follow(app: LiveApp, data: bytes, environ: Mapping[str, str]) -> None:
    try:
        config = read_in_force(data, environ)
    except Exception:
        log.exception("the config in force cannot be read by this process; the one before it stays")
    else:
        app.follow(config)
