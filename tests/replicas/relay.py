"""What stands between a process and its database, and can take it away: as a server that ended, or one that hangs."""

import socket
import threading
from contextlib import suppress

import sqlalchemy as sa


class Relay:
    """Passes connections on to the database at `url`, until it is told otherwise; `url` is then its own address."""

    def __init__(self, url: str) -> None:
        self._to = sa.make_url(url)
        self._flowing = threading.Event()
        self._ends: list[socket.socket] = []
        self._port = 0
        self._listen()
        query = {name: value for name, value in self._to.query.items() if name not in ("host", "port")}
        own = self._to.set(host="127.0.0.1", port=self._port, query=query)
        self.url = own.render_as_string(hide_password=False)

    def restore(self) -> None:
        """Pass everything on."""
        self._flowing.set()
        if self._listening.fileno() < 0:
            self._listen()

    def cut(self) -> None:
        """End all connections, and refuse others."""
        self._listening.shutdown(socket.SHUT_RDWR)  # which wakes who accepts
        self._listening.close()
        ends, self._ends = self._ends, []
        for end in ends:
            _end(end)

    def stall(self) -> None:
        """Take what is sent, and give nothing back."""
        self._flowing.clear()

    def close(self) -> None:
        """End all."""
        self._flowing.set()
        if self._listening.fileno() >= 0:
            self.cut()

    def _listen(self) -> None:
        self._flowing.set()
        self._listening = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listening.getsockname()[1]
        threading.Thread(target=self._accept, args=[self._listening], daemon=True).start()

    def _accept(self, listening: socket.socket) -> None:
        while True:
            try:
                near, _ = listening.accept()
            except OSError:
                return
            far = self._connect()
            self._ends += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=[source, sink], daemon=True).start()

    def _connect(self) -> socket.socket:
        host, port = self._to.query.get("host") or self._to.host, self._to.port or 5432
        if str(host).startswith("/"):
            far = socket.socket(socket.AF_UNIX)
            far.connect(f"{host}/.s.PGSQL.{port}")
            return far
        return socket.create_connection((str(host), port))

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._flowing.wait()
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            _end(end)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):  # the other end was first
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
