"""Front matter that YAML cannot read, or not as it was meant: read line by line, field by field.

The front matter is cut into its fields; what YAML reads of them alone stays as YAML reads it, and only the rest is
taken as the text it was meant to be.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

import yaml

from aggregator.models import FieldValue, Problem
from aggregator.sources.known import KNOWN_FIELD, TEXT_LISTS
from aggregator.sources.values import MAX_DEPTH, MAX_TEXT, TOO_DEEP, Fields, RefusedError, key_of
from aggregator.sources.yaml_fields import Reading, texts_meant

MAX_LINES = 2_000  # of a front matter that needs repair
MAX_TABLES = 4  # within one another, that are repaired field by field; deeper ones are taken as text

_KEY = re.compile(r"""(\w[^:#'"\[\]{},]{0,63}?|"[^"]{1,64}"|'[^']{1,64}'|<<)[ \t]*:(?:[ \t]+(.*)|$)""")
_ITEM = re.compile(r"([ \t]*)-(?:[ \t]+|$)")
_BLOCK_SCALAR = re.compile(r"[|>][-+0-9]{0,2}(?:[ \t]+#.*)?$")
_COMMENT = re.compile(r"(?:^|(?<=[ \t]))#(?:[ \t].*)?$")
_HASHTAG = re.compile(r"#[^\s#]")
_QUOTES = ("'", '"')
_BLANKS = " \t\xa0\u3000"
_AS_BLANK = str.maketrans("\xa0\u3000", "  ")
_AFTER_QUOTE = frozenset(" \t,.;:!?)，。；：！？）、")


class _Piece:
    """A field: its first line cut into key and rest, and the lines that follow it."""

    def __init__(self, line: int, key: str, rest: str) -> None:
        self.line = line
        self.key = key
        self.rest = rest.strip(" \t")
        self.tail: list[str] = []
        self._quote = self.rest[:1] if self.rest[:1] in _QUOTES else ""
        self.in_quote = self._quote != ""  # whether a quote that its value opens is still open at its end
        self._close(_without_comment(self.rest[1:]))

    def add(self, line: str) -> None:
        self.tail.append(line)
        self._close(line)

    def _close(self, line: str) -> None:
        self.in_quote = self.in_quote and not line.rstrip().endswith(self._quote)

    @property
    def text(self) -> str:
        return "\n".join([f"{self.key}: {self.rest}", *self.tail])


def repaired_fields(text: str, line: int, reading: Reading, depth: int = 0) -> Fields:
    """Return the fields of a front matter, or a table in it, that begins at this line of the file.

    Raises RefusedError when it is out of bounds. What was guessed or dropped is added to the reading's problems.
    """
    if text.count("\n") > MAX_LINES:
        message = f"the front matter is no YAML, and its over {MAX_LINES:,} lines are too many to repair: correct it"
        raise RefusedError(Problem(message, line=line))
    fields: Fields = {}
    for piece in _pieces(_plain_lines(text), line, reading):
        try:
            loaded = reading.load(piece.text, piece.line)
        except yaml.YAMLError:
            loaded = None
        if not isinstance(loaded, dict):
            key = key_of(piece.key.strip("'\""))
            loaded = {key: _Repair(reading, key, depth).value(piece)}
        for key, value in loaded.items():
            reading.put(fields, key, value, piece.line)
    return fields


def _plain_lines(text: str) -> list[str]:
    """The lines, indented by blanks only, and the first of them not at all."""
    lines = [_without_tabs(line) for line in text.split("\n")]
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return [line[margin:] for line in lines] if margin else lines


def _without_tabs(line: str) -> str:
    content = line.lstrip(_BLANKS)
    return line[: len(line) - len(content)].replace("\t", "  ").translate(_AS_BLANK) + content


def _pieces(lines: list[str], first_line: int, reading: Reading) -> Iterator[_Piece]:
    piece: _Piece | None = None
    passed_over = False
    for number, line in enumerate(lines, first_line):
        head = KNOWN_FIELD.match(line) or (None if piece and piece.in_quote else _KEY.match(line))
        if head:
            if piece:
                yield piece
            piece = _Piece(number, head[1], head[2] or "")
        elif piece:
            piece.add(line)
        elif line.strip() and not line.startswith("#") and not passed_over:
            passed_over = True
            message = f"{line.strip()[:40]!r} is no field and was passed over: write `name: value`"
            reading.problems.append(Problem(message, line=number))
    if piece:
        yield piece


def _without_comment(text: str) -> str:
    return _COMMENT.sub("", text).rstrip()


class _Repair:
    """Reads the value of one field that YAML does not read."""

    def __init__(self, reading: Reading, key: str, depth: int) -> None:
        self._reading = reading
        self._key = key
        self._depth = depth

    def value(self, piece: _Piece) -> FieldValue:
        tail = [line for line in piece.tail if _without_comment(line.lstrip())]
        if _BLOCK_SCALAR.match(piece.rest) and tail:
            return (" " if piece.rest[0] == ">" else "\n").join(map(str.strip, tail))
        if not _without_comment(piece.rest):
            if tail and _ITEM.match(tail[0]):
                return self._list(piece.tail, piece.line + 1)
            if tail and self._depth < MAX_TABLES and tail[0][0] == " " and _KEY.match(tail[0].lstrip()):
                return repaired_fields("\n".join(piece.tail), piece.line + 1, self._reading, self._depth + 1)
        return self._text(" ".join([piece.rest, *map(str.strip, tail)]), piece.line)

    def _list(self, lines: list[str], first_line: int) -> list[FieldValue]:
        items: list[FieldValue] = []
        sources: dict[int, str] = {}
        texts = self._key in TEXT_LISTS
        for line, content in _items(lines, first_line):
            value = self._item(content, line, texts=texts)
            if not value:
                continue
            if not isinstance(value, str):
                sources[len(items)] = content.strip()
            items.append(value)
        return texts_meant(items, sources, texts=texts)

    def _item(self, content: str, line: int, *, texts: bool) -> FieldValue:
        text = content.strip()
        if _HASHTAG.match(text):
            return text
        try:
            return self._reading.load(content, line, texts=texts)
        except yaml.YAMLError:
            return self._text(" ".join(text.split("\n")), line)

    def _text(self, text: str, line: int, depth: int = 0) -> FieldValue:
        text = text.strip()
        self._reading.budget.spend(1, min(len(text), MAX_TEXT))
        if text.startswith(_QUOTES):
            return self._quoted(text, line)
        if text.startswith("[") and len(text) <= MAX_TEXT:
            if depth > MAX_DEPTH:
                raise RefusedError(Problem(TOO_DEEP, self._key, line))
            if self._key in TEXT_LISTS and "]" not in text:
                self._reading.problems.append(Problem("the list is not closed: add `]` to its end", self._key, line))
                text += "]"
            if (flow := _flow_items(text)) is not None:
                return [item for item in (self._text(item, line, depth + 1) for item in flow) if item]
        return _without_comment(text)

    def _quoted(self, text: str, line: int) -> str:
        """Take off the quotes around a text, all or one at each end; those that belong to it stay."""
        quote = text[0]
        if not text.endswith(quote) and (bare := _without_comment(text)).endswith(quote):
            text = bare
        if not text.endswith(quote) or len(text) == 1:
            if quote in text[1:]:
                return text  # "so" they say
            message = f"a quote ({quote}) is opened and not closed; the text was taken without it: close it"
            self._reading.problems.append(Problem(message, self._key, line))
            return text[1:]
        inner = text[1:-1]
        if inner[:1] == quote == inner[-1:] and not _closes_first(inner.strip(quote), quote):
            inner = inner.strip(quote)
        elif _closes_first(inner, quote):
            return text  # "this" and "that"
        return inner.replace('\\"', '"') if quote == '"' else inner.replace("''", "'")


def _closes_first(text: str, quote: str) -> bool:
    """Whether quotes in a text come in pairs, and the first looks like a closing one: `this" and "that`."""
    at = text.find(quote)
    closes = at > 0 and not text[at - 1].isspace() and text[at + 1 : at + 2] in _AFTER_QUOTE
    return closes and text.count(quote) % 2 == 0


def _items(lines: list[str], first_line: int) -> Iterator[tuple[int, str]]:
    """Cut a list into its items: the line each begins at, and its text with a blank in place of the dash."""
    start, content = first_line, list[str]()
    indent: int | None = None
    for number, line in enumerate(lines, first_line):
        dash = _ITEM.match(line)
        if dash and (indent is None or len(dash[1]) <= indent):
            if content:
                yield start, "\n".join(content)
            indent = len(dash[1]) if indent is None else indent
            start, content = number, [line.replace("-", " ", 1)]
        elif content:
            content.append(line)
    if content:
        yield start, "\n".join(content)


def _flow_items(text: str) -> list[str] | None:
    """Cut `[a, b, [c, d]]` at its own commas; None when the first bracket is not closed by the last character."""
    cuts, depth, quote, begins = [0], 0, "", True  # `begins`: no character of the item was met yet
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in _QUOTES and begins:
            quote = character
        elif character in "[]":
            depth += 1 if character == "[" else -1
            if depth == 0 and index < len(text) - 1:
                return None
        elif character == "," and depth == 1:
            cuts.append(index)
        begins = character in ",[" or (begins and character.isspace())
    cuts.append(len(text) - 1)
    return [text[start + 1 : end] for start, end in pairwise(cuts)] if depth == 0 else None
