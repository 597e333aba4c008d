"""Every option as data: for the documentation's check, and for the remedies of problems."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from .document import Location
from .models import Config, CustomFeed, Feeds, Publish, Server, Site
from .sources import SourceConfig, SourceOptions

GROUPS: dict[str, type[BaseModel]] = {
    "": Config,
    "site": Site,
    "server": Server,
    "feeds": Feeds,
    "feeds.custom[]": CustomFeed,
    "publish": Publish,
    "defaults": SourceOptions,
    "sources[]": SourceConfig,
}
_PLACES = {
    "": "at the top level",
    "feeds.custom[]": 'in an item of "custom:" under "feeds:"',
    "sources[]": 'in an item of "sources:"',
}


@dataclass(frozen=True, slots=True)
class Option:
    """One option: `group` is where it stands ("" for the top level, `sources[]` for each source).

    `default` and `example` are texts as a user would write them; `default` is None where there is none, and
    `required` tells whether the option has to be given.
    """

    group: str
    name: str
    description: str
    example: str
    default: str | None
    required: bool


def options() -> Iterator[Option]:
    """Every option, in the order of the documentation. What `defaults` may hold is under `sources[]` as well."""
    for group in GROUPS:
        yield from group_options(group).values()


def group_options(group: str) -> dict[str, Option]:
    """The options of one group by name; a source's own come before those that `defaults` may hold too."""
    shared = SourceOptions.model_fields if group == "sources[]" else {}
    ordered = sorted(GROUPS[group].model_fields.items(), key=lambda item: item[0] in shared)
    return {name: _option(group, name, field) for name, field in ordered}


def _option(group: str, name: str, field: FieldInfo) -> Option:
    required = field.is_required()
    default = None if required else _written(field.default)
    return Option(group, name, field.description or "", str((field.examples or [""])[0]), default, required)


def _written(default: object) -> str | None:
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, tuple):
        return ", ".join(default) or None
    return None if isinstance(default, BaseModel) or default in (None, {}) else str(default)


def group_of(location: Location) -> str | None:
    """The group whose options stand at a place: `("sources", 3)` → `sources[]`; None where no options stand."""
    name = "".join("[]" if isinstance(part, int) else f".{part}" for part in location).removeprefix(".")
    return name if name in GROUPS else None


def example(location: Location) -> str:
    """How the option at a place, or the nearest around it, could be written: `every: 1 hour`."""
    for end in range(len(location), 0, -1):
        group, name = group_of(location[: end - 1]), str(location[end - 1])
        if group is not None and name in GROUPS[group].model_fields:
            return f"{name}: {group_options(group)[name].example}"
    return example(("sources",))


def unknown_option(location: Location) -> str:
    """What to say about a key that is not an option of its group: where it belongs, the nearest, or all there are."""
    group, name = group_of(location[:-1]) or "", str(location[-1])
    plain = name.lower().replace("-", "_").replace(" ", "_")
    known = list(group_options(group))
    near = [plain] if plain in known else difflib.get_close_matches(plain, known, n=1, cutoff=0.75)
    others = [_PLACES.get(other, f'under "{other}:"') for other in GROUPS if plain in GROUPS[other].model_fields]
    if others and not near:
        places = " or ".join([", ".join(others[:-1]), others[-1]] if others[1:] else others)
        return f"cannot stand here; it belongs {places}"
    near = near or difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    if near:
        return f'is not an option; did you mean "{near[0]}"?'
    return f"is not an option; the options here are {', '.join(known)}"
