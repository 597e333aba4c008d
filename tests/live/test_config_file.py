"""How config files are saved in the world: each way is seen, none of its steps is taken for an edit."""

import os
import shutil
from pathlib import Path

import pytest

from aggregator.errors import ServerError
from aggregator.live import InForce, Keeper, Refused, Taken, Verdict, load, look, read_in_force

ONE = "sources:\n  - {title: River, path: river}\n"
TWO = ONE + "  - {title: Hill, path: hill}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "config.yaml").write_text(ONE)
    return tmp_path / "config.yaml"


def looks(file: Path, keeper: Keeper | None = None, number: int = 4) -> Verdict | None:
    """The last verdict of some looks at a file."""
    kept = keeper or Keeper(load(file, {}), {}, ())
    return [found for found in (kept.see(look(file)) for _ in range(number)) if found][-1]


def taken(verdict: Verdict | None) -> int:
    assert isinstance(verdict, Taken)
    return len(verdict.now.config.sources)


def test_an_editor_puts_a_new_file_in_the_old_ones_place(file: Path) -> None:
    keeper = Keeper(load(file, {}), {}, ())
    file.rename(file.with_name("config.yaml~"))
    assert keeper.see(look(file)) is None
    file.with_name("new").write_text(TWO)
    file.with_name("new").rename(file)
    assert taken(looks(file, keeper)) == 2


def test_the_same_size_and_time_as_before(file: Path) -> None:
    keeper, status = Keeper(load(file, {}), {}, ()), file.stat()
    file.write_text(ONE.replace("River", "Wives"))
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert taken(looks(file, keeper)) == 1


def test_a_link_is_turned_as_kubernetes_does(tmp_path: Path) -> None:
    for name, text in (("v1", ONE), ("v2", TWO)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.yaml").write_text(text)
    (tmp_path / "data").symlink_to("v1")
    (tmp_path / "config.yaml").symlink_to("data/config.yaml")
    keeper = Keeper(load(tmp_path / "config.yaml", {}), {}, ())
    (tmp_path / "new").symlink_to("v2")
    (tmp_path / "new").rename(tmp_path / "data")
    assert taken(looks(tmp_path / "config.yaml", keeper)) == 2


@pytest.mark.parametrize(
    ("become", "said"),
    [
        (lambda file: None, "does not exist"),
        (lambda file: file.mkdir(), "is a folder"),
        (lambda file: os.mkfifo(file), "is not a file any more"),
        (lambda file: file.write_bytes(b"\xff\xfe"), "is not UTF-8"),
    ],
)
def test_a_file_that_is_none_any_more(file: Path, become: object, said: str) -> None:
    keeper = Keeper(load(file, {}), {}, ())
    file.unlink()
    become(file)  # type: ignore[operator]
    verdict = looks(file, keeper)
    assert isinstance(verdict, Refused)
    assert said in str(verdict.problems[0])


def test_the_config_in_force_is_written_for_this_user_only(file: Path) -> None:
    start = load(file, {})
    in_force = InForce(start)
    assert in_force.path.parent.stat().st_mode & 0o777 == 0o700
    assert read_in_force(in_force.path.read_bytes(), {}) == start.config
    file.write_text(TWO)
    in_force.write(load(file, {}))
    assert len(read_in_force(in_force.path.read_bytes(), {}).sources) == 2
    in_force.close()
    assert not in_force.path.parent.exists()


def test_a_folder_of_temporary_files_that_was_swept_is_made_anew(file: Path) -> None:
    in_force = InForce(load(file, {}))
    shutil.rmtree(in_force.path.parent)
    file.write_text(TWO)
    in_force.write(load(file, {}))
    assert in_force.path.parent.stat().st_mode & 0o777 == 0o700
    assert len(read_in_force(in_force.path.read_bytes(), {}).sources) == 2
    in_force.close()


def test_a_worker_stays_on_the_store_of_the_start(file: Path) -> None:
    start = load(file, {})
    file.write_text("store: sqlite:///other.db\n" + TWO)
    verdict = looks(file, Keeper(start, {}, ()))
    assert isinstance(verdict, Taken)
    in_force = InForce(verdict.now)
    assert read_in_force(in_force.path.read_bytes(), {}).store == start.config.store
    in_force.close()


def test_no_place_for_temporary_files_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(file.parent / "nowhere"))
    with pytest.raises(ServerError, match="TMPDIR"):
        InForce(load(file, {}))
