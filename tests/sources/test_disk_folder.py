"""The walk and the reading, on a real folder with everything in it that can lie in one."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aggregator.errors import SourceError
from aggregator.models import Problem
from aggregator.sources import DiskFolder, FileStat, Unread
from aggregator.sources.walk import is_temporary
from tests.handles import files_left

NOBODY = 65534
LIMIT = 1_000_000


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "root"
    made.mkdir()
    return made


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    made = tmp_path / "outside"
    made.mkdir()
    (made / "secret.md").write_text("secret")
    return made


def write(path: Path, text: str = "text") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def paths(root: Path) -> list[str]:
    return [file.path for file in DiskFolder(root).files().files]


def only(root: Path) -> FileStat:
    (file,) = DiskFolder(root).files().files
    return file


@pytest.fixture
def public_root() -> Iterator[Path]:
    """A folder whose parents everybody may enter, unlike tmp_path's."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
        for path in folder.iterdir():
            path.chmod(0o755)


@contextmanager
def unprivileged() -> Iterator[None]:
    """For root, permissions do not count: act as somebody else."""
    user = os.geteuid()
    if user == 0:
        os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(user)


@contextmanager
def deep_folder(name: str, levels: int) -> Iterator[None]:
    """Folders within one another, below the working directory, too deep for makedirs and rmtree."""
    for _ in range(levels):
        Path(name).mkdir()
        os.chdir(name)
    yield
    for _ in range(levels):
        for path in Path().iterdir():
            path.unlink()
        os.chdir("..")
        Path(name).rmdir()


# The walk


def test_files_are_listed_recursively_and_sorted_with_their_stat(root: Path) -> None:
    names = ["z.md", "新媒体/ZAKER/文章.md", "a/b.md", "a.md", "a b/c d.md"]
    for name in names:
        write(root / name)
    listing = DiskFolder(root).files()
    assert [file.path for file in listing.files] == sorted(names)
    assert listing.problems == {}
    status = (root / "a.md").stat()
    file = listing.files[1]
    assert file == ("a.md", "a.md", status.st_size, status.st_mtime_ns, status.st_ino)


@pytest.mark.parametrize(
    ("seconds", "modified"),
    [(-1, "1970-01-01"), (-9 * 10**11, "1970-01-01"), (2**31, "2038-01-19"), (9 * 10**11, "9999-12-31")],
)
def test_a_file_of_any_time_was_changed_at_one_that_the_calendar_has(seconds: int, modified: str) -> None:
    assert FileStat("a.md", "a.md", 1, seconds * 10**9 + 999_999_999, 1).modified.date().isoformat() == modified


@pytest.mark.parametrize(
    "name",
    [
        *(".hidden.md", ".git/config", ".x/y/z.md", "node_modules/a.md", "deep/node_modules/a.md"),
        *("a.md~", "#a.md#", ".#a.md", "~$a.docx", "a.md.swp", "a.md.swo", "a.md.kate-swp", "a.md___jb_tmp___"),
        *(
            "a.tmp",
            "A.TMP",
            "a.temp",
            "a.part",
            "a.md.partial",
            "a.crdownload",
            "a.download",
            "a.!qB",
            "a.bak",
            "a.orig",
        ),
    ],
)
def test_what_is_no_article_is_passed_over(root: Path, name: str) -> None:
    write(root / "kept.md")
    write(root / name)
    assert paths(root) == ["kept.md"]


@pytest.mark.parametrize("name", ["a.md", "C#.md", "#1.md", "part.md", "tmp", "a~b.md", "a.tmp.md", "~a.md"])
def test_names_that_only_look_temporary_are_kept(name: str) -> None:
    assert not is_temporary(name)


def test_folders_with_an_articles_name_are_walked(root: Path) -> None:
    write(root / "a.md" / "b.md")
    write(root / "c.tmp" / "d.md")
    assert paths(root) == ["a.md/b.md", "c.tmp/d.md"]


def test_fifos_and_sockets_and_devices_are_passed_over(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "kept.md")
    os.mkfifo(root / "fifo.md")
    (root / "device.md").symlink_to("/dev/null")
    monkeypatch.chdir(root)  # a socket's path must be short
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket.md")
        assert Path("socket.md").is_socket()
        assert paths(root) == ["kept.md"]


def test_links_count_when_they_lead_to_a_file_inside(root: Path, outside: Path) -> None:
    write(root / "a" / "real.md", "real text")
    (root / "inside.md").symlink_to("a/real.md")
    (root / "out.md").symlink_to(outside / "secret.md")
    (root / "out2.md").symlink_to("../outside/secret.md")
    (root / "folder-out").symlink_to(outside)
    (root / "folder-in").symlink_to("a")
    (root / "loop.md").symlink_to("loop.md")
    (root / "dangling.md").symlink_to("nowhere")
    (root / "a" / "up").symlink_to("..")
    listing = DiskFolder(root).files()
    assert [file.path for file in listing.files] == ["a/real.md", "inside.md"]
    assert listing.files[1].size == len("real text")
    assert listing.problems == {}
    assert DiskFolder(root).read(listing.files[1], LIMIT) == b"real text"


