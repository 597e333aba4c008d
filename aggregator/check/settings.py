"""Settings that cannot work together: folders within each other, addresses that lead nowhere. Pure."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from ..config import Config, SourceConfig
from ..sources import Globs
from .finding import Finding, finding, written


def setting_findings(config: Config) -> Iterator[Finding]:
    """Problems and notes about options that do not fit each other."""
    yield from _export(config)
    yield from _port(config)


def _export(config: Config) -> Iterator[Finding]:
    """Pages that are written into a watched folder would be read as articles, and written anew for ever."""
    target = config.publish.folder
    if target is None:
        return
    for index, source in enumerate(config.sources):
        place = f"{written(config, 'sources', index, 'path') or source.path} (line {_line(config, index)})"
        if target != source.folder and target in source.folder.parents:
            message = f"holds the folder of a source, {place}; name a folder that holds nothing else"
            yield finding(config, ("publish", "dir"), message)
        elif _reads(source, target):
            message = (
                f"lies in the folder of a source, {place}, which would read the pages as articles; name a folder"
            )
            yield finding(
                config, ("publish", "dir"), f'{message} outside, or leave it out with the source\'s "exclude"'
            )


def _reads(source: SourceConfig, target: Path) -> bool:
    """Whether a source would take a page that is written to the target."""
    if not target.is_relative_to(source.folder):
        return False
    page = (target / "sources" / "index.html").relative_to(source.folder)
    return Globs(source.include, source.exclude).fits(page.as_posix())


def _line(config: Config, index: int) -> int | str:
    mark = config.mark("sources", index, "path")
    return mark.line if mark else "?"


def _port(config: Config) -> Iterator[Finding]:
    """An address on this machine with another port than the server's is mostly a slip."""
    parts = urlsplit(config.site.url)
    if parts.hostname in ("127.0.0.1", "localhost", "::1") and (parts.port or 80) != config.server.port:
        message = (
            f"names port {parts.port or 80} of this machine, but the server listens on port {config.server.port}; "
            "write the same port in both, unless something stands between"
        )
        yield finding(config, ("site", "url"), message, serious=False)
