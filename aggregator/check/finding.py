"""What `check` finds in a config beside wrong values, told as config problems are: with line, key, value, remedy."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..config import Config, ConfigProblem
from ..config.document import Location, dotted
from ..config.problem import without_passwords

LISTED = 3  # values that a message names

_NOT_LETTERS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem (`serious`), which makes `check` fail, or a note."""

    problem: ConfigProblem
    serious: bool = True


def finding(config: Config, location: Location, message: str, *, serious: bool = True) -> Finding:
    """A finding about what stands at a place of the config, or at the nearest place around it that does."""
    while (mark := config.mark(*location)) is None and len(location) > 1:
        location = location[:-1]
    shown = without_passwords(mark.written) if mark and mark.written is not None else None
    line = mark.line if mark else None
    return Finding(ConfigProblem(config.file, line, dotted(location), shown, message), serious)


def written(config: Config, *location: str | int) -> str:
    """What stands at a place of the file, with `${NAME}` as it is: the environment is not to be shown."""
    mark = config.mark(*location)
    return (mark.written if mark else None) or ""


def nearest(text: str, known: Iterable[str]) -> str | None:
    """The known text that was probably meant: alike but for case, width, marks and a slip, or the only longer one."""
    by_letters: dict[str, str] = {}
    for other in known:
        by_letters.setdefault(_letters(other), other)
    letters = _letters(text)
    near = difflib.get_close_matches(letters, by_letters, n=1, cutoff=0.7)
    longer = [other for other in by_letters if len(letters) > 1 and letters in other]
    return by_letters[near[0]] if near else by_letters[longer[0]] if len(longer) == 1 else None


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", unicodedata.normalize("NFKC", text).casefold())


def listed(counts: Mapping[str, int]) -> str:
    """The most frequent texts, each with its number of files: `"ZAKER" (12 files), "Notes" (3 files), 4 others`."""
    common = Counter(counts).most_common(LISTED)
    words = [f'"{short(text)}" ({files(number)})' for text, number in common]
    others = len(counts) - len(common)
    return ", ".join(words + ([f"{others:,} {'other' if others == 1 else 'others'}"] if others else []))


def short(text: str, length: int = 60) -> str:
    """A text that came from a file, so that it cannot fill the screen."""
    return text if len(text) <= length else f"{text[: length - 1]}…"


def files(number: int) -> str:
    """A number of files, in words."""
    return "1 file" if number == 1 else f"{number:,} files"
