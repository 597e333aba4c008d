"""A glance at single places tells what the walk would find there; where it cannot, it says so."""

import os
import random
import unicodedata
from pathlib import Path

import pytest

from aggregator.errors import WalkNeededError
from aggregator.sources import DiskFolder, FarShelf, Glance


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.md", "one/b.md", "one/.b.md", "one/b.md~", ".git/c.md", "node_modules/d.md", "湖/岸 边.md"):
        file = tmp_path / "root" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/e.md").write_text("secret")
    (tmp_path / "root/away").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "root/pipe.md")
    return tmp_path / "root"


PLACES = ["a.md", "one/b.md", "湖/岸 边.md"]
NOTHING = [
    "b.md",
    "one/b.md/x.md",
    "gone/x.md",
    "one/.b.md",
    "one/b.md~",
    ".git/c.md",
    "node_modules/d.md",
    "away/e.md",
]
NOTHING += ["pipe.md", "one/" + "x" * 300 + ".md"]


def test_what_it_finds_is_what_the_walk_finds(root: Path) -> None:
    walked = DiskFolder(root).files().files
    asked = [*NOTHING, *PLACES]
    random.Random(1).shuffle(asked)
    glanced = Glance(str(root)).named(asked)
    assert glanced.files == sorted(walked)
    assert {file.path for file in walked} == set(PLACES)
    # What the walk passes over is nothing that could be gone.
    assert set(glanced.gone) == {name for name in NOTHING if "/." not in name and name[0] not in ".n"}
    assert [Glance(str(root)).find(name) for name in NOTHING] == [None] * len(NOTHING)


def test_a_folder_that_an_event_names_needs_a_walk(root: Path) -> None:
    with pytest.raises(WalkNeededError):
        Glance(str(root)).named(["one"])
    (root / "x.tmp").mkdir()
    with pytest.raises(WalkNeededError):
        Glance(str(root)).named(["x.tmp"])
    assert Glance(str(root)).find("one") is None


def test_a_file_with_several_names_needs_a_walk_when_it_changes(root: Path) -> None:
    os.link(root / "a.md", root / "same.md")
    with pytest.raises(WalkNeededError):
        Glance(str(root)).named(["a.md"])
    assert Glance(str(root)).find("a.md") is not None


@pytest.mark.parametrize("name", ["link.md", "\x07.md", "\\x07.md", "\ufffd.md", "deep/\x07/a.md"])
def test_links_and_names_that_the_walk_writes_otherwise_need_a_walk(root: Path, name: str) -> None:
    (root / "link.md").symlink_to(root / "a.md")
    for ask in (Glance(str(root)).find, lambda name: Glance(str(root)).named([name])):
        with pytest.raises(WalkNeededError):
            ask(name)
    assert DiskFolder(root).files().linked


def test_a_folder_that_is_not_there_is_for_the_walk_to_report(tmp_path: Path) -> None:
    with pytest.raises(WalkNeededError):
        Glance(str(tmp_path / "none")).named(["a.md"])
    with pytest.raises(WalkNeededError):
        Glance(str(tmp_path / "none")).named([])


def test_each_place_is_looked_at_once(root: Path) -> None:
    glance = Glance(str(root))
    before = glance.find("a.md"), glance.find("new.md")
    (root / "a.md").write_text("another text")
    (root / "new.md").write_text("new")
    assert (glance.find("a.md"), glance.find("new.md")) == before


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_picture_is_found_however_its_letters_are_composed(root: Path, form: str) -> None:
    name = unicodedata.normalize(form, "é.png")
    (root / "one" / name).write_bytes(b"picture")
    shelf = FarShelf("key", Glance(str(root)).find)
    for asked in ("one/é.png", "one/é.png"):
        found = shelf.find(asked)
        assert found is not None
        assert found.path == f"one/{name}"
    assert shelf.find("a.md") is None
