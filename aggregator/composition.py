"""Unicode's normal forms, in a time that does not grow with the square of the text. Unicode Standard Annex #15.

To compose a letter with its marks, they are sorted first, and the sorting takes the square of their number. No letter
of any language has more than a few, but a hostile one may have a million.
"""

import re
import unicodedata
from typing import Literal

MAX_MARKS = 30  # on one letter: what section 13 allows in a Stream-Safe text
_SHORT = 8_000  # characters; what can be in so few takes no time to matter
_UNSPACED_SIGNS = re.compile(rf"[^\w\s\x00-\x7f]{{{MAX_MARKS + 1},}}")  # every combining mark is one of these


def composed(text: str, form: Literal["NFC", "NFKC", "NFD"] = "NFC") -> str:
    """Return a text in a normal form; of a long one, without the marks on a letter behind the thirtieth."""
    if len(text) > _SHORT and not text.isascii():
        text = _UNSPACED_SIGNS.sub(_with_few_marks, text)
    return unicodedata.normalize(form, text)


def _with_few_marks(signs: re.Match[str]) -> str:
    kept: list[str] = []
    marks = 0
    for sign in signs[0]:
        marks = marks + 1 if unicodedata.combining(sign) else 0
        if marks <= MAX_MARKS:
            kept.append(sign)
    return "".join(kept)
