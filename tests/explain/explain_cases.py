"""The folder of cases: a config, articles, and what is said of each."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

CASES = Path(__file__).parent / "cases"
EXPECTED = CASES / "expected"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WRITTEN = NOW.timestamp() - 3600

FILES = sorted(
    path.relative_to(CASES).as_posix()
    for path in CASES.rglob("*.md")
    if path.is_file() and EXPECTED not in path.parents
)


def settle(folder: Path) -> None:
    """Let all files be an hour old."""
    for path in folder.rglob("*"):
        os.utime(path, (WRITTEN, WRITTEN), follow_symlinks=False)


def copied(to: Path) -> Path:
    """The cases in a folder of their own."""
    shutil.copytree(CASES, to, dirs_exist_ok=True)
    settle(to)
    return to
