"""The command lines in the documents: what a reader would type."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.readers.server import ROOT

DOCUMENTS = {file.name: file for file in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]}
PROGRAM = "aggregator"
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*", re.DOTALL)
_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(rf"`({PROGRAM} [^`]+)`")


@dataclass(frozen=True)
class Line:
    """A command line of a document, as the words that a shell makes of it."""

    document: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.document}: {shlex.join(self.words)}"

    @property
    def program(self) -> str:
        """The program's name, behind `sudo` and assignments."""
        return Path(next(word for word in self.words if word != "sudo" and not _ASSIGNMENT.fullmatch(word))).name

    @property
    def ours(self) -> tuple[str, ...] | None:
        """What is said to our program, through Docker too; None where another one runs."""
        names = [Path(word).name for word in self.words]
        if self.program == PROGRAM:
            return self.words[names.index(PROGRAM) + 1 :]
        if self.program == "docker" and "exec" in names and PROGRAM in names:
            return self.words[len(names) - names[::-1].index(PROGRAM) :]
        return None


def command_lines() -> list[Line]:
    """Every command line of the documents' `sh` blocks, in order."""
    return [
        Line(name, words)
        for name, file in DOCUMENTS.items()
        for language, text in blocks(file)
        if language == "sh"
        for words in _words(text)
    ]


def mentions() -> list[Line]:
    """Our commands where a document speaks of them: in a sentence or a table, or in a block that is no script."""
    found = []
    for name, file in DOCUMENTS.items():
        plain = _BLOCK.sub("", file.read_text(encoding="utf-8"))
        found += [Line(name, tuple(shlex.split(span))) for span in _SPAN.findall(re.sub(r"\s*\n\s*", " ", plain))]
        for _, text in blocks(file):
            found += [Line(name, tuple(shlex.split(said))) for said in re.findall(rf"/bin/({PROGRAM} [^\n]+)", text)]
    return found


def blocks(file: Path) -> Iterator[tuple[str, str]]:
    """The fenced blocks of a document: (language, text)."""
    yield from _BLOCK.findall(file.read_text(encoding="utf-8"))


def _words(text: str) -> Iterator[tuple[str, ...]]:
    for line in text.replace("\\\n", " ").splitlines():
        if words := tuple(shlex.split(line, comments=True)):
            yield words
