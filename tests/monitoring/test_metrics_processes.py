"""Several real processes count together; whoever is asked tells the whole."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.monitoring.exposition import Figures, figure, read

SCRIPT = Path(__file__).parent / "counting_process.py"
ROOT = Path(__file__).parents[2]


class Process:
    """A counting process."""

    def __init__(self, environ: dict[str, str], *arguments: str) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, str(SCRIPT), *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.folder = Path(self.line()) if "--start" in arguments else None

    def line(self) -> str:
        assert self.popen.stdout
        return self.popen.stdout.readline().rstrip("\n")

    def tell(self, order: str) -> str:
        """Have an order carried out; what was printed for it."""
        assert self.popen.stdin
        self.popen.stdin.write(f"{order}\n")
        self.popen.stdin.flush()
        return "\n".join(iter(self.line, "END"))

    def show(self) -> Figures:
        return read(self.tell("show"))

    def counted(self) -> float:
        return figure(self.show(), "aggregator_http_requests_total", route="/latest.atom", method="GET", status="200")

    def kill(self) -> None:
        self.popen.kill()
        self.popen.wait()

    def end(self) -> None:
        assert self.popen.stdin
        assert self.popen.stdout
        self.popen.stdin.close()
        self.popen.stdout.close()
        self.popen.wait()


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[], Process]]:
    """Begins processes that count together in `tmp_path`."""
    with ExitStack() as stack:

        def begin() -> Process:
            process = Process({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)})
            stack.callback(process.end)
            return process

        yield begin


def test_each_process_tells_the_whole(begin: Callable[[], Process]) -> None:
    first, second = begin(), begin()
    first.tell("count 3")
    second.tell("count 4")
    assert (first.counted(), second.counted()) == (7, 7)
    figures = first.show()
    assert figure(figures, "aggregator_processes") == 2
    seconds = "aggregator_http_request_seconds"
    assert figure(figures, f"{seconds}_bucket", route="/latest.atom", status="200", le="+Inf") == 7
    assert figure(figures, f"{seconds}_sum", route="/latest.atom", status="200") == pytest.approx(0.007)
    assert figure(figures, "process_resident_memory_bytes") > 10e6


def test_what_a_killed_process_counted_stays_and_its_files_do_not_pile_up(
    begin: Callable[[], Process], tmp_path: Path
) -> None:
    stays = begin()
    stays.tell("count 1")
    for round_ in range(1, 4):
        worker = begin()
        worker.tell("count 10")
        assert worker.counted() == 10 * round_ + 1
        worker.kill()
    assert stays.counted() == 31
    begin().counted()
    # Those of the two that live, the sums of the dead, and the lock.
    assert len(list(tmp_path.iterdir())) == 2 * 3 + 2 + 1


def test_a_file_that_was_cut_short_hides_nothing_else(begin: Callable[[], Process], tmp_path: Path) -> None:
    stays, killed = begin(), begin()
    stays.tell("count 2")
    killed.tell("count 3")
    (mine,) = tmp_path.glob(f"counter_{killed.popen.pid}-*.db")
    killed.kill()
    with mine.open("r+b") as file:
        file.write((2**20).to_bytes(4, "little"))
        file.truncate(100)
    assert begin().counted() == 2


def test_when_all_have_ended_the_next_service_counts_from_nothing(begin: Callable[[], Process]) -> None:
    process = begin()
    process.tell("count 5")
    process.kill()
    assert begin().counted() == 0


def test_a_process_that_is_forked_off_counts_for_itself_and_is_summed_up(begin: Callable[[], Process]) -> None:
    process = begin()
    process.tell("count 2")
    process.tell("fork")
    assert process.counted() == 3


def test_a_label_says_a_bounded_number_of_things(begin: Callable[[], Process]) -> None:
    process = begin()
    process.tell("names 300")
    requests = {
        dict(labels)["route"]: value
        for (name, labels), value in process.show().items()
        if name == "aggregator_http_requests_total"
    }
    assert len(requests) == 201
    assert requests["other"] == 100


def test_the_folder_is_the_services_own_and_goes_with_it() -> None:
    service = Process({"PROMETHEUS_MULTIPROC_DIR": ""}, "--start")
    assert service.folder
    assert (service.folder.stat().st_mode & 0o777) == 0o700
    worker = Process({"PROMETHEUS_MULTIPROC_DIR": str(service.folder)})
    worker.tell("count 2")
    assert worker.counted() == 2
    assert service.counted() == 2
    worker.end()
    service.end()
    assert not service.folder.exists()


def test_a_folder_that_cannot_be_used_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    process = Process({"PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "file" / "below")})
    process.tell("count 2")
    assert process.counted() == 2
    process.end()
