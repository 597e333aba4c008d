"""YAML to fields, strictly: every scalar stays the text that was written.

Built from libyaml's events, not by a constructor: so depth and size are bounded before anything is built (the
composer of PyYAML overflows the C stack on deep nesting), and where YAML takes for an anchor, a tag, a comment or a
table what was meant as text, the text is still at hand.
"""

import re
from functools import cached_property
from typing import Any

import yaml
from yaml.events import AliasEvent, MappingEndEvent, MappingStartEvent, ScalarEvent, SequenceEndEvent

from aggregator.models import FieldValue, Problem
from aggregator.sources.known import KNOWN_FIELD, KNOWN_LINE, SINGLE_TEXTS, TEXT_LISTS, TEXTS
from aggregator.sources.values import MAX_DEPTH, MAX_TEXT, TOO_DEEP, Budget, Fields, RefusedError, key_of
from aggregator.sources.yaml_plain import NULLS

Event = Any  # yaml.events.Event: its type stubs leave open what every event of a parser has, its marks
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FENCE = "---\n"  # put before every text, so that `%TAG` and `%YAML` in it are no directives
_STANDARD_TAG = "tag:yaml.org,2002:"
_ALIAS = re.compile(r"\*([\w-]+)")
_QUOTES = frozenset("'\"")
_HASHTAG = re.compile(r"[ \t]+(#[^\s#].*)")


class BentError(yaml.YAMLError):
    """Valid YAML that cannot be what was meant."""


