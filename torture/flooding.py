"""Many requests at once, each over a connection of its own."""

from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from torture.raw import ask

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
