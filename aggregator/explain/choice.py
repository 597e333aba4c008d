"""Which source takes a file, and why those before it do not. Pure: the router decides, one source at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..config import Config, Feeds, SourceConfig
from ..models import FieldValue
from ..routing import Owner, Router
from ..sources import Globs
from .wording import named, quoted, quoted_value

Fields = Mapping[str, FieldValue]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a source of the config does with a file, and why. `near`: the file lies in the source's folder."""

    title: str
    slug: str
    near: bool
    takes: bool
    why: str


def judge(config: Config, file: Path, fields: Fields | None, owner: Owner | None) -> tuple[Judged, ...]:
    """Every source up to the one that takes the file, with its reason; all of them when none does.

    `file` is the file's place in the terms of the config's folders; `fields` is None when its front matter could not
    be read.
    """
    judged = []
    for source, slug in zip(config.sources, config.slugs, strict=True):
        takes = owner is not None and owner.config is source
        why = _welcome(source, fields, owner) if takes else _obstacle(config, source, file, fields)
        judged.append(Judged(source.title, slug, source.folder in file.parents, takes, why))
        if takes:
            break
    return tuple(judged)


def _obstacle(config: Config, source: SourceConfig, file: Path, fields: Fields | None) -> str:
    if source.folder not in file.parents:
        return f"it watches another folder, {source.path}"
    path = file.relative_to(source.folder).as_posix()
    if not Globs(source.include).fits(path):
        return f"no pattern of its `include` fits {path}: {', '.join(source.include)}"
    if not Globs((), source.exclude).fits(path):
        return f"its `exclude` leaves {path} out: {', '.join(source.exclude)}"
    if fields is None:
        return f"its `match` cannot be compared, since the front matter could not be read: {_match(source)}"
    return "; ".join(_differences(config, source, file, fields))


def _differences(config: Config, source: SourceConfig, file: Path, fields: Fields) -> Iterator[str]:
    """What its `match` wants and the file does not have."""
    for name, wanted in source.match.items():
        asked = source.model_copy(update={"match": {name: wanted}})
        router = Router(config.model_copy(update={"sources": (asked,), "feeds": Feeds()}))
        if router.owner(source.folder, file.relative_to(source.folder).as_posix(), fields) is None:
            found = fields.get(name)
            has = f"`{name}` is {quoted_value(found)}" if found else f"the file has no `{name}`"
            yield f"{has}, and it wants {_any(wanted)}{_case(found, wanted)}"


def _case(found: FieldValue | None, wanted: tuple[str, ...]) -> str:
    same = isinstance(found, str) and found.strip().casefold() in {text.casefold() for text in wanted}
    return " (upper and lower case count)" if same else ""


def _any(wanted: tuple[str, ...]) -> str:
    return " or ".join(map(quoted, wanted))


def _match(source: SourceConfig) -> str:
    return ", ".join(f"`{name}` {_any(wanted)}" for name, wanted in source.match.items())


def _welcome(source: SourceConfig, fields: Fields | None, owner: Owner | None) -> str:
    if fields is None:
        return "it would take it, so the problem is shown under this source"
    fits = [f"`{name}` is {quoted_value(fields.get(name, ''))}" for name in source.match]
    reasons = ", ".join(fits) if fits else f"it takes every file of {source.path} that no source before it took"
    if not source.split_by or owner is None:
        return reasons
    by = f"`{source.split_by}`"
    if not fields.get(source.split_by):
        return f"{reasons}; it makes a source of each {by}, and this file has none, so its own title serves"
    return f"{reasons}; it makes a source of each {by}: here {named(owner.title, owner.slug)}"
