"""Load from a second program, `wrk`: answers a second and their latency."""

import re
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.request import Request, urlopen

CONNECTIONS = 32
SECONDS = 4
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did under load: answers a second, and the time within which 99% came (milliseconds)."""

    rate: float
    p99: float


def load(address: str, headers: Mapping[str, str], seconds: int = SECONDS) -> Load:
    """Ask one address as fast as it answers, over CONNECTIONS connections kept alive. Raises RuntimeError for any
    answer that is neither 200 nor 304."""
    given = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t", "2", "-c", str(CONNECTIONS), "-d", f"{seconds}s", "--latency", *given, address]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"{address} failed under load:\n{text}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", text)
    assert rate
    assert late
    return Load(float(rate[1]), float(late[1]) * _UNITS[late[2]])


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def etag_of(address: str, headers: Mapping[str, str]) -> str:
    """The ETag that an address has now."""
    with urlopen(Request(address, headers=dict(headers))) as answer:
        return str(answer.headers["ETag"])


def wait_for(address: str, seconds: float = 30) -> None:
    """Wait until an address answers. Raises OSError after so many seconds."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            urlopen(address).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
