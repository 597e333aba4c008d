"""Vectors of cross-site scripting as articles, in every field, name and address, on our pages and in feeds, in a real
browser: nothing runs. This is the short form of `python -m torture vectors`, which opens every page.
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from torture.carriers import vectors
from torture.witness import CHROMIUM

ROOT = Path(__file__).parents[2]


def test_nothing_runs_in_a_browser() -> None:
    if not Path(CHROMIUM).exists():
        reason = f"{CHROMIUM} is missing (apt-get install chromium): nobody looked at hostile articles in a browser"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # A process of its own: another test's browser may be open in this one.
    command = [sys.executable, "-m", "torture", "--short", "vectors"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "every promise was kept" in done.stdout


def test_there_are_many_of_many_kinds() -> None:
    found = vectors()
    assert len({vector.text for vector in found}) > 400
    kinds = {vector.kind for vector in found}
    assert kinds == {"body", "markdown", "field", "path", "source", "query", "address"}
    assert len({vector.title for vector in found}) >= 15
