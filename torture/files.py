"""Hostile files: fuzzed by processes of their own, which may neither crash nor hang nor grow (see `fuzzing`), and lying in
a folder beside all that is no file (see `folders`).

What broke something is kept below the folder that is printed, to be tried again with `python -m torture.fuzzing FILE`.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from torture import folders
from torture.fuzzing import MEMORY, SECONDS
from torture.report import Report

LIMITS = 600, 3600
_FUZZED = 10, 600  # seconds of the processor
_STEPS = 40, 2  # each so manieth flood
_FILES = 200, 100_000  # in the folder


def run(short: bool, report: Report) -> None:
    """See the module."""
    place = Path(tempfile.mkdtemp(prefix="torture-files-"))
    workers = 1 if short else max(1, len(os.sched_getaffinity(0)))
    started = [_start(number, place, short, report) for number in range(workers)]
    for number, process in enumerate(started):
        _judge(process, place / f"{number}", report)
    folders.run(_FILES[0 if short else 1], report)
    if report.kept:
        shutil.rmtree(place)


def _start(number: int, place: Path, short: bool, report: Report) -> "subprocess.Popen[str]":
    index = 0 if short else 1
    words = ["--seed", f"{report.seed} {number}", "--seconds", f"{_FUZZED[index]}", "--floods", f"{_STEPS[index]}"]
    command = [sys.executable, "-m", "torture.fuzzing", *words, "--place", str(place / f"{number}")]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _judge(process: "subprocess.Popen[str]", place: Path, report: Report) -> None:
    try:
        said, errors = process.communicate(timeout=LIMITS[1])
    finally:
        process.kill()
    if process.returncode:
        report.breaks("no crash", f"exit code {process.returncode} at the file {place}/at-work\n{errors[-2000:]}")
        return
    told: dict[str, Any] = json.loads(said)
    report.figure("files fuzzed", told["tried"])
    report.figure("of them articles", told["articles"])
    report.worst("branches of ours taken", told["branches"], "")
    report.figure("files that took new ones", told["learned"])
    report.worst("slowest file", round(told["slowest"], 2), "s", most=SECONDS)
    report.worst("most memory for a file", round(told["memory"] / 2**20), "MiB", most=MEMORY / 2**20)
    report.figure("promises broken by files", len(told["found"]), most=0)
    for found in told["found"]:
        report.breaks("files do no harm", found)