def test_a_sibling_folder_whose_name_begins_like_the_root_is_outside(root: Path) -> None:
    secret = write(root.with_name("root2") / "secret.md")
    (root / "a.md").symlink_to(secret)
    assert paths(root) == []


def test_the_root_may_be_a_link(root: Path, tmp_path: Path) -> None:
    write(root / "a.md")
    (root / "b.md").symlink_to("a.md")
    (tmp_path / "link").symlink_to(root)
    folder = DiskFolder(tmp_path / "link")
    files = folder.files().files
    assert [file.path for file in files] == ["a.md", "b.md"]
    assert [folder.read(file, LIMIT) for file in files] == [b"text", b"text"]


def test_names_that_are_not_utf8_or_not_printable_are_escaped(root: Path) -> None:
    for name in (b"bad\xff\xe9.md", b"line\nbreak.md", "ok　é\u200d.md".encode()):
        (Path(os.fsdecode(os.fsencode(root) + b"/" + name))).write_bytes(name)
    files = DiskFolder(root).files().files
    assert [file.path for file in files] == ["bad\\xff\\xe9.md", "line\\x0abreak.md", "ok　é\u200d.md"]
    assert "".join(file.path for file in files).encode()
    assert [DiskFolder(root).read(file, LIMIT) for file in files] == [os.fsencode(file.name) for file in files]


def test_two_names_that_read_the_same_are_one_file_and_a_problem(root: Path) -> None:
    for name in (b"\xff.md", b"\\xff.md"):
        Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_bytes(name)
    listing = DiskFolder(root).files()
    assert [file.name for file in listing.files] == ["\\xff.md"]
    assert "two files" in listing.problems["\\xff.md"].message


def test_a_deep_tree_is_walked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    with deep_folder("d", 1500):
        Path("a.md").write_text("deep")
        assert paths(root) == ["d/" * 1500 + "a.md"]


