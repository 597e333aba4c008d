"""What people type into a search box, as a value. Pure.

词 word      both, anywhere              "two words"  a phrase; so are parts without a space between: 36氪, e-mail
-word        without it                  harb*        words that begin so (three letters at least)
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from .text import MAX_TOKEN, fold, is_unspaced, runs

MAX_QUERY = 200  # characters
MAX_TERMS = 20
MAX_TOKENS = 32  # that the index is asked for; the rest of a long phrase is compared with the text
MAX_PREFIXES = 2  # of them that are beginnings: each joins the lists of many tokens
MIN_PREFIX = 3  # letters before a `*`

_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂", '"') | dict.fromkeys("－−", "-") | {"＊": "*"})
_FORBIDDEN = {"Cc": " ", "Cf": "", "Cs": " ", "Co": " ", "Cn": " "}  # by Unicode category
_PIECE = re.compile(r'-*"[^"]*"?|[^\s",，、；。！？：]+')


@dataclass(frozen=True, slots=True)
class Token:
    """A token to look up in the index; `prefix`: every token that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase: runs that follow each other. `prefix`: the last one is the beginning of a word."""

    runs: tuple[str, ...]
    prefix: bool = False
    excluded: bool = False

    @property
    def pattern(self) -> str:
        """What a canonical text holds where the term is in it: words are whole, unspaced runs are substrings."""
        first, last = self.runs[0], self.runs[-1]
        before = "" if is_unspaced(first) else " "
        after = "" if self.prefix or is_unspaced(last) else " "
        return f"{before}{' '.join(self.runs)}{after}"

    @property
    def tokens(self) -> tuple[Token, ...]:
        """What the index has for every text with this term."""
        found: dict[Token, None] = {}
        for run in self.runs[:-1]:
            found |= dict.fromkeys(_tokens(run, prefix=False))
        return tuple(found | dict.fromkeys(_tokens(self.runs[-1], self.prefix)))

    @property
    def is_exact(self) -> bool:
        """Whether it is one token, which no other text has."""
        longest = 2 if is_unspaced(self.runs[0]) else MAX_TOKEN - 1
        return len(self.runs) == 1 and len(self.runs[0]) <= longest


def _tokens(run: str, prefix: bool) -> Iterator[Token]:
    if not is_unspaced(run):
        yield Token(run[:MAX_TOKEN], prefix)
    elif len(run) == 1:
        yield Token(run, prefix=True)
    else:
        yield from (Token(run[at : at + 2]) for at in range(len(run) - 1))


@dataclass(frozen=True, slots=True)
class Plan:
    """How a query is answered: by tokens in the index, then by comparing texts.

    A text with all tokens of `wanted` and none of `unwanted` is a candidate. It is a hit if it holds all patterns of
    `present` and none of `absent`.
    """

    wanted: tuple[Token, ...]
    unwanted: tuple[Token, ...]
    present: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True)
class Query:
    """A parsed query. `text` is the query as it was understood, without what was too much."""

    text: str
    terms: tuple[Term, ...]

    def __bool__(self) -> bool:
        """Whether it asks for anything; only to exclude is not enough."""
        return bool(self.wanted)

    @cached_property
    def wanted(self) -> tuple[Term, ...]:
        """The terms that must be there."""
        return tuple(term for term in self.terms if not term.excluded)

    @cached_property
    def plan(self) -> Plan:
        """How it is answered. Whatever is left to the index is bounded; the rest is left to the texts."""
        whole = [token for term in self.wanted for token in term.tokens if not token.prefix]
        beginnings = [token for term in self.wanted for token in term.tokens if token.prefix]
        asked = dict.fromkeys([*beginnings[:MAX_PREFIXES], *whole][:MAX_TOKENS])
        unwanted = [term for term in self.terms if term.excluded]
        refused = [term for term in unwanted if term.is_exact and not term.tokens[0].prefix]
        return Plan(
            wanted=tuple(asked),
            unwanted=tuple(dict.fromkeys(term.tokens[0] for term in refused)),
            present=tuple(term.pattern for term in self.wanted if not (term.is_exact and term.tokens[0] in asked)),
            absent=tuple(term.pattern for term in unwanted if term not in refused),
        )


def parse(text: str) -> Query:
    """Any text → Query; never fails. Only its first MAX_QUERY characters and MAX_TERMS terms count."""
    kept: list[str] = []
    terms: dict[Term, None] = {}
    for piece in _PIECE.findall(_clean(text)):
        term = _term(piece)
        if term is not None and term not in terms and len(terms) < MAX_TERMS:
            terms[term] = None
            kept.append(piece)
    return Query(" ".join(kept), tuple(terms))


def _clean(text: str) -> str:
    """Without control and format characters, lone surrogates, and whatever else no text holds."""
    seen = (_FORBIDDEN.get(unicodedata.category(char), char) for char in text[:MAX_QUERY])
    return unicodedata.normalize("NFC", " ".join("".join(seen).split())).translate(_QUOTES)


def _term(piece: str) -> Term | None:
    found = tuple(runs(fold(piece)[:MAX_QUERY]))
    if not found:
        return None
    last = found[-1]
    prefix = piece.endswith("*") and len(last) >= MIN_PREFIX and not is_unspaced(last)
    return Term(found, prefix, excluded=piece.startswith("-"))
