"""Where a file lies among the folders of the sources, and whether a walk would pass it over."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from ..config import Config
from ..errors import AggregatorError
from ..sources.walk import HIDDEN, PASSED_OVER_FOLDERS, Listing, inside, is_temporary


@dataclass(frozen=True, slots=True)
class Place:
    """A file in a source's folder. `folder` is as the config has it; `name` is the way from there, with `/`."""

    folder: Path
    name: str

    def seen_from(self, folder: Path) -> "Place":
        """The same file in a folder around or below this one."""
        return Place(
            folder, os.path.relpath(f"{os.path.realpath(self.folder)}/{self.name}", os.path.realpath(folder))
        )


def require_file(file: Path) -> None:
    """Make sure that there is a file that can be read. Raises AggregatorError, with the reason."""
    try:
        status = file.stat()
        if stat.S_ISREG(status.st_mode):
            with file.open("rb"):
                return
    except FileNotFoundError as error:
        raise AggregatorError(
            f"{file}: there is no such file; relative names count from the current folder"
        ) from error
    except PermissionError as error:
        raise AggregatorError(f"{file}: permission denied; give this user the right to read it") from error
    except (OSError, ValueError) as error:
        raise AggregatorError(f"{file}: it cannot be read ({getattr(error, 'strerror', None) or error})") from error
    kind = "a folder; name a file in it" if stat.S_ISDIR(status.st_mode) else "no regular file"
    raise AggregatorError(f"{file}: it is {kind}")


def find_place(config: Config, file: Path) -> Place | None:
    """The file's place in the innermost folder of a source that it lies in; None when it is in none.

    Links are followed as a scan does: not to folders. A file that is a link and lies in no source's folder is taken
    for what it leads to.
    """
    beside = f"{os.path.realpath(file.parent)}/{file.name}"
    for real in (beside, os.path.realpath(file)):
        around = [source.folder for source in config.sources if inside(os.path.realpath(source.folder), real)]
        if around:
            folder = max(around, key=lambda folder: len(os.path.realpath(folder)))
            return Place(folder, os.path.relpath(real, os.path.realpath(folder)))
    return None


def why_outside(config: Config, file: Path) -> str:
    """Why a file is in no source's folder, and what to do about it."""
    named = Path(os.path.normpath(file.absolute()))
    for source in config.sources:
        if source.folder in named.parents:
            links = (parent for parent in reversed(named.parents) if source.folder in parent.parents)
            link = next((link for link in links if link.is_symlink()), named)
            return (
                f"Scans pass it over: {link} is a link that leads out of the source's folder, and such links are not "
                f"followed: put the files themselves there, or add a source for {os.path.realpath(link)}."
            )
    return (
        f"It lies in no source's folder, so nothing becomes of it: add a source with `path: {named.parent}`, or move "
        "it into a folder that is watched."
    )


def why_passed_over(place: Place, listing: Listing) -> str:
    """Why a walk of its folder does not count a file, and what to do about it; `listing` is what it counts."""
    *folders, name = place.name.split("/")
    for folder in folders:
        if folder.startswith(HIDDEN):
            return f"the folder {folder} is hidden, since its name begins with a dot; rename it, or move the file"
        if folder in PASSED_OVER_FOLDERS:
            return f"folders named {folder} hold no articles; move the file"
    if name.startswith(HIDDEN):
        return "it is hidden, since its name begins with a dot; rename it"
    if is_temporary(name):
        return "its name is one that editors and downloads give to temporary files and copies; rename it"
    real = Path(os.path.realpath(place.folder), place.name)
    if real.is_symlink():
        target = os.path.realpath(real)
        return f"it is a link that leads out of the source's folder, to {target}; put the file itself there"
    for problem in listing.problems.values():
        return problem.message
    return "it was not there when the folder was listed; try again"
