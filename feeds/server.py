"""The production web server: granian, with worker processes that each build their own app (see `wsgi`)."""

import multiprocessing
import os
import socket
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from aggregator.config import Config
from aggregator.errors import ServerError

BACKLOG = 1024
THREADS = 4  # requests at once in one worker: rendering is Python, so more threads would only wait for each other


def serve(config: Config) -> None:
    """Serve the feeds of a config until SIGINT or SIGTERM. Must be called in the main thread.

    Raises ServerError when the address cannot be listened on.
    """
    host, port = config.server.host, config.server.port
    _check_address(host, port)
    os.environ["AGGREGATOR_CONFIG"] = str(config.file)  # where the workers find it
    # Workers must not inherit threads and locks, of the watcher for one.
    multiprocessing.set_start_method("spawn", force=True)
    Granian(
        "feeds.wsgi:create",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=config.server.workers,
        blocking_threads=THREADS,
        backlog=BACKLOG,
        http1_settings=HTTP1Settings(header_read_timeout=10_000),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        working_dir=Path.cwd(),
    ).serve()


def _check_address(host: str, port: int) -> None:
    """Try the address first, for a message that tells what to do."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise ServerError(
            f"cannot listen on {host} port {port}: {error.strerror or error}; "
            "stop what uses it, or change `server: {host, port}` in the config"
        ) from error
