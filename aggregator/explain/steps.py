"""What each step of normalizing did to an article. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from ..models import FieldValue, Problem
from ..normalizer import Draft, Step
from ..normalizer.fields import NAMES, texts
from .diff import difference
from .wording import counted, plain, quoted_value

# What a draft holds beside the article itself, and what another change says with it.
_AROUND = frozenset({"entry", "options", "now", "given", "problems", "summary_given", "date_kind"})


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a step changed, before and after, as text.

    `source` is the front matter field that it was taken from, "" for none; `before` is then what stands there.
    `as_written`: nothing but that was done. `lines` show the difference of long texts.
    """

    what: str
    before: str
    after: str
    source: str = ""
    as_written: bool = False
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What one step did: `purpose` is what it is for."""

    step: str
    purpose: str
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]

    @property
    def as_written(self) -> bool:
        """Whether it only took over what stands in the file."""
        return not self.problems and all(change.as_written for change in self.changes)


def run_steps(draft: Draft, steps: Sequence[Step]) -> tuple[Effect, ...]:
    """The effects of the steps that had any, one step after the other."""
    effects = []
    for step in steps:
        after = step(draft)
        changes, problems = tuple(_changes(step, draft, after)), after.problems[len(draft.problems) :]
        if changes or problems:
            effects.append(Effect(step.__name__, _purpose(step), changes, problems))
        draft = after
    return tuple(effects)


def _purpose(step: Step) -> str:
    return (step.__doc__ or step.__name__).partition("\n")[0]


def _changes(step: Step, before: Draft, after: Draft) -> Iterator[Change]:
    for name in (field.name for field in fields(Draft) if field.name not in _AROUND):
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if name == "content":
            yield _of_text(name, old, new, before.entry.body)
        else:
            yield _of_value(name, old, new, None if old else _origin(step, before))


def _origin(step: Step, draft: Draft) -> tuple[str, FieldValue] | None:
    """The field of the file that a step reads first of all."""
    what = "identity" if step.__name__ == "key" else step.__name__
    return next(iter(draft.given.get(what, ())), None) if what in NAMES else None


def _of_value(name: str, old: object, new: object, origin: tuple[str, FieldValue] | None) -> Change:
    if origin is None:
        return Change(name, plain(old), plain(new))
    source, value = origin
    as_written = ", ".join(texts(value)) == plain(new)
    return Change(name, quoted_value(value), plain(new), source, as_written)


def _of_text(name: str, old: str, new: str, body: str) -> Change:
    sizes = counted(len(old), "character"), counted(len(new), "character")
    if old:
        return Change(name, *sizes, lines=tuple(difference(old, new)))
    return Change(name, *sizes, source="body", as_written=new == body)
