"""deploy/aggregator.service, as systemd itself judges it."""

import configparser
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.deploy.nginx import DEPLOY
from tests.docs.shell import blocks
from tests.readers.server import ROOT

UNIT = DEPLOY / "aggregator.service"
MOST_EXPOSED = 1.5  # of 10; what is left is the network, which it is for


@pytest.fixture(scope="module")
def analyze() -> str:
    found = shutil.which("systemd-analyze")
    if found is None:
        assert not os.environ.get("CI"), "systemd-analyze is missing: see .ci/run"
        pytest.skip("systemd-analyze is not installed")
    return found


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit with a program that is there."""
    file = tmp_path / UNIT.name
    text = UNIT.read_text(encoding="utf-8")
    file.write_text(text.replace("/opt/aggregator/bin/aggregator", sys.executable), encoding="utf-8")
    return file


def test_systemd_finds_no_fault(analyze: str, installed: Path) -> None:
    done = subprocess.run([analyze, "verify", "--man=no", str(installed)], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_finds_no_fault_in_what_operators_are_told_to_add(analyze: str, installed: Path) -> None:
    added = [text for language, text in blocks(ROOT / "docs" / "operating.md") if language == "ini"]
    assert added
    folder = installed.with_name(f"{installed.name}.d")
    folder.mkdir()
    for number, text in enumerate(added):
        program = text.replace("/opt/aggregator/bin/aggregator", sys.executable)
        (folder / f"{number}.conf").write_text(textwrap.dedent(program), encoding="utf-8")
    done = subprocess.run([analyze, "verify", "--man=no", str(installed)], capture_output=True, text=True)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_finds_it_well_locked_up(analyze: str, installed: Path) -> None:
    command = [analyze, "security", "--offline=true", "--no-pager", str(installed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    level = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level, done.stdout
    assert float(level[1]) <= MOST_EXPOSED


def test_it_stops_and_reloads_as_the_program_expects() -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # names have capitals
    unit.read(UNIT, encoding="utf-8")
    service = unit["Service"]

    assert service["ExecStart"].endswith("aggregator run")
    assert service["ExecReload"].split() == ["/bin/kill", "-HUP", "$MAINPID"]
    assert (service["Restart"], service["RestartPreventExitStatus"]) == ("on-failure", "2")
    assert service["User"] not in ("", "root")
