"""The production web server: granian, with worker processes that each build their own app (see `wsgi`)."""

import errno
import logging
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from aggregator.config import Config
from aggregator.errors import ServerError

from .connections import make_room

log = logging.getLogger(__name__)

BACKLOG = 1024
ORPHANED = 5.0  # seconds in which workers end whose service was killed, and give its address back
IDLE = 10  # seconds that a client may take for the head of a request; also between two of them
MOST_HEAD = 64 * 2**10  # bytes of a request's head
THREADS = 4  # requests at once in one worker: rendering is Python, so more threads would only wait for each other
CONNECTION_THREADS = 2  # that read and write, in Rust: while one waits for Python's threads, the other one goes on

# Granian's own events go where ours go, in the same form; see aggregator.logs.
LOG: dict[str, Any] = {"handlers": {}, "loggers": {"_granian": {}}}


def serve(config: Config, in_force: Path, on_hangup: Callable[[], None]) -> None:
    """Serve the feeds of a service until SIGINT or SIGTERM. Must be called in the main thread.

    `config` says where to listen; `in_force` is the file that tells the workers, at any time, which config to go by
    (see aggregator.live). `on_hangup` is called on SIGHUP. Raises ServerError when the address cannot be listened on.
    """
    host, port = config.server.host, config.server.port
    _check_address(host, port)
    told = config.site.title, config.site.url, host, port
    log.info("publishing %s: open %s/ (listening on %s port %d; Ctrl-C stops)", *told)
    os.environ["AGGREGATOR_IN_FORCE"] = str(in_force)  # where the workers find it
    # Workers must not inherit threads and locks, of the watcher for one.
    multiprocessing.set_start_method("spawn", force=True)
    server = Granian(
        "feeds.wsgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=config.server.workers,
        blocking_threads=THREADS,
        runtime_threads=min(CONNECTION_THREADS, os.cpu_count() or 1),
        backlog=BACKLOG,
        backpressure=make_room(),
        http=HTTPModes.http1,  # HTTP/2 is for the proxy that speaks TLS; here it could only be attacked
        http1_settings=HTTP1Settings(header_read_timeout=1000 * IDLE, max_buffer_size=MOST_HEAD),
        log_level=LogLevels.warning,
        log_dictconfig=LOG,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        working_dir=Path.cwd(),
    )
    # Granian would begin its workers anew on SIGHUP, for nothing. Its hooks run after it has set its own handlers.
    server.on_startup(lambda: signal.signal(signal.SIGHUP, lambda *_: on_hangup()))
    server.serve()


def _check_address(host: str, port: int) -> None:
    """Try the address first, for a message that tells what to do."""
    deadline = time.monotonic() + ORPHANED
    try:
        while not _is_free(host, port, last_try=time.monotonic() >= deadline):
            time.sleep(0.1)
    except OSError as error:
        raise ServerError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; "
            "stop what uses it, or change `server: {host, port}` in the config"
        ) from error


def _is_free(host: str, port: int, *, last_try: bool) -> bool:
    """Whether an address can be listened on. Raises OSError: if it is in use, only at the last try."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if last_try or error.errno != errno.EADDRINUSE:
                raise
            return False
    return True
