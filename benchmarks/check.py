"""`make bench-check`: the same work costs the same instructions from commit to commit, within NOISE.

callgrind counts instructions, which no load of the machine changes. Another machine's build of Python, or its C
library, takes more or fewer of them for everything; so all counts are taken as multiples of a reference, counted in
the same run. `--update` records this commit's: do so in the commit that changes them, and say why.
"""

import json
import os
import platform
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.counted import REFERENCE
from benchmarks.programs import ensure

RECORD = Path(__file__).with_name("instructions.json")
NOISE = 0.1  # two builds of one Python differ by 15%, and by less than this when measured in references
VERSION = ".".join(platform.python_version_tuple()[:2])


def main(*, update: bool) -> int:
    """Count, compare with the record, print a table; 1 when something costs more than it did."""
    ensure("valgrind")
    found = count()
    record = json.loads(RECORD.read_text())
    if update:
        RECORD.write_text(json.dumps(record | {VERSION: found}, indent=1) + "\n")
        return 0
    if VERSION not in record:
        print(
            f"no counts are recorded for Python {VERSION} ({RECORD.name} has {', '.join(record)}): nothing to compare"
        )
        return 0
    changes = compare(found, record[VERSION])
    for name, instructions in found.items():
        verdict = f"{changes[name]:+.1%}" if name in changes else "no record"
        print(f"{name:<28} {instructions / 1e6:>8.2f} million instructions  {verdict}")
    if dearer := [name for name, change in changes.items() if change > NOISE]:
        print(f"dearer than {RECORD.name} says: {', '.join(dearer)}; make it cheaper, or record why with --update")
    return int(bool(dearer))


def compare(found: dict[str, int], known: dict[str, int]) -> dict[str, float]:
    """How much dearer each piece of work is than it was, measured in references: 0.1 is a tenth."""
    dearer = found[REFERENCE] / known[REFERENCE]
    return {name: found[name] / known[name] / dearer - 1 for name in found.keys() & known.keys() - {REFERENCE}}


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
