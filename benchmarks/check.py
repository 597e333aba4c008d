"""`make bench-check`: the same work costs the same instructions from commit to commit, within NOISE.

callgrind counts instructions, which no load of the machine changes. `--update` records the counts of this commit: do
so in the commit that changes them, and say why.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.programs import ensure

RECORD = Path(__file__).with_name("instructions.json")
NOISE = 0.06  # of a count: what other builds of Python and of the C libraries make
VERSION = ".".join(platform.python_version_tuple()[:2])


def main(*, update: bool) -> int:
    """Count, compare with the record, print a table; 1 when something costs more than it did."""
    ensure("valgrind")
    found = count()
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    if update:
        RECORD.write_text(json.dumps(record | {VERSION: found}, indent=1) + "\n")
    known = record.get(VERSION, {})
    worse = 0
    for name, instructions in found.items():
        change = instructions / known[name] - 1 if name in known else None
        worse += change is not None and change > NOISE
        verdict = "no record" if change is None else f"{change:+.1%}"
        print(f"{name:<28} {instructions / 1e6:>8.2f} million instructions  {verdict}")
    if worse and not update:
        print(f"more than {NOISE:.0%} above the record ({RECORD.name}): make it cheaper, or record why with --update")
    return int(bool(worse) and not update)


def count() -> dict[str, int]:
    """Instructions by piece of work (see counted)."""
    with tempfile.TemporaryDirectory() as folder:
        parts = Path(folder) / "count"
        tool = ["valgrind", "--tool=callgrind", "--quiet", f"--callgrind-out-file={parts}", "--dump-before=getpgid"]
        (Path(folder) / "work").mkdir()
        work = [sys.executable, "-m", "benchmarks.counted", f"{folder}/work"]
        environ = os.environ | {"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        names = subprocess.run([*tool, *work], env=environ, check=True, capture_output=True, text=True).stdout
        # The first count ends where the first piece of work begins; every second one is what was between two.
        return {name: _total(Path(f"{parts}.{2 * index}")) for index, name in enumerate(names.splitlines(), 1)}


def _total(file: Path) -> int:
    found = re.search(r"^summary: (\d+)", file.read_text(), re.MULTILINE)
    assert found, file
    return int(found[1])


if __name__ == "__main__":
    sys.exit(main(update="--update" in sys.argv))
