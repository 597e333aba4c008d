"""Unicode's normal forms, in a time that does not grow with the square of the text. Unicode Standard Annex #15.

To compose a letter with its marks, they are sorted first, and the sorting takes the square of their number. No letter
of any language has more than a few, but a hostile one may have a million.
"""

import re
import sys
import unicodedata
from functools import cache
from itertools import groupby
from typing import Literal

MAX_MARKS = 30  # on one letter: what section 13 allows in a Stream-Safe text
_SHORT = 8_000  # characters; what can be in so few takes no time to matter
_UNSPACED_SIGNS = re.compile(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1},}}")  # every combining mark is one of these


def composed(text: str, form: Literal["NFC", "NFKC", "NFD"] = "NFC") -> str:
    """Return a text in a normal form; of a long one, without the marks on a letter behind the thirtieth."""
    if len(text) > _SHORT and not text.isascii() and _UNSPACED_SIGNS.search(text):
        text = _kept().sub(r"\1", text)
    return unicodedata.normalize(form, text)


@cache
def _kept() -> re.Pattern[str]:
    """What stays of a text, up to marks behind the thirtieth. Few texts need it, and it takes long to make.

    Other characters are a set of their own: to see that one is in no set takes longer.
    """
    marks, others = _sets()
    few = f"[{marks}]{{1,{MAX_MARKS}}}+"
    return re.compile(f"((?:[{others}]*+{few}(?=[{others}]|\\Z))*+[{others}]*+(?:{few})?+)[{marks}]*+")


def _sets() -> tuple[str, str]:
    """The characters that are marks and those that are none, as ranges."""
    marks: list[str] = []
    others: list[str] = []
    first = 0
    for has_marks, codes in groupby(range(sys.maxunicode + 1), lambda code: unicodedata.combining(chr(code)) > 0):
        last = first + sum(1 for _ in codes) - 1
        (marks if has_marks else others).append(f"\\U{first:08x}-\\U{last:08x}")
        first = last + 1
    return "".join(marks), "".join(others)
