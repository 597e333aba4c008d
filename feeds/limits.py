"""How much expensive work one client may ask for: what there is no end of, such as searches and older pages.

Each client has a bucket of tokens that fills again with time (a token bucket); work that is not kept takes some out
of it, and where too few are left the answer is 429 with `Retry-After` (RFC 6585, section 4). What is kept is given to
everybody. Each worker process counts for itself.

A client is an address, or in IPv6 the network of 64 bits that one customer gets. Behind a proxy the address is the
proxy's, unless the proxy is trusted: then it is the last in `X-Forwarded-For` that is none of these, since everything
before that may be invented. Where clients cannot be told apart (the peer is on this machine or in a private network,
and no proxy is trusted) they share one bucket, which is larger: it keeps the worker free for its readers.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from math import ceil
from threading import Lock
from typing import Any

from flask import has_request_context, request
from werkzeug.exceptions import TooManyRequests

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Gate = Callable[[], None]

MAX_CLIENTS = 10_000  # about 2 MB; the one that came least recently is forgotten
MAX_FORWARDED = 20  # proxies in a row that are looked at
# Tokens that work takes.
SEARCH = METRICS = 1.0
OLDER = 0.1  # a page of an archive: who reads all of it asks for hundreds in a row
GUESSING = 0.1  # what may have been meant by an address that is none


@dataclass(frozen=True, slots=True)
class Rate:
    """A bucket that holds `burst` tokens and gets `per_second`."""

    burst: float
    per_second: float


ONE_CLIENT = Rate(burst=60, per_second=2)
SHARED = Rate(burst=300, per_second=20)  # of all clients that cannot be told apart


class Limits:
    """The buckets of all clients of one process. `clock` gives seconds that never go back. Thread safe."""

    def __init__(
        self,
        trusted: Sequence[Network] = (),
        clock: Callable[[], float] = time.monotonic,
        one_client: Rate = ONE_CLIENT,
        shared: Rate = SHARED,
        max_clients: int = MAX_CLIENTS,
    ) -> None:
        self._trusted = tuple(trusted)
        self._clock = clock
        self._one_client = one_client
        self._shared = shared
        self._max_clients = max_clients
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()  # client → tokens, and when
        self._lock = Lock()

    def gate(self, cost: float) -> Gate:
        """What is to be called before work of a request that costs so many tokens.

        It raises TooManyRequests where its client has too few. Work that no request asked for passes.
        """

        def admit() -> None:
            if wait := self.wait(cost):
                raise TooManyRequests("too much was asked for at once", retry_after=ceil(wait))

        return admit

    def wait(self, cost: float) -> float:
        """Take tokens of the client that this request is from: 0, or the seconds until there are enough."""
        return self.take(client_of(request.environ, self._trusted), cost) if has_request_context() else 0.0

    def take(self, client: str, cost: float) -> float:
        """Take tokens from a client's bucket ("" for the shared one): 0, or the seconds until there are enough."""
        rate = self._one_client if client else self._shared
        with self._lock:
            now = self._clock()
            tokens, then = self._levels.get(client, (rate.burst, now))
            tokens = min(rate.burst, tokens + (now - then) * rate.per_second)
            if tokens >= cost:
                self._keep(client, tokens - cost, now)
                return 0.0
            self._keep(client, tokens, now)
            return (cost - tokens) / rate.per_second

    def _keep(self, client: str, tokens: float, now: float) -> None:
        self._levels[client] = tokens, now
        self._levels.move_to_end(client)
        while len(self._levels) > self._max_clients:
            self._levels.popitem(last=False)


def networks(written: Sequence[str]) -> tuple[Network, ...]:
    """The networks that a config names: `127.0.0.1`, `10.0.0.0/8`. Raises ValueError for what is none."""
    return tuple(ip_network(text, strict=False) for text in written)


def client_of(environ: Mapping[str, Any], trusted: Sequence[Network]) -> str:
    """Whose bucket a request takes from; "" for the shared one."""
    address = _address(environ.get("REMOTE_ADDR", ""))
    if trusted and (address is None or _is_in(address, trusted)):  # a peer without address came over a Unix socket
        address = _forwarded(environ.get("HTTP_X_FORWARDED_FOR", ""), trusted)
    elif not trusted and address is not None and not _is_public(address):
        address = None
    if address is None:
        return ""
    return str(ip_network((address, 64), strict=False)) if address.version == 6 else str(address)


def _forwarded(written: str, trusted: Sequence[Network]) -> Address | None:
    """The last address of `X-Forwarded-For` that is no trusted proxy's; None where there is none that makes sense."""
    for text in reversed(written.rsplit(",", MAX_FORWARDED)[-MAX_FORWARDED:]):
        address = _address(text.strip())
        if address is None or not _is_in(address, trusted):
            return address
    return None


def _address(text: str) -> Address | None:
    """An address as a peer or a proxy writes it, with a port perhaps; IPv4 in IPv6 as what it is."""
    text = text.removeprefix("[").partition("]")[0] if text.startswith("[") else text
    text = text.partition(":")[0] if text.count(":") == 1 else text.partition("%")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_in(address: Address, among: Sequence[Network]) -> bool:
    return any(address in network for network in among)


def _is_public(address: Address) -> bool:
    return not (address.is_private or address.is_loopback or address.is_link_local)
