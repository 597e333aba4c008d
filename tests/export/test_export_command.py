"""`aggregator export`, and the export that follows every change."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from aggregator.cli.export import export as command
from feeds.export import Follower
from feeds.export.layout import MANIFEST
from tests.export.export_site import CONFIG, URL, ExportSite
from tests.watcher.waiting import eventually

LOOK = 0.01  # seconds


def run(fresh: ExportSite, *arguments: str) -> tuple[int, str, str]:
    config = fresh.place.root / "config.yaml"
    result = CliRunner().invoke(command, [*arguments, "--config", str(config)])
    return result.exit_code, result.stdout, result.stderr


def test_it_says_what_it_did(fresh: ExportSite) -> None:
    code, out, err = run(fresh, str(fresh.folder))
    assert (code, err) == (0, "")
    number = len([path for path in fresh.files() if not path.endswith((".gz", ".br"))]) + 1  # .nojekyll
    assert out == f"{fresh.folder}: {number} files written, 0 removed, {number} in all\n"
    assert run(fresh, str(fresh.folder))[1] == f"{fresh.folder}: 0 files written, 0 removed, {number} in all\n"


def test_it_can_be_for_another_address(fresh: ExportSite) -> None:
    code, _, _ = run(fresh, str(fresh.folder), "--base-url", "https://Elsewhere.example/news/", "--only", "feeds")
    assert code == 0
    assert b'href="https://elsewhere.example/news/latest.atom"' in (fresh.folder / "latest.atom").read_bytes()
    assert not fresh.files(".html")


@pytest.mark.parametrize("address", ["elsewhere.example", "ftp://a.example", "https://a.example/?x"])
def test_an_address_that_is_none_is_wrong_use(fresh: ExportSite, address: str) -> None:
    code, _, err = run(fresh, str(fresh.folder), "--base-url", address)
    assert code == 2
    assert address in err
    assert not fresh.folder.exists()


def test_what_is_left_out_is_told(fresh: ExportSite) -> None:
    (fresh.place.root / "articles/pictures/1.webp").unlink()
    code, _, err = run(fresh, str(fresh.folder))
    assert code == 0
    assert "pictures/1.webp" in err


def following(fresh: ExportSite, folder: str = "public") -> Follower:
    fresh.place.configure(f"{CONFIG % URL}publish: {{dir: {folder}}}\n")
    fresh.place.scan()
    return Follower(fresh.place.config, fresh.place.store, lambda: fresh.place.now, LOOK)


@pytest.fixture
def followed(fresh: ExportSite) -> Iterator[ExportSite]:
    """A site whose export follows every change."""
    follower = following(fresh)
    follower.start()
    try:
        yield fresh
    finally:
        follower.stop()


def test_every_change_is_followed(followed: ExportSite) -> None:
    latest = followed.folder / "latest.json"
    eventually(lambda: (followed.folder / "index.html").is_file() and "Note 16" in latest.read_text())
    followed.add(17)
    eventually(lambda: "Note 17" in latest.read_text())
    followed.withdraw(17)
    eventually(lambda: "Note 17" not in latest.read_text())
    assert followed.place.store.ledger.notices() == []


def test_a_failure_is_shown_and_mended(fresh: ExportSite) -> None:
    fresh.folder.mkdir()
    mine = fresh.folder / "mine.txt"
    mine.write_text("mine")
    follower = following(fresh)
    follower.start()
    try:
        eventually(lambda: bool(fresh.place.store.ledger.notices()))
        (notice,) = fresh.place.store.ledger.notices()
        assert notice.place == f"export {fresh.folder}"
        assert "holds other files, such as mine.txt" in notice.message
        mine.unlink()
        eventually(lambda: not fresh.place.store.ledger.notices())
        assert (fresh.folder / "latest.atom").is_file()
    finally:
        follower.stop()


def test_nothing_is_exported_before_the_first_scan(fresh: ExportSite, tmp_path: Path) -> None:
    fresh.place.configure((CONFIG % URL).replace("path: articles", "path: elsewhere") + "publish: {dir: public}\n")
    fresh.place.store.ledger.expect(["elsewhere"])
    follower = Follower(fresh.place.config, fresh.place.store, lambda: fresh.place.now, LOOK)
    assert not follower._is_due()
    assert not (tmp_path / "public" / MANIFEST).exists()


def test_without_a_folder_there_is_nothing_to_follow(fresh: ExportSite) -> None:
    follower = Follower(fresh.place.config, fresh.place.store, lambda: fresh.place.now, LOOK)
    follower.start()
    follower.stop()
    assert not fresh.folder.exists()
