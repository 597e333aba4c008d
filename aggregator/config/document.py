"""Config text → plain values in which every scalar is its text, and where each of them stands.

YAML's own types are left aside on purpose: `title: 2048`, `title: no` and `title: 2024-01-01` are texts. An option
that wants a number or a yes/no reads it from the text. An empty value means that the option is not given.
"""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from ..errors import ConfigError
from .environment import expand
from .problem import ConfigProblem, without_passwords
from .syntax import compose

Value = str | None | list["Value"] | dict[str, "Value"]
Location = tuple[str | int, ...]

MAX_VALUES = 200_000  # some 10,000 sources; far less than what aliases of aliases can blow up to

_TAG = "tag:yaml.org,2002:"
_PLAIN_TAGS = {_TAG + name for name in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge")}
_TAG_REMEDY = (
    "begins with ! and would be read as a YAML tag; put the value in quotes, or write ${NAME} for a variable"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a key or a list item stands (`line` from 1), and its text before `${NAME}` is replaced."""

    line: int
    written: str | None = None


@dataclass(slots=True)
class Document:
    """A config file as read. `values` has its texts, with None in a list where an item could not be used.

    `unusable` are the places that have a problem already, so that nothing more need be said about their value.
    """

    file: Path
    values: dict[str, Value] = field(default_factory=dict)
    marks: dict[Location, Mark] = field(default_factory=dict)
    problems: list[ConfigProblem] = field(default_factory=list)
    unusable: set[Location] = field(default_factory=set)

    def mark(self, location: Location) -> Mark:
        """The mark of a place, or of the nearest one around it that stands in the file."""
        while location and location not in self.marks:
            location = location[:-1]
        return self.marks.get(location, Mark(1))

    def line(self, location: Location) -> int:
        """The line of a place, or of the nearest one around it."""
        return self.mark(location).line

    def problem(self, location: Location, message: str, *, line: int | None = None, quote: bool = True) -> None:
        """Note a problem about what stands at a place: its value, quoted in the problem, or the key itself."""
        written = self.marks[location].written if quote and location in self.marks else None
        value = None if written is None else without_passwords(written)
        self.problems.append(ConfigProblem(self.file, line or self.line(location), dotted(location), value, message))


def dotted(location: Location) -> str:
    """`("sources", 1, "every")` → `sources[1].every`."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")


def read_document(text: str, file: Path, environ: Mapping[str, str]) -> Document:
    """The values of a config text; what is wrong with single ones is noted in its `problems`.

    Raises ConfigError where nothing can be read at all, SyntaxProblem where the text is not YAML.
    """
    document = Document(file)
    root = compose(text)
    if root is None or _is_null(root):
        raise ConfigError((ConfigProblem(file, None, "", None, _EMPTY),))
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError((ConfigProblem(file, _line(root), "", None, _NOT_OPTIONS),))
    document.values = _Reader(document, environ).mapping(root, ())
    return document


_EMPTY = 'is empty; it needs at least "sources:" with one source: a title and a path'
_NOT_OPTIONS = (
    'the file has to consist of options, each "key: value" with a space after the colon, such as "sources:"'
)


class _Reader:
    """Walks the node tree once; aliases are followed as far as they are finite and not too many."""

    def __init__(self, document: Document, environ: Mapping[str, str]) -> None:
        self.document = document
        self.environ = environ
        self.ancestors: set[int] = set()
        self.left = MAX_VALUES

    def value(self, node: yaml.Node, location: Location) -> Value:
        self.left -= 1
        if self.left < 0:
            message = "the file holds too many values, or its aliases (*name) multiply; write the values out"
            raise ConfigError((ConfigProblem(self.document.file, _line(node), "", None, message),))
        if isinstance(node, yaml.ScalarNode):
            return self.scalar(node, location)
        if id(node) in self.ancestors:
            return self.refuse(location, "contains itself through an alias (*name); write the values out")
        if node.tag not in (_TAG + "map", _TAG + "seq"):
            return self.refuse(location, _TAG_REMEDY, quote=False)
        self.ancestors.add(id(node))
        value: Value = (
            self.mapping(node, location) if isinstance(node, yaml.MappingNode) else self.sequence(node, location)
        )
        self.ancestors.remove(id(node))
        return value

    def mapping(self, node: yaml.MappingNode, location: Location) -> dict[str, Value]:
        values: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = self.key(key_node, location), _line(key_node)
            if key is None:
                continue
            place = (*location, key)
            if key in lines:
                message = f"is given twice, first in line {lines[key]}; keep one of the two"
                self.document.problem(place, message, line=line, quote=False)
                continue
            lines[key] = line
            self.document.marks[place] = Mark(line)
            value = self.value(value_node, place)
            if value is not None or place in self.document.unusable:
                values[key] = value
        return values

    def key(self, node: yaml.Node, location: Location) -> str | None:
        message = ""
        if not isinstance(node, yaml.ScalarNode):
            message = 'a key has to be a single word, not a list or a group; write "key: value"'
        elif not node.value.strip():
            message = "a key is missing before the colon; write it, or remove the line"
        elif node.tag == _TAG + "merge":
            message = 'merge keys (<<) are not supported; put what is common to all sources under "defaults:"'
        if message:
            self.document.problem(location, message, line=_line(node), quote=False)
            return None
        return str(node.value).strip()

    def sequence(self, node: yaml.Node, location: Location) -> list[Value]:
        values: list[Value] = []
        for index, item in enumerate(node.value):
            place = (*location, index)
            self.document.marks[place] = Mark(_line(item))
            value = self.value(item, place)
            if value is None and place not in self.document.unusable:
                self.refuse(place, "is an empty list item; write its value, or remove it", quote=False)
            values.append(value)
        return values

    def scalar(self, node: yaml.ScalarNode, location: Location) -> str | None:
        if _is_null(node):
            return None
        written = str(node.value)
        self.document.marks[location] = Mark(self.document.line(location), written)
        if node.tag not in _PLAIN_TAGS:
            return self.refuse(location, _TAG_REMEDY, quote=False)
        try:
            text = expand(written, self.environ).strip()
        except ValueError as error:
            return self.refuse(location, str(error))
        if not text and written.strip():
            return self.refuse(
                location, "is empty, since the environment variable is; give it a value, or remove the key"
            )
        if any(map(_is_illegal, text)):
            return self.refuse(location, "holds a control character; remove it")
        return text or None

    def refuse(self, location: Location, message: str, *, quote: bool = True) -> str | None:
        """Note the problem; None stands for the value, of which nothing more will be said."""
        self.document.problem(location, message, quote=quote)
        self.document.unusable.add(location)
        return None


def _is_null(node: yaml.Node) -> bool:
    return isinstance(node, yaml.ScalarNode) and node.tag == _TAG + "null"


def _is_illegal(char: str) -> bool:
    return (unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r") or char in "\ufffe\uffff"


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
