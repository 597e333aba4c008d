"""A folder in which the processes of a service count together: the watcher, web workers, and what else is told of it.

Each process keeps its counts in files of its own, which prometheus-client maps into memory; whoever is asked for
metrics sums them all up.

    .lock                  held alone by who adds or removes files, together by who reads them
    <process>.alive        locked by the process as long as it lives, however it ends
    counter_<process>.db   histogram_<process>.db
    counter_dead.db …      the sums of those that ended, so that restarted workers do not pile up files
"""

import atexit
import fcntl
import os
import secrets
import shutil
import socket
import struct
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus-client's own name, as operators know it
KINDS = ("counter", "histogram")
RESERVED = 2**20  # bytes of each file: on a full disk, writing to a mapped file that has to grow kills the process


def share() -> None:
    """Let this process and those it starts count together: in the folder that the environment names, else in one of
    this service's own, which is deleted at its end. Raises OSError."""
    if folder := os.environ.get(VARIABLE):
        Path(folder).mkdir(parents=True, exist_ok=True)
        return
    os.environ[VARIABLE] = folder = tempfile.mkdtemp(prefix="aggregator-metrics-")
    owner = os.getpid()
    # What cleans up temporary folders (systemd-tmpfiles) leaves alone what is locked.
    fcntl.flock(os.open(folder, os.O_RDONLY), fcntl.LOCK_SH)

    @atexit.register
    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)


class Shared:
    """This process's part in such a folder. `process` is its name there, another one for each process ever."""

    def __init__(self, folder: Path) -> None:
        """Come in, after tidying up behind those that have ended. Raises OSError."""
        self.process = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._folder = folder
        with self._locked(fcntl.LOCK_EX):
            self._tidy()
            for kind in KINDS:
                (folder / f"{kind}_{self.process}.db").write_bytes(bytes(RESERVED))
            self._alive = (folder / f"{self.process}.alive").open("w")
            self._alive.write(f"{os.getpid()} {socket.gethostname()}")
            self._alive.flush()
            fcntl.flock(self._alive, fcntl.LOCK_EX)

    def leave_to_parent(self) -> None:
        """To be called in a process that was forked off this one."""
        self._alive.close()

    def metrics(self) -> list[Metric]:
        """The sums over all processes, dead or alive."""
        with self._locked(fcntl.LOCK_SH):
            return list(MultiProcessCollector.merge([str(file) for file in self._folder.glob("*.db")]))

    def pids(self) -> list[int]:
        """The processes of this machine that are alive."""
        with self._locked(fcntl.LOCK_SH):
            alive, _ = self._census()
            told = [file.read_text().split() for file in alive]
        return [int(pid) for pid, host in told if host == socket.gethostname()]

    def _tidy(self) -> None:
        alive, dead = self._census()
        if not alive:  # what earlier services counted is over
            for file in self._folder.glob("*.db"):
                file.unlink()
        for kind in KINDS if alive and dead else ():
            ended = [self._folder / f"{kind}_{file.stem}.db" for file in dead]
            sums = self._folder / f"{kind}_dead.db"
            _sum_up([sums, *ended], sums)
            for file in ended:
                file.unlink(missing_ok=True)
        for file in dead:
            file.unlink()

    def _census(self) -> tuple[list[Path], list[Path]]:
        """The files of the processes that are alive, and of those that are not."""
        alive, dead = [], []
        for file in self._folder.glob("*.alive"):
            with file.open() as handle:
                try:
                    fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    alive.append(file)
                else:
                    dead.append(file)
        return alive, dead

    @contextmanager
    def _locked(self, how: int) -> Iterator[None]:
        with (self._folder / ".lock").open("a") as handle:
            fcntl.flock(handle, how)
            yield


def _sum_up(files: Iterable[Path], into: Path) -> None:
    """Sum up what is in files; one that cannot be read, as its process was killed in the midst of it, counts none."""
    sums: dict[str, float] = defaultdict(float)
    for file in files:
        try:
            for key, value, _, _ in MmapedDict.read_all_values_from_file(str(file)):
                sums[key] += value
        except (OSError, RuntimeError, UnicodeDecodeError, struct.error):
            continue
    written = into.with_suffix(".new")
    written.unlink(missing_ok=True)
    made = MmapedDict(str(written))
    for key, value in sums.items():
        made.write_value(key, value, 0.0)
    made.close()
    written.replace(into)
