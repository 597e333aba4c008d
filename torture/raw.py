"""Requests as bytes over a socket, hostile ones above all: what a client library would never send."""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

HOSTILE = Path(__file__).parents[1] / "tests/security/requests.txt"
PATIENCE = 15  # seconds
MOST = 2**24  # bytes of an answer that are read

_REPEATED = re.compile(r"«(.*?)\*(\d+)»")


@dataclass(frozen=True, slots=True)
class Hostile:
    """A request, and the statuses that may answer it."""

    title: str
    statuses: frozenset[int]
    raw: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came: 0 for no status at all. `more` tells of further answers on the same connection."""

    status: int
    headers: dict[str, str]
    body: bytes
    more: bool = False


def hostile() -> Iterator[Hostile]:
    """The requests of the file, whose head says how they are written."""
    for line in HOSTILE.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith(("#", "==")):
            statuses, title, raw = line.split(" | ", 2)
            yield Hostile(title.strip(), frozenset(map(int, statuses.split())), _raw(raw))


def _raw(text: str) -> bytes:
    text = _REPEATED.sub(lambda match: match[1] * int(match[2]), text)
    if "⏎⏎" not in text:
        text += "⏎Host: x⏎Connection: close⏎⏎"
    data = text.replace("⏎", "\r\n").encode()
    return re.sub(rb"\\x([0-9a-f]{2})", lambda match: bytes([int(match[1], 16)]), data)


def get(path: str, *headers: str) -> bytes:
    """An ordinary request, after which the connection is closed."""
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: x", "Connection: close", *headers, "", ""]).encode()


def ask(port: int, raw: bytes) -> Answer:
    """Send bytes to a port of this machine, and read until the server hangs up or says no more.

    Raises TimeoutError when it says nothing at all in PATIENCE seconds.
    """
    with socket.create_connection(("127.0.0.1", port), PATIENCE) as connection:
        with suppress(ConnectionError):  # it has read enough
            connection.sendall(raw)
        return parse(_read(connection))


def _read(connection: socket.socket) -> bytes:
    found = bytearray()
    with suppress(ConnectionError):
        while len(found) < MOST and (data := connection.recv(2**16)):
            found += data
    return bytes(found)


def parse(data: bytes) -> Answer:
    """The first answer in what a server sent."""
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    match = re.fullmatch(r"HTTP/1\.[01] (\d{3}) .*", first)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    length = int(headers.get("content-length", len(rest)))
    return Answer(int(match[1]) if match else 0, headers, rest[:length], more=b"HTTP/1." in rest[length:])
