"""How commands speak on a terminal: tables, progress."""

import sys
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import click

Progress = Callable[[int, int], None]  # done, to do


@contextmanager
def progress(label: str) -> Iterator[Progress]:
    """A progress bar on a terminal, nothing in a pipe."""
    bar = None if not sys.stderr.isatty() else click.progressbar(length=1, label=label, file=sys.stderr)

    def show(done: int, total: int) -> None:
        if bar is not None:
            bar.length = total
            bar.update(done - bar.pos)

    try:
        yield show
    finally:
        if bar is not None:
            bar.render_finish()


def table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns as wide as their widest cell; Chinese characters are two columns wide. Numbers stand to the right."""
    cells = [list(header), *[[str(cell) for cell in row] for row in rows]]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(header))]
    right = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(header))]
    lines = ["  ".join(_padded(*cell) for cell in zip(row, widths, right, strict=True)).rstrip() for row in cells]
    return "\n".join(lines)


def problems_found(number: int) -> str:
    """How many problems, in words."""
    return "1 problem found." if number == 1 else f"{number} problems found."


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
