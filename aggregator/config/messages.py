"""What pydantic found wrong, in our own words: one table, so that none of its jargon reaches the user."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from .document import Document, Location
from .options import example, unknown_option

_ONE_VALUE = "takes one value, not a list or a group; write it as in `{example}`"
_WHOLE = "is not a whole number; write it as in `{example}`"
_GROUP = "has to be a group, as in `{example}`"

# pydantic's error type → a sentence about the value; in braces the `example` of the option, and pydantic's context.
WORDS: Mapping[str, str] = {
    "missing": "is missing; write it as in `{example}`",
    "extra_forbidden": "{unknown}",
    "value_error": "{error}",
    "string_type": _ONE_VALUE,
    "int_type": _ONE_VALUE,
    "bool_type": _ONE_VALUE,
    "time_delta_type": _ONE_VALUE,
    "is_instance_of": _ONE_VALUE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_parsing": "is neither yes nor no; write true or false",
    "literal_error": "is not a choice here; write {expected}",
    "greater_than_equal": "is too small; the least is {ge}",
    "less_than_equal": "is too large; the most is {le}",
    "tuple_type": "has to be a list, as in `{example}`",
    "dict_type": _GROUP,
    "model_type": _GROUP,
}
OTHERWISE = "is not valid here; write it as in `{example}`"


def note_all(error: ValidationError, document: Document) -> None:
    """Add each error as a problem, but where the document has one already."""
    for detail in error.errors(include_url=False, include_input=False):
        location: Location = detail["loc"]
        if not _is_noted(location, document):
            kind = detail["type"]
            known = _known(location, kind, document)
            document.problem(known, _sentence(location, detail), quote=kind != "extra_forbidden")


def _sentence(location: Location, detail: Any) -> str:
    kind = detail["type"]
    texts = {key: str(value).replace("'", "") if key == "expected" else value for key, value in _context(detail)}
    unknown = unknown_option(location) if kind == "extra_forbidden" else ""
    return WORDS.get(kind, OTHERWISE).format_map({**texts, "example": example(location), "unknown": unknown})


def _context(detail: Any) -> Any:
    return detail.get("ctx", {}).items()


def _known(location: Location, kind: str, document: Document) -> Location:
    # One text in place of a list is read as a list of one, and its error has an index that is not in the file.
    return location if kind == "missing" or location in document.marks else location[:-1]


def _is_noted(location: Location, document: Document) -> bool:
    return any(location[:end] in document.unusable for end in range(1, len(location) + 1))
