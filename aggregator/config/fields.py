"""The types of options: a text is read by a function of ours; pydantic judges what is not a text."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, InstanceOf

from .crontab import parse_cron
from .names import (
    parse_glob,
    parse_host,
    parse_language,
    parse_network,
    parse_path,
    parse_slug,
    parse_timezone,
    parse_title,
    parse_url_glob,
)
from .patterns import parse_pattern
from .quantities import Retention, parse_duration, parse_retention, parse_size
from .urls import parse_base_url, parse_link, parse_url_prefix


def read_by(parse: Callable[[str], Any]) -> BeforeValidator:
    """Texts go through `parse`, whose ValueError becomes the problem; other values go on as they are."""
    return BeforeValidator(lambda value: parse(value) if isinstance(value, str) else value)


def _cron(text: str) -> str:
    parse_cron(text)
    return " ".join(text.lower().split())


def _at_least_a_second(duration: timedelta) -> timedelta:
    if duration < timedelta(seconds=1):
        raise ValueError("is too short; the shortest is 1 second")
    return duration


def _one_or_more(value: Any) -> Any:
    if isinstance(value, dict):
        raise ValueError("takes one value or a list of values, not a group of options")
    return (value,) if isinstance(value, str) else value


def _not_empty(value: Any) -> Any:
    # Asked before the items are judged: pydantic's own min_length counts good items only.
    if value in ([], ()):
        raise ValueError("is an empty list; write at least one item")
    return value


def _takes_before_it_takes_back(globs: tuple[str, ...]) -> tuple[str, ...]:
    if globs and globs[0].startswith("!"):
        raise ValueError(
            'begins with a pattern with "!", which takes back from patterns before it; write these first'
        )
    return globs


def _category_path(value: Any) -> Any:
    if isinstance(value, dict):
        raise ValueError("is a group; write a category path, as in 新媒体/ZAKER or [新媒体, ZAKER]")
    if not isinstance(value, str):
        return _not_empty(value)
    names = tuple(name.strip() for name in value.split("/"))
    if not all(names):
        raise ValueError(
            "has a / without a name on both sides; write a path as in 新媒体/ZAKER, and a name that begins or ends "
            "with a / in a list, as in [[/dev, news]]"
        )
    return names


def _lower_case_names(wanted: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    lower = {name.lower(): values for name, values in wanted.items()}
    if len(lower) < len(wanted):
        raise ValueError("names a field twice, in upper and lower case, which mean the same; keep one")
    return lower


Title = Annotated[str, read_by(parse_title)]
Slug = Annotated[str, read_by(parse_slug)]
Language = Annotated[str, read_by(parse_language)]
Timezone = Annotated[str, read_by(parse_timezone)]
FolderPath = Annotated[str, read_by(parse_path)]
FieldName = Annotated[str, read_by(str.lower)]
Cron = Annotated[str, read_by(_cron)]
Duration = Annotated[timedelta, read_by(parse_duration)]
Interval = Annotated[Duration, AfterValidator(_at_least_a_second)]
Size = Annotated[int, read_by(parse_size)]
Retain = Annotated[InstanceOf[Retention], read_by(parse_retention)]
Link = Annotated[str, read_by(parse_link)]
BaseUrl = Annotated[str, read_by(parse_base_url)]
Host = Annotated[str, read_by(parse_host)]
Network = Annotated[str, read_by(parse_network)]

OneOrMore = BeforeValidator(_one_or_more)
NotEmpty = BeforeValidator(_not_empty)
Globs = Annotated[
    tuple[Annotated[str, read_by(parse_glob)], ...], OneOrMore, AfterValidator(_takes_before_it_takes_back)
]
UrlGlobs = Annotated[tuple[Annotated[str, read_by(parse_url_glob)], ...], OneOrMore]
UrlPrefixes = Annotated[tuple[Annotated[str, read_by(parse_url_prefix)], ...], OneOrMore]
Slugs = Annotated[tuple[Slug, ...], OneOrMore]
Networks = Annotated[tuple[Network, ...], OneOrMore]
Names = Annotated[tuple[Title, ...], OneOrMore, NotEmpty]
CategoryPaths = Annotated[
    tuple[Annotated[tuple[Title, ...], BeforeValidator(_category_path)], ...], OneOrMore, NotEmpty
]
CategorySlugs = dict[Title, Slug]
Pattern = Annotated[str, read_by(parse_pattern)]
Match = Annotated[dict[str, Annotated[tuple[Title, ...], OneOrMore, NotEmpty]], AfterValidator(_lower_case_names)]

_lower = read_by(str.lower)
Format = Annotated[Literal["auto", "html", "markdown"], _lower]
Categories = Annotated[Literal["path", "flat"], _lower]
OnDelete = Annotated[Literal["keep", "remove"], _lower]
OnRemove = Annotated[Literal["keep", "gone"], _lower]
Exported = Annotated[Literal["all", "feeds"], _lower]
