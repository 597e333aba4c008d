"""A forward HTTP proxy that notes what goes through it."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit

from tests.watcher.waiting import PATIENCE

HOP_BY_HOP = {"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"}


@dataclass(frozen=True)
class Exchange:
    """A request for `address`, which was conditional by its headers or not, and the answer's status."""

    address: str
    if_none_match: bool
    if_modified_since: bool
    status: int


@contextmanager
def logging_proxy() -> Iterator[tuple[int, list[Exchange]]]:
    """Its port on this machine, and the exchanges so far."""
    log: list[Exchange] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            target = urlsplit(self.path)
            connection = http.client.HTTPConnection(target.netloc, timeout=PATIENCE)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            connection.request("GET", self.path.partition(target.netloc)[2], headers=headers)
            answer = connection.getresponse()
            body = answer.read()
            conditional = ("If-None-Match" in self.headers, "If-Modified-Since" in self.headers)
            log.append(Exchange(self.path, *conditional, answer.status))
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port, log
        server.shutdown()