def test_a_path_that_is_too_long_is_a_problem(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(root / "kept.md")
    monkeypatch.chdir(root)
    with deep_folder("d" * 200, 25):
        listing = DiskFolder(root).files()
    assert [file.path for file in listing.files] == ["kept.md"]
    (problem,) = listing.problems.values()
    assert "shorten its path" in problem.message


def test_what_vanishes_amid_the_walk_is_ignored(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("kept.md", "gone.md", "gone/a.md", "replaced/a.md"):
        write(root / name)
    scandir = os.scandir

    def scandir_while_others_delete(path: str) -> list[os.DirEntry[str]]:
        entries = list(scandir(path))
        for name in ("gone.md", "gone/a.md", "replaced/a.md"):
            (root / name).unlink(missing_ok=True)
        for name in ("gone", "replaced"):
            if (root / name).is_dir():
                (root / name).rmdir()
        (root / "replaced").write_text("now a file")
        return entries

    monkeypatch.setattr(os, "scandir", scandir_while_others_delete)
    listing = DiskFolder(root).files()
    assert [file.path for file in listing.files] == ["kept.md"]
    assert listing.problems == {}


def test_a_missing_root_says_what_to_do(root: Path) -> None:
    with pytest.raises(SourceError, match=r"cannot read the folder .*/none: there is no such folder: create it"):
        DiskFolder(root / "none").files()


def test_a_root_that_is_a_file_says_what_to_do(root: Path) -> None:
    with pytest.raises(SourceError, match="it is not a folder"):
        DiskFolder(write(root / "a.md")).files()


def test_an_unreadable_root_says_what_to_do(public_root: Path) -> None:
    (public_root / "locked").mkdir(mode=0o000)
    with unprivileged(), pytest.raises(SourceError, match="permission denied: give the service's user the right"):
        DiskFolder(public_root / "locked").files()


def test_an_unreadable_folder_or_file_is_a_problem(public_root: Path) -> None:
    write(public_root / "open" / "a.md")
    write(public_root / "locked" / "b.md")
    write(public_root / "secret.md").chmod(0o000)
    (public_root / "locked").chmod(0o000)
    with unprivileged():
        listing = DiskFolder(public_root).files()
        problem = DiskFolder(public_root).read(listing.files[1], LIMIT)
    assert [file.path for file in listing.files] == ["open/a.md", "secret.md"]
    assert list(listing.problems) == ["locked"]
    assert "give the service's user the right" in listing.problems["locked"].message
    assert isinstance(problem, Problem)
    assert problem.message.startswith("permission denied for secret.md")


def test_who_may_open_no_more_files_is_told_what_to_do(root: Path) -> None:
    write(root / "a.md")
    file = only(root)
    with files_left(0):
        problem = DiskFolder(root).read(file, LIMIT)
        with pytest.raises(SourceError, match="raise the limit of open files"):
            DiskFolder(root).files()
    assert isinstance(problem, Problem)
    assert "raise the limit of open files" in problem.message


# Reading


def test_the_signature_changes_when_the_file_is_touched(root: Path) -> None:
    path = write(root / "a.md", "one")
    first = only(root)
    assert only(root).signature == first.signature
    os.utime(path, ns=(1, first.mtime_ns + 1))
    assert only(root).signature != first.signature
    os.utime(path, ns=(1, first.mtime_ns))
    assert only(root).signature == first.signature
    write(root / "new", "one")
    os.utime(root / "new", ns=(1, first.mtime_ns))
    (root / "new").replace(path)
    assert only(root).signature != first.signature


def test_reading_gives_the_bytes(root: Path) -> None:
    write(root / "a.md", "é" * 100_000)
    write(root / "empty.md", "")
    files = DiskFolder(root).files().files
    assert [DiskFolder(root).read(file, LIMIT) for file in files] == [("é" * 100_000).encode(), b""]


def test_the_size_is_limited(root: Path) -> None:
    write(root / "a.md", "12345")
    file = only(root)
    assert DiskFolder(root).read(file, 5) == b"12345"
    problem = DiskFolder(root).read(file, 4)
    assert isinstance(problem, Problem)
    assert "5 bytes" in problem.message
    assert "`max_size`" in problem.message


def test_a_file_that_is_gone(root: Path) -> None:
    path = write(root / "a" / "b.md")
    file = only(root)
    path.unlink()
    assert DiskFolder(root).read(file, LIMIT) is Unread.GONE
    path.parent.rmdir()
    write(root / "a")
    assert DiskFolder(root).read(file, LIMIT) is Unread.GONE


def test_a_file_that_changed_since_the_walk(root: Path) -> None:
    path = write(root / "a.md", "one")
    file = only(root)
    path.write_text("other")
    assert DiskFolder(root).read(file, LIMIT) is Unread.CHANGED


@pytest.mark.parametrize("more", ["", " and more"])
def test_a_file_that_changes_while_it_is_read(root: Path, monkeypatch: pytest.MonkeyPatch, more: str) -> None:
    path = write(root / "a.md", "one")
    file = only(root)
    read = os.read

    def read_while_others_write(descriptor: int, size: int) -> bytes:
        data = read(descriptor, size)
        path.write_text("two" + more)
        os.utime(path, ns=(1, file.mtime_ns + 1))
        return data

    monkeypatch.setattr(os, "read", read_while_others_write)
    assert DiskFolder(root).read(file, LIMIT) is Unread.CHANGED


def test_a_fifo_in_the_files_place_does_not_hang(root: Path) -> None:
    path = write(root / "a.md")
    file = only(root)
    path.unlink()
    os.mkfifo(path)
    assert DiskFolder(root).read(file, LIMIT) is Unread.CHANGED


def test_a_socket_or_a_folder_in_the_files_place(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(root / "a.md")
    file = only(root)
    path.unlink()
    monkeypatch.chdir(root)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("a.md")
        assert DiskFolder(root).read(file, LIMIT) is Unread.CHANGED
    path.unlink()
    path.mkdir()
    assert DiskFolder(root).read(file, LIMIT) is Unread.CHANGED


def test_a_link_out_in_the_files_place_is_refused(root: Path, outside: Path) -> None:
    path = write(root / "a.md")
    file = only(root)
    path.unlink()
    path.symlink_to(outside / "secret.md")
    assert_leads_out(DiskFolder(root).read(file, LIMIT))


def test_a_folder_swapped_for_a_link_out_is_refused(root: Path, outside: Path) -> None:
    write(root / "folder" / "secret.md", "public")
    file = only(root)
    (root / "folder").rename(root / "folder.old")
    (root / "folder").symlink_to(outside)
    assert_leads_out(DiskFolder(root).read(file, LIMIT))


def test_a_name_that_climbs_out_is_refused(root: Path, outside: Path) -> None:
    status = (outside / "secret.md").stat()
    name = "../outside/secret.md"
    file = FileStat(name, name, status.st_size, status.st_mtime_ns, status.st_ino)
    assert_leads_out(DiskFolder(root).read(file, LIMIT))


def test_a_folder_swapped_for_a_link_out_and_back_is_not_read(
    root: Path, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root / "folder" / "secret.md", "public")
    file = only(root)
    (root / "folder").rename(root / "folder.old")
    (root / "folder").symlink_to(outside)
    open_really = os.open

    def open_and_swap_back(path: str, flags: int) -> int:
        descriptor = open_really(path, flags)
        (root / "folder").unlink()
        (root / "folder.old").rename(root / "folder")
        return descriptor

    monkeypatch.setattr(os, "open", open_and_swap_back)
    assert DiskFolder(root).read(file, LIMIT) is Unread.CHANGED


def assert_leads_out(result: object) -> None:
    assert isinstance(result, Problem)
    assert "leads out of the source's folder" in result.message


def test_nothing_stays_open(root: Path) -> None:
    write(root / "a.md", "12345")
    file = only(root)
    before = len(os.listdir("/proc/self/fd"))
    for limit in (LIMIT, 1):
        DiskFolder(root).read(file, limit)
    assert len(os.listdir("/proc/self/fd")) == before
