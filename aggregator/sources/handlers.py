"""python-frontmatter's handlers for the syntaxes that are read: how front matter is split off, and loaded.

A handler is made for one file and keeps what there is to say about it: `closed`, `problems`.
"""

import json
import re
import tomllib
from typing import Any

import yaml
from frontmatter.default_handlers import BaseHandler, JSONHandler, YAMLHandler

from aggregator.models import Problem
from aggregator.sources.known import KNOWN_FIELD, KNOWN_LINE
from aggregator.sources.values import MAX_VALUES, TOO_DEEP, TOO_MANY, Budget, Fields, RefusedError, from_native
from aggregator.sources.yaml_fields import Reading
from aggregator.sources.yaml_plain import plain_fields
from aggregator.sources.yaml_repair import repaired_fields

MAX_LINES = 1_200_000  # of YAML, read or not: a second has no time for more
MAX_TOML = 262_144  # characters; tomllib is slow
MAX_DOTS = 1_000  # in a line of TOML: tomllib's time grows with their square in a key `a.b.c…`

_NO_FIELDS = "the front matter holds no fields: write each as `name: value` on a line of its own"
_LINE_BREAKS = re.compile("[\x85\u2028\u2029]")  # ends of lines to YAML, strays in a title
_RUNS_ON = re.compile(r"\n(?:<[A-Za-z!/]|[ \t]*\n(?=[^\s#-]))")
_FIELD = re.compile(r"[a-z_][\w.-]*:(?:[ \t]|$)")
_OPENS_LIST = re.compile(r"[ \t]*-(?:[ \t]|$)|[^:]*:[ \t]*$")
_ITEM = re.compile(r"[ \t]*-[ \t]")
_TOML_LINE = re.compile(r"at line (\d+)")
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str, strict=False)
_JSON_START = re.compile(r'\{\s*["}]')


class _File:
    """What the handlers keep of a file: the line that front matter begins in, whether it is closed, problems.

    `finished` tells that its fields have nothing that `values.finished` would change.
    """

    def __init__(self, line: int) -> None:
        super().__init__()
        self.line = line
        self.closed = True
        self.finished = False
        self.problems: list[Problem] = []

    def _refused(self, message: str, line: int = 0) -> RefusedError:
        return RefusedError(Problem(message, line=line or self.line))


class YamlFrontMatter(_File, YAMLHandler):
    """YAML between `---` and `---` or `...`; Hexo's form without the first fence too."""

    FM_BOUNDARY = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
    END = re.compile(r"\n(?:-{3,}|\.{3})[ \t]*$", re.MULTILINE)

    def detect(self, text: str) -> bool:
        """Whether the text begins with a fence, or with known fields that a fence closes."""
        if super().detect(text):
            return True
        assert self.FM_BOUNDARY is not None
        if not KNOWN_FIELD.match(text) or not (end := self.FM_BOUNDARY.search(text)):
            return False
        return _length(text[: end.start()]) == end.start()

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter and body. One that is not closed ends where the body evidently begins."""
        assert self.FM_BOUNDARY is not None
        opening = self.FM_BOUNDARY.match(text)
        start = min(opening.end() + 1, len(text)) if opening else 0
        end = self.END.search(text, max(start - 1, 0))
        front_matter = text[start : end.start() + 1 if end else len(text)]
        self.line += 1 if opening else 0
        if front_matter.count("\n") > MAX_LINES:
            raise self._refused(TOO_MANY)
        if end and not self._runs_into_body(front_matter):
            return front_matter, text[end.end() :]
        length = _length(front_matter)
        self.closed = False
        last = self.line + front_matter.count("\n", 0, length)
        message = "the front matter is not closed and was taken to end here: put a line `---` after the last field"
        self.problems.append(Problem(message, line=last))
        return front_matter[:length], text[start + length :].removeprefix("---")

    def _runs_into_body(self, front_matter: str) -> bool:
        """Whether the fence that seems to close the front matter is a rule further down, in the body."""
        if not _RUNS_ON.search("\n" + front_matter) or (length := _length(front_matter)) == len(front_matter):
            return False
        try:
            if isinstance(Reading(front_matter).load(front_matter, self.line), dict):
                return False
        except yaml.YAMLError:
            last_block = front_matter.rstrip().rfind("\n\n") + 1
            return not KNOWN_LINE.search(front_matter, max(length, last_block))
        return True

    def load(self, fm: str, **_: object) -> Fields:
        """Return the fields; what YAML cannot read is repaired. Raises RefusedError when there are none."""
        if "&#12" not in fm and (plain := plain_fields(fm)) is not None:
            self.finished = True
            return plain
        text = _LINE_BREAKS.sub(" ", fm)
        reading = Reading(text)
        try:
            fields = reading.load(text, self.line)
        except yaml.YAMLError:
            fields = None
        if fields == "" and self.closed:
            fields = {}  # only comments, or nothing: as Jekyll allows
        if not isinstance(fields, dict):
            reading = Reading(text)
            fields = repaired_fields(text, self.line, reading)
            if not fields:
                raise self._refused(_NO_FIELDS)
        self.problems += reading.problems
        return fields


def _length(text: str) -> int:
    """The characters up to the first line that can be no front matter: a tag, dashes, or prose after a blank line."""
    position, lines, after_blank, in_list = 0, 0, False, False
    while position < len(text):
        lines += 1
        if lines > MAX_VALUES:
            raise RefusedError(Problem(TOO_MANY))
        end = text.find("\n", position) + 1 or len(text)
        line = text[position:end].rstrip()
        if line.startswith(("<", "---")) and not line.startswith("<<"):
            break
        if line and after_blank and not _is_field(line, in_list=in_list):
            break
        if line:
            in_list = _OPENS_LIST.match(line) is not None
        after_blank = not line
        position = end
    return position


def _is_field(line: str, *, in_list: bool) -> bool:
    return bool(KNOWN_FIELD.match(line) or _FIELD.match(line) or (in_list and _ITEM.match(line)))


class TomlFrontMatter(_File, BaseHandler):
    """TOML between `+++` and `+++`."""

    FM_BOUNDARY = re.compile(r"^\+{3,}[ \t]*$", re.MULTILINE)

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter and body. Raises RefusedError when it is not closed."""
        assert self.FM_BOUNDARY is not None
        parts = self.FM_BOUNDARY.split(text, 2)
        if len(parts) < 3:
            raise self._refused("the TOML front matter is not closed: put a line `+++` after the last field")
        return parts[1], parts[2]

    def load(self, fm: str, **_: object) -> dict[str, Any]:
        """Return the fields. Raises RefusedError when it is no TOML."""
        if len(fm) > MAX_TOML or any(line.count(".") > MAX_DOTS for line in fm.split("\n")):
            raise self._refused(f"the TOML front matter is longer than {MAX_TOML:,} characters, or a line too long")
        try:
            return _fields(tomllib.loads(fm, parse_float=str))
        except RecursionError:
            raise self._refused(TOO_DEEP) from None
        except ValueError as error:
            found = _TOML_LINE.search(str(error))
            line = self.line + int(found[1]) - 1 if found else 0
            raise self._refused(f"the TOML front matter cannot be read ({error}): correct this line", line) from error


