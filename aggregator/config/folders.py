"""Whether the folders of sources are there: asked by `check`, not on loading, since they may be mounted later."""

import os

from .models import Config
from .problem import ConfigProblem, without_passwords
from .sources import SourceConfig


def check_folders(config: Config) -> tuple[ConfigProblem, ...]:
    """A problem for each enabled source whose folder is missing, not a folder, or not readable."""
    found = ((index, source, _obstacle(source)) for index, source in enumerate(config.sources) if source.enabled)
    return tuple(_problem(config, index, source, obstacle) for index, source, obstacle in found if obstacle)


def _obstacle(source: SourceConfig) -> str:
    try:
        with os.scandir(source.folder):
            return ""
    except FileNotFoundError:
        return "does not exist; create the folder, or correct the path"
    except NotADirectoryError:
        return "is not a folder; name the folder that holds the files"
    except PermissionError:
        return "may not be read by this user; change the folder's permissions"
    except OSError as error:
        return f"cannot be read ({error.strerror}); correct the path"


def _problem(config: Config, index: int, source: SourceConfig, obstacle: str) -> ConfigProblem:
    mark = config.mark("sources", index, "path")
    written = (mark.written if mark else None) or source.path
    # A relative path is shown with what it is relative to, but nothing that the environment has put in.
    place = f"({source.folder}) " if source.folder.as_posix() != written and "${" not in written else ""
    return ConfigProblem(
        config.file,
        mark.line if mark else None,
        f"sources[{index}].path",
        without_passwords(written),
        place + obstacle,
    )
