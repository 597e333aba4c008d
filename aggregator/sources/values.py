"""What front matter values are turned into, whatever their syntax: text, lists and tables, all within bounds."""

from datetime import date, time

from aggregator.models import FieldValue, Problem
from aggregator.sources.decode import clean

Fields = dict[str, FieldValue]

MAX_DEPTH = 16  # tables and lists within one another
MAX_VALUES = 10_000  # texts, lists and tables of a file, those that aliases repeat included
MAX_TEXT = 65_536  # characters of one text; longer ones (an image as a data URI) are dropped
MAX_TEXTS = 1_000_000  # characters of all texts of a file, those that aliases repeat included

TOO_DEEP = f"the front matter is nested more than {MAX_DEPTH} levels deep: make it flatter"
TOO_MANY = f"the front matter has more than {MAX_VALUES:,} values or {MAX_TEXTS:,} characters: make it shorter"


class RefusedError(Exception):
    """The front matter cannot be used at all; `problem` says why. Never leaves this package."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message)


class Budget:
    """Counts what the front matter of one file amounts to, and refuses what no article needs."""

    def __init__(self) -> None:
        self.values = 0
        self.characters = 0

    def spend(self, values: int, characters: int) -> None:
        """Count so many more values and characters; raises RefusedError when there are too many."""
        self.values += values
        self.characters += characters
        if self.values > MAX_VALUES or self.characters > MAX_TEXTS:
            raise RefusedError(Problem(TOO_MANY))


def from_native(value: object, budget: Budget, depth: int = 0) -> FieldValue:
    """Turn what a TOML or JSON parser gives into a field value. Raises RefusedError when it is out of bounds."""
    if depth > MAX_DEPTH:
        raise RefusedError(Problem(TOO_DEEP))
    if isinstance(value, dict):
        budget.spend(1, 0)
        return {key_of(str(key)): from_native(item, budget, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        budget.spend(1, 0)
        items = [from_native(item, budget, depth + 1) for item in value]
        return [item for item in items if item]
    text = _text(value)
    budget.spend(1, min(len(text), MAX_TEXT))
    return text


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value.isoformat() if isinstance(value, date | time) else str(value)


def key_of(text: str) -> str:
    """A key as fields have it."""
    return text.strip().lower()


def with_braces(text: str) -> str:
    """Put `{` and `}` back, which upstream writes as `&#123;` and `&#125;` in the whole file."""
    return text.replace("&#123;", "{").replace("&#125;", "}") if "&#12" in text else text


def finished(fields: Fields, problems: list[Problem]) -> Fields:
    """The fields with braces put back and illegal characters dropped; too long texts become "" and a Problem."""
    return {_finished_text(key): _finished(value, key, problems) for key, value in fields.items()}


def _finished(value: FieldValue, field: str, problems: list[Problem]) -> FieldValue:
    if isinstance(value, str) and len(value) <= MAX_TEXT:
        return _finished_text(value)
    if isinstance(value, list):
        items = [_finished(item, field, problems) for item in value]
        return [item for item in items if item]
    if isinstance(value, dict):
        return {_finished_text(key): _finished(item, field, problems) for key, item in value.items()}
    message = f"a text of {len(value):,} characters was dropped, {MAX_TEXT:,} is the most: shorten it"
    problems.append(Problem(message, field))
    return ""


def _finished_text(text: str) -> str:
    is_clean = text.isprintable() and "&#12" not in text  # as most are
    return text if is_clean else clean(with_braces(text))