class JsonFrontMatter(_File, JSONHandler):
    """A JSON object at the top of the file; the body follows its last brace."""

    def detect(self, text: str) -> bool:
        """Whether the text begins with a JSON object."""
        return _JSON_START.match(text) is not None

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter and body. Raises RefusedError when the object is no JSON or not closed."""
        _, end = self._decoded(text)
        return text[:end], text[end:]

    def load(self, fm: str, **_: object) -> dict[str, Any]:
        """Return the fields. Raises RefusedError when it is no JSON."""
        return _fields(self._decoded(fm)[0])

    def _decoded(self, text: str) -> tuple[object, int]:
        try:
            return _JSON.raw_decode(text)
        except RecursionError:
            raise self._refused(TOO_DEEP) from None
        except json.JSONDecodeError as error:
            line = self.line + error.lineno - 1
            raise self._refused(
                f"the JSON front matter cannot be read ({error.msg}): correct this line", line
            ) from error


class HexoJsonFrontMatter(JsonFrontMatter):
    """Hexo's JSON: `"name": value` lines, without braces, closed by `;;;`; with or without a `;;;` before."""

    FM_BOUNDARY = re.compile(r"^;{3,}[ \t]*$", re.MULTILINE)

    def detect(self, text: str) -> bool:
        """Whether the text begins with `;;;`, or with a JSON string and has a line `;;;`."""
        assert self.FM_BOUNDARY is not None
        return bool(self.FM_BOUNDARY.match(text) or (text.startswith('"') and self.FM_BOUNDARY.search(text)))

    def split(self, text: str) -> tuple[str, str]:
        """Return front matter and body. Raises RefusedError when it is not closed."""
        assert self.FM_BOUNDARY is not None
        parts = self.FM_BOUNDARY.split(text, 2 if self.FM_BOUNDARY.match(text) else 1)
        if parts[0] == "":
            del parts[0]
        if len(parts) < 2:
            raise self._refused("the JSON front matter is not closed: put a line `;;;` after the last field")
        return parts[0], parts[1]

    def load(self, fm: str, **_: object) -> dict[str, Any]:
        """Return the fields. Raises RefusedError when it is no JSON."""
        text = fm.strip()
        self.line += fm[: len(fm) - len(fm.lstrip())].count("\n")
        return super().load(text if text.startswith("{") else "{" + text.rstrip(",") + "}")


def _fields(value: object) -> Fields:
    fields = from_native(value, Budget())
    assert isinstance(fields, dict)
    return fields


Handler = YamlFrontMatter | TomlFrontMatter | JsonFrontMatter
_KINDS: tuple[type[Handler], ...] = (YamlFrontMatter, TomlFrontMatter, HexoJsonFrontMatter, JsonFrontMatter)


def handler_for(text: str, line: int) -> Handler | None:
    """The handler for the front matter that begins this text, at this line of the file; None when it has none."""
    return next((handler for kind in _KINDS if (handler := kind(line)).detect(text)), None)
