"""`make bench`: every figure beside its peer's, a table, and RESULTS.md. About ten minutes."""

import compileall
import sys
import tempfile
from pathlib import Path

from benchmarks.building import building, growing
from benchmarks.figures import HEADER, RESULTS, Figure, markdown
from benchmarks.programs import ensure
from benchmarks.scale import publishing, searching
from benchmarks.scanning import scanning
from benchmarks.serving import serving

PARTS = {part.__name__: part for part in (building, scanning, growing, serving, publishing, searching)}

PACKAGES = ("aggregator", "feeds", "benchmarks")


def main(names: list[str]) -> None:
    """Measure the named parts, or all; only a whole run is written down."""
    ensure("hugo", "nginx", "wrk")
    compile_modules()
    print(*HEADER, sep=" · ")
    figures: list[Figure] = []
    for name in names or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            for figure in PARTS[name](Path(folder)):
                figures.append(figure)
                print(*figure.row(), sep=" · ", flush=True)
    if not names:
        RESULTS.write_text(markdown(figures), encoding="utf-8")


def compile_modules() -> None:
    """As pip compiles what it installs. Where Python may not do so (PYTHONDONTWRITEBYTECODE), each process would."""
    for name in PACKAGES:
        compileall.compile_dir(Path(__file__).parents[1] / name, quiet=1)


if __name__ == "__main__":
    main(sys.argv[1:])