class Reading:
    """What the pieces of one front matter share: its text, anchors, bounds, and the problems met."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.budget = Budget()
        self.anchors: dict[str, tuple[FieldValue, int, int]] = {}  # with what it costs: values, characters
        self.problems: list[Problem] = []

    @cached_property
    def aliases(self) -> frozenset[str]:
        """The anchors that something in the text may refer to."""
        return frozenset(_ALIAS.findall(self.text))

    def load(self, text: str, line: int, *, texts: bool = False) -> FieldValue:
        """Return the value of a piece of YAML that begins at this line of the file.

        `texts`: a list in it is expected to hold texts. Raises yaml.YAMLError when it is no YAML or cannot be meant
        so, and RefusedError when it is out of bounds.
        """
        values, characters, problems = self.budget.values, self.budget.characters, len(self.problems)
        try:
            return _Document(self, text, line).value(texts=texts)
        except yaml.YAMLError:
            self.budget.values, self.budget.characters = values, characters
            del self.problems[problems:]
            raise

    def put(self, fields: Fields, key: str, value: FieldValue, line: int) -> None:
        """Add a field. Of two with one name the last counts, as for every YAML parser at hand, but not silently."""
        if key in fields and fields[key] != value:
            message = f"{key} is given twice; the last one was taken: delete one of them"
            self.problems.append(Problem(message, key, line))
        fields[key] = value


class _Document:
    """One piece of YAML on its way from events to a value."""

    def __init__(self, reading: Reading, text: str, line: int) -> None:
        self._reading = reading
        self._text = _FENCE + text
        self._first_line = line - 1  # of the fence, where marks count 0
        self._loader = _Loader(self._text)
        self._next = self._loader.get_event
        self._open: set[str] = set()  # anchors of what is being built
        self._end = 0  # index after what was last built

    def value(self, *, texts: bool) -> FieldValue:
        try:
            self._next()  # the stream's start
            self._next()  # the document's start
            value = self._value(self._next(), 0, texts=texts)
            if self._text[self._next().end_mark.index :].strip():
                raise BentError("a second document")
        finally:
            self._loader.dispose()
        return value

    def _value(self, event: Event, depth: int, *, texts: bool = False, hashtag: bool = False) -> FieldValue:
        if type(event) is ScalarEvent:
            return self._scalar(event, hashtag=hashtag)
        if type(event) is AliasEvent:
            return self._alias(event)
        if depth >= MAX_DEPTH:
            raise RefusedError(Problem(TOO_DEEP, line=self._line(event)))
        budget, anchor = self._reading.budget, event.anchor
        values, characters = budget.values, budget.characters
        budget.spend(1, 0)
        if anchor:
            self._open.add(anchor)
        is_table = type(event) is MappingStartEvent
        value = self._table(depth) if is_table else self._list(depth, texts=texts)
        if anchor:
            self._open.remove(anchor)
            self._reading.anchors[anchor] = (value, budget.values - values, budget.characters - characters)
        return value

    def _scalar(self, event: Event, *, hashtag: bool) -> str:
        text: str = event.value
        self._reading.budget.spend(1, min(len(text), MAX_TEXT))
        self._end = event.end_mark.index
        if event.anchor or event.tag:
            return self._marked(event)
        if not event.style and text in NULLS:
            return self._hashtag() if hashtag and not text else ""
        if event.style in _QUOTES and event.start_mark.line != event.end_mark.line:
            source = self._text[event.start_mark.index : self._end]
            if KNOWN_LINE.search(source):
                raise BentError("a quote that is not closed has swallowed the next fields")
        return text

    def _marked(self, event: Event) -> str:
        """A scalar with an anchor that nothing refers to, or with a private tag, is text: `&a b`, `!x`."""
        text: str = event.value
        meant = not event.tag or event.tag.startswith(_STANDARD_TAG)
        if event.anchor:
            meant = meant and event.anchor in self._reading.aliases
            self._reading.anchors[event.anchor] = (text, 1, min(len(text), MAX_TEXT))
        return text if meant or event.style else self._raw(event)

    def _hashtag(self) -> str:
        """What stands where an empty value is followed by a comment without a blank: `- #tag`."""
        comment = _HASHTAG.match(self._text, self._end)
        return comment[1].rstrip() if comment else ""

    def _alias(self, event: Event) -> FieldValue:
        self._end = event.end_mark.index
        if event.anchor in self._open:
            message = f"the alias *{event.anchor} refers to what it is part of: write out what is meant"
            raise RefusedError(Problem(message, line=self._line(event)))
        if event.anchor not in self._reading.anchors:
            text = self._raw(event)
            self._reading.budget.spend(1, len(text))
            return text
        value, values, characters = self._reading.anchors[event.anchor]
        self._reading.budget.spend(values, characters)
        return value

    def _list(self, depth: int, *, texts: bool) -> list[FieldValue]:
        items: list[FieldValue] = []
        sources: dict[int, str] = {}
        while type(event := self._next()) is not SequenceEndEvent:
            value = self._value(event, depth + 1, texts=texts, hashtag=True)
            if not value:
                continue
            if type(value) is not str and type(event) is not AliasEvent:
                sources[len(items)] = self._text[event.start_mark.index : self._end]
            items.append(value)
        self._closed(event)
        return texts_meant(items, sources, texts=texts) if sources else items

    def _table(self, depth: int) -> Fields:
        fields: Fields = {}
        merged: list[FieldValue] = []
        while type(event := self._next()) is not MappingEndEvent:
            key = self._value(event, depth + 1)
            if not isinstance(key, str) or not key or (depth == 0 and self._is_glued(key)):
                raise BentError("not a name of a field")
            key = key_of(key)
            event = self._next()
            value = self._value(event, depth + 1, texts=key in TEXT_LISTS, hashtag=key in TEXTS)
            if depth == 0 and not isinstance(value, str) and key in SINGLE_TEXTS:
                value = self._bracketed(event) or value
            if key == "<<":
                merged += value if isinstance(value, list) else [value]
            else:
                self._reading.put(fields, key, value, self._line(event))
        self._closed(event)
        for table in merged:
            if isinstance(table, dict):
                fields = {**table, **fields}
        return fields

    def _closed(self, end: Event) -> None:
        """Note the end of `[…]` and `{…}`; other lists and tables end with what they hold."""
        if end.end_mark.index > end.start_mark.index:
            self._end = end.end_mark.index

    def _bracketed(self, start: Event) -> str:
        """The source of a list or table in brackets, which as a title is text: `[Update]`."""
        source = self._text[start.start_mark.index : self._end]
        return _one_line(source) if source.startswith(("[", "{")) else ""

    def _is_glued(self, key: str) -> bool:
        """Whether a key is a field's name and the beginning of its value: `title:foo: bar`."""
        return (":" in key or "：" in key) and KNOWN_FIELD.match(key) is not None

    def _raw(self, event: Event) -> str:
        return _one_line(self._text[event.start_mark.index : event.end_mark.index])

    def _line(self, event: Event) -> int:
        return self._first_line + int(event.start_mark.line)


def texts_meant(items: list[FieldValue], sources: dict[int, str], *, texts: bool) -> list[FieldValue]:
    """In a list of texts, put back as text what YAML took for a table or a list: `A: B`, `- x`.

    `sources` has the text, by index, of the items that are no scalars. `texts`: the list is known to hold texts; else
    its other items tell.
    """
    has_text = any(isinstance(item, str) for item in items)
    for index, source in sources.items():
        item = items[index]
        inner = list(item.values()) if isinstance(item, dict) else list(item)
        is_text = has_text or (texts and isinstance(item, dict))
        if is_text and len(inner) == 1 and isinstance(inner[0], str) and not source.startswith(("[", "{")):
            items[index] = _one_line(source)
    return items


def _one_line(source: str) -> str:
    return " ".join(map(str.strip, source.split("\n"))).rstrip()
