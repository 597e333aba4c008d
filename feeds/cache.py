"""What a process keeps of what it rendered, so that a request that changes nothing costs one small query."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Lock
from typing import TypeVar

from aggregator import metrics
from aggregator.errors import OverloadError

from .representation import Representation

MAX_WAITING = 32  # requests that wait at once for others to finish a rendering
PATIENCE = timedelta(seconds=5)  # longer than any rendering takes on a machine that is not overloaded

_STRIPES = 32

Made = TypeVar("Made", bound=Representation | None)


class Cache:
    """Representations by key, each with the revision it was made at; the least recently used go first.

    `max_bytes` bounds what is kept. An entry counts twice its body: its compressed forms, made later, need room too.
    `name` is what metrics call it.

    Thread safe. Threads that want the same new revision wait for the first one to render it: after an ingest all
    pollers come at once, and rendering holds the interpreter's lock, so that doing it in each would only take
    as many times as long. Locks are shared by keys (a fixed number of them), so nothing grows with hostile requests.

    So many may wait, and so long, as `max_waiting` and `patience` say; the others are refused at once, since a queue
    that only grows serves nobody. What is kept is never refused.
    """

    def __init__(
        self,
        max_bytes: int,
        max_waiting: int = MAX_WAITING,
        patience: timedelta = PATIENCE,
        name: str = "unnamed",
    ) -> None:
        self._max_bytes = max_bytes
        self._name = name
        self._max_waiting = max_waiting
        self._patience = patience.total_seconds()
        self._waiting = 0
        self._bytes = 0
        self._entries: OrderedDict[Hashable, tuple[Hashable, Representation]] = OrderedDict()
        self._lock = Lock()
        self._rendering = tuple(Lock() for _ in range(_STRIPES))

    def get(self, key: Hashable, revision: Hashable, make: Callable[[], Made]) -> Representation | Made:
        """The representation of this revision; `make` is called when another one is kept, or none.

        Where `make` finds nothing, None is the answer, and nothing is kept. Raises OverloadError when it would have
        to be made and too many wait already, or when its turn does not come.
        """
        found = self._find(key, revision)
        if found is not None:
            metrics.cached(self._name, True)
            return found
        with self._turn(self._rendering[hash(key) % _STRIPES]):
            found = self._find(key, revision)
            metrics.cached(self._name, found is not None)
            if found is None:
                found = make()
                if found is not None:
                    self._keep(key, revision, found)
        return found

    @contextmanager
    def _turn(self, lock: Lock) -> Iterator[None]:
        with self._lock:
            if self._waiting >= self._max_waiting:
                metrics.refused()
                raise OverloadError(f"{self._waiting} requests wait for pages or feeds to be made; come back later")
            self._waiting += 1
        try:
            came = lock.acquire(timeout=self._patience)
        finally:
            with self._lock:
                self._waiting -= 1
        if not came:
            metrics.refused()
            raise OverloadError(f"a page or feed could not be made within {self._patience:g} s; come back later")
        try:
            yield
        finally:
            lock.release()

    def _find(self, key: Hashable, revision: Hashable) -> Representation | None:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None or entry[0] != revision:
                return None
            self._entries.move_to_end(key)
            return entry[1]

    def _keep(self, key: Hashable, revision: Hashable, made: Representation) -> None:
        with self._lock:
            old = self._entries.pop(key, None)
            if old is not None:
                self._bytes -= _cost(old[1])
            self._entries[key] = revision, made
            self._bytes += _cost(made)
            while self._bytes > self._max_bytes:
                _, (_, dropped) = self._entries.popitem(last=False)
                self._bytes -= _cost(dropped)


def _cost(representation: Representation) -> int:
    return 2 * len(representation.body)
