"""Real file events on real folders."""

import os
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


def test_a_name_that_is_not_utf8_keeps_nobody_from_being_told(told: Told) -> None:
    odd = Path(os.fsdecode(os.fsencode(told.outer) + b"/\xff"))
    odd.mkdir()
    eventually(lambda: {told.outer, told.inner} <= set(told.whole))  # what came at the same time is found by a scan
    (told.inner / "a.md").write_text("a")
    eventually(lambda: told.names[told.inner] == {"a.md"})


def test_a_folder_that_is_moved_there_with_links_in_it_keeps_nobody_from_being_told(
    told: Told, tmp_path: Path
) -> None:
    (tmp_path / "made" / "more").mkdir(parents=True)
    (tmp_path / "made" / "root").symlink_to("/")
    (tmp_path / "made").rename(told.inner / "made")
    eventually(lambda: told.inner in told.whole)
    (told.inner / "made" / "more" / "a.md").write_text("a")
    eventually(lambda: "made/more/a.md" in told.names[told.inner], else_show=lambda: told.names)


@pytest.fixture
def linked(tmp_path: Path) -> Iterator[Told]:
    made = Told(tmp_path)
    for name in ("inner/deep", "inner/.git", "../elsewhere"):
        (made.outer / name).mkdir(parents=True)
    for name, target in {"root": "/", "0": "inner/deep", "zz": "inner/deep", "out": tmp_path / "elsewhere"}.items():
        (made.inner / name).symlink_to(target)
    (made.inner / "to-itself").symlink_to(".")
    (made.inner / "loop").symlink_to("loop")
    events = FileEvents(made.names, made.wake)
    events.start()
    events.wait()
    yield made
    events.stop()


def test_links_to_folders_are_not_followed(linked: Told, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "secret.md").write_text("secret")
    (linked.inner / "deep" / "a.md").write_text("a")
    eventually(lambda: linked.names[linked.inner] == {"deep/a.md"}, else_show=lambda: linked.names)
    (linked.inner / "new").mkdir()
    eventually(lambda: linked.inner in linked.whole)
    (linked.inner / "new" / "b.md").write_text("b")
    eventually(lambda: "new/b.md" in linked.names[linked.inner])
    assert linked.names[linked.inner] <= {"deep/a.md", "new", "new/b.md"}
