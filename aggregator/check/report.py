"""All that `check` has to tell, put together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ..config import Config, ConfigProblem, check_folders
from ..console import Progress
from ..custom import CustomFeeds
from .feeds import feed_findings
from .finding import Finding
from .leftovers import Bad, Left, bad_files, overlooked, unmatched
from .look import MOST, look
from .outlook import Outlook, outlook
from .seen import Seen
from .settings import setting_findings
from .sources import source_findings


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. `problems` make the config unfit; `notes` are worth knowing.

    `partly` are the folders of which only a part was read: (name, files read, files left out).
    """

    config: Config
    problems: tuple[ConfigProblem, ...]
    notes: tuple[ConfigProblem, ...]
    outlook: Outlook
    unmatched: tuple[Left, ...]
    overlooked: tuple[Left, ...]
    bad: tuple[Bad, ...]
    partly: tuple[tuple[str, int, int], ...]


def check_config(config: Config, now: datetime, progress: Progress, most: int = MOST) -> Report:
    """Look at the folders of a config and judge it by what is in them.

    `now` (aware, UTC) caps dates; `progress` is told (files read, files to read); at most `most` files of a folder
    are read. Whatever is wrong is in the report.
    """
    seen = look(config, now, progress, most)
    found = [Finding(problem) for problem in check_folders(config)]
    found += [*setting_findings(config), *source_findings(config, seen), *feed_findings(config, seen)]
    found.sort(key=lambda one: one.problem.line or 0)
    return Report(
        config=config,
        problems=tuple(one.problem for one in found if one.serious),
        notes=tuple(one.problem for one in found if not one.serious),
        outlook=outlook(config, CustomFeeds.of(config), seen),
        unmatched=tuple(unmatched(config, seen)),
        overlooked=tuple(overlooked(config, seen)),
        bad=tuple(bad_files(config, seen)),
        partly=tuple(_partly(seen)),
    )


def _partly(seen: Seen) -> Iterator[tuple[str, int, int]]:
    for folder in seen.folders.values():
        if folder.left_out:
            yield folder.name, folder.wanted - folder.left_out, folder.left_out
