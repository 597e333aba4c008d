"""What becomes of a config file's edits, decided look by look. Pure: no clock, no file.

A file may be seen half saved, and half a config can be valid: taken, it would tell subscribers that the sources in
its other half are gone. So an edit counts only when it was seen the same at several looks in a row, at more of them
where it looks unfinished.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..config import Config, ConfigProblem, parse_config
from ..errors import ConfigError
from .reading import Loaded

LOOKS = 2  # in a row that have to see the same
# Where the last line has no end, or the file is empty, missing or no text, it is likely still being written.
LOOKS_UNFINISHED = 4

NEEDS_STORE = ("store",)
NEEDS_SERVER = ("server.host", "server.port", "server.workers")
_FIXED_SERVER = {"host", "port", "workers"}

Seen = str | tuple[ConfigProblem, ...]  # a file's text, or why it has none
Problems = tuple[ConfigProblem, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The file cannot be used; what was in force stays in force."""

    problems: Problems


@dataclass(frozen=True, slots=True)
class Same:
    """The file was changed, is good, and says what is in force already. `mended`: before this it was refused."""

    mended: bool


@dataclass(frozen=True, slots=True)
class Taken:
    """The file says something else than `before`: `now` is in force from now on.

    `restart`: the options of `now` that differ from the file's, since they cannot change in a running service.
    """

    before: Config
    now: Loaded
    restart: Problems


Verdict = Refused | Same | Taken


class Keeper:
    """Knows the config that is in force, and judges what is seen in its file.

    `fixed` names options by their key that keep the value they had at the start, and of which that is worth saying.
    """

    def __init__(self, start: Loaded, environ: Mapping[str, str], fixed: Collection[str]) -> None:
        self._start = start.config
        self._environ = environ
        self._fixed = fixed
        self._written = self._in_force = start.config
        self._seen: Seen = start.text
        self._judged: Seen = start.text
        self._looks = LOOKS_UNFINISHED
        self._problems: Problems = ()

    def see(self, seen: Seen, *, at_once: bool = False) -> Verdict | None:
        """What a look at the file means; None for nothing new or sure. `at_once`: it is known to be whole."""
        self._looks = self._looks + 1 if seen == self._seen else 1
        self._seen = seen
        if seen == self._judged or (self._looks < _enough(seen) and not at_once):
            return None
        self._judged = seen
        try:
            return self._judge(seen)
        except ConfigError as error:
            return self._refuse(error.problems)  # type: ignore[arg-type]  # they are ConfigProblems, see there

    def _judge(self, seen: Seen) -> Verdict | None:
        if not isinstance(seen, str):
            return self._refuse(seen)
        written = parse_config(seen, self._start.file, self._environ)
        mended, self._problems = bool(self._problems), ()
        if written == self._written:
            return Same(mended)
        before, now = self._in_force, _with_fixed(written, self._start)
        self._written, self._in_force = written, now
        return Taken(before, Loaded(seen, now), _awaiting_restart(written, now, self._fixed))

    def _refuse(self, problems: Problems) -> Refused | None:
        if problems == self._problems:
            return None
        self._problems = problems
        return Refused(problems)


def _enough(seen: Seen) -> int:
    whole = isinstance(seen, str) and seen.endswith("\n")
    return LOOKS if whole else LOOKS_UNFINISHED


def _with_fixed(config: Config, start: Config) -> Config:
    """The config with the options of the start where they cannot change."""
    server = config.server.model_copy(update=start.server.model_dump(include=_FIXED_SERVER))
    return config.model_copy(update={"store": start.store, "server": server})


def _awaiting_restart(written: Config, now: Config, fixed: Collection[str]) -> Problems:
    """A notice for each option whose value in the file is not the one in force."""
    options = {
        "store": (written.store, now.store, "the store stays the same"),  # an address may hold a password
        "server.host": (written.server.host, now.server.host, f"it is {now.server.host}"),
        "server.port": (written.server.port, now.server.port, f"it is {now.server.port}"),
        "server.workers": (written.server.workers, now.server.workers, f"they are {now.server.workers}"),
    }
    found = []
    for key, (wish, value, stays) in options.items():
        if key in fixed and wish != value:
            mark = written.mark(*key.split("."))
            message = f"takes effect when the service is started again; until then {stays}"
            found.append(ConfigProblem(written.file, mark.line if mark else None, key, None, message))
    return tuple(found)
