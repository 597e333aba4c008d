"""Folders are looked at when `check` asks, each with its line."""

import os
from pathlib import Path

import pytest

from aggregator.config import check_folders, parse_config

MISSING = "does not exist; create the folder, or correct the path"
NO_FOLDER = "is not a folder; name the folder that holds the files"
TEXT = """\
sources:
  - title: There
    path: there
  - title: Missing
    path: missing
  - title: A file
    path: ./file/
  - title: Below a file
    path: file/x
  - title: From the environment
    path: ${SECRET}
  - title: Off
    path: missing too
    enabled: no
"""


def test_each_folder_is_looked_at(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "file").touch()
    config = parse_config(TEXT, tmp_path / "config.yaml", {"SECRET": "hunter2"})
    lines = [str(problem).replace(str(tmp_path), "DIR") for problem in check_folders(config)]
    assert lines == [
        f'DIR/config.yaml:5: sources[1].path: "missing" (DIR/missing) {MISSING}',
        f'DIR/config.yaml:7: sources[2].path: "./file/" (DIR/file) {NO_FOLDER}',
        f'DIR/config.yaml:9: sources[3].path: "file/x" (DIR/file/x) {NO_FOLDER}',
        f'DIR/config.yaml:11: sources[4].path: "${{SECRET}}" {MISSING}',
    ]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(13, "Permission denied"), "may not be read by this user; change the folder's permissions"),
        (OSError(116, "Stale file handle"), "cannot be read (Stale file handle); correct the path"),
    ],
)
def test_a_folder_that_cannot_be_read(error: OSError, message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path) -> None:  # root, who may run the tests, can read everything
        raise error

    monkeypatch.setattr(os, "scandir", refuse)
    config = parse_config("sources: [{title: A, path: /srv/a}]", Path("/etc/config.yaml"), {})
    assert [problem.message for problem in check_folders(config)] == [message]


def test_a_folder_named_as_it_is_needs_no_explanation() -> None:
    config = parse_config("sources: [{title: A, path: /no/such/folder}]", Path("/etc/config.yaml"), {})
    assert str(*check_folders(config)) == f'/etc/config.yaml:1: sources[0].path: "/no/such/folder" {MISSING}'
