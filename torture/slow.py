"""Clients that hold connections: they say nothing, or one byte a second, or do not fetch what they asked for."""

import socket
import threading
from contextlib import suppress
from types import TracebackType

_GET = b"GET /latest.atom HTTP/1.1\r\nHost: x\r\n"
_SAYS = {
    "silent": b"",
    "slow of speech": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ",
    "without the body": b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nx",
    "idle after an answer": b"HEAD /latest.atom HTTP/1.1\r\nHost: x\r\n\r\n",
    "not fetching": _GET + b"\r\n",
    "not fetching what is compressed": _GET + b"Accept-Encoding: gzip\r\n\r\n",
}
KINDS = len(_SAYS)
_SMALL = 4096  # bytes that such a client takes without fetching


class Slow:
    """So many connections of each kind to a port, from the beginning of the block to its end. Who is cut off comes
    again, until `give_up`. `opened` counts them."""

    def __init__(self, port: int, each: int) -> None:
        self._address = ("127.0.0.1", port)
        self._held = [(words, self._open(words)) for words in _SAYS.values() for _ in range(each)]
        self.opened = len(self._held)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> "Slow":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.give_up()
        for _, connection in self._held:
            connection.close()

    def give_up(self) -> None:
        """Come again no more, but hold what is held."""
        self._end.set()
        self._thread.join()

    def _go_on(self) -> None:
        while not self._end.wait(1):
            for place, (words, connection) in enumerate(self._held):
                if _is_cut_off(connection, b"a" if words.endswith(b": ") else b""):
                    connection.close()
                    self._held[place] = words, self._open(words)
                    self.opened += 1

    def _open(self, words: bytes) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
        connection.settimeout(10)
        with suppress(OSError):
            connection.connect(self._address)
            connection.sendall(words)
        connection.setblocking(False)
        return connection


def _is_cut_off(connection: socket.socket, byte: bytes) -> bool:
    """Whether the server hung up, as far as a client can tell that fetches nothing but a status."""
    try:
        connection.send(byte)
        return connection.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
