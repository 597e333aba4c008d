"""What clients can take of a web worker by being slow, or many: connections, and memory for what they do not fetch.

A connection that waits for nothing but its client costs a few kilobytes, so a worker holds thousands. Answers are
another thing: the server copies each, and keeps it until its client has fetched it. So while many clients do not
fetch theirs, answers may only be so large; larger ones are refused with 503, and feeds, compressed, still go out. The
kernel hangs up on a client that fetches nothing at all.

There is one weakness: a client that does fetch, but very slowly, holds its connection, and with thousands of these it
holds all. nginx in front bounds them by address; see deploy/nginx-proxy.conf.
"""

import fcntl
import os
import resource
import socket
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .http import is_whole

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

CONNECTIONS = 4096  # at once in one worker; further ones wait in the kernel's queue
OTHER_FILES = 256  # that a worker has open besides: the store, media files, locks
STALLED = 30  # seconds without any progress after which a connection ends
UNFETCHED = 128 * 2**20  # bytes of answers, about, that one worker keeps for its clients
FEW = 64  # connections that nobody need count
RETRY_SECONDS = 10

_LOOK = 0.1  # seconds between looks at connections, at least
_OUTDATED = 1.0  # seconds after which what was seen tells nothing
_OPEN = "/dev/fd"  # this process's open files
_REFUSED = b"too many large answers are being sent; try again, and accept gzip\n"


def make_room() -> int:
    """Let this process and those it starts have as many files open as they may; how many connections that allows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return CONNECTIONS if soft == resource.RLIM_INFINITY else max(min(CONNECTIONS, soft - OTHER_FILES), 1)


def hang_up_on_stalled(port: int, seconds: int = STALLED) -> None:
    """Have the kernel end connections to a port of this process whose clients fetch nothing for a time (RFC 5482).

    Those that are accepted later take it over from the listening socket. Does nothing where the system cannot.
    """
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux
        for connection in _connections(port):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 1000 * seconds)


class Bounded:
    """A WSGI layer before all others: refuses answers that are too large for so many that were not fetched.

    `count` tells how many files this process has open, `unfetched` how many of the connections to a port have not
    taken all that was sent. The latter is asked only while many are open, and when it matters; in between, every
    answer counts as if nobody fetched it.
    """

    def __init__(
        self,
        app: "WSGIApplication",
        count: Callable[[], int] = lambda: len(os.listdir(_OPEN)),
        unfetched: Callable[[int], int] = lambda port: sum(map(_is_waiting, _connections(port))),
        clock: Callable[[], float] = time.monotonic,
        most: int = UNFETCHED,
    ) -> None:
        self._app = app
        self._count = count
        self._unfetched = unfetched
        self._clock = clock
        self._most = most
        self._counted = self._looked = float("-inf")
        self._open = self._waiting = 0

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a request (PEP 3333)."""
        now = self._clock()
        if now - self._counted > _LOOK:
            if self._counted < 0:
                hang_up_on_stalled(int(environ["SERVER_PORT"]))
            self._counted, self._open = now, self._count()
        if self._open < FEW:
            return self._app(environ, start_response)
        return self._weighed(environ, start_response, now)

    def _weighed(self, environ: "WSGIEnvironment", start_response: "StartResponse", now: float) -> Iterable[bytes]:
        told: list[tuple[Any, ...]] = []

        def listen(*words: Any) -> Callable[[bytes], object]:
            told.append(words)
            return lambda _: None  # nobody writes

        given = self._app(environ, listen)
        size = next((int(value) for name, value in told[-1][1] if name.lower() == "content-length"), 0)
        if not is_whole(environ, given) or environ["REQUEST_METHOD"] == "HEAD" or self._fits(size, environ, now):
            start_response(*told[-1])
            return given
        getattr(given, "close", lambda: None)()
        start_response("503 Service Unavailable", _headers())
        return [_REFUSED]

    def _fits(self, size: int, environ: "WSGIEnvironment", now: float) -> bool:
        """Whether there is room for as many answers of this size as clients may not have fetched, with this one."""
        if size * self._open <= self._most:
            return True
        self._waiting += 1
        age = now - self._looked
        if age > _OUTDATED or (age > _LOOK and size * self._waiting > self._most):
            self._looked, self._waiting = now, 1 + self._unfetched(int(environ["SERVER_PORT"]))
        return size * self._waiting <= self._most


def _headers() -> list[tuple[str, str]]:
    return [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(_REFUSED))),
        ("Cache-Control", "no-store"),
        ("Retry-After", str(RETRY_SECONDS)),
        ("X-Content-Type-Options", "nosniff"),
        ("Access-Control-Allow-Origin", "*"),
    ]


def _connections(port: int) -> Iterator[socket.socket]:
    """The TCP sockets of this process at a local port, the listening one too: the server opened them, not we."""
    for name in os.listdir(_OPEN):
        with suppress(OSError):  # it is no socket, or was closed just now
            found = socket.socket(fileno=int(name))
            try:
                is_tcp = found.family in (socket.AF_INET, socket.AF_INET6) and found.type == socket.SOCK_STREAM
                if is_tcp and found.getsockname()[1] == port:
                    yield found
            finally:
                found.detach()


def _is_waiting(connection: socket.socket) -> bool:
    """Whether the kernel has something for a client that it did not take yet."""
    try:
        return fcntl.ioctl(connection, termios.TIOCOUTQ, bytes(4)) != bytes(4)
    except OSError:  # it listens
        return False
