"""Many requests at once, each over a connection of its own."""

import socket
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from torture.raw import PATIENCE, ask

AT_ONCE = 16
_LOST = (OSError, TimeoutError)


def flood(port: int, requests: Iterable[bytes]) -> Counter[int]:
    """Send all of them; how many got which status, 0 for none."""

    def status(raw: bytes) -> int:
        try:
            return ask(port, raw).status
        except _LOST:
            return 0

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(status, requests))


def abandon(port: int, requests: Iterable[bytes]) -> None:
    """Send all of them, and hang up at once each time."""
    for raw in requests:
        with suppress(*_LOST), socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
            connection.sendall(raw)
