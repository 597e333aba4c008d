"""Which files of a folder belong to a source: patterns as in `.gitignore`."""

import re
import warnings
from collections.abc import Sequence

from pathspec import GitIgnoreSpec

from aggregator.errors import SourceError

_ENDING = re.compile(r"\*\.[A-Za-z0-9]+")


class Globs:
    """Patterns of what is in and what is out, compiled once.

    The rules are those of `.gitignore`: a pattern without slash fits the name at any depth (`*.md`), one with a slash
    is counted from the root (`posts/**/x.md`), a trailing slash stands for all below a folder, and `!` takes back.
    No `include` means everything. Raises SourceError for a pattern that is none.
    """

    def __init__(self, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> None:
        self._include = _compiled("include", include) if include else None
        # What such patterns as `*.md` alone say of most files, without asking them.
        self._endings = tuple(pattern[1:] for pattern in include) if all(map(_ENDING.fullmatch, include)) else ()
        self._exclude = _compiled("exclude", exclude) if exclude else None

    def fits(self, path: str) -> bool:
        """Whether a path (relative to the root, with `/`) is included and not excluded."""
        if self._include is not None and not (path.endswith(self._endings) or self._include.match_file(path)):
            return False
        return self._exclude is None or not self._exclude.match_file(path)


def _compiled(option: str, patterns: Sequence[str]) -> GitIgnoreSpec:
    for pattern in patterns:
        try:
            _spec([pattern])
        except (ValueError, re.error) as error:
            message = f"{option}: {pattern!r} is not a pattern as in .gitignore ({error}): correct it, as in '*.md'"
            raise SourceError(message) from error
    return _spec(patterns)


def _spec(patterns: Sequence[str]) -> GitIgnoreSpec:
    # Python warns of [[ and -- in brackets, to which a later version of it may give another meaning.
    with warnings.catch_warnings(action="ignore", category=FutureWarning):
        return GitIgnoreSpec.from_lines(patterns)
