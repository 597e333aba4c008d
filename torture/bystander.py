"""A client that means no harm, and what it notices: how long it waits, what fails, what the workers take of memory."""

import threading
from types import TracebackType

from torture.pace import Pace
from torture.raw import ask, get
from torture.running import family, handles, memory

PAUSE = 0.1  # seconds
_PATHS = ("/latest.atom", "/latest", "/sources/source.rss", "/categories/News.json", "/healthz")


class Bystander:
    """Reads in turn what is there, for as long as the block lasts. `service` is the process that began the workers.

    `waits` are the times of its answers in seconds, `own` the same without what other programs took (see Pace),
    `failures` what was no 200, `growth` by how many bytes the largest
    of the processes grew, and `connections` how many more handles than at first they have now.
    """

    def __init__(self, port: int, service: int) -> None:
        self._port, self._service = port, service
        for _ in range(20):  # of several workers, each is to have given everything once
            for path in _PATHS:
                self._read(path)
        self._memory = {process: memory(process) for process in family(service)}
        self._handles = self._count()
        self.waits: list[float] = []
        self.own: list[float] = []
        self._pace = Pace(family(service))
        self.failures: list[str] = []
        self.growth = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> "Bystander":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join()

    @property
    def connections(self) -> int:
        return self._count() - self._handles

    def _count(self) -> int:
        return sum(handles(process) for process in family(self._service))

    def _go_on(self) -> None:
        number = 0
        while not self._end.wait(PAUSE):
            number += 1
            path = _PATHS[number % len(_PATHS)]
            self._pace.again()
            try:
                status = self._read(path)
            except OSError as error:
                status = 0
                self.failures.append(f"{path}: {error!r}")
            took, own = self._pace.took()
            self.waits.append(took)
            self.own.append(own)
            if status not in (0, 200):
                self.failures.append(f"{path}: {status}")
            grown = [memory(process) - before for process, before in self._memory.items()]
            self.growth = max(self.growth, *grown)

    def _read(self, path: str) -> int:
        return ask(self._port, get(path, "Accept-Encoding: gzip")).status
