"""`make torture`: every part, one after the other, and a table of what they found. Exit 1 when a promise was broken."""

import argparse
import secrets
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from torture.report import Report

PARTS = ("files", "vectors", "clients", "crash", "faults", "replicas", "soak")
SHORT_SEED = 1  # what runs at every change is the same each time


class OverdueError(Exception):
    """A part takes longer than it may."""


def main(words: list[str]) -> int:
    """Run the named parts, or all; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m torture", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; all without one")
    parser.add_argument("--short", action="store_true", help="the form for every change: minutes, always alike")
    parser.add_argument("--seed", type=int, help="of an earlier run, to have it again")
    chosen = parser.parse_args(words)
    if unknown := set(chosen.parts) - set(PARTS):
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # what was begun is ended then too
    seed = SHORT_SEED if chosen.short else secrets.randbelow(10**9)
    report = Report(seed if chosen.seed is None else chosen.seed)
    for name in chosen.parts or PARTS:
        with report.of(name):
            _run(name, chosen.short, report)
    print(report.table())
    return 0 if report.kept else 1


def _run(name: str, short: bool, report: Report) -> None:
    """Run a part. One that fails breaks a promise, and the others are run all the same.

    Its LIMITS, seconds of the short form and of the long one, are several times what it takes on a machine that does
    nothing else: who comes to them hangs.
    """
    report.say(f"seed {report.seed}")
    try:
        part = import_module(f"torture.{name}")
        with _within(part.LIMITS[0 if short else 1]):
            part.run(short, report)
    except OverdueError:
        report.breaks("bounded time", "it was not done in time (see LIMITS)")
    except Exception:
        report.breaks("the part itself", traceback.format_exc())


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise OverdueError

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
