"""Reading in processes: the same readings in the same order, whatever becomes of a process."""

import os
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from aggregator import first
from aggregator import pool as pool_module
from aggregator.config import load_config
from aggregator.errors import ScanStoppedError
from aggregator.pool import begun_early, read_in_processes
from aggregator.pool.worker import Found, Team, Worker
from aggregator.reading import Reader
from aggregator.sources import DiskFolder
from aggregator.store import FileRow, Outcome
from tests.handles import files_left, open_pipes
from tests.support import Place, article

TASK = 7
LETTERS = ("", "é", "河流", "𠮷🛶")  # of one, two and four bytes in memory
CONFIG = """
feeds: {custom: [{slug: rivers, title: Rivers, include: river}]}
sources:
  - {title: Source, path: articles, link: "https://source.example/"}
"""


class Folder:
    """Forty files, one of them no article, and what reads them."""

    def __init__(self, root: Path) -> None:
        self.place = Place(root, CONFIG)
        for number in range(40):
            text = f"<p>Text {number}{LETTERS[number % 4]}.</p>"
            self.place.write(f"articles/{number:02}.md", article(f"Title {number}", text))
        self.place.write("articles/07.md", b"\0\1\2")
        (folder,) = self.place.router.folders()
        listing = DiskFolder(folder).files()
        router = self.place.router
        self.reader = Reader(DiskFolder(folder), folder, router, "recipe", router.shelf(folder, listing.files))
        files: list[tuple[object, FileRow | None]] = [(file, None) for file in sorted(listing.files)]
        self.tasks = [files[start : start + TASK] for start in range(0, len(files), TASK)]

    def here(self) -> Found:
        return [(file, self.reader.read(file, old, self.place.now)) for task in self.tasks for file, old in task]  # type: ignore[arg-type]

    def elsewhere(self, **given: object) -> Found:
        found = read_in_processes(self.reader, self.tasks, lambda: self.place.now, lambda: False)  # type: ignore[arg-type]
        return [one for part in found for one in part]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_readings_are_the_same_in_the_same_order(folder: Folder) -> None:
    assert folder.elsewhere() == folder.here()


def test_a_file_that_ends_its_process_costs_that_file_only(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    take = Worker.take

    def dies(worker: Worker) -> tuple[int, Found] | None:
        if worker.ready and any(file.path == "20.md" for file, _ in worker.tasks[0].files):
            raise EOFError
        return take(worker)

    monkeypatch.setattr(Worker, "take", dies)
    expected, found = folder.here(), folder.elsewhere()
    (lost,) = [index for index, (file, _) in enumerate(found) if file.path == "20.md"]
    reading = found[lost][1]
    assert reading
    assert reading.row.outcome is Outcome.PROBLEM
    assert [problem.message for problem in reading.problems] == [pool_module.CRASHED]
    assert found[:lost] + found[lost + 1 :] == expected[:lost] + expected[lost + 1 :]


def test_where_no_process_can_be_had_files_are_read_here(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object, **__: object) -> None:
        raise OSError("too many processes")

    monkeypatch.setattr(subprocess, "Popen", none)
    assert folder.elsewhere() == folder.here()


@pytest.mark.parametrize("left", range(3, 10))
def test_where_too_few_files_can_be_opened_no_pipe_stays_open(folder: Folder, left: int) -> None:
    expected, before = folder.here(), open_pipes()
    with files_left(left):
        assert folder.elsewhere() == expected
    assert open_pipes() == before


def test_a_request_to_stop_is_followed(folder: Folder) -> None:
    with pytest.raises(ScanStoppedError):
        list(read_in_processes(folder.reader, folder.tasks, lambda: folder.place.now, lambda: True))  # type: ignore[arg-type]


def test_processes_that_began_early_do_the_work(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[Team] = []

    class Told(Team):
        def __init__(self, number: int, *, forked: bool = False) -> None:
            super().__init__(number, forked=forked)
            begun.append(self)

    monkeypatch.setattr(pool_module, "Team", Told)
    with begun_early():
        assert folder.elsewhere() == folder.here()
        assert len(begun) == 1
        assert folder.elsewhere() == folder.here()  # these are taken; others begin
    assert len(begun) == 2
    assert all(has_ended(team) for team in begun)


def test_a_process_with_one_thread_forks_those_that_begin_early(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.ingest.forking_process", tmp_path],
        capture_output=True,
        cwd=Path(__file__).parents[2],
    )
    assert not told.stderr
    assert told.stdout.decode().splitlines() == ["one thread: True", "a fork: True", "the same: True", "ended: True"]


def test_processes_that_began_early_and_are_not_needed_end(monkeypatch: pytest.MonkeyPatch) -> None:
    with begun_early():
        (team,) = pool_module._early
    assert has_ended(team)
    assert not pool_module._early


@pytest.mark.parametrize(("files", "store", "early"), [(3, "", True), (2, "", False), (3, "there", False)])
def test_they_begin_early_where_a_new_store_is_to_be_filled_from_many_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int, store: str, early: bool
) -> None:
    monkeypatch.setattr(first, "MANY", 3)
    monkeypatch.setattr(first, "begun_early", lambda: nullcontext(begun.append(True)))
    begun: list[bool] = []
    for number in range(files):
        write(tmp_path / f"articles/{number}/a.md")
    (tmp_path / "config.yaml").write_text("sources: [{title: One, path: articles}, {title: Two, path: none}]")
    if store:
        write(tmp_path / "var/aggregator.db")
    with first.first_filling(load_config(tmp_path / "config.yaml", {})):
        assert begun == [True] * early


def has_ended(team: Team) -> bool:
    try:
        os.kill(team._process.pid, 0)
    except ProcessLookupError:
        return True
    return False


def write(file: Path) -> None:
    file.parent.mkdir(parents=True)
    file.touch()
