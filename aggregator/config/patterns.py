"""Regular expressions by re2, which searches in linear time: no expression can make the service hang.

What re2 leaves out for that (back-references, look-arounds) is told with what to write instead.
"""

import unicodedata

import re2  # type: ignore[import-untyped]  # it comes without types

MAX_PROGRAM = 50_000  # re2's own steps; some 7,000 Chinese words with | between them
_SYNTAX = "what can be written is listed in https://github.com/google/re2/wiki/Syntax"

_NO_LOOK_AROUND = (
    "looks ahead or behind with (?=, (?!, (?<= or (?<!, which is not supported; write what has to be there as a "
    'part of the expression, and what must not be there under "exclude"'
)
_NO_BACK_REFERENCE = (
    "refers back to what a group has found, which is not supported; write the text out, or its variants with | "
    "between them"
)

# The beginning of what re2 says → our words. The first that fits counts; what re2 quotes of the expression is left
# out, since it may come from the environment.
WORDS: tuple[tuple[str, str], ...] = (
    *((f"invalid escape sequence: \\{digit}", _NO_BACK_REFERENCE) for digit in "123456789gk"),
    ("invalid perl operator: (?P=", _NO_BACK_REFERENCE),
    *((f"invalid perl operator: {mark}", _NO_LOOK_AROUND) for mark in ("(?=", "(?!", "(?<=", "(?<!")),
    ("invalid perl operator: (?>", "has an atomic group, which is not needed here; write (?: in place of (?>"),
    ("invalid perl operator: (?(", "has a condition (?(…), which is not supported; write both variants with |"),
    ("invalid perl operator: (?#", "has a comment (?#…), which is not supported; remove it"),
    ("invalid perl operator: (?P", _NO_BACK_REFERENCE),
    ("invalid perl operator", "has a (?…) that is not supported; write (?:…) for a group, and leave flags out"),
    ("invalid named capture", "has a name in (?P<…>) that cannot be one; write (?:…) for a group"),
    ("invalid escape sequence: \\Z", "has \\Z, which is not supported; write \\z or $ for the end of the text"),
    ("invalid escape sequence: \\u", "has \\u, which is not supported; write the character itself, or \\x{4E00}"),
    ("invalid escape sequence", f"has a backslash before a letter where it means nothing; {_SYNTAX}"),
    ("bad repetition operator", "repeats a repetition, as in a** or a*+; keep one of * + ? or {…}"),
    (
        "no argument for repetition",
        "repeats nothing: a * + ? or {…} needs something before it; write \\* for the mark",
    ),
    (
        "invalid repetition size",
        "repeats too often; a number in {…} is at most 1000, also multiplied by one around it",
    ),
    ("missing ]", "has a [ without its ]; close it, or write \\[ for the mark itself"),
    ("missing )", "has a ( without its ); close it, or write \\( for the mark itself"),
    ("unexpected )", "has a ) without its (; remove it, or write \\) for the mark itself"),
    ("invalid character class", f"has a […] or \\p{{…}} that cannot be read; {_SYNTAX}"),
    ("trailing \\", "ends in a backslash; write \\\\ for the mark itself, or remove it"),
    ("pattern too large", "is too large; write smaller numbers in {…}, or divide it into two feeds"),
)
OTHERWISE = f"is not a regular expression that can be read; {_SYNTAX}"


class Pattern:
    """A regular expression that is searched for in texts, ignoring case."""

    def __init__(self, text: str) -> None:
        """`text` is one that `parse_pattern` takes."""
        self._compiled = _compile(text)

    def found_in(self, text: str) -> bool:
        """Whether any part of `text` fits. Time is linear in its length."""
        return self._compiled.search(text) is not None


def parse_pattern(text: str) -> str:
    """A regular expression in NFC, as texts are. Raises ValueError for what re2 cannot read or should not do."""
    pattern = unicodedata.normalize("NFC", text)
    if "\n" in pattern:
        raise ValueError(
            "has several lines, but texts are searched as one; write it on one line, with | between parts"
        )
    try:
        compiled = _compile(pattern)
    except re2.error as error:
        raise ValueError(_in_plain_words(error)) from error
    if compiled.programsize > MAX_PROGRAM:
        raise ValueError(dict(WORDS)["pattern too large"])
    if compiled.search("") and _has_empty_variant(pattern):
        raise ValueError("has nothing on one side of a |, so it fits every text; write a word there, or remove the |")
    return pattern


def _has_empty_variant(pattern: str) -> bool:
    return pattern.startswith("|") or pattern.endswith("|") or "||" in pattern


def _compile(text: str) -> re2._Regexp:
    options = re2.Options()
    options.case_sensitive = False
    options.never_capture = True
    options.log_errors = False
    return re2.compile(text, options)


def _in_plain_words(error: Exception) -> str:
    said = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
    return next((words for start, words in WORDS if said.startswith(start)), OTHERWISE)
