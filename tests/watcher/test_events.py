"""Real file events on real folders."""

import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from aggregator.events import FileEvents
from tests.watcher.waiting import eventually


class Told:
    """What events told of two folders, one within the other, and one that is not there."""

    def __init__(self, root: Path) -> None:
        self.outer, self.inner, self.missing = root / "outer", root / "outer/inner", root / "missing"
        self.names: dict[Path, set[str]] = {self.outer: set(), self.inner: set(), self.missing: set()}
        self.whole: list[Path] = []

    def wake(self, folder: Path, names: Collection[str] | None) -> None:
        if names is None:
            self.whole.append(folder)
        else:
            self.names[folder].update(names)


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    made.inner.mkdir(parents=True)
    (made.inner / "old.md").write_text("old")
    events = FileEvents(made.names, made.wake)
    events.start()
    events.wait()
    yield made
    events.stop()


def test_events_name_what_changed_below_each_folder(told: Told) -> None:
    (told.inner / "a 湖.md").write_text("a")
    (told.inner / "old.md").rename(told.inner / "new.md")
    (told.outer / "inner.md").write_text("not in the inner folder")
    wanted = {"a 湖.md", "old.md", "new.md"}
    eventually(lambda: told.names[told.inner] == wanted, else_show=lambda: told.names)
    eventually(lambda: told.names[told.outer] == {"inner.md", *(f"inner/{name}" for name in wanted)})
    assert told.whole == []


def test_a_folder_that_is_made_or_made_anew_is_told_as_a_whole_and_is_watched(told: Told) -> None:
    told.missing.mkdir()
    eventually(lambda: told.missing in told.whole)
    (told.missing / "a.md").write_text("a")
    eventually(lambda: told.names[told.missing] == {"a.md"})
    told.whole.clear()
    shutil.rmtree(told.missing)
    told.missing.mkdir()  # at once, so it may have the same number
    eventually(lambda: told.missing in told.whole)
    (told.missing / "b.md").write_text("b")
    eventually(lambda: "b.md" in told.names[told.missing])
